//! What banks do wrong with a reply: transformations of its rows (DISBURSEMENT 4.10).

use definitions::LineResult;
use shared::{Money, ReturnReason};

use super::ReplyRow;
use crate::dice::Dice;

/// How a bank misbehaves. It concerns what it says, never what it did with the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mischief {
    /// One reply, every row once and true.
    #[default]
    Straight,
    /// The reply comes in two files, cut at a row of chance.
    TwoParts,
    /// The same file comes twice.
    SameTwice,
    /// A second file says of so many paid lines that they were returned.
    Contradicts { lines: u32 },
    /// One row is of a line that nobody sent.
    Stranger,
    /// So many paid rows have another amount: one fen more.
    WrongAmount { lines: u32 },
    /// So many rows that would be paid are reported as not decided yet.
    Pending { lines: u32 },
    /// Neither acknowledgement nor reply, although the batch was debited and worked off.
    TimesOut,
}

impl Mischief {
    /// The files that come of the true rows.
    pub(super) fn files(self, rows: Vec<ReplyRow>, dice: &mut Dice) -> Vec<Vec<ReplyRow>> {
        match self {
            Mischief::Straight => vec![rows],
            Mischief::TwoParts => two_parts(rows, dice),
            Mischief::SameTwice => vec![rows.clone(), rows],
            Mischief::Contradicts { lines } => {
                let denied = chosen(&rows, lines, dice).map(deny).collect();
                vec![rows, denied]
            }
            Mischief::Stranger => vec![with_stranger(rows, dice)],
            Mischief::WrongAmount { lines } => vec![changed(rows, lines, dice, |row| {
                let more = row.amount.checked_add(Money::from_fen(1));
                row.amount = more.unwrap_or(row.amount);
            })],
            Mischief::Pending { lines } => vec![changed(rows, lines, dice, |row| {
                row.result = LineResult::Pending;
                row.bank_serial = None;
            })],
            Mischief::TimesOut => Vec::new(),
        }
    }
}

/// Neither part is empty where there are two rows to share.
fn two_parts(mut rows: Vec<ReplyRow>, dice: &mut Dice) -> Vec<Vec<ReplyRow>> {
    let inner = u32::try_from(rows.len()).unwrap_or(u32::MAX).saturating_sub(1);
    let cut = (1 + dice.below(inner)) as usize;
    let rest = rows.split_off(cut.min(rows.len()));
    vec![rows, rest]
}

fn with_stranger(mut rows: Vec<ReplyRow>, dice: &mut Dice) -> Vec<ReplyRow> {
    let Some(model) = rows.first().cloned() else { return rows };
    let seq = rows.iter().map(|row| row.seq).max().unwrap_or(0) + 1;
    let stranger = ReplyRow {
        seq,
        // Of the same form and of nobody's obligation.
        attempt: "A1/2026-01/whole/0/00000000-0000-7000-8000-000000000000#1".to_owned(),
        account: format!("62{:017}", dice.below(1_000_000_000)),
        account_name: "无名".to_owned(),
        amount: Money::from_fen(i64::from(dice.between(100, 9_999)) * 100),
        result: LineResult::Paid,
        reason: None,
        bank_serial: Some(format!("X{:014}", dice.below(1_000_000_000))),
        posted_on: model.posted_on,
    };
    let at = dice.below(u32::try_from(rows.len()).unwrap_or(u32::MAX)) as usize;
    rows.insert(at, stranger);
    rows
}

fn deny(row: &ReplyRow) -> ReplyRow {
    ReplyRow {
        result: LineResult::Returned,
        reason: Some(ReturnReason::AccountClosed),
        bank_serial: None,
        ..row.clone()
    }
}

fn changed(
    mut rows: Vec<ReplyRow>,
    lines: u32,
    dice: &mut Dice,
    change: impl Fn(&mut ReplyRow),
) -> Vec<ReplyRow> {
    let seqs: Vec<u32> = chosen(&rows, lines, dice).map(|row| row.seq).collect();
    rows.iter_mut().filter(|row| seqs.contains(&row.seq)).for_each(change);
    rows
}

/// So many paid rows, or all when there are fewer, from a place of chance on.
fn chosen<'a>(
    rows: &'a [ReplyRow],
    lines: u32,
    dice: &mut Dice,
) -> impl Iterator<Item = &'a ReplyRow> + use<'a> {
    let paid: Vec<&ReplyRow> = rows.iter().filter(|row| row.result == LineResult::Paid).collect();
    let count = paid.len();
    let start = dice.below(u32::try_from(count).unwrap_or(u32::MAX)) as usize;
    let lines = (lines as usize).min(count);
    (start..start + lines).map(move |at| paid[at % count])
}
