//! Indicators over random histories: what cells and facts say is what a plain recomputation says, at
//! the end and at any position before; a rebuild gives the same; parts add up to their figure.

mod happenings;
mod house;
mod kinds;
mod laws;
mod national;
mod plainly;
mod steps;
#[path = "../stores/mod.rs"]
mod stores;
