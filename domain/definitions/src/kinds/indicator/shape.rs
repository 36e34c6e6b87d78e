//! The columns of each kind of fact.

use super::vocabulary::{Dimension, FactKind, Number, Unit};

/// The columns of a kind of fact.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// What one fact is counted in.
    pub counted: Unit,
    /// What its subjects are counted in, where it has one.
    pub subjects: Option<Unit>,
    pub dimensions: &'static [Dimension],
    pub numbers: &'static [Number],
}

impl FactKind {
    #[must_use]
    pub fn shape(self) -> Shape {
        use Dimension as D;
        use Number as N;
        let (counted, subjects, dimensions, numbers): (_, _, &'static [D], &'static [N]) =
            match self {
                Self::Person => (Unit::People, None, &[D::County, D::Sex, D::BirthYear], &[]),
                Self::Death => (Unit::People, None, &[D::County, D::Sex, D::BirthYear], &[]),
                Self::Employer => (Unit::Employers, None, &[D::County], &[]),
                Self::Organisation => {
                    (Unit::Organisations, None, &[D::County, D::Kind], &[N::Change])
                }
                Self::CardApplication => (
                    Unit::Applications,
                    Some(Unit::People),
                    &[D::County, D::Bank, D::Channel, D::Step],
                    &[],
                ),
                Self::CardStep => (
                    Unit::Cards,
                    Some(Unit::People),
                    &[D::County, D::Bank, D::Generation, D::Step],
                    &[N::Change],
                ),
                Self::GrantStep => (
                    Unit::Grants,
                    Some(Unit::People),
                    &[D::County, D::Item, D::Class, D::Fund, D::Step, D::Reason],
                    &[N::Amount, N::Change],
                ),
                Self::PayLine => (
                    Unit::Payments,
                    Some(Unit::People),
                    &[D::County, D::Item, D::Class, D::Fund, D::Bank, D::Run, D::Step, D::Reason],
                    &[N::Amount, N::ToCard],
                ),
                Self::BatchStep => (
                    Unit::Batches,
                    None,
                    &[D::Item, D::Class, D::Fund, D::Bank, D::Run, D::Status],
                    &[N::Amount, N::Change, N::Lines],
                ),
                Self::ReturnCase => (
                    Unit::Cases,
                    Some(Unit::People),
                    &[D::County, D::Item, D::Class, D::Fund, D::Bank, D::Reason, D::ReturnAge],
                    &[N::Amount, N::Change],
                ),
                Self::BookEntry => (
                    Unit::Entries,
                    None,
                    &[D::County, D::Fund, D::Agency, D::Ledger, D::Account, D::Occurrence, D::Item],
                    &[N::Debit, N::Credit, N::Cash],
                ),
                Self::Figure => (Unit::Figures, None, &[D::Scheme, D::Series], &[N::Value]),
                Self::WarningStep => (
                    Unit::Cases,
                    Some(Unit::Cases),
                    &[
                        D::County,
                        D::Level,
                        D::Class,
                        D::Channel,
                        D::Rule,
                        D::Status,
                        D::Step,
                        D::Kind,
                    ],
                    &[N::Change, N::Days],
                ),
                Self::Task => (
                    Unit::Tasks,
                    None,
                    &[D::Kind, D::Status, D::Channel, D::Bank],
                    &[N::Lines, N::Seconds],
                ),
                Self::NoteStep => (Unit::Notes, None, &[D::Kind, D::Status], &[N::Change]),
                Self::Listing => {
                    (Unit::Indicators, None, &[D::Theme, D::Status, D::Need], &[N::Change])
                }
            };
        Shape { counted, subjects, dimensions, numbers }
    }

    /// The place of a dimension among the fact's own.
    #[must_use]
    pub fn place(self, dimension: Dimension) -> Option<usize> {
        self.shape().dimensions.iter().position(|known| *known == dimension)
    }

    /// The place of a number among the fact's own.
    #[must_use]
    pub fn number_place(self, number: Number) -> Option<usize> {
        self.shape().numbers.iter().position(|known| *known == number)
    }
}
