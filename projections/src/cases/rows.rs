//! The tables of what stands beside the runs.

use disbursement::comparison::{Decision, Kind as EntryKind};
use disbursement::deduction::Kind as DeductionKind;
use disbursement::obligation::{NotOwed, Stage as ObligationStage};
use disbursement::part::Hold;
use disbursement::recovery::{Place, Stage as RecoveryStage};
use disbursement::return_case::{Outcome, Stage as ReturnStage};
use kernel::{Micros, Position, Revision};
use shared::{
    AreaCode, AttemptId, BankCode, Component, Date, DivisionCode, FundCode, GrantId, ItemId, Money,
    Month, ObligationId, OrganisationId, PayAddressId, PersonId, ReturnReason,
};

use crate::record;
use crate::words::{code_columns, words};

code_columns! {
    EntryKind, Decision, DeductionKind, NotOwed, ObligationStage, Hold, Place, RecoveryStage, Outcome,
    ReturnStage,
}

words! {
    /// What happened in a recovery.
    RecoveryStep {
        Opened "opened",
        Demanded "demanded",
        Agreed "agreed",
        Received "received",
        Offset "offset",
        SentToCourt "sent_to_court",
        WrittenOff "written_off",
        Settled "settled",
        Withdrawn "withdrawn",
    }
}

record! {
    /// In which county somebody's grant of an item lies; of several, the last one registered.
    pub struct PlaceRow in "case_place" key(person: PersonId, item: ItemId) {
        pub grant_id: GrantId,
        pub county: DivisionCode,
    }

    /// One returned attempt, until it is paid or passed on.
    pub struct ReturnRow in "return_case" key(case_id: AttemptId)
        index("stage", "returned_on") index("person") index("obligation")
        index("county", "returned_on")
    {
        pub obligation: ObligationId,
        pub attempt: u16,
        pub item: ItemId,
        pub month: Month,
        pub person: PersonId,
        pub grant_id: GrantId,
        pub payee: Option<shared::Payee>,
        pub county: Option<DivisionCode>,
        pub bank: BankCode,
        pub batch: String,
        pub reason: ReturnReason,
        pub amount: Money,
        /// Where it had been sent.
        pub address: PayAddressId,
        pub address_version: u32,
        /// It had been paid before.
        pub late: bool,
        pub returned_on: Date,
        pub stage: ReturnStage,
        pub notices: u32,
        pub notified_on: Option<Date>,
        pub channel: Option<String>,
        /// Where the next attempt goes.
        pub corrected_address: Option<PayAddressId>,
        pub corrected_version: Option<u32>,
        pub corrected_on: Option<Date>,
        pub corrected_by: Option<String>,
        /// The part in which the next attempt stands.
        pub part: Option<String>,
        pub outcome: Option<Outcome>,
        pub closed_on: Option<Date>,
        pub revision: Revision,
        pub position: Position,
    }

    /// An obligation to which something happened apart from its plan: as
    /// [`disbursement::obligation::Obligation`] folds it, with who and why.
    pub struct ObligationRow in "own_obligation" key(obligation: ObligationId)
        index("stage", "obligation") index("person") index("stage", "verify_by")
    {
        pub item: ItemId,
        pub month: Month,
        pub component: Component,
        pub adjustment: u16,
        pub person: PersonId,
        pub county: Option<DivisionCode>,
        pub stage: ObligationStage,
        /// The attempt that is due, or, of a returned one, the one that is over.
        pub attempt: u16,
        /// What waits, is held, was cancelled or overpaid; nothing where it is as planned.
        pub amount: Money,
        pub hold_reason: Option<Hold>,
        pub verify_by: Option<Date>,
        /// The hold that stands: which of its [`HoldRow`]s.
        pub hold: Option<u64>,
        pub return_reason: Option<ReturnReason>,
        /// The part whose line it is now.
        pub part: Option<String>,
        pub died_in: Option<Month>,
        pub not_owed: Option<NotOwed>,
        /// The stage and the sum that it had when it was found overpaid.
        pub was: Option<ObligationStage>,
        pub was_amount: Option<Money>,
        /// Of an overpayment: whose money it is, and the book that paid.
        pub fund: Option<FundCode>,
        pub book: Option<String>,
        /// Of a special payment.
        pub ordered_on: Option<Date>,
        pub ordered_by: Option<String>,
        pub approver: Option<String>,
        pub order_reason: Option<String>,
        /// The same entitlement under another id of the same human.
        pub duplicate_of: Option<ObligationId>,
        /// The business date of the last change, who made it, and why where he said so.
        pub since: Date,
        pub changed_by: String,
        pub note: Option<String>,
        pub revision: Revision,
        pub position: Position,
    }

