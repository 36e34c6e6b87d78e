//! The typed `where` of a list: what each of its fields narrows. How a condition becomes text is the
//! read models' own affair.

/// Declares the typed `where` of a list: each field with the condition that it stands for, and
/// `and`, `or`, `not` of the same.
macro_rules! filter {
    (
        $(#[$meta:meta])*
        $name:ident { $(
            $(#[$field_meta:meta])*
            $field:ident: $type:ty => |$value:ident| $test:expr,
        )* }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, async_graphql::InputObject)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: Option<$type>,)*
            /// 同时满足 / All of these hold.
            pub and: Option<Vec<$name>>,
            /// 满足其一 / One of these holds.
            pub or: Option<Vec<$name>>,
            /// 不满足 / This does not hold.
            pub not: Option<Box<$name>>,
        }

        impl $name {
            /// The whole as one condition.
            ///
            /// # Errors
            /// `BAD_INPUT` for an id of another kind.
            pub fn only(&self) -> Result<projections::lists::Only, $crate::fault::Fault> {
                use projections::lists::Only;
                let mut parts: Vec<Only> = Vec::new();
                $(if let Some($value) = &self.$field {
                    parts.push($test);
                })*
                for each in self.and.iter().flatten() {
                    parts.push(each.only()?);
                }
                if let Some(some) = &self.or {
                    let any = some.iter().map(Self::only).collect::<Result<_, _>>()?;
                    parts.push(Only::Any(any));
                }
                if let Some(not) = &self.not {
                    parts.push(Only::Not(Box::new(not.only()?)));
                }
                Ok(Only::All(parts))
            }
        }
    };
}

pub(crate) use filter;

use projections::lists::Only;

/// One of these words.
pub fn one_of(column: &'static str, words: impl Iterator<Item = &'static str>) -> Only {
    Only::Any(words.map(|word| Only::equal(column, &word.to_owned())).collect())
}
