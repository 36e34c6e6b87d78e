//! Grants that come late, stand beside another one, are raised, stopped, resumed, keyed wrongly.

use anyhow::{Context as _, Result, bail, ensure};
use benefits::grant::{ComponentAmount, EndReason};
use commands::CommandError;
use commands::benefits::{AdjustGrant, EndGrant, RegisterGrant, ResumeGrant, SuspendGrant};
use commands::disbursement::FindOverpayment;
use commands::registry::MergePersons;
use commands::tags::{Observe, Tags};
use conditions::Subject;
use disbursement::obligation::NotOwed;
use shared::{Component, Money, Month, ObligationId, StopReason};
use simulations::Grant;
use simulations::story::pensions::{DOUBLE_FOUND, RISE, RISE_ON};

use crate::demo::office::{Office, item};

pub async fn morning(office: &Office<'_>) -> Result<()> {
    late_approvals(office).await?;
    double_drawers(office).await?;
    certification(office).await?;
    rise(office).await?;
    keyed_wrongly(office).await?;
    second_claim(office).await?;
    twin(office).await
}

/// A grant of the city as it is registered, from this month on.
pub fn registration(office: &Office<'_>, grant: &Grant, from: Month) -> Result<RegisterGrant> {
    let pay = |&(component, amount): &(Component, Money)| ComponentAmount { component, amount };
    Ok(RegisterGrant {
        grant: Some(grant.id),
        person: grant.person,
        arises_from: None,
        item: grant.item,
        components: grant.components.iter().map(pay).collect(),
        from,
        to: grant.to,
        payee: Some(grant.payee),
        fund: Some(grant.fund),
        area: office.area(grant)?,
        county: grant.county,
        address: office.address(grant.resident)?,
        basis: grant.basis.clone(),
    })
}

async fn late_approvals(office: &Office<'_>) -> Result<()> {
    let today = office.story.late_approvals.iter();
    for late in today.filter(|late| late.approved == office.day.get()) {
        let register = registration(office, office.grant(late.grant), late.from)?;
        let envelope = office.envelope("registrar", "late-grant", late.who)?;
        office.node.benefits.register_grant(&envelope, &register).await?;
    }
    Ok(())
}

/// The resident pension that stands beside an employee pension to be.
pub async fn resident_pensions(office: &Office<'_>) -> Result<()> {
    let a3 = item("A3")?;
    for drawer in &office.story.double_drawers {
        let resident = office.resident(drawer.who);
        let model = office.city.grants().iter().find(|grant| grant.item == a3);
        let model = model.context("the city has resident pensions")?;
        let grant = Grant {
            id: drawer.resident_grant,
            person: resident.id,
            resident: drawer.who,
            components: drawer.components.clone(),
            payee: shared::Payee::Person { person: resident.id },
            county: resident.county,
            ..model.clone()
        };
        let register = registration(office, &grant, office.city.plan().month.plus(-12))?;
        let envelope = office.envelope("registrar", "resident-pension", drawer.who)?;
        office.node.benefits.register_grant(&envelope, &register).await?;
    }
    Ok(())
}

/// The employee pension is granted from January on, so the resident pension was not owed.
async fn double_drawers(office: &Office<'_>) -> Result<()> {
    if office.day.get() != DOUBLE_FOUND {
        return Ok(());
    }
    let first = office.city.plan().month;
    for drawer in &office.story.double_drawers {
        let register = registration(office, office.grant(drawer.grant), first)?;
        let envelope = office.envelope("registrar", "employee-pension", drawer.who)?;
        office.node.benefits.register_grant(&envelope, &register).await?;
        let (grant, last) = (drawer.resident_grant, first.previous());
        let end = EndGrant { grant, last, reason: EndReason::OtherBenefit };
        let envelope = office.envelope("registrar", "end-resident-pension", drawer.who)?;
        office.node.benefits.end_grant(&envelope, &end).await?;
        for obligation in doubled(office, drawer.who, &drawer.components)? {
            let (amount, reason) = (None, NotOwed::CompetingBenefit);
            let found = FindOverpayment { obligation, amount, reason };
            let envelope = office.envelope("recovery", "find-double", obligation)?;
            office.node.disbursement.find_overpayment(&envelope, &found).await?;
        }
    }
    Ok(())
}

/// What the resident pension of a double drawer paid in January.
pub fn doubled(
    office: &Office<'_>,
    who: u32,
    components: &[(Component, Money)],
) -> Result<Vec<ObligationId>> {
    let (item, month, person) = (item("A3")?, office.city.plan().month, office.person(who));
    let of =
        |(component, _): &(Component, Money)| ObligationId::new(item, month, *component, person);
    Ok(components.iter().map(of).collect())
}

async fn certification(office: &Office<'_>) -> Result<()> {
    let day = office.day.get();
    let certification = &office.story.certification;
    if day == certification.checked {
        let due = certification.stopped.iter().map(|one| (one.who, "1"));
        let done = certification.done.iter().map(|who| (*who, "0"));
        observe(office, "certification", due.chain(done)).await?;
    }
    for one in &certification.stopped {
        let grant = office.grant(one.grant).id;
        if day == certification.stopped_on {
            let from = Month::of(day);
            let reason = StopReason::parse("qualification_expired")?;
            let suspend = SuspendGrant { grant, from, reason };
            let envelope = office.envelope("registrar", "stop", one.who)?;
            office.node.benefits.suspend_grant(&envelope, &suspend).await?;
        }
        if one.certified == Some(day) {
            let (from, reason) = (Month::of(day), "已完成资格认证".to_owned());
            let resume = ResumeGrant { grant, from, owed: true, reason };
            let envelope = office.envelope("registrar", "resume", one.who)?;
            office.node.benefits.resume_grant(&envelope, &resume).await?;
        }
    }
    let certified = certification.stopped.iter().filter(|one| one.certified == Some(day));
    observe(office, "certified", certified.map(|one| (one.who, "0"))).await
}

