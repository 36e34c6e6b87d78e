//! What people say about subjects: observed facts, manual values of tags, disputes.
//!
//! **Invariant** an observed fact is a word of the vocabulary and its value reads as that word's type.

use conditions::{Subject, facts};
use serde::{Deserialize, Serialize};
use shared::Date;
use tags::assignment::{self, Assignment, Manual};
use tags::observation::{self, Command, Observation, Recorded};

use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::execute::{Done, Executor};
use crate::unit::Unit;

crate::refusal!(tags::observation::Error, tags::assignment::Error);

/// The write side of tags. Cheap to clone.
#[derive(Clone)]
pub struct Tags {
    executor: Executor,
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

/// Which tag of whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagOf {
    pub kind: Subject,
    pub subject: String,
    pub tag: String,
}

impl TagOf {
    fn id(&self) -> String {
        format!("{}/{}/{}", self.kind, self.subject, self.tag)
    }
}

impl Tags {
    #[must_use]
    pub fn new(executor: Executor) -> Self {
        Self { executor }
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

    /// A value by hand; the acting person is not the approver.
    ///
    /// # Errors
    /// As the rule says.
    pub async fn set_by_hand(
        &self,
        envelope: &Envelope,
        of: &TagOf,
        (value, reason): (&str, &str),
        approver: &str,
        until: Date,
    ) -> Result<Done, CommandError> {
        let input = (of, value, reason, approver, until);
        self.executor
            .run(envelope, "tags.setByHand", &input, async |unit: Unit| {
                let manual = Manual {
                    value: value.to_owned(),
                    reason: reason.to_owned(),
                    by: unit.envelope().actor.clone(),
                    approver: approver.to_owned(),
                    on: unit.business_date(),
                    until,
                };
                let set = assignment::Command::Override(manual);
                unit.decide::<Assignment>(of.id(), set).await?;
                Ok(())
            })
            .await
    }

    /// The subject objects to a tag.
    ///
    /// # Errors
    /// When an objection is open already.
    pub async fn dispute(
        &self,
        envelope: &Envelope,
        of: &TagOf,
        reason: &str,
    ) -> Result<Done, CommandError> {
        self.executor
            .run(envelope, "tags.dispute", &(of, reason), async |unit: Unit| {
                let (by, on) = (unit.envelope().actor.clone(), unit.business_date());
                let dispute = assignment::Command::Dispute { by, on, reason: reason.to_owned() };
                unit.decide::<Assignment>(of.id(), dispute).await?;
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