    /// A time for which a line was kept out of the bank files, by the revision that began it.
    pub struct HoldRow in "hold" key(obligation: ObligationId, hold: u64)
        index("person") index("ended_on")
    {
        pub item: ItemId,
        pub month: Month,
        pub person: PersonId,
        pub county: Option<DivisionCode>,
        pub attempt: u16,
        pub reason: Hold,
        pub amount: Money,
        pub verify_by: Option<Date>,
        pub held_on: Date,
        pub held_by: String,
        pub ended_on: Option<Date>,
        pub ended_by: Option<String>,
        /// How the obligation stood then: released, cancelled, due to the heirs.
        pub became: Option<ObligationStage>,
        pub end_reason: Option<String>,
    }

    /// What a dead person was still owed, and who draws it.
    pub struct HeirsRow in "heirs_case" key(deceased: PersonId) {
        pub county: Option<DivisionCode>,
        pub died_on: Date,
        pub opened_on: Date,
        pub obligations: u32,
        /// All that was passed on; what of it is paid say the lines.
        pub owed: Money,
        pub heir: Option<PersonId>,
        pub address: Option<PayAddressId>,
        pub basis: Option<String>,
        pub named_by: Option<String>,
        pub approver: Option<String>,
        pub named_on: Option<Date>,
        pub withdrawn_on: Option<Date>,
        pub withdrawn_reason: Option<String>,
        pub revision: Revision,
        pub position: Position,
    }

    pub struct HeirsDueRow in "heirs_due" key(deceased: PersonId, obligation: ObligationId)
        index("obligation")
    {
        pub amount: Money,
    }

    /// One overpayment until nothing is owed.
    pub struct RecoveryRow in "recovery" key(obligation: ObligationId)
        index("stage", "found_on") index("person") index("county", "found_on")
    {
        pub person: PersonId,
        pub item: ItemId,
        pub month: Month,
        pub component: Component,
        pub county: Option<DivisionCode>,
        pub fund: FundCode,
        pub book: String,
        pub amount: Money,
        pub reason: String,
        pub found_on: Date,
        /// From before the system.
        pub carried: bool,
        pub stage: RecoveryStage,
        pub notices: u32,
        /// The last written notice, and by when it asks for the money.
        pub notice: Option<String>,
        pub demanded_on: Option<Date>,
        pub due: Option<Date>,
        /// The agreement that stands.
        pub agreement: Option<String>,
        pub agreed_on: Option<Date>,
        pub instalments: u32,
        pub in_court: bool,
        pub court: Option<String>,
        pub court_case: Option<String>,
        pub received: Money,
        pub set_off: Money,
        pub written_off: Money,
        pub withdrawn: Money,
        pub owed: Money,
        pub ended_on: Option<Date>,
        pub revision: Revision,
        pub position: Position,
    }

