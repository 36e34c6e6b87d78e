//! CSV: encodings, headers, cells, duplicates, limits, the report.

use std::io::Cursor;

use sheets::csv::Fallback;
use sheets::{Limits, ReportWriter, RowError, Rule, csv, read};

use crate::grants::{Found, at, columns, found, told};

const HEADER: &str = "证件号码,姓名,金额,待遇月份,出生日期,次数\n";

fn of_bytes(
    bytes: Vec<u8>,
    fallback: Fallback,
    limits: Limits,
) -> Result<Vec<(u32, String)>, Vec<RowError>> {
    told(csv::read(Cursor::new(bytes), fallback, limits).map_err(|error| vec![error])?)
}

fn of(text: &str) -> Result<Vec<(u32, String)>, Vec<RowError>> {
    of_bytes(text.as_bytes().to_vec(), Fallback::None, Limits::default())
}

#[test]
fn a_row_is_read_by_the_kinds_of_its_columns_or_refused_by_rule_and_column() {
    let rows = [
        (
            "320600195001010017,张三,1280,2026-01,1950-01-01,3",
            "320600195001010017 张三 1280.00 2026-01 1950-01-01 3",
        ),
        ("A1, 张三 ,1280.5,202601,19500101,-3", "A1 张三 1280.50 2026-01 1950-01-01 -3"),
        ("A1,\"张,三\",0.01,2026/1,1950/1/1,", "A1 张,三 0.01 2026-01 1950-01-01 -"),
        ("A1,张三,1,2026年1月,1950年1月1日,", "A1 张三 1.00 2026-01 1950-01-01 -"),
        ("A1,张三,1,2026.01,,0", "A1 张三 1.00 2026-01 - 0"),
        ("A1,张三,1.001,2026-01,,", "金额 money-form"),
        ("A1,张三,\"1,280\",2026-01,,", "金额 money-form"),
        ("A1,张三,1e3,2026-01,,", "金额 money-form"),
        ("A1,张三,1,2026-13,,", "待遇月份 month-form"),
        ("A1,张三,1,26-01,,", "待遇月份 month-form"),
        ("A1,张三,1,2026-01,1950-02-30,", "出生日期 date-form"),
        ("A1,张三,1,2026-01,1950-01/01,", "出生日期 date-form"),
        ("A1,张三,1,2026-01,1950-01-01T08:00:00,", "出生日期 date-form"),
        ("A1,张三,1,2026-01,18264,", "出生日期 date-form"),
        ("A1,张三,1,2026-01,,1.5", "次数 integer-form"),
        ("A1,,,2026-01,,x", "姓名 missing-value, 金额 missing-value, 次数 integer-form"),
        ("A1,张三,1,2026-01,", " ragged"),
        ("A1,张三,1,2026-01,,,7", " ragged"),
    ];
    for (row, due) in rows {
        assert_eq!(of(&format!("{HEADER}{row}\n")).unwrap(), [(2, due.to_owned())], "{row}");
    }
}

#[test]
fn a_later_row_with_the_same_key_is_a_duplicate_and_blank_rows_are_passed_over() {
    let text = format!(
        "{HEADER}A1,张三,1,2026-01,,\n\n,,,,,\nA1,李四,2,2026-01,,\nA1,张三,1,2026-02,,\nA1,,1,2026-01,,\n"
    );
    let rows = of(&text).unwrap();
    let due = [
        (2, "A1 张三 1.00 2026-01 - -"),
        (5, "=2"),
        (6, "A1 张三 1.00 2026-02 - -"),
        (7, "姓名 missing-value"),
    ];
    assert_eq!(rows, due.map(|(row, told)| (row, told.to_owned())));
}

#[test]
fn a_header_is_told_all_its_faults_at_once() {
    let row = "a,b,c,d,e,f\n";
    let cases: [(&str, Vec<Found>); 6] = [
        (
            "证件号码,姓名,金额,金额(元),年龄\n",
            vec![
                at(1, "金额(元)", Rule::DuplicateColumn),
                at(1, "年龄", Rule::UnknownColumn),
                at(1, "待遇月份", Rule::MissingColumn),
            ],
        ),
        ("证件号码,,姓名,金额,待遇月份\n", vec![at(1, "B", Rule::UnknownColumn)]),
        ("320600195001010017,张三,1280,2026-01\n", vec![(Some(1), None, Rule::NoHeader)]),
        ("", vec![(None, None, Rule::EmptyFile)]),
        ("\n\n , \n", vec![(None, None, Rule::EmptyFile)]),
        (
            "name,amount\n",
            vec![at(1, "证件号码", Rule::MissingColumn), at(1, "待遇月份", Rule::MissingColumn)],
        ),
    ];
    for (header, due) in cases {
        let body = if header.contains(|c: char| !c.is_whitespace() && c != ',') { row } else { "" };
        let errors = of(&format!("{header}{body}")).unwrap_err();
        assert_eq!(errors.iter().map(found).collect::<Vec<_>>(), due, "{header}");
    }
    assert_eq!(of(HEADER).unwrap_err()[0].rule, Rule::NoRows);
    let english = of("ID Number, NAME ,Amount,month\nA1,张三,1,2026-01\n").unwrap();
    assert_eq!(english, [(2, "A1 张三 1.00 2026-01 - -".to_owned())]);
}

