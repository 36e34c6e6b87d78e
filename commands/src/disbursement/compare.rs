//! A calculated plan beside the item's month before: what is new, ended, resumed, back-paid, and
//! what looks wrong. Drawn up when the plan is submitted, decided entry by entry.

use std::collections::{BTreeMap, BTreeSet};

use definitions::Item;
use disbursement::comparison::{
    self, CHUNK_ENTRIES_MAX, Comparison, Counts, Decision, Entry, Kind,
};
use disbursement::part::Part;
use disbursement::period::Period;
use disbursement::plan::{self, Header, Plan};
use kernel::process::derived_id;
use serde::{Deserialize, Serialize};
use shared::{GrantId, Money, PersonId, RunType};

use super::open::not_defined;
use super::{Disbursement, ids};
use crate::envelope::Envelope;
use crate::error::CommandError;
use crate::execute::Done;
use crate::unit::Unit;

/// A ratio of basis points.
const BASIS: i64 = 10_000;

/// What the comparison came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    pub previous: Option<String>,
    pub unchanged: u32,
    pub new: u32,
    pub ended: u32,
    pub resumed: u32,
    pub back_paid: u32,
    pub changed: u32,
    pub exceptions: u32,
    /// Exceptions that nobody accepted yet.
    pub undecided: u32,
}

/// What a clerk found about entries of the list, by their places from 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecideExceptions {
    pub entries: Vec<u32>,
    pub decision: Decision,
    pub reason: String,
}

impl Disbursement {
    /// Draws up the list, or shows the one that was drawn up before.
    ///
    /// # Errors
    /// When the plan is not calculated.
    pub async fn compare(
        &self,
        envelope: &Envelope,
        plan_id: &str,
    ) -> Result<Done<Compared>, CommandError> {
        let (plan, header) = self.plan(plan_id).await?;
        let (known, _) = self.executor.load::<Comparison>(plan_id).await?;
        if !known.sealed && plan.stage == plan::Stage::Calculated {
            let rules = self.rules(header.month.last_day())?;
            let item = rules.item(header.item).map_err(not_defined)?;
            let looks = Unit::new(self.executor.clone(), envelope, header.pay_day);
            let (previous, entries, counts) =
                draw_up(&looks, plan_id, &plan, &header, item).await?;
            let chunks: Vec<&[Entry]> = entries.chunks(CHUNK_ENTRIES_MAX).collect();
            for (chunk, entries) in (0..).zip(&chunks).skip(known.chunks as usize) {
                let step = envelope.step(step_id(envelope, chunk));
                self.executor
                    .run(&step, "plan.compare-chunk", &(plan_id, chunk), async |unit: Unit| {
                        let entries = entries.to_vec();
                        let draw = comparison::Command::Draw { chunk, entries };
                        unit.decide::<Comparison>(plan_id, draw).await?;
                        Ok(())
                    })
                    .await?;
            }
            let step = envelope.step(step_id(envelope, u32::MAX));
            self.executor
                .run(&step, "plan.compare", &plan_id, async |unit: Unit| {
                    unit.guard::<Plan>(plan_id).await?;
                    let seal = comparison::Command::Seal { previous: previous.clone(), counts };
                    unit.decide::<Comparison>(plan_id, seal).await?;
                    Ok(())
                })
                .await?;
        }
        let show = envelope.step(step_id(envelope, u32::MAX - 1));
        self.executor
            .run(&show, "plan.compared", &plan_id, async |unit: Unit| {
                let (list, _) = unit.guard::<Comparison>(plan_id).await?;
                if !list.sealed {
                    return Err(comparison::Error::NotSealed.into());
                }
                let Counts { unchanged, new, ended, resumed, back_paid, changed, exceptions } =
                    list.counts;
                let undecided =
                    u32::try_from(list.undecided().count()).map_err(CommandError::fault)?;
                Ok(Compared {
                    previous: previous_plan(&unit, &header).await?,
                    unchanged,
                    new,
                    ended,
                    resumed,
                    back_paid,
                    changed,
                    exceptions,
                    undecided,
                })
            })
            .await
    }

    /// # Errors
    /// An entry that is no exception, no reason.
    pub async fn decide_exceptions(
        &self,
        envelope: &Envelope,
        plan_id: &str,
        input: &DecideExceptions,
    ) -> Result<Done, CommandError> {
        self.executor
            .run(envelope, "plan.decide-exceptions", &(plan_id, input), async |unit: Unit| {
                let decide = comparison::Command::Decide {
                    entries: input.entries.clone(),
                    decision: input.decision,
                    by: unit.envelope().actor.clone(),
                    reason: input.reason.clone(),
                };
                unit.decide::<Comparison>(plan_id, decide).await?;
                Ok(())
            })
            .await
    }
}

