//! What people do with a case, and what each step does to its claims and timers.

use definitions::kinds::warning::{ClockTerm, Warning};
use kernel::Decider;
use kernel::process::derived_id;
use kernel::timer::{self, Timer};
use serde::{Deserialize, Serialize};
use shared::DivisionCode;
use uuid::Uuid;
use warnings::case::{About, Act, Actor, Clocks, Command, Entered, Record, Rung, Stamp, Terms};
use warnings::{Case, Channel, Due, Effect, Handling, Level, Moment, Stage, Step, Term, claims};

use super::Warnings;
use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::execute::Done;
use crate::unit::Unit;

/// One append holds at most so many releases.
const RELEASED_MAX: usize = 200;

/// A warning from the grid or another channel. Clocks are those of the rule that is named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enter {
    pub warning: Uuid,
    pub channel: Channel,
    pub rule: String,
    pub level: Level,
    pub about: About,
    pub division: Option<DivisionCode>,
    /// What was seen; no names.
    pub content: String,
}

impl Warnings {
    /// One step of a case by a person. `division` narrows him to what is assigned within it.
    ///
    /// # Errors
    /// The rule that forbids it.
    pub async fn act(
        &self,
        envelope: &Envelope,
        warning: Uuid,
        division: Option<DivisionCode>,
        act: Act,
    ) -> Result<Done<Uuid>, CommandError> {
        let input = (warning, division, format!("{act:?}"));
        self.executor
            .run(envelope, "warning.act", &input, async |unit: Unit| {
                step(&unit, warning, division, act.clone()).await.map(|()| warning)
            })
            .await
    }

    /// # Errors
    /// When there is no such rule, or nothing was seen.
    pub async fn enter(
        &self,
        envelope: &Envelope,
        input: &Enter,
    ) -> Result<Done<Uuid>, CommandError> {
        self.executor
            .run(envelope, "warning.enter", input, async |unit: Unit| {
                let catalogue = self.rules.on(unit.business_date())?;
                let rule = catalogue.all::<Warning>().get(&input.rule);
                let rule = rule.ok_or_else(|| CommandError::NotFound {
                    what: "warning rule",
                    id: input.rule.clone(),
                })?;
                let Enter { warning, channel, level, about, division, content, .. } = input.clone();
                let class = rule.class.word().to_owned();
                let (stamp, terms) = (stamp(&unit), terms(rule));
                let entered =
                    Entered { channel, class, level, about, division, content, terms, stamp };
                step(&unit, warning, None, Act::Enter(entered)).await.map(|()| warning)
            })
            .await
    }

    /// Several at once, in one append.
    ///
    /// # Errors
    /// The first that may not be released; then none is.
    pub async fn release_all(
        &self,
        envelope: &Envelope,
        warnings: &[Uuid],
        division: Option<DivisionCode>,
        reason: &str,
    ) -> Result<Done<Vec<Uuid>>, CommandError> {
        if warnings.is_empty() || warnings.len() > RELEASED_MAX {
            return Err(Refused::new(
                "WARNING_RELEASED_AT_ONCE",
                format!("一次解除 1 至 {RELEASED_MAX} 件"),
                format!("from 1 to {RELEASED_MAX} warnings are released at once"),
            )
            .field("warningIds")
            .into());
        }
        let input = (warnings, division, reason);
        self.executor
            .run(envelope, "warning.releaseAll", &input, async |unit: Unit| {
                let batch = Some(unit.envelope().command_id);
                for warning in warnings {
                    let act = Act::Release { reason: reason.to_owned(), batch };
                    step(&unit, *warning, division, act).await?;
                }
                Ok(warnings.to_vec())
            })
            .await
    }
}

pub(super) fn moment(unit: &Unit) -> Moment {
    Moment { on: unit.business_date(), at: unit.executor().now() }
}

pub(super) fn stamp(unit: &Unit) -> Stamp {
    Stamp { by: unit.envelope().actor.clone(), now: moment(unit) }
}

/// Decides one act, and lets its claims and timers follow.
pub(super) async fn step(
    unit: &Unit,
    warning: Uuid,
    division: Option<DivisionCode>,
    act: Act,
) -> Result<(), CommandError> {
    step_at(unit, warning, division, moment(unit), act).await
}

