//! A guardian is released: what he still draws for his ward waits for a person, who says who draws it
//! now. Nothing is changed by itself, because a payee needs an account of his own.

use std::sync::Arc;

use kernel::log::Answer;
use registry::person::Event;
use shared::{Payee, PersonId};

use super::{Process, Reaction};
use crate::disbursement::{Rules, lives};
use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::unit::Unit;

pub struct Guardians {
    rules: Arc<dyn Rules>,
}

impl Guardians {
    #[must_use]
    pub fn new(rules: Arc<dyn Rules>) -> Self {
        Self { rules }
    }
}

impl Process for Guardians {
    fn name(&self) -> &'static str {
        "guardians"
    }

    fn interested(&self, type_name: &str) -> bool {
        type_name.starts_with("person.guardian-released.")
    }

    fn react<'a>(&'a self, reaction: &'a mut Reaction) -> Answer<'a, Result<(), CommandError>> {
        Box::pin(async move {
            let Event::GuardianReleased { guardian, .. } = reaction.event().decode()? else {
                return Ok(());
            };
            let ward: PersonId =
                reaction.event().stream.id().parse().map_err(CommandError::fault)?;
            let on = reaction.executor().business_day().await?;
            let envelope = Envelope::new(reaction.event().id, "process:guardians");
            let looks = Unit::new(reaction.executor().clone(), &envelope, on);
            let rules = self.rules.on(on).map_err(CommandError::fault)?;
            for grant in lives::grants_of(&looks, &rules, ward).await? {
                if grant.payee == (Payee::Guardian { person: guardian }) {
                    let refused = Refused::new(
                        "GRANT_PAYEE_RELEASED",
                        format!("监护人已解除，项目{}仍由其领取，请变更领取人", grant.item),
                        format!("the guardian is released and still draws {}", grant.item),
                    )
                    .param("grant", grant.grant);
                    reaction.refuse("grant.change-payee", refused).await?;
                }
            }
            Ok(())
        })
    }
}
