//! What people say about subjects: observed facts, manual values of tags, disputes; and who belongs
//! to a segment, frozen.
//!
//! | what | file |
//! |---|---|
//! | a value by hand, an objection, an answer | [`assign`] |
//! | a snapshot of a segment | [`freeze`] |
//! | what a query is told when it is due | [`ask`] |
//!
//! **Invariant** an observed fact is a word of the vocabulary and its value reads as that word's type.

mod ask;
mod assign;
mod freeze;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use conditions::{Subject, facts};
use serde::{Deserialize, Serialize};
use shared::Date;
use tags::observation::{self, Command, Observation, Recorded};

pub use self::ask::{Figures, QueryFacts, TagQueries};
pub use self::assign::{ByHand, TagOf};
pub use self::freeze::Freeze;
use crate::disbursement::Rules;
use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::execute::{Done, Executor};
use crate::unit::Unit;

crate::refusal!(
    tags::observation::Error,
    tags::assignment::Error,
    tags::query::Error,
    tags::snapshot::Error
);

/// The write side of tags. Cheap to clone.
#[derive(Clone)]
pub struct Tags {
    executor: Executor,
    rules: Arc<dyn Rules>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observe {
    pub kind: Subject,
    pub subject: String,
    pub fact: String,
    pub from: Date,
    pub value: String,
    pub source: String,
}

impl Tags {
    #[must_use]
    pub fn new(executor: Executor, rules: Arc<dyn Rules>) -> Self {
        Self { executor, rules }
    }

    /// Several facts in one append: a published table, a day of an exchange.
    ///
    /// # Errors
    /// A word or value outside the vocabulary, and then none is recorded.
    pub async fn observe(
        &self,
        envelope: &Envelope,
        input: &[Observe],
    ) -> Result<Done, CommandError> {
        let input: Vec<&Observe> = input.iter().collect();
        self.executor
            .run(envelope, "tags.observe", &input, async |unit: Unit| {
                for one in &input {
                    self::fits(one)?;
                    let kind = one.kind.code().to_owned();
                    let id = observation::stream_id(&kind, &one.subject, &one.fact);
                    let recorded = Recorded {
                        kind,
                        subject: one.subject.clone(),
                        fact: one.fact.clone(),
                        from: one.from,
                        value: one.value.clone(),
                        source: one.source.clone(),
                        by: unit.envelope().actor.clone(),
                    };
                    unit.decide::<Observation>(id, Command::Record(recorded)).await?;
                }
                Ok(())
            })
            .await
    }

    /// # Errors
    /// When nothing was observed from that day on.
    pub async fn withdraw(
        &self,
        envelope: &Envelope,
        (kind, subject, fact): (Subject, &str, &str),
        from: Date,
        reason: &str,
    ) -> Result<Done, CommandError> {
        let input = (kind, subject, fact, from, reason);
        self.executor
            .run(envelope, "tags.withdraw", &input, async |unit: Unit| {
                let id = observation::stream_id(kind.code(), subject, fact);
                let withdraw = Command::Withdraw {
                    kind: kind.code().to_owned(),
                    subject: subject.to_owned(),
                    fact: fact.to_owned(),
                    from,
                    reason: reason.to_owned(),
                    by: unit.envelope().actor.clone(),
                };
                unit.decide::<Observation>(id, withdraw).await?;
                Ok(())
            })
            .await
    }
}

fn fits(one: &Observe) -> Result<(), CommandError> {
    let Some(fact) = facts::find(one.kind, &one.fact) else {
        let allowed = facts::names(one.kind).join(", ");
        return Err(Refused::new(
            "FACT_UNKNOWN",
            format!("“{}”没有名为“{}”的事实，可用：{allowed}", one.kind.zh(), one.fact),
            format!("a {} has no fact {} (allowed: {allowed})", one.kind, one.fact),
        )
        .field("fact")
        .into());
    };
    if fact.kind.read(&one.value).is_none() {
        let wanted = fact.kind.name();
        return Err(Refused::new(
            "FACT_VALUE_UNREADABLE",
            format!("“{}”不是 {wanted} 类型的值", one.value),
            format!("{:?} is no value of type {wanted}", one.value),
        )
        .field("value")
        .into());
    }
    Ok(())
}
