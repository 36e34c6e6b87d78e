//! The tables of quality.

use shared::{AreaCode, BankCode, Date, FundCode, ItemId, Money, Month, RunType};

use crate::record;

record! {
    /// What one bank did with the files of one month in one area.
    pub struct BankMonthRow in "bank_month" key(month: Month, bank: BankCode, area: AreaCode) {
        /// Files that were sent.
        pub files: u32,
        /// Of these: refused by the bank.
        pub rejected_files: u32,
        /// How often it was not known what became of a file, and how often the bank was asked.
        pub unknown_outcomes: u32,
        pub queries: u32,
        /// Of files that were sent and not refused.
        pub lines: u32,
        pub instructed: Money,
        pub paid_lines: u32,
        pub paid: Money,
        pub returned_lines: u32,
        pub returned: Money,
        /// Paid first and returned afterwards; they stand in the returned ones.
        pub late_lines: u32,
        /// Files that got a reply, and the days from their sending to the first one.
        pub replied_files: u32,
        pub days_to_reply: u32,
        pub days_to_reply_max: u32,
        /// What replies said twice, against each other, and of lines that nobody sent.
        pub duplicates: u32,
        pub contradictions: u32,
        pub strangers: u32,
    }

    /// What a plan owed on its pay day, and what of it was paid in full by then.
    pub struct PromptRow in "prompt" key(plan: String) index("month", "item") {
        pub area: AreaCode,
        pub item: ItemId,
        pub month: Month,
        pub fund: FundCode,
        pub run: RunType,
        pub pay_day: Date,
        pub due_lines: u32,
        pub due: Money,
        /// Credited, from a file that the bank debited on the pay day or before.
        pub prompt_lines: u32,
        pub prompt: Money,
        /// Credited, from a file that was debited afterwards.
        pub late_lines: u32,
        pub late: Money,
        pub cancelled: bool,
    }

    /// What the fold keeps of a batch.
    pub struct QualityBatchRow in "quality_batch" key(batch: String) {
        pub plan: String,
        pub bank: BankCode,
        pub month: Month,
        pub area: AreaCode,
        pub lines: u32,
        pub total: Money,
        pub sent_on: Option<Date>,
        pub debited_on: Option<Date>,
        pub replied: bool,
    }
}
