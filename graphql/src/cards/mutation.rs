//! Cards and pay addresses are written.

mod address;
mod card;

pub use address::AddressMutation;
pub use card::CardMutation;
