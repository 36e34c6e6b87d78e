//! A grant is adjusted, stopped, resumed, ended.

use benefits::grant::{self, Command, ComponentAmount, EndReason, Grant, Missed};
use definitions::Catalogue;
use definitions::kinds::stop::{Months, Stop};
use serde::{Deserialize, Serialize};
use shared::{Date, GrantId, Month, StopReason};

use super::register::beyond_death;
use super::{Benefits, bounds, single};
use crate::bulk::{self, Bulk};
use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::execute::Done;
use crate::registry::facts as people;
use crate::unit::Unit;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdjustGrant {
    pub grant: GrantId,
    pub from: Month,
    pub components: Vec<ComponentAmount>,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuspendGrant {
    pub grant: GrantId,
    pub from: Month,
    pub reason: StopReason,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResumeGrant {
    pub grant: GrantId,
    pub from: Month,
    /// Whether the missed months are owed; else they are forfeited.
    pub owed: bool,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndGrant {
    pub grant: GrantId,
    /// The last month of entitlement; one before the first: the grant was void.
    pub last: Month,
    pub reason: EndReason,
}

impl Benefits {
    /// # Errors
    /// Amounts outside the item's bounds, months outside the grant or after a death.
    pub async fn adjust_grant(
        &self,
        envelope: &Envelope,
        input: &AdjustGrant,
    ) -> Result<Done<GrantId>, CommandError> {
        let id = input.grant;
        self.executor
            .run(envelope, "grant.adjust", input, async |unit: Unit| {
                let rules = self.rules(unit.business_date())?;
                adjust(&unit, &rules, input).await?;
                Ok(id)
            })
            .await
    }

    /// Adjusts every grant that can be, as a rise for all does; the others are refused one by one.
    ///
    /// # Errors
    /// A fault of the log or the rules; what was written before it stays, and asking again goes on.
    pub async fn adjust_grants(
        &self,
        envelope: &Envelope,
        rows: &[AdjustGrant],
    ) -> Result<Bulk<GrantId>, CommandError> {
        bulk::in_pieces(
            &self.executor,
            envelope,
            "grant.adjust-many",
            rows,
            async |unit: Unit, piece: &[AdjustGrant]| {
                let rules = self.rules(unit.business_date())?;
                let mut done = Vec::with_capacity(piece.len());
                for input in piece {
                    let adjusted = adjust(&unit, &rules, input).await;
                    done.push(bulk::row(adjusted.map(|()| input.grant))?);
                }
                Ok(done)
            },
        )
        .await
    }

    /// # Errors
    /// A grant that is stopped, months outside it, a reason that no definition names.
    pub async fn suspend_grant(
        &self,
        envelope: &Envelope,
        input: &SuspendGrant,
    ) -> Result<Done<GrantId>, CommandError> {
        let SuspendGrant { grant, from, reason } = *input;
        self.executor
            .run(envelope, "grant.suspend", input, async |unit: Unit| {
                let rules = self.rules(unit.business_date())?;
                if !rules.all::<Stop>().contains_key(&reason) {
                    return Err(unknown_reason(&rules, reason).into());
                }
                unit.decide::<Grant>(grant, Command::Suspend { from, reason }).await?;
                Ok(grant)
            })
            .await
    }

    /// # Errors
    /// A grant that is not stopped; a beneficiary who died before the month from which it is paid
    /// again; missed months that its reason says otherwise of.
    pub async fn resume_grant(
        &self,
        envelope: &Envelope,
        input: &ResumeGrant,
    ) -> Result<Done<GrantId>, CommandError> {
        let id = input.grant;
        self.executor
            .run(envelope, "grant.resume", input, async |unit: Unit| {
                let record = record(&unit, id).await?;
                // The month after the death is fine: all that is owed then lies before it.
                if let Some(died_on) = people::death_of(&unit, record.person).await?
                    && input.from > Month::of(died_on).next()
                {
                    return Err(beyond_death(died_on, "from").into());
                }
                let missed = if input.owed { Missed::Owed } else { Missed::Forfeited };
                if let Some(stop) = record.stopped() {
                    let rules = self.rules(unit.business_date())?;
                    settled(rules.all::<Stop>().get(&stop.reason), missed)?;
                }
                let (from, reason) = (input.from, input.reason.clone());
                unit.decide::<Grant>(id, Command::Resume { from, missed, reason }).await?;
                Ok(id)
            })
            .await
    }

    /// # Errors
    /// An end that moves away from an earlier one; an end by a death that is not confirmed, or
    /// after its month.
    pub async fn end_grant(
        &self,
        envelope: &Envelope,
        input: &EndGrant,
    ) -> Result<Done<GrantId>, CommandError> {
        let EndGrant { grant: id, last, reason } = *input;
        self.executor
            .run(envelope, "grant.end", input, async |unit: Unit| {
                let record = record(&unit, id).await?;
                if reason == EndReason::Death {
                    let died_on = people::death_of(&unit, record.person).await?;
                    not_beyond(Some(died_on.ok_or_else(not_confirmed)?), last)?;
                }
                unit.decide::<Grant>(id, Command::End { last, reason }).await?;
                if last < record.from {
                    single::give_up(&unit, &record).await?;
                }
                Ok(id)
            })
            .await
    }
}

/// Nothing of a refused adjustment is in the unit.
async fn adjust(unit: &Unit, rules: &Catalogue, input: &AdjustGrant) -> Result<(), CommandError> {
    let record = record(unit, input.grant).await?;
    bounds::amounts(bounds::item(rules, record.item)?, &input.components)?;
    not_beyond(people::death_of(unit, record.person).await?, input.from)?;
    let (from, components) = (input.from, input.components.clone());
    let adjust = Command::Adjust { from, components, reason: input.reason.clone() };
    unit.decide::<Grant>(input.grant, adjust).await?;
    Ok(())
}

async fn record(unit: &Unit, id: GrantId) -> Result<grant::Record, CommandError> {
    let (state, _) = unit.guard::<Grant>(id).await?;
    state.record().cloned().ok_or_else(|| grant::Error::Unknown.into())
}

fn not_beyond(died_on: Option<Date>, month: Month) -> Result<(), Refused> {
    match died_on {
        Some(died_on) if month > Month::of(died_on) => Err(beyond_death(died_on, "month")),
        Some(_) | None => Ok(()),
    }
}

fn unknown_reason(rules: &Catalogue, reason: StopReason) -> Refused {
    let known: Vec<&str> = rules.all::<Stop>().keys().map(StopReason::as_str).collect();
    Refused::new(
        "GRANT_STOP_REASON_UNKNOWN",
        format!("没有定义暂停原因 {reason}，可用：{}", known.join("、")),
        format!("no definition names the reason {reason}; there are: {}", known.join(", ")),
    )
    .field("reason")
    .param("reason", reason)
}

/// What the definition of the reason says of the missed months.
fn settled(stop: Option<&Stop>, missed: Missed) -> Result<(), Refused> {
    // A stop from before its reason was taken out of the definitions: whoever lifts it decides.
    let Some(Stop { id, name, months, .. }) = stop else { return Ok(()) };
    let (zh, en) = (&name.zh, &name.en);
    let refused = match (months, missed) {
        (Months::Decided, _)
        | (Months::Owed, Missed::Owed)
        | (Months::Forfeited, Missed::Forfeited) => return Ok(()),
        (Months::Owed, Missed::Forfeited) => Refused::new(
            "GRANT_STOP_MONTHS_OWED",
            format!("因「{zh}」停发的月份应予补发"),
            format!("the months of a stop for \"{en}\" are owed"),
        ),
        (Months::Forfeited, Missed::Owed) => Refused::new(
            "GRANT_STOP_MONTHS_FORFEITED",
            format!("因「{zh}」停发的月份不予补发"),
            format!("the months of a stop for \"{en}\" are not owed"),
        ),
    };
    Err(refused.field("owed").param("reason", id))
}

fn not_confirmed() -> CommandError {
    Refused::new(
        "GRANT_DEATH_NOT_CONFIRMED",
        "该人员的死亡尚未确认，不能以死亡终止待遇",
        "the death is not confirmed: the grant cannot end by it",
    )
    .field("reason")
    .into()
}
