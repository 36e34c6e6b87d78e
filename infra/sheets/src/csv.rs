//! CSV: UTF-8 with or without a byte order mark, or GB18030 if whoever hands it in says so.
//!
//! Text that is valid UTF-8 as a whole is UTF-8. GB18030 is not guessed: nearly every row of bytes
//! is some text in it, and a wrong guess makes wrong names without an error.

use std::io::{Read, Seek, SeekFrom};

use ::csv::{ByteRecord, ReaderBuilder};
use encoding_rs::GB18030;

use crate::error::{RowError, Rule};
use crate::limits::Limits;
use crate::raw::{RawCell, RawRow, check, too_large};

/// What a file that is not UTF-8 is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fallback {
    /// An error, which names the row.
    #[default]
    None,
    /// GB18030, of which GBK is a part.
    Gb18030,
}

/// The rows of a CSV file with commas. Blank lines are passed over. The first error ends them.
///
/// # Errors
/// When the file is too large, cannot be read, or begins with a mark of UTF-16.
pub fn read<R: Read + Seek>(
    mut input: R,
    fallback: Fallback,
    limits: Limits,
) -> Result<Rows<R>, RowError> {
    let size = input.seek(SeekFrom::End(0)).map_err(|_| unreadable())?;
    if size > limits.file_bytes_max {
        return Err(too_large(limits.file_bytes_max));
    }
    let is_utf8 = fallback == Fallback::None || is_utf8(&mut input)?;
    input.rewind().map_err(|_| unreadable())?;
    let mut first = [0; 3];
    let mut found = 0;
    while found < first.len() {
        match input.read(&mut first[found..]).map_err(|_| unreadable())? {
            0 => break,
            read => found += read,
        }
    }
    if first.starts_with(b"\xFF\xFE") || first.starts_with(b"\xFE\xFF") {
        let what =
            ("文件是 UTF-16 编码，请另存为 CSV UTF-8", "the file is UTF-16: save it as CSV UTF-8");
        return Err(RowError::at_row(1, Rule::Encoding, what));
    }
    let start = if first == *b"\xEF\xBB\xBF" { 3 } else { 0 };
    input.seek(SeekFrom::Start(start)).map_err(|_| unreadable())?;
    let reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(input);
    Ok(Rows { reader, record: ByteRecord::new(), is_utf8, limits, has_ended: false })
}

/// See [`read`].
pub struct Rows<R> {
    reader: ::csv::Reader<R>,
    record: ByteRecord,
    is_utf8: bool,
    limits: Limits,
    has_ended: bool,
}

impl<R: Read> Iterator for Rows<R> {
    type Item = Result<RawRow, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_ended {
            return None;
        }
        let row = match self.reader.read_byte_record(&mut self.record) {
            Ok(false) => None,
            Ok(true) => Some(self.row()),
            Err(_) => Some(Err(unreadable())),
        };
        self.has_ended = !matches!(row, Some(Ok(_)));
        row
    }
}

impl<R> Rows<R> {
    fn row(&self) -> Result<RawRow, RowError> {
        let line = self.record.position().map_or(1, |position| position.line());
        let row = u32::try_from(line).unwrap_or(u32::MAX);
        let cells = self.record.iter().enumerate().map(|(column, bytes)| {
            let text = self.text(bytes).ok_or_else(|| self.wrong_encoding(row))?;
            check(&self.limits, row, column, &text)?;
            Ok(if text.is_empty() { RawCell::Empty } else { RawCell::Text(text) })
        });
        Ok(RawRow { row, cells: cells.collect::<Result<_, _>>()?, exact: true, from_1904: false })
    }

    /// Commas, quotes and line ends are never a part of a longer character in either encoding, so
    /// cells are decoded one by one.
    fn text(&self, bytes: &[u8]) -> Option<String> {
        if self.is_utf8 {
            return str::from_utf8(bytes).ok().map(str::to_owned);
        }
        let text = GB18030.decode_without_bom_handling_and_without_replacement(bytes)?;
        Some(text.into_owned())
    }

    fn wrong_encoding(&self, row: u32) -> RowError {
        let what = if self.is_utf8 {
            (
                "该行不是 UTF-8；如文件是 GBK 或 GB18030，请注明编码后重新导入",
                "the row is not UTF-8; if the file is GBK or GB18030, say so and import it again",
            )
        } else {
            ("该行既不是 UTF-8 也不是 GB18030", "the row is neither UTF-8 nor GB18030")
        };
        RowError::at_row(row, Rule::Encoding, what)
    }
}

fn is_utf8(input: &mut (impl Read + Seek)) -> Result<bool, RowError> {
    input.rewind().map_err(|_| unreadable())?;
    let mut buffer = vec![0; 64 * 1024];
    let mut kept = 0;
    loop {
        let read = input.read(&mut buffer[kept..]).map_err(|_| unreadable())?;
        let filled = kept + read;
        match str::from_utf8(&buffer[..filled]) {
            Ok(_) => kept = 0,
            // A character that the buffer cut is looked at again with what follows.
            Err(error) if error.error_len().is_none() && read > 0 => {
                buffer.copy_within(error.valid_up_to()..filled, 0);
                kept = filled - error.valid_up_to();
            }
            Err(_) => return Ok(false),
        }
        if read == 0 {
            return Ok(true);
        }
    }
}

fn unreadable() -> RowError {
    RowError::of_file(Rule::Reader, ("文件读取失败", "the file could not be read"))
}
