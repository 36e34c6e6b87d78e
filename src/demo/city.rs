//! The city enters the registry, the card base and the grants, through the same bulk commands that
//! an import uses.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use benefits::grant::ComponentAmount;
use cards::address::Owner;
use commands::Envelope;
use commands::benefits::RegisterGrant;
use commands::bulk::Bulk;
use commands::cards::{
    AccountInput, ApplyForCard, CardStep, DecideApplication, DeliverCard, IssueCard, MakeCard,
    RegisterAddress, VerifyAddress,
};
use commands::registry::{
    AssignGuardian, ConfirmDeath, ContactInput, EmployerDetails, NumberInput, PutDivision,
    PutOrganisation, RegisterEmployer, RegisterPerson, ReportDeath,
};
use registry::division::Division;
use registry::organisation::{Kind as OrganisationKind, Organisation};
use registry::person::DeathSource;
use shared::{AgencyCode, Date, DivisionCode, Divisions, OrganisationId, PayAddressId, PersonId};
use simulations::{CardState, City, Grant, Identity, PaidTo, Resident, calendar, uuid};

use super::bar;
use super::month::AGENCY;
use crate::node::Node;

const CLERK: &str = "demo.registrar";
/// Rows of one bulk command: a progress step.
const ROWS: usize = 2_000;

struct Desk<'a> {
    node: &'a Node,
    city: &'a City,
    on: Date,
}

impl Desk<'_> {
    fn envelope(&self, what: &str, index: usize) -> Result<Envelope> {
        let index = u32::try_from(index)?;
        Ok(Envelope::new(uuid(self.city.plan(), what, index), CLERK).on(self.on))
    }
}

/// Registers everybody and everything. The first refused row ends it: a made city has none.
pub async fn register(node: &Node, city: &City) -> Result<Addresses> {
    let desk = Desk { node, city, on: city.plan().month.first_day().tomorrow()? };
    commands::day::open_days(&node.executor, desk.on).await?;
    lists(&desk).await?;
    employers(&desk).await?;
    persons(&desk).await?;
    lives(&desk).await?;
    let addresses = cards(&desk).await?;
    let ahead = died(city, Some(desk.on), Date::MAX);
    let known = |grant: &&Grant| grant.arises_from.is_none_or(|dead| !ahead.contains(&dead));
    let known: Vec<&Grant> = city.grants().iter().filter(known).collect();
    grants(&desk, &addresses, "grant-command", &known).await?;
    node.caught_up().await?;
    Ok(addresses)
}

/// What is heard on `on` and was not on `before`: deaths, and the grants that arise from them.
pub async fn hear(
    node: &Node,
    city: &City,
    addresses: &Addresses,
    before: Date,
    on: Date,
) -> Result<()> {
    let desk = Desk { node, city, on };
    deaths(&desk, Some(before)).await?;
    let dead = died(city, Some(before), on);
    let new = |grant: &&Grant| grant.arises_from.is_some_and(|cause| dead.contains(&cause));
    let new: Vec<&Grant> = city.grants().iter().filter(new).collect();
    grants(&desk, addresses, &format!("grants-heard-of-{on}"), &new).await
}

/// Who died after one day, and no later than on another.
fn died(city: &City, after: Option<Date>, until: Date) -> BTreeSet<PersonId> {
    let residents = city.residents().iter();
    let died = residents.filter(|one| one.died.is_some_and(|on| Some(on) > after && on <= until));
    died.map(|one| one.id).collect()
}

