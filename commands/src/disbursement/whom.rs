//! Whom a run concerns, by its type: a month's grants, what waits, or what earlier months still owe.
//!
//! | run | its population |
//! |---|---|
//! | 正常, 一次性 | every grant that reaches into the month |
//! | 零星 | the same, and special payments that were ordered |
//! | 补发 | what was released or reinstated, what is due to heirs that were named, and what months before still owe |
//! | 重发 | what was returned and has a verified address now |

use std::collections::{BTreeMap, HashMap};

use benefits::grant::{Grant, Record};
use cards::address::{Address, Verification};
use cards::card::Card;
use disbursement::deduction::Deduction;
use disbursement::part::Part;
use disbursement::period::{self, Period};
use disbursement::plan::{Header, Plan};
use kernel::StreamName;
use registry::person::{self, Person};
use serde::{Deserialize, Serialize};
use shared::{
    Component, GrantId, Money, Month, ObligationId, PayAddressId, Payee, PersonId, RunType,
};

use super::locate::locate;
use super::ports::{AddressFacts, Due, GrantFacts, Life, Population, Usable};
use super::waiting::{self, Purse, Ready};
use super::{Disbursement, deduct, ids, matrix, merged};
use crate::error::CommandError;
use crate::unit::Unit;

const PAGE: usize = 1_000;
/// How far back a run looks.
const BACK_MONTHS_MAX: u32 = 24;
/// How many adjustments of one month are looked for.
const ADJUSTMENTS_MAX: u16 = 20;

/// What a back-pay run takes beside what waits.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BackPay {
    /// The first month that it looks at; absent: as far as item-periods were opened here.
    pub from: Option<Month>,
    /// Only these grants; empty: every grant of the item.
    pub only: Vec<GrantId>,
}

impl Disbursement {
    pub(super) async fn population_of(
        &self,
        unit: &Unit,
        header: &Header,
        back: &BackPay,
    ) -> Result<Population, CommandError> {
        let mut grants: BTreeMap<GrantId, GrantFacts> = BTreeMap::new();
        let mut population = match header.run {
            RunType::Normal | RunType::OneOff => self.of_month(header, header.month).await?,
            RunType::Sporadic => {
                self.add_waiting(unit, header, &mut grants).await?;
                let mut population = self.of_month(header, header.month).await?;
                // A special payment is a line of its own run: that grant's month has another one.
                population.grants.retain(|facts| !grants.contains_key(&facts.grant));
                population.grants.extend(grants.into_values());
                population
            }
            RunType::Reissue => {
                let at = unit.log().head();
                self.add_waiting(unit, header, &mut grants).await?;
                Population { at, grants: grants.into_values().collect() }
            }
            RunType::BackPay => {
                let at = unit.log().head();
                self.add_waiting(unit, header, &mut grants).await?;
                self.add_missed(unit, header, back, &mut grants).await?;
                Population { at, grants: grants.into_values().collect() }
            }
        };
        self.look_around(unit, header, &mut population).await?;
        // Claims and lines are keyed by person: in this order they are written side by side, a
        // page at a time, and not each to a page of its own.
        population.grants.sort_by_key(|facts| (facts.person, facts.grant));
        Ok(population)
    }

    async fn of_month(&self, header: &Header, month: Month) -> Result<Population, CommandError> {
        let head = self.executor.log().head();
        let facts = &self.ports.facts;
        facts
            .population(header.item, header.fund, month, header.area, head)
            .await
            .map_err(CommandError::fault)
    }

    async fn add_waiting(
        &self,
        unit: &Unit,
        header: &Header,
        grants: &mut BTreeMap<GrantId, GrantFacts>,
    ) -> Result<(), CommandError> {
        let purse = Purse { area: header.area, fund: header.fund };
        for ready in waiting::ready(unit, header.item, purse, header.run).await? {
            let Some(record) = grant_of(unit, ready.obligation).await? else { continue };
            let (gross, deductions) = waiting::split(unit, &ready).await?;
            let id = ready.obligation;
            let due = Due {
                month: id.month,
                component: id.component,
                adjustment: id.adjustment,
                attempt: ready.attempt,
                gross,
                deductions,
                waits: true,
            };
            let facts = facts(unit, &record, &ready).await?;
            let entry = grants.entry(record.grant).or_insert_with(|| facts.clone());
            // The last correction says where all of the grant's money goes.
            if ready.address.is_some() {
                (entry.address, entry.payee) = (facts.address, facts.payee);
                entry.payee_life = facts.payee_life;
            }
            entry.due.push(due);
        }
        Ok(())
    }

