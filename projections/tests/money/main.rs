//! The read models of money, folded from what the deciders of disbursement let happen: payments,
//! runs and books, by hand-written histories and by random ones.

mod answers;
mod compare;
mod cutover;
mod figures;
mod random;
mod steps;
mod story;
mod town;
mod world;
