//! How a `[[warning]]` is read.

use conditions::{Type, Window};
use shared::Money;

use super::{ClockOf, ClockTerm, Dedupe, DispatchTo, LevelAt, Metric, RungOf, Warning};
use crate::block::{Block, Name};
use crate::kinds::account::plain_id;
use crate::kinds::tag::read::subject;
use crate::mistake::Fault;

const WINDOW: (&str, &str) = ("统计窗口(standing 或 month)", "a window: standing or month");

pub(super) fn warning(block: &Block<'_>) -> Option<(String, Warning)> {
    let (id, name, source): (_, Option<Name>, _) = block.head(plain_id);
    let (class, standing) = (block.word("class"), block.word("standing"));
    let subject = subject(block);
    let inputs = block.texts_if_any("inputs");
    let tags = block.references_if_any("tags", "tag");
    let scope = block.text_if_any("scope");
    let metric = block.table("metric", |metric| {
        let fact = metric.text("fact");
        let window = metric.parsed("window", WINDOW, |text| match text {
            "standing" => Some(Window::Standing),
            "month" => Some(Window::Month),
            _ => None,
        });
        let direction = metric.word("bad");
        Some(Metric { fact: fact?, window: window?, direction: direction? })
    });
    let kind = metric.as_ref().zip(subject).and_then(|(metric, subject)| {
        conditions::facts::find(subject, &metric.fact).map(|fact| fact.kind.clone())
    });
    if let (None, Some(metric), Some(subject)) = (&kind, &metric, subject) {
        let known = conditions::facts::names(subject);
        block.refuse::<()>("metric", Fault::unknown_word(&metric.fact, known));
    }
    let levels = block.tables("level", |level| {
        let word = level.word("level");
        let sustain = level.integer_if_any("sustain", 1, 120);
        let at = threshold(level, kind.as_ref());
        Some(LevelAt { level: word?, at: at?, sustain: sustain.unwrap_or(1) })
    });
    let clear_when = block.text_if_any("clear_when");
    let dedupe = block.word_or("dedupe", Dedupe::Subject);
    let cooldown_days = block.integer("cooldown_days", 0, 3_660);
    let inhibited_by = block.references_if_any("inhibited_by", "warning");
    let suppressible = block.flag_or("suppressible", true);
    let limit = block.integer("limit", 0, 1_000_000);
    let dispatch = block.tables("dispatch", |to| {
        let (level, role, route) = (to.word("level"), to.text("role"), to.word("route"));
        Some(DispatchTo { level: level?, role: role?, route: route? })
    });
    let clocks = block.tables("clock", clock);
    let escalation = block.tables_if_any("escalate", |rung| {
        let days = rung.integer("after_days", 1, 3_660);
        let (to, effect) = (rung.text("to"), rung.word("effect"));
        let after_days = u32::try_from(days?).ok()?;
        Some(RungOf { after_days, to: to?, effect: effect? })
    });
    let handling = block.words_or_none_if_any("handling");
    let id = id?;
    Some((
        id.clone(),
        Warning {
            id,
            name: name?,
            source: source?,
            class: class?,
            standing: standing?,
            subject: subject?,
            inputs: inputs?,
            tags: tags?,
            scope,
            metric: metric?,
            levels: levels?,
            clear_when,
            dedupe: dedupe?,
            cooldown_days: cooldown_days?,
            inhibited_by: inhibited_by?,
            suppressible: suppressible?,
            limit: limit?,
            dispatch: dispatch?,
            clocks: clocks?.into_iter().flatten().collect(),
            escalation: escalation?,
            handling: handling?,
        },
    ))
}

/// In the unit of the metric: yuan as a text, everything else as a whole number in a text.
fn threshold(block: &Block<'_>, kind: Option<&Type>) -> Option<i64> {
    const NUMBER: (&str, &str) = ("整数(文本)", "a whole number as a text");
    const MONEY: (&str, &str) = ("金额(元,文本)", "an amount in yuan as a text");
    match kind {
        None => block.skip("at"),
        Some(Type::Money) => {
            block.parsed("at", MONEY, |text| Money::parse(text).ok().map(Money::fen))
        }
        Some(Type::Flag | Type::Number | Type::BasisPoints) => {
            block.parsed("at", NUMBER, |text| text.parse().ok())
        }
        Some(other) => {
            let name = other.name();
            block.refuse(
                "at",
                Fault::contradiction(
                    format!("{name} 类型的事实不能作指标"),
                    format!("a fact of type {name} is no metric"),
                ),
            )
        }
    }
}

/// One table per level, with a term for each step.
fn clock(block: &Block<'_>) -> Option<Vec<ClockOf>> {
    use super::WarningStep::{Accept, Feedback, Review, Verify};
    const UNIT: (&str, &str) = ("计时单位(days 或 hours)", "a unit: days or hours");
    let level = block.word("level");
    let hours = block.parsed("unit", UNIT, |text| match text {
        "days" => Some(false),
        "hours" => Some(true),
        _ => None,
    });
    let steps =
        [("review", Review), ("accept", Accept), ("verify", Verify), ("feedback", Feedback)];
    let terms: Vec<Option<(_, u32)>> = steps
        .into_iter()
        .map(|(key, step)| {
            let length = block.integer(key, 0, 3_660)?;
            Some((step, u32::try_from(length).ok()?))
        })
        .collect();
    let terms: Option<Vec<_>> = terms.into_iter().collect();
    let (level, hours) = (level?, hours?);
    let of = |(step, length)| {
        let term = if hours { ClockTerm::Hours(length) } else { ClockTerm::WorkingDays(length) };
        ClockOf { level, step, term }
    };
    Some(terms?.into_iter().map(of).collect())
}
