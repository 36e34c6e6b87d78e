//! The money side of a paid month: journals, balances, bridges, differences, and a month opened again.

use definitions::Direction;
use serde_json::{Value, json};
use shared::{BankCode, Date, Money};
use simulations::bank::{AccountBook, line};

use crate::house::{CLERK, House, all};
use crate::looks::upload;

const CASHIER: &[(&str, &str)] = &[("x-renshe-actor", "demo.cashier")];
const OTHER: &[(&str, &str)] = &[("x-renshe-actor", "demo.auditor2")];

fn yuan(value: &Value) -> Money {
    Money::parse(value.as_str().unwrap()).unwrap()
}

/// The pension's book.
async fn book(house: &House) -> Value {
    let books = house
        .ask(CLERK, "{ books(fund: \"employee-pension\") { id code cash cashAccount opening voucherCount } }")
        .await;
    books["books"][0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_carries_its_balance_to_what_the_book_holds() {
    let house = House::new().await;
    let book = book(&house).await;
    let id = book["id"].as_str().unwrap();
    let days = "from: \"2026-01-01\", to: \"2026-12-31\"";
    let line = "number postedOn occurrence reference debit credit balance voucherId batchId bank";
    let asked = format!(
        "{{ journal(bookId: \"{id}\", {days}) {{ account opening closing lines(first: 2) {{ \
         totalCount pageInfo {{ hasNextPage endCursor }} edges {{ node {{ {line} }} }} }} }} \
         it: journal(bookId: \"{id}\", {days}) {{ lines(last: 1) {{ edges {{ node {{ balance }} }} }} }} \
         trialBalance(bookId: \"{id}\", on: \"2026-12-31\") {{ on balanced lines {{ ledger account \
         opening debit credit closing }} }} }}"
    );
    let told = house.ask(CLERK, &asked).await;
    let journal = &told["journal"];
    assert_eq!(journal["opening"], book["opening"]);
    assert_eq!(journal["closing"], book["cash"]);
    let edges = journal["lines"]["edges"].as_array().unwrap();
    let mut balance = yuan(&journal["opening"]);
    for edge in edges {
        let node = &edge["node"];
        balance = balance + yuan(&node["debit"]) - yuan(&node["credit"]);
        assert_eq!(yuan(&node["balance"]), balance, "{node}");
    }
    // The second page goes on from where the first ended.
    let after = journal["lines"]["pageInfo"]["endCursor"].as_str().unwrap();
    let next = house
        .ask(
            CLERK,
            &format!(
                "{{ journal(bookId: \"{id}\", {days}) {{ lines(first: 1, after: \"{after}\") {{ edges {{ \
                 node {{ debit credit balance }} }} }} }} }}"
            ),
        )
        .await;
    let node = &next["journal"]["lines"]["edges"][0]["node"];
    assert_eq!(yuan(&node["balance"]), balance + yuan(&node["debit"]) - yuan(&node["credit"]));
    assert_eq!(all(&told["it"], "balance"), [book["cash"].as_str().unwrap()]);
    assert_eq!(told["trialBalance"]["balanced"], json!(true));
    let lines = told["trialBalance"]["lines"].as_array().unwrap();
    let cash = lines.iter().find(|line| line["account"] == book["cashAccount"]).unwrap();
    assert_eq!(cash["closing"], book["cash"]);
    let account = book["cashAccount"].as_str().unwrap();
    let same = house
        .ask(
            CLERK,
            &format!(
                "{{ journal(bookId: \"{id}\", account: \"{account}\", {days}) {{ opening closing }} \
                 reconciliation(bookId: \"{id}\", month: \"2026-01\") {{ bankBalance bookBalance bankAdjusted \
                 bookAdjusted unexplained items {{ kind on reference amount }} statements {{ bank on }} }} }}"
            ),
        )
        .await;
    assert_eq!(same["journal"]["closing"], book["cash"]);
    let drawn = &same["reconciliation"];
    let unexplained = yuan(&drawn["bankAdjusted"]) - yuan(&drawn["bookAdjusted"]);
    assert_eq!(yuan(&drawn["unexplained"]), unexplained);
    assert!(!drawn["statements"].as_array().unwrap().is_empty(), "{drawn}");
    // Nobody is told of a book that he may not see.
    let narrow = [("x-renshe-actor", "demo.clerk"), ("x-renshe-divisions", "110101")];
    let hidden = format!("{{ journal(bookId: \"{id}\", {days}) {{ closing }} }}");
    assert_eq!(house.ask(&narrow, &hidden).await["journal"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bridge_holds_and_two_persons_open_a_month_again() {
    let house = House::new().await;
    let periods =
        house.ask(CLERK, "{ periods(month: \"2026-01\") { id code itemCode stage } }").await;
    let periods = periods["periods"].as_array().unwrap();
    let closed = periods
        .iter()
        .find(|period| period["itemCode"] == "A1" && period["stage"] == "CLOSED")
        .unwrap_or_else(|| panic!("{periods:?}"));
    let id = closed["id"].as_str().unwrap();
    let figures = "gross deductions plannedLines instructed held paid returned unreplied";
    let certificates = format!(
        "certificates {{ number digest signature signedBy closedBy closedAt item {{ {figures} }} books {{ \
         book opening appropriated paid inTransit unidentified sentBack closing }} }} reopenings {{ number \
         askedBy reason reopenedBy certificateNumber }}"
    );
    let asked = format!(
        "{{ bridge(periodId: \"{id}\") {{ holds broken people item {{ {figures} }} books {{ book closing }} \
         statementDebits }} period(id: \"{id}\") {{ {certificates} }} }}"
    );
    let told = house.ask(CLERK, &asked).await;
    assert_eq!(told["bridge"]["holds"], json!(true), "{}", told["bridge"]);
    let first = told["period"]["certificates"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(told["bridge"]["item"], first["item"]);
    assert!(first["signature"].is_string() && first["digest"].is_string(), "{first}");
    assert!(first["closedBy"].is_string());
    let ask = json!({ "periodId": id, "reason": "一张回单迟到" });
    house.done(CASHIER, "periodAskReopening", ask, "period { stage }").await;
    let input = json!({ "periodId": id });
    let alone = house.refused(CASHIER, "periodReopen", input.clone()).await;
    assert_eq!(alone, "PERIOD_REOPENING_BY_ONE");
    let opened = house
        .done(OTHER, "periodReopen", input, &format!("period {{ stage {certificates} }}"))
        .await;
    assert_eq!(opened["period"]["stage"], json!("OPEN"));
    // The demo city opened this month once before.
    let reopening = opened["period"]["reopenings"].as_array().unwrap().last().unwrap();
    assert_eq!(reopening["askedBy"], json!("demo.cashier"));
    assert_eq!(reopening["reopenedBy"], json!("demo.auditor2"));
    // What it had been closed on is still there, with its signature.
    let kept = opened["period"]["certificates"].as_array().unwrap();
    assert!(kept.contains(&first), "{kept:?}");
}

/// A day of the book's account with these movements, as the bank writes it.
fn day(house: &House, bank: &str, movements: &[(&str, Direction, &str)]) -> (String, Vec<u8>) {
    let rules = house.node.rules.on(Date::constant(2026, 12, 31)).unwrap();
    let code = BankCode::parse(bank).unwrap();
    let mut account = AccountBook::new("A-1", Money::parse("100000.00").unwrap());
    let on = Date::constant(2026, 2, 2);
    for (serial, direction, amount) in movements {
        let amount = Money::parse(amount).unwrap();
        account.post(line(serial, on, *direction, amount, "其他")).unwrap();
    }
    let header = bank::Header {
        agency: Some("320600-SI".parse().unwrap()),
        made_on: Some(on),
        ..bank::Header::default()
    };
    let layout = rules.layout(code).unwrap();
    let rows = account.statement(on).to_rows();
    let file = bank::write_statement(layout, &header, &rows).unwrap();
    (file.name, file.bytes)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_movement_that_nothing_explains_is_owned_held_and_settled() {
    let house = House::new().await;
    let book = book(&house).await;
    let movements = [
        ("s1", Direction::Debit, "1280.00"),
        ("s2", Direction::Credit, "1280.00"),
        ("s3", Direction::Credit, "7.00"),
        ("s4", Direction::Credit, "9.00"),
    ];
    let (name, bytes) = day(&house, "BOC", &movements);
    let file = upload(&house, &bytes).await;
    let import = json!({
        "bank": "BOC", "bookId": book["id"], "fileName": name, "artefactId": file,
    });
    let told = house.done(CASHIER, "statementImport", import, "differences statement { id }").await;
    assert_eq!(told["differences"], json!(4));
    let statement = told["statement"]["id"].as_str().unwrap();
    let at = |serial: &str| json!({ "bankStatementId": statement, "serial": serial });
    let movement = |serial: &str| json!({ "movement": at(serial) });
    let with = |serial: &str, more: Value| {
        let mut input = movement(serial);
        for (key, value) in more.as_object().unwrap() {
            input[key] = value.clone();
        }
        input
    };
    let assign = with("s1", json!({ "owner": "demo.auditor2" }));
    house.done(CASHIER, "differenceAssign", assign.clone(), "statement { differenceCount }").await;
    assert_ne!(house.refused(CASHIER, "differenceAssign", assign).await, "carried out");
    let held = house
        .done(OTHER, "differenceBook", movement("s1"), "voucherNumber amount statement { id }")
        .await;
    assert_eq!(held["amount"], json!("1280.00"));
    house.node.caught_up().await.unwrap();
    let list = "{ differences(first: 10, where: { owner: \"demo.auditor2\" }) { totalCount edges { node { \
                serial owner reason foundOn ageDays bookedVoucher state amount bank bookId } } } }";
    let mine = house.ask(CLERK, list).await;
    let node = &mine["differences"]["edges"][0]["node"];
    assert_eq!((&node["serial"], &node["ageDays"]), (&json!("s1"), &json!(0)), "{mine}");
    assert_eq!(node["bookedVoucher"], held["voucherNumber"]);
    let clear = json!({ "movement": at("s1"), "counter": at("s2") });
    house.done(OTHER, "differenceClear", clear, "statement { differenceCount }").await;
    let share = json!([{ "batchId": "A1-2026-01-320000-1-1-BOC-9", "amount": "7.00" }]);
    let by_hand = with("s3", json!({ "shares": share }));
    assert_ne!(house.refused(CASHIER, "statementMatch", by_hand).await, "carried out");
    let other = with("s3", json!({ "voucherNumber": "1" }));
    assert_ne!(house.refused(CASHIER, "statementMatchVoucher", other).await, "carried out");
    let note = with("s3", json!({ "note": "利息" }));
    house.done(CASHIER, "differenceResolve", note, "statement { id }").await;
    // Of a voucher that the book knows: an appropriation of the same sum.
    let money = json!({ "bookId": book["id"], "amount": "9.00", "reference": "BK-9" });
    let brought = house.done(CASHIER, "bookAppropriate", money, "book { voucherCount }").await;
    let number = &brought["book"]["voucherCount"];
    let matched = with("s4", json!({ "voucherNumber": number }));
    house.done(CASHIER, "statementMatchVoucher", matched, "statement { matched }").await;
    house.node.caught_up().await.unwrap();
    let lines = format!(
        "{{ statement(id: \"{statement}\") {{ differenceCount lines {{ serial state settled settledOn \
         resolvedBy clearedBy note matches {{ batchId voucherNumber amount }} }} }} }}"
    );
    let told = house.ask(CLERK, &lines).await;
    assert_eq!(told["statement"]["differenceCount"], json!(0), "{told}");
    let lines = told["statement"]["lines"].as_array().unwrap();
    let how: Vec<&str> = lines.iter().map(|line| line["settled"].as_str().unwrap()).collect();
    assert_eq!(how, ["CLEARED", "CLEARED", "NOTED", "VOUCHER"]);
    assert_eq!(lines[3]["matches"][0]["voucherNumber"], *number);
    assert!(lines[0]["clearedBy"].as_str().unwrap().ends_with("/s2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_is_asked_and_a_book_ends_its_year() {
    let house = House::new().await;
    let batches = house
        .ask(CLERK, "{ batches(first: 1, where: { bank: \"BOC\" }) { edges { node { id lines(first: 1) { edges { node { id } } } } } } }")
        .await;
    let batch = all(&batches, "id")[0].to_owned();
    let asked = json!({ "batchId": batch, "answer": "UNKNOWN" });
    let told = house.tell(CASHIER, "batchQuery", asked, "batch { acts { act actor } }").await;
    assert_eq!(told["errors"], json!([]), "{told}");
    assert!(all(&told["batch"], "act").contains(&"QUERIED"), "{told}");
    let late = json!({
        "batchId": batch, "sequence": 99_999, "reason": "ACCOUNT_CLOSED", "reference": "TZ-1",
    });
    assert_ne!(house.refused(CASHIER, "batchReturnLate", late).await, "carried out");
    let balances = json!([
        { "account": "T1004", "debit": "50.00" }, { "account": "T2101", "credit": "50.00" },
    ]);
    let open = json!({
        "fund": "employment-subsidy", "area": "320600", "agency": "320600-SI", "year": 2031,
        "balances": balances,
    });
    let told = house
        .done(
            CASHIER,
            "bookOpenOn",
            open,
            "book { id cash openingEntries { account debit credit } }",
        )
        .await;
    assert_eq!(told["book"]["cash"], json!("50.00"));
    let id = &told["book"]["id"];
    let back = json!({ "bookId": id, "amount": "20.00", "reference": "TH-1" });
    house.tell(CASHIER, "bookReturnRemainder", back, "book { cash }").await;
    let own = book(&house).await;
    let back = json!({ "bookId": own["id"], "amount": "1.00", "reference": "TH-2" });
    let refused = house.refused(CASHIER, "bookReturnRemainder", back).await;
    assert_eq!(refused, "REMAINDER_OF_INSURANCE_FUND");
    let remit = json!({
        "bookId": own["id"], "deduction": "none", "amount": "1.00", "reference": "ZF-1",
    });
    assert_eq!(house.refused(CASHIER, "bookRemitDeduction", remit).await, "DEDUCTION_NOT_KEPT");
    let input = json!({ "bookId": id });
    let carried = "next { year cash carriedFromId openingEntries { account debit credit } closedItems { itemCode } }";
    let told = house.done(CASHIER, "bookCloseYear", input.clone(), carried).await;
    assert_eq!(told["next"]["year"], json!(2032));
    assert_eq!(told["next"]["carriedFromId"], *id);
    assert!(!told["next"]["openingEntries"].as_array().unwrap().is_empty());
    assert_ne!(house.refused(CASHIER, "bookCloseYear", input).await, "carried out");
    let quality = house
        .ask(
            CLERK,
            "{ bankQuality(from: \"2026-01\", to: \"2026-01\") { bank files lineCount paidLines returnedLines \
             unknownLines returnRate daysToReply longestDaysToReply queries } promptness(from: \"2026-01\", \
             to: \"2026-01\") { itemCode dueLines promptLines lateLines rate } }",
        )
        .await;
    let banks = quality["bankQuality"].as_array().unwrap();
    assert!(banks.iter().any(|bank| bank["bank"] == "BOC" && bank["queries"] == 1), "{banks:?}");
    for bank in banks {
        let of = |key: &str| bank[key].as_i64().unwrap();
        assert_eq!(of("lineCount"), of("paidLines") + of("returnedLines") + of("unknownLines"));
    }
    let prompt = quality["promptness"].as_array().unwrap();
    let a1 = prompt.iter().find(|row| row["itemCode"] == "A1").unwrap();
    assert!(a1["rate"].is_string() && a1["dueLines"] != json!("0"), "{a1}");
}
