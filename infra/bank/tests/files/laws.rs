//! What holds for every layout: a file comes back as it was written, the same input gives the same
//! bytes, and a file that was cut or altered is never taken for another.

use crate::common::{header, instruction, layouts, reply_rows, statement_rows};
use bank::{
    Header, Line, Said, parse_instruction, parse_reply, parse_statement, reply, statement,
    verify_ready, write_instruction, write_reply, write_statement,
};
use definitions::{Direction, Field, Layout, Record};
use jiff::civil::Date;
use proptest::prelude::*;
use shared::{Money, Month, Pii, ReturnReason};

/// What a file of this layout can give back of a header.
fn told(header: &Header, record: &Record) -> Header {
    let has = |field: Field| {
        record.header.contains(&field) || record.file.contains(&format!("{{{field}}}"))
    };
    let mut told = header.clone();
    told.kind = told.kind.filter(|_| has(Field::Type));
    told.agency = told.agency.filter(|_| has(Field::Agency));
    told.division = told.division.filter(|_| has(Field::Division));
    told.insurance = told.insurance.filter(|_| has(Field::Insurance));
    told.item = told.item.filter(|_| has(Field::Item));
    told.period = told.period.filter(|_| has(Field::Period));
    told.made_on = told.made_on.filter(|_| has(Field::MadeAt));
    told
}

fn told_line(line: &Line, layout: &Layout, place: u32) -> Line {
    let has = |field| layout.instruction.line.contains(&field);
    let mut told = line.clone();
    told.seq = if has(Field::Seq) { line.seq } else { place };
    told.obligation = told.obligation.filter(|_| has(Field::Obligation));
    told.name = told.name.filter(|_| has(Field::Name));
    told.id_number = told.id_number.filter(|_| has(Field::IdNumber));
    told.bank_name = told.bank_name.filter(|_| has(Field::BankName));
    told.month = told.month.filter(|_| has(Field::Month));
    told.memo = told.memo.filter(|_| has(Field::Memo));
    told
}

/// Names as a bank's GBK holds them, already in their one spelling.
fn name() -> impl Strategy<Value = String> {
    "[张王李赵陈镕喆玥]{1,2}(·[买提艾力古丽]{1,4})?"
}

fn amount() -> impl Strategy<Value = Money> {
    (1_i64..=9_999_999_999).prop_map(Money::from_fen)
}

fn day() -> impl Strategy<Value = Date> {
    (2000_i16..2100, 1_i8..=12, 1_i8..=28).prop_map(|(y, m, d)| Date::new(y, m, d).unwrap())
}

fn text() -> impl Strategy<Value = Option<String>> {
    prop::option::of("[一月养老金失业 A-Z0-9]{1,12}")
}

prop_compose! {
    fn line()(
        gap in 1_u32..9, name in name(), account in "[0-9]{12,19}", amount in amount(),
        id_number in prop::option::of("[0-9]{17}[0-9X]"), bank_name in text(), memo in text(),
        month in prop::option::of(day()),
    ) -> Line {
        Line {
            seq: gap,
            attempt: String::new(),
            obligation: None,
            name: Some(Pii::new(name.clone())),
            id_number: id_number.map(Pii::new),
            account: Pii::new(account),
            account_name: Pii::new(name),
            bank_name,
            amount,
            month: month.map(Month::of),
            memo,
        }
    }
}

fn lines() -> impl Strategy<Value = Vec<Line>> {
    prop::collection::vec(line(), 1..20).prop_map(|mut lines| {
        let mut seq = 0;
        for line in &mut lines {
            seq += line.seq;
            line.seq = seq;
            line.attempt = format!("A1/2026-01/whole/0/{seq}#1");
            line.obligation = Some(format!("A1/2026-01/whole/0/{seq}"));
        }
        lines
    })
}

fn reply_row() -> impl Strategy<Value = reply::Row> {
    let said = prop_oneof![
        "[A-Z0-9]{1,16}".prop_map(|serial| Said::Paid { serial }),
        prop::sample::select(ReturnReason::ALL)
            .prop_map(|reason| Said::Returned { reason, bank_code: String::new() }),
    ];
    (amount(), said, day(), name()).prop_map(|(amount, said, day, name)| reply::Row {
        row: 0,
        attempt: String::new(),
        seq: None,
        account: Some(Pii::new("6217000000000000001".to_owned())),
        account_name: Some(Pii::new(name)),
        amount,
        said,
        posted_on: Some(day),
        memo: None,
    })
}