    /// What months before still owe: never planned, or planned with less than is owed now.
    async fn add_missed(
        &self,
        unit: &Unit,
        header: &Header,
        back: &BackPay,
        grants: &mut BTreeMap<GrantId, GrantFacts>,
    ) -> Result<(), CommandError> {
        let mut planned = Planned::default();
        for month in self.months_back(unit, header, back).await? {
            let mut population = self.of_month(header, month).await?;
            let asked = |id: &GrantId| back.only.is_empty() || back.only.contains(id);
            // What the dead are still owed waits for their heirs.
            population.grants.retain(|one| asked(&one.grant) && one.life.goes_on());
            for piece in population.grants.chunks(PAGE) {
                for (place, due) in missed(unit, header, month, piece, &mut planned).await? {
                    let of = &piece[place];
                    let entry = grants.entry(of.grant).or_insert_with(|| of.clone());
                    entry.due.push(due);
                }
            }
        }
        Ok(())
    }

    /// Earlier months, the last one first.
    async fn months_back(
        &self,
        unit: &Unit,
        header: &Header,
        back: &BackPay,
    ) -> Result<Vec<Month>, CommandError> {
        let (mut months, mut month) = (Vec::new(), header.month);
        for _ in 0..BACK_MONTHS_MAX {
            month = month.previous();
            match back.from {
                Some(from) if month < from => break,
                Some(_) => {}
                None => {
                    let id = ids::period(header.item, month, header.area);
                    let (period, _) = unit.load::<Period>(id).await?;
                    if period.stage == period::Stage::Unopened {
                        break;
                    }
                }
            }
            months.push(month);
        }
        Ok(months)
    }

    /// Other ids of the same human, competing benefits, deductions.
    async fn look_around(
        &self,
        unit: &Unit,
        header: &Header,
        population: &mut Population,
    ) -> Result<(), CommandError> {
        let groups = merged::groups(unit).await?;
        let mut orders: HashMap<PersonId, Vec<String>> = HashMap::new();
        for id in deduct::orders(unit, header.item, None).await? {
            let (order, _) = unit.load::<Deduction>(&id).await?;
            if let Some(order) = &order.order {
                orders.entry(order.person).or_default().push(id);
            }
        }
        for facts in &mut population.grants {
            if let Some(group) = groups.get(&facts.person) {
                facts.also = group.iter().copied().filter(|id| *id != facts.person).collect();
            }
            if let Some(orders) = orders.get(&facts.person) {
                facts.deductions.clone_from(orders);
            }
        }
        let rules = self.rules(header.month.last_day())?;
        matrix::apply(unit, &rules, header, &mut population.grants).await
    }
}

/// The grant behind an obligation: its line's, or the person's own of the item.
async fn grant_of(unit: &Unit, id: ObligationId) -> Result<Option<Record>, CommandError> {
    if let Some(found) = locate(unit, id).await? {
        let (grant, _) = unit.load::<Grant>(found.line.grant).await?;
        return Ok(grant.record().cloned());
    }
    let prefix = benefits::claims::open_grant(id.item, id.person, None);
    for claim in unit.log().claims_from(&prefix, "", PAGE).await? {
        let stream = StreamName::stored(claim.holder);
        let (grant, _) = unit.load::<Grant>(stream.id()).await?;
        if let Some(record) = grant.record().filter(|record| record.from <= id.month) {
            return Ok(Some(record.clone()));
        }
    }
    Ok(None)
}

async fn facts(unit: &Unit, record: &Record, ready: &Ready) -> Result<GrantFacts, CommandError> {
    let own = match record.payee {
        Payee::Person { .. } => None,
        other @ (Payee::Guardian { .. }
        | Payee::Heir { .. }
        | Payee::Relative { .. }
        | Payee::Employer { .. }) => Some(other),
    };
    let payee = ready.payee.or(own);
    let payee_life = match payee.and_then(Payee::person).filter(|id| *id != record.person) {
        Some(payee) => Some(life_of(unit, payee).await?),
        None => None,
    };
    let (_, revision) = unit.load::<Grant>(record.grant).await?;
    Ok(GrantFacts {
        grant: record.grant,
        revision: revision.0,
        person: record.person,
        payee,
        life: life_of(unit, record.person).await?,
        payee_life,
        suspended: false,
        components: Vec::new(),
        address: address_of(unit, ready.address.unwrap_or(record.address)).await?,
        county: record.county,
        due: Vec::new(),
        also: Vec::new(),
        competing: None,
        deductions: Vec::new(),
    })
}

