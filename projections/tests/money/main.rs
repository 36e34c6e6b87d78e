//! The read models of money, folded from what the deciders of disbursement let happen: payments,
//! runs, books and cases, by hand-written histories and by random ones.

mod answers;
mod cases;
mod compare;
mod cutover;
mod figures;
mod random;
mod steps;
#[path = "../stores/mod.rs"]
mod stores;
mod story;
mod town;
mod world;
