//! The social-security card and the places to pay to (C02): who holds which card, what it can do,
//! and which account is verified.
//!
//! | question | module | streams |
//! |---|---|---|
//! | Who asked for a card, and what was decided? | [`application`] | `application-<id>` |
//! | How far is this card, and does it take credits? | [`card`] | `card-<id>` |
//! | Can money go to this account? | [`address`] | `address-<id>` |
//! | What may there be only one of? | [`claims`] | |
//!
//! **Invariant** no event holds a card or account number or an account name in clear.

#![deny(clippy::wildcard_enum_match_arm)]

pub mod address;
pub mod application;
pub mod card;
pub mod claims;

#[cfg(test)]
mod history;
