//! The tables. Dimensions and numbers stand in places; which is which says the kind of fact
//! ([`FactKind::shape`]). An absent dimension is the empty text.

use definitions::FactKind;
use definitions::word::Word;
use kernel::{Micros, Position};
use shared::{
    BankCode, CardApplicationId, CardId, Date, DivisionCode, FundCode, GrantId, ItemId, Money,
    Month, PayAddressId, PersonId, RunType, Sex,
};
use uuid::Uuid;
use warnings::{Channel, Level, Stage};

use crate::engine::{Column, Kind, Unreadable, Value};
use crate::record;

impl Column for FactKind {
    const KIND: Kind = Kind::Text;

    fn write(&self) -> Value {
        Value::from(self.word())
    }

    fn read(value: &Value) -> Result<Self, Unreadable> {
        match value {
            Value::Text(word) => Self::from_word(word),
            Value::Null | Value::Int(_) | Value::Blob(_) => None,
        }
        .ok_or_else(|| Unreadable::new("fact kind", value))
    }
}

/// Of what length of time a cell speaks; the numbers are stored.
pub(super) const DAY: u8 = 0;
pub(super) const MONTH: u8 = 1;
pub(super) const YEAR: u8 = 2;

record! {
    /// A fact as it is held now.
    pub struct FactRow in "indicator_fact" key(kind: FactKind, fact: String) index("kind", "day") {
        pub day: Date,
        /// Whom it concerns: counted once by distinct measures, never shown.
        pub subject: String,
        pub d1: String,
        pub d2: String,
        pub d3: String,
        pub d4: String,
        pub d5: String,
        pub d6: String,
        pub d7: String,
        pub d8: String,
        pub n1: i64,
        pub n2: i64,
        pub n3: i64,
        /// Who told it.
        pub event: Uuid,
        pub position: Position,
    }

    /// A fact as it was held before `until`.
    pub struct PastFactRow in "indicator_past_fact"
        key(kind: FactKind, fact: String, until: Position) index("kind", "day")
    {
        pub day: Date,
        pub subject: String,
        pub d1: String,
        pub d2: String,
        pub d3: String,
        pub d4: String,
        pub d5: String,
        pub d6: String,
        pub d7: String,
        pub d8: String,
        pub n1: i64,
        pub n2: i64,
        pub n3: i64,
        pub event: Uuid,
        pub position: Position,
    }

    /// Count and sums of the facts of one day, month or year that are alike. `place` is all its
    /// dimensions.
    pub struct CellRow in "indicator_cell"
        key(kind: FactKind, grain: u8, start: Date, place: String)
    {
        pub d1: String,
        pub d2: String,
        pub d3: String,
        pub d4: String,
        pub d5: String,
        pub d6: String,
        pub d7: String,
        pub d8: String,
        pub facts: i64,
        pub n1: i64,
        pub n2: i64,
        pub n3: i64,
    }

    /// What a month that was over said before an event changed it.
    pub struct RestatedRow in "indicator_restated"
        key(kind: FactKind, month: Month, place: String, position: Position)
    {
        pub event: Uuid,
        pub facts: i64,
        pub n1: i64,
        pub n2: i64,
        pub n3: i64,
    }

    /// The last business day that was opened: months before its own are over.
    pub struct ClockRow in "indicator_clock" key(clock: u32) {
        pub day: Date,
    }

    /// Where a month was closed: what it said then stays answerable.
    pub struct CloseRow in "indicator_close" key(month: Month) {
        /// The day of a later month that was opened.
        pub day: Date,
        pub position: Position,
    }

    pub struct PersonRow in "indicator_person" key(person: PersonId) {
        pub county: DivisionCode,
        pub sex: Sex,
        pub birth: Month,
        pub registered_on: Date,
        pub merged: bool,
        /// Confirmed.
        pub died_on: Option<Date>,
    }

    pub struct ApplicationRow in "indicator_application" key(application: CardApplicationId) {
        pub person: PersonId,
        pub county: DivisionCode,
        pub bank: BankCode,
        pub online: bool,
    }

    pub struct CardRow in "indicator_card" key(card: CardId) {
        pub person: PersonId,
        pub county: Option<DivisionCode>,
        pub bank: BankCode,
        pub generation: u8,
        /// Issued and neither replaced nor cancelled.
        pub held: bool,
    }

    pub struct GrantRow in "indicator_grant" key(grant_id: GrantId) {
        pub person: PersonId,
        pub county: DivisionCode,
        pub item: ItemId,
        pub fund: FundCode,
        /// Not suspended.
        pub running: bool,
        pub ended: bool,
    }

    pub struct ItemRow in "indicator_item" key(item: ItemId) {
        pub class: String,
    }

    pub struct PlanRow in "indicator_plan" key(plan: String) {
        pub item: ItemId,
        pub month: Month,
        pub fund: FundCode,
        pub run: RunType,
        pub pay_day: Date,
    }

    pub struct BatchRow in "indicator_batch" key(batch: String) {
        pub lines: u32,
    }

    pub struct AttemptRow in "indicator_attempt" key(batch: String, seq: u32) {
        /// The obligation, as text.
        pub obligation: String,
    }

    /// A version of a pay address.
    pub struct AddressRow in "indicator_address" key(address: PayAddressId, version: u32) {
        /// It is the account of a social security card.
        pub is_card: bool,
    }

    /// A batch as it stands, for the facts of its next step.
    pub struct StepRow in "indicator_batch_step" key(batch: String) {
        pub item: ItemId,
        pub class: String,
        pub fund: FundCode,
        pub bank: BankCode,
        pub run: RunType,
        /// Empty before it is opened.
        pub status: String,
        pub signatures: u32,
        pub lines: u32,
        pub amount: Money,
        pub answered: u32,
    }

    /// A returned line, for the facts of its end.
    pub struct ReturnRow in "indicator_return" key(return_case: String) {
        pub person: PersonId,
        pub county: String,
        pub item: ItemId,
        pub class: String,
        /// Of its grant; empty where that is not known.
        pub fund: String,
        pub bank: BankCode,
        pub reason: String,
        pub amount: Money,
        pub returned_on: Date,
    }

    /// A task of the exchange of data, for the facts of its next step.
    pub struct TaskRow in "indicator_task" key(task: String) {
        pub bank: String,
        pub lines: i64,
        pub started_at: Micros,
    }

    /// A case as it stands, for the facts of its next step.
    pub struct WarningRow in "indicator_warning" key(warning: Uuid) {
        pub division: Option<DivisionCode>,
        pub level: Level,
        pub class: String,
        pub channel: Channel,
        /// Empty where it was entered by hand.
        pub rule: String,
        pub stage: Stage,
        pub before_release: Stage,
        pub raised_on: Date,
    }

    /// A comment, question or instruction as it stands.
    pub struct NoteRow in "indicator_note" key(note: Uuid) {
        pub kind: String,
        pub status: String,
    }

    pub struct BookRow in "indicator_book" key(book: String) {
        pub county: DivisionCode,
        pub fund: FundCode,
        pub agency: String,
        pub year: i32,
        pub cash_account: String,
        pub cash: Money,
    }
}
