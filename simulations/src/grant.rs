//! What the residents are entitled to.

use shared::{
    Component, DivisionCode, FundCode, GrantId, ItemId, Money, Month, PayAddressId, Payee, PersonId,
};

/// One grant, as the registration of `benefits` wants it. The pooling area follows from the fund
/// and the county: [`crate::calendar::pooling_area`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// From 0; the place in [`crate::City::grants`].
    pub index: u32,
    pub id: GrantId,
    pub item: ItemId,
    /// The beneficiary's place in [`crate::City::residents`].
    pub resident: u32,
    pub person: PersonId,
    /// The deceased behind a survivor's grant.
    pub arises_from: Option<PersonId>,
    /// One month's amounts; for quarterly, yearly and one-off items those of the one run.
    pub components: Vec<(Component, Money)>,
    pub from: Month,
    /// The last month, when it is known from the start; one-off items have `from`.
    pub to: Option<Month>,
    pub payee: Payee,
    pub paid_to: PaidTo,
    pub address: PayAddressId,
    pub fund: FundCode,
    pub county: DivisionCode,
    /// The deciding document; no personal data.
    pub basis: String,
    /// Of the sample group of real pension sheets.
    pub sample: bool,
}

/// Whose account it is, by place in the city.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PaidTo {
    Resident(u32),
    Employer(u32),
}

impl Grant {
    /// The sum of the components.
    #[must_use]
    pub fn amount(&self) -> Money {
        self.components.iter().map(|(_, amount)| *amount).sum()
    }

    /// Whether the month lies in the grant; whether the item runs in it is another question.
    #[must_use]
    pub fn covers(&self, month: Month) -> bool {
        self.from <= month && self.to.is_none_or(|to| month <= to)
    }

    /// Everything in one line, for the digest of the city.
    pub(crate) fn line(&self) -> String {
        let Self {
            index,
            id,
            item,
            resident,
            person,
            arises_from,
            components,
            from,
            to,
            payee,
            paid_to,
            address,
            fund,
            county,
            basis,
            sample,
        } = self;
        let components: Vec<String> =
            components.iter().map(|(component, amount)| format!("{component}={amount}")).collect();
        let (components, payee) = (components.join(","), payee.code());
        let to = to.map_or_else(String::new, |to| to.to_string());
        let arises_from = arises_from.map_or_else(String::new, |cause| cause.to_string());
        format!(
            "{index}|{id}|{item}|{resident}|{person}|{arises_from}|{components}|{from}|{to}|\
             {payee}|{paid_to:?}|{address}|{fund}|{county}|{basis}|{sample}\n"
        )
    }
}
