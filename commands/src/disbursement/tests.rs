//! A pay office in memory, and the days on which something goes wrong.

mod corrections;
mod office;
mod rises;
