//! The tables of cards and applications; those of pay addresses stand beside their fold.

use cards::card::Account;
use kernel::{Position, Revision};
use shared::{
    BankCode, CardApplicationId, CardId, Date, DivisionCode, Month, OrganisationId, PayAddressId,
    PersonId, Sealed,
};

use crate::words::{word_columns, words};
use crate::{json_column, record};

words! {
    ApplicationState {
        Applied "applied",
        Accepted "accepted",
        Rejected "rejected",
    }

    CardStage {
        Made "made",
        Delivered "delivered",
        Issued "issued",
        /// Issued, and out of the holder's hands; it still takes credits.
        Lost "lost",
        Replaced "replaced",
        Cancelled "cancelled",
    }
}

word_columns!(Account);
json_column!(Vec<PayAddressId>);

record! {
    pub struct ApplicationRow in "card_application" key(application: CardApplicationId)
        index("person") index("county", "application") index("state", "application")
    {
        pub person: PersonId,
        pub bank: BankCode,
        pub county: DivisionCode,
        pub outlet: Option<OrganisationId>,
        pub replaces: Option<CardId>,
        pub state: ApplicationState,
        pub applied_on: Date,
        pub decided_on: Option<Date>,
        /// Why it was rejected.
        pub reason: Option<String>,
        pub revision: Revision,
        pub position: Position,
    }

    pub struct CardRow in "card" key(card: CardId)
        index("person") index("county", "card") index("stage", "card")
    {
        pub person: PersonId,
        pub application: CardApplicationId,
        /// Its application's; absent where that is not known.
        pub county: Option<DivisionCode>,
        pub bank: BankCode,
        pub generation: u8,
        pub valid_until: Option<Month>,
        pub number: Sealed,
        pub stage: CardStage,
        /// The social-security function is switched on.
        pub social: bool,
        /// The financial account is active.
        pub financial: bool,
        pub outlet: Option<OrganisationId>,
        pub made_on: Date,
        pub issued_on: Option<Date>,
        pub lost_on: Option<Date>,
        pub replaced_by: Option<CardId>,
        /// What its replacement did to the account behind it.
        pub account: Option<Account>,
        /// When it was replaced or cancelled, and why.
        pub ended_on: Option<Date>,
        pub end_reason: Option<String>,
        /// The day of the last event.
        pub since: Date,
        pub revision: Revision,
        pub position: Position,
    }

    /// Cards in one county, of one bank, in one stage.
    pub struct CardCountRow in "card_count" key(county: String, bank: BankCode, stage: CardStage) {
        pub cards: u64,
        pub social: u64,
        pub financial: u64,
    }

    /// Whether a card takes credits, and the addresses that stand or fall with it.
    pub struct BehindRow in "card_behind" key(card: CardId) {
        pub credited: bool,
        pub addresses: Vec<PayAddressId>,
    }
}
