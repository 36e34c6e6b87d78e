//! The words of indicators: what is recorded (facts with their columns), and in what it is counted.
//!
//! **Invariant** a fact has at most [`DIMENSIONS_MAX`] dimensions and [`NUMBERS_MAX`] numbers, and
//! `county`, where a fact has it, is the first: the read side stores them by place.

use shared::Money;

use crate::word::{Word, words};

/// How many dimensions a fact can have.
pub const DIMENSIONS_MAX: usize = 8;
/// How many numbers a fact can carry.
pub const NUMBERS_MAX: usize = 3;

words! {
    /// What is recorded, one row per occurrence.
    pub enum FactKind {
        /// A registered person who was not merged into another; the day of registration.
        Person = "person",
        /// A confirmed death; the day of death.
        Death = "death",
        /// A registered employer.
        Employer = "employer",
        /// An organisation (agency, bank, outlet, school, …) is listed, or its entry is closed.
        Organisation = "organisation",
        /// A step of an application for a card.
        CardApplication = "card-application",
        /// A step in the life of a card.
        CardStep = "card-step",
        /// A step in the life of a grant.
        GrantStep = "grant-step",
        /// A step of a pay line. Its day is the pay day of its plan, so that what was due and what
        /// arrived lie in one period.
        PayLine = "pay-line",
        /// A batch comes to a step or leaves the step before; the business date of the event.
        BatchStep = "batch-step",
        /// A returned line begins to wait, grows into another band of age, or waits no more. Its days of
        /// age are told when it comes back, those after its end are taken back.
        ReturnCase = "return-case",
        /// One entry of a voucher in a fund's book; the day it was posted for.
        BookEntry = "book-entry",
        /// A figure that an authority published; the last day of the time it speaks of.
        Figure = "figure",
        /// A warning comes into a stage or leaves it, or a step of it is late.
        WarningStep = "warning-step",
        /// A task of the exchange of data: a table handed in, a file to a bank or its reply, a run of a
        /// feed; the day on which it began.
        Task = "task",
        /// A comment, question or instruction is written, answered or withdrawn; what it says stays where
        /// it was written.
        NoteStep = "note-step",
        /// A numbered indicator of the catalogue, as the definitions list it.
        Listing = "listing",
    }
}

words! {
    pub enum Dimension {
        County = "county",
        Sex = "sex",
        BirthYear = "birth-year",
        Bank = "bank",
        Channel = "channel",
        Step = "step",
        Generation = "generation",
        Kind = "kind",
        Item = "item",
        Class = "class",
        Fund = "fund",
        Run = "run",
        Reason = "reason",
        Agency = "agency",
        Ledger = "ledger",
        Account = "account",
        Occurrence = "occurrence",
        Scheme = "scheme",
        Series = "series",
        Status = "status",
        Theme = "theme",
        Need = "need",
        Level = "level",
        Rule = "rule",
        /// For how many days it has been back.
        ReturnAge = "return-age",
    }
}

words! {
    pub enum Number {
        /// Money of the fact, fen.
        Amount = "amount",
        /// +1 where one more is there from now on, −1 where one less.
        Change = "change",
        Debit = "debit",
        Credit = "credit",
        /// What the fact adds to the cash of its book; below zero where cash leaves.
        Cash = "cash",
        /// A published figure, in the unit of its series.
        Value = "value",
        /// Calendar days that it took.
        Days = "days",
        /// Rows or lines that a task exchanges, or that a batch has.
        Lines = "lines",
        /// 1 where the money goes to the account of a social security card.
        ToCard = "to-card",
        /// From a task's beginning to its end.
        Seconds = "seconds",
    }
}

words! {
    pub enum Unit {
        /// 人: distinct.
        People = "people",
        /// 人次、笔: counted each time.
        Payments = "payments",
        /// Fen inside, yuan at every edge.
        Yuan = "yuan",
        Cards = "cards",
        Applications = "applications",
        Grants = "grants",
        Employers = "employers",
        Organisations = "organisations",
        Entries = "entries",
        Cases = "cases",
        Figures = "figures",
        Indicators = "indicators",
        Days = "days",
        Tasks = "tasks",
        Notes = "notes",
        Batches = "batches",
        Lines = "lines",
        Seconds = "seconds",
        /// Hundredths of a month inside.
        Months = "months",
        /// Hundredths of a per cent.
        BasisPoints = "basis-points",
    }
}

