//! Whom a plan concerns is frozen at one position; what is owed to them is calculated line by line.
//!
//! **Invariant** every frozen grant gets lines or an exclusion with its reason, and every line's
//! obligation is claimed in the append that writes it: planned twice is impossible.

use std::collections::{BTreeSet, HashMap};

use disbursement::line::{Excluded, Exclusion, Line, Workings};
use disbursement::obligation::{self, Obligation};
use disbursement::part::{self, CHUNK_LINES_MAX, LINES_MAX, Part};
use disbursement::plan::{self, Header, PartTotals, Plan};
use disbursement::return_case::{self, ReturnCase};
use kernel::process::chunk_id;
use serde::{Deserialize, Serialize};
use shared::{ArtefactId, Money, ObligationId, Payee, PersonId};

use super::ports::{AddressFacts, Competing, Due, GrantFacts, Life, Population, Usable};
use super::waiting::{self, Purse};
use super::whom::BackPay;
use super::{Disbursement, deduct, ids, population};
use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::execute::Done;
use crate::ports::{get, put};
use crate::unit::Unit;

/// A frozen population of a city's largest item: about 80 bytes a grant.
const POPULATION_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// What a calculation came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calculated {
    pub lines: u32,
    pub net: Money,
    pub excluded: u32,
}

impl Disbursement {
    /// Freezes the population: the list is kept as an artefact, so that a calculation cut in the
    /// middle goes on with the very same people.
    ///
    /// # Errors
    /// When the plan is not open, or the read models are not there.
    pub async fn freeze(
        &self,
        envelope: &Envelope,
        plan_id: &str,
    ) -> Result<Done<u32>, CommandError> {
        self.freeze_with(envelope, plan_id, &BackPay::default()).await
    }

    /// As [`Disbursement::freeze`], for a back-pay run that looks at certain months and grants: a
    /// pension that was approved late is owed for months that were never opened here.
    ///
    /// # Errors
    /// As [`Disbursement::freeze`].
    pub async fn freeze_with(
        &self,
        envelope: &Envelope,
        plan_id: &str,
        back: &BackPay,
    ) -> Result<Done<u32>, CommandError> {
        let (_, header) = self.plan(plan_id).await?;
        let looks = Unit::new(self.executor.clone(), envelope, header.pay_day);
        let population = self.population_of(&looks, &header, back).await?;
        let grants = count(population.grants.len())?;
        let bytes = population::encode(&population);
        let stored = put(&*self.ports.artefacts, &bytes).await.map_err(CommandError::fault)?;
        let (at, digest) = (population.at, stored.id.to_string());
        self.executor
            .run(envelope, "plan.freeze", &(plan_id, back), async |unit| {
                let freeze = plan::Command::Freeze { at, grants, digest: digest.clone() };
                unit.decide::<Plan>(plan_id, freeze).await?;
                Ok(grants)
            })
            .await
    }

    /// Calculates every line of a frozen plan. Cut in the middle and asked again with the same
    /// command id, it goes on where it was.
    ///
    /// # Errors
    /// When the plan is not frozen, or its population's artefact is gone.
    pub async fn calculate(
        &self,
        envelope: &Envelope,
        plan_id: &str,
    ) -> Result<Done<Calculated>, CommandError> {
        let (plan, header) = self.plan(plan_id).await?;
        if plan.stage == plan::Stage::Frozen {
            let population = self.population(plan_id).await?;
            self.calculate_parts(envelope, plan_id, &header, &population).await?;
        }
        let steps = envelope.step(chunk_id(envelope.command_id, u32::MAX));
        self.executor
            .run(&steps, "plan.calculate", &plan_id, async |unit| {
                unit.decide::<Plan>(plan_id, plan::Command::FinishCalculation).await?;
                let (plan, _) = unit.load::<Plan>(plan_id).await?;
                let (totals, excluded) = (plan.totals, plan.excluded);
                Ok(Calculated { lines: totals.lines, net: totals.net(), excluded })
            })
            .await
    }

    async fn population(&self, plan_id: &str) -> Result<Population, CommandError> {
        let (plan, _) = self.executor.load::<Plan>(plan_id).await?;
        let id = ArtefactId::parse(&plan.population).map_err(CommandError::fault)?;
        let bytes = get(&*self.ports.artefacts, id, POPULATION_BYTES_MAX)
            .await
            .map_err(CommandError::fault)?;
        population::decode(&bytes).map_err(CommandError::fault)
    }