    /// What happened in a recovery, in order.
    pub struct RecoveryStepRow in "recovery_step" key(obligation: ObligationId, revision: u64)
        index("happened_on")
    {
        pub step: RecoveryStep,
        pub happened_on: Date,
        /// By how much the debt got smaller.
        pub moved: Money,
        /// The notice, agreement, receipt, court case or approval.
        pub reference: Option<String>,
        /// The court, or who approved the write-off.
        pub authority: Option<String>,
        pub due: Option<Date>,
        pub into_account: Option<Place>,
        /// What it was kept back from.
        pub against: Option<ObligationId>,
        pub actor: String,
        pub at: Micros,
        pub event: uuid::Uuid,
    }

    /// Of the agreement that stands; from 1.
    pub struct InstalmentRow in "instalment" key(obligation: ObligationId, number: u32)
        index("due")
    {
        pub due: Date,
        pub amount: Money,
    }

    /// A standing order to keep something back.
    pub struct DeductionRow in "deduction" key(deduction: String)
        index("person") index("third_party") index("item")
    {
        pub kind: DeductionKind,
        pub item: ItemId,
        pub person: PersonId,
        pub county: Option<DivisionCode>,
        pub third_party: Option<OrganisationId>,
        pub per_month: Option<Money>,
        /// What all months together give up.
        pub whole: Option<Money>,
        pub from_month: Month,
        pub to_month: Option<Month>,
        pub basis: String,
        pub ordered_on: Date,
        pub ordered_by: String,
        pub approver: String,
        pub kept: Money,
        /// What went on to the third party.
        pub remitted: Money,
        pub ended_on: Option<Date>,
        pub ended_by: Option<String>,
        pub end_reason: Option<String>,
        pub revision: Revision,
        pub position: Position,
    }

    /// What the lines of a part kept back by an order.
    pub struct DeductionKeptRow in "deduction_kept" key(deduction: String, part: String) {
        pub amount: Money,
        pub kept_on: Date,
    }

    /// A plan beside the item's month before.
    pub struct ComparisonRow in "comparison" key(plan: String) {
        pub area: AreaCode,
        pub previous: Option<String>,
        pub sealed: bool,
        pub entries: u32,
        pub unchanged: u32,
        pub new_grants: u32,
        pub ended: u32,
        pub resumed: u32,
        pub back_paid: u32,
        pub changed: u32,
        pub exceptions: u32,
        /// Exceptions that nobody accepted yet.
        pub undecided: u32,
        pub drawn_on: Date,
        pub revision: Revision,
        pub position: Position,
    }

    /// One grant that is not what it was the month before.
    pub struct ComparisonEntryRow in "comparison_entry" key(plan: String, place: u32)
        index("person")
    {
        pub kind: EntryKind,
        pub grant_id: GrantId,
        pub person: PersonId,
        pub county: Option<DivisionCode>,
        pub before_amount: Option<Money>,
        pub now_amount: Option<Money>,
        pub decision: Option<Decision>,
        pub decided_on: Option<Date>,
        pub decided_by: Option<String>,
        pub decided_reason: Option<String>,
    }
}

impl ObligationRow {
    /// What waits for a run.
    #[must_use]
    pub fn waiting(&self) -> Option<Money> {
        match self.stage {
            ObligationStage::Released | ObligationStage::Returned | ObligationStage::DueToHeirs => {
                Some(self.amount)
            }
            ObligationStage::AsPlanned
            | ObligationStage::Held
            | ObligationStage::Taken
            | ObligationStage::Cancelled
            | ObligationStage::Overpaid => None,
        }
    }

    /// The number of the attempt that is to be made, or was made and not returned.
    #[must_use]
    pub fn due(&self) -> u16 {
        let stage =
            if self.stage == ObligationStage::Overpaid { self.was } else { Some(self.stage) };
        match stage {
            Some(ObligationStage::Returned) => self.attempt.saturating_add(1),
            _ => self.attempt,
        }
    }
}

impl DeductionRow {
    /// What was kept and did not go on yet; nothing where the fund keeps it itself.
    #[must_use]
    pub fn owed_to_third_party(&self) -> Money {
        if self.third_party.is_some() { self.kept - self.remitted } else { Money::ZERO }
    }
}