/// Days that a certification is overdue, as the list of certifications says.
async fn observe(
    office: &Office<'_>,
    what: &str,
    of: impl Iterator<Item = (u32, &'static str)>,
) -> Result<()> {
    let from = office.day.get();
    let one = |(who, days): (u32, &str)| Observe {
        kind: Subject::Person,
        subject: office.person(who).to_string(),
        fact: "certification_overdue_days".to_owned(),
        from,
        value: days.to_owned(),
        source: "待遇领取资格认证名册".to_owned(),
    };
    let observed: Vec<Observe> = of.map(one).collect();
    if !observed.is_empty() {
        let envelope = office.envelope("analyst", "observe", format!("{what} {from}"))?;
        Tags::new(office.node.executor.clone(), office.node.rules.clone())
            .observe(&envelope, &observed)
            .await?;
    }
    Ok(())
}

/// The basic pension of every resident who drew it in January, also of those who died since.
async fn rise(office: &Office<'_>) -> Result<()> {
    if office.day.get() != RISE_ON {
        return Ok(());
    }
    let a3 = item("A3")?;
    let given_up = office.story.twin.given_up;
    let raised = office.city.grants().iter().filter(|grant| {
        grant.item == a3
            && grant.resident != given_up
            && !office.story.withheld.contains(&grant.index)
    });
    let rows: Vec<AdjustGrant> = raised
        .map(|grant| AdjustGrant {
            grant: grant.id,
            from: office.city.plan().month,
            components: grant
                .components
                .iter()
                .map(|&(component, amount)| {
                    let basic = component.as_str() == "basic-pension";
                    let amount = if basic { amount + RISE } else { amount };
                    ComponentAmount { component, amount }
                })
                .collect(),
            reason: "调整城乡居民基础养老金标准".to_owned(),
        })
        .collect();
    for (place, rows) in rows.chunks(2_000).enumerate() {
        let envelope = office.envelope("registrar", "rise", place)?;
        let adjusted = office.node.benefits.adjust_grants(&envelope, rows).await?;
        let refused = adjusted.refused().next();
        ensure!(refused.is_none(), "a rise is refused: {refused:?}");
    }
    Ok(())
}

async fn keyed_wrongly(office: &Office<'_>) -> Result<()> {
    let keyed = &office.story.keyed;
    if office.day.get() != keyed.keyed {
        return Ok(());
    }
    let (component, amount) = (Component::whole(), keyed.wrong);
    let wrong = AdjustGrant {
        grant: office.grant(keyed.grant).id,
        from: keyed.month,
        components: vec![ComponentAmount { component, amount }],
        reason: "年度调整".to_owned(),
    };
    let envelope = office.envelope("registrar", "key-wrongly", keyed.grant)?;
    office.node.benefits.adjust_grant(&envelope, &wrong).await?;
    Ok(())
}

/// The same course from 就业补助资金, which was paid from 失业保险基金.
pub fn second_subsidy(office: &Office<'_>) -> Result<Option<RegisterGrant>> {
    let Some(claim) = &office.story.second_claim else { return Ok(None) };
    let (b10, first) = (item("B10")?, office.grant(claim.grant));
    let model = office.city.grants().iter().find(|grant| grant.item == b10);
    let model = model.context("the city has training subsidies")?;
    let grant = Grant {
        id: shared::GrantId::from_uuid(simulations::uuid(office.city.plan(), "second-subsidy", 0)),
        person: first.person,
        resident: claim.who,
        payee: shared::Payee::Person { person: first.person },
        county: first.county,
        to: first.to,
        ..model.clone()
    };
    registration(office, &grant, first.from).map(Some)
}

async fn second_claim(office: &Office<'_>) -> Result<()> {
    let Some(claim) = &office.story.second_claim else { return Ok(()) };
    if office.day.get() != claim.asked {
        return Ok(());
    }
    let Some(register) = second_subsidy(office)? else { return Ok(()) };
    let envelope = office.envelope("registrar", "second-subsidy", claim.who)?;
    match office.node.benefits.register_grant(&envelope, &register).await {
        Err(CommandError::Refused(refused)) if refused.code == "GRANT_COMPETES" => Ok(()),
        Err(other) => Err(other.into()),
        Ok(_) => bail!("one course is paid from two funds"),
    }
}

/// One human under two numbers: the second entry is given up, and what it drew is overpaid.
async fn twin(office: &Office<'_>) -> Result<()> {
    let twin = &office.story.twin;
    if office.day.get() != twin.merged {
        return Ok(());
    }
    let grant = office.grant_of(twin.given_up)?.id;
    let last = office.city.plan().month.previous();
    let end = EndGrant { grant, last, reason: EndReason::Revoked };
    let envelope = office.envelope("registrar", "end-twin", twin.given_up)?;
    office.node.benefits.end_grant(&envelope, &end).await?;
    let merge = MergePersons {
        into: office.person(twin.kept),
        from: office.person(twin.given_up),
        reason: "同一人15位与18位证件号码重复登记".to_owned(),
    };
    let envelope = office.envelope("registrar", "merge-twin", twin.given_up)?;
    office.node.registry.merge_persons(&envelope, &merge).await?;
    Ok(())
}
