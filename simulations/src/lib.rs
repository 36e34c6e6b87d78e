//! A city that does not exist, in a region that does: people, employers and grants in the real
//! divisions of Nantong, and the banks that pay them. From a seed, without I/O, clock or other
//! chance.
//!
//! | question | module |
//! |---|---|
//! | Who lives here, and who draws what? | [`City`] from a [`Plan`] |
//! | Which items run in a month, and on which days? | [`calendar`] |
//! | What does a bank do with a file? | [`bank`] |
//! | What does its file server make of a bad line? | [`server`] |
//! | What happens in the first quarter? | [`story`] |
//! | Which sheets are real? | [`PensionSheet`] |
//!
//! **Invariant** the same plan gives the same city, and the same bank, seed and instruction the
//! same answer, byte for byte, on every machine; every number passes the checks of `shared`.

mod account;
mod amounts;
pub mod bank;
pub mod calendar;
mod city;
mod dice;
mod employer;
mod grant;
mod granting;
mod group;
mod ids;
mod names;
mod numbers;
mod pension_sheets;
mod people;
mod place;
mod plan;
mod resident;
pub mod server;
mod special;
pub mod story;
mod table;

pub use account::{Card, CardState, UnitAccount, banks, card_issuer};
pub use city::{Account, City};
pub use dice::Dice;
pub use employer::Employer;
pub use grant::{Grant, PaidTo};
pub use group::{Group, among};
pub use ids::uuid;
pub use pension_sheets::PensionSheet;
pub use place::counties;
pub use plan::{EMPLOYERS_MAX, PEOPLE_MAX, PEOPLE_MIN, Plan, PlanError};
pub use resident::{Identity, Mark, Resident};
pub use shared::Date;
pub use story::{Story, StoryError};
