//! Around the rules: one is muted for a while, and each version is tried before it raises anything.

use serde::{Deserialize, Serialize};
use shared::Date;
use uuid::Uuid;
use warnings::claims;
use warnings::suppression::{Command, Suppression, Terms};
use warnings::trial::{self, Outcome, Trial};

use super::Warnings;
use crate::envelope::Envelope;
use crate::error::CommandError;
use crate::execute::Done;
use crate::unit::Unit;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mute {
    pub suppression: Uuid,
    pub rule: String,
    /// The subject's id, or `*` for all.
    pub subject: String,
    pub reason: String,
    /// The last day.
    pub until: Date,
}

/// What a version of a rule would have raised over the whole log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    pub outcome: Outcome,
    /// More than so many must be accepted.
    pub limit: u32,
    pub accepted: bool,
}

impl Warnings {
    /// # Errors
    /// When the rule is muted for the subject already, without a reason, or without an end.
    pub async fn mute(&self, envelope: &Envelope, input: &Mute) -> Result<Done, CommandError> {
        self.executor
            .run(envelope, "warning.mute", input, async |unit: Unit| {
                let terms = Terms {
                    rule: input.rule.clone(),
                    subject: input.subject.clone(),
                    reason: input.reason.clone(),
                    by: unit.envelope().actor.clone(),
                    on: unit.business_date(),
                    until: input.until,
                };
                unit.decide::<Suppression>(input.suppression, Command::Mute(terms)).await?;
                let key = claims::muted(&input.rule, &input.subject);
                unit.take(key, input.suppression.to_string());
                Ok(())
            })
            .await
    }

    /// # Errors
    /// When there is no such suppression, or it is over.
    pub async fn unmute(
        &self,
        envelope: &Envelope,
        suppression: Uuid,
    ) -> Result<Done, CommandError> {
        self.executor
            .run(envelope, "warning.unmute", &suppression, async |unit: Unit| {
                let (known, _) = unit.guard::<Suppression>(suppression).await?;
                if let Suppression::Standing(terms) = &*known {
                    let key = claims::muted(&terms.rule, &terms.subject);
                    unit.release(key, suppression.to_string());
                }
                drop(known);
                let (by, on) = (unit.envelope().actor.clone(), unit.business_date());
                unit.decide::<Suppression>(suppression, Command::Unmute { by, on }).await?;
                Ok(())
            })
            .await
    }

    /// Lets a version raise warnings.
    ///
    /// # Errors
    /// When it would have raised more than its limit and that was not accepted.
    pub async fn tried(&self, envelope: &Envelope, input: &Tried) -> Result<Done, CommandError> {
        // Sent again, it finds the same version in a longer log.
        let same = (&input.outcome.rule, &input.outcome.digest, input.accepted);
        self.executor
            .run(envelope, "warning.tried", &same, async |unit: Unit| {
                let digest = &input.outcome.digest;
                let (known, _) = unit.guard::<Trial>(digest).await?;
                let first = !known.stands;
                drop(known);
                let Tried { outcome, limit, accepted } = input.clone();
                unit.decide::<Trial>(digest, trial::Command { result: outcome, limit, accepted })
                    .await?;
                if first {
                    // Any id will do: that there is a holder says that it was tried.
                    unit.take(claims::tried(digest), unit.envelope().command_id.to_string());
                }
                Ok(())
            })
            .await
    }
}
