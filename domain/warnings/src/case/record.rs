//! What is known of a case, folded from its events.

use shared::{Date, DivisionCode};
use uuid::Uuid;

use super::{About, Actor, Assignment, Entered, Event, Raised, Stamp, Terms};
use crate::clock::{Clock, Moment};
use crate::words::{Channel, Handling, Level, Stage, Step};

#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    pub channel: Channel,
    /// The rule that raised it, and its last version that was heard of; none if it was entered.
    pub rule: Option<(String, u32)>,
    pub fingerprint: Option<Uuid>,
    pub class: String,
    pub about: About,
    pub division: Option<DivisionCode>,
    pub level: Level,
    /// The highest level it ever had since it was last opened.
    pub worst: Level,
    pub stage: Stage,
    pub terms: Terms,
    /// Of the step that is waited for.
    pub clock: Option<Clock>,
    pub assignment: Option<Assignment>,
    pub handled: Vec<Handling>,
    /// Who entered it by hand.
    pub initiator: Option<String>,
    pub released: Option<Stamp>,
    /// The stage before the release, to go back to.
    pub before_release: Stage,
    pub reminded_on: Option<Date>,
    /// Opened days on which the present step was late.
    pub late_days: u32,
    /// The next rung of the ladder.
    pub rung: u32,
    pub signals: u32,
    pub reopened: u32,
    pub last: Moment,
}

impl Record {
    pub(super) fn raised(raised: &Raised) -> Self {
        let Raised { rule, class, fingerprint, about, division, signal, terms } = raised;
        Self {
            channel: Channel::Automatic,
            rule: Some((rule.clone(), signal.version)),
            fingerprint: Some(*fingerprint),
            signals: 1,
            ..Self::new(class, about, *division, signal.level, terms, signal.stamp.now)
        }
    }

    pub(super) fn entered(entered: &Entered) -> Self {
        let Entered { channel, class, level, about, division, content: _, terms, stamp } = entered;
        Self {
            channel: *channel,
            initiator: Some(stamp.by.clone()),
            ..Self::new(class, about, *division, *level, terms, stamp.now)
        }
    }

    fn new(
        class: &str,
        about: &About,
        division: Option<DivisionCode>,
        level: Level,
        terms: &Terms,
        now: Moment,
    ) -> Self {
        let mut record = Self {
            channel: Channel::Other,
            rule: None,
            fingerprint: None,
            class: class.to_owned(),
            about: about.clone(),
            division,
            level,
            worst: level,
            stage: Stage::Raised,
            terms: terms.clone(),
            clock: None,
            assignment: None,
            handled: Vec::new(),
            initiator: None,
            released: None,
            before_release: Stage::Raised,
            reminded_on: None,
            late_days: 0,
            rung: 0,
            signals: 0,
            reopened: 0,
            last: now,
        };
        record.enter(Stage::Raised, now);
        record
    }

    /// The last day on which the same signal reopens it.
    #[must_use]
    pub fn cooldown_ends(&self) -> Option<Date> {
        let closed = match self.stage {
            Stage::Released | Stage::Cleared => self.last.on,
            Stage::Raised
            | Stage::Confirmed
            | Stage::Dispatched
            | Stage::Accepted
            | Stage::Verified
            | Stage::Handled
            | Stage::FedBack
            | Stage::PreFiled
            | Stage::Rejected
            | Stage::Merged
            | Stage::Lifted
            | Stage::Archived => return None,
        };
        Some(days_after(closed, self.terms.cooldown_days))
    }

    /// The step that is waited for, and its clock.
    #[must_use]
    pub fn running(&self) -> Option<(Step, Clock)> {
        self.stage.step().zip(self.clock.filter(Clock::is_running))
    }

    /// Somebody who acts for a division reaches what is assigned within it; a named person is the
    /// only one of those who act for none.
    #[must_use]
    pub fn is_assigned_to(&self, by: &Actor) -> bool {
        let Some(assignment) = &self.assignment else { return true };
        let place = assignment.division.or(self.division);
        match (by.division, place) {
            (Some(of), Some(place)) => place.is_within(of) || of.is_within(place),
            (Some(_), None) => assignment.person.as_deref() == Some(by.id.as_str()),
            (None, _) => true,
        }
    }

