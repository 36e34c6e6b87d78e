//! Deaths are reported, from lists and one by one, confirmed or withdrawn; heirs are named, and the
//! funeral grants that arise are registered.

use anyhow::{Context as _, Result};
use commands::benefits::RegisterGrant;
use commands::disbursement::NameHeir;
use commands::registry::{ConfirmDeath, DeathList, DeathRow, ReportDeath, WithdrawDeath};
use registry::person::DeathSource;
use shared::{Component, Payee};
use simulations::Group;
use simulations::story::deaths::{Death, Source};
use simulations::story::pensions::RISE_ON;

use crate::demo::office::{Office, after, area, fund, item};

pub async fn morning(office: &Office<'_>) -> Result<()> {
    let day = office.day.get();
    let registry = &office.node.registry;
    for death in office.story.deaths.iter().filter(|death| death.reported == day) {
        report(office, death).await?;
    }
    for death in office.story.deaths.iter().filter(|death| death.confirmed == day) {
        let (person, died_on) = (office.person(death.who), death.died);
        let source = source(death.source);
        let confirm = ConfirmDeath { person, died_on, confirmed_on: None, source };
        let envelope = office.envelope("registrar", "death-confirmed", death.who)?;
        registry.confirm_death(&envelope, &confirm).await?;
    }
    let wrong = &office.story.false_match;
    if wrong.reported == day {
        let died = day.yesterday()?;
        let envelope = office.envelope("registrar", "police-list", wrong.who)?;
        listed(office, &envelope, DeathSource::Police, wrong.who, died).await?;
    }
    if wrong.cleared == day {
        let withdraw = WithdrawDeath {
            person: office.person(wrong.who),
            on: None,
            reason: "公安比对误报，本人到场核实".to_owned(),
            approver: None,
        };
        let envelope = office.envelope("registrar", "death-withdrawn", wrong.who)?;
        registry.withdraw_death(&envelope, &withdraw).await?;
    }
    // The streams of the heirs follow from the deaths.
    office.settle().await?;
    heirs(office).await?;
    funerals(office).await
}

async fn report(office: &Office<'_>, death: &Death) -> Result<()> {
    let (person, died_on) = (office.person(death.who), death.died);
    let envelope = office.envelope("registrar", "death-reported", death.who)?;
    if death.source == Source::Crematorium {
        return listed(office, &envelope, DeathSource::CivilAffairs, death.who, died_on).await;
    }
    let source = source(death.source);
    let report = ReportDeath { person, died_on, reported_on: None, source, verify_by: None };
    office.node.registry.report_death(&envelope, &report).await?;
    Ok(())
}

/// A list with one row of ours, and one of somebody whom nobody here knows.
async fn listed(
    office: &Office<'_>,
    envelope: &commands::Envelope,
    source: DeathSource,
    who: u32,
    died_on: shared::Date,
) -> Result<()> {
    let resident = office.resident(who);
    let row =
        |number: &str, name: &str| DeathRow { name: name.into(), number: number.into(), died_on };
    let rows = vec![
        row(resident.identity.number(), &resident.name),
        row("11010519491231002X", "外地人员"),
    ];
    let list = DeathList { source, reported_on: None, verify_by: None, rows };
    let matched = office.node.registry.import_deaths(envelope, &list).await?;
    anyhow::ensure!(matched.exact == 1, "the list matches {} people exactly", matched.exact);
    Ok(())
}

/// Whoever is named draws what was still owed; of a rise, what it adds to the last months.
async fn heirs(office: &Office<'_>) -> Result<()> {
    let day = office.day.get();
    for death in &office.story.deaths {
        let (Some(heir), None) = (death.heir, death.settling) else { continue };
        let raised = office.resident(death.who).group == Group::ResidentPensioner;
        let named_on = if raised { after(RISE_ON, 1)? } else { after(death.confirmed, 1)? };
        if named_on != day {
            continue;
        }
        let name = NameHeir {
            deceased: office.person(death.who),
            heir: office.person(heir),
            address: office.address(heir)?,
            basis: "继承关系公证书".to_owned(),
            approver: "demo.approver".to_owned(),
        };
        let envelope = office.envelope("handler", "heir", death.who)?;
        office.node.disbursement.name_heir(&envelope, &name).await?;
    }
    Ok(())
}

async fn funerals(office: &Office<'_>) -> Result<()> {
    let day = office.day.get();
    for funeral in office.story.funerals.iter().filter(|one| one.registered == day) {
        let relative = office.person(funeral.relative);
        let (component, amount) = (Component::whole(), funeral.amount);
        let register = RegisterGrant {
            grant: Some(funeral.grant),
            person: relative,
            arises_from: Some(office.person(funeral.deceased)),
            item: item("A4")?,
            components: vec![benefits::grant::ComponentAmount { component, amount }],
            from: funeral.from,
            to: Some(funeral.from),
            payee: Some(Payee::Relative { person: relative }),
            fund: Some(fund("employee-pension")?),
            area: area("320000")?,
            county: office.resident(funeral.relative).county,
            address: office.address(funeral.relative)?,
            basis: "丧葬抚恤核定".to_owned(),
        };
        let envelope = office.envelope("registrar", "funeral-grant", funeral.deceased)?;
        let registered = office.node.benefits.register_grant(&envelope, &register).await;
        registered.with_context(|| format!("the funeral grant of {}", funeral.deceased))?;
    }
    Ok(())
}

fn source(source: Source) -> DeathSource {
    match source {
        Source::Family => DeathSource::Family,
        Source::Police => DeathSource::Police,
        Source::Crematorium => DeathSource::CivilAffairs,
    }
}