async fn lists(desk: &Desk<'_>) -> Result<()> {
    let city: DivisionCode = code("320600")?;
    let divisions = Divisions::bundled();
    let counties = divisions.counties_of(city, desk.on);
    for (index, code) in std::iter::once(city).chain(counties).enumerate() {
        let name = divisions.name(code, desk.on).unwrap_or_default().to_owned();
        let parent = divisions.parent(code);
        let valid_from = desk.on;
        let entry = Division { code, name, parent, valid_from };
        let envelope = desk.envelope("division-command", index)?;
        desk.node.registry.register_division(&envelope, &PutDivision { entry }).await?;
    }
    let agency = AgencyCode::parse(AGENCY).map_err(|fault| anyhow::anyhow!("{fault}"))?;
    let mut kinds =
        vec![("南通市社会保险基金管理中心".to_owned(), OrganisationKind::Agency { agency })];
    let rules = desk.node.rules.on(desk.on)?;
    for bank in simulations::banks() {
        let name = rules.layout(bank)?.name.zh.clone();
        kinds.push((format!("{name}南通分行"), OrganisationKind::Bank { bank }));
    }
    for (index, (name, kind)) in kinds.into_iter().enumerate() {
        let id = uuid(desk.city.plan(), "organisation", u32::try_from(index)?);
        let organisation = Some(OrganisationId::from_uuid(id));
        let entry = Organisation { name, county: city, kind };
        let envelope = desk.envelope("organisation-command", index)?;
        let input = PutOrganisation { organisation, entry };
        desk.node.registry.register_organisation(&envelope, &input).await?;
    }
    Ok(())
}

async fn employers(desk: &Desk<'_>) -> Result<()> {
    let rows: Vec<RegisterEmployer> = desk
        .city
        .employers()
        .iter()
        .map(|employer| RegisterEmployer {
            employer: Some(employer.id),
            code: employer.credit_code.as_str().to_owned(),
            details: EmployerDetails {
                name: employer.name.clone(),
                kind: registry::employer::Kind::Enterprise,
                county: employer.county,
                industry: Some(employer.industry.to_owned()),
                address: None,
                legal_representative: None,
                contact: None,
            },
            on: None,
        })
        .collect();
    let bar = bar("employers", rows.len() as u64);
    for (index, rows) in rows.chunks(ROWS).enumerate() {
        let envelope = desk.envelope("employer-command", index)?;
        accepted(&desk.node.registry.register_employers(&envelope, rows).await?)?;
        bar.inc(rows.len() as u64);
    }
    bar.finish();
    Ok(())
}

async fn persons(desk: &Desk<'_>) -> Result<()> {
    let rows: Vec<RegisterPerson> = desk
        .city
        .residents()
        .iter()
        .map(|resident| RegisterPerson {
            person: Some(resident.id),
            name: resident.name.clone().into(),
            number: match &resident.identity {
                Identity::Citizen(_) => NumberInput::resident(resident.identity.recorded()),
                Identity::Foreign(document) => NumberInput::Foreign {
                    document: document.kind(),
                    country: document.country().to_owned(),
                    text: document.number().into(),
                },
            },
            sex: Some(resident.sex),
            birth: Some(resident.birth),
            county: resident.county,
            contact: ContactInput {
                phone: Some(resident.phone.as_str().into()),
                usual_county: Some(resident.county),
                ..ContactInput::default()
            },
        })
        .collect();
    let bar = bar("persons", rows.len() as u64);
    for (index, rows) in rows.chunks(ROWS).enumerate() {
        let envelope = desk.envelope("person-command", index)?;
        accepted(&desk.node.registry.register_persons(&envelope, rows).await?)?;
        bar.inc(rows.len() as u64);
    }
    bar.finish();
    Ok(())
}

fn code(text: &str) -> Result<DivisionCode> {
    DivisionCode::parse(text).map_err(|fault| anyhow::anyhow!("{fault}"))
}

/// The first refused row as an error.
fn accepted<Id>(bulk: &Bulk<Id>) -> Result<()> {
    match bulk.refused().next() {
        Some((row, refused)) => bail!("row {row} is refused: {} {}", refused.code, refused.en),
        None => Ok(()),
    }
}

