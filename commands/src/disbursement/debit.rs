//! The bank's debit of a batch: the pending entry becomes a posting, as the book's policy says.

use std::collections::BTreeMap;

use definitions::kinds::item::Item;
use definitions::kinds::posting::Occurs;
use definitions::{Catalogue, Posting};
use disbursement::account::{self, Account};
use disbursement::batch::{self, Batch, Header};
use disbursement::ledger::Voucher;
use disbursement::part::Part;
use shared::{Component, Date, FundCode, Money};

use super::books::at_bank;
use super::ids;
use super::postings::{About, Sums, cash_account, joined, voucher};
use crate::error::CommandError;
use crate::unit::Unit;

/// What a debit is about.
pub(super) struct Debit<'a> {
    pub batch: &'a str,
    pub header: &'a Header,
    pub item: &'a Item,
    pub policy: &'a Posting,
    pub fund: FundCode,
}

/// Records the debit and posts it.
///
/// # Errors
/// When the batch was not sent, is debited, or the sum differs.
pub(super) async fn debit(
    unit: &Unit,
    about: &Debit<'_>,
    slip: &str,
    amount: Money,
    on: Date,
) -> Result<(), CommandError> {
    let Debit { batch: id, header, fund, .. } = *about;
    let record = batch::Command::Debit { slip: slip.to_owned(), amount, on };
    unit.decide::<Batch>(id, record).await?;
    let (batch, _) = unit.load::<Batch>(id).await?;
    let (part, _) = unit.load::<Part>(ids::part(&header.plan, header.part)).await?;
    if let Some(voucher) = entries(about, &batch, &part, amount, on)? {
        let settles = Some(id.to_owned());
        let post = account::Command::Post { fund, voucher, settles };
        unit.decide::<Account>(&header.account, post).await?;
    }
    Ok(())
}

fn entries(
    about: &Debit<'_>,
    batch: &Batch,
    part: &Part,
    amount: Money,
    on: Date,
) -> Result<Option<Voucher>, CommandError> {
    let Debit { batch: id, header, item, policy, .. } = *about;
    let of = About {
        item: Some(item),
        month: Some(header.month),
        batch: Some(id),
        reference: format!("batch-{id}"),
        on,
    };
    let by_component = policy
        .on(Occurs::BatchDebited)
        .is_some_and(|debited| debited.legs.iter().any(|leg| leg.account.is_none()));
    let posted = if by_component {
        let again = policy.on(Occurs::ReissueDebited).is_some();
        let first = voucher(policy, Occurs::BatchDebited, &of, &sums(batch, part, again, false))?;
        let second = match sums(batch, part, again, true) {
            sums if sums.is_empty() => None,
            sums => voucher(policy, Occurs::ReissueDebited, &of, &sums)?,
        };
        joined(Occurs::BatchDebited, first, second)
    } else {
        voucher(policy, Occurs::BatchDebited, &of, &[Sums::Total(amount)])?
    };
    let cash = cash_account(policy)?;
    Ok(posted.map(|voucher| at_bank(voucher, &cash, header.bank)))
}

/// What the file asks for, by component. Where the policy keeps returned money apart, lines that
/// were returned before are taken from it, net: their deductions were entered the first time.
fn sums(batch: &Batch, part: &Part, apart: bool, reissued: bool) -> Vec<Sums> {
    let mut sums: BTreeMap<Component, (Money, Money)> = BTreeMap::new();
    for line in &batch.lines {
        if (apart && line.attempt.number > 1) != reissued {
            continue;
        }
        let Some(planned) = part.lines.get(line.attempt.line as usize) else { continue };
        let (gross, deducted) = sums.entry(planned.component).or_insert((Money::ZERO, Money::ZERO));
        *gross += planned.gross;
        *deducted += planned.deductions;
    }
    let offset = Money::ZERO;
    sums.into_iter()
        .map(|(component, (gross, deducted))| Sums::Line { component, gross, deducted, offset })
        .collect()
}

/// The policy of a batch's book, and what else its debit needs.
pub(super) fn about<'a>(
    rules: &'a Catalogue,
    policy: &'a Posting,
    batch: &'a str,
    header: &'a Header,
    fund: FundCode,
) -> Result<Debit<'a>, CommandError> {
    let item = rules.item(header.item).map_err(super::open::not_defined)?;
    Ok(Debit { batch, header, item, policy, fund })
}
