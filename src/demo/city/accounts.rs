//! Cards and accounts: everybody's own, and those of the employers.

use anyhow::Result;
use cards::address::Owner;
use commands::cards::{
    AccountInput, ApplyForCard, CardStep, DecideApplication, DeliverCard, IssueCard, MakeCard,
    RegisterAddress, VerifyAddress,
};
use shared::{CardId, OrganisationId, PayAddressId};
use simulations::{CardState, Resident, uuid};

use super::{Desk, ROWS, accepted};
use crate::demo::bar;

/// Where everybody is paid: the pay address of each resident and employer, by place.
pub struct Addresses {
    pub(super) residents: Vec<Option<PayAddressId>>,
    pub(super) employers: Vec<PayAddressId>,
    cards: Vec<Option<CardId>>,
}

impl Addresses {
    /// Where a resident is paid, if he has an account.
    pub fn of(&self, resident: u32) -> Option<PayAddressId> {
        self.residents.get(resident as usize).copied().flatten()
    }

    /// The card that he got at the start.
    pub fn card(&self, resident: u32) -> Option<CardId> {
        self.cards.get(resident as usize).copied().flatten()
    }
}

pub(super) async fn cards(desk: &Desk<'_>) -> Result<Addresses> {
    let outlet = OrganisationId::from_uuid(uuid(desk.city.plan(), "organisation", 1));
    let residents = desk.city.residents();
    let credited = |resident: &&Resident| {
        matches!(resident.card.state, CardState::Active | CardState::ReportedLost)
    };
    let holders: Vec<&Resident> = residents.iter().filter(credited).collect();
    let mut addresses: Vec<Option<PayAddressId>> = vec![None; residents.len()];
    let mut cards: Vec<Option<CardId>> = vec![None; residents.len()];
    let bar = bar("cards", holders.len() as u64);
    for (index, holders) in holders.chunks(ROWS).enumerate() {
        let rows: Vec<IssueCard> = holders
            .iter()
            .map(|resident| IssueCard {
                person: resident.id,
                bank: resident.card.bank,
                number: resident.card.number.as_str().into(),
                name: desk.account_name(resident).into(),
                county: resident.county,
                outlet,
                generation: 3,
                on: None,
            })
            .collect();
        let envelope = desk.envelope("card-command", index)?;
        let issued = desk.node.cards.issue_cards(&envelope, &rows).await?;
        accepted(&issued)?;
        for (resident, issued) in holders.iter().zip(issued.done()) {
            addresses[resident.index as usize] = Some(issued.address);
            cards[resident.index as usize] = Some(issued.card);
            if resident.card.state == CardState::ReportedLost {
                let envelope = desk.envelope("card-lost", resident.index as usize)?;
                let lost = CardStep { card: issued.card, on: None };
                desk.node.cards.report_card_lost(&envelope, &lost).await?;
            }
        }
        bar.inc(holders.len() as u64);
    }
    bar.finish();
    for resident in residents {
        if matches!(resident.card.state, CardState::Delivered | CardState::SocialOnly) {
            unused_card(desk, resident, outlet).await?;
        }
    }
    let mut employers = Vec::with_capacity(desk.city.employers().len());
    for (index, employer) in desk.city.employers().iter().enumerate() {
        let input = RegisterAddress {
            address: Some(employer.account.address),
            owner: Owner::Employer { employer: employer.id },
            account: AccountInput {
                number: employer.account.number.as_str().into(),
                name: employer.name.clone().into(),
                bank: employer.account.bank,
                card: None,
            },
            on: None,
        };
        let envelope = desk.envelope("employer-account", index)?;
        let made = desk.node.cards.register_address(&envelope, &input).await?.result;
        let verify = VerifyAddress { address: made.address, version: made.version, on: None };
        let envelope = desk.envelope("employer-account-verified", index)?;
        desk.node.cards.verify_address(&envelope, &verify).await?;
        employers.push(made.address);
    }
    Ok(Addresses { residents: addresses, employers, cards })
}

/// A card that waits at the counter, or whose financial account nobody has activated.
async fn unused_card(desk: &Desk<'_>, resident: &Resident, outlet: OrganisationId) -> Result<()> {
    let cards = &desk.node.cards;
    let envelope = |what: &str| desk.envelope(what, resident.index as usize);
    let apply = ApplyForCard {
        application: None,
        person: resident.id,
        bank: resident.card.bank,
        county: resident.county,
        outlet: Some(outlet),
        replaces: None,
        on: None,
    };
    let application = cards.apply_for_card(&envelope("card-applied")?, &apply).await?.result;
    let accept = DecideApplication { application, on: None };
    cards.accept_application(&envelope("card-accepted")?, &accept).await?;
    let make = MakeCard {
        card: Some(resident.card.id),
        application,
        number: resident.card.number.as_str().into(),
        generation: 3,
        valid_until: None,
        account: None,
        on: None,
    };
    let card = cards.make_card(&envelope("card-made")?, &make).await?.result.card;
    let deliver = DeliverCard { card, outlet, on: None };
    cards.deliver_card(&envelope("card-delivered")?, &deliver).await?;
    if resident.card.state == CardState::SocialOnly {
        let step = CardStep { card, on: None };
        cards.issue_card(&envelope("card-issued")?, &step).await?;
        cards.activate_social_function(&envelope("card-social")?, &step).await?;
    }
    Ok(())
}