    async fn calculate_parts(
        &self,
        envelope: &Envelope,
        plan_id: &str,
        header: &Header,
        population: &Population,
    ) -> Result<(), CommandError> {
        let mut job = 0;
        for (number, grants) in (1..).zip(parts(&population.grants)) {
            let part_id = ids::part(plan_id, number);
            for (chunk, grants) in (0..).zip(chunks(grants)) {
                let step = envelope.step(chunk_id(envelope.command_id, job));
                self.calculate_chunk(&step, header, &part_id, chunk, grants).await?;
                job += 1;
            }
            let step = envelope.step(chunk_id(envelope.command_id, job));
            job += 1;
            self.seal_part(&step, plan_id, number).await?;
        }
        Ok(())
    }

    /// One chunk; lines whose obligation is claimed already are excluded and it is asked anew.
    async fn calculate_chunk(
        &self,
        envelope: &Envelope,
        header: &Header,
        part_id: &str,
        chunk: u32,
        grants: &[GrantFacts],
    ) -> Result<(), CommandError> {
        let mut claimed: BTreeSet<String> = BTreeSet::new();
        let orders: Vec<(PersonId, String)> = grants
            .iter()
            .flat_map(|facts| facts.deductions.iter().map(|id| (facts.person, id.clone())))
            .collect();
        let also: HashMap<PersonId, &[PersonId]> = grants
            .iter()
            .filter(|facts| !facts.also.is_empty())
            .map(|facts| (facts.person, facts.also.as_slice()))
            .collect();
        let waits = waiting_lines(header, grants);
        let mut gone: BTreeSet<ObligationId> = BTreeSet::new();
        loop {
            let (lines, excluded) = owed(header, grants, &claimed, &gone);
            let moved = self.moved_on(header, &lines, &waits).await?;
            if !moved.is_empty() {
                gone.extend(moved);
                continue;
            }
            let outcome = self
                .executor
                .run(envelope, "part.calculate", &(part_id, chunk), async |unit| {
                    for line in &lines {
                        let id = line.obligation(header.item, header.month);
                        if waits.contains(&id) {
                            take(&unit, header, part_id, id, line).await?;
                            continue;
                        }
                        unit.take(id.claim(), format!("part-{part_id}"));
                        // The same entitlement under another id of the same human.
                        for person in also.get(&line.person).copied().unwrap_or(&[]) {
                            let other = ObligationId { person: *person, ..id };
                            unit.take(other.claim(), format!("part-{part_id}"));
                        }
                    }
                    let (mut lines, excluded) = (lines.clone(), excluded.clone());
                    deduct::keep_back(&unit, header, part_id, &mut lines, &orders).await?;
                    let calculate = part::Command::Calculate { chunk, lines, excluded };
                    unit.decide::<Part>(part_id, calculate).await?;
                    Ok(())
                })
                .await;
            match outcome {
                Err(CommandError::Conflict(conflicts)) if !conflicts.claims.is_empty() => {
                    // Every contested key is named at once, so this ends after one more round.
                    claimed.extend(conflicts.claims.into_iter().map(|claim| claim.key));
                }
                outcome => return outcome.map(|_| ()),
            }
        }
    }

    /// Lines that waited when the population was frozen and wait no longer, or for another sum.
    async fn moved_on(
        &self,
        header: &Header,
        lines: &[Line],
        waits: &BTreeSet<ObligationId>,
    ) -> Result<Vec<ObligationId>, CommandError> {
        let mut moved = Vec::new();
        if waits.is_empty() {
            return Ok(moved);
        }
        for line in lines {
            let id = line.obligation(header.item, header.month);
            if waits.contains(&id) {
                let (state, _) = self.executor.load::<Obligation>(id).await?;
                if state.waiting() != Some(line.net()) || state.due() != line.attempt {
                    moved.push(id);
                }
            }
        }
        Ok(moved)
    }

    async fn seal_part(
        &self,
        envelope: &Envelope,
        plan_id: &str,
        number: u16,
    ) -> Result<(), CommandError> {
        let part_id = ids::part(plan_id, number);
        self.executor
            .run(envelope, "part.seal", &part_id, async |unit| {
                unit.decide::<Part>(&part_id, part::Command::Seal).await?;
                let (part, _) = unit.load::<Part>(&part_id).await?;
                let totals = PartTotals {
                    part: number,
                    grants: part.grants(),
                    totals: part.totals,
                    excluded: part.excluded,
                };
                unit.decide::<Plan>(plan_id, plan::Command::RecordPart(totals)).await?;
                Ok(())
            })
            .await
            .map(|_| ())
    }
}