impl Unit {
    /// By how much a quotient in this unit is multiplied to be a whole number.
    #[must_use]
    pub const fn scale(self) -> i64 {
        match self {
            Self::BasisPoints => 10_000,
            Self::Months => 100,
            Self::People
            | Self::Payments
            | Self::Yuan
            | Self::Cards
            | Self::Applications
            | Self::Grants
            | Self::Employers
            | Self::Organisations
            | Self::Entries
            | Self::Cases
            | Self::Days
            | Self::Tasks
            | Self::Notes
            | Self::Batches
            | Self::Lines
            | Self::Seconds
            | Self::Figures
            | Self::Indicators => 1,
        }
    }

    /// A value as it is shown: yuan and months with two decimals, everything else whole.
    #[must_use]
    pub fn show(self, value: i64) -> String {
        match self {
            Self::Yuan | Self::Months => Money::from_fen(value).to_string(),
            _ => value.to_string(),
        }
    }

    /// The value that is shown so.
    #[must_use]
    pub fn parse(self, text: &str) -> Option<i64> {
        match self {
            Self::Yuan | Self::Months => Money::parse(text).ok().map(Money::fen),
            _ => text.parse().ok(),
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::People => "人",
            Self::Payments => "人次",
            Self::Yuan => "元",
            Self::Cards => "张",
            Self::Applications => "件",
            Self::Grants => "项",
            Self::Employers => "户",
            Self::Organisations => "家",
            Self::Entries => "笔",
            Self::Cases => "件",
            Self::Days => "天",
            Self::Tasks => "件",
            Self::Notes => "条",
            Self::Batches => "批",
            Self::Lines => "行",
            Self::Seconds => "秒",
            Self::Figures => "个",
            Self::Indicators => "个",
            Self::Months => "月",
            Self::BasisPoints => "万分点",
        }
    }
}

impl Number {
    /// The unit of the number; a published figure has that of its series.
    #[must_use]
    pub fn unit(self, counted: Unit) -> Option<Unit> {
        match self {
            Self::Amount | Self::Debit | Self::Credit | Self::Cash => Some(Unit::Yuan),
            Self::Change | Self::ToCard => Some(counted),
            Self::Days => Some(Unit::Days),
            Self::Lines => Some(Unit::Lines),
            Self::Seconds => Some(Unit::Seconds),
            Self::Value => None,
        }
    }
}

words! {
    /// A dimension as it is asked for: itself, or something that it rolls up to.
    pub enum Grouping {
        County = "county",
        City = "city",
        Province = "province",
        Sex = "sex",
        BirthYear = "birth-year",
        BirthDecade = "birth-decade",
        Bank = "bank",
        Channel = "channel",
        Step = "step",
        Generation = "generation",
        Kind = "kind",
        Item = "item",
        Class = "class",
        Fund = "fund",
        Run = "run",
        Reason = "reason",
        Agency = "agency",
        Ledger = "ledger",
        Account = "account",
        Occurrence = "occurrence",
        Scheme = "scheme",
        Series = "series",
        Status = "status",
        Theme = "theme",
        Need = "need",
        Level = "level",
        Rule = "rule",
        ReturnAge = "return-age",
    }
}

impl Grouping {
    /// The dimension, and how many of its first characters make the group.
    ///
    /// # Panics
    /// Never: every grouping that is no roll-up has the word of a dimension, as a test says.
    #[must_use]
    pub fn of(self) -> (Dimension, Option<usize>) {
        match self {
            Self::City => (Dimension::County, Some(4)),
            Self::Province => (Dimension::County, Some(2)),
            Self::BirthDecade => (Dimension::BirthYear, Some(3)),
            _ => {
                let dimension = Dimension::from_word(self.word());
                (dimension.expect("every grouping but the roll-ups is a dimension"), None)
            }
        }
    }

    /// The group that a value of the dimension falls in.
    #[must_use]
    pub fn group(self, value: &str) -> &str {
        match self.of().1 {
            Some(first) => value.get(..first).unwrap_or(value),
            None => value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_fit_the_places_and_county_is_first() {
        for (word, kind) in FactKind::ALL {
            let shape = kind.shape();
            assert!(shape.dimensions.len() <= DIMENSIONS_MAX, "{word}");
            assert!(shape.numbers.len() <= NUMBERS_MAX, "{word}");
            let county = kind.place(Dimension::County);
            assert!(county.is_none_or(|place| place == 0), "{word}");
        }
    }

    #[test]
    fn every_dimension_can_be_grouped_by() {
        for (word, dimension) in Dimension::ALL {
            assert_eq!(Grouping::from_word(word).map(|by| by.of().0), Some(*dimension));
        }
        for (_, grouping) in Grouping::ALL {
            assert!(Dimension::ALL.iter().any(|(_, known)| *known == grouping.of().0));
        }
        assert_eq!(Grouping::City.group("320602"), "3206");
    }
}
