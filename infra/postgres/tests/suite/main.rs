//! The log in PostgreSQL against a server of its own; see [`server`].

mod conformance;
mod encrypted;
mod faults;
mod many;
mod nodes;
mod opening;
mod races;
mod shared;
