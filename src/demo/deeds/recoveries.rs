//! What was paid and not owed comes back: at once, in parts, from what the same fund owes, or
//! through the court (DISBURSEMENT 4.5, 4.12).

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use commands::disbursement::OrderDeduction;
use commands::warnings::{Enter, Warnings};
use disbursement::deduction::Kind;
use disbursement::recovery::{Instalment, Place};
use jiff::ToSpan as _;
use shared::{Date, Money, Month, ObligationId};
use simulations::story::deaths::{Death, Settling};
use simulations::story::pensions::DOUBLE_FOUND;
use simulations::uuid;
use warnings::case::About;
use warnings::{Channel, Level};

use super::pensions::doubled;
use crate::demo::office::{Office, after, item, owed};

/// When the funeral grants of March were paid, from which recoveries are kept back.
const FUNERALS_PAID: Date = Date::constant(2026, 3, 30);

/// Something overpaid, on its way back.
pub struct Due {
    pub obligation: ObligationId,
    pub amount: Money,
}

pub async fn morning(office: &Office<'_>) -> Result<()> {
    for death in office.story.deaths.iter().filter(|death| death.settling.is_some()) {
        of_death(office, death).await?;
    }
    // Both are paid back in one sum for each.
    let (double, twin) = (doubles(office)?, twins(office)?);
    at_once(office, DOUBLE_FOUND, &double).await?;
    at_once(office, office.story.twin.merged, &twin).await
}

/// Months after a death that were paid before it was known.
pub fn after_death(office: &Office<'_>, death: &Death) -> Result<Vec<Due>> {
    let grant = office.grant_of(death.who)?;
    let first = Month::of(death.died).next().max(office.city.plan().month);
    let months = first.through(Month::of(death.reported));
    let due =
        |month| Due { obligation: owed(grant.item, month, grant.person), amount: grant.amount() };
    Ok(months.map(due).collect())
}

/// January's resident pension of those who draw the other one.
pub fn doubles(office: &Office<'_>) -> Result<Vec<Due>> {
    let mut all = Vec::new();
    for drawer in &office.story.double_drawers {
        let obligations = doubled(office, drawer.who, &drawer.components)?;
        let amounts = drawer.components.iter().map(|(_, amount)| *amount);
        let due = obligations.into_iter().zip(amounts);
        all.extend(due.map(|(obligation, amount)| Due { obligation, amount }));
    }
    Ok(all)
}

/// What the second entry of one human drew before the merge.
pub fn twins(office: &Office<'_>) -> Result<Vec<Due>> {
    let twin = &office.story.twin;
    let grant = office.grant_of(twin.given_up)?;
    let (mut all, first) = (Vec::new(), office.city.plan().month);
    for month in first.through(Month::of(twin.merged)) {
        for &(component, amount) in &grant.components {
            let obligation = ObligationId::new(grant.item, month, component, grant.person);
            all.push(Due { obligation, amount });
        }
    }
    Ok(all)
}

async fn of_death(office: &Office<'_>, death: &Death) -> Result<()> {
    let Some(settling) = death.settling else { return Ok(()) };
    let day = office.day.get();
    let found = after(death.reported, 1)?;
    let due = after_death(office, death)?;
    if day == found {
        demand(office, &due).await?;
        match settling {
            Settling::Offset => drop(keep_back(office, death, &due).await?),
            Settling::DrawnAtCounter => warn(office, death).await?,
            Settling::AtOnce | Settling::Instalments => {}
        }
    }
    match settling {
        Settling::AtOnce => received(office, after(found, 3)?, &due).await,
        Settling::Instalments if day == after(found, 2)? => instalments(office, &due).await,
        Settling::DrawnAtCounter if day == after(found, 2)? => {
            for one in &due {
                let envelope = office.envelope("recovery", "court", one.obligation)?;
                let (court, case) = ("南通市崇川区人民法院", "（2026）苏0613刑立12号");
                let pay = &office.node.disbursement;
                pay.send_to_court(&envelope, one.obligation, court, case).await?;
            }
            Ok(())
        }
        Settling::Offset if day == FUNERALS_PAID => offset(office, death, &due).await,
        Settling::Instalments | Settling::DrawnAtCounter | Settling::Offset => Ok(()),
    }
}

async fn at_once(office: &Office<'_>, found: Date, due: &[Due]) -> Result<()> {
    if office.day.get() == after(found, 1)? {
        demand(office, due).await?;
    }
    received(office, after(found, 5)?, due).await
}

