//! One warning, from the signal or the report to the archive.
//!
//! **Streams** `warning-<id>`.
//! **Invariant** a red or orange warning is closed by a person, never by its metric; nothing is
//! handled that was not confirmed, dispatched and verified; what is closed stays readable.

mod act;
mod error;
mod event;
#[cfg(test)]
mod laws;
mod record;
#[cfg(test)]
mod tests;

use kernel::Decider;
use uuid::Uuid;

pub use act::{Act, Actor, Command};
pub use error::Error;
pub use event::{
    About, Assignment, Clocks, Entered, Event, Evidence, Raised, Rung, Signal, Stamp, Terms,
};
pub use record::Record;

use crate::clock::Moment;
use crate::words::{Effect, Level, Stage};

#[derive(Debug, Clone, PartialEq, Default)]
pub enum Case {
    #[default]
    Unknown,
    Known(Box<Record>),
}

impl Case {
    #[must_use]
    pub fn record(&self) -> Option<&Record> {
        match self {
            Self::Unknown => None,
            Self::Known(record) => Some(record),
        }
    }

    fn open(&self, now: Moment) -> Result<&Record, Error> {
        let record = self.known(now)?;
        if record.stage.is_open() { Ok(record) } else { Err(Error::Closed { stage: record.stage }) }
    }

    fn known(&self, now: Moment) -> Result<&Record, Error> {
        let record = self.record().ok_or(Error::Unknown)?;
        if now.on < record.last.on {
            return Err(Error::OutOfOrder { on: now.on, last: record.last.on });
        }
        Ok(record)
    }

    fn at(&self, now: Moment, stages: &[Stage]) -> Result<&Record, Error> {
        let record = self.open(now)?;
        if stages.contains(&record.stage) {
            Ok(record)
        } else {
            Err(Error::NotNow { stage: record.stage })
        }
    }

    /// In a stage, by somebody to whom it is assigned.
    fn assigned(&self, now: Moment, by: &Actor, stages: &[Stage]) -> Result<&Record, Error> {
        let record = self.at(now, stages)?;
        if record.is_assigned_to(by) { Ok(record) } else { Err(Error::OutOfScope) }
    }

    fn release(&self, now: Moment, reason: String, batch: Option<Uuid>, stamp: Stamp) -> Decision {
        let record = self.open(now)?;
        given(&reason)?;
        // What was handled is released when feedback says that it is done; a notice needs none.
        let ready = matches!(record.stage, Stage::FedBack | Stage::PreFiled)
            || (record.level == Level::Notice && record.stage == Stage::Raised);
        if !ready {
            return Err(Error::NotNow { stage: record.stage });
        }
        Ok(vec![Event::Released { reason, batch, stamp }])
    }

    fn notice(&self, signal: Signal, now: Moment) -> Decision {
        let record = self.known(now)?;
        if record.stage.is_open() {
            let stamp = signal.stamp.clone();
            let (from, to) = (record.level, signal.level);
            let why = format!("rule version {} at position {}", signal.version, signal.position);
            let mut events = vec![Event::EvidenceAppended { signal }];
            if from != to {
                events.push(Event::LevelMoved { from, to, why, stamp });
            }
            return Ok(events);
        }
        match (record.stage, record.cooldown_ends()) {
            (Stage::Released | Stage::Cleared, Some(until)) if now.on <= until => {
                let stamp = signal.stamp.clone();
                let why = "the same signal within the cooldown".to_owned();
                Ok(vec![Event::Reopened { why, signal: Some(signal), stamp }])
            }
            (Stage::Released | Stage::Cleared, Some(until)) => Err(Error::CooldownOver { until }),
            (stage, _) => Err(Error::Closed { stage }),
        }
    }

