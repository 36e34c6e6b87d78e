//! Rules as their pages teach them: tried, published, and worked with; what people say against them.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::house::{CLERK, House, Who, all};
use crate::notices::{case, case_of, nodes, observe, payee, step};

const HANDLER: Who<'static> = &[("x-renshe-actor", "demo.handler")];
const TAGS: &str = include_str!("../../docs/tags.md");
const WARNINGS: &str = include_str!("../../docs/warnings.md");

/// The fenced blocks of a page in one language.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let open = format!("```{language}\n");
    let parts = page.split(open.as_str()).skip(1);
    parts.map(|part| part.split("```").next().expect("a block ends")).collect()
}

async fn asked(house: &House, document: &str, variables: Value) -> Value {
    let answer = house.answer(CLERK, document, variables).await;
    assert!(answer.get("errors").is_none(), "{document}\n{answer:#}");
    answer["data"].clone()
}

async fn published(house: &House, text: &str) {
    let publish = json!({
        "fileName": "page.toml", "text": text, "holdsFrom": "2026-02-01", "approver": "demo.chief",
    });
    house.done(CLERK, "definitionPublish", publish, "").await;
    house.node.caught_up().await.unwrap();
}

async fn tag(house: &House, person: &str, tag: &str, on: &str) -> Option<Value> {
    let document = format!(
        "{{ tags(kind: PERSON, subject: \"{person}\", times: {{ validOn: \"{on}\" }}) \
         {{ tag value byHand validFrom validTo evidence {{ name value eventId }} }} }}"
    );
    house.node.caught_up().await.unwrap();
    let tags = house.ask(CLERK, &document).await["tags"].as_array().unwrap().clone();
    tags.into_iter().find(|one| one["tag"] == json!(tag))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_on_tags_is_followed() {
    let house = House::new().await;
    let (person, _) = payee(&house).await;
    let text = blocks(TAGS, "toml")[0];
    let [first, second, third] = blocks(TAGS, "graphql")[..] else { panic!("three documents") };

    let tried = asked(&house, first, json!({ "draft": text })).await["tagSimulation"].clone();
    // Nobody has two returns in this city, and the others are counted.
    let counts = tried["counts"].as_array().unwrap();
    assert!(!counts.iter().any(|count| count["value"] == json!("true")), "{tried}");
    let unset = counts.iter().find(|count| count["value"] == json!("false"));
    assert!(unset.is_some_and(|count| count["subjects"].is_string()), "{tried}");
    let faulty = text.replace("returns >= 2", "dragons >= 2");
    let answer = house.answer(CLERK, first, json!({ "draft": faulty })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], json!("BAD_INPUT"));

    published(&house, text).await;
    observe(&house, ("person", &person), "returns", "3").await;
    let looked = asked(&house, second, json!({ "person": person })).await;
    let held: Vec<&str> = all(&looked["subjects"], "subject");
    assert_eq!(held, [person.as_str()]);
    assert!(all(&looked["tagCatalogue"], "id").contains(&"two-returns"));
    let few = looked["tagCatalogue"].as_array().unwrap().iter();
    let few = few.clone().find(|tag| tag["id"] == json!("two-returns")).unwrap();
    assert_eq!(few["counts"], json!([{ "value": "true", "subjects": null }]));
    let moves = asked(&house, third, Value::Null).await["segmentMoves"].clone();
    assert_eq!(moves, json!([{ "subject": person, "entered": true }]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_that_asks_is_told_on_its_working_day() {
    let house = House::new().await;
    let text = blocks(TAGS, "toml")[1];
    let draft = "query Try($draft: String!) { tagSimulation(tag: \"bank-weak-month\", draft: $draft) \
                 { on counts { value subjects } } }";
    let tried = asked(&house, draft, json!({ "draft": text })).await["tagSimulation"].clone();
    assert!(!tried["counts"].as_array().unwrap().is_empty(), "{tried}");
    published(&house, text).await;
    // What the indicator says of January, bank by bank.
    let rates = "{ indicator(code: \"return-rate\", period: \"2026-01\", by: [\"bank\"]) \
                 { cells { groups { value } figure { value } } } }";
    let rates = house.ask(CLERK, rates).await["indicator"]["cells"].clone();
    let rates: Vec<(String, i64)> = rates
        .as_array()
        .unwrap()
        .iter()
        .map(|cell| {
            let rate = cell["figure"]["value"].as_str().unwrap().parse::<i64>().unwrap();
            (cell["groups"][0]["value"].as_str().unwrap().to_owned(), rate)
        })
        .collect();
    assert!(rates.iter().any(|(_, rate)| *rate >= 1), "{rates:?}");
    let of = async |bank: &str| {
        let document = format!(
            "{{ tags(kind: BANK, subject: \"{bank}\") {{ tag value validFrom \
             evidence {{ name value source eventId }} }} }}"
        );
        house.node.caught_up().await.unwrap();
        let tags = house.ask(CLERK, &document).await["tags"].as_array().unwrap().clone();
        tags.into_iter().find(|one| one["tag"] == json!("bank-weak-month"))
    };
    let opened = async |day: &str| {
        commands::day::open_days(&house.node.executor, day.parse().unwrap()).await.unwrap();
        house.node.processes().settle().await.unwrap();
    };
    opened("2026-02-03").await;
    assert_eq!(of(&rates[0].0).await, None, "it is not due yet");
    opened("2026-02-04").await;
    for (bank, rate) in &rates {
        let Some(tag) = of(bank).await else {
            assert!(*rate < 1, "{bank} gave back {rate}");
            continue;
        };
        assert_eq!((&tag["value"], &tag["validFrom"]), (&json!("true"), &json!("2026-02-04")));
        let evidence = &tag["evidence"][0];
        assert_eq!(evidence["value"], json!(rate.to_string()));
        assert_eq!(evidence["source"], json!("tag.query-ran.v1"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_set_by_hand_stands_in_its_days_and_the_rule_beside_it() {
    let house = House::new().await;
    let (person, _) = payee(&house).await;
    let of = json!({ "kind": "PERSON", "subject": person, "tag": "shared-phone" });
    let set = |value: &str, approver: &str, until: &str| {
        json!({
            "of": of, "value": value, "reason": "本人说明系家庭共用", "approver": approver,
            "until": until,
        })
    };
    observe(&house, ("person", &person), "phone_sharers", "7").await;
    for (wrong, rule) in [
        (set("many", "demo.chief", "2026-02-10"), "TAG_VALUE_UNREADABLE"),
        (set("false", "demo.clerk", "2026-02-10"), "TAG_OVERRIDE_BY_HIMSELF"),
        (set("false", "demo.chief", "2026-02-02"), "TAG_OVERRIDE_ENDLESS"),
    ] {
        assert_eq!(house.refused(CLERK, "tagOverride", wrong).await, rule);
    }
    let mut unknown = set("false", "demo.chief", "2026-02-10");
    unknown["of"]["tag"] = json!("dragon");
    assert_eq!(house.refused(CLERK, "tagOverride", unknown).await, "TAG_UNKNOWN");

    house.done(CLERK, "tagOverride", set("false", "demo.chief", "2026-02-10"), "").await;
    let standing = tag(&house, &person, "shared-phone", "2026-02-10").await.unwrap();
    assert_eq!((&standing["value"], &standing["byHand"]), (&json!("false"), &json!(true)));
    let evidence = standing["evidence"].as_array().unwrap();
    let said = |name: &str| evidence.iter().find(|one| one["name"] == json!(name)).unwrap();
    assert!(said("override")["eventId"].is_string());
    assert_eq!(said("computed")["value"], json!("true"));
    let after = tag(&house, &person, "shared-phone", "2026-02-11").await.unwrap();
    assert_eq!((&after["value"], &after["byHand"]), (&json!("true"), &json!(false)));

    house.done(CLERK, "tagOverrideEnd", json!({ "of": of }), "").await;
    let ended = tag(&house, &person, "shared-phone", "2026-02-10").await.unwrap();
    assert_eq!((&ended["value"], &ended["byHand"]), (&json!("true"), &json!(false)));
    let again = house.refused(CLERK, "tagOverrideEnd", json!({ "of": of })).await;
    assert_eq!(again, "TAG_NOT_OVERRIDDEN");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_objection_is_answered_once() {
    let house = House::new().await;
    let (person, _) = payee(&house).await;
    let of = json!({ "kind": "PERSON", "subject": person, "tag": "payee" });
    let dispute = json!({ "of": of, "reason": "本人未领取" });
    house.done(CLERK, "tagDispute", dispute.clone(), "").await;
    assert_eq!(house.refused(CLERK, "tagDispute", dispute).await, "TAG_ALREADY_DISPUTED");
    let open = "{ tagDisputes(where: { open: true }, first: 9) { totalCount edges { node { subject \
                tag reason disputedBy upheld answer } } } }";
    house.node.caught_up().await.unwrap();
    let listed = house.ask(CLERK, open).await["tagDisputes"].clone();
    assert_eq!(nodes(&listed)[0]["reason"], json!("本人未领取"));
    let answer = json!({ "of": of, "upheld": false, "answer": "银行回单已核对" });
    house.done(HANDLER, "tagDisputeAnswer", answer.clone(), "").await;
    assert_eq!(house.refused(CLERK, "tagDisputeAnswer", answer).await, "TAG_NOT_DISPUTED");
    house.node.caught_up().await.unwrap();
    assert_eq!(house.ask(CLERK, open).await["tagDisputes"]["totalCount"], json!("0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_segment_keeps_its_members() {
    let house = House::new().await;
    let freeze = |id: u128, value: &str, purpose: &str| {
        json!({
            "snapshot": Uuid::from_u128(id).to_string(), "segment": "payee", "value": value,
            "validOn": "2026-02-03", "purpose": purpose,
        })
    };
    let shown = "snapshot { segment members fileId version }";
    let held = "{ subjects(tag: \"payee\", value: \"true\", asOf: { validOn: \"2026-02-03\" }, first: 1) \
                { totalCount } }";
    let held = house.ask(CLERK, held).await["subjects"]["totalCount"].clone();
    let done = house.done(CLERK, "segmentFreeze", freeze(71, "true", "走访"), shown).await;
    assert_eq!((&done["snapshot"]["members"], &done["snapshot"]["version"]), (&held, &json!(1)));
    let again = house.refused(CLERK, "segmentFreeze", freeze(71, "true", "走访")).await;
    assert_eq!(again, "SEGMENT_ALREADY_FROZEN");
    let nobody = house.refused(CLERK, "segmentFreeze", freeze(72, "dragon", "走访")).await;
    assert_eq!(nobody, "SEGMENT_EMPTY");
    let listed =
        "{ segmentSnapshots(segment: \"payee\", first: 9) { edges { node { purpose fileId } } } }";
    let listed = nodes(&house.ask(CLERK, listed).await["segmentSnapshots"]);
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["fileId"], done["snapshot"]["fileId"]);
    let elsewhere = [("x-renshe-actor", "demo.other"), ("x-renshe-divisions", "320602")];
    let none = "{ segmentSnapshots(first: 9) { totalCount } }";
    assert_eq!(house.ask(&elsewhere, none).await["segmentSnapshots"]["totalCount"], json!("0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_on_warnings_is_followed() {
    let house = House::new().await;
    let (person, _) = payee(&house).await;
    let text = blocks(WARNINGS, "toml")[0].replace("limit = 200", "limit = 0");
    let [backtest, look, _live] = blocks(WARNINGS, "graphql")[..] else {
        panic!("three documents")
    };
    observe(&house, ("person", &person), "holds", "5").await;

    let tried = asked(&house, backtest, json!({ "draft": text })).await["warningBacktest"].clone();
    assert_eq!((&tried["warnings"], &tried["subjects"]), (&json!("1"), &json!("1")));
    assert_eq!((&tried["limit"], &tried["overLimit"]), (&json!(0), &json!(true)));
    assert_eq!(
        tried["months"],
        json!([{ "month": "2026-02", "level": "YELLOW", "warnings": "1" }])
    );
    let case = &tried["cases"][0];
    assert_eq!((&case["subject"], &case["level"]), (&json!(person), &json!("YELLOW")));
    assert_eq!((&case["value"], &case["threshold"]), (&json!("5"), &json!("4")));

    published(&house, &text).await;
    let raised = |seen: Value| nodes(&seen["warnings"]).len();
    let mine =
        "{ warnings(where: { rule: \"held-often\" }, first: 9) { edges { node { level } } } }";
    observe(&house, ("person", &person), "holds", "6").await;
    assert_eq!(raised(house.ask(CLERK, mine).await), 0, "not tried yet");
    let record = |accept: bool| json!({ "rule": "held-often", "accept": accept });
    let over = house.refused(CLERK, "warningRuleTry", record(false)).await;
    assert_eq!(over, "WARNING_TRIAL_OVER_LIMIT");
    house.done(CLERK, "warningRuleTry", record(true), "").await;
    observe(&house, ("person", &person), "holds", "7").await;
    assert_eq!(raised(house.ask(CLERK, mine).await), 1);

    let seen = asked(&house, look, Value::Null).await;
    let figures = &seen["warningFigures"];
    assert!(all(&figures["rules"], "rule").contains(&"held-often"), "{figures}");
    assert!(all(&figures["trend"], "channel").contains(&"AUTOMATIC"), "{figures}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmed_warning_finds_its_handler_and_he_is_told() {
    let house = House::new().await;
    let (person, county) = payee(&house).await;
    let fact = ("phone_sharers", "7");
    let id = case_of(&house, ("person", &person), fact, "shared-phone").await;
    let of = json!({ "warningId": id });
    assert_eq!(step(&house, CLERK, "warningConfirm", of.clone()).await, "done");
    house.node.caught_up().await.unwrap();
    house.node.processes().settle().await.unwrap();
    let dispatched = case(&house, &id).await;
    assert_eq!(dispatched["stage"], json!("DISPATCHED"));
    assert_eq!(dispatched["assignedRole"], json!("town-clerk"));
    let messages = format!(
        "{{ warningMessages(where: {{ warning: \"{id}\", seen: false }}, first: 9) {{ totalCount edges \
         {{ node {{ message role division notice through text }} }} }} }}"
    );
    let told = nodes(&house.ask(CLERK, &messages).await["warningMessages"]);
    let [told] = told.as_slice() else { panic!("one message: {told:?}") };
    let said = ["role", "division", "notice", "through"].map(|key| &told[key]);
    assert_eq!(json!(said), json!(["town-clerk", county, "DISPATCHED", "MOBILE"]));
    let message = told["message"].as_str().unwrap();
    let kept = house.node.dir.join("messages/mobile").join(format!("{message}.json"));
    let kept: Value = serde_json::from_slice(&std::fs::read(kept).unwrap()).unwrap();
    assert_eq!(kept["sent"]["text"], told["text"]);
    house.done(HANDLER, "warningMessageSee", json!({ "message": message }), "").await;
    let again = house.refused(HANDLER, "warningMessageSee", json!({ "message": message })).await;
    assert_eq!(again, "WARNING_MESSAGE_SEEN");
    house.node.caught_up().await.unwrap();
    let unseen = house.ask(CLERK, &messages).await["warningMessages"]["totalCount"].clone();
    assert_eq!(unseen, json!("0"));

    let to =
        json!({ "warningId": id, "role": "county-team", "division": county, "reason": "案情复杂" });
    assert_eq!(step(&house, CLERK, "warningReassign", to).await, "done");
    assert_eq!(case(&house, &id).await["assignedRole"], json!("county-team"));
}

#[tokio::test(flavor = "multi_thread")]
async fn clocks_are_stopped_resumed_and_extended_and_cases_merged() {
    let house = House::new().await;
    let fact = ("failures", "12");
    let id = case_of(&house, ("channel", "tax-exchange"), fact, "exchange-failures").await;
    let other = case_of(&house, ("channel", "bank-exchange"), fact, "exchange-failures").await;
    let of = json!({ "warningId": id });
    let text = json!({ "warningId": id, "text": "等待对方单位复函" });
    let extend = |by: i32, approver: &str| json!({ "warningId": id, "by": by, "approver": approver, "reason": "节假日" });
    let due = case(&house, &id).await["dueOn"].clone();
    for (name, input, said) in [
        ("warningClockResume", of.clone(), "WARNING_CLOCK_RUNNING"),
        ("warningClockStop", text.clone(), "done"),
        ("warningClockStop", text.clone(), "WARNING_CLOCK_STOPPED"),
        ("warningClockResume", of.clone(), "done"),
        ("warningClockExtend", extend(2, "demo.clerk"), "WARNING_EXTENSION_BY_HIMSELF"),
        ("warningClockExtend", extend(2, "demo.chief"), "done"),
    ] {
        assert_eq!(step(&house, CLERK, name, input).await, said, "{name}");
    }
    let longer = case(&house, &id).await["dueOn"].clone();
    assert!(longer.as_str() > due.as_str(), "{due} became {longer}");
    let merge = |into: &str| json!({ "warningId": id, "intoId": into });
    assert_eq!(step(&house, CLERK, "warningMerge", merge(&id)).await, "WARNING_MERGED_INTO_ITSELF");
    let level = |to: &str| json!({ "warningId": id, "to": to, "reason": "影响面扩大" });
    assert_eq!(step(&house, CLERK, "warningMoveLevel", level("RED")).await, "done");
    assert_eq!(case(&house, &id).await["level"], json!("RED"));
    assert_eq!(step(&house, CLERK, "warningMerge", merge(&other)).await, "done");
    assert_eq!(case(&house, &id).await["stage"], json!("MERGED"));

    let mute = json!({
        "suppression": Uuid::from_u128(51).to_string(), "rule": "exchange-failures", "subject": "*",
        "reason": "系统割接", "until": "2026-02-10",
    });
    house.done(CLERK, "warningMute", mute, "").await;
    let ends = json!({ "suppression": Uuid::from_u128(51).to_string() });
    house.done(CLERK, "warningUnmute", ends.clone(), "").await;
    assert_eq!(house.refused(CLERK, "warningUnmute", ends).await, "SUPPRESSION_OVER");
}
