//! Cumulative figures 累计服务人数、累计人次、累计发放金额: what was paid before the cut-over, as its
//! opening says, and what was paid here since.
//!
//! **Invariant** a person is counted once, however many items and months paid him. Whom an opening
//! names among its settled obligations stands in its count of people and is not counted anew.

use std::collections::BTreeMap;

use disbursement::opening::Event;
use shared::{ItemId, Money};

use super::{LineRow, LineState, NAME, OpeningObligationRow, OpeningRow, Payments};
use crate::engine::{FoldError, Happened, ReadSession, Store, Value, ViewError};
use crate::lists::{By, Clause, Only, Page, page};
use crate::scope::Scope;

/// An installation has some two dozen items in some ten areas.
const OPENINGS_MAX: u32 = 10_000;

impl Payments {
    pub(super) fn opening(
        &mut self,
        happened: &Happened<'_>,
        event: &Event,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let id = happened.subject().to_owned();
        match event {
            Event::Entered(before) => self.openings.put(OpeningRow {
                opening: id,
                item: before.item,
                area: before.area,
                as_of: before.as_of,
                people: before.people,
                payments: before.payments,
                money: before.money,
                artefact: before.artefact,
                entered_by: before.by.clone(),
                stage: "entered".to_owned(),
                settled: 0,
                settled_money: Money::ZERO,
                returned: 0,
                returned_money: Money::ZERO,
                position: happened.position(),
            }),
            Event::ObligationsSettled { obligations, .. } => {
                let opening = self.openings.get(&id, store)?;
                let opening = opening
                    .ok_or_else(|| FoldError::refused(format!("opening {id} was never entered")))?;
                let (item, area) = (opening.item, opening.area);
                for one in obligations {
                    self.opening_obligations.put(OpeningObligationRow {
                        obligation: one.obligation(item),
                        opening: id.clone(),
                        item,
                        area,
                        month: one.month,
                        person: one.person,
                        amount: one.amount,
                        returned: one.returned,
                    });
                }
                let position = happened.position();
                self.openings.update(&id, store, |row| {
                    for one in obligations {
                        let (count, money) = match one.returned {
                            None => (&mut row.settled, &mut row.settled_money),
                            Some(_) => (&mut row.returned, &mut row.returned_money),
                        };
                        *count += 1;
                        *money += one.amount;
                    }
                    row.position = position;
                })?;
            }
            Event::Sealed { .. } => self.at_stage(&id, "sealed", happened, store)?,
            // Payments began, with or without an opening.
            Event::RunsBegun {} => self.at_stage(&id, "running", happened, store)?,
        }
        Ok(())
    }

    fn at_stage(
        &mut self,
        opening: &String,
        stage: &str,
        happened: &Happened<'_>,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        self.openings.update(opening, store, |row| {
            stage.clone_into(&mut row.stage);
            row.position = happened.position();
        })?;
        Ok(())
    }
}

/// What was ever paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Served {
    /// Before the cut-over 期初: people, payments and money.
    pub before: (u64, u64, Money),
    /// Since: people who are not named by an opening, payments and money.
    pub since: (u64, u64, Money),
}

impl Served {
    /// 累计服务人数, distinct as far as the openings name people.
    #[must_use]
    pub fn people(&self) -> u64 {
        self.before.0 + self.since.0
    }

    /// 累计人次.
    #[must_use]
    pub fn payments(&self) -> u64 {
        self.before.1 + self.since.1
    }

    /// 累计发放金额.
    #[must_use]
    pub fn money(&self) -> Money {
        self.before.2 + self.since.2
    }
}

/// What was ever paid of each item. Never added up by people: one person draws several items.
///
/// # Errors
/// When the read model cannot be read; so for all of these.
pub fn served_by_item(
    session: &ReadSession,
    scope: &Scope,
) -> Result<BTreeMap<ItemId, Served>, ViewError> {
    let mut all: BTreeMap<ItemId, Served> = BTreeMap::new();
    for opening in openings(session, scope)? {
        add(&mut all.entry(opening.item).or_default().before, &opening);
    }
    let since = since(session, scope, "item", "GROUP BY item", "AND o.item = line.item")?;
    for (item, since) in since {
        let item = ItemId::parse(&item).ok();
        if let Some(item) = item {
            all.entry(item).or_default().since = since;
        }
    }
    Ok(all)
}

/// What was ever paid, of all items: each person once.
pub fn served(session: &ReadSession, scope: &Scope) -> Result<Served, ViewError> {
    let mut all = Served::default();
    for opening in openings(session, scope)? {
        add(&mut all.before, &opening);
    }
    let since = since(session, scope, "'all'", "", "")?;
    all.since = since.into_iter().next().map_or_else(Default::default, |(_, since)| since);
    Ok(all)
}

/// Openings by id.
pub fn openings(session: &ReadSession, scope: &Scope) -> Result<Vec<OpeningRow>, ViewError> {
    let (only, order) = (Only::everything(), [By::up("opening")]);
    let (after, before, limit) = (None, None, OPENINGS_MAX);
    let asked = Page { only: &only, order: &order, after, before, backward: false, limit };
    page(session, scope, &asked)
}

fn add(sum: &mut (u64, u64, Money), opening: &OpeningRow) {
    sum.0 += u64::from(opening.people);
    sum.1 += opening.payments;
    sum.2 += opening.money;
}

type Since = Vec<(String, (u64, u64, Money))>;

fn since(
    session: &ReadSession,
    scope: &Scope,
    key: &str,
    group: &str,
    same: &str,
) -> Result<Since, ViewError> {
    let mut clause = Clause::seen::<LineRow>(scope);
    clause.and::<LineRow>(&Only::equal("state", &LineState::Paid))?;
    let (paid, binds) = (clause.text(), &clause.binds);
    let sums = format!(
        "SELECT {key}, COUNT(*), CAST(COALESCE(SUM(net), 0) AS BIGINT) FROM line {paid} {group}"
    );
    let mut found: BTreeMap<String, (u64, u64, Money)> = BTreeMap::new();
    for row in session.rows(NAME, &sums, binds)? {
        let [key, payments, money] = row.as_slice() else { continue };
        found.insert(key.to()?, (0, payments.to()?, money.to()?));
    }
    let people = format!(
        "SELECT {key}, COUNT(DISTINCT person) FROM line {paid} AND NOT EXISTS (SELECT 1 FROM \
         opening_obligation o WHERE o.person = line.person AND o.returned IS NULL {same}) {group}"
    );
    for row in session.rows(NAME, &people, binds)? {
        let [key, people] = row.as_slice() else { continue };
        if let Some(sum) = found.get_mut(&Value::to::<String>(key)?) {
            sum.0 = people.to()?;
        }
    }
    Ok(found.into_iter().collect())
}