    fn remind(&self, now: Moment, stamp: &Stamp) -> Decision {
        let record = self.known(now)?;
        let Some((step, clock)) = record.running() else { return Ok(vec![]) };
        let late = clock.is_late(now);
        if !(late || clock.due() == crate::Due::On(now.on)) || record.reminded_on == Some(now.on) {
            return Ok(vec![]);
        }
        let mut events = vec![Event::Reminded { step, late, stamp: stamp.clone() }];
        let late_days = record.late_days + u32::from(late);
        for (rung, on_it) in (0_u32..).zip(&record.terms.ladder) {
            if !late || on_it.after_days != late_days || rung < record.rung {
                continue;
            }
            let (to, effect) = (on_it.to.clone(), on_it.effect);
            events.push(Event::Escalated { step, rung, to, effect, stamp: stamp.clone() });
            let (from, higher) = (record.level, record.level.raised());
            if effect == Effect::RaiseLevel && from != higher {
                let why = format!("late for {late_days} days");
                events.push(Event::LevelMoved { from, to: higher, why, stamp: stamp.clone() });
            }
        }
        Ok(events)
    }

    fn clock(&self, now: Moment) -> Result<(&Record, crate::Step, crate::Clock), Error> {
        let record = self.open(now)?;
        match (record.stage.step(), record.clock) {
            (Some(step), Some(clock)) => Ok((record, step, clock)),
            (None, _) | (_, None) => Err(Error::NoClock),
        }
    }
}

type Decision = Result<Vec<Event>, Error>;

fn given(reason: &str) -> Result<(), Error> {
    if reason.trim().is_empty() { Err(Error::NoReason) } else { Ok(()) }
}

impl Assignment {
    fn names_somebody(&self) -> bool {
        let Self { role, division, organisation, person } = self;
        !role.trim().is_empty()
            && (division.is_some() || organisation.is_some() || person.is_some())
    }
}

impl Decider for Case {
    const CATEGORY: &'static str = "warning";
    type Command = Command;
    type Event = Event;
    type Error = Error;

