//! Every event of every context as one closed list, decoded once by the category of its stream.
//!
//! A new decider is one line in the list below.

use kernel::{Decider, DecodeError, Event, EventRef, Recorded, StreamName};

macro_rules! facts {
    ($($(#[$meta:meta])* $name:ident($decider:ty),)*) => {
        /// An event as a read model sees it: the decider that it belongs to, and its content.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Fact {
            $($(#[$meta])* $name(<$decider as Decider>::Event),)*
            /// An event of a category that no read model of this program knows.
            Unknown,
        }

        impl Fact {
            /// The categories that are decoded.
            pub const CATEGORIES: &'static [&'static str] =
                &[$(<$decider as Decider>::CATEGORY,)*];

            /// # Errors
            /// When the category is known and the event is not one of its decider's.
            pub fn decode(recorded: &Recorded) -> Result<Self, DecodeError> {
                Self::of(&recorded.into())
            }

            /// # Errors
            /// As [`Self::decode`].
            pub fn of(event: &EventRef<'_>) -> Result<Self, DecodeError> {
                let category = StreamName::category_of(event.stream);
                $(if category == <$decider as Decider>::CATEGORY {
                    return <<$decider as Decider>::Event as Event>::decode(
                        event.type_name,
                        event.data,
                    )
                    .map(Self::$name);
                })*
                Ok(Self::Unknown)
            }
        }
    };
}

facts! {
    /// A deadline finer than a day.
    Timer(kernel::timer::Timer),
    Definition(definitions::publication::Publication),
    Division(kernel::Register<registry::division::Division>),
    Grid(kernel::Register<registry::grid::Grid>),
    Organisation(kernel::Register<registry::organisation::Organisation>),
    Employer(registry::employer::Employer),
    Person(registry::person::Person),
    CardApplication(cards::application::Application),
    Card(cards::card::Card),
    PayAddress(cards::address::Address),
    Grant(benefits::grant::Grant),
    Period(disbursement::period::Period),
    Plan(disbursement::plan::Plan),
    Part(disbursement::part::Part),
    Batch(disbursement::batch::Batch),
    Obligation(disbursement::obligation::Obligation),
    Account(disbursement::account::Account),
    Statement(disbursement::statement::Statement),
    ReturnCase(disbursement::return_case::ReturnCase),
    Heirs(disbursement::heirs::Heirs),
    Recovery(disbursement::recovery::Recovery),
    Deduction(disbursement::deduction::Deduction),
    Comparison(disbursement::comparison::Comparison),
    Opening(disbursement::opening::Opening),
    Feed(disbursement::feed::Feed),
    Figures(statistics::Figures),
    Observation(tags::Observation),
    TagAssignment(tags::Assignment),
    TagQuery(tags::Query),
    Import(imports::Import),
    SegmentSnapshot(tags::Snapshot),
    Warning(warnings::Case),
    WarningSuppression(warnings::suppression::Suppression),
    WarningMessage(warnings::Message),
    Note(desk::Note),
    Layout(desk::Layout),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_deciders_share_a_category() {
        let mut categories = Fact::CATEGORIES.to_vec();
        categories.sort_unstable();
        categories.dedup();
        assert_eq!(categories.len(), Fact::CATEGORIES.len());
    }
}
