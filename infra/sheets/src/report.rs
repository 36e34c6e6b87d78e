//! What became of each row, as a table that staff open in a spreadsheet.

use std::io::{self, Write};

use crate::error::RowError;

/// What became of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowReport {
    /// From 1, the header counted.
    pub row: u32,
    pub outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Accepted,
    /// An earlier row of the file is the same; without its number: something known before it.
    Duplicate {
        first: Option<u32>,
    },
    Refused(Vec<RowError>),
}

/// Writes reports as CSV in UTF-8 with a byte order mark: without it spreadsheets take Chinese for
/// something else. A refused row has a line for each of its errors.
pub struct ReportWriter<W: Write> {
    lines: csv::Writer<W>,
}

impl<W: Write> ReportWriter<W> {
    /// # Errors
    /// When it cannot be written; so with all that follow.
    pub fn new(mut output: W) -> io::Result<Self> {
        output.write_all("\u{FEFF}".as_bytes())?;
        let mut lines = csv::Writer::from_writer(output);
        lines.write_record(["row", "outcome", "first_row", "column", "rule", "zh", "en"])?;
        Ok(Self { lines })
    }

    /// # Errors
    /// When it cannot be written.
    pub fn write(&mut self, report: &RowReport) -> io::Result<()> {
        let row = report.row.to_string();
        match &report.outcome {
            Outcome::Accepted => {
                self.lines.write_record([&*row, "accepted", "", "", "", "", ""])?
            }
            Outcome::Duplicate { first } => {
                let first = first.map(|first| first.to_string()).unwrap_or_default();
                self.lines.write_record([&*row, "duplicate", &first, "", "", "", ""])?;
            }
            Outcome::Refused(errors) => {
                for error in errors {
                    let column = inert(error.column.as_deref().unwrap_or_default());
                    let RowError { rule, zh, en, .. } = error;
                    self.lines.write_record([
                        &*row,
                        "refused",
                        "",
                        &column,
                        rule.code(),
                        zh,
                        en,
                    ])?;
                }
            }
        }
        Ok(())
    }

    /// # Errors
    /// When it cannot be written.
    pub fn finish(self) -> io::Result<W> {
        self.lines.into_inner().map_err(|error| error.into_error())
    }
}

/// A column's name comes from the file: one that a spreadsheet would run as a formula is made text.
fn inert(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}
