//! Batches at their steps, returns as they grow older, money to cards, and notes that wait: a short
//! story of each, as in [`kinds`](crate::kinds).

use definitions::Grouping;
use definitions::indicator::evaluate::Key;
use serde_json::{Value as Json, json};

use crate::house::House;
use crate::kinds::{SOMEBODY, asked, day, groups, in_both, whole};

const PLAN: &str = "A1-2026-01-320600-1";

fn plan_opened(house: &mut House) {
    let opened = json!({
        "item": "A1", "month": "2026-01", "area": "320600", "run": "normal", "number": 1,
        "fund": "employee-pension", "agency": "NT01", "pay_day": "2026-01-15", "chain": [],
        "amount_min": "1.00", "amount_max": "5000.00", "pinned": [],
    });
    house.happened(&format!("plan-{PLAN}"), "plan.opened.v1", &opened, day("2026-01-10"));
}

#[test]
fn a_batch_stands_at_one_step_with_its_lines() {
    in_both(
        |house| {
            plan_opened(house);
            let file = json!({
                "artefact": "ab".repeat(32), "name": "pay.txt", "bytes": 9, "layout": "neutral",
                "layout_digest": "ab".repeat(32),
            });
            let signed = |by: &str| json!({ "by": by, "role": "accountant", "signature": "3045" });
            let replied = |paid: u32, returned: u32| {
                json!({ "reply": "0198c0de-000b-7000-8000-000000000001", "counts": {
                    "paid_lines": paid, "paid": "1.00", "returned_lines": returned,
                    "returned": "1.00", "duplicates": 0, "contradictions": 0, "strangers": 0,
                } })
            };
            for (bank, number) in [("BOC", 1), ("CMB", 2)] {
                let batch = format!("batch-{PLAN}-{number}-{bank}-1");
                let opened = json!({
                    "plan": PLAN, "part": number, "bank": bank, "item": "A1", "month": "2026-01",
                    "account": "book", "seen": 1,
                });
                house.happened(&batch, "batch.opened.v1", &opened, day("2026-01-14"));
                let composed = json!({ "lines": 3, "total": "30.00", "file": file });
                house.happened(&batch, "batch.composed.v1", &composed, day("2026-01-14"));
            }
            let boc = format!("batch-{PLAN}-1-BOC-1");
            for by in ["kuai", "chu"] {
                house.happened(&boc, "batch.signed.v1", &signed(by), day("2026-01-14"));
            }
            house.happened(&boc, "batch.sent.v1", &json!({ "by": "chu" }), day("2026-01-15"));
            let slip = json!({ "slip": "HD-1", "amount": "30.00", "on": "2026-01-15" });
            house.happened(&boc, "batch.debited.v1", &slip, day("2026-01-15"));
            house.happened(&boc, "batch.reply-applied.v1", &replied(1, 1), day("2026-01-16"));
            house.happened(&boc, "batch.reply-applied.v1", &replied(1, 0), day("2026-01-19"));
        },
        |house| {
            let at = |id, on| asked(house, id, on, &[Grouping::Status], None);
            let signed = groups([("composed", 1), ("signed", 1)]);
            assert_eq!(at("batches-in-step", "2026-01-14"), signed);
            let lines = groups([("composed", 3), ("part-replied", 3)]);
            assert_eq!(at("batch-lines-in-step", "2026-01-16"), lines);
            assert_eq!(at("batches-in-step", "2026-01"), groups([("composed", 1), ("replied", 1)]));
            assert_eq!(whole(house, "batches-in-step", "2026-01-13"), 0);
        },
    );
}

#[test]
fn a_return_grows_older_until_it_is_closed() {
    in_both(
        |house| {
            let case = |number: u8| {
                format!("return-A1/2026-01/whole/0/0198c0de-0001-7000-8000-00000000000{number}#1")
            };
            for number in 1..=3 {
                let person = format!("0198c0de-0001-7000-8000-00000000000{number}");
                let opened = json!({
                    "obligation": format!("A1/2026-01/whole/0/{person}"), "attempt": 1,
                    "batch": format!("{PLAN}-1-BOC-1"), "bank": "BOC", "reason": "R03",
                    "amount": "100.00", "grant": person, "person": person, "address": person,
                    "address_version": 1, "returned_on": "2026-01-15",
                });
                house.happened(&case(number), "return-case.opened.v1", &opened, day("2026-01-15"));
            }
            for (number, on) in [(1, "2026-01-20"), (2, "2026-02-10")] {
                let closed = json!({ "outcome": "paid", "on": on });
                house.happened(&case(number), "return-case.closed.v1", &closed, day(on));
            }
        },
        |house| {
            let at = |on| asked(house, "returns-open", on, &[Grouping::ReturnAge], None);
            assert_eq!(at("2026-01-15"), groups([("up-to-7", 3)]));
            assert_eq!(at("2026-01-22"), groups([("up-to-7", 2)]), "the seventh day");
            assert_eq!(at("2026-01-23"), groups([("8-to-30", 2)]), "the eighth");
            assert_eq!(at("2026-02-14"), groups([("8-to-30", 1)]));
            assert_eq!(at("2026-02-15"), groups([("31-to-90", 1)]));
            assert_eq!(at("2026-04-16"), groups([("over-90", 1)]));
            let money = asked(house, "returns-open-amount", "2026-02", &[], None);
            assert_eq!(money[&Key::new()], 10_000);
        },
    );
}

