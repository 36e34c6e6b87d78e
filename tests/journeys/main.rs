//! Journeys through the public surfaces: the `renshe` binary as a person runs it, and the node with
//! every real adapter behind it. Each has a data directory of its own.
//!
//! | file | what it walks through |
//! |---|---|
//! | [`beside`] | sub-commands beside the process that serves |
//! | [`both`] | one history folded in SQLite and in PostgreSQL: equal rows, and stores told apart |
//! | [`cases`] | returns, recoveries and holds from the command line |
//! | [`disconnects`] | clients that go away in the middle of a question to PostgreSQL |
//! | [`demo`] | a paid month whose five sources tell one sum, and one source altered at a time |
//! | [`input`] | tables, bank files and definitions with mistakes in them |
//! | [`killed`] | a process that ends at any moment, and the same command again |
//! | [`page`] | the page that walks through a month of the pay office, word for word |
//! | [`rules`] | rules that hold across contexts, from the freeze to the close |
//! | [`replies`] | what banks say twice, in parts, wrongly, too early or too late |
//! | [`storm`] | many signals at once, raised by a process that is cut off again and again |
//! | [`privacy`] | no name, number, phone or account outside bank files and sealed places |

mod answers;
mod beside;
mod both;
mod bureau;
mod cases;
mod database;
mod demo;
mod disconnects;
mod exchange;
mod heirs;
mod input;
mod killed;
mod ledgers;
mod page;
mod place;
mod privacy;
mod replies;
mod restored;
mod rules;
mod served;
mod storm;
mod workbooks;
