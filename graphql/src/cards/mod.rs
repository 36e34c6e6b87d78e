//! Social-security cards and pay addresses.

mod address;
mod card;
mod mutation;
mod words;

pub use address::{AddressQuery, PayAddress, addresses_of};
pub use card::{Card, CardQuery};
pub use mutation::{AddressMutation, CardMutation};
