//! A reply that came before its batch's debit slip is applied when the slip arrives.

use disbursement::batch::{Batch, Event};
use kernel::log::Answer;
use kernel::process::command_id;

use super::{Process, Reaction};
use crate::disbursement::Disbursement;
use crate::envelope::Envelope;
use crate::error::CommandError;

pub struct WaitingReplies {
    disbursement: Disbursement,
}

impl WaitingReplies {
    #[must_use]
    pub fn new(disbursement: Disbursement) -> Self {
        Self { disbursement }
    }
}

impl Process for WaitingReplies {
    fn name(&self) -> &'static str {
        "waiting-replies"
    }

    fn interested(&self, type_name: &str) -> bool {
        type_name.starts_with("batch.debited.")
    }

    fn react<'a>(&'a self, reaction: &'a mut Reaction) -> Answer<'a, Result<(), CommandError>> {
        Box::pin(async move {
            let Event::Debited { .. } = reaction.event().decode()? else { return Ok(()) };
            let id = reaction.event().stream.id().to_owned();
            let (batch, _) = reaction.executor().load::<Batch>(&id).await?;
            for (index, reply) in (0..).zip(batch.replies.iter().filter(|reply| !reply.applied)) {
                let command = command_id(self.name(), reaction.event().id, index);
                let actor = format!("process:{}", self.name());
                let envelope = Envelope::answering(reaction.event(), command, actor);
                match self.disbursement.apply_reply(&envelope, &id, reply.id).await {
                    Ok(_) => {}
                    Err(CommandError::Refused(refused)) => {
                        reaction.refuse("reply.apply", *refused).await?;
                    }
                    Err(fault) => return Err(fault),
                }
            }
            Ok(())
        })
    }
}
