//! The tables of the books.

use kernel::{Micros, Position};
use shared::{AgencyCode, AreaCode, ArtefactId, BankCode, Date, FundCode, ItemId, Money, Month};

use crate::record;

record! {
    pub struct BookRow in "book" key(book: String) index("fund", "year") {
        pub fund: FundCode,
        pub area: AreaCode,
        pub agency: AgencyCode,
        pub year: i32,
        pub policy: String,
        pub cash_account: String,
        pub opening: Money,
        pub cash: Money,
        /// Set aside and not taken yet.
        pub reserved: Money,
        pub vouchers: u64,
        pub closed: bool,
        /// The book of the year before whose balances are this one's opening.
        pub carried_from: Option<String>,
        /// The next year's book, once this year is closed.
        pub carried_into: Option<String>,
        pub position: Position,
    }

    /// Debits and credits of one account in one ledger of one book: the trial balance.
    pub struct BalanceRow in "balance" key(book: String, ledger: String, account: String) {
        pub debit: Money,
        pub credit: Money,
    }

    pub struct VoucherRow in "voucher" key(book: String, number: u64) index("reference") {
        pub occurrence: String,
        pub reference: String,
        pub posted_on: Date,
        pub amount: Money,
        pub by: String,
        pub at: Micros,
        pub event: uuid::Uuid,
    }

    /// An entry of a voucher; those of number 0 are the opening.
    pub struct EntryRow in "entry" key(book: String, number: u64, place: u32)
        index("book", "account", "posted_on") index("item", "month")
    {
        pub ledger: String,
        pub account: String,
        pub item: Option<ItemId>,
        pub month: Option<Month>,
        pub batch: Option<String>,
        /// At which bank the money stands or moves, where the account is kept per bank.
        pub bank: Option<BankCode>,
        /// Who is owed or owes it, where the account is kept per payee or recovery.
        pub party: Option<String>,
        pub debit: Money,
        pub credit: Money,
        pub posted_on: Date,
    }

    /// An item-month that a book takes no voucher of any more.
    pub struct ClosedItemRow in "closed_item" key(book: String, item: ItemId, month: Month) {
        pub closed_by: String,
        pub closed_on: Date,
    }

    pub struct StatementRow in "statement" key(statement: String) index("posted_on", "bank") {
        pub bank: BankCode,
        pub fund: FundCode,
        pub book: String,
        pub posted_on: Date,
        pub opening: Money,
        pub closing: Money,
        pub debits: Money,
        pub credits: Money,
        pub lines: u32,
        pub matched: u32,
        pub differences: u32,
        pub digest: ArtefactId,
    }

    pub struct StatementLineRow in "statement_line" key(statement: String, serial: String)
        index("state", "found_on") index("batch") index("owner", "state")
    {
        pub bank: BankCode,
        pub book: String,
        /// The day of the movement.
        pub posted_on: Date,
        pub direction: String,
        pub amount: Money,
        pub reference: Option<String>,
        pub balance: Money,
        /// `open`, `matched`, `different` or `resolved`.
        pub state: String,
        /// The batch that it is matched with; none where there are several, or a voucher.
        pub batch: Option<String>,
        /// Who owns the difference.
        pub owner: Option<String>,
        pub reason: Option<String>,
        /// The day on which the difference was found; none where there never was one.
        pub found_on: Option<Date>,
        /// The voucher that holds the difference in a suspense account.
        pub booked: Option<u64>,
        /// How it was settled: `batch`, `batches`, `voucher`, `cleared` or `noted`.
        pub settled: Option<String>,
        pub settled_on: Option<Date>,
        pub note: Option<String>,
        /// Who resolved the difference.
        pub resolved_by: Option<String>,
        /// The movement that took it back, as `<statement>/<serial>`.
        pub cleared_by: Option<String>,
    }

    /// What a movement was matched with: one batch, each of several, or a voucher.
    pub struct StatementMatchRow in "statement_match"
        key(statement: String, serial: String, place: u32) index("batch")
    {
        pub batch: Option<String>,
        pub voucher: Option<u64>,
        pub amount: Money,
    }
}
