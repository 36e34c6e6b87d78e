//! A row as it comes out of a file, before it is known what its columns mean.

use serde::{Deserialize, Serialize};

use crate::error::{RowError, Rule};
use crate::limits::Limits;

/// A cell. It can hold personal data, so it is not printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RawCell {
    #[serde(rename = "e")]
    Empty,
    #[serde(rename = "t")]
    Text(String),
    /// A number of a sheet, in decimals of at most 15 digits: what a sheet shows and keeps.
    #[serde(rename = "n")]
    Number(String),
    /// `yyyy-mm-dd`, or with a time of day `yyyy-mm-ddThh:mm:ss`.
    #[serde(rename = "d")]
    Date(String),
    /// A formula that came to nothing, like `#N/A`.
    #[serde(rename = "x")]
    Error,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawRow {
    /// From 1.
    pub row: u32,
    pub cells: Vec<RawCell>,
    /// The row says how many cells it has (CSV); in a sheet empty ones at the end are left out.
    pub exact: bool,
    /// Day numbers count from 1904 and not from 1900.
    pub from_1904: bool,
}

impl RawCell {
    pub(crate) fn is_blank(&self) -> bool {
        match self {
            RawCell::Empty => true,
            RawCell::Text(text) => text.trim().is_empty(),
            RawCell::Number(_) | RawCell::Date(_) | RawCell::Error => false,
        }
    }
}

impl RawRow {
    pub(crate) fn is_blank(&self) -> bool {
        self.cells.iter().all(RawCell::is_blank)
    }
}

/// The letter of a column, from 0: `A`, `Z`, `AA`.
pub(crate) fn letter(column: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    letters.iter().rev().collect()
}

/// Whether a cell with this text may stand at this place, both from 1 and from 0.
pub(crate) fn check(limits: &Limits, row: u32, column: usize, text: &str) -> Result<(), RowError> {
    check_row(limits, row)?;
    let columns = limits.columns_max;
    if column >= columns as usize {
        let what = (
            format!("列数超过 {columns}，请删除多余的列"),
            format!("there are more than {columns} columns: remove the others"),
        );
        return Err(RowError::at_cell(row, letter(column), Rule::TooManyColumns, what));
    }
    let chars = limits.cell_chars_max;
    // Bytes are at least as many as characters: most cells are settled by their length.
    if text.len() > chars && text.chars().count() > chars {
        let what = (
            format!("单元格文字超过 {chars} 个字符"),
            format!("the cell holds more than {chars} characters"),
        );
        return Err(RowError::at_cell(row, letter(column), Rule::CellTooLong, what));
    }
    Ok(())
}

pub(crate) fn check_row(limits: &Limits, row: u32) -> Result<(), RowError> {
    let rows = limits.rows_max;
    if row > rows {
        let what = (
            format!("行数超过 {rows}，请拆分文件"),
            format!("there are more than {rows} rows: split the file"),
        );
        return Err(RowError::at_row(row, Rule::TooManyRows, what));
    }
    Ok(())
}

pub(crate) fn too_large(bytes_max: u64) -> RowError {
    let what = (
        format!("文件超过 {bytes_max} 字节，请拆分"),
        format!("the file is larger than {bytes_max} bytes: split it"),
    );
    RowError::of_file(Rule::FileTooLarge, what)
}

#[cfg(test)]
mod tests {
    #[test]
    fn columns_have_the_letters_of_a_sheet() {
        for (column, letters) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (16_383, "XFD")] {
            assert_eq!(super::letter(column), letters);
        }
    }
}
