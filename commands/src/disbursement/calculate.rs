//! Whom a plan concerns is frozen at one position; what is owed to them is calculated line by line.
//!
//! **Invariant** every frozen grant gets lines or an exclusion with its reason, and every line's
//! obligation is claimed in the append that writes it: planned twice is impossible.

mod lines;

use std::collections::{BTreeSet, HashMap};
use std::iter::Peekable;

use disbursement::line::Line;
use disbursement::obligation::{self, Obligation};
use disbursement::part::{self, CHUNK_LINES_MAX, LINES_MAX, Part};
use disbursement::plan::{self, Header, PartTotals, Plan};
use disbursement::return_case::{self, ReturnCase};
use kernel::process::chunk_id;
use serde::{Deserialize, Serialize};
use shared::{ArtefactId, Money, ObligationId, PersonId};

use self::lines::{owed, waiting_lines};
use super::population::{self, Grants, PopulationFault};
use super::ports::GrantFacts;
use super::waiting::{self, Purse};
use super::whom::BackPay;
use super::{Disbursement, deduct, ids};
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
            let population = self.frozen(&plan).await?;
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

    /// The bytes of a plan's frozen population.
    async fn frozen(&self, plan: &Plan) -> Result<Vec<u8>, CommandError> {
        let id = ArtefactId::parse(&plan.population).map_err(CommandError::fault)?;
        get(&*self.ports.artefacts, id, POPULATION_BYTES_MAX).await.map_err(CommandError::fault)
    }

    async fn calculate_parts(
        &self,
        envelope: &Envelope,
        plan_id: &str,
        header: &Header,
        population: &[u8],
    ) -> Result<(), CommandError> {
        let grants = population::grants(population).map_err(CommandError::fault)?;
        let mut grants = grants.peekable();
        let mut job = 0;
        for number in 1.. {
            let part_id = ids::part(plan_id, number);
            let mut room = LINES_MAX;
            for chunk in 0.. {
                let (some, full) = next_chunk(&mut grants, &mut room)?;
                let step = envelope.step(chunk_id(envelope.command_id, job));
                self.calculate_chunk(&step, header, &part_id, chunk, &some).await?;
                job += 1;
                if full {
                    break;
                }
            }
            let step = envelope.step(chunk_id(envelope.command_id, job));
            job += 1;
            self.seal_part(&step, plan_id, number).await?;
            if grants.peek().is_none() {
                break;
            }
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

/// The next grants of a part, of which so many lines have room, and whether the part ends with them.
/// An empty population is one empty chunk.
fn next_chunk(
    grants: &mut Peekable<Grants<'_>>,
    room: &mut usize,
) -> Result<(Vec<GrantFacts>, bool), CommandError> {
    let (mut chunk, mut left) = (Vec::new(), CHUNK_LINES_MAX.min(*room));
    // The first is taken in any case: a grant that no chunk holds is refused by the part.
    while let Some(facts) = grants.next_if(|next| chunk.is_empty() || fits(next, left)) {
        let facts = facts.map_err(CommandError::fault)?;
        let lines = lines_at_most(&facts);
        (left, *room) = (left.saturating_sub(lines), room.saturating_sub(lines));
        chunk.push(facts);
    }
    let full = grants.peek().is_none_or(|next| !fits(next, *room));
    Ok((chunk, full))
}

/// What cannot be read is told by whoever takes it.
fn fits(next: &Result<GrantFacts, PopulationFault>, room: usize) -> bool {
    next.as_ref().map_or(true, |facts| lines_at_most(facts) <= room)
}

fn lines_at_most(facts: &GrantFacts) -> usize {
    facts.components.len().max(facts.due.len()).max(1)
}

fn count(items: usize) -> Result<u32, CommandError> {
    u32::try_from(items).map_err(|_| {
        Refused::new("TOO_MANY", "名单过长", "a list of more than four billion entries").into()
    })
}

#[cfg(test)]
mod tests {
    use kernel::Position;

    use super::*;
    use crate::disbursement::population::tests::plain;
    use crate::disbursement::ports::Population;

    /// Grants of so many lines each, as the numbers of grants in each chunk of each part.
    fn cut(lines: &[usize]) -> Vec<Vec<usize>> {
        let grants = lines.iter().map(|lines| plain(*lines)).collect();
        let bytes = population::encode(&Population { at: Position(1), grants });
        let mut grants = population::grants(&bytes).unwrap().peekable();
        let mut parts = Vec::new();
        loop {
            let (mut room, mut chunks) = (LINES_MAX, Vec::new());
            loop {
                let (chunk, full) = next_chunk(&mut grants, &mut room).unwrap();
                chunks.push(chunk.len());
                if full {
                    break;
                }
            }
            parts.push(chunks);
            if grants.peek().is_none() {
                return parts;
            }
        }
    }

    #[test]
    fn no_chunk_and_no_part_gets_more_lines_than_it_may() {
        assert_eq!(cut(&[]), [[0]], "nobody is a chunk as well");
        assert_eq!(cut(&[0, 0, 1]), [[3]]);
        assert_eq!(cut(&[1; 1_500]), [[1_000, 500]]);
        assert_eq!(cut(&[3; 700]), [[333, 333, 34]]);
        assert_eq!(cut(&[1; LINES_MAX + 1]), [vec![1_000; 50], vec![1]]);
        // The last chunk of a part is as short as what is left of it.
        let of_three = cut(&[3; 16_667]);
        assert_eq!((of_three.len(), of_three[0].iter().sum::<usize>()), (2, 16_666));
        assert_eq!(cut(&[1, CHUNK_LINES_MAX + 1, 1]), [[1, 1, 1]], "the part refuses the second");
    }
}
