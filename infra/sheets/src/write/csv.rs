//! CSV in UTF-8 with a byte order mark: without it spreadsheets take Chinese for something else.

use std::io::{self, Write};

use super::{Out, runs};

pub struct CsvWriter<W: Write> {
    lines: ::csv::Writer<W>,
}

impl<W: Write> CsvWriter<W> {
    /// # Errors
    /// When it cannot be written; so with all that follow.
    pub fn new(mut output: W, titles: &[&str]) -> io::Result<Self> {
        output.write_all("\u{FEFF}".as_bytes())?;
        let mut lines = ::csv::Writer::from_writer(output);
        lines.write_record(titles)?;
        Ok(Self { lines })
    }

    /// # Errors
    /// When it cannot be written.
    pub fn row<'a>(&mut self, cells: impl IntoIterator<Item = Out<'a>>) -> io::Result<()> {
        for cell in cells {
            match cell {
                Out::Blank => self.lines.write_field("")?,
                Out::Number(digits) => self.lines.write_field(digits)?,
                Out::Text(text) if runs(text) => self.lines.write_field(format!("'{text}"))?,
                Out::Text(text) => self.lines.write_field(text)?,
            }
        }
        Ok(self.lines.write_record(None::<&[u8]>)?)
    }

    /// # Errors
    /// When it cannot be written.
    pub fn finish(self) -> io::Result<W> {
        self.lines.into_inner().map_err(::csv::IntoInnerError::into_error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_made_inert_and_numbers_keep_their_digits() {
        let mut writer = CsvWriter::new(Vec::new(), &["名称", "金额"]).unwrap();
        writer.row([Out::Text("=cmd()"), Out::Number("-12.50")]).unwrap();
        writer.row([Out::Text("甲,乙\"丙"), Out::Blank]).unwrap();
        let bytes = writer.finish().unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(text, "\u{FEFF}名称,金额\n'=cmd(),-12.50\n\"甲,乙\"\"丙\",\n");
    }
}