/// Asked back in writing: a process has opened each when it was found.
async fn demand(office: &Office<'_>, due: &[Due]) -> Result<()> {
    let pay = &office.node.disbursement;
    let by = office.day.get().checked_add(30.days())?;
    for Due { obligation, .. } in due {
        let envelope = office.envelope("recovery", "demand", obligation)?;
        pay.demand_recovery(&envelope, *obligation, "通人社追〔2026〕号", by).await?;
    }
    Ok(())
}

/// Into the income account: never into the one that pays (DISBURSEMENT 2.9).
async fn received(office: &Office<'_>, on: Date, due: &[Due]) -> Result<()> {
    if office.day.get() != on {
        return Ok(());
    }
    for Due { obligation, amount } in due {
        receive(office, *obligation, *amount).await?;
    }
    Ok(())
}

async fn receive(office: &Office<'_>, obligation: ObligationId, amount: Money) -> Result<()> {
    let serial = format!("SR-{obligation}");
    let envelope = office.envelope("recovery", "received", &serial)?;
    let pay = &office.node.disbursement;
    pay.receive_repayment(&envelope, obligation, &serial, amount, Place::IncomeAccount).await?;
    Ok(())
}

/// Three parts, the first of them at once.
async fn instalments(office: &Office<'_>, due: &[Due]) -> Result<()> {
    let pay = &office.node.disbursement;
    for Due { obligation, amount } in due {
        let third = Money::from_fen(amount.fen() / 3);
        let amounts = [third, third, *amount - third - third];
        let day = office.day.get();
        let parts = (0_i64..).zip(amounts);
        let parts = parts.map(|(months, amount)| Instalment {
            due: day.saturating_add(months.months()),
            amount,
        });
        let parts: Vec<Instalment> = parts.collect();
        let envelope = office.envelope("recovery", "agree", obligation)?;
        pay.agree_instalments(&envelope, *obligation, "分期还款协议", &parts).await?;
        receive(office, *obligation, third).await?;
    }
    Ok(())
}

/// The bank told who drew at its counter: no rule sees that, so it is entered by hand.
async fn warn(office: &Office<'_>, death: &Death) -> Result<()> {
    let resident = office.resident(death.who);
    let input = Enter {
        warning: uuid(office.city.plan(), "counter-warning", death.who),
        channel: Channel::Other,
        rule: "dead-payee".to_owned(),
        level: Level::Red,
        about: About { kind: "person".to_owned(), id: resident.id.to_string() },
        division: Some(resident.county),
        content: "死亡后他人持卡在柜面支取".to_owned(),
    };
    let envelope = office.envelope("recovery", "counter-warning", death.who)?;
    let warnings = Warnings::new(office.node.executor.clone(), office.node.rules.clone());
    warnings.enter(&envelope, &input).await?;
    Ok(())
}

/// What is owed is kept back from the funeral grant, which the same fund pays.
///
/// Asked for again it answers with the deduction that it ordered.
async fn keep_back(office: &Office<'_>, death: &Death, due: &[Due]) -> Result<String> {
    let heir = death.heir.context("a recovery is kept back from somebody")?;
    let order = OrderDeduction {
        kind: Kind::Excess,
        item: item("A4")?,
        person: office.person(heir),
        third_party: None,
        per_month: None,
        total: Some(due.iter().map(|one| one.amount).sum()),
        from: funeral_month(office, death)?,
        to: None,
        basis: "多领养老金抵扣丧葬抚恤".to_owned(),
        approver: "demo.approver".to_owned(),
    };
    let envelope = office.envelope("recovery", "keep-back", death.who)?;
    Ok(office.node.disbursement.order_deduction(&envelope, &order).await?.result)
}

async fn offset(office: &Office<'_>, death: &Death, due: &[Due]) -> Result<()> {
    let pay = &office.node.disbursement;
    let heir = death.heir.context("a recovery is kept back from somebody")?;
    let deduction = keep_back(office, death, due).await?;
    let against = owed(item("A4")?, funeral_month(office, death)?, office.person(heir));
    let by_order: BTreeMap<ObligationId, Money> =
        due.iter().map(|one| (one.obligation, one.amount)).collect();
    for (obligation, amount) in by_order {
        let envelope = office.envelope("recovery", "offset", obligation)?;
        pay.offset_recovery(&envelope, obligation, &deduction, against, amount).await?;
    }
    Ok(())
}

fn funeral_month(office: &Office<'_>, death: &Death) -> Result<Month> {
    let found = office.story.funerals.iter().find(|funeral| funeral.deceased == death.who);
    Ok(found.context("there is a funeral grant")?.from)
}
