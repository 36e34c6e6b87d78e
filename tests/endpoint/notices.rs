//! Observed facts become tags and warnings, and people work on those until they are archived.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::house::{CLERK, House, Who, all};
use crate::live::Incoming;

const OTHER: Who<'static> = &[("x-renshe-actor", "demo.handler")];
const LIFE: &str = "id rule version channel class subjectKind subject division level stage open \
                    dueOn dueAt late assignedRole handled signals reopened raisedOn closedOn";

/// Somebody who is paid, by the id that facts name, and where he lives.
pub async fn payee(house: &House) -> (String, String) {
    let payees = "{ subjects(tag: \"payee\", value: \"true\", first: 1) { edges { node { subject county } } } }";
    let payees = house.ask(CLERK, payees).await;
    (all(&payees, "subject")[0].to_owned(), all(&payees, "county")[0].to_owned())
}

pub fn observation(kind: &str, subject: &str, fact: &str, value: &str) -> Value {
    json!({ "observations": [{
        "kind": kind.to_uppercase(), "subject": subject, "fact": fact, "from": "2026-02-03",
        "value": value,
        "source": "数据比对",
    }] })
}

/// Records a fact, and lets the rules of warnings notice it.
pub async fn observe(house: &House, (kind, subject): (&str, &str), fact: &str, value: &str) {
    house.done(CLERK, "observationRecord", observation(kind, subject, fact, value), "").await;
    let head = house.node.caught_up().await.unwrap();
    house.node.raiser().run_until(head).await.unwrap();
    house.node.caught_up().await.unwrap();
}

async fn of_rule(house: &House, who: Who<'_>, rule: &str) -> Vec<Value> {
    let document = format!(
        "{{ warnings(where: {{ rule: \"{rule}\" }}, first: 100) {{ edges {{ node {{ {LIFE} }} }} }} }}"
    );
    nodes(&house.ask(who, &document).await["warnings"])
}

/// What stands at the edges of a connection.
pub fn nodes(connection: &Value) -> Vec<Value> {
    let edges = connection["edges"].as_array().expect("a connection has edges");
    edges.iter().map(|edge| edge["node"].clone()).collect()
}

/// The case of a fact that is observed now.
pub async fn case_of(house: &House, of: (&str, &str), fact: (&str, &str), rule: &str) -> String {
    observe(house, of, fact.0, fact.1).await;
    let found = of_rule(house, CLERK, rule).await;
    let one = found.iter().find(|one| one["subject"] == json!(of.1));
    one.unwrap_or_else(|| panic!("no case of {rule}: {found:?}"))["id"].as_str().unwrap().to_owned()
}

pub async fn case(house: &House, id: &str) -> Value {
    house.node.caught_up().await.unwrap();
    house.ask(CLERK, &format!("{{ warning(id: \"{id}\") {{ {LIFE} }} }}")).await["warning"].clone()
}

