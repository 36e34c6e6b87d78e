//! What the write side asks the read models, with the position that it is asked for.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cards::address::Owner;
use commands::disbursement::{
    AddressFacts, FactsFault, GrantFacts, Life, PayFacts, PayeeEnvelopes, Population, Rules, Usable,
};
use definitions::Catalogue;
use kernel::Position;
use kernel::log::Answer;
use projections::engine::{ReadSession, TrainHandle, ViewError};
use projections::pay_facts::{self, VIEWS};
use projections::{Scope, rulebook};
use shared::{AreaCode, Date, FundCode, ItemId, Month, PayAddressId, PersonId};

/// Every wait has an end: a command or a process waits so long for the read models to catch up.
const CATCH_UP: Duration = Duration::from_secs(60);

#[derive(Clone)]
pub struct ViewFacts {
    train: TrainHandle,
}

impl ViewFacts {
    pub fn new(train: TrainHandle) -> Self {
        Self { train }
    }

    async fn session(&self, at_least: Position) -> Result<ReadSession, FactsFault> {
        session(&self.train, VIEWS, at_least).await
    }
}

/// These read models at a position that covers `at_least`.
pub(super) async fn session(
    train: &TrainHandle,
    views: &[&str],
    at_least: Position,
) -> Result<ReadSession, FactsFault> {
    let deadline = tokio::time::Instant::now() + CATCH_UP;
    train
        .wait_until_covered(views, at_least, deadline)
        .await
        .map_err(|not| FactsFault::NotReached { reached: not.reached, wanted: at_least })?;
    train.views().session_of(views).map_err(unavailable)
}

impl PayFacts for ViewFacts {
    fn population(
        &self,
        item: ItemId,
        fund: FundCode,
        month: Month,
        area: AreaCode,
        at_least: Position,
    ) -> Answer<'_, Result<Population, FactsFault>> {
        Box::pin(async move {
            let session = self.session(at_least).await?;
            // What lies between the session's position and this one concerns none of its views.
            let at = session.position().max(at_least);
            let asked = pay_facts::Asked { item, fund, month, area };
            let facts = pay_facts::population(&session, asked, pay_facts::PAGE);
            let grants = facts.map(|fact| fact.map(grant)).collect::<Result<_, _>>();
            Ok(Population { at, grants: grants.map_err(unavailable)? })
        })
    }

    fn payees<'a>(
        &'a self,
        of: &'a [(PersonId, PayAddressId, u32)],
        at_least: Position,
    ) -> Answer<'a, Result<Vec<Option<PayeeEnvelopes>>, FactsFault>> {
        Box::pin(async move {
            let session = self.session(at_least).await?;
            let payees = pay_facts::payees(&session, of).map_err(unavailable)?;
            let payees = payees.into_iter().map(|payee| {
                payee.map(|payee| PayeeEnvelopes {
                    subject: payee.subject,
                    id_number: payee.id_number.map(|sealed| sealed.0),
                    account: payee.account.0,
                    account_name: payee.account_name.0,
                })
            });
            Ok(payees.collect())
        })
    }

    fn addresses_of(
        &self,
        person: PersonId,
        at_least: Position,
    ) -> Answer<'_, Result<Vec<PayAddressId>, FactsFault>> {
        Box::pin(async move {
            let session = self.session(at_least).await?;
            let (scope, owner) = (Scope::everything("system"), Owner::Person { person });
            let rows = projections::cards::addresses_of(&session, &scope, &[owner]);
            Ok(rows.map_err(unavailable)?.into_iter().map(|row| row.address).collect())
        })
    }

    fn address_editors(
        &self,
        month: Month,
        at_least: Position,
    ) -> Answer<'_, Result<Vec<String>, FactsFault>> {
        Box::pin(async move {
            let session = self.session(at_least).await?;
            pay_facts::address_editors(&session, month).map_err(unavailable)
        })
    }
}

fn grant(fact: pay_facts::Fact) -> GrantFacts {
    GrantFacts {
        grant: fact.grant,
        revision: fact.revision,
        person: fact.person,
        payee: fact.payee,
        life: life(fact.life),
        payee_life: fact.payee_life.map(life),
        suspended: fact.suspended,
        components: fact.components,
        address: fact.address.map(|address| AddressFacts {
            address: address.address,
            version: address.version,
            bank: address.bank,
            usable: match address.usable {
                pay_facts::Usable::Yes => Usable::Yes,
                pay_facts::Usable::No => Usable::No,
                pay_facts::Usable::Frozen => Usable::Frozen,
            },
        }),
        county: fact.county,
        due: Vec::new(),
        also: Vec::new(),
        competing: None,
        deductions: Vec::new(),
    }
}

fn life(life: pay_facts::Life) -> Life {
    match life {
        pay_facts::Life::Alive => Life::Alive,
        pay_facts::Life::DeathReported => Life::DeathReported,
        pay_facts::Life::Dead { month } => Life::Dead { month },
    }
}

/// The definitions in force, read once per position of the rulebook.
#[derive(Clone)]
pub struct ViewRules {
    train: TrainHandle,
    read: Arc<Mutex<Option<Read>>>,
}

struct Read {
    position: Position,
    by_date: Vec<(Date, Arc<Catalogue>)>,
}

/// Different business dates that are kept.
const DATES_KEPT: usize = 32;

impl ViewRules {
    pub fn new(train: TrainHandle) -> Self {
        Self { train, read: Arc::default() }
    }
}

impl Rules for ViewRules {
    fn on(&self, date: Date) -> Result<Arc<Catalogue>, FactsFault> {
        let session = self.train.views().session_of(&[rulebook::NAME]).map_err(unavailable)?;
        // Every publication is a row: the last one says whether anything changed.
        const LAST: &str = "SELECT MAX(position) FROM definition";
        let position: Option<Position> =
            session.scalar(rulebook::NAME, LAST, &[]).map_err(unavailable)?;
        let position = position.unwrap_or_default();
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = read.as_ref().is_some_and(|read| read.position == position);
        if !fresh {
            *read = Some(Read { position, by_date: Vec::new() });
        }
        let Some(read) = read.as_mut() else {
            return Err(FactsFault::Unavailable("no rulebook".to_owned()));
        };
        if let Some((_, catalogue)) = read.by_date.iter().find(|(known, _)| *known == date) {
            return Ok(Arc::clone(catalogue));
        }
        let catalogue = rulebook::catalogue(&session, date)
            .map_err(|fault| FactsFault::Unavailable(fault.to_string()))?;
        let catalogue = Arc::new(catalogue);
        if read.by_date.len() == DATES_KEPT {
            read.by_date.remove(0);
        }
        read.by_date.push((date, Arc::clone(&catalogue)));
        Ok(catalogue)
    }
}

pub(super) fn unavailable(fault: ViewError) -> FactsFault {
    FactsFault::Unavailable(fault.to_string())
}
