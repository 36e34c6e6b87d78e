//! XLSX through the child process: values, and workbooks that were made to harm.

use std::fs::File;
use std::io::{Cursor, Write};
use std::path::Path;

use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use sheets::{Limits, RowError, Rule, child};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::grants::{Found, at, found, told};

fn opened(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file
}

fn of(bytes: &[u8], limits: &Limits) -> Result<Vec<(u32, String)>, Vec<RowError>> {
    let exe = Path::new(env!("CARGO_BIN_EXE_sheet-reader"));
    told(child::read_xlsx(exe, &[], opened(bytes), limits).map_err(|error| vec![error])?)
}

fn refused(bytes: &[u8], limits: &Limits) -> Found {
    let errors = of(bytes, limits).expect_err("it must be refused");
    assert_eq!(errors.len(), 1);
    found(&errors[0])
}

const TITLES: [&str; 6] = ["证件号码", "姓名", "金额", "待遇月份", "出生日期", "次数"];

#[test]
fn a_workbook_gives_what_its_sheet_shows() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let date = Format::new().set_num_format("yyyy-mm-dd");
    for (column, title) in (0..).zip(TITLES) {
        sheet.write_string(0, column, title).unwrap();
    }
    // Row 2: texts. Row 3: numbers, a date, a formula with its result. Row 5, after a blank one:
    // the tail of a double. Then what is refused.
    for (column, text) in (0..).zip(["A1", " 张三 ", "1280.5", "2026-01", "1950-01-01", "3"]) {
        sheet.write_string(1, column, text).unwrap();
    }
    sheet.write_number(2, 0, 123_456_789_012_345.0).unwrap();
    sheet.write_string(2, 1, "李四").unwrap();
    sheet.write_formula(2, 2, Formula::new("=A1*2").set_result("99.90")).unwrap();
    let january = ExcelDateTime::from_ymd(2026, 1, 1).unwrap();
    sheet.write_datetime_with_format(2, 3, &january, &date).unwrap();
    sheet.write_number(2, 4, 18_264.0).unwrap();
    sheet.write_number(2, 5, 4.0).unwrap();
    let rows = [
        (4, 7.0, 0.1 + 0.2, 202_601.0, 19_500_101.0),
        (5, 320_600_195_001_010_000.0, 1.0, 202_601.0, 1.0),
        (6, 8.0, 1.005, 202_601.0, 60.0),
    ];
    for (row, id_number, amount, month, born) in rows {
        for (column, number) in [(0, id_number), (2, amount), (3, month), (4, born)] {
            sheet.write_number(row, column, number).unwrap();
        }
        sheet.write_string(row, 1, "张三").unwrap();
    }
    sheet.write_formula(7, 2, Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
    sheet.write_string(8, 9, "x").unwrap();
    // A format far away is no cell.
    sheet.write_blank(1_048_575, 16_383, &date).unwrap();
    let bytes = book.save_to_buffer().unwrap();

    let due = [
        (2, "A1 张三 1280.50 2026-01 1950-01-01 3"),
        (3, "123456789012345 李四 99.90 2026-01 1950-01-01 4"),
        (5, "7 张三 0.30 2026-01 1950-01-01 -"),
        (6, "证件号码 digits-lost"),
        (7, "金额 money-form, 出生日期 date-form"),
        (
            8,
            "证件号码 missing-value, 姓名 missing-value, 金额 formula-error, 待遇月份 missing-value",
        ),
        (9, " ragged"),
    ];
    let rows = of(&bytes, &Limits::default()).unwrap();
    assert_eq!(rows, due.map(|(row, told)| (row, told.to_owned())));
}