/// What a step says: `done`, or the rule that refuses it.
pub async fn step(house: &House, who: Who<'_>, name: &str, input: Value) -> String {
    let own = format!("{}Input", name.replacen('w', "W", 1));
    let of = match name {
        "warningClockExtend" => "WarningExtendInput",
        "warningAccept" | "warningArchive" | "warningClockResume" => "WarningPlainInput",
        _ if input.get("text").is_some() && name != "warningFeedback" => "WarningTextInput",
        _ => own.as_str(),
    };
    let told = house.tell_shared(who, (name, of), input).await;
    match told["errors"][0]["rule"].as_str() {
        Some(rule) => rule.to_owned(),
        None => told["position"].as_str().map_or("nothing", |_| "done").to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_observed_fact_becomes_a_tag_with_its_evidence() {
    let house = House::new().await;
    let (person, county) = payee(&house).await;
    let catalogue = "{ tagCatalogue { id version counts { value subjects } } }";
    let in_force = house.ask(CLERK, catalogue).await;
    assert!(all(&in_force, "id").contains(&"shared-phone"), "{in_force}");
    let tags = format!(
        "{{ tags(kind: PERSON, subject: \"{person}\") {{ tag value county missing validFrom \
         evidence {{ name value source eventId }} }} }}"
    );
    let value_of = |tags: &Value, tag: &str| {
        let tags = tags["tags"].as_array().unwrap().clone();
        tags.into_iter().rfind(|one| one["tag"] == json!(tag)).unwrap_or_default()
    };
    let before = house.ask(CLERK, &tags).await;
    assert_eq!(value_of(&before, "payee")["value"], json!("true"));
    assert_ne!(value_of(&before, "shared-phone")["value"], json!("true"));
    let known = house.ask(CLERK, "{ events(last: 1) { edges { node { position } } } }").await;

    observe(&house, ("person", &person), "phone_sharers", "7").await;
    let after = value_of(&house.ask(CLERK, &tags).await, "shared-phone");
    assert_eq!((&after["value"], &after["county"]), (&json!("true"), &json!(county)));
    assert_eq!(after["validFrom"], json!("2026-02-03"));
    assert_eq!(after["evidence"][0]["name"], json!("phone_sharers"));
    assert_eq!(after["evidence"][0]["value"], json!("7"));
    assert!(after["evidence"][0]["eventId"].is_string(), "{after}");

    let who = "subjects(tag: \"shared-phone\", value: \"true\", first: 9";
    let found = "edges { node { subject } } totalCount";
    let now = house.ask(CLERK, &format!("{{ {who}) {{ {found} }} }}")).await;
    assert_eq!(now["subjects"]["totalCount"], json!("1"));
    assert_eq!(all(&now, "subject"), [person.as_str()]);
    let then = all(&known, "position")[0];
    let document = format!("{{ {who}, asOf: {{ knownAt: \"{then}\" }}) {{ {found} }} }}");
    assert_eq!(nodes(&house.ask(CLERK, &document).await["subjects"]), Vec::<Value>::new());
    let other = if county == "320602" { "320612" } else { "320602" };
    let elsewhere = [("x-renshe-actor", "demo.clerk"), ("x-renshe-divisions", other)];
    assert_eq!(house.ask(&elsewhere, &tags).await["tags"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_fact_is_not_recorded() {
    let house = House::new().await;
    let (person, _) = payee(&house).await;
    let refused = async |fact, value| {
        let input = observation("person", &person, fact, value);
        house.refused(CLERK, "observationRecord", input).await
    };
    assert_eq!(refused("dragons", "7").await, "FACT_UNKNOWN");
    assert_eq!(refused("phone_sharers", "many").await, "FACT_VALUE_UNREADABLE");
    let unknown = "{ subjects(tag: \"payee\", first: 101) { totalCount } }";
    assert_eq!(house.fault(CLERK, unknown).await, "BAD_INPUT");
    // One that does not fit takes the others with it.
    let mut both = observation("person", &person, "phone_sharers", "7");
    both["observations"].as_array_mut().unwrap().push(json!({
        "kind": "PERSON", "subject": person, "fact": "dragons", "from": "2026-02-03",
        "value": "1", "source": "数据比对",
    }));
    assert_eq!(house.refused(CLERK, "observationRecord", both).await, "FACT_UNKNOWN");
    house.node.caught_up().await.unwrap();
    let sharing = "{ subjects(tag: \"shared-phone\", value: \"true\", first: 9) { totalCount } }";
    assert_eq!(house.ask(CLERK, sharing).await["subjects"]["totalCount"], json!("0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_warning_is_worked_through_its_life() {
    let house = House::new().await;
    let (person, county) = payee(&house).await;
    let live = "subscription { warningChanged(where: { rule: \"shared-phone\" }) { position warnings { \
                id stage } } }";
    let mut live = Incoming::of(&house, live).await;
    assert_eq!(live.next().await["data"]["warningChanged"]["warnings"], json!([]));
    let fact = ("phone_sharers", "7");
    let id = case_of(&house, ("person", &person), fact, "shared-phone").await;
    let appeared = live.next().await["data"]["warningChanged"]["warnings"].clone();
    assert_eq!(appeared, json!([{ "id": id, "stage": "RAISED" }]));
    drop(live);
    let raised = case(&house, &id).await;
    let said = ["level", "stage", "channel", "division", "subjectKind"].map(|key| &raised[key]);
    assert_eq!(json!(said), json!(["YELLOW", "RAISED", "AUTOMATIC", county, "PERSON"]));
    assert_eq!((&raised["open"], &raised["signals"]), (&json!(true), &json!(1)));
    // Three working days to review it.
    assert_eq!(raised["dueOn"], json!("2026-02-06"));
    let counts =
        "{ warningCounts(by: RULE, where: { rule: \"shared-phone\" }) { group level warnings } }";
    let counts = house.ask(CLERK, counts).await["warningCounts"].clone();
    assert_eq!(counts, json!([{ "group": "shared-phone", "level": "YELLOW", "warnings": "1" }]));

    let of = json!({ "warningId": id });
    let text = |text: &str| json!({ "warningId": id, "text": text });
    let to = |role: &str| json!({ "warningId": id, "role": role, "division": county });
    let how = |how: &str| json!({ "warningId": id, "how": how.to_uppercase(), "note": "已上门" });
    let release = |reason: &str| json!({ "warningIds": [id], "reason": reason });
    let feedback = json!({ "warningId": id, "text": "已更正手机号", "done": true });
    let not_now = "WARNING_NOT_IN_THIS_STAGE";
    for (name, input, said, stage) in [
        ("warningDispatch", to("town-clerk"), not_now, "raised"),
        ("warningConfirm", of.clone(), "done", "confirmed"),
        ("warningDispatch", to(" "), "WARNING_DISPATCHED_TO_NOBODY", "confirmed"),
        ("warningDispatch", to("county-team"), "done", "dispatched"),
        ("warningReturnDispatch", text(" "), "WARNING_REASON_MISSING", "dispatched"),
        ("warningReturnDispatch", text("不属本岗位"), "done", "confirmed"),
        ("warningDispatch", to("town-clerk"), "done", "dispatched"),
        ("warningAccept", of.clone(), "done", "accepted"),
        ("warningHandle", how("patrol"), not_now, "accepted"),
        ("warningVerify", text("五人共用一号"), "done", "verified"),
        ("warningHandle", how("patrol"), "done", "handled"),
        ("warningRelease", release("已办结"), not_now, "handled"),
        ("warningFeedback", feedback, "done", "fed_back"),
        ("warningRelease", release(" "), "WARNING_REASON_MISSING", "fed_back"),
        ("warningRelease", release("已办结"), "done", "released"),
        ("warningUndoRelease", text("误操作"), "done", "fed_back"),
        ("warningArchive", of.clone(), not_now, "fed_back"),
        ("warningRelease", release("已办结"), "done", "released"),
        ("warningArchive", of.clone(), "done", "archived"),
        ("warningObject", text("有异议"), "WARNING_CLOSED", "archived"),
    ] {
        assert_eq!(step(&house, CLERK, name, input).await, said, "{name} before {stage}");
        assert_eq!(case(&house, &id).await["stage"], json!(stage.to_uppercase()), "{name}");
    }
    let archived = case(&house, &id).await;
    assert_eq!(archived["handled"], json!(["PATROL"]));
    assert_eq!(archived["assignedRole"], json!("town-clerk"));
    assert_eq!((&archived["open"], &archived["closedOn"]), (&json!(false), &json!("2026-02-03")));
    let steps = format!("{{ warning(id: \"{id}\") {{ steps {{ what by on eventId }} }} }}");
    let steps = house.ask(CLERK, &steps).await["warning"]["steps"].clone();
    let life = "raised confirmed dispatched dispatch-returned dispatched accepted site-verified handled \
                feedback-given released release-undone released archived";
    let life: Vec<String> =
        life.split_whitespace().map(|what| format!("warning.{what}.v1")).collect();
    assert_eq!(all(&steps, "what"), life);
    assert_eq!(steps[0]["by"], json!("process:warnings"));
    assert!(steps.as_array().unwrap()[1..].iter().all(|step| step["by"] == json!("demo.clerk")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_warning_is_reopened_upon_an_objection() {
    let house = House::new().await;
    let fact = ("failures", "4");
    let id = case_of(&house, ("channel", "tax-exchange"), fact, "exchange-failures").await;
    let text = |text: &str| json!({ "warningId": id, "text": text });
    assert_eq!(case(&house, &id).await["level"], json!("NOTICE"));
    let said = step(&house, CLERK, "warningLift", text("误报")).await;
    assert_eq!(said, "WARNING_NOT_ENTERED");
    let said = step(&house, CLERK, "warningPreFile", text("AJ-1")).await;
    assert_eq!(said, "WARNING_NOT_IN_THIS_STAGE");
    assert_eq!(step(&house, CLERK, "warningReject", text("")).await, "WARNING_REASON_MISSING");
    assert_eq!(step(&house, CLERK, "warningReject", text("系统升级")).await, "done");
    let rejected = case(&house, &id).await;
    assert_eq!((&rejected["stage"], &rejected["open"]), (&json!("REJECTED"), &json!(false)));
    assert_eq!(step(&house, CLERK, "warningObject", text("实为中断")).await, "done");
    let reopened = case(&house, &id).await;
    assert_eq!((&reopened["open"], &reopened["reopened"]), (&json!(true), &json!(1)));
    // A notice is released by whoever reviews it, and only he takes that back.
    let release = json!({ "warningIds": [id], "reason": "已恢复" });
    assert_eq!(step(&house, CLERK, "warningRelease", release).await, "done");
    let said = step(&house, OTHER, "warningUndoRelease", text("误操作")).await;
    assert_eq!(said, "WARNING_NOT_ITS_RELEASER");

    let nobody = Uuid::from_u128(8);
    let unknown = json!({ "warningId": nobody.to_string(), "text": "x" });
    assert_eq!(step(&house, CLERK, "warningVerify", unknown).await, "WARNING_UNKNOWN");
    let none = house.ask(CLERK, &format!("{{ warning(id: \"{nobody}\") {{ id }} }}")).await;
    assert_eq!(none["warning"], Value::Null);
    assert_eq!(house.fault(CLERK, "{ warning(id: \"dragon\") { id } }").await, "BAD_INPUT");
    let elsewhere = [("x-renshe-actor", "demo.clerk"), ("x-renshe-divisions", "320602")];
    assert!(of_rule(&house, &elsewhere, "exchange-failures").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entered_warning_is_lifted_by_him_or_handed_to_the_inspectors() {
    let house = House::new().await;
    let enter = |number: u128, channel: &str, about: &str, content: &str| {
        json!({
            "warningId": Uuid::from_u128(number).to_string(), "channel": channel,
            "rule": "wage-arrears", "level": "RED", "subjectKind": "EMPLOYER", "subject": about,
            "division": "320602", "content": content,
        })
    };
    for (number, about) in [(91, "E-1"), (92, "E-2")] {
        let entered = enter(number, "GRID", about, "工人反映欠薪");
        assert_eq!(step(&house, CLERK, "warningEnter", entered).await, "done");
    }
    let again = enter(91, "GRID", "E-1", "工人反映欠薪");
    assert_eq!(step(&house, CLERK, "warningEnter", again).await, "WARNING_ALREADY_RAISED");
    let empty = enter(93, "COMPLAINT", "E-3", " ");
    assert_eq!(step(&house, CLERK, "warningEnter", empty).await, "WARNING_REASON_MISSING");
    house.node.caught_up().await.unwrap();
    let listed = "{ warnings(where: { channel: [GRID], level: [RED], open: true }, first: 9) \
                  { edges { node { id class } } } }";
    let listed = house.ask(CLERK, listed).await;
    let ids: Vec<String> = all(&listed, "id").iter().map(|id| (*id).to_owned()).collect();
    let [lifted, filed] = ids.as_slice() else { panic!("two were entered: {listed}") };
    assert_eq!(all(&listed, "class"), ["wage-arrears"; 2]);
    // Two hours to review a red one.
    assert_eq!(case(&house, filed).await["dueAt"], json!("2026-02-03T11:00:00.000000+08:00"));
    let text = |id: &String, text: &str| json!({ "warningId": id, "text": text });
    let said = step(&house, OTHER, "warningLift", text(lifted, "误报")).await;
    assert_eq!(said, "WARNING_NOT_ITS_INITIATOR");
    assert_eq!(step(&house, CLERK, "warningLift", text(lifted, "误报")).await, "done");
    assert_eq!(case(&house, lifted).await["stage"], json!("LIFTED"));

    let confirm = json!({ "warningId": filed, "complaint": "TS-1" });
    assert_eq!(step(&house, CLERK, "warningConfirm", confirm).await, "done");
    let to = json!({ "warningId": filed, "role": "city-team", "person": "demo.handler" });
    assert_eq!(step(&house, CLERK, "warningDispatch", to).await, "done");
    let accept = json!({ "warningId": filed });
    assert_eq!(step(&house, OTHER, "warningAccept", accept).await, "done");
    assert_eq!(step(&house, OTHER, "warningVerify", text(filed, "属实")).await, "done");
    assert_eq!(step(&house, OTHER, "warningPreFile", text(filed, "AJ-1")).await, "done");
    assert_eq!(case(&house, filed).await["stage"], json!("PRE_FILED"));
    // Of two that are released together, one that is closed keeps the other open.
    let both = json!({ "warningIds": [filed, lifted], "reason": "已立案" });
    assert_eq!(step(&house, CLERK, "warningRelease", both).await, "WARNING_CLOSED");
    assert_eq!(case(&house, filed).await["stage"], json!("PRE_FILED"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_muted_rule_raises_nothing() {
    let house = House::new().await;
    let (person, _) = payee(&house).await;
    let mute = |until: &str| {
        json!({
            "suppression": Uuid::from_u128(41).to_string(), "rule": "shared-phone",
            "subject": person, "reason": "号码核查中", "until": until,
        })
    };
    let endless = house.refused(CLERK, "warningMute", mute("2026-02-02")).await;
    assert_eq!(endless, "SUPPRESSION_ENDLESS");
    house.done(CLERK, "warningMute", mute("2026-02-10"), "").await;
    let again = house.refused(CLERK, "warningMute", mute("2026-02-10")).await;
    assert_eq!(again, "SUPPRESSION_STANDING");
    observe(&house, ("person", &person), "phone_sharers", "7").await;
    assert!(of_rule(&house, CLERK, "shared-phone").await.is_empty());
    // The tag is there all the same, and a rule that is not muted still raises.
    let sharing = "{ subjects(tag: \"shared-phone\", value: \"true\", last: 9) { edges { node { subject } } } }";
    assert_eq!(all(&house.ask(CLERK, sharing).await, "subject"), [person.as_str()]);
    let fact = ("failures", "12");
    let id = case_of(&house, ("channel", "tax-exchange"), fact, "exchange-failures").await;
    assert_eq!(case(&house, &id).await["level"], json!("YELLOW"));
}

#[tokio::test(flavor = "multi_thread")]
async fn warnings_and_those_whom_a_tag_names_leave_as_tables() {
    let house = House::new().await;
    let payees =
        "{ subjects(tag: \"payee\", value: \"true\", first: 2) { edges { node { subject } } } }";
    let payees = house.ask(CLERK, payees).await;
    for person in all(&payees, "subject") {
        observe(&house, ("person", person), "phone_sharers", "7").await;
    }
    let table = async |list: &str, of: (&str, &str)| {
        let mut input = json!({ "list": list, "format": "CSV" });
        input[of.0] = json!(of.1);
        let made = house.done(CLERK, "exportMake", input, "rows link { path }").await;
        let (_, bytes) = house.get(made["link"]["path"].as_str().unwrap(), CLERK).await;
        let text = String::from_utf8(bytes).unwrap();
        let rows: Vec<String> = text.lines().skip(1).map(str::to_owned).collect();
        assert_eq!(made["rows"], json!(rows.len().to_string()), "{text}");
        rows
    };
    let raised = of_rule(&house, CLERK, "shared-phone").await;
    let rows = table("warnings", ("rule", "shared-phone")).await;
    assert_eq!((rows.len(), raised.len()), (2, 2), "{rows:?}");
    for one in &raised {
        let said = [one["subject"].as_str().unwrap(), "shared-phone", "yellow"];
        assert!(rows.iter().any(|row| said.iter().all(|word| row.contains(word))), "{rows:?}");
    }
    assert!(table("warnings", ("rule", "nobody's")).await.is_empty());
    let sharing = table("tag-subjects", ("tag", "shared-phone")).await;
    assert_eq!(sharing.len(), 2);
    assert!(sharing.iter().all(|row| row.starts_with("shared-phone,person,")), "{sharing:?}");
    let input = json!({ "list": "warnings", "format": "XLSX", "tag": "payee" });
    assert_eq!(house.refused(CLERK, "exportMake", input).await, "EXPORT_NOT_NARROWED");
}