/// Who stands under a guardian, and who died before the first month.
async fn lives(desk: &Desk<'_>) -> Result<()> {
    let residents = desk.city.residents();
    for (index, resident) in residents.iter().enumerate() {
        if let Some(guardian) = resident.guardian {
            let assign = AssignGuardian {
                person: resident.id,
                guardian: residents[guardian as usize].id,
                from: None,
                basis: "监护证明".to_owned(),
            };
            let envelope = desk.envelope("guardian", index)?;
            desk.node.registry.assign_guardian(&envelope, &assign).await?;
        }
    }
    deaths(desk, None).await
}

/// Reports and confirms who died up to the desk's day, and after `known`.
async fn deaths(desk: &Desk<'_>, known: Option<Date>) -> Result<()> {
    let registry = &desk.node.registry;
    let dead = died(desk.city, known, desk.on);
    for (index, resident) in desk.city.residents().iter().enumerate() {
        let Some(died_on) = resident.died.filter(|_| dead.contains(&resident.id)) else {
            continue;
        };
        let report = ReportDeath {
            person: resident.id,
            died_on,
            reported_on: None,
            source: DeathSource::CivilAffairs,
            verify_by: None,
        };
        registry.report_death(&desk.envelope("death-report", index)?, &report).await?;
        let confirm = ConfirmDeath {
            person: resident.id,
            died_on,
            confirmed_on: None,
            source: DeathSource::CivilAffairs,
        };
        registry.confirm_death(&desk.envelope("death-confirmed", index)?, &confirm).await?;
    }
    Ok(())
}

/// Where everybody is paid: the pay address of each resident and employer, by place.
pub struct Addresses {
    residents: Vec<Option<PayAddressId>>,
    employers: Vec<PayAddressId>,
}

async fn cards(desk: &Desk<'_>) -> Result<Addresses> {
    let outlet = OrganisationId::from_uuid(uuid(desk.city.plan(), "organisation", 1));
    let residents = desk.city.residents();
    let credited = |resident: &&Resident| {
        matches!(resident.card.state, CardState::Active | CardState::ReportedLost)
    };
    let holders: Vec<&Resident> = residents.iter().filter(credited).collect();
    let mut addresses: Vec<Option<PayAddressId>> = vec![None; residents.len()];
    let bar = bar("cards", holders.len() as u64);
    for (index, holders) in holders.chunks(ROWS).enumerate() {
        let rows: Vec<IssueCard> = holders
            .iter()
            .map(|resident| IssueCard {
                person: resident.id,
                bank: resident.card.bank,
                number: resident.card.number.as_str().into(),
                name: resident.name.clone().into(),
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
    Ok(Addresses { residents: addresses, employers })
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

async fn grants(
    desk: &Desk<'_>,
    addresses: &Addresses,
    command: &str,
    wanted: &[&Grant],
) -> Result<()> {
    let rules = desk.node.rules.on(desk.city.plan().month.last_day())?;
    let mut rows = Vec::with_capacity(wanted.len());
    for grant in wanted {
        let fund = rules.fund(grant.fund)?;
        let address = match grant.paid_to {
            PaidTo::Resident(place) => addresses.residents[place as usize],
            PaidTo::Employer(place) => Some(addresses.employers[place as usize]),
        };
        rows.push(RegisterGrant {
            grant: Some(grant.id),
            person: grant.person,
            arises_from: grant.arises_from,
            item: grant.item,
            components: grant
                .components
                .iter()
                .map(|&(component, amount)| ComponentAmount { component, amount })
                .collect(),
            from: grant.from,
            to: grant.to,
            payee: Some(grant.payee),
            fund: Some(grant.fund),
            area: calendar::pooling_area(fund, grant.county),
            county: grant.county,
            address: address.unwrap_or(grant.address),
            basis: grant.basis.clone(),
        });
    }
    let bar = bar("grants", rows.len() as u64);
    for (index, rows) in rows.chunks(ROWS).enumerate() {
        let envelope = desk.envelope(command, index)?;
        accepted(&desk.node.benefits.register_grants(&envelope, rows).await?)?;
        bar.inc(rows.len() as u64);
    }
    bar.finish();
    Ok(())
}
