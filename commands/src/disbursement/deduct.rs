//! Deductions: ordered, ended, and kept back from the lines of a run.

use disbursement::deduction::{self, Deduction, Kind, Order};
use disbursement::line::Line;
use disbursement::plan::Header;
use serde::{Deserialize, Serialize};
use shared::{ItemId, Money, Month, OrganisationId, PersonId};

use super::Disbursement;
use crate::envelope::Envelope;
use crate::error::CommandError;
use crate::execute::Done;
use crate::registry::facts as people;
use crate::unit::Unit;

const PAGE: usize = 1_000;

/// Orders that something is kept back from what a person is paid. The approver is another person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderDeduction {
    pub kind: Kind,
    pub item: ItemId,
    pub person: PersonId,
    /// Whom the money is owed to then.
    pub third_party: Option<OrganisationId>,
    pub per_month: Option<Money>,
    pub total: Option<Money>,
    pub from: Month,
    pub to: Option<Month>,
    pub basis: String,
    pub approver: String,
}

impl Disbursement {
    /// The id of the deduction.
    ///
    /// # Errors
    /// As [`deduction::Error`] says; a third party that is not an open organisation.
    pub async fn order_deduction(
        &self,
        envelope: &Envelope,
        input: &OrderDeduction,
    ) -> Result<Done<String>, CommandError> {
        self.executor
            .run(envelope, "deduction.order", input, async |unit: Unit| {
                if let Some(third) = input.third_party {
                    people::open_organisation(&unit, third).await?;
                }
                let id = unit.new_id("deduction", 0).to_string();
                let order = Order {
                    kind: input.kind,
                    item: input.item,
                    person: input.person,
                    third_party: input.third_party,
                    per_month: input.per_month,
                    total: input.total,
                    from: input.from,
                    to: input.to,
                    basis: input.basis.clone(),
                    by: unit.envelope().actor.clone(),
                    approver: input.approver.clone(),
                };
                unit.decide::<Deduction>(&id, deduction::Command::Order(order)).await?;
                let holder = format!("deduction-{id}");
                unit.take(format!("{}{id}", prefix(input.item, Some(input.person))), holder);
                Ok(id)
            })
            .await
    }

    /// # Errors
    /// A deduction that has ended, no reason.
    pub async fn end_deduction(
        &self,
        envelope: &Envelope,
        id: &str,
        reason: &str,
    ) -> Result<Done, CommandError> {
        self.executor
            .run(envelope, "deduction.end", &(id, reason), async |unit: Unit| {
                let (by, reason) = (unit.envelope().actor.clone(), reason.to_owned());
                unit.decide::<Deduction>(id, deduction::Command::End { by, reason }).await?;
                let (state, _) = unit.load::<Deduction>(id).await?;
                if let Some(order) = &state.order {
                    let key = format!("{}{id}", prefix(order.item, Some(order.person)));
                    unit.release(key, format!("deduction-{id}"));
                }
                Ok(())
            })
            .await
    }
}

/// Standing orders hold `deduction:<item>/<person>/<id>` until they end.
fn prefix(item: ItemId, person: Option<PersonId>) -> String {
    match person {
        Some(person) => format!("deduction:{item}/{person}/"),
        None => format!("deduction:{item}/"),
    }
}

/// The ids of the standing orders of an item, or of one person of it.
pub(super) async fn orders(
    unit: &Unit,
    item: ItemId,
    person: Option<PersonId>,
) -> Result<Vec<String>, CommandError> {
    let prefix = prefix(item, person);
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let page = unit.log().claims_from(&prefix, &after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(found) };
        after.clone_from(&last.key);
        found.extend(
            page.iter().filter_map(|claim| claim.key.rsplit_once('/').map(|(_, id)| id.to_owned())),
        );
    }
}

/// Keeps back from the lines what each person's orders say, in the order of their ids, until a line
/// pays nothing.
///
/// # Errors
/// When the log cannot be read.
pub(super) async fn keep_back(
    unit: &Unit,
    header: &Header,
    part_id: &str,
    lines: &mut [Line],
    orders: &[(PersonId, String)],
) -> Result<(), CommandError> {
    for (person, id) in orders {
        let mut kept = Money::ZERO;
        for line in lines.iter_mut().filter(|line| line.person == *person) {
            let (state, _) = unit.guard::<Deduction>(id).await?;
            let month = line.month.unwrap_or(header.month);
            // What this very order took from the person's lines before is not in its stream yet.
            let left = state.left().map(|left| left - kept);
            let due = state.due(month, line.net());
            let due = left.map_or(due, |left| left.min(due));
            line.deductions += due;
            kept += due;
        }
        if kept.is_positive() {
            let part = part_id.to_owned();
            unit.decide::<Deduction>(id, deduction::Command::Keep { part, amount: kept }).await?;
        }
    }
    Ok(())
}
