//! A card is made, delivered, issued, switched on, lost, found, cancelled.

use cards::application::{self, Application, Form};
use cards::card::{Account, Card, Command, Made};
use cards::claims;
use kernel::{Decider, StreamName};
use serde::{Deserialize, Serialize};
use shared::{CardApplicationId, CardId, CardNumber, Date, Month, OrganisationId, PersonId};

use super::application::close;
use super::{Cards, PrefixWarning, facts};
use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::execute::Done;
use crate::personal::{Clear, seal};
use crate::registry::facts as people;
use crate::taken;
use crate::unit::Unit;

/// Makes the card of an accepted application. Where that asks for a replacement, the old card ends
/// in the same append and hands its claim over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MakeCard {
    /// Given by the caller, or made from the command.
    pub card: Option<CardId>,
    pub application: CardApplicationId,
    pub number: Clear,
    /// 1, 2 or 3 (三代卡).
    pub generation: u8,
    pub valid_until: Option<Month>,
    /// What a replacement does to the account behind the card; absent: it is kept.
    pub account: Option<Account>,
    /// Absent: the business date.
    pub on: Option<Date>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardMade {
    pub card: CardId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<PrefixWarning>,
}

/// A step that needs nothing but its day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardStep {
    pub card: CardId,
    /// Absent: the business date.
    pub on: Option<Date>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliverCard {
    pub card: CardId,
    /// The counter that hands it out, an open organisation.
    pub outlet: OrganisationId,
    /// Absent: the business date.
    pub on: Option<Date>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelCard {
    pub card: CardId,
    pub reason: String,
    /// Absent: the business date.
    pub on: Option<Date>,
}

impl Cards {
    /// # Errors
    /// An application that is not accepted or has its card, a number that another card has, a
    /// person who has a valid card.
    pub async fn make_card(
        &self,
        envelope: &Envelope,
        input: &MakeCard,
    ) -> Result<Done<CardMade>, CommandError> {
        let done = self.executor.run(envelope, "card.make", input, async |unit: Unit| {
            let id = input.application;
            let form = accepted(&unit, id).await?;
            let made = NewCard {
                card: input.card.unwrap_or_else(|| CardId::from_uuid(unit.new_id("card", 0))),
                application: id,
                form,
                number: facts::number(&input.number)?,
                generation: input.generation,
                valid_until: input.valid_until,
                account: input.account.unwrap_or(Account::Kept),
                on: input.on.unwrap_or(unit.business_date()),
            };
            still_open(&unit, id, form.person).await?;
            close(&unit, id, form.person);
            make(&unit, &made).await
        });
        done.await.map_err(taken::explained)
    }

    /// # Errors
    /// A card that was delivered, a counter that is not open.
    pub async fn deliver_card(
        &self,
        envelope: &Envelope,
        input: &DeliverCard,
    ) -> Result<Done<CardId>, CommandError> {
        self.executor
            .run(envelope, "card.deliver", input, async |unit: Unit| {
                let on = input.on.unwrap_or(unit.business_date());
                people::open_organisation(&unit, input.outlet).await?;
                let deliver = Command::Deliver { outlet: input.outlet, on };
                unit.decide::<Card>(input.card, deliver).await?;
                Ok(input.card)
            })
            .await
    }

    /// Into the holder's hands.
    ///
    /// # Errors
    /// A holder who is dead, a card that did not reach the counter.
    pub async fn issue_card(
        &self,
        envelope: &Envelope,
        input: &CardStep,
    ) -> Result<Done<CardId>, CommandError> {
        self.executor
            .run(envelope, "card.issue", input, async |unit: Unit| {
                let on = input.on.unwrap_or(unit.business_date());
                let holder = facts::living(&unit, input.card).await?.person;
                let died_on = people::death_of(&unit, holder).await?;
                unit.decide::<Card>(input.card, Command::Issue { on, died_on }).await?;
                Ok(input.card)
            })
            .await
    }

    /// # Errors
    /// A card that is not in its holder's hands.
    pub async fn activate_social_function(
        &self,
        envelope: &Envelope,
        input: &CardStep,
    ) -> Result<Done<CardId>, CommandError> {
        self.step(envelope, "card.activate-social", input, |on| Command::ActivateSocialFunction {
            on,
        })
        .await
    }

    /// # Errors
    /// As [`Cards::activate_social_function`].
    pub async fn activate_financial_account(
        &self,
        envelope: &Envelope,
        input: &CardStep,
    ) -> Result<Done<CardId>, CommandError> {
        self.step(envelope, "card.activate-financial", input, |on| {
            Command::ActivateFinancialAccount { on }
        })
        .await
    }

    /// # Errors
    /// As [`Cards::activate_social_function`].
    pub async fn report_card_lost(
        &self,
        envelope: &Envelope,
        input: &CardStep,
    ) -> Result<Done<CardId>, CommandError> {
        self.step(envelope, "card.lost", input, |on| Command::ReportLost { on }).await
    }

    /// The card is found.
    ///
    /// # Errors
    /// A card that is not lost.
    pub async fn withdraw_card_loss(
        &self,
        envelope: &Envelope,
        input: &CardStep,
    ) -> Result<Done<CardId>, CommandError> {
        self.step(envelope, "card.found", input, |on| Command::WithdrawLoss { on }).await
    }

    /// The person may hold another card from then on.
    ///
    /// # Errors
    /// A card that is gone, no reason.
    pub async fn cancel_card(
        &self,
        envelope: &Envelope,
        input: &CancelCard,
    ) -> Result<Done<CardId>, CommandError> {
        self.executor
            .run(envelope, "card.cancel", input, async |unit: Unit| {
                let on = input.on.unwrap_or(unit.business_date());
                let person = facts::living(&unit, input.card).await?.person;
                let cancel = Command::Cancel { on, reason: input.reason.clone() };
                unit.decide::<Card>(input.card, cancel).await?;
                let holder = facts::card_stream(input.card);
                unit.release(claims::valid_card(person), holder.as_str());
                Ok(input.card)
            })
            .await
    }

    async fn step(
        &self,
        envelope: &Envelope,
        operation: &str,
        input: &CardStep,
        command: impl Fn(Date) -> Command + Send + Sync,
    ) -> Result<Done<CardId>, CommandError> {
        self.executor
            .run(envelope, operation, input, async |unit: Unit| {
                let on = input.on.unwrap_or(unit.business_date());
                unit.decide::<Card>(input.card, command(on)).await?;
                Ok(input.card)
            })
            .await
    }
}

/// A card that is to be made, by its accepted application.
pub(super) struct NewCard {
    pub card: CardId,
    pub application: CardApplicationId,
    pub form: Form,
    pub number: CardNumber,
    pub generation: u8,
    pub valid_until: Option<Month>,
    pub account: Account,
    pub on: Date,
}

impl NewCard {
    /// As the event `ahead` places after the next one.
    pub(super) fn made(&self, unit: &Unit, ahead: u32) -> Result<Made, CommandError> {
        let person = self.form.person;
        Ok(Made {
            card: self.card,
            application: self.application,
            person,
            bank: self.form.bank,
            number: seal(unit, person.uuid(), ahead, "number", self.number.as_str())?,
            generation: self.generation,
            valid_until: self.valid_until,
            on: self.on,
        })
    }
}

/// Makes the card and takes its claims; the card that it replaces ends and hands over.
pub(super) async fn make(unit: &Unit, new: &NewCard) -> Result<CardMade, CommandError> {
    let (card, person) = (new.card, new.form.person);
    unit.keys().ensure(&[person.uuid()]).await?;
    unit.decide::<Card>(card, Command::Make(new.made(unit, 0)?)).await?;
    let holder = facts::card_stream(card);
    let number_key = facts::card_key(unit.keys(), &new.number);
    if let Some(old) = new.form.replaces {
        facts::living(unit, old).await?;
        let replace = Command::Replace { by: card, account: new.account, on: new.on };
        unit.decide::<Card>(old, replace).await?;
        let old = facts::card_stream(old);
        unit.release(claims::valid_card(person), old.as_str());
        // A card may come again under the number of the one that it replaces (同号换卡).
        let keys = vec![number_key.clone()];
        for key in taken::held_by(unit.log(), keys, old.as_str()).await? {
            unit.release(key, old.as_str());
        }
    }
    unit.take(claims::valid_card(person), holder.as_str());
    unit.take(number_key, holder.as_str());
    Ok(CardMade { card, warning: PrefixWarning::of(&new.number, new.form.bank) })
}

/// The form of an accepted application, guarded.
async fn accepted(unit: &Unit, id: CardApplicationId) -> Result<Form, CommandError> {
    let (state, _) = unit.guard::<Application>(id).await?;
    match &*state {
        Application::Accepted(form, _) => Ok(*form),
        Application::Unknown => Err(application::Error::Unknown.into()),
        Application::Rejected(_, on) => Err(application::Error::AlreadyRejected { on: *on }.into()),
        Application::Applied(_) => Err(Refused::new(
            "APPLICATION_NOT_ACCEPTED",
            "该申请尚未受理，不能制卡",
            "the application is not accepted: no card can be made",
        )
        .field("application")
        .into()),
    }
}

/// An application gives its claim up when its card is made: it makes one card.
async fn still_open(
    unit: &Unit,
    id: CardApplicationId,
    person: PersonId,
) -> Result<(), CommandError> {
    let holder = StreamName::new(Application::CATEGORY, id);
    let keys = vec![claims::open_application(person)];
    if taken::held_by(unit.log(), keys, holder.as_str()).await?.is_empty() {
        return Err(Refused::new(
            "APPLICATION_CARD_MADE",
            "该申请已制卡",
            "the card of this application was made already",
        )
        .field("application")
        .into());
    }
    Ok(())
}
