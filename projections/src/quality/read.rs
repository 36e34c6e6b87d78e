//! What is asked of quality: banks by month, and what was paid in full by its pay day.

use std::collections::BTreeMap;

use shared::{BankCode, ItemId, Money, Month, RunType};

use super::{BankMonthRow, NAME, PromptRow, QualityBatchRow};
use crate::engine::{ReadSession, ViewError};
use crate::lists::{By, Only, Page, page, seen};
use crate::scope::Scope;

seen! { NAME;
    BankMonthRow: by("area");
    PromptRow: by("area");
    QualityBatchRow: by("area");
}

/// More than this no answer adds up.
const ROWS_MAX: u32 = 100_000;
const BASIS_POINTS: u64 = 10_000;

/// One bank in one month, over the areas that may be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BankQuality {
    pub month: Month,
    pub bank: BankCode,
    pub files: u32,
    pub rejected_files: u32,
    pub unknown_outcomes: u32,
    pub queries: u32,
    pub lines: u32,
    pub instructed: Money,
    pub paid_lines: u32,
    pub paid: Money,
    pub returned_lines: u32,
    pub returned: Money,
    pub late_lines: u32,
    pub replied_files: u32,
    pub days_to_reply: u32,
    pub days_to_reply_max: u32,
    pub duplicates: u32,
    pub contradictions: u32,
    pub strangers: u32,
}

impl BankQuality {
    /// Lines that the bank has not answered 未回.
    #[must_use]
    pub fn unknown_lines(&self) -> u32 {
        self.lines.saturating_sub(self.paid_lines).saturating_sub(self.returned_lines)
    }

    /// 退票率 in basis points of the lines that were answered; none while none is.
    #[must_use]
    pub fn return_rate(&self) -> Option<u64> {
        share(self.returned_lines.into(), u64::from(self.paid_lines + self.returned_lines))
    }

    /// Hundredths of a day from sending to the first reply, on average; none while none came.
    #[must_use]
    pub fn days_hundredths(&self) -> Option<u64> {
        let files = u64::from(self.replied_files);
        (files > 0).then(|| u64::from(self.days_to_reply) * 100 / files)
    }
}

/// What one item owed on its pay days of one month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promptness {
    pub month: Month,
    pub item: ItemId,
    pub due_lines: u64,
    pub due: Money,
    pub prompt_lines: u64,
    pub prompt: Money,
    pub late_lines: u64,
    pub late: Money,
}

impl Promptness {
    /// 按时足额发放率 in basis points; none where nothing was due.
    #[must_use]
    pub fn rate(&self) -> Option<u64> {
        share(self.prompt_lines, self.due_lines)
    }
}

/// Banks by month, of these months.
///
/// # Errors
/// When the read model cannot be read; so for all of these.
pub fn banks(
    session: &ReadSession,
    scope: &Scope,
    from: Month,
    to: Month,
) -> Result<Vec<BankQuality>, ViewError> {
    let only = Only::at_least("month", &from).and(Only::at_most("month", &to));
    let order = [By::up("month"), By::up("bank"), By::up("area")];
    let mut found: Vec<BankQuality> = Vec::new();
    for row in listed::<BankMonthRow>(session, scope, &only, &order)? {
        match found.last_mut().filter(|last| (last.month, last.bank) == (row.month, row.bank)) {
            Some(last) => last.add(&row),
            None => {
                let mut first = BankQuality::nothing(row.month, row.bank);
                first.add(&row);
                found.push(first);
            }
        }
    }
    Ok(found)
}

/// What was paid in full by its pay day: regular runs of these months, by month and item. A plan is
/// due from its calculation on.
pub fn promptness(
    session: &ReadSession,
    scope: &Scope,
    from: Month,
    to: Month,
) -> Result<Vec<Promptness>, ViewError> {
    let only = Only::at_least("month", &from)
        .and(Only::at_most("month", &to))
        .and(Only::equal("run", &RunType::Normal))
        .and(Only::equal("cancelled", &false));
    let order = [By::up("month"), By::up("item"), By::up("plan")];
    let mut found: BTreeMap<(Month, ItemId), Promptness> = BTreeMap::new();
    for row in listed::<PromptRow>(session, scope, &only, &order)? {
        let sum = found.entry((row.month, row.item)).or_insert(Promptness {
            month: row.month,
            item: row.item,
            due_lines: 0,
            due: Money::ZERO,
            prompt_lines: 0,
            prompt: Money::ZERO,
            late_lines: 0,
            late: Money::ZERO,
        });
        sum.due_lines += u64::from(row.due_lines);
        sum.due += row.due;
        sum.prompt_lines += u64::from(row.prompt_lines);
        sum.prompt += row.prompt;
        sum.late_lines += u64::from(row.late_lines);
        sum.late += row.late;
    }
    Ok(found.into_values().collect())
}

impl BankQuality {
    const fn nothing(month: Month, bank: BankCode) -> Self {
        Self {
            month,
            bank,
            files: 0,
            rejected_files: 0,
            unknown_outcomes: 0,
            queries: 0,
            lines: 0,
            instructed: Money::ZERO,
            paid_lines: 0,
            paid: Money::ZERO,
            returned_lines: 0,
            returned: Money::ZERO,
            late_lines: 0,
            replied_files: 0,
            days_to_reply: 0,
            days_to_reply_max: 0,
            duplicates: 0,
            contradictions: 0,
            strangers: 0,
        }
    }

    fn add(&mut self, row: &BankMonthRow) {
        self.files += row.files;
        self.rejected_files += row.rejected_files;
        self.unknown_outcomes += row.unknown_outcomes;
        self.queries += row.queries;
        self.lines += row.lines;
        self.instructed += row.instructed;
        self.paid_lines += row.paid_lines;
        self.paid += row.paid;
        self.returned_lines += row.returned_lines;
        self.returned += row.returned;
        self.late_lines += row.late_lines;
        self.replied_files += row.replied_files;
        self.days_to_reply += row.days_to_reply;
        self.days_to_reply_max = self.days_to_reply_max.max(row.days_to_reply_max);
        self.duplicates += row.duplicates;
        self.contradictions += row.contradictions;
        self.strangers += row.strangers;
    }
}

fn share(part: u64, whole: u64) -> Option<u64> {
    (whole > 0).then(|| part * BASIS_POINTS / whole)
}

fn listed<R: crate::lists::Seen>(
    session: &ReadSession,
    scope: &Scope,
    only: &Only,
    order: &[By],
) -> Result<Vec<R>, ViewError> {
    let (after, before, limit) = (None, None, ROWS_MAX);
    page(session, scope, &Page { only, order, after, before, backward: false, limit })
}
