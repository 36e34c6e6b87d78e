//! What belongs to a row and is read for all rows of a list at once.

use std::collections::HashMap;

use cards::address::Owner;
use projections::books::{
    BalanceRow, ClosedItemRow, EntryRow, StatementLineRow, StatementMatchRow, StatementRow,
};
use projections::cards::{AddressRow, CardRow};
use projections::grants::{GrantAmountRow, GrantRow, GrantStopRow};
use projections::lists::Only;
use projections::payments::{ExcludedRow, PartSums};
use projections::people::PersonRow;
use projections::runs::{
    ActRow, BatchActRow, BatchRow, CertificateRow, PlanRow, ReopeningRow, ReplyRow,
};
use projections::warnings::StepRow;
use projections::{ReadSession, Scope};
use shared::{GrantId, Money, PersonId};
use uuid::Uuid;

use crate::batches::{Many, rows_of};
use crate::connection::Asked;
use crate::fault::Fault;

rows_of! {
    /// The person under an id: one row or none.
    PersonOf(PersonId): PersonRow, by "person" in ["person"] => |row| row.person;
    /// The cards of a person, by the day they were made.
    CardsOf(PersonId): CardRow, by "person" in ["made_on", "card"] => |row| row.person;
    /// The grants of a person.
    GrantsOf(PersonId): GrantRow, by "person" in ["grant_id"] => |row| row.person;
    /// Every amount that a grant ever had, by month and place.
    AmountsOf(GrantId): GrantAmountRow, by "grant_id" in ["from_month", "place"]
        => |row| row.grant_id;
    /// Every stop of a grant.
    StopsOf(GrantId): GrantStopRow, by "grant_id" in ["place"] => |row| row.grant_id;
    /// The plan under an id: one row or none.
    PlanOf(String): PlanRow, by "plan" in ["plan"] => |row| row.plan;
    /// The plans of an item-period.
    PlansOf(String): PlanRow, by "period" in ["plan"] => |row| row.period;
    /// The certificates of an item-period.
    CertificatesOf(String): CertificateRow, by "period" in ["number"] => |row| row.period;
    /// Who asked to reopen an item-period, and who did.
    ReopeningsOf(String): ReopeningRow, by "period" in ["number"] => |row| row.period;
    /// Who did what to a plan.
    ActsOf(String): ActRow, by "plan" in ["revision"] => |row| row.plan;
    /// The batch under an id: one row or none.
    BatchOf(String): BatchRow, by "batch" in ["batch"] => |row| row.batch;
    /// The batches of a plan.
    BatchesOf(String): BatchRow, by "plan" in ["batch"] => |row| row.plan;
    /// Who did what to a batch.
    BatchActsOf(String): BatchActRow, by "batch" in ["revision"] => |row| row.batch;
    /// The replies to a batch.
    RepliesOf(String): ReplyRow, by "batch" in ["reply"] => |row| row.batch;
    /// The trial balance of a book.
    BalancesOf(String): BalanceRow, by "book" in ["ledger", "account"] => |row| row.book;
    /// The item-months that a book is closed for.
    ClosedItemsOf(String): ClosedItemRow, by "book" in ["month", "item"] => |row| row.book;
    /// The statement under an id: one row or none.
    StatementOf(String): StatementRow, by "statement" in ["statement"] => |row| row.statement;
    /// What the lines of a statement are matched with.
    MatchesOf(String): StatementMatchRow, by "statement" in ["serial", "place"]
        => |row| row.statement;
    /// The lines of a statement.
    StatementLinesOf(String): StatementLineRow, by "statement" in ["serial"]
        => |row| row.statement;
    /// The life of a warning, step by step.
    WarningStepsOf(Uuid): StepRow, by "warning" in ["place"] => |row| row.warning;
}

/// The pay addresses of an owner, a person or an employer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AddressesOf(pub Uuid);

impl Many for AddressesOf {
    type Answer = Vec<AddressRow>;

