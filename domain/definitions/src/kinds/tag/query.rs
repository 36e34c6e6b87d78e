//! Rules that ask instead of reading facts: the figure that an indicator gives each subject for the
//! last whole period, asked on days of the working calendar and kept until it is asked again.
//!
//! **Invariant** when a query is due follows from the published calendar alone; a year without one
//! is an error, never a guess.

use conditions::{Subject, Type, Value};
use shared::{Date, Month, Unpublished, WorkingDays};

use super::Tag;
use crate::block::Block;
use crate::kinds::indicator::{Grouping, Indicator, Span, Unit};
use crate::kinds::{Critic, Definitions, Listed};
use crate::mistake::Fault;
use crate::word::words;

words! {
    /// Of which time a query asks: the last one that is over.
    pub enum Over {
        Month = "month",
        Quarter = "quarter",
        Year = "year",
    }
}

words! {
    /// How often it asks.
    pub enum Every {
        WorkingDay = "working-day",
        Week = "week",
        Month = "month",
        Quarter = "quarter",
    }
}

words! {
    /// What is bad, or wanted: at the threshold or beyond it.
    pub enum Side {
        Above = "above",
        Below = "below",
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    pub indicator: String,
    /// The indicator's own, so that the threshold reads alone.
    pub unit: Unit,
    pub over: Over,
    pub every: Every,
    /// Which working day of its week, month or quarter, from 1; the last one where there are fewer.
    pub day: u32,
    /// Set for a flag; without one the figure is the value.
    pub threshold: Option<(Side, i64)>,
}

/// The latest working day of a period that can be named: more no quarter is sure to have.
const DAY_MAX: i64 = 50;

pub(super) fn query(block: &Block<'_>) -> Option<Query> {
    let indicator = block.reference("indicator", "indicator");
    let unit = block.word::<Unit>("unit");
    let over = block.word_or("over", Over::Month);
    let every = block.word_or("every", Every::Month);
    let day = block.integer_or("day", 1, DAY_MAX, 1);
    let side = |key: &'static str, side| {
        const AT: (&str, &str) = ("按 unit 的数值", "a value of the unit");
        let text = block.text_if_any(key)?;
        match unit.and_then(|unit| unit.parse(&text)) {
            Some(at) => Some((side, at)),
            None if unit.is_none() => None,
            None => block.refuse(key, Fault::bad_value(&text, AT)),
        }
    };
    let (above, below) = (side("above", Side::Above), side("below", Side::Below));
    if above.is_some() && below.is_some() {
        let (zh, en) = ("above 与 below 只能用一个", "a query has one threshold: above or below");
        return block.refuse("below", Fault::contradiction(zh, en));
    }
    Some(Query {
        indicator: indicator?,
        unit: unit?,
        over: over?,
        every: every?,
        day: u32::try_from(day?).unwrap_or(1),
        threshold: above.or(below),
    })
}

impl Query {
    /// The span that is asked about on a day.
    #[must_use]
    pub fn span(&self, due: Date) -> Span {
        let month = Month::of(due);
        match self.over {
            Over::Month => Span::month(month.previous()),
            Over::Quarter => {
                let first = Month::new(month.year(), month.quarter() * 3 - 2).unwrap_or(month);
                let (from, to) = (first.plus(-3).first_day(), first.previous().last_day());
                Span::new(from, to).unwrap_or_else(|_| Span::month(month.previous()))
            }
            Over::Year => Span::year(month.year() - 1),
        }
    }

    /// Whether it asks on this day.
    ///
    /// # Errors
    /// When the days of the year are not published.
    pub fn is_due(&self, on: Date) -> Result<bool, Unpublished> {
        let calendar = WorkingDays::bundled();
        if !calendar.is_working_day(on)? {
            return Ok(false);
        }
        let Some((first, last)) = self.period(on) else { return Ok(true) };
        let before = first.yesterday().unwrap_or(first);
        let place = calendar.working_days_between(before, on)?;
        Ok(place == self.day || (place < self.day && calendar.working_days_between(on, last)? == 0))
    }

    /// Whether a period of its schedule begins here: where the calendar is missing, that is said once
    /// for each.
    #[must_use]
    pub fn begins(&self, on: Date) -> bool {
        match self.period(on) {
            Some((first, _)) => first == on,
            None => on.day() == 1,
        }
    }

    /// The week, month or quarter around a day.
    fn period(&self, on: Date) -> Option<(Date, Date)> {
        let month = Month::of(on);
        match self.every {
            Every::WorkingDay => None,
            Every::Week => {
                let monday = on.weekday().to_monday_zero_offset();
                let first = (0..monday).fold(on, |day, _| day.yesterday().unwrap_or(day));
                Some((first, (0..6).fold(first, |day, _| day.tomorrow().unwrap_or(day))))
            }
            Every::Month => Some((month.first_day(), month.last_day())),
            Every::Quarter => {
                let first = Month::new(month.year(), month.quarter() * 3 - 2).unwrap_or(month);
                Some((first.first_day(), first.plus(2).last_day()))
            }
        }
    }

    /// What the figures are, in the words of facts.
    #[must_use]
    pub fn figure(&self) -> Type {
        match self.unit {
            Unit::Yuan => Type::Money,
            Unit::BasisPoints => Type::BasisPoints,
            _ => Type::Number,
        }
    }

    /// A figure as a value.
    #[must_use]
    pub fn value(&self, figure: i64) -> Value {
        match self.unit {
            Unit::Yuan => Value::Money(shared::Money::from_fen(figure)),
            _ => Value::Number(figure),
        }
    }

