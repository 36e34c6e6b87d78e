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

    pub struct EntryRow in "entry" key(book: String, number: u64, place: u32)
        index("book", "account", "number") index("item", "month")
    {
        pub ledger: String,
        pub account: String,
        pub item: Option<ItemId>,
        pub month: Option<Month>,
        pub batch: Option<String>,
        pub debit: Money,
        pub credit: Money,
        pub posted_on: Date,
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
        index("state") index("batch")
    {
        pub direction: String,
        pub amount: Money,
        pub reference: Option<String>,
        pub balance: Money,
        /// `open`, `matched`, `different` or `resolved`.
        pub state: String,
        pub batch: Option<String>,
        pub owner: Option<String>,
        pub reason: Option<String>,
        pub note: Option<String>,
        /// Who resolved the difference.
        pub resolved_by: Option<String>,
    }
}