pub(super) async fn step_at(
    unit: &Unit,
    warning: Uuid,
    division: Option<DivisionCode>,
    now: Moment,
    act: Act,
) -> Result<(), CommandError> {
    let (before, _) = unit.guard::<Case>(warning).await?;
    let before = before.record().cloned();
    let by = Actor { id: unit.envelope().actor.clone(), division };
    if let Act::Merge { into, .. } = &act {
        let (into, _) = unit.guard::<Case>(into).await?;
        if !into.record().is_some_and(|record| record.stage.is_open()) {
            return Err(Refused::new(
                "WARNING_MERGED_INTO_CLOSED",
                "只能并入未办结的预警",
                "a warning is merged into one that is open",
            )
            .into());
        }
    }
    unit.decide::<Case>(warning, Command { by, now, act }).await?;
    let (after, _) = unit.load::<Case>(warning).await?;
    let Some(after) = after.record() else { return Ok(()) };
    follow_claims(unit, warning, before.as_ref(), after);
    follow_timer(unit, warning, before.as_ref(), after).await
}

fn follow_claims(unit: &Unit, warning: Uuid, before: Option<&Record>, after: &Record) {
    let Some(fingerprint) = after.fingerprint else { return };
    let holder = warning.to_string();
    let was_open = before.is_some_and(|record| record.stage.is_open());
    let can_reopen = |stage: Stage| matches!(stage, Stage::Released | Stage::Cleared);
    match (was_open, after.stage.is_open()) {
        (true, false) => {
            unit.release(claims::open(fingerprint), &holder);
            if can_reopen(after.stage) {
                unit.take(claims::last(fingerprint), &holder);
            }
        }
        (false, true) => {
            unit.take(claims::open(fingerprint), &holder);
            if before.is_some_and(|record| can_reopen(record.stage)) {
                unit.release(claims::last(fingerprint), &holder);
            }
        }
        // Archived: nothing finds it any more.
        (false, false) if before.is_some_and(|record| can_reopen(record.stage)) => {
            unit.release(claims::last(fingerprint), &holder);
        }
        (true, true) | (false, false) => {}
    }
}

/// A clock in hours has a timer; one that is over by then finds nothing to do.
async fn follow_timer(
    unit: &Unit,
    warning: Uuid,
    before: Option<&Record>,
    after: &Record,
) -> Result<(), CommandError> {
    let due = |record: &Record| match record.clock.map(|clock| clock.due()) {
        Some(Due::At(at)) => Some(at),
        Some(Due::On(_) | Due::Stopped | Due::Unpublished { .. }) | None => None,
    };
    let Some(at) = due(after) else { return Ok(()) };
    if before.and_then(due) == Some(at) {
        return Ok(());
    }
    // The instant after: a step that is done exactly in time is in time.
    let at = kernel::Micros(at.0 + 1);
    let timer = derived_id("warning-timer", &[warning.as_bytes(), &at.0.to_be_bytes()]);
    let (known, _) = unit.load::<Timer>(timer).await?;
    if *known == Timer::Unset {
        let about = kernel::StreamName::new(Case::CATEGORY, warning).to_string();
        unit.decide::<Timer>(timer, timer::Command::Set { due: at, about }).await?;
    }
    Ok(())
}

/// The clocks and the ladder of a rule, in the words of a case.
pub(super) fn terms(rule: &Warning) -> Terms {
    let clocks = rule.clocks.iter().filter_map(|clock| {
        Some(Clocks {
            level: clock.level.word().parse::<Level>().ok()?,
            step: clock.step.word().parse::<Step>().ok()?,
            term: match clock.term {
                ClockTerm::WorkingDays(days) => Term::WorkingDays(days),
                ClockTerm::Hours(hours) => Term::Hours(hours),
            },
        })
    });
    let ladder = rule.escalation.iter().filter_map(|rung| {
        Some(Rung {
            after_days: rung.after_days,
            to: rung.to.clone(),
            effect: rung.effect.word().parse::<Effect>().ok()?,
        })
    });
    Terms {
        clocks: clocks.collect(),
        ladder: ladder.collect(),
        handling: rule
            .handling
            .iter()
            .filter_map(|kind| kind.word().parse::<Handling>().ok())
            .collect(),
        cooldown_days: u32::try_from(rule.cooldown_days).unwrap_or(u32::MAX),
    }
}