/// Under whatever id he is known now.
pub(super) async fn life_of(unit: &Unit, id: PersonId) -> Result<Life, CommandError> {
    let (state, _) = unit.load::<Person>(id).await?;
    let record = match &*state {
        Person::Unknown => return Ok(Life::Alive),
        Person::Registered(record) | Person::Merged { record, .. } => record,
    };
    Ok(match &record.life {
        person::Life::Alive => Life::Alive,
        person::Life::Reported(_) => Life::DeathReported,
        person::Life::Dead { died_on } => Life::Dead { month: Month::of(*died_on) },
    })
}

pub(super) async fn address_of(
    unit: &Unit,
    id: PayAddressId,
) -> Result<Option<AddressFacts>, CommandError> {
    let (state, _) = unit.load::<Address>(id).await?;
    let Address::Registered(record) = &*state else { return Ok(None) };
    let credited = match record.card {
        Some(card) => unit.load::<Card>(card).await?.0.takes_credits(),
        None => true,
    };
    let usable = match record.verification {
        _ if record.frozen_since.is_some() => Usable::Frozen,
        Verification::Verified if credited => Usable::Yes,
        Verification::Verified | Verification::Pending | Verification::Failed(_) => Usable::No,
    };
    Ok(Some(AddressFacts { address: id, version: record.version, bank: record.bank, usable }))
}

/// Gross of planned lines, by part: each part is gone through once.
#[derive(Default)]
struct Planned(HashMap<String, HashMap<ObligationId, Money>>);

impl Planned {
    async fn gross(
        &mut self,
        unit: &Unit,
        part_id: &str,
        id: ObligationId,
    ) -> Result<Option<Money>, CommandError> {
        if !self.0.contains_key(part_id) {
            let plan_id = part_id.rsplit_once('-').map_or("", |(plan, _)| plan);
            let (plan, _) = unit.load::<Plan>(plan_id).await?;
            let (part, _) = unit.load::<Part>(part_id).await?;
            let lines = match &plan.header {
                Some(header) => part
                    .lines
                    .iter()
                    .map(|line| (line.obligation(header.item, header.month), line.gross))
                    .collect(),
                None => HashMap::new(),
            };
            self.0.insert(part_id.to_owned(), lines);
        }
        Ok(self.0.get(part_id).and_then(|lines| lines.get(&id)).copied())
    }
}

/// What one component of a month still owes.
struct Open {
    /// Of the grant in its list.
    place: usize,
    person: PersonId,
    component: Component,
    owed: Money,
}

/// What a month still owes to some grants, with their places.
async fn missed(
    unit: &Unit,
    header: &Header,
    month: Month,
    grants: &[GrantFacts],
    planned: &mut Planned,
) -> Result<Vec<(usize, Due)>, CommandError> {
    let mut open: Vec<Open> = Vec::new();
    for (place, facts) in grants.iter().enumerate() {
        for (component, owed, _) in &facts.components {
            let (person, component, owed) = (facts.person, *component, *owed);
            open.push(Open { place, person, component, owed });
        }
    }
    let mut found = Vec::new();
    for adjustment in 0..ADJUSTMENTS_MAX {
        open.retain(|one| one.owed.is_positive());
        if open.is_empty() {
            break;
        }
        let id = |one: &Open| ObligationId {
            item: header.item,
            month,
            component: one.component,
            adjustment,
            person: one.person,
        };
        let keys: Vec<String> = open.iter().map(|one| id(one).claim()).collect();
        let held = unit.log().claims(&keys).await?;
        for (one, held) in open.iter_mut().zip(held) {
            let Some(held) = held else {
                let due = Due {
                    month,
                    component: one.component,
                    adjustment,
                    attempt: 1,
                    gross: one.owed,
                    deductions: Money::ZERO,
                    waits: false,
                };
                found.push((one.place, due));
                one.owed = Money::ZERO;
                continue;
            };
            let holder = StreamName::stored(held.holder);
            match holder.category() {
                "part" => {
                    let before = planned.gross(unit, holder.id(), id(one)).await?;
                    one.owed -= before.unwrap_or(one.owed);
                }
                // A special payment stands beside what is owed.
                "obligation" if adjustment > 0 => {}
                // Settled before this system, or due to the heirs: nothing is known to be missing.
                _ => one.owed = Money::ZERO,
            }
        }
    }
    Ok(found)
}
