//! Closed vocabularies: an enum whose variants are the words allowed in a file.

use shared::{PayClass, ReturnReason, RunType};

/// A closed set of words.
pub trait Word: Copy + Ord + 'static {
    /// Every word with its meaning, in the order in which a mistake lists them.
    const ALL: &'static [(&'static str, Self)];

    #[must_use]
    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
    }

    #[must_use]
    fn words() -> Vec<String> {
        Self::ALL.iter().map(|(word, _)| (*word).to_owned()).collect()
    }
}

/// The closed lists of `shared`, word for word as they are stored.
macro_rules! shared_words {
    ($($name:ident { $($variant:ident)+ })+) => {
        $(impl Word for $name {
            const ALL: &'static [(&'static str, Self)] =
                &[$(($name::$variant.code(), $name::$variant),)+];
        })+
    };
}

shared_words! {
    PayClass { SocialInsurance EmploymentSubsidy Agency }
    RunType { Normal BackPay Reissue Sporadic OneOff }
    ReturnReason {
        NameMismatch NoSuchAccount AccountClosed AccountFrozen CardNotActive AccountLimited
        DocumentExpired BankNotReached AmountLimit PayeeDeceased DuplicateAtBank FileFormat Other
    }
}

/// Declares an enum and its words: `words! { pub enum Cycle { Monthly = "monthly", … } }`.
macro_rules! words {
    ($(#[$meta:meta])* $vis:vis enum $name:ident {
        $($(#[$doc:meta])* $variant:ident = $word:literal,)+
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $name {
            $($(#[$doc])* $variant,)+
        }

        impl $crate::word::Word for $name {
            const ALL: &'static [(&'static str, Self)] = &[$(($word, Self::$variant),)+];
        }

        impl $name {
            /// The word as it stands in a file.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }
    };
}
pub(crate) use words;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shared_lists_are_whole() {
        assert_eq!(PayClass::words(), PayClass::CODES);
        assert_eq!(RunType::words(), RunType::CODES);
        assert_eq!(ReturnReason::words(), ReturnReason::CODES);
    }
}