#[test]
fn an_encoding_is_taken_strictly() {
    let text = format!("{HEADER}A1,张三,1,2026-01,,\n");
    let due = [(2, "A1 张三 1.00 2026-01 - -".to_owned())];
    let (gbk, ..) = encoding_rs::GBK.encode(&text);
    let bom = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
    for (bytes, fallback) in [
        (text.as_bytes(), Fallback::None),
        (text.as_bytes(), Fallback::Gb18030),
        (&bom, Fallback::None),
        (&bom, Fallback::Gb18030),
        (&gbk, Fallback::Gb18030),
    ] {
        assert_eq!(of_bytes(bytes.to_vec(), fallback, Limits::default()).unwrap(), due);
    }
    let (rare, ..) =
        encoding_rs::GB18030.encode("证件号码,姓名,金额,待遇月份\nA1,𠮷䶮,1,2026-01\n");
    let rows = of_bytes(rare.into_owned(), Fallback::Gb18030, Limits::default()).unwrap();
    assert_eq!(rows[0].1, "A1 𠮷䶮 1.00 2026-01 - -");

    let third = [text.as_bytes(), b"A2,\xD5\xC5,1,2026-01,,\n"].concat();
    let utf16: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let neither = [&gbk, &b"A2,\xFF\xFF,1,2026-01,,\n"[..]].concat();
    let cases = [
        (gbk.into_owned(), Fallback::None, 1),
        (third, Fallback::None, 3),
        (utf16, Fallback::None, 1),
        (neither, Fallback::Gb18030, 3),
    ];
    for (bytes, fallback, row) in cases {
        let errors = of_bytes(bytes, fallback, Limits::default()).unwrap_err();
        assert_eq!(
            errors.iter().map(found).collect::<Vec<_>>(),
            [(Some(row), None, Rule::Encoding)]
        );
    }
}

#[test]
fn utf_8_is_recognised_across_the_edges_of_its_buffer() {
    // Characters of three bytes from every offset within the 64 KiB that are read at once.
    for offset in 0..3 {
        let text = format!("{HEADER}{},张三,1,2026-01,,\n", "x".repeat(offset));
        let many: String = (0..9_000).map(|n| format!("{n},张三李四王五,1,2026-01,,\n")).collect();
        let rows = of_bytes((text + &many).into_bytes(), Fallback::Gb18030, Limits::default());
        assert!(rows.unwrap()[1..].iter().all(|(_, row)| row.contains("张三李四王五")));
    }
}

#[test]
fn limits_are_kept() {
    let row = "A1,张三,1,2026-01,,\n";
    let text = format!("{HEADER}{row}{row}{row}");
    let cases: [(Limits, Found); 4] = [
        (Limits { rows_max: 3, ..Limits::default() }, (Some(4), None, Rule::TooManyRows)),
        (Limits { columns_max: 5, ..Limits::default() }, at(1, "F", Rule::TooManyColumns)),
        (Limits { cell_chars_max: 3, ..Limits::default() }, at(1, "A", Rule::CellTooLong)),
        (Limits { file_bytes_max: 60, ..Limits::default() }, (None, None, Rule::FileTooLarge)),
    ];
    for (limits, due) in cases {
        let errors = of_bytes(text.clone().into_bytes(), Fallback::None, limits).unwrap_err();
        assert_eq!(errors.iter().map(found).collect::<Vec<_>>(), [due]);
    }
    // A quote that is never closed swallows the rest of the file, and no more.
    let open = format!("{HEADER}A1,\"张三{}", "三,".repeat(100_000));
    assert_eq!(found(&of(&open).unwrap_err()[0]), at(2, "B", Rule::CellTooLong));
}

#[test]
fn the_report_has_a_line_for_each_error() {
    let text = format!("{HEADER}A1,张三,1,2026-01,,\nA1,李四,2,2026-01,,\nA2,,x,2026-01,,\n");
    let columns = columns();
    let rows = csv::read(Cursor::new(text), Fallback::None, Limits::default()).unwrap();
    let mut report = ReportWriter::new(Vec::new()).unwrap();
    for row in read(rows, &columns).map_err(|errors| errors.len()).unwrap() {
        report.write(&row.unwrap().report()).unwrap();
    }
    let written = String::from_utf8(report.finish().unwrap()).unwrap();
    assert_eq!(
        written,
        "\u{FEFF}row,outcome,first_row,column,rule,zh,en\n\
         2,accepted,,,,,\n\
         3,duplicate,2,,,,\n\
         4,refused,,姓名,missing-value,必填，不能为空,a value is required\n\
         4,refused,,金额,money-form,金额应为元，最多两位小数，不带千分位,\
         an amount is in yuan with at most two decimals and no thousands separator\n"
    );
}
