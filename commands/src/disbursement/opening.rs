//! A cut-over: what was paid before, and what must never be paid again.
//!
//! **Invariant** an obligation that is entered here is claimed in the same append: no run plans it.

use disbursement::obligation;
use disbursement::opening::{self, CHUNK_OBLIGATIONS_MAX, Cumulative, Opening, Settled};
use kernel::process::chunk_id;
use serde::{Deserialize, Serialize};
use shared::{AreaCode, ArtefactId, Date, ItemId, Money};

use super::Disbursement;
use super::open::not_defined;
use super::waiting::{self, Purse};
use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::execute::Done;
use crate::unit::Unit;

/// How many contested obligations a refusal names.
const SHOWN_MAX: usize = 20;

/// What an item had paid in an area up to a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnterOpening {
    pub item: ItemId,
    pub area: AreaCode,
    pub as_of: Date,
    /// Distinct people.
    pub people: u32,
    pub payments: u64,
    pub money: Money,
    /// The uploaded list that proves it.
    pub artefact: ArtefactId,
}

impl Disbursement {
    /// The cumulative figures: people, payments and money before the first run.
    ///
    /// # Errors
    /// After the first run, twice, or figures that cannot be.
    pub async fn enter_opening(
        &self,
        envelope: &Envelope,
        input: &EnterOpening,
    ) -> Result<Done, CommandError> {
        let EnterOpening { item, area, as_of, people, payments, money, artefact } = *input;
        self.executor
            .run(envelope, "opening.enter", input, async |unit| {
                let by = unit.envelope().actor.clone();
                let before =
                    Cumulative { item, area, as_of, people, payments, money, artefact, by };
                let enter = opening::Command::Enter(before);
                unit.decide::<Opening>(id(item, area), enter).await?;
                Ok(())
            })
            .await
    }

    /// Obligations that are settled, or were returned and wait: chunk by chunk, each claimed. Cut in
    /// the middle and asked again with the same command id, it goes on where it was. How many were
    /// entered.
    ///
    /// # Errors
    /// After the first run, or obligations that are claimed already, by name.
    pub async fn settle_opening(
        &self,
        envelope: &Envelope,
        item: ItemId,
        area: AreaCode,
        obligations: &[Settled],
    ) -> Result<Done<u32>, CommandError> {
        let rules = self.rules(self.executor.today()?)?;
        let fund = rules.item(item).map_err(not_defined)?.fund();
        let purse = Purse { area, fund };
        let mut position = self.executor.log().head();
        for (index, chunk) in (0_u32..).zip(obligations.chunks(CHUNK_OBLIGATIONS_MAX)) {
            let step = envelope.step(chunk_id(envelope.command_id, index));
            let done = self
                .executor
                .run(&step, "opening.settle", &(item, area, index, chunk), async |unit| {
                    settle(&unit, item, purse, chunk).await
                })
                .await?;
            position = done.position;
        }
        let result = u32::try_from(obligations.len()).map_err(CommandError::fault)?;
        let (replayed, dry_run) = (false, envelope.dry_run);
        Ok(Done { position, result, replayed, dry_run, revision: None, planned: Vec::new() })
    }

    /// Payments may begin. `declared` is how many obligations the list names.
    ///
    /// # Errors
    /// When another number was entered.
    pub async fn seal_opening(
        &self,
        envelope: &Envelope,
        item: ItemId,
        area: AreaCode,
        declared: u32,
    ) -> Result<Done, CommandError> {
        self.executor
            .run(envelope, "opening.seal", &(item, area, declared), async |unit| {
                let seal = opening::Command::Seal { declared };
                unit.decide::<Opening>(id(item, area), seal).await?;
                Ok(())
            })
            .await
    }
}

/// The first run of an item in an area opens: what was before can no longer be told.
pub(super) async fn begin_runs(
    unit: &Unit,
    item: ItemId,
    area: AreaCode,
) -> Result<(), CommandError> {
    unit.decide::<Opening>(id(item, area), opening::Command::BeginRuns).await?;
    Ok(())
}

/// Guards that no run of the item has begun in the area.
pub(super) async fn before_runs(
    unit: &Unit,
    item: ItemId,
    area: AreaCode,
) -> Result<(), CommandError> {
    let (state, _) = unit.guard::<Opening>(id(item, area)).await?;
    match state.stage {
        opening::Stage::Running => Err(opening::Error::AfterFirstRun.into()),
        opening::Stage::Unopened | opening::Stage::Entered | opening::Stage::Sealed => Ok(()),
    }
}

async fn settle(
    unit: &Unit,
    item: ItemId,
    purse: Purse,
    chunk: &[Settled],
) -> Result<(), CommandError> {
    let area = purse.area;
    let holder = format!("opening-{}", id(item, area));
    let keys: Vec<String> = chunk.iter().map(|one| one.obligation(item).claim()).collect();
    let held = unit.log().claims(&keys).await?;
    let contested: Vec<&String> =
        keys.iter().zip(&held).filter(|(_, held)| held.is_some()).map(|(key, _)| key).collect();
    if !contested.is_empty() {
        return Err(claimed(&contested));
    }
    let (state, _) = unit.load::<Opening>(id(item, area)).await?;
    let number = state.chunks;
    drop(state);
    for (one, key) in chunk.iter().zip(&keys) {
        unit.take(key, &holder);
        if let Some(reason) = one.returned {
            let give_back = obligation::Command::Return {
                attempt: 1,
                batch: holder.clone(),
                reason,
                amount: one.amount,
            };
            waiting::decide(unit, purse, one.obligation(item), give_back).await?;
        }
    }
    let settle = opening::Command::Settle { chunk: number, obligations: chunk.to_vec() };
    unit.decide::<Opening>(id(item, area), settle).await?;
    Ok(())
}

fn id(item: ItemId, area: AreaCode) -> String {
    format!("{item}-{area}")
}

pub(super) fn claimed(contested: &[&String]) -> CommandError {
    let count = contested.len();
    let mut refused = Refused::new(
        "OBLIGATIONS_CLAIMED",
        format!("有{count}笔应付已登记（已发放或已列入计划），不得重复录入"),
        format!("{count} obligations are planned or settled already"),
    );
    for key in contested.iter().take(SHOWN_MAX) {
        refused = refused.param("obligation", key);
    }
    refused.into()
}
