//! From signals to cases. A signal is read under the cursor of this process, whichever generation of
//! the read model left it, so that a rebuild fires nothing again.
//!
//! **Invariant** a signal's command has the id (rule version, fingerprint, position): read twice, it
//! raises once.

use std::sync::Arc;

use definitions::kinds::warning::{Dedupe, Warning};
use definitions::publication::SYSTEM;
use kernel::process::derived_id;
use kernel::{Limit, Position};
use serde::{Deserialize, Serialize};
use shared::{Date, DivisionCode, EventId};
use uuid::Uuid;
use warnings::case::{About, Act, Evidence, Raised, Signal};
use warnings::suppression::{self, Suppression};
use warnings::{Case, Level, claims};

use super::case::{stamp, step, terms};
use super::{WarningFacts, Warnings};
use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::processes::inbox;
use crate::unit::Unit;

const PROCESS: &str = "warnings";
const PAGE: usize = 500;

/// What a read model tells; one of its own is written the same way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signalled {
    pub rule: String,
    pub version: u32,
    pub digest: String,
    pub author: String,
    pub kind: String,
    pub subject: String,
    pub county: Option<DivisionCode>,
    /// `None`: the metric is back.
    pub level: Option<Level>,
    pub value: i64,
    pub threshold: i64,
    pub period: Option<String>,
    pub evidence: Vec<Said>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    pub name: String,
    #[serde(default)]
    pub value: Option<String>,
    #[serde(default)]
    pub from: Option<Date>,
    #[serde(default)]
    pub event: Option<EventId>,
    #[serde(default)]
    pub position: Option<u64>,
    #[serde(default)]
    pub source: String,
}

/// Reads signals and raises warnings. Cheap to clone.
#[derive(Clone)]
pub struct Raiser {
    warnings: Warnings,
    facts: Arc<dyn WarningFacts>,
}

impl Signalled {
    fn fingerprint(&self) -> Uuid {
        claims::fingerprint(&self.rule, (&self.kind, &self.subject), self.period.as_deref())
    }
}

impl Raiser {
    #[must_use]
    pub fn new(warnings: Warnings, facts: Arc<dyn WarningFacts>) -> Self {
        Self { warnings, facts }
    }

