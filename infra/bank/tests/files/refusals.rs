//! Every bad input with the rule that refuses it, the row and the field. Nothing of a bad file is
//! given out: the answer is its mistakes, in Chinese and English, without personal data.

use crate::common::{
    header, instruction, layout, line, line_end, lines, ready, reply_rows, resealed,
};
use bank::{
    ERRORS_MAX, FileError, Header, Line, Rule, Said, parse_instruction, parse_reply,
    parse_statement, reply, write_instruction, write_reply, write_statement,
};
use definitions::Layout;
use shared::{Money, Pii};

type Found<'a> = (Rule, Option<u32>, Option<&'a str>);

const PERSONAL: &[&str] = &["张三", "阿卜杜拉", "李镕", "6217000000000", "3206001950", "䶮"];

fn found(errors: &[FileError]) -> Vec<Found<'_>> {
    for error in errors {
        let shown = error.to_string();
        assert!(PERSONAL.iter().all(|personal| !shown.contains(personal)), "{shown}");
        assert!(!error.zh.is_empty() && error.en.is_ascii(), "{shown}");
    }
    errors.iter().map(|error| (error.rule, error.row, error.field)).collect()
}

/// The file with one text replaced, its digests made right again.
fn altered(layout: &Layout, from: &str, to: &str) -> Result<bank::Instruction, Vec<FileError>> {
    let file = instruction(layout);
    let text = String::from_utf8(file.bytes).unwrap();
    assert!(text.contains(from), "{from:?} in {text}");
    let bytes = resealed(layout, text.replacen(from, to, 1).into_bytes());
    parse_instruction(layout, &file.name, &bytes, Some(&ready(layout, &bytes)))
}

