//! A death is reported, confirmed, withdrawn.

use jiff::ToSpan;
use registry::person::{Command, DeathReport, DeathSource, Person};
use serde::{Deserialize, Serialize};
use shared::{Date, PersonId};

use super::Registry;
use crate::envelope::Envelope;
use crate::error::CommandError;
use crate::execute::Done;
use crate::unit::Unit;

/// How long payments wait for the verification of a report, where the report does not say it
/// (DISBURSEMENT 2.1; a local parameter).
const VERIFY_DAYS: i64 = 15;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportDeath {
    pub person: PersonId,
    pub died_on: Date,
    /// Absent: the business date.
    pub reported_on: Option<Date>,
    pub source: DeathSource,
    /// The last day to verify it; absent: fifteen days after the report.
    pub verify_by: Option<Date>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmDeath {
    pub person: PersonId,
    pub died_on: Date,
    /// Absent: the business date.
    pub confirmed_on: Option<Date>,
    pub source: DeathSource,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithdrawDeath {
    pub person: PersonId,
    /// Absent: the business date.
    pub on: Option<Date>,
    pub reason: String,
    /// Needed once the death was confirmed; not the acting person.
    pub approver: Option<String>,
}

impl Registry {
    /// # Errors
    /// The rules of death, as [`registry::person::Error`] has them.
    pub async fn report_death(
        &self,
        envelope: &Envelope,
        input: &ReportDeath,
    ) -> Result<Done<PersonId>, CommandError> {
        self.executor
            .run(envelope, "death.report", input, async |unit: Unit| {
                let reported_on = input.reported_on.unwrap_or(unit.business_date());
                let verify_by = match input.verify_by {
                    Some(day) => day,
                    None => {
                        reported_on.checked_add(VERIFY_DAYS.days()).map_err(CommandError::fault)?
                    }
                };
                let (died_on, source) = (input.died_on, input.source);
                let report = DeathReport { died_on, reported_on, source, verify_by };
                unit.decide::<Person>(input.person, Command::ReportDeath(report)).await?;
                Ok(input.person)
            })
            .await
    }

    /// # Errors
    /// As [`Registry::report_death`].
    pub async fn confirm_death(
        &self,
        envelope: &Envelope,
        input: &ConfirmDeath,
    ) -> Result<Done<PersonId>, CommandError> {
        self.executor
            .run(envelope, "death.confirm", input, async |unit: Unit| {
                let confirm = Command::ConfirmDeath {
                    died_on: input.died_on,
                    confirmed_on: input.confirmed_on.unwrap_or(unit.business_date()),
                    source: input.source,
                };
                unit.decide::<Person>(input.person, confirm).await?;
                Ok(input.person)
            })
            .await
    }

    /// # Errors
    /// As [`Registry::report_death`]; a confirmed death without another person's approval.
    pub async fn withdraw_death(
        &self,
        envelope: &Envelope,
        input: &WithdrawDeath,
    ) -> Result<Done<PersonId>, CommandError> {
        self.executor
            .run(envelope, "death.withdraw", input, async |unit: Unit| {
                let withdraw = Command::WithdrawDeath {
                    on: input.on.unwrap_or(unit.business_date()),
                    reason: input.reason.clone(),
                    by: unit.envelope().actor.clone(),
                    approver: input.approver.clone(),
                };
                unit.decide::<Person>(input.person, withdraw).await?;
                Ok(input.person)
            })
            .await
    }
}
