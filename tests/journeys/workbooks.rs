//! Workbooks that nobody should open in a process that matters.

use std::io::{Cursor, Write as _};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A workbook whose sheet unpacks to more than a sheet may hold.
pub fn bomb() -> Vec<u8> {
    workbook(&[b' '; 65_536], 1_024)
}

/// A small workbook whose only cell lies in the last corner: a dense table of it has 17 billion cells.
pub fn far() -> Vec<u8> {
    let sheet = r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:XFD1048576"/><sheetData><row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData></worksheet>"#;
    let bytes = workbook(sheet.as_bytes(), 1);
    assert!(bytes.len() < 2_048, "{}", bytes.len());
    bytes
}

/// A workbook of one sheet: `text`, so many times.
fn workbook(sheet_text: &[u8], times: u32) -> Vec<u8> {
    const RELATION: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let mut part = |name: &str, text: &[u8], times: u32| {
        archive.start_file(name, SimpleFileOptions::default()).unwrap();
        for _ in 0..times {
            archive.write_all(text).unwrap();
        }
    };
    part("[Content_Types].xml", b"<Types/>", 1);
    let root = format!(
        r#"<Relationships><Relationship Id="r1" Type="{RELATION}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
    );
    part("_rels/.rels", root.as_bytes(), 1);
    let book = format!(
        r#"<workbook xmlns:r="{RELATION}"><sheets><sheet name="s" sheetId="1" r:id="r1"/></sheets></workbook>"#
    );
    part("xl/workbook.xml", book.as_bytes(), 1);
    let sheet = format!(
        r#"<Relationships><Relationship Id="r1" Type="{RELATION}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#
    );
    part("xl/_rels/workbook.xml.rels", sheet.as_bytes(), 1);
    part("xl/worksheets/sheet1.xml", sheet_text, times);
    archive.finish().unwrap().into_inner()
}
