//! What a bank was told and has not answered (未回): the lines of the register that stand in files
//! that went out, by batch, with the day on which each file did.

use std::collections::BTreeMap;

use shared::{BankCode, Date, ItemId, Money, Month};

use crate::engine::{ReadSession, Value, ViewError};
use crate::lists::{By, Clause, Only, of_many};
use crate::payments::{self, LineRow};
use crate::runs::BatchRow;
use crate::scope::Scope;

/// The unanswered lines of one batch, as far as the reader may see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    pub batch: String,
    pub plan: String,
    pub bank: BankCode,
    pub item: ItemId,
    pub month: Month,
    pub sent_on: Date,
    pub lines: u64,
    /// Distinct.
    pub people: u64,
    pub amount: Money,
}

/// By batch, from `after` on; what was not sent yet is not unknown.
///
/// # Errors
/// When the read models cannot be read.
pub fn unknowns(
    session: &ReadSession,
    scope: &Scope,
    only: &Only,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<Unknown>, ViewError> {
    let (mut found, mut after) = (Vec::new(), after.map(str::to_owned));
    // A page of batches may hold none that went out.
    while found.len() < limit as usize {
        let sums = sums(session, scope, only, after.as_deref(), limit)?;
        let Some(last) = sums.last() else { break };
        after = Some(last.0.clone());
        found.extend(sent(session, sums)?);
    }
    found.truncate(limit as usize);
    Ok(found)
}

/// Batch, lines, people and money.
type Sums = (String, u64, u64, Money);

fn sums(
    session: &ReadSession,
    scope: &Scope,
    only: &Only,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<Sums>, ViewError> {
    let mut clause = Clause::seen::<LineRow>(scope);
    clause.and::<LineRow>(&Only::equal("state", &payments::LineState::Instructed))?;
    clause.and::<LineRow>(&Only::Null("batch", false))?;
    clause.and::<LineRow>(only)?;
    if let Some(after) = after {
        clause.and::<LineRow>(&Only::Is("batch", crate::lists::Test::Above, after.into()))?;
    }
    let sql = format!(
        "SELECT batch, COUNT(*), COUNT(DISTINCT person), CAST(SUM(net) AS BIGINT) FROM line {} \
         GROUP BY batch ORDER BY batch LIMIT {limit}",
        clause.text()
    );
    let mut sums = Vec::new();
    for row in session.rows(payments::NAME, &sql, &clause.binds)? {
        let [batch, lines, people, amount] = row.as_slice() else { continue };
        sums.push((batch.to()?, lines.to()?, people.to()?, amount.to()?));
    }
    Ok(sums)
}

/// Whoever sees a line may know when its file went out, and to which bank.
fn sent(session: &ReadSession, sums: Vec<Sums>) -> Result<Vec<Unknown>, ViewError> {
    let dates = Scope::everything("dates of files");
    let keys = sums.iter().map(|(batch, ..)| Value::from(batch.as_str()));
    let rows: Vec<BatchRow> = of_many(session, &dates, "batch", keys, &[By::up("batch")])?;
    let rows: BTreeMap<String, BatchRow> =
        rows.into_iter().map(|row| (row.batch.clone(), row)).collect();
    let one = |(batch, lines, people, amount): Sums| {
        let row = rows.get(&batch)?;
        let (bank, item, month) = (row.bank, row.item, row.month);
        let (plan, sent_on) = (row.plan.clone(), row.sent_on?);
        Some(Unknown { batch, plan, bank, item, month, sent_on, lines, people, amount })
    };
    Ok(sums.into_iter().filter_map(one).collect())
}
