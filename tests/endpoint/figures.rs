//! Figures of a paid month: asked, cut up, compared, explained, and put on screens.

use serde_json::{Value, json};

use crate::house::{CLERK, House, all};
use crate::live::Incoming;

/// Fen of a text with two decimals.
fn fen(text: &str) -> i64 {
    let (yuan, cents) = text.split_once('.').unwrap();
    assert_eq!(cents.len(), 2, "{text}");
    format!("{yuan}{cents}").parse().unwrap()
}

fn value(cell: &Value) -> i64 {
    fen(cell["figure"]["value"].as_str().unwrap())
}

async fn paid(house: &House, arguments: &str) -> Value {
    let document = format!(
        "{{ indicator(code: \"amount-paid\", {arguments}) {{ indicator {{ code unit }} period complete \
         position total {{ figure {{ value missing }} compared {{ value }} change {{ value missing \
         because {{ en }} }} }} cells {{ period groups {{ by value }} figure {{ value }} }} }} }}"
    );
    house.ask(CLERK, &document).await["indicator"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_indicator_is_found_by_its_words() {
    let house = House::new().await;
    let fields = "{ code name { zh en } live awaiting groupings }";
    let found = house
        .ask(CLERK, &format!("{{ indicators(search: \"amount paid\", live: true) {fields} }}"))
        .await;
    assert!(all(&found, "code").contains(&"amount-paid"), "{found}");
    assert!(found["indicators"].as_array().unwrap().iter().all(|one| one["live"] == json!(true)));
    let chinese = house.ask(CLERK, "{ indicators(search: \"实发金额\") { code } }").await;
    assert!(all(&chinese, "code").contains(&"amount-paid"), "{chinese}");
    let none = house.ask(CLERK, "{ indicators(search: \"amount dragon\") { code } }").await;
    assert_eq!(none["indicators"], json!([]));
    let every = house.ask(CLERK, "{ indicators { code } }").await;
    let waiting = house.ask(CLERK, "{ indicators(live: false) { code awaiting } }").await;
    let living = house.ask(CLERK, "{ indicators(live: true) { code } }").await;
    let count = |of: &Value| of["indicators"].as_array().unwrap().len();
    assert!(count(&waiting) > 0 && count(&living) > 0);
    assert_eq!(count(&every), count(&waiting) + count(&living));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_groups_and_steps_of_a_figure_add_up_to_it() {
    let house = House::new().await;
    let january = paid(&house, "period: \"2026-01\", by: [\"item\", \"bank\"]").await;
    assert_eq!(january["indicator"], json!({ "code": "amount-paid", "unit": "yuan" }));
    assert_eq!(january["complete"], json!(true));
    let total = value(&january["total"]);
    let cells = january["cells"].as_array().unwrap();
    assert!(total > 0 && cells.len() > 5, "{total} in {} cells", cells.len());
    assert_eq!(cells.iter().map(value).sum::<i64>(), total);
    assert_eq!(all(&cells[0], "by"), ["item", "bank"]);

    // The matrix goes by the month that is paid for, the figure by the pay day.
    let matrix = "{ matrix(from: \"2025-01\", to: \"2026-12\", by: [ITEM], measures: [PAID]) { total { \
                  paid { amount } } } }";
    let whole = value(&paid(&house, "period: \"2025-01-01..2027-12-31\"").await["total"]);
    assert_eq!(fen(all(&house.ask(CLERK, matrix).await["matrix"]["total"], "amount")[0]), whole);
    assert!(whole >= total, "{whole}");

    let item = cells[0]["groups"][0]["value"].as_str().unwrap();
    let only = paid(
        &house,
        &format!("period: \"2026-01\", filter: [{{ by: \"item\", is: [\"{item}\"] }}]"),
    )
    .await;
    let of_item = cells.iter().filter(|cell| cell["groups"][0]["value"] == json!(item));
    assert_eq!(value(&only["total"]), of_item.map(value).sum::<i64>());

    let quarter = paid(&house, "period: \"2026-Q1\", steps: MONTH").await;
    assert_eq!(quarter["complete"], json!(false));
    assert_eq!(value(&quarter["cells"][0]), total);
    assert_eq!(quarter["cells"][0]["period"], json!("2026-01"));
    let wrong =
        "{ indicator(code: \"amount-paid\", period: \"2026-01\", by: [\"dragon\"]) { period } }";
    assert_eq!(house.fault(CLERK, wrong).await, "BAD_INPUT");
    let nobody = "{ indicator(code: \"dragons\", period: \"2026-01\") { period } }";
    assert_eq!(house.fault(CLERK, nobody).await, "BAD_INPUT");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_figure_is_compared_with_the_period_before_and_with_what_was_known() {
    let house = House::new().await;
    let january = value(&paid(&house, "period: \"2026-01\"").await["total"]);
    let february =
        paid(&house, "period: \"2026-02\", compareWith: PREVIOUS").await["total"].clone();
    assert_eq!(fen(february["compared"]["value"].as_str().unwrap()), january);
    assert_eq!(value(&february), 0);
    assert_eq!(february["change"]["value"], json!("-10000"));
    let year = paid(&house, "period: \"2026-01\", compareWith: YEAR_BEFORE").await["total"].clone();
    assert_eq!(year["compared"]["value"], json!("0.00"));
    assert_eq!(year["change"]["value"], Value::Null);
    assert_eq!(year["change"]["missing"], json!("division-by-zero"));
    assert!(!all(&year["change"], "en")[0].is_empty());

    // Nothing was paid yet when the first event was all that was known.
    let first = house.ask(CLERK, "{ events(first: 1) { edges { node { position } } } }").await;
    let then = all(&first, "position")[0];
    let known = paid(&house, &format!("period: \"2026-01\", asOf: \"{then}\"")).await;
    assert_eq!(value(&known["total"]), 0);
    assert_eq!(known["position"], json!(then));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_parts_behind_a_figure_add_up_to_it_page_by_page() {
    let house = House::new().await;
    let figure = paid(&house, "period: \"2026-01\"").await["total"].clone();
    let (mut sum, mut events, mut pages, mut after) = (0, Vec::new(), 0, String::new());
    loop {
        let page = house
            .ask(
                CLERK,
                &format!(
                    "{{ explain(code: \"amount-paid\", period: \"2026-01\", first: 5{after}) {{ figure \
                     nextAfter indicators parts {{ eventId position firstDay lastDay facts part }} }} }}"
                ),
            )
            .await["explain"]
            .clone();
        assert_eq!(page["figure"], figure["figure"]["value"]);
        assert_eq!(page["indicators"], json!([]));
        let parts = page["parts"].as_array().unwrap();
        sum += parts.iter().map(|part| fen(part["part"].as_str().unwrap())).sum::<i64>();
        events.extend(all(&page["parts"], "eventId").into_iter().map(str::to_owned));
        assert!(all(&page["parts"], "firstDay").iter().all(|day| day.starts_with("2026-01")));
        pages += 1;
        match page["nextAfter"].as_str() {
            Some(next) => after = format!(", after: \"{next}\""),
            None => break,
        }
    }
    assert!(pages > 1, "{pages}");
    assert_eq!(sum, value(&figure));
    let parts = events.len();
    events.sort();
    events.dedup();
    assert_eq!(events.len(), parts);
    // Each of them is an event of the log.
    let event = format!("{{ event(id: \"{}\") {{ id stream }} }}", events[0]);
    assert_eq!(house.ask(CLERK, &event).await["event"]["id"], json!(events[0]));

    let rate =
        "{ explain(code: \"payment-rate\", period: \"2026-01\") { parts { part } indicators } }";
    let rate = house.ask(CLERK, rate).await["explain"].clone();
    assert_eq!(rate["parts"], json!([]));
    assert_eq!(rate["indicators"], json!(["amount-paid", "amount-due"]));
    let unknown = "{ explain(code: \"dragons\", period: \"2026-01\") { figure } }";
    assert_eq!(house.fault(CLERK, unknown).await, "BAD_INPUT");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_says_what_its_indicators_say() {
    let house = House::new().await;
    let named = house.ask(CLERK, "{ dashboards { code name { zh en } } }").await;
    let codes = all(&named, "code");
    assert!(codes.contains(&"card-funds") && codes.contains(&"warnings"), "{codes:?}");
    let panels = "day position panels { code chart awaiting answers { indicator { code } position \
                  period total { figure { value missing } } } }";
    for code in &codes {
        let screen = format!("{{ dashboard(code: \"{code}\") {{ {panels} }} }}");
        let screen = house.ask(CLERK, &screen).await["dashboard"].clone();
        // Without a day it is seen from the business day, and all figures stand at one position.
        assert_eq!(screen["day"], json!("2026-02-03"), "{code}");
        let positions = all(&screen, "position");
        assert!(positions.iter().all(|one| *one == positions[0]), "{code}");
        for panel in screen["panels"].as_array().unwrap() {
            let answers = panel["answers"].as_array().unwrap();
            assert_eq!(panel["awaiting"].is_string(), answers.is_empty(), "{code}: {panel}");
        }
    }
    let funds =
        format!("{{ dashboard(code: \"card-funds\", day: \"2026-01-31\") {{ {panels} }} }}");
    let funds = house.ask(CLERK, &funds).await["dashboard"].clone();
    let panel = funds["panels"].as_array().unwrap().iter().find(|one| one["code"] == json!("paid"));
    let answer = &panel.unwrap()["answers"][0];
    assert_eq!(answer["period"], json!("2026-01"));
    let january = paid(&house, "period: \"2026-01\"").await;
    assert_eq!(answer["total"]["figure"]["value"], january["total"]["figure"]["value"]);
    let none = house.ask(CLERK, "{ dashboard(code: \"dragons\") { code } }").await;
    assert_eq!(none["dashboard"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_figure_begins_with_what_it_is_and_moves_with_the_facts() {
    let house = House::new().await;
    let registered = "subscription { indicatorChanged(code: \"employers-registered\", period: \
                      \"2026-02\", by: [\"county\"]) { position total { figure { value } } cells { \
                      groups { value } figure { value } } } }";
    let mut live = Incoming::of(&house, registered).await;
    let asked = "{ indicator(code: \"employers-registered\", period: \"2026-02\") { total { figure { \
                 value } } } }";
    let first = live.next().await["data"]["indicatorChanged"].clone();
    let before = house.ask(CLERK, asked).await["indicator"]["total"].clone();
    assert_eq!(first["total"], before);
    let details = json!({ "name": "新设公司", "kind": "ENTERPRISE", "county": "320602" });
    let input = json!({ "purpose": "代缴", "details": details });
    house.done(CLERK, "employerRegisterVirtual", input, "").await;
    let next = live.next().await["data"]["indicatorChanged"].clone();
    let count = |of: &Value| all(&of["total"], "value")[0].parse::<i64>().unwrap();
    assert_eq!(count(&next), count(&first) + 1);
    assert_ne!(next["position"], first["position"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_about_a_figure_is_answered_by_whom_it_was_put_to() {
    const LEADER: crate::house::Who<'static> = &[("x-renshe-actor", "demo.leader")];
    let house = House::new().await;
    let note = |id: u128, kind: &str, to: Option<&str>, about: &str| {
        json!({
            "noteId": uuid::Uuid::from_u128(id).to_string(), "kind": kind, "of": "INDICATOR",
            "about": about, "period": "2026-01", "to": to, "text": "一月为何下降？",
        })
    };
    let shown = "note { id open to text }";
    let clerk = Some("demo.clerk");
    let asked = house.done(LEADER, "noteWrite", note(61, "QUESTION", clerk, "amount-paid"), shown);
    let id = asked.await["note"]["id"].clone();
    for (input, rule) in [
        (note(62, "INSTRUCTION", None, "amount-paid"), "NOTE_TO_NOBODY"),
        (note(62, "COMMENT", clerk, "amount-paid"), "NOTE_COMMENT_TO_SOMEBODY"),
        (note(62, "COMMENT", None, "dragons"), "DESK_UNKNOWN"),
    ] {
        assert_eq!(house.refused(LEADER, "noteWrite", input).await, rule);
    }
    house.node.caught_up().await.unwrap();
    let inbox = "{ notes(where: { to: \"demo.clerk\", open: true }, first: 9) { totalCount edges { node \
                 { id text writtenBy } } } }";
    let mine = house.ask(CLERK, inbox).await["notes"].clone();
    assert_eq!(all(&mine, "writtenBy"), ["demo.leader"]);
    let other: crate::house::Who<'_> = &[("x-renshe-actor", "demo.other")];
    assert_eq!(house.ask(other, inbox).await["notes"]["totalCount"], json!("0"));
    let answer = json!({ "noteId": id, "text": "补发在下月" });
    assert_eq!(house.refused(other, "noteAnswer", answer.clone()).await, "NOTE_NOT_TO_HIM");
    let answered = house.done(CLERK, "noteAnswer", answer, "note { open answer }").await;
    assert_eq!(answered["note"], json!({ "open": false, "answer": "补发在下月" }));
    let withdraw = house.refused(LEADER, "noteWithdraw", json!({ "noteId": id })).await;
    assert_eq!(withdraw, "NOTE_OVER");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_is_seen_as_its_reader_has_arranged_it() {
    let house = House::new().await;
    let screen = "{ dashboard(code: \"leader\") { panels { code size } } }";
    let defined = house.ask(CLERK, screen).await;
    let codes = all(&defined, "code");
    let (first, second, third) = (codes[0], codes[1], codes[2]);
    let panels = json!([
        { "panel": second, "size": "large" }, { "panel": first, "hidden": true },
    ]);
    let arrange = |panels: Value| json!({ "dashboard": "leader", "panels": panels });
    let wrong = json!([{ "panel": "dragon" }]);
    assert_eq!(house.refused(CLERK, "dashboardArrange", arrange(wrong)).await, "DESK_UNKNOWN");
    house.done(CLERK, "dashboardArrange", arrange(panels), "").await;
    house.node.caught_up().await.unwrap();
    let own = house.ask(CLERK, screen).await;
    assert_eq!(all(&own, "code")[..2], [second, third]);
    assert_eq!(all(&own, "size")[0], "large");
    let plain = "{ dashboard(code: \"leader\", asDefined: true) { panels { code size } } }";
    assert_eq!(all(&house.ask(CLERK, plain).await, "code"), codes);
    let other: crate::house::Who<'_> = &[("x-renshe-actor", "demo.other")];
    assert_eq!(all(&house.ask(other, screen).await, "code"), codes);
    house.done(CLERK, "dashboardArrange", json!({ "dashboard": "leader" }), "").await;
    house.node.caught_up().await.unwrap();
    assert_eq!(all(&house.ask(CLERK, screen).await, "code"), codes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_month_keeps_what_it_said_and_a_draft_is_compared() {
    let house = House::new().await;
    let frozen = paid(&house, "period: \"2026-01\", frozen: true").await;
    let now = paid(&house, "period: \"2026-01\"").await;
    assert!(frozen["position"] != now["position"], "January was closed before the end of the log");
    let open = "{ indicator(code: \"amount-paid\", period: \"2026-02\", frozen: true) { period } }";
    assert_eq!(house.fault(CLERK, open).await, "BAD_INPUT");
    let changes = "{ indicatorRestatements(code: \"amount-paid\", period: \"2026-01\", first: 100) { nextAfter \
                   restatements { position eventId before { value } after { value } } } }";
    let changes = house.ask(CLERK, changes).await["indicatorRestatements"].clone();
    let listed = changes["restatements"].as_array().unwrap();
    // Each change begins with what the one before it ended with, and the last says what is said now.
    for pair in listed.windows(2) {
        assert_eq!(pair[0]["after"], pair[1]["before"]);
    }
    if let (Some(first), Some(last)) = (listed.first(), listed.last()) {
        assert_eq!(first["before"]["value"], frozen["total"]["figure"]["value"]);
        assert_eq!(changes["nextAfter"], Value::Null, "all of it is on one page");
        assert_eq!(last["after"]["value"], now["total"]["figure"]["value"]);
    } else {
        assert_eq!(frozen["total"], now["total"]);
    }

    let draft = "[[indicator]]\nid = \"amount-paid\"\nname = { zh = \"实发\", en = \"Paid\" }\n\
                 question = { zh = \"实发多少？\", en = \"How much?\" }\nsource = \"[P]\"\nunit = \"yuan\"\n\
                 by = [\"county\", \"item\", \"class\", \"fund\", \"bank\", \"run\"]\nmeasure = { kind = \"sum\", of = \"pay-line\", number = \"amount\" }\n\
                 where = [{ dimension = \"step\", is = [\"planned\"] }]\n";
    let document = "query($draft: String!) { indicatorSimulation(code: \"amount-paid\", draft: $draft, \
                    period: \"2026-01\", steps: MONTH) { rows differ differences { period groups { by value } \
                    now { value } draft { value } } } }";
    let told = house.answer(CLERK, document, json!({ "draft": draft })).await;
    assert!(told.get("errors").is_none(), "{told}");
    let told = told["data"]["indicatorSimulation"].clone();
    let differ: u64 = told["differ"].as_str().unwrap().parse().unwrap();
    assert!(differ > 0, "{told}");
    let total = &told["differences"][0];
    assert_eq!((&total["period"], &total["groups"]), (&json!("2026-01"), &json!([])));
    assert_eq!(total["now"]["value"], now["total"]["figure"]["value"]);
}
