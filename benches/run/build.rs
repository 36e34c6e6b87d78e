//! An installation whose residents all have a card and a pension of the same item.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use benches::node::{Node, World};
use benches::steps::{Watch, rate};
use benefits::grant::ComponentAmount;
use commands::Envelope;
use commands::benefits::RegisterGrant;
use commands::bulk::Bulk;
use commands::cards::IssueCard;
use commands::registry::{ContactInput, NumberInput, PutOrganisation, RegisterPerson};
use kernel::Ids as _;
use kernel::ports::{FixedClock, SeededIds};
use registry::organisation::{Kind, Organisation};
use shared::{
    AreaCode, BankCode, Component, DivisionCode, FundCode, ItemId, Money, Month, OrganisationId,
    PayAddressId,
};
use simulations::{City, Identity, Plan, Resident, calendar};

use super::database;
use super::desk::at;

pub const ITEM: &str = "A1";
pub const FUND: &str = "employee-pension";
const CITY: &str = "320600";
const CLERK: &str = "bench.registrar";
const SEED: u64 = 2026;
const ROWS: usize = 2_000;

/// The month that is paid.
pub fn month() -> Result<Month> {
    Month::new(2026, 1).context("January 2026 is a month")
}

pub fn item() -> Result<ItemId> {
    ItemId::parse(ITEM).map_err(|fault| anyhow::anyhow!("{fault}"))
}

pub fn fund() -> Result<FundCode> {
    FundCode::parse(FUND).map_err(|fault| anyhow::anyhow!("{fault}"))
}

/// The pooling area whose book pays: one for the whole city.
pub fn area(node: &Node) -> Result<AreaCode> {
    let rules = node.rules.on(month()?.last_day())?;
    let city = DivisionCode::parse(CITY).map_err(|fault| anyhow::anyhow!("{fault}"))?;
    Ok(calendar::pooling_area(rules.fund(fund()?)?, city))
}

pub async fn build(dir: &Path, lines: u32) -> Result<()> {
    let clock = Arc::new(FixedClock::default());
    let day = month()?.first_day().tomorrow()?;
    at(&clock, day, 9);
    let node = Node::open(dir, database::placed(World::seeded(clock, SEED))).await?;
    let ids = SeededIds::new(SEED + 1);
    let envelope = || Envelope::new(ids.next(), CLERK).on(day);
    commands::day::open_days(&node.executor, day).await?;
    let outlet = OrganisationId::from_uuid(ids.next());
    let county = DivisionCode::parse(CITY).map_err(|fault| anyhow::anyhow!("{fault}"))?;
    let bank = BankCode::parse("BOC").map_err(|fault| anyhow::anyhow!("{fault}"))?;
    let entry =
        Organisation {
            name: "南通分行营业部".to_owned(), county, kind: Kind::Bank { bank }
        };
    let put = PutOrganisation { organisation: Some(outlet), entry };
    node.registry.register_organisation(&envelope(), &put).await?;

    let plan = Plan { seed: SEED, people: lines, ..Plan::default() };
    let city = City::new(plan).context("the city cannot be made")?;
    let residents = city.residents();
    println!("an installation of {} payees of {ITEM}, through the bulk commands", residents.len());
    let watch = Watch::start()?;
    for residents in residents.chunks(ROWS) {
        let rows: Vec<_> = residents.iter().map(person).collect();
        accepted(&node.registry.register_persons(&envelope(), &rows).await?)?;
    }
    told(&node, "persons registered", residents.len(), &watch)?;
    let watch = Watch::start()?;
    let mut addresses: Vec<PayAddressId> = Vec::with_capacity(residents.len());
    for residents in residents.chunks(ROWS) {
        let rows: Vec<_> = residents.iter().map(|resident| card(resident, outlet)).collect();
        let issued = node.cards.issue_cards(&envelope(), &rows).await?;
        accepted(&issued)?;
        addresses.extend(issued.done().map(|issued| issued.address));
    }
    told(&node, "cards issued, accounts verified", residents.len(), &watch)?;
    let watch = Watch::start()?;
    let rows: Vec<_> = residents.iter().zip(addresses).collect();
    let area = area(&node)?;
    for rows in rows.chunks(ROWS) {
        let rows = rows.iter().map(|(resident, address)| grant(resident, *address, area));
        let rows = rows.collect::<Result<Vec<_>>>()?;
        accepted(&node.benefits.register_grants(&envelope(), &rows).await?)?;
    }
    told(&node, "grants registered", residents.len(), &watch)?;
    node.caught_up().await?;
    node.stop();
    Ok(())
}

fn told(node: &Node, what: &str, rows: usize, watch: &Watch) -> Result<()> {
    let took = watch.stop()?;
    println!(
        "  {what:<34} {:>9} rows/s {:>8.2} s wall {:>8.2} s cpu, position {}",
        rate(rows as u64, took.wall),
        took.wall.as_secs_f64(),
        took.cpu.as_secs_f64(),
        node.log.head(),
    );
    Ok(())
}

fn person(resident: &Resident) -> RegisterPerson {
    RegisterPerson {
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
    }
}

fn card(resident: &Resident, outlet: OrganisationId) -> IssueCard {
    IssueCard {
        person: resident.id,
        bank: resident.card.bank,
        number: resident.card.number.as_str().into(),
        name: resident.name.clone().into(),
        county: resident.county,
        outlet,
        generation: 3,
        on: None,
    }
}

fn grant(resident: &Resident, address: PayAddressId, area: AreaCode) -> Result<RegisterGrant> {
    let amount = Money::from_fen(280_000 + i64::from(resident.index % 1_000) * 125);
    Ok(RegisterGrant {
        grant: None,
        person: resident.id,
        arises_from: None,
        item: item()?,
        components: vec![ComponentAmount { component: Component::whole(), amount }],
        from: Month::new(2025, 1).context("January 2025 is a month")?,
        to: None,
        payee: None,
        fund: Some(fund()?),
        area,
        county: resident.county,
        address,
        basis: "演示核定〔2025〕1号".to_owned(),
    })
}

fn accepted<Id>(bulk: &Bulk<Id>) -> Result<()> {
    match bulk.refused().next() {
        Some((row, refused)) => bail!("row {row} is refused: {} {}", refused.code, refused.en),
        None => Ok(()),
    }
}
