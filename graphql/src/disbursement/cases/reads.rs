//! What belongs to a row of a case, or a case to a row, read for all rows of a list at once.

use std::collections::{HashMap, HashSet};

use async_graphql::Context;
use projections::cards::{CardRow, CardStage};
use projections::cases::{
    ComparisonRow, DeductionKeptRow, HeirsDueRow, HeirsRow, InstalmentRow, ObligationRow,
    RecoveryRow, RecoveryStepRow, ReturnRow,
};
use projections::grants::{GrantRow, GrantStopRow};
use projections::lists::{By, of_many};
use projections::payments::LineRow;
use projections::{ReadSession, Scope};
use shared::{GrantId, ObligationId, PayAddressId, PersonId};

use crate::batches::{Many, load, rows_of};
use crate::disbursement::Line;
use crate::fault::Fault;

rows_of! {
    /// The line of an obligation: one row or none.
    LineOf(ObligationId): LineRow, by "obligation" in ["obligation"] => |row| row.obligation;
    /// The grant under an id: one row or none.
    GrantOf(GrantId): GrantRow, by "grant_id" in ["grant_id"] => |row| row.grant_id;
    /// The returned attempts of an obligation.
    ReturnsOfLine(ObligationId): ReturnRow, by "obligation" in ["attempt"] => |row| row.obligation;
    /// The returned attempts of a person.
    ReturnsOf(PersonId): ReturnRow, by "person" in ["returned_on", "case_id"] => |row| row.person;
    /// What happened to an obligation alone: one row or none.
    ObligationOf(ObligationId): ObligationRow, by "obligation" in ["obligation"]
        => |row| row.obligation;
    /// The recovery of an obligation: one row or none.
    RecoveryOf(ObligationId): RecoveryRow, by "obligation" in ["obligation"]
        => |row| row.obligation;
    /// The recoveries from a person.
    RecoveriesOf(PersonId): RecoveryRow, by "person" in ["found_on", "obligation"]
        => |row| row.person;
    /// The steps of a recovery.
    StepsOf(ObligationId): RecoveryStepRow, by "obligation" in ["revision"]
        => |row| row.obligation;
    /// The instalments of the agreement that stands.
    InstalmentsOf(ObligationId): InstalmentRow, by "obligation" in ["number"]
        => |row| row.obligation;
    /// The heirs' case of a dead person: one row or none.
    HeirsOf(PersonId): HeirsRow, by "deceased" in ["deceased"] => |row| row.deceased;
    /// What is in a heirs' case.
    HeirsDuesOf(PersonId): HeirsDueRow, by "deceased" in ["obligation"] => |row| row.deceased;
    /// What an order kept, by part.
    KeptOf(String): DeductionKeptRow, by "deduction" in ["part"] => |row| row.deduction;
    /// The comparison list of a plan: one row or none.
    ComparisonOf(String): ComparisonRow, by "plan" in ["plan"] => |row| row.plan;
    /// Every stop of a person's grants.
    StopsOfPerson(PersonId): GrantStopRow, by "person" in ["from_month", "grant_id", "place"]
        => |row| row.person;
}

/// Whether the card behind a pay address is reported lost. A flag, no hold: credits still arrive
/// (DISBURSEMENT 2.2).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CardLost(pub PayAddressId);

impl Many for CardLost {
    type Answer = bool;

    fn read(
        session: &ReadSession,
        scope: &Scope,
        keys: &[Self],
    ) -> Result<HashMap<Self, bool>, Fault> {
        let addresses: Vec<PayAddressId> = keys.iter().map(|key| key.0).collect();
        let addresses = projections::cards::many_addresses(session, scope, &addresses)?;
        let cards = addresses.iter().filter_map(|row| row.card).map(Into::into);
        let cards: Vec<CardRow> = of_many(session, scope, "card", cards, &[By::up("card")])?;
        let lost: HashSet<_> = cards
            .into_iter()
            .filter(|row| row.stage == CardStage::Lost)
            .map(|row| row.card)
            .collect();
        let flag = |card: Option<_>| card.is_some_and(|card| lost.contains(&card));
        Ok(addresses.into_iter().map(|row| (Self(row.address), flag(row.card))).collect())
    }
}

/// The line of an obligation, if one stands in a plan.
pub async fn line(ctx: &Context<'_>, obligation: ObligationId) -> Result<Option<Line>, Fault> {
    let rows = load(ctx, LineOf(obligation)).await?;
    Ok(rows.into_iter().next().map(Line::from))
}