    /// What the tag is where the figure is this.
    #[must_use]
    pub fn says(&self, figure: &Value) -> Value {
        match (self.threshold, figure.amount()) {
            (Some((Side::Above, at)), Some(amount)) => Value::Flag(amount >= at),
            (Some((Side::Below, at)), Some(amount)) => Value::Flag(amount <= at),
            (None, _) | (_, None) => figure.clone(),
        }
    }

    /// The grouping of figures that names subjects of this kind.
    #[must_use]
    pub fn grouping(subject: Subject) -> Option<Grouping> {
        match subject {
            Subject::Bank => Some(Grouping::Bank),
            Subject::Fund => Some(Grouping::Fund),
            Subject::Division => Some(Grouping::County),
            Subject::Person | Subject::Employer | Subject::Project | Subject::Channel => None,
        }
    }

    /// Where the figures are kept among the facts of a subject: of another indicator they are others.
    #[must_use]
    pub fn fact(&self, tag: &str) -> String {
        format!("query/{tag}/{}", self.indicator)
    }

    /// What fits neither the tag nor the indicator.
    pub(super) fn fits(&self, tag: &Tag) -> Result<(), Fault> {
        let wanted = if self.threshold.is_some() { Type::Flag } else { self.figure() };
        if tag.value != wanted {
            let (has, wanted) = (tag.value.name(), wanted.name());
            return Err(Fault::contradiction(
                format!("该查询得出 {wanted}，标签类型却是 {has}"),
                format!("the query gives a {wanted}, and the tag is a {has}"),
            ));
        }
        if self.unit == Unit::Months {
            return Err(Fault::contradiction(
                "以月为单位的指标不能用于标签",
                "a figure of months, which has decimals, is no value of a tag",
            ));
        }
        Ok(())
    }

    pub(super) fn check(&self, tag: &Tag, among: &Definitions, critic: &Critic<'_>) {
        let Some(grouping) = Self::grouping(tag.subject) else {
            let allowed = Subject::ALL.into_iter().filter(|one| Self::grouping(*one).is_some());
            let allowed = allowed.map(|one| one.code().to_owned()).collect();
            return critic.note("subject", Fault::unknown_word(tag.subject.code(), allowed));
        };
        // One that is not there is told as a dangling reference.
        let Some(indicator) = Indicator::list(among).get(&self.indicator) else { return };
        let id = &indicator.id;
        if !indicator.is_live() {
            let (zh, en) =
                (format!("指标 {id} 尚无数据来源"), format!("the indicator {id} awaits its facts"));
            critic.note("query", Fault::contradiction(zh, en));
        } else if !indicator.allows(grouping) {
            let by = grouping.word();
            let (zh, en) =
                (format!("指标 {id} 不能按 {by} 分组"), format!("{id} is not told by {by}"));
            critic.note("query", Fault::contradiction(zh, en));
        }
        if indicator.unit != self.unit {
            let (is, said) = (indicator.unit, self.unit);
            let zh = format!("指标 {id} 的单位是 {is}，不是 {said}");
            critic
                .note("query", Fault::contradiction(zh, format!("{id} is in {is}, not in {said}")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(every: Every, day: u32) -> Query {
        Query {
            indicator: "return-rate".to_owned(),
            unit: Unit::BasisPoints,
            over: Over::Month,
            every,
            day,
            threshold: Some((Side::Above, 150)),
        }
    }

    fn due(query: &Query, from: &str, to: &str) -> Vec<String> {
        let (mut day, to) = (from.parse::<Date>().unwrap(), to.parse::<Date>().unwrap());
        let mut found = Vec::new();
        while day <= to {
            if query.is_due(day).unwrap() {
                found.push(day.to_string());
            }
            day = day.tomorrow().unwrap();
        }
        found
    }

    #[test]
    fn it_is_due_on_working_days_as_they_are_published() {
        // New Year's Day is Thursday; Sunday 4 January is worked for it.
        let third = due(&query(Every::Month, 3), "2026-01-01", "2026-03-31");
        assert_eq!(third, ["2026-01-06", "2026-02-04", "2026-03-04"]);
        // The week of the Spring Festival has no working day.
        let weekly = due(&query(Every::Week, 1), "2026-02-02", "2026-03-01");
        assert_eq!(weekly, ["2026-02-02", "2026-02-09", "2026-02-24"]);
        assert_eq!(due(&query(Every::WorkingDay, 1), "2026-10-01", "2026-10-10").len(), 3);
    }

    #[test]
    fn a_period_with_fewer_working_days_is_asked_on_its_last_one() {
        let fifth = due(&query(Every::Week, 5), "2026-02-23", "2026-03-01");
        assert_eq!(fifth.len(), 1);
        for (every, day, count) in [(Every::Month, 50, 12), (Every::Quarter, 50, 4)] {
            assert_eq!(due(&query(every, day), "2026-01-01", "2026-12-31").len(), count);
        }
        assert!(query(Every::Month, 1).is_due(Date::constant(2031, 1, 2)).is_err());
    }

    #[test]
    fn it_asks_of_the_last_period_that_is_over() {
        for (over, on, span) in [
            (Over::Month, "2026-01-05", "2025-12"),
            (Over::Quarter, "2026-02-28", "2025-Q4"),
            (Over::Quarter, "2026-04-01", "2026-Q1"),
            (Over::Year, "2026-12-31", "2025"),
        ] {
            let query = Query { over, ..query(Every::Month, 1) };
            assert_eq!(query.span(on.parse().unwrap()).to_string(), span);
        }
    }
}
