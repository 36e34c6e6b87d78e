//! What the rules of cards ask about other streams.

use cards::address::CardFact;
use cards::card::{self, Card};
use cards::claims;
use kernel::{Decider, StreamName};
use shared::{CardId, CardNumber, PersonId};

use crate::error::CommandError;
use crate::personal::{Clear, kind, number_refused};
use crate::ports::Keys;
use crate::unit::Unit;

/// The person's valid card, by who holds the claim. It is not guarded: the caller takes the claim,
/// or guards that no card was made since.
pub(super) async fn valid_card(
    unit: &Unit,
    person: PersonId,
) -> Result<Option<CardId>, CommandError> {
    let held = unit.log().claims(&[claims::valid_card(person)]).await?;
    let holder = held.into_iter().flatten().next().map(|held| StreamName::stored(held.holder));
    holder.map(|stream| stream.id().parse().map_err(CommandError::fault)).transpose()
}

/// What the card behind an account says, with its stream guarded.
pub(super) async fn card_fact(unit: &Unit, card: Option<CardId>) -> Result<CardFact, CommandError> {
    let Some(card) = card else { return Ok(CardFact::None) };
    let (state, _) = unit.guard::<Card>(card).await?;
    Ok(if state.takes_credits() { CardFact::TakesCredits } else { CardFact::TakesNone })
}

/// The record of a card that is not gone, guarded.
pub(super) async fn living(unit: &Unit, id: CardId) -> Result<card::Record, CommandError> {
    let (state, _) = unit.guard::<Card>(id).await?;
    match &*state {
        Card::Living(record) => Ok(*record),
        Card::Unknown => Err(card::Error::Unknown.into()),
        Card::Replaced { by, on } => Err(card::Error::Replaced { by: *by, on: *on }.into()),
        Card::Cancelled { on } => Err(card::Error::Cancelled { on: *on }.into()),
    }
}

pub(super) fn number(text: &Clear) -> Result<CardNumber, CommandError> {
    CardNumber::parse(text.expose()).map_err(|error| number_refused(&error, "number").into())
}

pub(super) fn card_key(keys: &dyn Keys, number: &CardNumber) -> String {
    claims::card(&keys.blind(kind::CARD_NO, number.as_str()))
}

pub(super) fn card_stream(card: CardId) -> StreamName {
    StreamName::new(Card::CATEGORY, card)
}