/// What waited when the population was frozen becomes a line of this part.
async fn take(
    unit: &Unit,
    header: &Header,
    part_id: &str,
    id: ObligationId,
    line: &Line,
) -> Result<(), CommandError> {
    let (part, amount) = (part_id.to_owned(), line.net());
    let purse = Purse { area: header.area, fund: header.fund };
    let (state, _) = unit.load::<Obligation>(id).await?;
    let returned = state.stage() == obligation::Stage::Returned;
    drop(state);
    let again = obligation::Command::Take { part: part.clone(), amount };
    waiting::decide(unit, purse, id, again).await?;
    if returned {
        let reissue = return_case::Command::Reissue { part };
        unit.decide::<ReturnCase>(id.attempt(line.attempt - 1), reissue).await?;
    }
    Ok(())
}

fn waiting_lines(header: &Header, grants: &[GrantFacts]) -> BTreeSet<ObligationId> {
    let mut ids = BTreeSet::new();
    for facts in grants {
        for due in facts.due.iter().filter(|due| due.waits) {
            ids.insert(ObligationId {
                item: header.item,
                month: due.month,
                component: due.component,
                adjustment: due.adjustment,
                person: facts.person,
            });
        }
    }
    ids
}

/// Lines and exclusions of some grants; `claimed` obligations are somebody else's, and those in
/// `gone` wait no longer.
fn owed(
    header: &Header,
    grants: &[GrantFacts],
    claimed: &BTreeSet<String>,
    gone: &BTreeSet<ObligationId>,
) -> (Vec<Line>, Vec<Excluded>) {
    let (mut lines, mut excluded) = (Vec::with_capacity(grants.len()), Vec::new());
    // Two ids of one human may stand in one chunk: the first has the claims of both.
    let mut here: BTreeSet<ObligationId> = BTreeSet::new();
    for facts in grants {
        let of_grant = lines_of(header, facts, claimed, gone).and_then(|mut of_grant| {
            if !facts.also.is_empty() {
                of_grant.retain(|line| !here.contains(&line.obligation(header.item, header.month)));
                for line in &of_grant {
                    let id = line.obligation(header.item, header.month);
                    here.extend(
                        facts.also.iter().map(|person| ObligationId { person: *person, ..id }),
                    );
                }
            }
            if of_grant.is_empty() { Err(Exclusion::AlreadyClaimed) } else { Ok(of_grant) }
        });
        match of_grant {
            Ok(of_grant) => lines.extend(of_grant),
            Err(reason) => {
                let (grant, person) = (facts.grant, facts.person);
                excluded.push(Excluded { grant, person, reason });
            }
        }
    }
    (lines, excluded)
}

