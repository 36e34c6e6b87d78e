//! One macro: the refusals of a decider, each a line with its code, its English and its Chinese.

/// `Variant { fact: Type } = "CODE", "english with {fact}", "中文 {fact}";` Both texts name facts,
/// never a clear personal value.
macro_rules! refusals {
    ($(#[$doc:meta])* $name:ident { $(
        $variant:ident $({ $($fact:ident: $type:ty),+ $(,)? })? = $code:literal, $en:literal, $zh:literal;
    )+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
        pub enum $name { $(
            #[error($en)]
            $variant $({ $($fact: $type),+ })?,
        )+ }

        impl $name {
            /// Every code, in the order of the list.
            pub const CODES: &'static [&'static str] = &[$($code),+];

            /// What a program compares; stable.
            #[must_use]
            pub const fn code(&self) -> &'static str {
                match self { $(Self::$variant { .. } => $code,)+ }
            }

            /// What a clerk reads; the English is `Display`.
            #[must_use]
            pub fn zh(&self) -> String {
                match self { $(Self::$variant $({ $($fact),+ })? => format_args!($zh).to_string(),)+ }
            }
        }
    };
}

pub(crate) use refusals;
