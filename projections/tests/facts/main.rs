//! The read models of people, cards, grants, lists, definitions and the inbox, folded through the
//! engine into the store that the program uses.

mod amounts;
mod cards;
mod house;
mod lists;
mod people;
mod population;
mod random;
#[path = "../stores/mod.rs"]
mod stores;
