//! Many cards at once, each from its application to a verified pay address: what an import brings.

use cards::address::{Address, CardFact, Command as AddressCommand, Owner};
use cards::application::{Application, Command as ApplicationCommand, Form};
use cards::card::{Account, Card, Command};
use cards::claims;
use kernel::{Decider, Event, Revision, StreamName};
use serde::{Deserialize, Serialize};
use shared::{
    BankCode, CardApplicationId, CardId, Date, DivisionCode, OrganisationId, PayAddressId, PersonId,
};

use super::address::{AccountInput, Checked, stream};
use super::card::NewCard;
use super::{Cards, PrefixWarning, facts};
use crate::bulk::{self, Bulk, Claims, Row};
use crate::envelope::Envelope;
use crate::error::{CommandError, Refusal};
use crate::personal::Clear;
use crate::ports::Keys;
use crate::registry::facts as people;
use crate::unit::Unit;

/// The event of the unit that makes the card comes after applied and accepted; the one that
/// registers the address after those and the five of the card.
const MADE_AHEAD: u32 = 2;
const ADDRESS_AHEAD: u32 = 7;

/// A card in its holder's hands with both functions active, whose account is verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueCard {
    pub person: PersonId,
    pub bank: BankCode,
    /// The card's number, which is also the account's.
    pub number: Clear,
    /// The account holder's name as the bank has it.
    pub name: Clear,
    pub county: DivisionCode,
    /// The counter that handed it out, an open organisation.
    pub outlet: OrganisationId,
    /// 1, 2 or 3 (三代卡).
    pub generation: u8,
    /// Absent: the business date.
    pub on: Option<Date>,
}

/// What a row became.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    pub card: CardId,
    pub address: PayAddressId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<PrefixWarning>,
}

impl Cards {
    /// Issues every card that can be; the others are refused one by one.
    ///
    /// # Errors
    /// A fault of the log or the keys; what was written before it stays, and asking again goes on.
    pub async fn issue_cards(
        &self,
        envelope: &Envelope,
        rows: &[IssueCard],
    ) -> Result<Bulk<Issued>, CommandError> {
        bulk::in_pieces(
            &self.executor,
            envelope,
            "card.issue-many",
            rows,
            async |unit: Unit, piece: &[IssueCard]| issue(&unit, piece).await,
        )
        .await
    }
}

/// A row whose input is sound.
struct Entry {
    card: NewCard,
    address: PayAddressId,
    account: Checked,
    outlet: OrganisationId,
}

impl Entry {
    fn check(unit: &Unit, input: &IssueCard, index: u32) -> Result<Self, CommandError> {
        let on = input.on.unwrap_or(unit.business_date());
        let id = |what| unit.new_id(what, index);
        let card = CardId::from_uuid(id("card"));
        let form = Form {
            person: input.person,
            bank: input.bank,
            county: input.county,
            outlet: Some(input.outlet),
            replaces: None,
            on,
        };
        let account = Checked::by_itself(&AccountInput {
            number: input.number.clone(),
            name: input.name.clone(),
            bank: input.bank,
            card: Some(card),
        })?;
        let card = NewCard {
            card,
            application: CardApplicationId::from_uuid(id("application")),
            form,
            number: facts::number(&input.number)?,
            generation: input.generation,
            valid_until: None,
            account: Account::Kept,
            on,
        };
        let address = PayAddressId::from_uuid(id("address"));
        Ok(Self { card, address, account, outlet: input.outlet })
    }

    fn owner(&self) -> Owner {
        Owner::Person { person: self.card.form.person }
    }

    /// Those that the card takes, and that which the address takes.
    fn taken(&self, keys: &dyn Keys) -> (Vec<String>, String) {
        let card = vec![
            claims::valid_card(self.card.form.person),
            facts::card_key(keys, &self.card.number),
        ];
        (card, self.account.key(keys, self.owner()))
    }

    /// All that must be free, with the application that would make another card.
    fn free(&self, keys: &dyn Keys) -> Vec<String> {
        let (mut all, address) = self.taken(keys);
        all.extend([address, claims::open_application(self.card.form.person)]);
        all
    }
}

async fn issue(unit: &Unit, piece: &[IssueCard]) -> Result<Vec<Row<Issued>>, CommandError> {
    let entries: Vec<Result<Entry, CommandError>> =
        (0..).zip(piece).map(|(index, input)| Entry::check(unit, input, index)).collect();
    let checked = || entries.iter().flatten();
    let keys = checked().flat_map(|entry| entry.free(unit.keys())).collect();
    let mut claims = Claims::look_up(unit, keys).await?;
    let subjects: Vec<_> = checked().map(|entry| entry.card.form.person.uuid()).collect();
    unit.keys().ensure(&subjects).await?;
    let mut rows = Vec::with_capacity(piece.len());
    for entry in entries {
        let outcome = match entry {
            Ok(entry) => admit(unit, &mut claims, &entry).await,
            Err(error) => Err(error),
        };
        rows.push(bulk::row(outcome)?);
    }
    Ok(rows)
}

/// Nothing of a refused row is in the unit: everything is decided before anything is written.
async fn admit(unit: &Unit, claims: &mut Claims, entry: &Entry) -> Result<Issued, CommandError> {
    let NewCard { card, application, form, on, .. } = entry.card;
    claims.free(&entry.free(unit.keys()))?;
    people::open_organisation(unit, entry.outlet).await?;
    let died_on = people::death_of(unit, form.person).await?;
    let applied = decided::<Application>([
        ApplicationCommand::Apply { form, valid: None, died_on },
        ApplicationCommand::Accept { on, died_on },
    ])?;
    let made = decided::<Card>([
        Command::Make(entry.card.made(unit, MADE_AHEAD)?),
        Command::Deliver { outlet: entry.outlet, on },
        Command::Issue { on, died_on },
        Command::ActivateSocialFunction { on },
        Command::ActivateFinancialAccount { on },
    ])?;
    let account = entry.account.sealed(unit, form.person.uuid(), ADDRESS_AHEAD)?;
    let (address, owner) = (entry.address, entry.owner());
    let registered = decided::<Address>([
        AddressCommand::Register { address, owner, account, on },
        AddressCommand::Verify { version: 1, card: CardFact::TakesCredits, on },
    ])?;
    new_stream(unit, StreamName::new(Application::CATEGORY, application), &applied)?;
    new_stream(unit, facts::card_stream(card), &made)?;
    new_stream(unit, stream(address), &registered)?;
    let (of_card, of_address) = entry.taken(unit.keys());
    claims.take(unit, of_card, facts::card_stream(card).as_str());
    claims.take(unit, vec![of_address], stream(address).as_str());
    Ok(Issued { card, address, warning: entry.account.warning })
}

/// What the commands lead to on a stream that does not exist yet.
fn decided<D>(commands: impl IntoIterator<Item = D::Command>) -> Result<Vec<D::Event>, CommandError>
where
    D: Decider,
    D::Error: Refusal,
{
    let (mut state, mut events) = (D::default(), Vec::new());
    for command in commands {
        for event in state.decide(command)? {
            state = state.evolve(&event);
            events.push(event);
        }
    }
    Ok(events)
}

fn new_stream<E: Event>(unit: &Unit, stream: StreamName, events: &[E]) -> Result<(), CommandError> {
    unit.write(stream, Revision::NONE, events).map(|_| ())
}
