//! Tables that people hand in and take away: CSV and XLSX, read row by row within limits, and
//! written as a stream ([`mod@write`]).
//!
//! ```text
//! CSV  ── csv::read ───────────────┐
//! XLSX ── child::read_xlsx ─ pipe ─┴─ RawRow ── table::read(columns) ── typed cells, or errors
//! ```
//!
//! A workbook is a program for its reader: 2 KB can ask for 549 GB. So it is opened in a child
//! process with a ceiling on memory and processor time ([`child`]), its archive is measured before
//! it is read, and a sheet is walked cell by cell: what it says of its own size is not believed.
//!
//! **Invariant** an error names row, column and rule, never what a cell holds.

pub mod child;
pub mod csv;
mod error;
mod limits;
mod number;
mod raw;
pub mod report;
pub mod table;
mod value;
pub mod write;
mod xlsx;

pub use error::{RowError, Rule};
pub use limits::Limits;
pub use raw::{RawCell, RawRow};
pub use report::{Outcome, ReportWriter, RowReport};
pub use table::{Cells, Column, Columns, Entry, Read, Table, read};
pub use value::{Kind, Value};
