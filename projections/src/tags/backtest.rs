//! The cases that a warning rule would have opened over the whole log, if nobody had worked on any.
//!
//! **Invariant** as with live cases there is one open for each fingerprint, and only notices and
//! yellow ones end by their metric; the rules in force that inhibit it are tried beside it, and what a
//! worse case of theirs says already opens nothing.

use std::collections::{BTreeMap, BTreeSet};

use conditions::Subject;
use definitions::kinds::warning::{Dedupe, Warning};
use kernel::Position;
use shared::{Date, DivisionCode, Month};
use warnings::Level;
use warnings::trial::Outcome;

use super::SignalBody;
use super::trial::Trial;

/// What the trial of a rule found, in the order in which the cases were opened.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Backtest {
    /// The log was read up to here.
    pub position: Position,
    /// Signals that a worse case of a rule that inhibits this one said already.
    pub inhibited: u64,
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
    /// As its last signal left it.
    pub level: Level,
    pub worst: Level,
    /// What the metric was when it was worst, and the threshold that it reached.
    pub value: i64,
    pub threshold: i64,
    pub signals: u32,
    pub cleared_on: Option<Date>,
}

impl Backtest {
    #[must_use]
    pub fn of(trial: &Trial) -> Self {
        let mut all = Cases::default();
        for (position, on, body) in trial.all_signals() {
            if let Some(rule) = trial.warning(&body.rule) {
                all.signal(trial, rule, (*position, *on, body));
            }
        }
        let of_it = |(rule, case)| (rule == trial.rule()).then_some(case);
        let cases = all.cases.into_iter().filter_map(of_it).collect();
        let inhibited = all.inhibited.get(trial.rule()).copied().unwrap_or_default();
        Self { position: trial.reached(), inhibited, cases }
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

/// The cases of the rule and of those that inhibit it, as they come.
#[derive(Default)]
struct Cases<'a> {
    cases: Vec<(&'a str, WouldBe)>,
    last: BTreeMap<Key<'a>, usize>,
    inhibited: BTreeMap<&'a str, u64>,
}

/// Rule, subject and, where there is one case for each, period.
type Key<'a> = (&'a str, Subject, &'a str, Option<&'a str>);

impl<'a> Cases<'a> {
    fn signal(
        &mut self,
        trial: &Trial,
        rule: &'a Warning,
        (position, on, body): (Position, Date, &'a SignalBody),
    ) {
        let key = (rule.id.as_str(), body.kind, body.subject.as_str(), body.period.as_deref());
        let level = body.level.as_deref().and_then(|level| level.parse::<Level>().ok());
        let Some(level) = level else {
            if let Some((_, case)) = self.last.get(&key).and_then(|at| self.cases.get_mut(*at)) {
                case.clear(on);
            }
            return;
        };
        if self.is_inhibited(trial, rule, body, level) {
            *self.inhibited.entry(&rule.id).or_default() += 1;
            return;
        }
        let standing = self.last.get(&key).and_then(|at| self.cases.get_mut(*at));
        if let Some((_, case)) = standing
            && case.takes(on, rule.cooldown_days)
        {
            case.notice(level, body.value, body.threshold);
            return;
        }
        self.last.insert(key, self.cases.len());
        let case = WouldBe {
            kind: body.kind,
            subject: body.subject.clone(),
            county: body.county,
            period: body.period.clone(),
            on,
            position,
            level,
            worst: level,
            value: body.value,
            threshold: body.threshold,
            signals: 1,
            cleared_on: None,
        };
        self.cases.push((&rule.id, case));
    }

    /// A worse case of another rule stands open on the same subject.
    fn is_inhibited(
        &self,
        trial: &Trial,
        rule: &'a Warning,
        body: &'a SignalBody,
        level: Level,
    ) -> bool {
        rule.inhibited_by.iter().any(|other| {
            let Some(inhibitor) = trial.warning(other) else { return false };
            let by_period = inhibitor.dedupe == Dedupe::SubjectAndPeriod;
            let period = body.period.as_deref().filter(|_| by_period);
            let key = (other.as_str(), body.kind, body.subject.as_str(), period);
            let standing = self.last.get(&key).and_then(|at| self.cases.get(*at));
            standing.is_some_and(|(_, case)| case.cleared_on.is_none() && case.level > level)
        })
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
        self.level = level;
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