    fn decide(&self, Command { by, now, act }: Command) -> Decision {
        let stamp = Stamp { by: by.id.clone(), now };
        match act {
            Act::Raise(_) | Act::Enter(_) if *self != Self::Unknown => Err(Error::AlreadyOpen),
            Act::Raise(raised) => Ok(vec![Event::Raised(raised)]),
            Act::Enter(entered) => {
                given(&entered.content)?;
                Ok(vec![Event::Entered(entered)])
            }
            Act::Notice(signal) => self.notice(signal, now),
            Act::Clear { position } => {
                let record = self.open(now)?;
                // Also where it fell since: a red one that is yellow now waits for a person.
                if !record.worst.clears_by_itself() {
                    return Err(Error::NeverByItself { level: record.worst });
                }
                Ok(vec![Event::Cleared { position, stamp }])
            }
            Act::Confirm { complaint, work_order } => {
                self.at(now, &[Stage::Raised])?;
                Ok(vec![Event::Confirmed { complaint, work_order, stamp }])
            }
            Act::Reject { reason } => {
                self.at(now, &[Stage::Raised])?;
                given(&reason)?;
                Ok(vec![Event::Rejected { reason, stamp }])
            }
            Act::Merge { case, into } => {
                self.at(now, &[Stage::Raised])?;
                if case == into {
                    return Err(Error::IntoItself);
                }
                Ok(vec![Event::Merged { into, stamp }])
            }
            Act::MoveLevel { to, reason } => {
                let from = self.open(now)?.level;
                given(&reason)?;
                if from == to {
                    return Err(Error::AlreadyAt { level: to });
                }
                Ok(vec![Event::LevelMoved { from, to, why: reason, stamp }])
            }
            Act::Dispatch { to } => {
                self.at(now, &[Stage::Confirmed])?;
                if !to.names_somebody() {
                    return Err(Error::DispatchedToNobody);
                }
                Ok(vec![Event::Dispatched { to, stamp }])
            }
            Act::ReturnDispatch { reason } => {
                self.assigned(now, &by, &[Stage::Dispatched])?;
                given(&reason)?;
                Ok(vec![Event::DispatchReturned { reason, stamp }])
            }
            Act::Accept => {
                self.assigned(now, &by, &[Stage::Dispatched])?;
                Ok(vec![Event::Accepted { stamp }])
            }
            Act::Reassign { to, reason } => {
                let assigned =
                    [Stage::Dispatched, Stage::Accepted, Stage::Verified, Stage::Handled];
                self.at(now, &assigned)?;
                given(&reason)?;
                if !to.names_somebody() {
                    return Err(Error::DispatchedToNobody);
                }
                Ok(vec![Event::Reassigned { to, reason, stamp }])
            }
            Act::Verify { finding } => {
                self.assigned(now, &by, &[Stage::Accepted])?;
                given(&finding)?;
                Ok(vec![Event::SiteVerified { finding, stamp }])
            }
            Act::Handle { how, note } => {
                let record = self.assigned(now, &by, &[Stage::Verified, Stage::Handled])?;
                let allowed = &record.terms.handling;
                if !allowed.is_empty() && !allowed.contains(&how) {
                    return Err(Error::HandlingNotAllowed { how });
                }
                Ok(vec![Event::Handled { how, note, stamp }])
            }
            Act::GiveFeedback { text, done } => {
                self.assigned(now, &by, &[Stage::Handled])?;
                given(&text)?;
                Ok(vec![Event::FeedbackGiven { text, done, stamp }])
            }
            Act::Release { reason, batch } => self.release(now, reason, batch, stamp),
            Act::UndoRelease { reason } => {
                let record = self.known(now)?;
                given(&reason)?;
                match &record.released {
                    Some(release) if release.by != by.id => {
                        Err(Error::NotReleaser { releaser: release.by.clone() })
                    }
                    Some(_) if record.stage == Stage::Released => {
                        Ok(vec![Event::ReleaseUndone { reason, stamp }])
                    }
                    Some(_) | None => Err(Error::NotNow { stage: record.stage }),
                }
            }
            Act::PreFile { case_number } => {
                let handled = [Stage::Verified, Stage::Handled, Stage::FedBack];
                self.at(now, &handled)?;
                given(&case_number)?;
                Ok(vec![Event::PreFiled { case_number, stamp }])
            }
            Act::Lift { reason } => {
                let record = self.open(now)?;
                given(&reason)?;
                match &record.initiator {
                    None => Err(Error::NotEntered),
                    Some(initiator) if *initiator != by.id => {
                        Err(Error::NotInitiator { initiator: initiator.clone() })
                    }
                    Some(_) => Ok(vec![Event::Lifted { reason, stamp }]),
                }
            }
            Act::Object { reason } => {
                let record = self.known(now)?;
                given(&reason)?;
                let ended = [Stage::Released, Stage::Rejected, Stage::Cleared];
                if ended.contains(&record.stage) {
                    Ok(vec![Event::Reopened { why: reason, signal: None, stamp }])
                } else if record.stage.is_open() {
                    Err(Error::NotNow { stage: record.stage })
                } else {
                    Err(Error::Closed { stage: record.stage })
                }
            }
            Act::Archive => {
                let record = self.known(now)?;
                if record.stage == Stage::Archived {
                    Err(Error::Closed { stage: record.stage })
                } else if record.stage.is_open() {
                    Err(Error::NotNow { stage: record.stage })
                } else {
                    Ok(vec![Event::Archived { stamp }])
                }
            }
            Act::StopClock { reason } => {
                let (_, step, clock) = self.clock(now)?;
                given(&reason)?;
                if !clock.is_running() {
                    return Err(Error::ClockStopped);
                }
                let unpublished =
                    |error: shared::Unpublished| Error::DaysUnpublished { year: error.year };
                clock.stopped(now).map_err(unpublished)?;
                Ok(vec![Event::ClockStopped { step, reason, stamp }])
            }
            Act::ResumeClock => {
                let (_, step, clock) = self.clock(now)?;
                if clock.is_running() {
                    return Err(Error::ClockRunning);
                }
                Ok(vec![Event::ClockResumed { step, stamp }])
            }
            Act::ExtendClock { by: more, approver, reason } => {
                let (_, step, _) = self.clock(now)?;
                given(&reason)?;
                if approver.trim().is_empty() || approver == by.id {
                    return Err(Error::ApprovedByHimself);
                }
                Ok(vec![Event::ClockExtended { step, by: more, approver, reason, stamp }])
            }
            Act::Remind => self.remind(now, &stamp),
        }
    }

    fn evolve(self, event: &Event) -> Self {
        match (self, event) {
            (_, Event::Raised(raised)) => Self::Known(Box::new(Record::raised(raised))),
            (_, Event::Entered(entered)) => Self::Known(Box::new(Record::entered(entered))),
            (Self::Unknown, _) => Self::Unknown,
            (Self::Known(mut record), event) => {
                record.change(event);
                Self::Known(record)
            }
        }
    }
}