/// The last normal run of the month before.
async fn previous_plan(unit: &Unit, header: &Header) -> Result<Option<String>, CommandError> {
    let id = ids::period(header.item, header.month.previous(), header.area);
    let (period, _) = unit.load::<Period>(id).await?;
    for plan_id in period.plans.iter().rev() {
        let (plan, _) = unit.load::<Plan>(plan_id).await?;
        let normal = plan.header.as_ref().is_some_and(|of| {
            matches!(of.run, RunType::Normal | RunType::OneOff) && of.fund == header.fund
        });
        if normal && plan.stage != plan::Stage::Cancelled {
            return Ok(Some(plan_id.clone()));
        }
    }
    Ok(None)
}

/// What a grant has in a plan.
struct Sum {
    person: PersonId,
    gross: Money,
    /// Lines of other months than the plan's.
    back: bool,
    /// The most that one month of it pays.
    month: Money,
}

async fn sums(
    unit: &Unit,
    plan_id: &str,
    plan: &Plan,
) -> Result<BTreeMap<GrantId, Sum>, CommandError> {
    let mut sums: BTreeMap<GrantId, Sum> = BTreeMap::new();
    for part in &plan.parts {
        let (part, _) = unit.load::<Part>(ids::part(plan_id, part.part)).await?;
        for line in &part.lines {
            let sum = sums.entry(line.grant).or_insert(Sum {
                person: line.person,
                gross: Money::ZERO,
                back: false,
                month: Money::ZERO,
            });
            sum.gross += line.gross;
            sum.back |= line.month.is_some();
            sum.month = sum.month.max(line.gross);
        }
    }
    Ok(sums)
}

async fn draw_up(
    unit: &Unit,
    plan_id: &str,
    plan: &Plan,
    header: &Header,
    item: &Item,
) -> Result<(Option<String>, Vec<Entry>, Counts), CommandError> {
    let now = sums(unit, plan_id, plan).await?;
    let previous = previous_plan(unit, header).await?;
    let Some(previous) = previous else {
        // The item's first month: everybody is new, and the plan itself is the list.
        let new = u32::try_from(now.len()).map_err(CommandError::fault)?;
        return Ok((None, Vec::new(), Counts { new, ..Counts::default() }));
    };
    let (earlier, _) = unit.load::<Plan>(&previous).await?;
    let before = sums(unit, &previous, &earlier).await?;
    let (mut entries, mut counts) = (Vec::new(), Counts::default());
    for (grant, sum) in &now {
        let was = before.get(grant);
        let kind = match was {
            _ if sum.back && too_much(item, was.map(|was| was.month), sum.month) => Kind::Exception,
            _ if sum.back => Kind::BackPaid,
            None if resumed(unit, *grant).await? => Kind::Resumed,
            None => Kind::New,
            Some(was) if was.gross == sum.gross => {
                counts.unchanged += 1;
                continue;
            }
            Some(was) if jumps(item, Some(was.gross), sum.gross) => Kind::Exception,
            Some(_) => {
                counts.changed += 1;
                continue;
            }
        };
        let person = sum.person;
        let before = was.map(|was| was.gross);
        entries.push(Entry { kind, grant: *grant, person, before, now: Some(sum.gross) });
    }
    // Whoever is in no other run of the month: those of a back-pay or reissue run are not gone.
    if matches!(header.run, RunType::Normal | RunType::OneOff) {
        let here: BTreeSet<&GrantId> = now.keys().collect();
        for (grant, sum) in before.iter().filter(|(grant, _)| !here.contains(grant)) {
            let (kind, person, before) = (Kind::Ended, sum.person, Some(sum.gross));
            entries.push(Entry { kind, grant: *grant, person, before, now: None });
        }
    }
    for entry in &entries {
        *match entry.kind {
            Kind::New => &mut counts.new,
            Kind::Ended => &mut counts.ended,
            Kind::Resumed => &mut counts.resumed,
            Kind::BackPaid => &mut counts.back_paid,
            Kind::Exception => &mut counts.exceptions,
        } += 1;
    }
    Ok((Some(previous), entries, counts))
}

async fn resumed(unit: &Unit, grant: GrantId) -> Result<bool, CommandError> {
    let (grant, _) = unit.load::<benefits::grant::Grant>(grant).await?;
    Ok(grant.record().is_some_and(benefits::grant::Record::was_resumed))
}

/// Whether a change lies beyond the item's threshold; 0 means that the item has none.
fn jumps(item: &Item, before: Option<Money>, now: Money) -> bool {
    let Some(before) = before.filter(|before| before.is_positive()) else { return false };
    let change = i128::from((now - before).fen()).abs() * i128::from(BASIS);
    item.change_threshold > 0
        && change > i128::from(before.fen()) * i128::from(item.change_threshold)
}

/// Back-pay may be any part of a month, as the difference of a rise is: only more than a month of it
/// looks wrong.
fn too_much(item: &Item, before: Option<Money>, now: Money) -> bool {
    before.is_some_and(|before| now > before) && jumps(item, before, now)
}

fn step_id(envelope: &Envelope, chunk: u32) -> uuid::Uuid {
    derived_id("compare", &[envelope.command_id.as_bytes(), &chunk.to_be_bytes()])
}
