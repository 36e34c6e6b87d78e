//! A card takes another one's place at the counter, in one step: applied for, accepted, made.

use cards::application::{Application, Command, Form};
use cards::card::Account;
use cards::claims;
use serde::{Deserialize, Serialize};
use shared::{BankCode, CardApplicationId, CardId, Date, DivisionCode, Month, OrganisationId};

use super::card::{CardMade, NewCard, make};
use super::{Cards, facts};
use crate::envelope::Envelope;
use crate::error::CommandError;
use crate::execute::Done;
use crate::personal::Clear;
use crate::registry::facts as people;
use crate::taken;
use crate::unit::Unit;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplaceCard {
    /// The card that ends, in its holder's hands or lost.
    pub card: CardId,
    /// The new card's id: given by the caller, or made from the command.
    pub by: Option<CardId>,
    pub number: Clear,
    /// Absent: the old card's bank.
    pub bank: Option<BankCode>,
    pub county: DivisionCode,
    pub outlet: Option<OrganisationId>,
    /// 1, 2 or 3 (三代卡).
    pub generation: u8,
    pub valid_until: Option<Month>,
    pub account: Account,
    /// Absent: the business date.
    pub on: Option<Date>,
}

impl Cards {
    /// The old card ends and hands its claim over; the new one is made and waits for delivery.
    ///
    /// # Errors
    /// A card that is gone or was never issued, a dead holder, a number that another card has.
    pub async fn replace_card(
        &self,
        envelope: &Envelope,
        input: &ReplaceCard,
    ) -> Result<Done<CardMade>, CommandError> {
        let done = self.executor.run(envelope, "card.replace", input, async |unit: Unit| {
            let on = input.on.unwrap_or(unit.business_date());
            let number = facts::number(&input.number)?;
            let old = facts::living(&unit, input.card).await?;
            let died_on = people::death_of(&unit, old.person).await?;
            // An open application would make a second card of what this one settles.
            let open = [claims::open_application(old.person)];
            taken::free(unit.log(), &open, "").await?;
            let application = CardApplicationId::from_uuid(unit.new_id("application", 0));
            let form = Form {
                person: old.person,
                bank: input.bank.unwrap_or(old.bank),
                county: input.county,
                outlet: input.outlet,
                replaces: Some(input.card),
                on,
            };
            let apply = Command::Apply { form, valid: Some(input.card), died_on };
            unit.decide::<Application>(application, apply).await?;
            unit.decide::<Application>(application, Command::Accept { on, died_on }).await?;
            let new = NewCard {
                card: input.by.unwrap_or_else(|| CardId::from_uuid(unit.new_id("card", 0))),
                application,
                form,
                number,
                generation: input.generation,
                valid_until: input.valid_until,
                account: input.account,
                on,
            };
            make(&unit, &new).await
        });
        done.await.map_err(taken::explained)
    }
}
