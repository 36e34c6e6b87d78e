//! The files that go between the bureau and its banks: instructions (报盘) out, replies (回盘) and
//! statements (对账单) in. One interpreter of [`definitions::Layout`]; a further bank is a block of
//! TOML. Pure functions over bytes: nothing here touches a disk.
//!
//! ```text
//! [header mark sep] header fields
//! line fields                        one row per line
//! [trailer mark sep] trailer fields
//! ```
//!
//! A mark is a column of its own. Every row ends with the layout's line end, the last one too. A
//! field of the vocabulary that a kind of file knows nothing of is written empty and not read.
//!
//! **The ready mark** holds the SM3 digest of the whole file in every layout. A layout that puts a
//! digest in the header has it there too, over what follows the header line, as that digest
//! cannot cover itself.
//!
//! **Invariant** a file is read whole or not at all: one mistake, and the answer is the list of
//! mistakes. The same input gives the same bytes. No error holds a name, number or account.

mod charset;
mod error;
mod file;
mod header;
pub mod instruction;
mod name;
mod read;
pub mod reply;
pub mod statement;
mod write;

pub use error::{ERRORS_MAX, FileError, Rule};
pub use file::{BankFile, ready_mark, verify_ready};
pub use header::{Header, Tally};
pub use instruction::{Instruction, Line, parse_instruction, write_instruction};
pub use reply::{Reply, Said, parse_reply, write_reply};
pub use statement::{Statement, parse_statement, write_statement};