#[test]
fn money_goes_to_cards_or_to_passbooks() {
    in_both(
        |house| {
            plan_opened(house);
            let address = |number: u8| format!("0198c0de-0007-7000-8000-00000000000{number}");
            for (number, card) in
                [(1, json!("0198c0de-0005-7000-8000-000000000001")), (2, Json::Null)]
            {
                let registered = json!({
                    "address": address(number), "owner": { "kind": "person", "person": SOMEBODY },
                    "account": { "number": "n", "name": "n", "bank": "BOC", "card": card },
                    "on": "2026-01-05",
                });
                let stream = format!("address-{}", address(number));
                house.happened(
                    &stream,
                    "pay-address.registered.v1",
                    &registered,
                    day("2026-01-05"),
                );
            }
            let line = |number: u8| {
                json!({
                    "person": SOMEBODY, "adjustment": number, "grant": SOMEBODY,
                    "address": address(number), "address_version": 1, "bank": "BOC",
                    "county": "320602", "gross": "10.00",
                    "workings": { "grant_revision": 1, "amount_from": "2026-01" },
                })
            };
            let on = day("2026-01-15");
            let planned = json!({ "chunk": 0, "lines": [line(1), line(2)] });
            house.happened(&format!("part-{PLAN}-1"), "part.lines-calculated.v1", &planned, on);
            let attempt = |place: u8| json!({ "line": place, "person": SOMEBODY, "adjustment": place + 1, "amount": "10.00" });
            let composed = json!({ "chunk": 0, "lines": [attempt(0), attempt(1)] });
            let batch = format!("batch-{PLAN}-1-BOC-1");
            house.happened(&batch, "batch.lines-composed.v1", &composed, on);
            let paid = [json!({ "seq": 1, "serial": "a" }), json!({ "seq": 2, "serial": "b" })];
            let settled = json!({
                "reply": SOMEBODY, "chunk": 0, "settled": { "paid": paid, "returned": [] },
            });
            house.happened(&batch, "batch.lines-settled.v1", &settled, on);
        },
        |house| {
            assert_eq!(whole(house, "payments-made", "2026-01"), 2);
            assert_eq!(whole(house, "payments-to-card", "2026-01"), 1);
            assert_eq!(whole(house, "to-card-rate", "2026-01"), 5_000);
        },
    );
}

#[test]
fn questions_wait_until_they_are_answered() {
    in_both(
        |house| {
            let note = |number: u8| format!("note-0198c0de-000c-7000-8000-00000000000{number}");
            for (number, kind) in [(1, "comment"), (2, "question"), (3, "instruction")] {
                let written = json!({
                    "kind": kind, "of": "indicator", "about": "amount-paid", "to": "wu",
                    "text": "为何下降？", "by": "leader", "on": "2026-02-03",
                });
                house.happened(&note(number), "note.written.v1", &written, day("2026-02-03"));
            }
            let answered = json!({ "by": "wu", "on": "2026-02-04", "text": "补发在下月" });
            house.happened(&note(2), "note.answered.v1", &answered, day("2026-02-04"));
            let withdrawn = json!({ "by": "leader", "on": "2026-02-05" });
            house.happened(&note(3), "note.withdrawn.v1", &withdrawn, day("2026-02-05"));
        },
        |house| {
            let at = |on| asked(house, "notes-in-status", on, &[Grouping::Status], None);
            assert_eq!(at("2026-02-03"), groups([("open", 2), ("written", 1)]));
            let ended = groups([("answered", 1), ("withdrawn", 1), ("written", 1)]);
            assert_eq!(at("2026-02"), ended);
        },
    );
}
