//! The cases that a warning rule would have opened over the whole log, if nobody had worked on any.
//!
//! **Invariant** as with live cases there is one open for each fingerprint, and only notices and
//! yellow ones end by their metric; other rules that would have inhibited it are not asked.

use std::collections::{BTreeMap, BTreeSet};

use conditions::Subject;
use kernel::Position;
use shared::{Date, DivisionCode, Month};
use warnings::Level;
use warnings::trial::Outcome;

use super::trial::Trial;

/// What the trial of a rule found, in the order in which the cases were opened.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Backtest {
    /// The log was read up to here.
    pub position: Position,
    pub cases: Vec<WouldBe>,
}

/// One case that would have been.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WouldBe {
    pub kind: Subject,
    pub subject: String,
    pub county: Option<DivisionCode>,
    pub period: Option<String>,
    pub on: Date,
    /// Of the event that its first signal followed from.
    pub position: Position,
    pub worst: Level,
    /// What the metric was when it was worst, and the threshold that it reached.
    pub value: i64,
    pub threshold: i64,
    pub signals: u32,
    pub cleared_on: Option<Date>,
}

impl Backtest {
    /// `cooldown_days` as the rule has it: so long after it cleared, a signal reopens the case.
    #[must_use]
    pub fn of(trial: &Trial, cooldown_days: i64) -> Self {
        let mut cases: Vec<WouldBe> = Vec::new();
        let mut last: BTreeMap<(Subject, &str, Option<&str>), usize> = BTreeMap::new();
        for (position, on, body) in trial.signals() {
            let key = (body.kind, body.subject.as_str(), body.period.as_deref());
            let standing = last.get(&key).and_then(|place| cases.get_mut(*place));
            let level = body.level.as_deref().and_then(|level| level.parse::<Level>().ok());
            match (standing, level) {
                (None, None) => {}
                (Some(case), None) => case.clear(*on),
                (Some(case), Some(level)) if case.takes(*on, cooldown_days) => {
                    case.notice(level, body.value, body.threshold);
                }
                (None | Some(_), Some(level)) => {
                    last.insert(key, cases.len());
                    cases.push(WouldBe {
                        kind: body.kind,
                        subject: body.subject.clone(),
                        county: body.county,
                        period: body.period.clone(),
                        on: *on,
                        position: *position,
                        worst: level,
                        value: body.value,
                        threshold: body.threshold,
                        signals: 1,
                        cleared_on: None,
                    });
                }
            }
        }
        Self { position: trial.reached(), cases }
    }

    /// How many there are of each level at its worst, every level named.
    #[must_use]
    pub fn levels(&self) -> Vec<(Level, u64)> {
        let mut counted: BTreeMap<Level, u64> =
            Level::ALL.iter().map(|level| (*level, 0)).collect();
        for case in &self.cases {
            *counted.entry(case.worst).or_default() += 1;
        }
        counted.into_iter().collect()
    }

    /// When: by the month in which they would have been opened, and their worst level.
    #[must_use]
    pub fn months(&self) -> BTreeMap<(Month, Level), u64> {
        let mut counted = BTreeMap::new();
        for case in &self.cases {
            *counted.entry((Month::of(case.on), case.worst)).or_default() += 1;
        }
        counted
    }

    /// As it is recorded before a version may raise anything.
    #[must_use]
    pub fn outcome(&self, rule: &str, digest: &str, by: &str) -> Outcome {
        let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let levels = self.levels().into_iter();
        Outcome {
            rule: rule.to_owned(),
            digest: digest.to_owned(),
            position: self.position.0,
            levels: levels
                .map(|(level, number)| (level.code().to_owned(), small(number)))
                .collect(),
            subjects: small(self.subjects() as u64),
            by: by.to_owned(),
        }
    }

    /// On how many.
    #[must_use]
    pub fn subjects(&self) -> usize {
        let named: BTreeSet<_> =
            self.cases.iter().map(|case| (case.kind, case.subject.as_str())).collect();
        named.len()
    }
}

impl WouldBe {
    fn takes(&self, on: Date, cooldown_days: i64) -> bool {
        self.cleared_on.is_none_or(|cleared| {
            let ends = cleared.checked_add(jiff::Span::new().days(cooldown_days));
            ends.is_ok_and(|ends| on <= ends)
        })
    }

    fn notice(&mut self, level: Level, value: i64, threshold: i64) {
        self.signals += 1;
        self.cleared_on = None;
        if level > self.worst {
            (self.worst, self.value, self.threshold) = (level, value, threshold);
        }
    }

    fn clear(&mut self, on: Date) {
        if self.worst.clears_by_itself() && self.cleared_on.is_none() {
            self.cleared_on = Some(on);
        }
    }
}
