//! Money for a plan: books are opened, appropriations received, funds reserved.

use std::fmt;

use definitions::kinds::fund::{Appropriation, FundKind};
use definitions::kinds::posting::Occurs;
use definitions::{Catalogue, Fund, Posting};
use disbursement::account::{self, Account, Book};
use disbursement::ledger::{Entry, Ledger};
use disbursement::plan::{self, Header, Plan};
use serde::{Deserialize, Serialize};
use shared::{AgencyCode, AreaCode, BankCode, Date, FundCode, Money};

use super::Disbursement;
use super::open::not_defined;
use super::postings::{About, Sums, cash_account, voucher};
use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::execute::Done;

/// Names a book: fund × pooling area × agency × year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BookKey {
    pub fund: FundCode,
    pub area: AreaCode,
    pub agency: AgencyCode,
    pub year: i16,
}

/// What stood on an account before the book was kept here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpeningBalance {
    pub account: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank: Option<BankCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<String>,
    pub debit: Money,
    pub credit: Money,
}

impl BookKey {
    #[must_use]
    pub fn of(header: &Header) -> Self {
        let Header { fund, area, agency, month, .. } = *header;
        Self { fund, area, agency, year: month.year() }
    }
}

impl fmt::Display for BookKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fund, area, agency, year } = self;
        write!(f, "{fund}-{area}-{agency}-{year}")
    }
}

impl Disbursement {
    /// Opens a book with the cash that the year before left.
    ///
    /// # Errors
    /// When it is open, or the fund has no posting policy.
    pub async fn open_book(
        &self,
        envelope: &Envelope,
        key: BookKey,
        opening: Money,
    ) -> Result<Done<String>, CommandError> {
        let on = Date::constant(key.year, 1, 1);
        let rules = self.rules(Date::constant(key.year, 12, 31))?;
        let (_, policy) = fund_and_policy(&rules, key.fund, key.year)?;
        let cash = cash_account(policy)?;
        let about = About { item: None, month: None, batch: None, reference: String::new(), on };
        let entries = voucher(policy, Occurs::OpeningBalance, &about, &[Sums::Total(opening)])?
            .map_or_else(Vec::new, |voucher| voucher.entries);
        let BookKey { fund, area, agency, year } = key;
        let book = Book { fund, area, agency, year, policy: policy.id.clone(), cash };
        let id = key.to_string();
        self.executor
            .run(envelope, "book.open", &(key, opening), async |unit| {
                let open = account::Command::Open { book: book.clone(), opening: entries.clone() };
                unit.decide::<Account>(&id, open).await?;
                Ok(id.clone())
            })
            .await
    }

    /// Money arrives in the expenditure account: from 财政专户, the higher-level agency or the unit
    /// that entrusts the payment, as the fund says.
    ///
    /// # Errors
    /// When there is no such book, or the amount is not above zero.
    pub async fn receive_appropriation(
        &self,
        envelope: &Envelope,
        key: BookKey,
        amount: Money,
        reference: &str,
    ) -> Result<Done, CommandError> {
        let rules = self.rules(Date::constant(key.year, 12, 31))?;
        let (fund, usual) = fund_and_policy(&rules, key.fund, key.year)?;
        let policy = self.own_policy(&rules, key, usual).await?;
        let occurs = match fund.appropriation {
            Appropriation::HigherAgency => Occurs::HigherAppropriationReceived,
            Appropriation::FiscalAccount | Appropriation::EntrustingUnit => {
                Occurs::AppropriationReceived
            }
        };
        if !amount.is_positive() {
            let (zh, en) = ("拨款金额必须大于零", "an appropriation lies above zero");
            return Err(Refused::new("AMOUNT_NOT_POSITIVE", zh, en).field("amount").into());
        }
        let id = key.to_string();
        self.executor
            .run(envelope, "book.appropriate", &(key, amount, reference), async |unit| {
                let on = unit.business_date();
                let reference = reference.to_owned();
                let about = About { item: None, month: None, batch: None, reference, on };
                if let Some(voucher) = voucher(policy, occurs, &about, &[Sums::Total(amount)])? {
                    let post = account::Command::Post { fund: key.fund, voucher, settles: None };
                    unit.decide::<Account>(&id, post).await?;
                }
                Ok(())
            })
            .await
    }

    /// Opens a book at a cut-over on the balances of its accounts, by bank and party where they are
    /// kept so.
    ///
    /// # Errors
    /// When it is open, an account is not defined, or debits are not credits.
    pub async fn open_book_on(
        &self,
        envelope: &Envelope,
        key: BookKey,
        balances: &[OpeningBalance],
    ) -> Result<Done<String>, CommandError> {
        use definitions::kinds::account::Ledger as Kind;
        let rules = self.rules(Date::constant(key.year, 12, 31))?;
        let (_, policy) = fund_and_policy(&rules, key.fund, key.year)?;
        let cash = cash_account(policy)?;
        let mut entries = Vec::with_capacity(balances.len());
        for balance in balances {
            let account = rules.account(&balance.account).map_err(not_defined)?;
            entries.push(Entry {
                ledger: match account.ledger {
                    Kind::Fund => Ledger::F,
                    Kind::Memo => Ledger::M,
                },
                account: balance.account.clone(),
                item: None,
                month: None,
                batch: None,
                bank: balance.bank,
                party: balance.party.clone(),
                debit: balance.debit,
                credit: balance.credit,
            });
        }
        let BookKey { fund, area, agency, year } = key;
        let book = Book { fund, area, agency, year, policy: policy.id.clone(), cash };
        let id = key.to_string();
        self.executor
            .run(envelope, "book.open-on", &(key, balances), async |unit| {
                let open = account::Command::Open { book: book.clone(), opening: entries.clone() };
                unit.decide::<Account>(&id, open).await?;
                Ok(id.clone())
            })
            .await
    }

    /// Reserves what an approved plan needs: plan and book in one append.
    ///
    /// # Errors
    /// When the plan is not approved, or the free cash is not enough.
    pub async fn reserve(&self, envelope: &Envelope, plan_id: &str) -> Result<Done, CommandError> {
        let (_, header) = self.plan(plan_id).await?;
        let book = BookKey::of(&header).to_string();
        self.executor
            .run(envelope, "plan.reserve", &plan_id, async |unit| {
                let (plan, _) = unit.load::<Plan>(plan_id).await?;
                let amount = plan.totals.net();
                let reserve = plan::Command::ReserveFunds { account: book.clone(), amount };
                unit.decide::<Plan>(plan_id, reserve).await?;
                let plan = plan_id.to_owned();
                let bind = account::Command::Reserve { fund: header.fund, plan, amount };
                unit.decide::<Account>(&book, bind).await?;
                Ok(())
            })
            .await
    }
}

/// The fund, and the posting policy of its books of a year.
pub(super) fn fund_and_policy(
    rules: &Catalogue,
    fund: FundCode,
    year: i16,
) -> Result<(&Fund, &Posting), CommandError> {
    use definitions::kinds::posting::Book as Kind;
    let fund = rules.fund(fund).map_err(not_defined)?;
    let wanted = match fund.kind {
        FundKind::Insurance => Kind::Insurance,
        FundKind::Trust => Kind::Trust,
    };
    if let Some(policy) = fund.posting_in(year) {
        return Ok((fund, rules.posting(policy).map_err(not_defined)?));
    }
    let usual = |policy: &&Posting| policy.book == wanted && policy.usual;
    let policy = rules.all::<Posting>().values().find(usual);
    let policy =
        policy.ok_or_else(|| CommandError::NotFound { what: "posting", id: wanted.to_string() })?;
    Ok((fund, policy))
}