    /// Raises until `shutdown` resolves.
    ///
    /// # Errors
    /// When the log does not answer.
    pub async fn run(&self, shutdown: impl Future<Output = ()> + Send) -> Result<(), CommandError> {
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            let head = self.warnings.executor.log().head();
            match self.run_until(head).await {
                Ok(()) => {}
                Err(error) if error.is_retryable() => {
                    tracing::warn!(code = error.code(), "warnings wait: {error}");
                }
                Err(error) => return Err(error),
            }
            tokio::select! {
                () = &mut shutdown => return Ok(()),
                _ = self.warnings.executor.log().beyond(head) => {}
            }
        }
    }

    /// Handles every signal up to `position`.
    ///
    /// # Errors
    /// When the log or the read models do not answer; what was handled stays handled.
    pub async fn run_until(&self, position: Position) -> Result<(), CommandError> {
        let log = self.warnings.executor.log();
        let mut cursor = log.cursor(PROCESS).await?;
        while cursor < position {
            let (signals, covered) = self.facts.signals(cursor, PAGE, position).await?;
            let last = signals.last().map(|(position, _)| *position);
            for (at, payload) in signals {
                let signalled: Signalled =
                    serde_json::from_str(&payload).map_err(CommandError::fault)?;
                self.signal(at, &signalled).await?;
            }
            cursor = match last {
                Some(last) => last,
                None => covered.max(position),
            };
            log.move_cursor(PROCESS, cursor).await?;
        }
        Ok(())
    }

    /// The case that the signal opened or moved; none where nothing followed.
    pub(super) async fn signal(
        &self,
        at: Position,
        of: &Signalled,
    ) -> Result<Option<Uuid>, CommandError> {
        let executor = &self.warnings.executor;
        let fingerprint = of.fingerprint();
        let parts = [
            of.rule.as_bytes(),
            &of.version.to_be_bytes(),
            fingerprint.as_bytes(),
            &at.0.to_be_bytes(),
        ];
        let id = derived_id("warning-signal", &parts);
        if inbox::holds(executor, id).await? {
            return Ok(None);
        }
        let noticed = executor.log().read(Position(at.0 - 1), Limit::PAGE).await?;
        let event = noticed.first().ok_or_else(|| {
            CommandError::fault(format!("the event at position {at} of a signal is gone"))
        })?;
        let actor = format!("process:{PROCESS}");
        let envelope = Envelope::answering(event, id, actor);
        let input = (&of.rule, of.version, fingerprint, at);
        let done = executor
            .run(&envelope, "warning.signal", &input, async |unit: Unit| {
                self.decide(&unit, at, of).await
            })
            .await;
        match done {
            Ok(done) => Ok(done.result),
            Err(error) if !error.is_refusal() => Err(error),
            Err(error) => {
                let item = inbox::Item {
                    process: PROCESS.to_owned(),
                    event: event.id,
                    stream: event.stream.clone(),
                    index: 0,
                    operation: "warning.signal".to_owned(),
                    code: error.code().to_owned(),
                    zh: error.zh(),
                    en: error.en(),
                };
                inbox::record(executor, &envelope, item).await?;
                Ok(None)
            }
        }
    }

    async fn decide(
        &self,
        unit: &Unit,
        at: Position,
        of: &Signalled,
    ) -> Result<Option<Uuid>, CommandError> {
        let fingerprint = of.fingerprint();
        let keys = [
            claims::open(fingerprint),
            claims::last(fingerprint),
            claims::muted(&of.rule, &of.subject),
            claims::muted(&of.rule, "*"),
            claims::tried(&of.digest),
        ];
        let held = unit.log().claims(&keys).await?;
        let held: Vec<Option<Uuid>> =
            held.into_iter().map(|held| held.and_then(|held| held.holder.parse().ok())).collect();
        let [open, last, muted, all_muted, tried] = held.as_slice() else {
            return Err(CommandError::fault("five keys have five answers"));
        };
        let Some(level) = of.level else {
            return match open {
                Some(case) => clear(unit, *case, at).await,
                None => Ok(None),
            };
        };
        if of.author != SYSTEM && tried.is_none() {
            return Err(Refused::new(
                "WARNING_RULE_NOT_TRIED",
                format!("规则 {} 的这一版本尚未回测，不能产生预警", of.rule),
                format!("this version of rule {} was not tried against the log", of.rule),
            )
            .into());
        }
        let catalogue = self.warnings.rules.on(unit.business_date())?;
        let rule = catalogue.all::<Warning>().get(&of.rule);
        let rule = rule
            .ok_or_else(|| CommandError::NotFound { what: "warning rule", id: of.rule.clone() })?;
        if rule.suppressible {
            for suppression in [muted, all_muted].into_iter().flatten() {
                if kept_back(unit, *suppression, level, at).await? {
                    return Ok(None);
                }
            }
        }
        if self.inhibited(unit, rule, of, level).await? {
            return Ok(None);
        }
        let signal = signal(unit, at, of, level);
        if let Some(case) = open {
            step(unit, *case, None, Act::Notice(signal)).await?;
            return Ok(Some(*case));
        }
        if let Some(case) = last {
            let (closed, _) = unit.guard::<Case>(case).await?;
            let ends = closed.record().and_then(warnings::case::Record::cooldown_ends);
            if ends.is_some_and(|ends| unit.business_date() <= ends) {
                step(unit, *case, None, Act::Notice(signal)).await?;
                return Ok(Some(*case));
            }
            unit.release(claims::last(fingerprint), case.to_string());
        }
        let case = claims::case_of(fingerprint, at.0);
        let about = About { kind: of.kind.clone(), id: of.subject.clone() };
        let raised = Raised {
            rule: of.rule.clone(),
            class: rule.class.word().to_owned(),
            fingerprint,
            about,
            division: of.county,
            signal,
            terms: terms(rule),
        };
        step(unit, case, None, Act::Raise(raised)).await?;
        Ok(Some(case))
    }

    /// A worse warning of another rule on the same subject says it already.
    async fn inhibited(
        &self,
        unit: &Unit,
        rule: &Warning,
        of: &Signalled,
        level: Level,
    ) -> Result<bool, CommandError> {
        let catalogue = self.warnings.rules.on(unit.business_date())?;
        let rules = catalogue.all::<Warning>();
        let keys: Vec<String> = rule
            .inhibited_by
            .iter()
            .map(|other| {
                let by_period =
                    rules.get(other).is_some_and(|other| other.dedupe == Dedupe::SubjectAndPeriod);
                let period = of.period.as_deref().filter(|_| by_period);
                claims::open(claims::fingerprint(other, (&of.kind, &of.subject), period))
            })
            .collect();
        for held in unit.log().claims(&keys).await?.into_iter().flatten() {
            let (other, _) = unit.load::<Case>(&held.holder).await?;
            if other.record().is_some_and(|other| other.level > level) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Only what may clear by itself does; the others wait for a person.
async fn clear(unit: &Unit, case: Uuid, at: Position) -> Result<Option<Uuid>, CommandError> {
    let (known, _) = unit.guard::<Case>(case).await?;
    let clears = known.record().is_some_and(|record| record.worst.clears_by_itself());
    if !clears {
        return Ok(None);
    }
    step(unit, case, None, Act::Clear { position: at.0 }).await?;
    Ok(Some(case))
}

async fn kept_back(
    unit: &Unit,
    suppression: Uuid,
    level: Level,
    at: Position,
) -> Result<bool, CommandError> {
    let (known, _) = unit.guard::<Suppression>(suppression).await?;
    let on = unit.business_date();
    if !known.mutes(on) {
        return Ok(false);
    }
    let case_level = level.code().to_owned();
    let keep = suppression::Command::Keep { case_level, position: at.0, on };
    unit.decide::<Suppression>(suppression, keep).await?;
    Ok(true)
}

fn signal(unit: &Unit, at: Position, of: &Signalled, level: Level) -> Signal {
    let evidence = of.evidence.iter().map(|said| Evidence {
        fact: said.name.clone(),
        value: said.value.clone().unwrap_or_default(),
        event: said.event,
        position: said.position,
        source: said.source.clone(),
    });
    Signal {
        version: of.version,
        level,
        value: of.value,
        threshold: of.threshold,
        position: at.0,
        period: of.period.clone(),
        evidence: evidence.collect(),
        stamp: stamp(unit),
    }
}
