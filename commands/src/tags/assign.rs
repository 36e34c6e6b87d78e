//! A tag set by hand for a time, and what its subject says against it.

use conditions::Subject;
use definitions::kinds::tag::Tag;
use serde::{Deserialize, Serialize};
use shared::Date;
use tags::assignment::{Assignment, Command, Manual};

use super::Tags;
use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::execute::Done;
use crate::unit::Unit;

/// Which tag of whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagOf {
    pub kind: Subject,
    pub subject: String,
    pub tag: String,
}

/// A value by hand; the acting person is not the approver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByHand {
    pub of: TagOf,
    /// As a definition writes it.
    pub value: String,
    pub reason: String,
    pub approver: String,
    /// The last day.
    pub until: Date,
}

impl TagOf {
    fn id(&self) -> String {
        format!("{}/{}/{}", self.kind, self.subject, self.tag)
    }
}

impl Tags {
    /// Sets a tag from the business date on.
    ///
    /// # Errors
    /// When there is no such tag of such a subject, or the value is none of its type.
    pub async fn set_by_hand(
        &self,
        envelope: &Envelope,
        input: &ByHand,
    ) -> Result<Done, CommandError> {
        self.executor
            .run(envelope, "tags.setByHand", input, async |unit: Unit| {
                let tag = self.tag(&unit, &input.of)?;
                if tag.value.read(&input.value).is_none() {
                    let wanted = tag.value.name();
                    return Err(Refused::new(
                        "TAG_VALUE_UNREADABLE",
                        format!("“{}”不是 {wanted} 类型的值", input.value),
                        format!("{:?} is no value of type {wanted}", input.value),
                    )
                    .field("value")
                    .into());
                }
                let manual = Manual {
                    value: input.value.clone(),
                    reason: input.reason.clone(),
                    by: unit.envelope().actor.clone(),
                    approver: input.approver.clone(),
                    on: unit.business_date(),
                    until: input.until,
                };
                unit.decide::<Assignment>(input.of.id(), Command::Override(manual)).await?;
                Ok(())
            })
            .await
    }

    /// The rule counts again from the business date on.
    ///
    /// # Errors
    /// When no value stands by hand.
    pub async fn end_by_hand(&self, envelope: &Envelope, of: &TagOf) -> Result<Done, CommandError> {
        self.executor
            .run(envelope, "tags.endByHand", of, async |unit: Unit| {
                let (by, on) = (unit.envelope().actor.clone(), unit.business_date());
                unit.decide::<Assignment>(of.id(), Command::End { by, on }).await?;
                Ok(())
            })
            .await
    }

    /// The subject objects to a tag.
    ///
    /// # Errors
    /// When an objection is open already, or there is no such tag.
    pub async fn dispute(
        &self,
        envelope: &Envelope,
        of: &TagOf,
        reason: &str,
    ) -> Result<Done, CommandError> {
        self.executor
            .run(envelope, "tags.dispute", &(of, reason), async |unit: Unit| {
                self.tag(&unit, of)?;
                let (by, on) = (unit.envelope().actor.clone(), unit.business_date());
                let dispute = Command::Dispute { by, on, reason: reason.to_owned() };
                unit.decide::<Assignment>(of.id(), dispute).await?;
                Ok(())
            })
            .await
    }

    /// An objection is upheld or not, with the reason.
    ///
    /// # Errors
    /// When none is open.
    pub async fn answer_dispute(
        &self,
        envelope: &Envelope,
        of: &TagOf,
        upheld: bool,
        answer: &str,
    ) -> Result<Done, CommandError> {
        self.executor
            .run(envelope, "tags.answerDispute", &(of, upheld, answer), async |unit: Unit| {
                let (by, on) = (unit.envelope().actor.clone(), unit.business_date());
                let answer = Command::Answer { by, on, upheld, answer: answer.to_owned() };
                unit.decide::<Assignment>(of.id(), answer).await?;
                Ok(())
            })
            .await
    }

    fn tag(&self, unit: &Unit, of: &TagOf) -> Result<Tag, CommandError> {
        let catalogue = self.rules.on(unit.business_date());
        let catalogue = catalogue.map_err(|fault| CommandError::Unavailable {
            what: fault.to_string(),
            retryable: true,
        })?;
        let tag = catalogue.all::<Tag>().get(&of.tag);
        let tag = tag.filter(|tag| tag.subject == of.kind && !tag.is_folder());
        tag.cloned().ok_or_else(|| {
            let (kind, tag) = (of.kind, &of.tag);
            Refused::new(
                "TAG_UNKNOWN",
                format!("“{}”没有标签 {tag}", kind.zh()),
                format!("a {kind} has no tag {tag}"),
            )
            .field("tag")
            .into()
        })
    }
}