    pub(super) fn change(&mut self, event: &Event) {
        let now = event.stamp().now;
        match event {
            // Handled before: they make the record.
            Event::Raised(_) | Event::Entered(_) => {}
            Event::EvidenceAppended { signal } => {
                self.signals += 1;
                self.rule = self.rule.take().map(|(rule, _)| (rule, signal.version));
            }
            Event::LevelMoved { to, .. } => self.at_level(*to),
            Event::Confirmed { .. } => self.enter(Stage::Confirmed, now),
            Event::Rejected { .. } => self.enter(Stage::Rejected, now),
            Event::Merged { .. } => self.enter(Stage::Merged, now),
            Event::Dispatched { to, .. } => {
                self.assignment = Some(to.clone());
                self.enter(Stage::Dispatched, now);
            }
            Event::DispatchReturned { .. } => {
                self.assignment = None;
                self.enter(Stage::Confirmed, now);
            }
            Event::Accepted { .. } => self.enter(Stage::Accepted, now),
            Event::Reassigned { to, .. } => {
                self.assignment = Some(to.clone());
                self.enter(Stage::Dispatched, now);
            }
            Event::SiteVerified { .. } => self.enter(Stage::Verified, now),
            Event::Handled { how, .. } => {
                self.handled.push(*how);
                // The clock of the feedback runs from the verification on.
                self.stage = Stage::Handled;
            }
            Event::FeedbackGiven { done: true, .. } => self.enter(Stage::FedBack, now),
            Event::FeedbackGiven { done: false, .. } => self.stage = Stage::Verified,
            Event::Released { stamp, .. } => {
                self.released = Some(stamp.clone());
                self.before_release = self.stage;
                self.enter(Stage::Released, now);
            }
            Event::ReleaseUndone { .. } => {
                self.released = None;
                let before = self.before_release;
                self.enter(before, now);
            }
            Event::PreFiled { .. } => self.enter(Stage::PreFiled, now),
            Event::Cleared { .. } => self.enter(Stage::Cleared, now),
            Event::Lifted { .. } => self.enter(Stage::Lifted, now),
            Event::Reopened { signal, .. } => {
                self.reopened += 1;
                (self.assignment, self.released) = (None, None);
                self.worst = self.level;
                if let Some(signal) = signal {
                    self.signals += 1;
                    (self.level, self.worst) = (signal.level, signal.level);
                    self.rule = self.rule.take().map(|(rule, _)| (rule, signal.version));
                }
                self.enter(Stage::Raised, now);
            }
            Event::Archived { .. } => self.enter(Stage::Archived, now),
            Event::ClockStopped { .. } => {
                // Decided only where it can be computed.
                self.clock = self.clock.map(|clock| clock.stopped(now).unwrap_or(clock));
            }
            Event::ClockResumed { .. } => self.clock = self.clock.map(|clock| clock.resumed(now)),
            Event::ClockExtended { by, .. } => {
                self.clock = self.clock.map(|clock| clock.extended(*by));
                (self.late_days, self.reminded_on) = (0, None);
            }
            Event::Reminded { late, .. } => {
                self.reminded_on = Some(now.on);
                self.late_days += u32::from(*late);
            }
            Event::Escalated { rung, .. } => self.rung = rung + 1,
        }
        self.last = now;
    }

    fn enter(&mut self, stage: Stage, now: Moment) {
        self.stage = stage;
        self.clock = stage.step().and_then(|step| self.started(step, now));
        (self.reminded_on, self.late_days, self.rung) = (None, 0, 0);
    }

    fn started(&self, step: Step, now: Moment) -> Option<Clock> {
        let of = |one: &&super::Clocks| one.level == self.level && one.step == step;
        let clocks = self.terms.clocks.iter().find(of)?;
        Some(Clock::started(clocks.term, now))
    }

    /// A running step goes on under the term of its new level, from where it started.
    fn at_level(&mut self, level: Level) {
        self.level = level;
        self.worst = self.worst.max(level);
        if let (Some(step), Some(clock)) = (self.stage.step(), self.clock)
            && let Some(since) = clock.since
            && let Some(fresh) = self.started(step, since)
        {
            let same_unit = matches!(
                (fresh.term, clock.term),
                (crate::Term::WorkingDays(_), crate::Term::WorkingDays(_))
                    | (crate::Term::Hours(_), crate::Term::Hours(_))
            );
            let spent = if same_unit { clock.spent } else { 0 };
            self.clock = Some(Clock { spent, ..fresh });
        }
    }
}

fn days_after(date: Date, days: u32) -> Date {
    let step = |day: Date| day.tomorrow().unwrap_or(Date::MAX);
    (0..days).fold(date, |day, _| step(day))
}
