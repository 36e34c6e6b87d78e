//! The tables of payments: lines, attempts, cells of the matrix, and what the fold keeps for itself.

use std::str::FromStr;

use kernel::Position;
use shared::{
    AreaCode, ArtefactId, BankCode, Component, Date, DivisionCode, FundCode, GrantId, ItemId,
    Money, Month, ObligationId, PayAddressId, PersonId, ReturnReason,
};

use crate::{record, text_column};

/// How far a line got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LineState {
    /// In a plan; the plan says whether it is reviewed and funded.
    Planned,
    /// Taken out of the bank file 暂扣.
    Held,
    /// In a bank file; unknown until the bank says otherwise.
    Instructed,
    Paid,
    Returned,
}

impl LineState {
    pub const ALL: [Self; 5] =
        [Self::Planned, Self::Held, Self::Instructed, Self::Paid, Self::Returned];

    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Held => "held",
            Self::Instructed => "instructed",
            Self::Paid => "paid",
            Self::Returned => "returned",
        }
    }
}

impl std::fmt::Display for LineState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for LineState {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|state| state.code() == text).ok_or(())
    }
}

text_column!(LineState);

record! {
    /// One obligation in the run that planned it; a cancelled run has no lines.
    pub struct LineRow in "line" key(obligation: ObligationId)
        index("plan", "part", "place") index("person", "run_month") index("state", "run_month")
        index("run_month", "item", "bank", "county")
    {
        pub item: ItemId,
        /// The month it is owed for.
        pub month: Month,
        /// The month whose plan pays it.
        pub run_month: Month,
        pub plan: String,
        pub part: u16,
        /// Its place in the part, from 0.
        pub place: u32,
        pub person: PersonId,
        pub component: Component,
        pub grant_id: GrantId,
        pub grant_revision: u64,
        pub amount_from: Month,
        pub payee: Option<shared::Payee>,
        pub address: PayAddressId,
        pub address_version: u32,
        pub bank: BankCode,
        pub county: DivisionCode,
        pub fund: FundCode,
        pub gross: Money,
        pub deductions: Money,
        pub net: Money,
        pub state: LineState,
        /// Why it is held, or why the bank returned it.
        pub reason: Option<String>,
        pub batch: Option<String>,
        /// Its number in the bank file, from 1.
        pub seq: Option<u32>,
        /// The bank's serial, once paid.
        pub serial: Option<String>,
    }

    /// What one bank was told: the way from a row of a file to its obligation.
    pub struct AttemptRow in "attempt" key(batch: String, seq: u32) index("obligation") {
        pub obligation: ObligationId,
        pub number: u16,
    }

    /// Sums of lines by month, item, fund, bank and county.
    pub struct CellRow in "cell"
        key(month: Month, item: ItemId, fund: FundCode, bank: BankCode, county: DivisionCode)
    {
        pub planned_lines: u32,
        pub gross: Money,
        pub deductions: Money,
        pub held_lines: u32,
        pub held: Money,
        pub instructed_lines: u32,
        pub instructed: Money,
        pub paid_lines: u32,
        pub paid: Money,
        pub returned_lines: u32,
        pub returned: Money,
    }

    /// How many lines a part or a batch has so far: the next one's place follows from it.
    pub struct CountRow in "payment_count" key(of: String) {
        pub lines: u32,
    }

    /// What the lines of a plan need to know of it.
    pub struct RunRow in "payment_run" key(plan: String) {
        pub item: ItemId,
        pub month: Month,
        pub fund: FundCode,
    }

    /// What an item had paid in an area before its first run here 期初.
    pub struct OpeningRow in "opening" key(opening: String) index("item", "area") {
        pub item: ItemId,
        pub area: AreaCode,
        pub as_of: Date,
        /// Distinct.
        pub people: u32,
        pub payments: u64,
        pub money: Money,
        /// The list that proves it.
        pub artefact: ArtefactId,
        pub entered_by: String,
        /// `entered`, `sealed` or `running`.
        pub stage: String,
        /// Obligations that were settled before: no run plans them again.
        pub settled: u32,
        pub settled_money: Money,
        /// Obligations that had come back and wait for their second attempt.
        pub returned: u32,
        pub returned_money: Money,
        pub position: Position,
    }

    /// An obligation that was planned before the cut-over.
    pub struct OpeningObligationRow in "opening_obligation" key(obligation: ObligationId)
        index("person", "item") index("opening")
    {
        pub opening: String,
        pub item: ItemId,
        pub area: AreaCode,
        pub month: Month,
        pub person: PersonId,
        pub amount: Money,
        /// Why its bank had returned it, if it was.
        pub returned: Option<ReturnReason>,
    }

    /// A grant of a frozen population that got no line. Not `excluded`: in an upsert that word is the
    /// row that was to be written.
    pub struct ExcludedRow in "left_out" key(plan: String, grant_id: GrantId) index("person") {
        pub person: PersonId,
        pub reason: String,
    }
}

impl CellRow {
    pub(super) fn key_of(line: &LineRow) -> (Month, ItemId, FundCode, BankCode, DivisionCode) {
        (line.run_month, line.item, line.fund, line.bank, line.county)
    }

    pub(super) fn empty(line: &LineRow) -> Self {
        Self {
            month: line.run_month,
            item: line.item,
            fund: line.fund,
            bank: line.bank,
            county: line.county,
            planned_lines: 0,
            gross: Money::ZERO,
            deductions: Money::ZERO,
            held_lines: 0,
            held: Money::ZERO,
            instructed_lines: 0,
            instructed: Money::ZERO,
            paid_lines: 0,
            paid: Money::ZERO,
            returned_lines: 0,
            returned: Money::ZERO,
        }
    }

    /// Takes a line of a cancelled plan out. None of them stands in a batch any more.
    pub(super) fn remove(&mut self, line: &LineRow) {
        self.leave(line.state, LineState::Planned, line.net);
        self.planned_lines -= 1;
        self.gross -= line.gross;
        self.deductions -= line.deductions;
    }

    /// What was instructed stays instructed: paid, returned and unreplied are parts of it.
    pub(super) fn enter(&mut self, state: LineState, net: Money) {
        let (lines, sum) = match state {
            LineState::Planned => return,
            LineState::Held => (&mut self.held_lines, &mut self.held),
            LineState::Instructed => (&mut self.instructed_lines, &mut self.instructed),
            LineState::Paid => (&mut self.paid_lines, &mut self.paid),
            LineState::Returned => (&mut self.returned_lines, &mut self.returned),
        };
        *lines += 1;
        *sum += net;
    }

    pub(super) fn leave(&mut self, from: LineState, to: LineState, net: Money) {
        let (lines, sum) = match (from, to) {
            (LineState::Held, _) => (&mut self.held_lines, &mut self.held),
            // Its batch was refused or withdrawn.
            (LineState::Instructed, LineState::Planned) => {
                (&mut self.instructed_lines, &mut self.instructed)
            }
            _ => return,
        };
        *lines -= 1;
        *sum -= net;
    }
}
