//! The city enters the registry, the card base and the grants, through the same bulk commands that
//! an import uses.

mod accounts;

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use benefits::grant::ComponentAmount;
use commands::Envelope;
use commands::benefits::RegisterGrant;
use commands::bulk::Bulk;
use commands::registry::{
    AssignGuardian, ConfirmDeath, ContactInput, EmployerDetails, NumberInput, PutDivision,
    PutOrganisation, RegisterEmployer, RegisterPerson, ReportDeath,
};
use registry::division::Division;
use registry::organisation::{Kind as OrganisationKind, Organisation};
use registry::person::DeathSource;
use shared::{AgencyCode, Date, DivisionCode, Divisions, OrganisationId, PersonId};
use simulations::{City, Grant, Identity, PaidTo, Resident, Story, calendar, uuid};

pub use self::accounts::Addresses;
use super::bar;
use super::office::{AGENCY, Office};
use crate::node::Node;

const CLERK: &str = "demo.registrar";
/// Rows of one bulk command: a progress step.
const ROWS: usize = 2_000;

struct Desk<'a> {
    node: &'a Node,
    city: &'a City,
    story: &'a Story,
    on: Date,
}

impl Desk<'_> {
    fn envelope(&self, what: &str, index: usize) -> Result<Envelope> {
        let index = u32::try_from(index)?;
        Ok(Envelope::new(uuid(self.city.plan(), what, index), CLERK).on(self.on))
    }

    /// As whom somebody stands in the register: the twin of somebody else under his old number.
    fn registration(&self, resident: &Resident) -> RegisterPerson {
        let twin = &self.story.twin;
        let doubled = resident.index == twin.given_up;
        let who = if doubled { &self.city.residents()[twin.kept as usize] } else { resident };
        let number = match &who.identity {
            Identity::Citizen(_) if doubled => NumberInput::resident(twin.old_number.as_str()),
            Identity::Citizen(_) => NumberInput::resident(who.identity.recorded()),
            Identity::Foreign(document) => NumberInput::Foreign {
                document: document.kind(),
                country: document.country().to_owned(),
                text: document.number().into(),
            },
        };
        RegisterPerson {
            person: Some(resident.id),
            name: who.name.clone().into(),
            number,
            sex: Some(who.sex),
            birth: Some(who.birth),
            county: resident.county,
            contact: ContactInput {
                phone: Some(resident.phone.as_str().into()),
                usual_county: Some(resident.county),
                ..ContactInput::default()
            },
        }
    }

    /// The name that the bank has.
    fn account_name(&self, resident: &Resident) -> String {
        let twin = &self.story.twin;
        let who = if resident.index == twin.given_up { twin.kept } else { resident.index };
        self.city.residents()[who as usize].name.clone()
    }

    /// What a grant pays each month.
    fn components(&self, grant: &Grant) -> Vec<ComponentAmount> {
        let keyed = &self.story.keyed;
        let right = (grant.index == keyed.grant).then_some(keyed.right);
        let pay =
            |&(component, amount)| ComponentAmount { component, amount: right.unwrap_or(amount) };
        grant.components.iter().map(pay).collect()
    }
}

/// Registers everybody and everything. The first refused row ends it: a made city has none.
pub async fn register(node: &Node, city: &City, story: &Story, on: Date) -> Result<Addresses> {
    let desk = Desk { node, city, story, on };
    commands::day::open_days(&node.executor, desk.on).await?;
    lists(&desk).await?;
    employers(&desk).await?;
    persons(&desk).await?;
    lives(&desk).await?;
    let addresses = accounts::cards(&desk).await?;
    let ahead = died(city, Some(desk.on), Date::MAX);
    let known = |grant: &&Grant| {
        grant.arises_from.is_none_or(|dead| !ahead.contains(&dead))
            && !story.withheld.contains(&grant.index)
    };
    let known: Vec<&Grant> = city.grants().iter().filter(known).collect();
    grants(&desk, &addresses, "grant-command", &known).await?;
    Ok(addresses)
}

/// What is heard on `on` and was not on `before`: deaths, and the grants that arise from them.
pub async fn hear(office: &Office<'_>, before: Date) -> Result<()> {
    let Office { node, city, story, addresses, .. } = *office;
    let desk = Desk { node, city, story, on: office.day.get() };
    deaths(&desk, Some(before)).await?;
    let dead = died(city, Some(before), desk.on);
    let new = |grant: &&Grant| grant.arises_from.is_some_and(|cause| dead.contains(&cause));
    let new: Vec<&Grant> = city.grants().iter().filter(new).collect();
    grants(&desk, addresses, &format!("grants-heard-of-{}", desk.on), &new).await
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
    let rows: Vec<RegisterPerson> =
        desk.city.residents().iter().map(|resident| desk.registration(resident)).collect();
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
            components: desk.components(grant),
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