/// A workbook of one sheet with this XML, and perhaps shared strings.
fn workbook(sheet: &str, strings: Option<&str>) -> Vec<u8> {
    const RELATION: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let mut parts = vec![
        ("[Content_Types].xml", "<Types/>".to_owned()),
        (
            "_rels/.rels",
            format!(
                r#"<Relationships><Relationship Id="r1" Type="{RELATION}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                r#"<workbook xmlns:r="{RELATION}"><sheets><sheet name="s" sheetId="1" r:id="r1"/></sheets></workbook>"#
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                r#"<Relationships><Relationship Id="r1" Type="{RELATION}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#
            ),
        ),
        ("xl/worksheets/sheet1.xml", format!("<worksheet>{sheet}</worksheet>")),
    ];
    parts.extend(strings.map(|strings| ("xl/sharedStrings.xml", strings.to_owned())));
    packed(parts.iter().map(|(name, text)| (*name, text.as_bytes())))
}

fn packed<'a>(parts: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        archive.start_file(name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn cell(place: &str, text: &str) -> String {
    format!(r#"<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>"#)
}

fn header_row() -> String {
    let cells: String = "ABCDEF"
        .chars()
        .zip(TITLES)
        .map(|(letter, title)| cell(&format!("{letter}1"), title))
        .collect();
    format!(r#"<row r="1">{cells}</row>"#)
}

#[test]
fn what_a_sheet_says_of_its_size_is_not_believed() {
    let row = r#"<row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>2</v></c><c r="C2"><v>3</v></c><c r="D2"><v>202601</v></c></row>"#;
    let sheet =
        format!(r#"<dimension ref="A1:XFD1048576"/><sheetData>{}{row}</sheetData>"#, header_row());
    let rows = of(&workbook(&sheet, None), &Limits::default()).unwrap();
    assert_eq!(rows, [(2, "1 2 3.00 2026-01 - -".to_owned())]);
}

#[test]
fn a_workbook_that_asks_for_too_much_is_refused() {
    let data = |rows: &str| format!("<sheetData>{}{rows}</sheetData>", header_row());
    let far = data(&format!(r#"<row r="1048576">{}</row>"#, cell("XFD1048576", "x")));
    let wide = data(&format!(r#"<row r="2">{}</row>"#, cell("XFD2", "x")));
    let long = data(&format!(r#"<row r="2">{}</row>"#, cell("B2", &"x".repeat(4_001))));
    let outside = data(&format!(r#"<row r="2">{}</row>"#, cell("ZZZZ99999999", "x")));
    let back = data(&format!(
        r#"<row r="3">{}</row><row r="2">{}</row>"#,
        cell("A3", "x"),
        cell("A2", "x")
    ));
    let again = data(&format!(r#"<row r="2">{}{}</row>"#, cell("B2", "x"), cell("A2", "x")));
    let few = Limits { rows_max: 2, ..Limits::default() };
    let third = data(&format!(r#"<row r="3">{}</row>"#, cell("A3", "x")));
    let cases: [(&str, &Limits, Found); 7] = [
        (&far, &Limits::default(), (Some(1_048_576), None, Rule::TooManyRows)),
        (&wide, &Limits::default(), at(2, "XFD", Rule::TooManyColumns)),
        (&long, &Limits::default(), at(2, "B", Rule::CellTooLong)),
        (&outside, &Limits::default(), (Some(99_999_999), None, Rule::TooManyRows)),
        (&back, &Limits::default(), (Some(2), None, Rule::RowsOutOfOrder)),
        (&again, &Limits::default(), (Some(2), None, Rule::RowsOutOfOrder)),
        (&third, &few, (Some(3), None, Rule::TooManyRows)),
    ];
    for (sheet, limits, due) in cases {
        assert_eq!(refused(&workbook(sheet, None), limits), due);
    }
}

#[test]
fn a_bomb_goes_off_in_nobodys_hands() {
    let due = (None, None, Rule::Bomb);
    let limits = Limits::default();
    let zeros = vec![0; 20 << 20];
    let mut bomb = packed([("xl/worksheets/sheet1.xml", &*zeros)]);
    assert!(bomb.len() < 64 * 1024);
    assert_eq!(refused(&bomb, &limits), due);

    // The same, but its directory says that it is small.
    let directory = bomb.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    bomb[directory + 24..directory + 28].copy_from_slice(&[9, 0, 0, 0]);
    let (_, _, rule) = refused(&bomb, &limits);
    assert!(matches!(rule, Rule::Bomb | Rule::NotAWorkbook), "{rule}");

    // Two kilobytes that ask for more memory than there is.
    let strings = r#"<sst uniqueCount="23058430092136939"><si><t>x</t></si></sst>"#;
    let sheet = format!("<sheetData>{}</sheetData>", header_row());
    assert_eq!(refused(&workbook(&sheet, Some(strings)), &limits), due);
    let strings = r#"<sst uniqueCount="22900000000"><si><t>x</t></si></sst>"#;
    let small = workbook(&sheet, Some(strings));
    assert!(small.len() < 2_048);
    assert_eq!(refused(&small, &limits), due);

    let many: Vec<String> = (0..1_001).map(|n| format!("{n}")).collect();
    let parts = packed(many.iter().map(|name| (&**name, &b""[..])));
    assert_eq!(refused(&parts, &limits), due);
}

#[test]
fn the_childs_ceilings_hold() {
    let strings: String = (0..60_000).map(|n| format!("<si><t>text number {n}</t></si>")).collect();
    let strings = format!("<sst>{strings}</sst>");
    let rows = r#"<row r="2"><c r="A2" t="s"><v>7</v></c><c r="B2" t="s"><v>8</v></c><c r="C2"><v>3</v></c><c r="D2"><v>202601</v></c></row>"#;
    let sheet = format!("<sheetData>{}{rows}</sheetData>", header_row());
    let bytes = workbook(&sheet, Some(&strings));
    let rows = of(&bytes, &Limits::default()).unwrap();
    assert_eq!(rows[0].1, "text number 7 text number 8 3.00 2026-01 - -");
    let tight = Limits { memory_bytes_max: 3 << 20, ..Limits::default() };
    assert_eq!(refused(&bytes, &tight), (None, None, Rule::Bomb));
}

#[test]
fn what_is_no_workbook_is_refused_by_its_kind() {
    let whole = workbook(&format!("<sheetData>{}</sheetData>", header_row()), None);
    let cases: [(&[u8], Rule); 7] = [
        (b"", Rule::NotAWorkbook),
        (b"PK", Rule::NotAWorkbook),
        ("证件号码,姓名\n".as_bytes(), Rule::NotAWorkbook),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", Rule::NotReadable),
        (&whole[..whole.len() / 2], Rule::NotAWorkbook),
        (&packed([("a.txt", &b"x"[..])]), Rule::NotAWorkbook),
        (&whole, Rule::NoRows),
    ];
    for (bytes, rule) in cases {
        assert_eq!(refused(bytes, &Limits::default()), (None, None, rule));
    }
    let small = Limits { file_bytes_max: 100, ..Limits::default() };
    assert_eq!(refused(&whole, &small), (None, None, Rule::FileTooLarge));
}

#[test]
fn a_reader_that_cannot_be_started_or_says_nothing_is_an_error() {
    let start = |exe: &str| child::read_xlsx(Path::new(exe), &[], opened(b""), &Limits::default());
    assert_eq!(start("/nowhere/at-all").map(|_| ()).unwrap_err().rule, Rule::Reader);
    let silent = start("/bin/true").map_err(|error| error.rule).unwrap().next();
    assert_eq!(silent.map(|row| row.map(|_| ()).unwrap_err().rule), Some(Rule::Bomb));
}

#[test]
fn rows_can_be_left_before_their_end() {
    let rows: String = (2..20_000)
        .map(|n| format!(r#"<row r="{n}">{}</row>"#, cell(&format!("A{n}"), "x")))
        .collect();
    let bytes = workbook(&format!("<sheetData>{}{rows}</sheetData>", header_row()), None);
    let exe = Path::new(env!("CARGO_BIN_EXE_sheet-reader"));
    let mut rows = child::read_xlsx(exe, &[], opened(&bytes), &Limits::default()).unwrap();
    assert!(rows.next().is_some_and(|row| row.is_ok()));
    drop(rows);
}
