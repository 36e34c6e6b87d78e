//! Tables that leave: CSV and XLSX, row by row, in a few kilobytes of memory.
//!
//! **Invariant** no cell is a formula: text that a spreadsheet would run is made inert, and a number
//! is written in the digits that it was given in, so that money passes through no float.

mod csv;
mod xlsx;

pub use self::csv::CsvWriter;
pub use self::xlsx::XlsxWriter;

/// What a cell shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Out<'a> {
    Blank,
    Text(&'a str),
    /// Digits, with a sign and decimals if it has them.
    Number(&'a str),
}

/// Whether a spreadsheet would take the text for a formula: also in full width, and behind blanks.
pub(crate) fn runs(text: &str) -> bool {
    let first = text.trim_start().chars().next();
    text.starts_with(['\t', '\r', '\n'])
        || first.is_some_and(|c| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_known() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "＝1", "\r=1"] {
            assert!(runs(text), "{text:?}");
        }
        for text in ["", "中国银行", "A1-2026-01", "1.00", "a=b"] {
            assert!(!runs(text), "{text:?}");
        }
    }
}
