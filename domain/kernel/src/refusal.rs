//! Two tables as macros: the refusals of a decider and the stages of a stream, each a line with its
//! code, its English and its Chinese. Who uses `refusals!` depends on `thiserror`.

/// `Variant { fact: Type } = "CODE", "english with {fact}", "中文 {fact}";` and, where a single fact
/// needs no name, `Variant(fact: Type) = "CODE", "english with {0}", "中文 {fact}";`. A fact that
/// reads otherwise in Chinese is respelled behind the text: `, is = is.zh()`.
#[macro_export]
macro_rules! refusals {
    ($(#[$doc:meta])* $name:ident { $(
        $variant:ident
            $( ( $pos:ident: $pos_type:ty ) )?
            $({ $($fact:ident: $type:ty),+ $(,)? })?
            = $code:literal, $en:literal, $zh:literal $(, $arg:ident = $value:expr)*;
    )+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
        pub enum $name { $(
            #[error($en)]
            $variant $( ($pos_type) )? $({ $($fact: $type),+ })?,
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
                match self { $(
                    Self::$variant $( ($pos) )? $({ $($fact),+ })? =>
                        format!($zh $(, $arg = $value)*),
                )+ }
            }
        }
    };
}

/// The stages of a stream, each with its code and its Chinese.
#[macro_export]
macro_rules! stages {
    ($name:ident { $($variant:ident = $code:literal, $zh:literal;)+ }) => {
        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            #[must_use]
            pub const fn zh(self) -> &'static str {
                match self { $(Self::$variant => $zh,)+ }
            }
        }
    };
}
