//! A row as a struct: [`record!`](crate::record) makes the struct, its table, and both ways between.

use std::fmt::Debug;
use std::hash::Hash;

use super::table::{Columns, Row, Table, Unreadable, Value};

/// A struct that is a row of one table.
pub trait Record: Clone + PartialEq + Debug + Send + Sync + 'static {
    type Key: Clone + Ord + Hash + Debug + Send + Sync + 'static;

    const TABLE: &'static Table;

    /// How many rows a cache keeps between two commits unless told otherwise.
    const KEPT: usize = 50_000;

    fn key(&self) -> Self::Key;

    fn key_row(key: &Self::Key) -> Row;

    fn write(&self) -> Row;

    /// Where this row differs from `before`, which has the same key.
    fn changes(&self, before: &Self) -> Columns;

    /// # Errors
    /// When the row has another shape.
    fn read(row: &[Value]) -> Result<Self, Unreadable>;
}

/// Declares a row: the fields of the key stand in `key(…)`, the others in the body; every one is a
/// public field of the struct and a column of the table. `kept(…)` behind the key says how many rows
/// a cache keeps, where they are long.
///
/// ```
/// use projections::engine::Record;
/// use shared::{DivisionCode, Money, Month, PersonId};
///
/// projections::record! {
///     /// What one person was paid in one month.
///     pub struct PaidRow in "paid" key(person: PersonId, month: Month)
///         index("county", "person") index("month", "county")
///     {
///         pub county: DivisionCode,
///         pub amount: Money,
///         pub returned_on: Option<shared::Date>,
///     }
/// }
///
/// assert_eq!(PaidRow::TABLE.column_list(), "person, month, county, amount, returned_on");
/// ```
#[macro_export]
macro_rules! record {
    // A key of one column is that column's type, one of several a tuple.
    (@type $one:ty) => { $one };
    (@type $($each:ty),+) => { ($($each),+) };
    (@value $one:expr) => { $one };
    (@value $($each:expr),+) => { ($($each),+) };
    (@pattern $one:ident) => { $one };
    (@pattern $($each:ident),+) => { ($($each),+) };
    ($(
        $(#[$meta:meta])*
        $vis:vis struct $name:ident in $table:literal key($($key:ident: $key_type:ty),+ $(,)?)
            $(kept($kept:literal))?
            $(index($($indexed:literal),+))*
        {
            $($(#[$field_meta:meta])* $field_vis:vis $field:ident: $type:ty),* $(,)?
        }
    )+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        $vis struct $name {
            $(pub $key: $key_type,)+
            $($(#[$field_meta])* $field_vis $field: $type,)*
        }

        impl $crate::engine::Record for $name {
            type Key = $crate::record!(@type $($key_type),+);

            $(const KEPT: usize = $kept;)?

            const TABLE: &'static $crate::engine::Table = &$crate::engine::Table {
                name: $table,
                columns: &[
                    $($crate::engine::Field {
                        name: stringify!($key),
                        kind: <$key_type as $crate::engine::Column>::KIND,
                        nullable: <$key_type as $crate::engine::Column>::NULLABLE,
                    },)+
                    $($crate::engine::Field {
                        name: stringify!($field),
                        kind: <$type as $crate::engine::Column>::KIND,
                        nullable: <$type as $crate::engine::Column>::NULLABLE,
                    },)*
                ],
                key: [$(stringify!($key)),+].len(),
                indexes: &[$(&[$($indexed),+]),*],
            };

            fn key(&self) -> Self::Key {
                $crate::record!(@value $(self.$key.clone()),+)
            }

            fn key_row(key: &Self::Key) -> $crate::engine::Row {
                let $crate::record!(@pattern $($key),+) = key;
                vec![$($crate::engine::Column::write($key)),+]
            }

            fn write(&self) -> $crate::engine::Row {
                vec![
                    $($crate::engine::Column::write(&self.$key),)+
                    $($crate::engine::Column::write(&self.$field),)*
                ]
            }

            fn changes(&self, before: &Self) -> $crate::engine::Columns {
                let differs = [
                    $({ let _of_the_key = stringify!($key); false },)+
                    $(self.$field != before.$field,)*
                ];
                $crate::engine::Columns::from_iter(differs)
            }

            fn read(
                row: &[$crate::engine::Value],
            ) -> ::core::result::Result<Self, $crate::engine::Unreadable> {
                let mut values = row.iter();
                let mut next = |column: &'static str| {
                    values.next().ok_or_else(|| $crate::engine::Unreadable::new(column, "nothing"))
                };
                Ok(Self {
                    $($key: $crate::engine::Column::read(next(stringify!($key))?)?,)+
                    $($field: $crate::engine::Column::read(next(stringify!($field))?)?,)*
                })
            }
        }
    )+};
}
