//! A card is applied for; the application is accepted or rejected.

use cards::application::{Application, Command, Form};
use cards::claims;
use kernel::{Decider, StreamName};
use serde::{Deserialize, Serialize};
use shared::{BankCode, CardApplicationId, CardId, Date, DivisionCode, OrganisationId, PersonId};

use super::{Cards, facts};
use crate::envelope::Envelope;
use crate::error::CommandError;
use crate::execute::Done;
use crate::registry::facts as people;
use crate::taken;
use crate::unit::Unit;

/// How often an application is decided anew because some card was made meanwhile.
const RACES_MAX: u32 = 8;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplyForCard {
    /// Given by the caller, or made from the command.
    pub application: Option<CardApplicationId>,
    pub person: PersonId,
    /// The bank whose account the card will carry: the holder's choice.
    pub bank: BankCode,
    pub county: DivisionCode,
    /// The counter where it was handed in; absent when it came online.
    pub outlet: Option<OrganisationId>,
    /// The valid card that the new one replaces.
    pub replaces: Option<CardId>,
    /// Absent: the business date.
    pub on: Option<Date>,
}

/// Accepts an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecideApplication {
    pub application: CardApplicationId,
    /// Absent: the business date.
    pub on: Option<Date>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectApplication {
    pub application: CardApplicationId,
    /// Absent: the business date.
    pub on: Option<Date>,
    pub reason: String,
}

impl Cards {
    /// # Errors
    /// A dead person, a valid card that is not the one to replace, an application that is open.
    pub async fn apply_for_card(
        &self,
        envelope: &Envelope,
        input: &ApplyForCard,
    ) -> Result<Done<CardApplicationId>, CommandError> {
        let mut races = 0;
        loop {
            let applied = self
                .executor
                .run(envelope, "card.apply", input, async |unit: Unit| apply(&unit, input).await);
            match applied.await {
                // Somebody's card was made between the look at the valid card and the append.
                Err(CommandError::Conflict(conflicts))
                    if !conflicts.since.is_empty() && races < RACES_MAX =>
                {
                    races += 1;
                }
                outcome => return outcome.map_err(taken::explained),
            }
        }
    }

    /// # Errors
    /// An application that is decided, a dead person.
    pub async fn accept_application(
        &self,
        envelope: &Envelope,
        input: &DecideApplication,
    ) -> Result<Done<CardApplicationId>, CommandError> {
        let id = input.application;
        self.executor
            .run(envelope, "card.accept", input, async |unit: Unit| {
                let on = input.on.unwrap_or(unit.business_date());
                let died_on = match form(&unit, id).await? {
                    Some(form) => people::death_of(&unit, form.person).await?,
                    None => None,
                };
                unit.decide::<Application>(id, Command::Accept { on, died_on }).await?;
                Ok(id)
            })
            .await
    }

    /// The person may apply again.
    ///
    /// # Errors
    /// An application that is decided, no reason.
    pub async fn reject_application(
        &self,
        envelope: &Envelope,
        input: &RejectApplication,
    ) -> Result<Done<CardApplicationId>, CommandError> {
        let id = input.application;
        self.executor
            .run(envelope, "card.reject", input, async |unit: Unit| {
                let on = input.on.unwrap_or(unit.business_date());
                let form = form(&unit, id).await?;
                let reject = Command::Reject { on, reason: input.reason.clone() };
                unit.decide::<Application>(id, reject).await?;
                if let Some(form) = form {
                    close(&unit, id, form.person);
                }
                Ok(id)
            })
            .await
    }
}

async fn apply(unit: &Unit, input: &ApplyForCard) -> Result<CardApplicationId, CommandError> {
    let made = || CardApplicationId::from_uuid(unit.new_id("application", 0));
    let id = input.application.unwrap_or_else(made);
    // Before the look at the claim: a card made after this moment was perhaps not seen.
    let seen = unit.log().head();
    let valid = facts::valid_card(unit, input.person).await?;
    match valid {
        Some(card) => {
            facts::living(unit, card).await?;
        }
        None => unit.none_since(["card.made"], seen),
    }
    let form = Form {
        person: input.person,
        bank: input.bank,
        county: input.county,
        outlet: input.outlet,
        replaces: input.replaces,
        on: input.on.unwrap_or(unit.business_date()),
    };
    let died_on = people::death_of(unit, input.person).await?;
    unit.decide::<Application>(id, Command::Apply { form, valid, died_on }).await?;
    let holder = StreamName::new(Application::CATEGORY, id);
    unit.take(claims::open_application(input.person), holder.as_str());
    Ok(id)
}

/// What was applied for; `None` where nobody applied.
async fn form(unit: &Unit, id: CardApplicationId) -> Result<Option<Form>, CommandError> {
    let (state, _) = unit.guard::<Application>(id).await?;
    Ok(match &*state {
        Application::Unknown => None,
        Application::Applied(form)
        | Application::Accepted(form, _)
        | Application::Rejected(form, _) => Some(*form),
    })
}

/// The person's application is no longer open.
pub(super) fn close(unit: &Unit, id: CardApplicationId, person: PersonId) {
    let holder = StreamName::new(Application::CATEGORY, id);
    unit.release(claims::open_application(person), holder.as_str());
}
