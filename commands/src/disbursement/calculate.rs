//! Whom a plan concerns is frozen at one position; what is owed to them is calculated line by line.
//!
//! **Invariant** every frozen grant gets lines or an exclusion with its reason, and every line's
//! obligation is claimed in the append that writes it: planned twice is impossible.

use std::collections::BTreeSet;

use disbursement::line::{Excluded, Exclusion, Line, Workings};
use disbursement::part::{self, CHUNK_LINES_MAX, LINES_MAX, Part};
use disbursement::plan::{self, Header, PartTotals, Plan};
use kernel::process::chunk_id;
use serde::{Deserialize, Serialize};
use shared::{ArtefactId, Money};

use super::ports::{GrantFacts, Life, Population, Usable};
use super::{Disbursement, ids};
use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::execute::Done;
use crate::ports::{get, put};

/// A frozen population of a city's largest item: about 300 bytes a grant.
const POPULATION_BYTES_MAX: u64 = 2 * 1024 * 1024 * 1024;

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
        let (_, header) = self.plan(plan_id).await?;
        let head = self.executor.log().head();
        let facts = &self.ports.facts;
        let population = facts
            .population(header.item, header.fund, header.month, header.area, head)
            .await
            .map_err(CommandError::fault)?;
        let grants = count(population.grants.len())?;
        let bytes = serde_json::to_vec(&population).map_err(CommandError::fault)?;
        let stored = put(&*self.ports.artefacts, &bytes).await.map_err(CommandError::fault)?;
        let (at, digest) = (population.at, stored.id.to_string());
        self.executor
            .run(envelope, "plan.freeze", &plan_id, async |unit| {
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
        serde_json::from_slice(&bytes).map_err(CommandError::fault)
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
        loop {
            let (lines, excluded) = owed(header, grants, &claimed);
            let outcome = self
                .executor
                .run(envelope, "part.calculate", &(part_id, chunk), async |unit| {
                    for line in &lines {
                        let claim = line.obligation(header.item, header.month).claim();
                        unit.take(claim, format!("part-{part_id}"));
                    }
                    let (lines, excluded) = (lines.clone(), excluded.clone());
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

/// Lines and exclusions of some grants; `claimed` obligations are somebody else's.
fn owed(
    header: &Header,
    grants: &[GrantFacts],
    claimed: &BTreeSet<String>,
) -> (Vec<Line>, Vec<Excluded>) {
    let (mut lines, mut excluded) = (Vec::with_capacity(grants.len()), Vec::new());
    for facts in grants {
        match lines_of(header, facts, claimed) {
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
) -> Result<Vec<Line>, Exclusion> {
    // The month of death is owed, but never to the dead person's account: that takes a case.
    for life in [Some(facts.life), facts.payee_life].into_iter().flatten() {
        match life {
            Life::Dead { .. } => return Err(Exclusion::Dead),
            Life::DeathReported => return Err(Exclusion::DeathReported),
            Life::Alive => {}
        }
    }
    if facts.suspended {
        return Err(Exclusion::Suspended);
    }
    let address = facts.address.ok_or(Exclusion::NoUsableAddress)?;
    match address.usable {
        Usable::Yes => {}
        Usable::No => return Err(Exclusion::NoUsableAddress),
        Usable::Frozen => return Err(Exclusion::AddressFrozen),
    }
    let owed: Vec<_> = facts.components.iter().filter(|(_, amount, _)| !amount.is_zero()).collect();
    if owed.is_empty() {
        return Err(Exclusion::NothingDue);
    }
    let total: Money = owed.iter().map(|(_, amount, _)| *amount).sum();
    if total < header.amount_min || total > header.amount_max {
        return Err(Exclusion::OutOfBounds);
    }
    let lines: Vec<Line> = owed
        .into_iter()
        .map(|(component, gross, amount_from)| Line {
            person: facts.person,
            component: *component,
            month: None,
            adjustment: 0,
            grant: facts.grant,
            payee: facts.payee,
            address: address.address,
            address_version: address.version,
            bank: address.bank,
            county: facts.county,
            gross: *gross,
            deductions: Money::ZERO,
            workings: Workings { grant_revision: facts.revision, amount_from: *amount_from },
        })
        .filter(|line| !claimed.contains(&line.obligation(header.item, header.month).claim()))
        .collect();
    if lines.is_empty() { Err(Exclusion::AlreadyClaimed) } else { Ok(lines) }
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
        let more = facts.components.len().max(1);
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