fn movements() -> impl Strategy<Value = Vec<statement::Row>> {
    let one = (any::<bool>(), amount(), day(), text(), text());
    prop::collection::vec(one, 0..20).prop_map(|moves| {
        let mut balance = Money::from_fen(1_000_000);
        let mut rows = Vec::new();
        for ((debit, amount, posted_on, reference, memo), row) in moves.into_iter().zip(2..) {
            let direction = if debit { Direction::Debit } else { Direction::Credit };
            balance = if debit { balance - amount } else { balance + amount };
            let serial = format!("T{row}");
            let balance = Some(balance);
            rows.push(statement::Row {
                row,
                serial,
                posted_on,
                direction,
                amount,
                balance,
                reference,
                memo,
            });
        }
        rows
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_instruction_comes_back_as_it_was_written(lines in lines()) {
        for layout in layouts() {
            let total = lines.iter().map(|line| line.amount).sum();
            let header = Header { count: u32::try_from(lines.len()).unwrap(), total, ..header() };
            let file = write_instruction(&layout, &header, lines.clone()).unwrap();
            let again = write_instruction(&layout, &header, lines.clone()).unwrap();
            prop_assert!(file == again, "the same input gave other bytes");
            let read =
                parse_instruction(&layout, &file.name, &file.bytes, Some(&file.ready_bytes)).unwrap();
            prop_assert_eq!(read.header, told(&header, &layout.instruction));
            let due: Vec<Line> =
                lines.iter().zip(1..).map(|(line, place)| told_line(line, &layout, place)).collect();
            prop_assert!(read.lines == due, "{}: {:?} for {:?}", layout.id, read.lines, due);
        }
    }

    #[test]
    fn a_reply_comes_back_as_it_was_written(mut rows in prop::collection::vec(reply_row(), 0..20)) {
        for (row, number) in rows.iter_mut().zip(1..) {
            row.attempt = format!("P{number}#1");
            row.seq = Some(number);
        }
        for layout in layouts() {
            let record = &layout.reply.record;
            let file = write_reply(&layout, &header(), &rows).unwrap();
            let read = parse_reply(&layout, &file.name, &file.bytes).unwrap();
            let mut due = told(&header(), record);
            (due.count, due.total) = (file.count, file.total);
            prop_assert_eq!(&read.header, &due);
            prop_assert_eq!(read.paid.count + read.returned.count, file.count);
            for ((read, row), number) in read.rows.iter().zip(&rows).zip(2..) {
                prop_assert_eq!((read.row, &read.attempt, read.amount), (number, &row.attempt, row.amount));
                prop_assert_eq!(read.posted_on, row.posted_on);
                match (&read.said, &row.said) {
                    (Said::Returned { reason, bank_code }, Said::Returned { reason: due, .. }) => {
                        prop_assert_eq!(reason, due);
                        prop_assert_eq!(layout.reply.reasons.get(bank_code), Some(due));
                    }
                    (read, due) => prop_assert_eq!(read, due),
                }
            }
            // And what was read can be written again.
            let again = write_reply(&layout, &header(), &read.rows).unwrap();
            let same = again.bytes == file.bytes;
            // The layouts differ in whether a row's number and account are theirs to give back.
            prop_assert!(same, "{}", layout.id);
        }
    }

    #[test]
    fn a_statement_comes_back_as_it_was_written(rows in movements()) {
        for layout in layouts() {
            let header = Header { batch: String::new(), ..header() };
            let file = write_statement(&layout, &header, &rows).unwrap();
            let read = parse_statement(&layout, &file.name, &file.bytes).unwrap();
            prop_assert!(read.rows == rows, "{}: {:?}", layout.id, read.rows);
            prop_assert_eq!(read.header.made_on, header.made_on);
            prop_assert_eq!(read.closing(), rows.last().and_then(|row| row.balance));
            if !rows.is_empty() {
                prop_assert_eq!(read.opening(), Some(Money::from_fen(1_000_000)));
            }
        }
    }

    #[test]
    fn an_altered_instruction_is_never_taken_for_another(
        which in 0_usize..4, places in prop::collection::vec(any::<prop::sample::Index>(), 1..4),
        byte in any::<u8>(), cut in any::<bool>(),
    ) {
        let layout = &layouts()[which];
        let file = instruction(layout);
        let mut bytes = file.bytes.clone();
        for place in &places {
            let at = place.index(bytes.len());
            bytes[at] = byte;
        }
        if cut {
            bytes.truncate(places[0].index(bytes.len()));
        }
        let read = parse_instruction(layout, &file.name, &bytes, Some(&file.ready_bytes));
        prop_assert_eq!(read.is_ok(), bytes == file.bytes);
    }

    #[test]
    fn no_bytes_make_a_reader_fall(which in 0_usize..4, bytes in any::<Vec<u8>>(), name in ".{0,40}") {
        let layout = &layouts()[which];
        prop_assert!(parse_instruction(layout, &name, &bytes, Some(&bytes)).is_err());
        prop_assert!(parse_reply(layout, &name, &bytes).is_err());
        prop_assert!(parse_statement(layout, &name, &bytes).is_err());
    }

    #[test]
    fn an_altered_reply_or_statement_makes_no_reader_fall(
        which in 0_usize..4, place in any::<prop::sample::Index>(), byte in any::<u8>(),
    ) {
        let layout = &layouts()[which];
        for (file, of_reply) in [(crate::common::reply(layout), true), (crate::common::statement(layout), false)] {
            let mut bytes = file.bytes.clone();
            let at = place.index(bytes.len());
            bytes[at] = byte;
            // It may be another file by then: only a ready mark can tell.
            let taken = if of_reply {
                parse_reply(layout, &file.name, &bytes).is_ok()
            } else {
                parse_statement(layout, &file.name, &bytes).is_ok()
            };
            prop_assert!(taken || bytes != file.bytes);
            let proof = verify_ready(layout, &file.name, &bytes, Some(&file.ready_bytes));
            prop_assert_eq!(proof.is_ok(), bytes == file.bytes);
        }
    }
}

#[test]
fn a_file_cut_at_any_byte_is_refused() {
    for layout in layouts() {
        let file = instruction(&layout);
        for end in 0..file.bytes.len() {
            let cut = &file.bytes[..end];
            let honest = crate::common::ready(&layout, cut);
            for ready in [&file.ready_bytes, &honest] {
                let read = parse_instruction(&layout, &file.name, cut, Some(ready));
                assert!(read.is_err(), "{} cut after {end} bytes", layout.id);
            }
        }
        let file = crate::common::reply(&layout);
        for end in 0..file.bytes.len() {
            let read = parse_reply(&layout, &file.name, &file.bytes[..end]);
            assert!(read.is_err(), "{} cut after {end} bytes", layout.id);
        }
    }
}

#[test]
fn a_statement_cut_within_a_row_is_refused_and_between_rows_where_its_rows_are_counted() {
    for layout in layouts() {
        let record = &layout.statement.record;
        let counted = [&record.header, &record.trailer].iter().any(|f| f.contains(&Field::Count));
        let file = crate::common::statement(&layout);
        for end in 0..file.bytes.len() {
            let cut = &file.bytes[..end];
            let between = cut.ends_with(crate::common::line_end(&layout).as_bytes());
            let read = parse_statement(&layout, &file.name, cut);
            assert!(read.is_err() || (between && !counted), "{} cut after {end} bytes", layout.id);
            assert!(verify_ready(&layout, &file.name, cut, Some(&file.ready_bytes)).is_err());
        }
    }
}

#[test]
fn names_are_written_in_the_one_spelling_that_banks_compare() {
    for layout in layouts() {
        for dot in ['·', '•', '・', '･', '‧'] {
            let mut line = crate::common::line(1, &format!("阿卜杜拉{dot}买买提"), 100);
            line.name = Some(Pii::new(format!(" Ａｂ c　{dot} ")));
            let header = Header { count: 1, total: line.amount, ..header() };
            let file = write_instruction(&layout, &header, [line]).unwrap();
            let read = parse_instruction(&layout, &file.name, &file.bytes, Some(&file.ready_bytes))
                .unwrap();
            assert_eq!(read.lines[0].account_name.expose(), "阿卜杜拉·买买提");
            if let Some(name) = &read.lines[0].name {
                assert_eq!(name.expose(), "Ab c ·");
            }
        }
    }
}

#[test]
fn rows_that_were_read_show_nothing_personal() {
    let layout = &layouts()[0];
    let file = instruction(layout);
    let read = parse_instruction(layout, &file.name, &file.bytes, Some(&file.ready_bytes)).unwrap();
    let rows = reply_rows();
    let shown = format!("{file:?} {read:?} {:?} {rows:?} {:?}", read.lines, statement_rows());
    for personal in ["张三", "6217", "3206001950"] {
        assert!(!shown.contains(personal), "{personal} in {shown}");
    }
}
