//! Facts 4, 7 and 8: what changed in grants, and what that paid.

use anyhow::Result;
use benefits::grant::{Event, Grant};
use disbursement::comparison::{Comparison, Counts};
use projections::payments::{LineFilter, LineState, lines};
use shared::{ObligationId, RunType};
use simulations::Mark;

use super::Figures;
use super::seen::{Seen, month};
use crate::demo::office::{item, owed};

pub async fn approvals(seen: &Seen<'_>) -> Result<Figures> {
    let mut figures = Figures::default();
    let office = seen.office;
    let (a1, january) = (item("A1")?, month(1)?);
    let retirees = office.city.residents().iter();
    let retirees = retirees.filter(|one| one.mark == Some(Mark::NewRetiree));
    let (mut new, mut paid) = (0, 0);
    for one in retirees {
        new += 1;
        paid += u32::from(is_paid(seen, owed(a1, january, one.id))?);
    }
    figures.equal("new retirees", new, seen.scaled(12));
    figures.equal("of them paid for January", paid, seen.scaled(12));
    let late = &office.story.late_approvals;
    figures.equal("approved late", late.len(), seen.scaled(12).min(3));
    for one in late {
        let (mut months, mut paid) = (0, 0);
        for month in one.from.through(january.previous()) {
            months += 1;
            paid += u32::from(is_paid(seen, owed(a1, month, office.person(one.who)))?);
        }
        figures.equal(format!("months of back-pay from {}", one.from), paid, months);
    }
    let mut counts = Counts::default();
    for plan in seen.plans(None, None)? {
        let list = seen.load::<Comparison>(&plan.plan).await?;
        if list.entries.is_empty() {
            continue;
        }
        counts.new += list.counts.new;
        counts.ended += list.counts.ended;
        counts.resumed += list.counts.resumed;
        counts.back_paid += list.counts.back_paid;
        counts.exceptions += list.counts.exceptions;
    }
    let certified = office.story.certification.stopped.iter();
    let certified = certified.filter(|one| one.certified.is_some()).count();
    figures.holds("the comparison lists who is new 新增", counts.new > 0);
    figures.holds("who ended 终止", counts.ended > 0);
    figures.equal("who is resumed 续发", counts.resumed, certified);
    figures.holds("who has back-pay 补发", counts.back_paid > 0);
    figures.equal("what looks wrong 异常", counts.exceptions, 1);
    Ok(figures)
}

fn is_paid(seen: &Seen<'_>, obligation: ObligationId) -> Result<bool> {
    Ok(seen.line(obligation)?.is_some_and(|line| line.state == LineState::Paid))
}

pub async fn rise(seen: &Seen<'_>) -> Result<Figures> {
    let mut figures = Figures::default();
    let office = seen.office;
    let (a3, march) = (item("A3")?, month(3)?);
    let (mut found, mut paid, mut heirs) = (0, 0, 0);
    for plan in seen.run(a3, march, RunType::BackPay)? {
        let filter = LineFilter { plan: Some(plan.plan.clone()), ..LineFilter::default() };
        for line in lines(&seen.session, &seen.scope, &filter, None, u32::MAX)? {
            found += 1;
            paid += u32::from(line.state == LineState::Paid);
            heirs += u32::from(matches!(line.payee, Some(shared::Payee::Heir { .. })));
        }
    }
    // Each once for January and February; who died in January for that month alone.
    let people = seen.scaled(3_200) - u32::try_from(office.story.double_drawers.len())? - 1;
    let dead = |of: i8| -> Result<u32> {
        let (rise, of) = (simulations::story::pensions::RISE_ON, month(of)?);
        let died = office.story.deaths.iter().filter(|death| {
            let grant = office.grant_of(death.who);
            grant.is_ok_and(|grant| grant.item == a3)
                && of.contains(death.died)
                && death.confirmed < rise
        });
        Ok(u32::try_from(died.count())?)
    };
    let (of_january, of_february) = (dead(1)?, dead(2)?);
    figures.equal("back-pay of the rise, lines", found, 2 * people - of_january);
    figures.equal("of them paid", paid, found);
    figures.equal("of them to heirs", heirs, of_january + 2 * of_february);
    Ok(figures)
}

pub async fn certification(seen: &Seen<'_>) -> Result<Figures> {
    let mut figures = Figures::default();
    let office = seen.office;
    let story = &office.story.certification;
    let a1 = item("A1")?;
    let (mut stopped, mut resumed, mut back, mut still, mut dead) = (0, 0, 0, 0, 0);
    for one in &story.stopped {
        let grant = seen.grant(one.grant).await?;
        let Some(record) = grant.record() else { continue };
        let february = month(2)?;
        let events = seen.events::<Grant>(record.grant).await?;
        let stop =
            |event: &Event| matches!(event, Event::Suspended { from, .. } if *from == february);
        stopped += u32::from(events.iter().any(stop));
        resumed += u32::from(record.was_resumed());
        still += u32::from(record.stopped().is_some());
        let owed = owed(a1, month(2)?, office.person(one.who));
        back += u32::from(one.certified.is_some() && is_paid(seen, owed)?);
        let person = seen.load::<registry::person::Person>(office.person(one.who)).await?;
        dead += u32::from(record.stopped().is_some() && person.died_on().is_some());
    }
    let done = u32::try_from(story.done.len())?;
    let (certified, waiting) = (seen.scaled(15), seen.scaled(4) + 1);
    figures.equal("due", done + stopped, seen.scaled(140) + certified + waiting);
    figures.equal("certified in time", done, seen.scaled(140));
    figures.equal("stopped in February", stopped, certified + waiting);
    figures.equal("certified in March", resumed, certified);
    figures.equal("of them with February's back-pay", back, certified);
    figures.equal("still stopped", still, waiting);
    figures.equal("of them dead", dead, 1);
    Ok(figures)
}
