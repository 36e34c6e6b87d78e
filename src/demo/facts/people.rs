//! Facts 11 and 12: names that banks know otherwise, sums keyed wrongly, pensions drawn twice.

use std::collections::BTreeSet;

use anyhow::Result;
use commands::disbursement::ids;
use disbursement::obligation::{Event, Obligation, Stage};
use disbursement::part::{Hold, Part};
use disbursement::return_case;
use projections::lists::Only;
use projections::payments::{LineState, line};
use projections::runs;
use registry::person::Person;
use shared::{ObligationId, ReturnReason};
use simulations::story::accounts::Mend;
use warnings::Level;

use super::Figures;
use super::seen::{Seen, month};
use crate::demo::deeds::accounts::obligation;
use crate::demo::deeds::recoveries::{self, Due, twins};
use crate::demo::office::{item, owed};

pub async fn names(seen: &Seen<'_>) -> Result<Figures> {
    let mut figures = Figures::default();
    let office = seen.office;
    if let Some(rare) = &office.story.accounts.rare {
        let grant = office.grant_of(rare.who)?;
        let january = owed(grant.item, month(1)?, grant.person);
        let held = seen.events::<Obligation>(january).await?;
        let charset =
            |event: &Event| matches!(event, Event::Held { reason: Hold::BankCharset, .. });
        figures.holds("「䶮」 is held before it is sent to a GBK bank", held.iter().any(charset));
        let paid = line(&seen.session, &seen.scope, january)?;
        let paid = paid.is_some_and(|line| line.state == LineState::Paid);
        figures.holds("and paid through another bank", paid);
    }
    let dotted = office.story.accounts.returns.iter();
    for one in dotted.filter(|one| matches!(one.mend, Mend::Name(_))) {
        let case = seen.return_case(obligation(office, one)?).await?;
        let reason = case.opened.as_ref().map_or("", |opened| opened.reason.code());
        figures.equal("a variant of · comes back as", reason, ReturnReason::NameMismatch.code());
        figures.holds("and is paid again", case.stage == return_case::Stage::Closed);
    }
    let keyed = &office.story.keyed;
    let grant = office.grant(keyed.grant);
    let (mut wrong, mut back) = (String::new(), String::new());
    for plan in seen.plans(Some(grant.item), Some(keyed.month))? {
        let part = seen.load::<Part>(ids::part(&plan.plan, 1)).await?;
        let Some(line) = part.lines.iter().find(|line| line.grant == grant.id) else { continue };
        if line.gross == keyed.wrong {
            wrong = line.gross.to_string();
            let acts = runs::acts(&seen.session, &seen.scope, &plan.plan)?;
            let sent = acts.iter().find(|act| act.act.contains("sent"));
            back = sent.and_then(|act| act.role.clone()).unwrap_or_default();
        }
    }
    figures.equal("a line of twelve months", wrong, "38214.60");
    figures.equal("sent back by", back, "checker");
    let february = line(&seen.session, &seen.scope, owed(grant.item, keyed.month, grant.person))?;
    let paid = february.filter(|line| line.state == LineState::Paid);
    figures.equal(
        "and paid as",
        paid.map_or_else(String::new, |line| line.net.to_string()),
        keyed.right,
    );
    Ok(figures)
}

/// How many are found overpaid, and how many of them are settled.
async fn came_back(seen: &Seen<'_>, due: &[Due]) -> Result<(usize, usize)> {
    let (mut overpaid, mut settled) = (0, 0);
    for one in due {
        let found = seen.obligation(one.obligation).await?.stage() == Stage::Overpaid;
        overpaid += usize::from(found);
        let recovery = seen.recovery(one.obligation).await?;
        settled += usize::from(found && recovery.about.is_some() && recovery.owed().is_zero());
    }
    Ok((overpaid, settled))
}

pub async fn doubles(seen: &Seen<'_>) -> Result<Figures> {
    let mut figures = Figures::default();
    let office = seen.office;
    let story = office.story;
    let mut stopped = 0;
    for drawer in &story.double_drawers {
        let grant = seen.load::<benefits::grant::Grant>(drawer.resident_grant).await?;
        let before = office.city.plan().month.previous();
        stopped += u32::from(grant.record().is_some_and(|one| one.last == Some(before)));
    }
    figures.equal("A1 and A3 drawn together: A3 stopped", stopped, seen.scaled(4));
    let due = recoveries::doubles(office)?;
    let (overpaid, settled) = came_back(seen, &due).await?;
    figures.equal("its lines overpaid", overpaid, due.len());
    figures.equal("of them recovered", settled, due.len());
    for (what, pair) in [("C2 and A1", ("C2", "A1")), ("A6 and A7", ("A7", "A6"))] {
        figures.equal(format!("warnings about {what}"), warned_about(seen, pair)?, 0);
    }
    let about = |who: &[u32]| -> BTreeSet<String> {
        who.iter().map(|who| office.person(*who).to_string()).collect()
    };
    for (what, rule, level, who) in [
        ("one account for three people", "shared-account", Level::Orange, &story.accounts.shared),
        ("one phone on seven payees", "shared-phone", Level::Yellow, &story.accounts.one_phone),
    ] {
        let raised = seen.raised(rule)?;
        let subjects = raised.iter().filter(|row| row.level == level).map(|row| row.about.clone());
        let subjects: BTreeSet<String> = subjects.collect();
        figures.holds(format!("{what}: {level}"), subjects == about(who));
    }
    let guardians: Vec<u32> =
        office.city.residents().iter().filter_map(|one| one.guardian).collect();
    let wards: BTreeSet<String> = office
        .city
        .residents()
        .iter()
        .filter(|one| one.guardian.is_some())
        .map(|one| one.id.to_string())
        .collect();
    let raised = seen.raised("payee-differs")?;
    figures.equal("guardians", guardians.len(), wards.len());
    figures.equal(
        "warnings about their wards",
        raised.iter().filter(|row| wards.contains(&row.about)).count(),
        0,
    );
    let twin = &story.twin;
    let given_up = seen.load::<Person>(office.person(twin.given_up)).await?;
    figures.holds("one human under two numbers: merged", {
        matches!(&*given_up, Person::Merged { into, .. } if *into == office.person(twin.kept))
    });
    let due = twins(office)?;
    let (overpaid, settled) = came_back(seen, &due).await?;
    figures.equal("what was paid twice", overpaid, due.len());
    figures.equal("of it recovered", settled, due.len());
    let march = office.grant_of(twin.given_up)?.components.iter().map(|(component, _)| {
        let person = office.person(twin.given_up);
        Ok(ObligationId::new(item("A3")?, month(3)?, *component, person))
    });
    let march: Vec<ObligationId> = march.collect::<Result<_>>()?;
    let mut again = 0;
    for id in march {
        again += u32::from(line(&seen.session, &seen.scope, id)?.is_some());
    }
    figures.equal("lines of March under the number given up", again, 0);
    Ok(figures)
}

/// Open warnings about people who draw both.
fn warned_about(seen: &Seen<'_>, (first, second): (&str, &str)) -> Result<usize> {
    let grants = seen.office.city.grants();
    let (first, second) = (item(first)?, item(second)?);
    let draws = |wanted| {
        let of = grants.iter().filter(move |grant| grant.item == wanted);
        of.map(|grant| grant.person.to_string()).collect::<BTreeSet<String>>()
    };
    let both: BTreeSet<String> = draws(first).intersection(&draws(second)).cloned().collect();
    let open = seen.warnings(&Only::equal("open", &true))?;
    Ok(open.iter().filter(|row| both.contains(&row.about)).count())
}
