//! One person of the city.

use shared::{Date, DivisionCode, ForeignDocument, PersonId, Phone, ResidentId, Sex};

use crate::account::Card;
use crate::group::Group;

/// Nobody real: `Debug` may show the name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resident {
    /// From 0; the place in [`crate::City::residents`].
    pub index: u32,
    pub id: PersonId,
    pub group: Group,
    pub name: String,
    pub identity: Identity,
    pub sex: Sex,
    pub birth: Date,
    /// Two digits of GB/T 3304; `01` Han, `00` for foreigners.
    pub nationality: &'static str,
    /// Where the household is registered, as of 2026.
    pub county: DivisionCode,
    pub town: Option<DivisionCode>,
    pub phone: Phone,
    pub card: Card,
    /// The place of the employer in [`crate::City::employers`].
    pub employer: Option<u32>,
    /// The place of the guardian in [`crate::City::residents`].
    pub guardian: Option<u32>,
    pub died: Option<Date>,
    pub mark: Option<Mark>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// [`ResidentId::old`] has the number of 15 digits where the record still holds that one.
    Citizen(ResidentId),
    Foreign(ForeignDocument),
}

/// What is special about somebody, for tests and screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// A name with 「䶮」.
    RareCharacter,
    /// A name with `·`.
    DottedName,
    /// Recorded under a number of 15 digits.
    OldNumber,
    ForeignDocument,
    /// One of seven payees with one phone (DISBURSEMENT 4.12).
    SharedPhone,
    /// Retired last month: paid for the first time in the plan's first month (DISBURSEMENT 4.4).
    NewRetiree,
    /// Stands under a guardian.
    Ward,
}

impl Identity {
    /// The number as it stands in the record: 18 or 15 characters, or the document's.
    #[must_use]
    pub fn recorded(&self) -> &str {
        match self {
            Identity::Citizen(id) => id.old().map_or(id.as_str(), |old| old.as_str()),
            Identity::Foreign(document) => document.number(),
        }
    }

    /// The number as a bank wants it: 18 characters for a citizen.
    #[must_use]
    pub fn number(&self) -> &str {
        match self {
            Identity::Citizen(id) => id.as_str(),
            Identity::Foreign(document) => document.number(),
        }
    }
}

impl Resident {
    /// Everything in one line, for the digest of the city.
    pub(crate) fn line(&self) -> String {
        let Self {
            index,
            id,
            group,
            name,
            identity,
            sex,
            birth,
            nationality,
            county,
            town,
            phone,
            card,
            employer,
            guardian,
            died,
            mark,
        } = self;
        let (identity, phone) = (identity.recorded(), phone.as_str());
        let town = town.as_ref().map_or("", |town| town.as_str());
        let (card_id, bank, number, state, address) =
            (card.id, card.bank, card.number.as_str(), card.state.code(), card.address);
        format!(
            "{index}|{id}|{group:?}|{name}|{identity}|{sex}|{birth}|{nationality}|{county}|\
             {town}|{phone}|{card_id}|{bank}|{number}|{state}|{address}|{employer:?}|\
             {guardian:?}|{died:?}|{mark:?}\n"
        )
    }
}