#[test]
fn an_instruction_file_is_refused_by_its_rule_row_and_field() {
    let rows: &[(&str, &str, &str, Found<'_>)] = &[
        (
            "three decimals",
            "|1280.00|",
            "|1280.001|",
            (Rule::AmountDecimals, Some(2), Some("amount")),
        ),
        ("one decimal", "|1280.00|", "|1280.0|", (Rule::AmountForm, Some(2), Some("amount"))),
        ("thousands", "|1280.00|", "|1280,00|", (Rule::AmountForm, Some(2), Some("amount"))),
        ("full width", "|1280.00|", "|１280.00|", (Rule::AmountForm, Some(2), Some("amount"))),
        ("a leading zero", "|1280.00|", "|01280.00|", (Rule::AmountForm, Some(2), Some("amount"))),
        ("no amount", "|1280.00|", "||", (Rule::AmountForm, Some(2), Some("amount"))),
        ("zero", "|1280.00|", "|0.00|", (Rule::AmountNotPositive, Some(2), Some("amount"))),
        ("negative", "|1280.00|", "|-1280.00|", (Rule::AmountNotPositive, Some(2), Some("amount"))),
        ("another sum", "|1280.00|", "|1280.01|", (Rule::TotalDiffers, Some(1), Some("total"))),
        ("another currency", "|CNY|", "|USD|", (Rule::Currency, Some(1), Some("currency"))),
        ("another bank", "|BOC|", "|CMB|", (Rule::BankDiffers, Some(1), Some("bank"))),
        (
            "header count",
            "|3|2280.00|",
            "|4|2280.00|",
            (Rule::CountDiffers, Some(1), Some("count")),
        ),
        (
            "header total",
            "|3|2280.00|",
            "|3|2279.98|",
            (Rule::TotalDiffers, Some(1), Some("total")),
        ),
        (
            "count with a zero",
            "|3|2280.00|",
            "|03|2280.00|",
            (Rule::NumberForm, Some(1), Some("count")),
        ),
        ("no batch", "|B20260115-0001|", "||", (Rule::MissingValue, Some(1), Some("batch"))),
        ("another batch", "|B20260115-0001|", "|B20260115-0002|", (Rule::FileName, None, None)),
        ("item", "|A1|", "|a1|", (Rule::CodeForm, Some(1), Some("item"))),
        ("period", "|202601|BOC|", "|202613|BOC|", (Rule::DateForm, Some(1), Some("period"))),
        ("made at", "|20260115|", "|2026-01-15|", (Rule::DateForm, Some(1), Some("made_at"))),
        (
            "month",
            "|202601|一月养老金",
            "|20261|一月养老金",
            (Rule::DateForm, Some(2), Some("month")),
        ),
        ("a column more", "|一月养老金\n", "|一月|养老金\n", (Rule::Columns, Some(2), None)),
        ("a column less", "|1280.00|", "|", (Rule::Columns, Some(2), None)),
        ("a control character", "|一月养老金\n", "|一月\r\n", (Rule::Separator, Some(2), None)),
        (
            "no account",
            "|6217000000000000001|",
            "||",
            (Rule::MissingValue, Some(2), Some("account")),
        ),
        ("sequence", "\n2|", "\n1|", (Rule::SeqOrder, Some(3), Some("seq"))),
        (
            "reference again",
            "|A1/2026-01/whole/0/P2#1|",
            "|A1/2026-01/whole/0/P1#1|",
            (Rule::DuplicateLine, Some(3), Some("attempt")),
        ),
    ];
    let boc = layout("BOC");
    for (case, from, to, due) in rows {
        let errors = altered(&boc, from, to).expect_err(case);
        assert!(found(&errors).contains(due), "{case}: {errors:#?}");
    }
}

#[test]
fn a_whole_file_is_refused_by_its_rule() {
    let boc = layout("BOC");
    let file = instruction(&boc);
    let (name, whole) = (&*file.name, &file.bytes);
    let read = |bytes: &[u8], ready: Option<&[u8]>| {
        let errors = parse_instruction(&boc, name, bytes, ready).unwrap_err();
        errors[0].clone()
    };
    let told = |error: &FileError| (error.rule, error.row, error.field);
    let with = |bytes: &[u8]| read(bytes, Some(&ready(&boc, bytes)));

    assert_eq!(told(&with(b"")), (Rule::EmptyFile, None, None));
    let half = &whole[..whole.len() / 2];
    assert_eq!(with(half).rule, Rule::Cut);
    assert_eq!(told(&read(half, Some(&file.ready_bytes))), (Rule::DigestDiffers, None, None));
    assert_eq!(told(&read(whole, None)), (Rule::ReadyMarkMissing, None, None));
    assert_eq!(told(&read(whole, Some(b""))), (Rule::DigestForm, None, None));
    let upper = String::from_utf8(file.ready_bytes.clone()).unwrap().to_uppercase();
    assert_eq!(read(whole, Some(upper.as_bytes())).rule, Rule::DigestForm);

    let (gbk, ..) = encoding_rs::GBK.encode(str::from_utf8(whole).unwrap());
    assert_eq!(told(&with(&gbk)), (Rule::Encoding, Some(2), None));
    let bom = [b"\xEF\xBB\xBF", &whole[..]].concat();
    assert_eq!(told(&with(&bom)), (Rule::Encoding, Some(1), None));

    // A line changed under an unchanged digest in the header, with an honest ready mark.
    let text = str::from_utf8(whole).unwrap().replace("|李镕|32", "|李四|32");
    assert_eq!(told(&with(text.as_bytes())), (Rule::DigestDiffers, Some(1), Some("digest")));

    // A row repeated, the header as it was.
    let last = str::from_utf8(whole).unwrap().lines().last().unwrap();
    let twice = resealed(&boc, [whole, last.as_bytes(), b"\n"].concat());
    let errors = parse_instruction(&boc, name, &twice, Some(&ready(&boc, &twice))).unwrap_err();
    let all = found(&errors);
    for due in [
        (Rule::SeqOrder, Some(5), Some("seq")),
        (Rule::DuplicateLine, Some(5), Some("attempt")),
        (Rule::CountDiffers, Some(1), Some("count")),
        (Rule::TotalDiffers, Some(1), Some("total")),
    ] {
        assert!(all.contains(&due), "{due:?} in {all:?}");
    }

    let errors = parse_instruction(&boc, "DF_1.txt", whole, Some(&file.ready_bytes)).unwrap_err();
    assert_eq!(found(&errors), [(Rule::FileName, None, None)]);
    let errors =
        parse_instruction(&layout("CMB"), name, whole, Some(&file.ready_bytes)).unwrap_err();
    assert_eq!(found(&errors)[0].0, Rule::Mark);
}

#[test]
fn a_trailer_that_is_missing_or_disagrees_is_refused() {
    for bank in ["BOCOM", "JSB"] {
        let layout = layout(bank);
        let file = instruction(&layout);
        let end = line_end(&layout).as_bytes();
        let parse = |bytes: &[u8]| {
            let errors =
                parse_instruction(&layout, &file.name, bytes, Some(&ready(&layout, bytes)));
            errors.unwrap_err()
        };
        let body = &file.bytes[..file.bytes.len() - end.len()];
        let trailer =
            body.windows(end.len()).rposition(|window| window == end).unwrap() + end.len();
        assert_eq!(found(&parse(&file.bytes[..trailer])), [(Rule::Cut, Some(4), None)]);

        // The trailer says 3 lines in one of its two fields.
        let mut wrong = file.bytes.clone();
        let three = wrong[trailer..].iter().rposition(|byte| *byte == b'3').unwrap();
        wrong[trailer + three] = b'4';
        assert_eq!(found(&parse(&wrong)), [(Rule::CountDiffers, Some(5), Some("count"))]);
    }
}

#[test]
fn an_instruction_is_not_written_with_a_fault() {
    type Change = fn(&mut Header, &mut Vec<Line>);
    let rows: &[(&str, &str, Change, Found<'_>)] = &[
        (
            "a rare character",
            "JSB",
            |_, lines| lines[1].account_name = Pii::new("张䶮".to_owned()),
            (Rule::Character, Some(3), Some("account_name")),
        ),
        (
            "a broken character",
            "BOC",
            |_, lines| lines[1].account_name = Pii::new("张\u{FFFD}".to_owned()),
            (Rule::Character, Some(3), Some("account_name")),
        ),
        (
            "a separator",
            "BOC",
            |_, lines| lines[0].memo = Some("a|b".to_owned()),
            (Rule::Separator, Some(2), Some("memo")),
        ),
        (
            "a line end",
            "CMB",
            |_, lines| lines[0].memo = Some("一月\n".to_owned()),
            (Rule::Separator, Some(2), Some("memo")),
        ),
        (
            "a line separator",
            "CMB",
            |_, lines| lines[0].memo = Some("一月\u{2028}".to_owned()),
            (Rule::Separator, Some(2), Some("memo")),
        ),
        (
            "a zero amount",
            "BOCOM",
            |header, lines| {
                header.total -= lines[2].amount;
                lines[2].amount = Money::ZERO;
            },
            (Rule::AmountNotPositive, Some(4), Some("amount")),
        ),
        (
            "a negative amount",
            "JSB",
            |header, lines| {
                header.total -= lines[2].amount + lines[2].amount;
                lines[2].amount = -lines[2].amount;
            },
            (Rule::AmountNotPositive, Some(4), Some("amount")),
        ),
        (
            "a count",
            "BOC",
            |header, _| header.count = 2,
            (Rule::CountDiffers, Some(1), Some("count")),
        ),
        (
            "a total",
            "BOC",
            |header, _| header.total = Money::ZERO,
            (Rule::TotalDiffers, Some(1), Some("total")),
        ),
        (
            "too much",
            "BOC",
            |_, lines| lines[2].amount = Money::from_fen(i64::MAX),
            (Rule::Overflow, Some(4), Some("total")),
        ),
        (
            "a line twice",
            "CMB",
            |_, lines| lines[1].attempt = lines[0].attempt.clone(),
            (Rule::DuplicateLine, Some(3), Some("attempt")),
        ),
        (
            "a number twice",
            "CMB",
            |_, lines| lines[1].seq = 1,
            (Rule::SeqOrder, Some(3), Some("seq")),
        ),
        (
            "no account",
            "JSB",
            |_, lines| lines[1].account = Pii::new(String::new()),
            (Rule::MissingValue, Some(3), Some("account")),
        ),
        (
            "an invisible name",
            "BOC",
            |_, lines| lines[1].account_name = Pii::new("\u{200B} ".to_owned()),
            (Rule::MissingValue, Some(3), Some("account_name")),
        ),
        (
            "no agency",
            "BOC",
            |header, _| header.agency = None,
            (Rule::MissingValue, None, Some("agency")),
        ),
        (
            "no item",
            "CMB",
            |header, _| header.item = None,
            (Rule::MissingValue, None, Some("item")),
        ),
        (
            "no day",
            "BOC",
            |header, _| header.made_on = None,
            (Rule::MissingValue, Some(1), Some("made_at")),
        ),
        (
            "a path",
            "BOCOM",
            |header, _| header.batch = "../x".to_owned(),
            (Rule::FileName, None, Some("batch")),
        ),
        ("no lines", "BOC", |_, lines| lines.clear(), (Rule::NoLines, None, None)),
    ];
    for (case, bank, change, due) in rows {
        let (mut header, mut lines) = (header(), lines());
        change(&mut header, &mut lines);
        let errors = write_instruction(&layout(bank), &header, lines).expect_err(case);
        let all = found(&errors);
        // Both the header and the name need an agency or a batch: the first is what counts.
        assert_eq!(all[0], *due, "{case}: {all:?}");
    }
}

#[test]
fn a_rare_character_is_named_by_its_code_point_and_written_where_the_charset_has_it() {
    let mut rare = lines();
    rare[1].account_name = Pii::new("张䶮".to_owned());
    let errors = write_instruction(&layout("JSB"), &header(), rare.clone()).unwrap_err();
    assert!(errors[0].zh.contains("U+4DAE") && errors[0].en.contains("U+4DAE"));
    for bank in ["BOC", "BOCOM", "CMB"] {
        assert!(write_instruction(&layout(bank), &header(), rare.clone()).is_ok(), "{bank}");
    }
}

#[test]
fn a_field_may_hold_a_character_whose_second_byte_is_the_separator() {
    // 乗 is 81 5C in GBK, 俕 is 82 5E: the byte of JSB's separator.
    let jsb = layout("JSB");
    let mut some = lines();
    some[0].account_name = Pii::new("俕".to_owned());
    let file = write_instruction(&jsb, &header(), some).unwrap();
    assert!(file.bytes.windows(2).any(|pair| pair == [0x82, 0x5E]));
    let read = parse_instruction(&jsb, &file.name, &file.bytes, Some(&file.ready_bytes)).unwrap();
    assert_eq!(read.lines[0].account_name.expose(), "俕");
}

#[test]
fn a_reply_is_refused_by_its_rule_row_and_field() {
    let rows: &[(&str, &str, &str, Found<'_>)] = &[
        ("a result", "|00||S0001", "|09||S0001", (Rule::UnknownResult, Some(2), Some("result"))),
        ("a reason", "|E103|", "|E777|", (Rule::UnknownReason, Some(3), Some("reason"))),
        ("no reason", "|E103|", "||", (Rule::MissingValue, Some(3), Some("reason"))),
        (
            "paid and a reason",
            "|00||S0001",
            "|00|E103|S0001",
            (Rule::Contradiction, Some(2), Some("reason")),
        ),
        ("no serial", "|S0001|", "||", (Rule::MissingValue, Some(2), Some("bank_serial"))),
        ("no day", "|S0001|20260116", "|S0001|", (Rule::MissingValue, Some(2), Some("posted_at"))),
        (
            "a day",
            "|S0001|20260116",
            "|S0001|20260230",
            (Rule::DateForm, Some(2), Some("posted_at")),
        ),
        (
            "three decimals",
            "|1280.00|",
            "|1280.000|",
            (Rule::AmountDecimals, Some(2), Some("amount")),
        ),
        ("count", "|3|2280.00|", "|2|2280.00|", (Rule::CountDiffers, Some(1), Some("count"))),
        (
            "paid count",
            "|2|1280.01|",
            "|3|1280.01|",
            (Rule::CountDiffers, Some(1), Some("paid_count")),
        ),
        (
            "paid total",
            "|2|1280.01|",
            "|2|1280.02|",
            (Rule::TotalDiffers, Some(1), Some("paid_total")),
        ),
        (
            "returned total",
            "|1|999.99\n",
            "|1|999.98\n",
            (Rule::TotalDiffers, Some(1), Some("returned_total")),
        ),
        ("a line twice", "P2#1", "P1#1", (Rule::DuplicateLine, Some(3), Some("attempt"))),
        ("a shifted row", "|S0001|", "|", (Rule::Columns, Some(2), None)),
        ("a batch", "B20260115-0001|", "B20260115-0009|", (Rule::FileName, None, None)),
    ];
    let boc = layout("BOC");
    let file = crate::common::reply(&boc);
    for (case, from, to, due) in rows {
        let text = str::from_utf8(&file.bytes).unwrap();
        assert!(text.contains(from), "{case}: {from} in {text}");
        let text = text.replacen(from, to, 1);
        let errors = parse_reply(&boc, &file.name, text.as_bytes()).expect_err(case);
        assert!(found(&errors).contains(due), "{case}: {errors:#?}");
    }
    let unknown = file_with(&file.bytes, "|E103|", "|E777|");
    let errors = parse_reply(&boc, &file.name, &unknown).unwrap_err();
    assert!(
        errors[0].zh.contains("E777") && errors[0].zh.contains("E101 E102"),
        "{}",
        errors[0].zh
    );
    // A name or an account in the place of a code is not repeated.
    for personal in ["张三", "6217000000000000001"] {
        let unknown = file_with(&file.bytes, "|E103|", &format!("|{personal}|"));
        found(&parse_reply(&boc, &file.name, &unknown).unwrap_err());
    }
}

fn file_with(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    str::from_utf8(bytes).unwrap().replacen(from, to, 1).into_bytes()
}

#[test]
fn a_reply_of_an_unknown_batch_is_told() {
    let boc = layout("BOC");
    let file = crate::common::reply(&boc);
    let read = parse_reply(&boc, &file.name, &file.bytes).unwrap();
    assert!(read.of_known_batch(&file.name, |batch| batch == "B20260115-0001").is_ok());
    let error = read.of_known_batch(&file.name, |_| false).unwrap_err();
    assert_eq!(found(&[error]), [(Rule::UnknownBatch, Some(1), Some("batch"))]);
}

#[test]
fn a_bank_without_the_word_for_pending_cannot_say_it() {
    let mut rows = reply_rows();
    rows[0].said = Said::Pending;
    rows[0].posted_on = None;
    let errors = write_reply(&layout("JSB"), &header(), &rows).unwrap_err();
    assert_eq!(found(&errors), [(Rule::MissingValue, Some(2), Some("result"))]);
    let cmb = layout("CMB");
    let file = write_reply(&cmb, &header(), &rows).unwrap();
    let read = parse_reply(&cmb, &file.name, &file.bytes).unwrap();
    assert_eq!((read.pending.count, read.paid.count, read.returned.count), (1, 1, 1));
}

#[test]
fn a_statement_is_refused_by_its_rule_row_and_field() {
    let rows: &[(&str, &str, &str, Found<'_>)] = &[
        ("a balance", "|8719.99|", "|8719.98|", (Rule::BalanceDiffers, Some(3), Some("balance"))),
        (
            "a direction",
            "|C|999.99|",
            "|X|999.99|",
            (Rule::UnknownDirection, Some(3), Some("direction")),
        ),
        ("turned", "|C|999.99|", "|D|999.99|", (Rule::BalanceDiffers, Some(3), Some("balance"))),
        ("a serial twice", "T2|", "T1|", (Rule::DuplicateLine, Some(3), Some("bank_serial"))),
        ("an amount", "|999.99|", "|-999.99|", (Rule::AmountNotPositive, Some(3), Some("amount"))),
        ("a count", "|3\n", "|4\n", (Rule::CountDiffers, Some(1), Some("count"))),
        ("no agency", "320600-01|BOC", "|BOC", (Rule::MissingValue, Some(1), Some("agency"))),
    ];
    let boc = layout("BOC");
    let file = crate::common::statement(&boc);
    for (case, from, to, due) in rows {
        let text = str::from_utf8(&file.bytes).unwrap();
        assert!(text.contains(from), "{case}: {from} in {text}");
        let text = text.replacen(from, to, 1);
        let errors = parse_statement(&boc, &file.name, text.as_bytes()).expect_err(case);
        assert!(found(&errors).contains(due), "{case}: {errors:#?}");
    }
    let mut rows = crate::common::statement_rows();
    rows[1].balance = Some(Money::ZERO);
    let errors = write_statement(&boc, &header(), &rows).unwrap_err();
    assert_eq!(found(&errors)[0], (Rule::BalanceDiffers, Some(3), Some("balance")));
}

#[test]
fn a_statement_line_without_a_known_batch_is_told() {
    for layout in crate::common::layouts() {
        let file = crate::common::statement(&layout);
        let read = parse_statement(&layout, &file.name, &file.bytes).unwrap();
        let lost = read.without_batch(&file.name, |batch| batch == "B20260115-0001");
        assert_eq!(found(&lost), [(Rule::LineWithoutBatch, Some(4), Some("reference"))]);
        assert_eq!(read.without_batch(&file.name, |_| false).len(), 3);
        assert_eq!((read.debits.count, read.credits.count), (1, 2));
    }
}

#[test]
fn a_hundred_errors_are_told_and_the_others_counted() {
    let many = (1..=150).map(|seq| line(seq, "张䶮", 100));
    let header = Header { count: 150, total: Money::from_fen(15_000), ..header() };
    let errors = write_instruction(&layout("JSB"), &header, many).unwrap_err();
    assert_eq!(errors.len(), ERRORS_MAX + 1);
    assert_eq!(errors[ERRORS_MAX].rule, Rule::MoreErrors);
    // Each line has the character in its name and in its account's name.
    assert!(errors[ERRORS_MAX].en.starts_with("200 more errors"), "{}", errors[ERRORS_MAX].en);
}

#[test]
fn a_reply_row_may_be_written_with_the_banks_own_code() {
    let bocom = layout("BOCOM");
    let mut rows: Vec<reply::Row> = reply_rows();
    let reason = shared::ReturnReason::AccountFrozen;
    rows[1].said = Said::Returned { reason, bank_code: "0204".to_owned() };
    let file = write_reply(&bocom, &header(), &rows).unwrap();
    let read = parse_reply(&bocom, &file.name, &file.bytes).unwrap();
    assert_eq!(read.rows[1].said, rows[1].said);
    rows[1].said = Said::Returned { reason, bank_code: "0101".to_owned() };
    let errors = write_reply(&bocom, &header(), &rows).unwrap_err();
    assert_eq!(found(&errors), [(Rule::MissingValue, Some(3), Some("reason"))]);
}
