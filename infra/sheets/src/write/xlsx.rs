//! A workbook of one sheet, written as a stream: parts that never change, then row after row.
//!
//! Text stands in the cells themselves, marked as text (`quotePrefix`), so that it stays text when
//! somebody edits it. Numbers stand as their digits.

use std::io::{self, Write};

use zip::ZipWriter;
use zip::write::{SimpleFileOptions, StreamWriter};

use super::Out;

/// What one cell may hold in a sheet.
const CHARS_MAX: usize = 32_767;

const PARTS: [(&str, &str); 5] = [
    (
        "[Content_Types].xml",
        concat!(
            r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
            r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">"#,
            r#"<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>"#,
            r#"<Default Extension="xml" ContentType="application/xml"/>"#,
            r#"<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>"#,
            r#"<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>"#,
            r#"<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>"#,
            "</Types>",
        ),
    ),
    (
        "_rels/.rels",
        concat!(
            r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">"#,
            r#"<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>"#,
            "</Relationships>",
        ),
    ),
    (
        "xl/workbook.xml",
        concat!(
            r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
            r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" "#,
            r#"xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">"#,
            r#"<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
        ),
    ),
    (
        "xl/_rels/workbook.xml.rels",
        concat!(
            r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">"#,
            r#"<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>"#,
            r#"<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/>"#,
            "</Relationships>",
        ),
    ),
    // Style 0 shows numbers as they are, 1 is text that stays text.
    (
        "xl/styles.xml",
        concat!(
            r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
            r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">"#,
            r#"<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>"#,
            r#"<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>"#,
            "<borders count=\"1\"><border/></borders>",
            r#"<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>"#,
            r#"<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>"#,
            r#"<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1" applyNumberFormat="1"/></cellXfs>"#,
            "</styleSheet>",
        ),
    ),
];

const SHEET_HEAD: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#,
    r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">"#,
    r#"<sheetViews><sheetView workbookViewId="0">"#,
    r#"<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>"#,
    "</sheetView></sheetViews><sheetData>",
);

pub struct XlsxWriter<W: Write> {
    zip: ZipWriter<StreamWriter<W>>,
    /// Rows so far.
    rows: u32,
    line: String,
}

impl<W: Write> XlsxWriter<W> {
    /// # Errors
    /// When it cannot be written; so with all that follow.
    pub fn new(output: W, titles: &[&str]) -> io::Result<Self> {
        let mut zip = ZipWriter::new_stream(output);
        let options = SimpleFileOptions::default();
        for (name, text) in PARTS {
            zip.start_file(name, options)?;
            zip.write_all(text.as_bytes())?;
        }
        zip.start_file("xl/worksheets/sheet1.xml", options)?;
        zip.write_all(SHEET_HEAD.as_bytes())?;
        let mut writer = Self { zip, rows: 0, line: String::new() };
        writer.row(titles.iter().map(|title| Out::Text(title)))?;
        Ok(writer)
    }

    /// # Errors
    /// When it cannot be written.
    pub fn row<'a>(&mut self, cells: impl IntoIterator<Item = Out<'a>>) -> io::Result<()> {
        self.rows += 1;
        let (row, line) = (self.rows, &mut self.line);
        line.clear();
        line.push_str(&format!("<row r=\"{row}\">"));
        for (place, cell) in cells.into_iter().enumerate() {
            let at = column(place);
            match cell {
                Out::Blank => {}
                Out::Number(digits) => {
                    line.push_str(&format!("<c r=\"{at}{row}\"><v>"));
                    escape(line, digits);
                    line.push_str("</v></c>");
                }
                Out::Text(text) => {
                    line.push_str(&format!(
                        "<c r=\"{at}{row}\" s=\"1\" t=\"inlineStr\"><is><t xml:space=\"preserve\">"
                    ));
                    escape(line, text);
                    line.push_str("</t></is></c>");
                }
            }
        }
        line.push_str("</row>");
        self.zip.write_all(line.as_bytes())
    }

    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> io::Result<W> {
        self.zip.write_all(b"</sheetData></worksheet>")?;
        Ok(self.zip.finish()?.into_inner())
    }
}

/// `A` to `Z`, then `AA`.
fn column(place: usize) -> String {
    const LETTERS: usize = 26;
    let letter = char::from(b'A' + u8::try_from(place % LETTERS).expect("below 26"));
    match place / LETTERS {
        0 => letter.to_string(),
        before => format!("{}{letter}", column(before - 1)),
    }
}

/// Characters that XML cannot hold become U+FFFD.
fn escape(line: &mut String, text: &str) {
    for c in text.chars().take(CHARS_MAX) {
        match c {
            '&' => line.push_str("&amp;"),
            '<' => line.push_str("&lt;"),
            '>' => line.push_str("&gt;"),
            '\t' | '\n' | '\r' => line.push(c),
            '\u{0}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => line.push('\u{FFFD}'),
            c => line.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use calamine::{Data, Reader as _, Xlsx};

    use super::*;

    #[test]
    fn a_workbook_reads_back_as_it_was_written() {
        let mut writer = XlsxWriter::new(Vec::new(), &["名称", "金额"]).unwrap();
        writer.row([Out::Text("=1+1 <&>"), Out::Number("1234567890123.45")]).unwrap();
        writer.row([Out::Blank, Out::Number("-3")]).unwrap();
        let bytes = writer.finish().unwrap();
        let mut book = Xlsx::new(Cursor::new(bytes)).unwrap();
        let sheet = book.worksheet_range("Sheet1").unwrap();
        let rows: Vec<_> = sheet.rows().map(<[Data]>::to_vec).collect();
        let text = |text: &str| Data::String(text.to_owned());
        assert_eq!(rows[0], [text("名称"), text("金额")]);
        assert_eq!(rows[1], [text("=1+1 <&>"), Data::Float(1_234_567_890_123.45)]);
        assert_eq!(rows[2], [Data::Empty, Data::Float(-3.0)]);
        assert_eq!(book.worksheet_formula("Sheet1").unwrap().used_cells().count(), 0);
    }

    #[test]
    fn columns_go_on_behind_z() {
        assert_eq!(
            [0, 25, 26, 51, 52, 701, 702].map(column),
            ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]
        );
    }
}