    fn read(
        session: &ReadSession,
        scope: &Scope,
        keys: &[Self],
    ) -> Result<HashMap<Self, Vec<AddressRow>>, Fault> {
        // The rows are found by the id alone, whichever sort of owner it is.
        let owners: Vec<Owner> =
            keys.iter().map(|key| Owner::Person { person: PersonId::from_uuid(key.0) }).collect();
        let mut found = HashMap::<Self, Vec<AddressRow>>::new();
        for row in projections::cards::addresses_of(session, scope, &owners)? {
            found.entry(Self(row.owner_id)).or_default().push(row);
        }
        Ok(found)
    }
}

/// The parts of a plan with their sums.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PartsOf(pub String);

impl Many for PartsOf {
    type Answer = Vec<PartSums>;

    fn read(
        session: &ReadSession,
        scope: &Scope,
        keys: &[Self],
    ) -> Result<HashMap<Self, Vec<PartSums>>, Fault> {
        let plans: Vec<String> = keys.iter().map(|key| key.0.clone()).collect();
        let mut found = HashMap::<Self, Vec<PartSums>>::new();
        for sums in projections::payments::parts(session, scope, &plans)? {
            found.entry(Self(sums.plan.clone())).or_default().push(sums);
        }
        Ok(found)
    }
}

/// The entries of a voucher: its book and number.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EntriesOf(pub String, pub u64);

impl Many for EntriesOf {
    type Answer = Vec<EntryRow>;

    fn read(
        session: &ReadSession,
        scope: &Scope,
        keys: &[Self],
    ) -> Result<HashMap<Self, Vec<EntryRow>>, Fault> {
        let mut books = HashMap::<&str, Vec<u64>>::new();
        for Self(book, number) in keys {
            books.entry(book).or_default().push(*number);
        }
        let mut found = HashMap::<Self, Vec<EntryRow>>::new();
        for (book, numbers) in books {
            for row in projections::books::entries(session, scope, book, &numbers)? {
                found.entry(Self(row.book.clone(), row.number)).or_default().push(row);
            }
        }
        Ok(found)
    }
}

/// A page of what a plan left out.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ExcludedOf(pub String, pub Asked);

impl Many for ExcludedOf {
    type Answer = Vec<ExcludedRow>;

    fn read(
        session: &ReadSession,
        scope: &Scope,
        keys: &[Self],
    ) -> Result<HashMap<Self, Vec<ExcludedRow>>, Fault> {
        let mut found = HashMap::new();
        for keys in keys.chunk_by(|one, next| one.1.way() == next.1.way()) {
            let asked: Vec<_> = keys.iter().map(|key| (&*key.0, key.1.page())).collect();
            let pages = projections::payments::excluded_of(session, scope, &asked)?;
            found.extend(keys.iter().cloned().zip(pages));
        }
        Ok(found)
    }
}

/// How many grants a plan left out.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ExcludedCount(pub String);

impl Many for ExcludedCount {
    type Answer = u64;

    fn read(
        session: &ReadSession,
        scope: &Scope,
        keys: &[Self],
    ) -> Result<HashMap<Self, u64>, Fault> {
        let plans: Vec<&str> = keys.iter().map(|key| &*key.0).collect();
        let counts = projections::payments::excluded_counts(session, scope, &plans)?;
        Ok(keys.iter().cloned().zip(counts).collect())
    }
}

/// The lines, the distinct people and the net sum of a whole list of lines.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TotalsOf(pub Only);

impl Many for TotalsOf {
    type Answer = (u64, u64, Money);

    fn read(
        session: &ReadSession,
        scope: &Scope,
        keys: &[Self],
    ) -> Result<HashMap<Self, Self::Answer>, Fault> {
        let lists: Vec<Only> = keys.iter().map(|key| key.0.clone()).collect();
        let totals = projections::payments::totals(session, scope, &lists)?;
        Ok(keys.iter().cloned().zip(totals).collect())
    }
}