fn lines_of(
    header: &Header,
    facts: &GrantFacts,
    claimed: &BTreeSet<String>,
    gone: &BTreeSet<ObligationId>,
) -> Result<Vec<Line>, Exclusion> {
    // The month of death is owed, but never to the dead person's account: that takes a case.
    let own = Some(facts.life).filter(|_| !matches!(facts.payee, Some(Payee::Heir { .. })));
    for life in [own, facts.payee_life].into_iter().flatten() {
        match life {
            Life::Dead { .. } => return Err(Exclusion::Dead),
            Life::DeathReported => return Err(Exclusion::DeathReported),
            Life::Alive => {}
        }
    }
    if facts.suspended && facts.due.is_empty() {
        return Err(Exclusion::Suspended);
    }
    if facts.competing == Some(Competing::Excluded) && facts.due.is_empty() {
        return Err(Exclusion::CompetingBenefit);
    }
    let address = facts.address.ok_or(Exclusion::NoUsableAddress)?;
    match address.usable {
        Usable::Yes => {}
        Usable::No => return Err(Exclusion::NoUsableAddress),
        Usable::Frozen => return Err(Exclusion::AddressFrozen),
    }
    if !facts.due.is_empty() {
        return due_lines(header, facts, address, claimed, gone);
    }
    let owed: Vec<_> = facts.components.iter().filter(|(_, amount, _)| !amount.is_zero()).collect();
    if owed.is_empty() {
        return Err(Exclusion::NothingDue);
    }
    let total: Money = owed.iter().map(|(_, amount, _)| *amount).sum();
    if total < header.amount_min || total > header.amount_max {
        return Err(Exclusion::OutOfBounds);
    }
    let mut less = match facts.competing {
        Some(Competing::Less { by }) => by,
        Some(Competing::Excluded) | None => Money::ZERO,
    };
    let lines: Vec<Line> = owed
        .into_iter()
        .map(|(component, gross, amount_from)| {
            let off = less.min(*gross);
            less -= off;
            (component, *gross - off, amount_from)
        })
        .filter(|(_, gross, _)| gross.is_positive())
        .map(|(component, gross, amount_from)| Line {
            person: facts.person,
            component: *component,
            month: None,
            adjustment: 0,
            attempt: 1,
            grant: facts.grant,
            payee: facts.payee,
            address: address.address,
            address_version: address.version,
            bank: address.bank,
            county: facts.county,
            gross,
            deductions: Money::ZERO,
            workings: Workings { grant_revision: facts.revision, amount_from: *amount_from },
        })
        .filter(|line| !is_claimed(header, facts, claimed, line))
        .collect();
    match lines.is_empty() {
        false => Ok(lines),
        // The other benefit takes all of it.
        true if matches!(facts.competing, Some(Competing::Less { by }) if by >= total) => {
            Err(Exclusion::CompetingBenefit)
        }
        true => Err(Exclusion::AlreadyClaimed),
    }
}

/// Under this id or under another one of the same human.
fn is_claimed(
    header: &Header,
    facts: &GrantFacts,
    claimed: &BTreeSet<String>,
    line: &Line,
) -> bool {
    let id = line.obligation(header.item, header.month);
    let mut ids = std::iter::once(facts.person).chain(facts.also.iter().copied());
    !claimed.is_empty()
        && ids.any(|person| claimed.contains(&ObligationId { person, ..id }.claim()))
}

/// Lines of what waits and of earlier months: each within the item's bounds.
fn due_lines(
    header: &Header,
    facts: &GrantFacts,
    address: AddressFacts,
    claimed: &BTreeSet<String>,
    gone: &BTreeSet<ObligationId>,
) -> Result<Vec<Line>, Exclusion> {
    if facts.due.iter().any(|due| due.gross > header.amount_max) {
        return Err(Exclusion::OutOfBounds);
    }
    let line = |due: &Due| Line {
        person: facts.person,
        component: due.component,
        month: Some(due.month).filter(|month| *month != header.month),
        adjustment: due.adjustment,
        attempt: due.attempt,
        grant: facts.grant,
        payee: facts.payee,
        address: address.address,
        address_version: address.version,
        bank: address.bank,
        county: facts.county,
        gross: due.gross,
        deductions: due.deductions,
        workings: Workings { grant_revision: facts.revision, amount_from: due.month },
    };
    let lines: Vec<Line> = facts
        .due
        .iter()
        .map(line)
        .filter(|line| !gone.contains(&line.obligation(header.item, header.month)))
        .filter(|line| !is_claimed(header, facts, claimed, line))
        .collect();
    if lines.is_empty() { Err(Exclusion::NotWaiting) } else { Ok(lines) }
}

/// Grants by part: no part gets more lines than a stream may hold.
fn parts(grants: &[GrantFacts]) -> Vec<&[GrantFacts]> {
    cut(grants, LINES_MAX)
}

fn chunks(grants: &[GrantFacts]) -> Vec<&[GrantFacts]> {
    cut(grants, CHUNK_LINES_MAX)
}

/// Cuts so that each piece leads to at most `max` lines; an empty list is one empty piece.
fn cut(grants: &[GrantFacts], max: usize) -> Vec<&[GrantFacts]> {
    let mut pieces = Vec::new();
    let (mut start, mut lines) = (0, 0);
    for (place, facts) in grants.iter().enumerate() {
        let more = facts.components.len().max(facts.due.len()).max(1);
        if lines + more > max {
            pieces.push(&grants[start..place]);
            (start, lines) = (place, 0);
        }
        lines += more;
    }
    pieces.push(&grants[start..]);
    pieces
}

fn count(items: usize) -> Result<u32, CommandError> {
    u32::try_from(items).map_err(|_| {
        Refused::new("TOO_MANY", "名单过长", "a list of more than four billion entries").into()
    })
}
