//! A pay office in memory, and the days on which something goes wrong.

mod corrections;
mod exchanges;
mod office;
mod rises;
mod shelf;
