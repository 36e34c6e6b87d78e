//! Journals 日记账 and trial balances 科目余额表, read from the entries.
//!
//! **Invariant** they say what [`disbursement::journal::Journal`] says of the same book: a trial
//! balance is the opening and every voucher up to its day, and a journal's balances run by day.

use disbursement::Ledger;
use disbursement::journal::TrialRow;
use shared::{BankCode, Date, Money};

use super::{EntryRow, NAME, VoucherRow};
use crate::engine::{ReadSession, Value, ViewError};
use crate::lists::{By, Clause, Only, Page, Test, page};
use crate::scope::Scope;

/// Entries in the order of a journal.
pub const ORDER: [By; 3] = [By::up("posted_on"), By::up("number"), By::up("place")];

/// One account of the fund ledger between two days, both counted; of one bank where the account is
/// kept per bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub book: String,
    pub account: String,
    pub bank: Option<BankCode>,
    pub from: Date,
    pub to: Date,
}

impl Asked {
    fn account(&self) -> Only {
        let only = Only::equal("book", &self.book)
            .and(Only::equal("ledger", &Ledger::F.code().to_owned()))
            .and(Only::equal("account", &self.account));
        match &self.bank {
            Some(bank) => only.and(Only::equal("bank", bank)),
            None => only,
        }
    }

    /// The entries that stand in the journal.
    #[must_use]
    pub fn only(&self) -> Only {
        self.account()
            .and(Only::Is("number", Test::Above, Value::Int(0)))
            .and(Only::at_least("posted_on", &self.from))
            .and(Only::at_most("posted_on", &self.to))
    }

    fn before(&self) -> Only {
        let opening = Only::equal("number", &0_u64);
        let earlier = Only::Not(Box::new(Only::at_least("posted_on", &self.from)));
        self.account().and(Only::Any(vec![opening, earlier]))
    }
}

/// What stood before the first day.
///
/// # Errors
/// When the read model cannot be read; so for all of these.
pub fn opening(session: &ReadSession, scope: &Scope, asked: &Asked) -> Result<Money, ViewError> {
    moved(session, scope, &asked.before(), None)
}

/// What stands after the last one.
pub fn closing(session: &ReadSession, scope: &Scope, asked: &Asked) -> Result<Money, ViewError> {
    let within = moved(session, scope, &asked.only(), None)?;
    Ok(opening(session, scope, asked)? + within)
}

/// What stands before an entry of the journal.
pub fn balance_before(
    session: &ReadSession,
    scope: &Scope,
    asked: &Asked,
    entry: &EntryRow,
) -> Result<Money, ViewError> {
    let key = [entry.posted_on.into(), entry.number.into(), entry.place.into()];
    let within = moved(session, scope, &asked.only(), Some(&key))?;
    Ok(opening(session, scope, asked)? + within)
}

/// Entries of a journal behind `after`, in its order.
pub fn entries(
    session: &ReadSession,
    scope: &Scope,
    asked: &Asked,
    after: Option<Vec<Value>>,
    limit: u32,
) -> Result<Vec<EntryRow>, ViewError> {
    let (only, before) = (asked.only(), None);
    let asked = Page { only: &only, order: &ORDER, after, before, backward: false, limit };
    page(session, scope, &asked)
}

/// The vouchers of these numbers in a book; at most a page's.
pub fn vouchers(
    session: &ReadSession,
    scope: &Scope,
    book: &str,
    numbers: impl IntoIterator<Item = u64>,
) -> Result<Vec<VoucherRow>, ViewError> {
    let numbers: std::collections::BTreeSet<u64> = numbers.into_iter().collect();
    let limit = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
    let any = numbers.iter().map(|number| Only::equal("number", number)).collect();
    let only = Only::equal("book", &book.to_owned()).and(Only::Any(any));
    let order = [By::up("number")];
    let (after, before) = (None, None);
    page(
        session,
        scope,
        &Page { only: &only, order: &order, after, before, backward: false, limit },
    )
}

/// Every account that has an opening or moved, as it stood at the end of a day. A chart has some
/// hundred accounts.
pub fn trial_balance(
    session: &ReadSession,
    scope: &Scope,
    book: &str,
    on: Date,
) -> Result<Vec<TrialRow>, ViewError> {
    let mut clause = Clause::seen::<EntryRow>(scope);
    let opening = Only::equal("number", &0_u64);
    let only = Only::equal("book", &book.to_owned())
        .and(Only::Any(vec![opening, Only::at_most("posted_on", &on)]));
    clause.and::<EntryRow>(&only)?;
    let sum = |what: &str, number: &str| {
        format!("CAST(SUM(CASE WHEN number {number} THEN {what} ELSE 0 END) AS BIGINT)")
    };
    let sql = format!(
        "SELECT ledger, account, {}, {}, {} FROM entry {} GROUP BY ledger, account \
         ORDER BY ledger, account",
        sum("debit - credit", "= 0"),
        sum("debit", "> 0"),
        sum("credit", "> 0"),
        clause.text()
    );
    let mut found = Vec::new();
    for row in session.rows(NAME, &sql, &clause.binds)? {
        let [ledger, account, opening, debit, credit] = row.as_slice() else { continue };
        let ledger: String = ledger.to()?;
        let (opening, debit, credit): (Money, Money, Money) =
            (opening.to()?, debit.to()?, credit.to()?);
        found.push(TrialRow {
            ledger: if ledger == Ledger::M.code() { Ledger::M } else { Ledger::F },
            account: account.to()?,
            opening,
            debit,
            credit,
            closing: opening + debit - credit,
        });
    }
    Ok(found)
}

/// Debits less credits of entries, up to and without a key if one is given.
fn moved(
    session: &ReadSession,
    scope: &Scope,
    only: &Only,
    before: Option<&[Value]>,
) -> Result<Money, ViewError> {
    let mut clause = Clause::seen::<EntryRow>(scope);
    clause.and::<EntryRow>(only)?;
    if let Some(key) = before {
        clause.beyond(&ORDER, key, false);
    }
    let sql = format!(
        "SELECT CAST(COALESCE(SUM(debit - credit), 0) AS BIGINT) FROM entry {}",
        clause.text()
    );
    session.scalar(NAME, &sql, &clause.binds)
}
