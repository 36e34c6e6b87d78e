//! The closed lists behind the words of facts.

use super::vocabulary::{Dimension, FactKind};

impl FactKind {
    /// The words that a dimension can hold, where their list is closed.
    #[must_use]
    pub fn words_of(self, dimension: Dimension) -> Option<&'static [&'static str]> {
        match (self, dimension) {
            (Self::CardApplication, Dimension::Step) => Some(&["applied", "accepted", "rejected"]),
            (Self::CardApplication, Dimension::Channel) => Some(&["counter", "online"]),
            (Self::CardStep, Dimension::Step) => Some(&[
                "made",
                "delivered",
                "issued",
                "social-activated",
                "account-activated",
                "lost",
                "found",
                "replaced",
                "cancelled",
            ]),
            (Self::GrantStep, Dimension::Step) => {
                Some(&["registered", "suspended", "resumed", "ended"])
            }
            (Self::PayLine, Dimension::Step) => {
                Some(&["planned", "excluded", "instructed", "paid", "returned"])
            }
            (Self::BatchStep, Dimension::Status) => Some(&[
                "open",
                "composed",
                "signed",
                "sent",
                "outcome-unknown",
                "acknowledged",
                "debited",
                "part-replied",
                "replied",
                "rejected",
                "withdrawn",
            ]),
            (Self::ReturnCase, Dimension::ReturnAge) => {
                Some(&["up-to-7", "8-to-30", "31-to-90", "over-90"])
            }
            (Self::Organisation, Dimension::Kind) => {
                Some(&["agency", "bank", "outlet", "school", "training", "hospital", "other"])
            }
            (Self::Figure, Dimension::Scheme) => Some(&[
                "employment",
                "labour",
                "pension-urban",
                "pension-rural",
                "unemployment",
                "injury",
            ]),
            (Self::Task, Dimension::Kind) => Some(&["import", "bank-file", "reply", "feed-run"]),
            (Self::Task, Dimension::Status) => {
                Some(&["queued", "running", "done", "warned", "failed", "broken", "missing"])
            }
            (Self::Task, Dimension::Channel) => Some(&["automatic", "manual"]),
            (Self::NoteStep, Dimension::Kind) => Some(&["comment", "question", "instruction"]),
            (Self::NoteStep, Dimension::Status) => {
                Some(&["written", "open", "answered", "withdrawn"])
            }
            (Self::Listing, Dimension::Status) => Some(&["live", "awaiting"]),
            (Self::BookEntry, Dimension::Ledger) => Some(&["F", "M"]),
            (Self::WarningStep, Dimension::Level) => Some(&["notice", "yellow", "orange", "red"]),
            (Self::WarningStep, Dimension::Channel) => {
                Some(&["automatic", "grid", "complaint", "other"])
            }
            (Self::WarningStep, Dimension::Status) => Some(&[
                "raised",
                "confirmed",
                "dispatched",
                "accepted",
                "verified",
                "handled",
                "fed_back",
                "pre_filed",
                "released",
                "cleared",
                "rejected",
                "merged",
                "lifted",
                "archived",
            ]),
            (Self::WarningStep, Dimension::Step) => Some(&[
                "raised",
                "confirmed",
                "rejected",
                "merged",
                "dispatched",
                "dispatch-returned",
                "reassigned",
                "accepted",
                "site-verified",
                "handled",
                "feedback-given",
                "released",
                "release-undone",
                "pre-filed",
                "cleared",
                "lifted",
                "reopened",
                "archived",
                "level-moved",
                "late",
            ]),
            (Self::WarningStep, Dimension::Kind) => Some(&[
                "written_review",
                "patrol",
                "special_check",
                "filing",
                "interview",
                "symposium",
                "other",
            ]),
            // The classes are those of the rules, and rules are definitions.
            (Self::WarningStep, Dimension::Class) => None,
            (_, Dimension::Sex) => Some(&["male", "female"]),
            (_, Dimension::Class) => Some(&["social_insurance", "employment_subsidy", "agency"]),
            (_, _) => None,
        }
    }
}
