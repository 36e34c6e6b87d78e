//! Heirs, deductions and comparisons, from the command line.

use benefits::grant::ComponentAmount;
use commands::benefits::AdjustGrant;
use commands::disbursement::OpenRun;
use commands::registry::ConfirmDeath;
use registry::person::DeathSource;
use serde_json::Value;
use shared::{Component, Date, Money, RunType};

use crate::bureau::{Bureau, JANUARY, month};
use crate::cases::json;
use crate::place::Place;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_heir_is_named_by_two_persons_and_draws_what_was_due() {
    let (bureau, payees) = Bureau::with_payees("BOC", 3).await;
    bureau.submitted(month(JANUARY)).await;
    let [dead, heir, _] = payees.as_slice() else { panic!("{payees:?}") };
    bureau.report_death(dead).await;
    let confirm = ConfirmDeath {
        person: dead.person,
        died_on: Date::constant(2026, 1, 2),
        confirmed_on: None,
        source: DeathSource::CivilAffairs,
    };
    bureau.node.registry.confirm_death(&bureau.by("registrar"), &confirm).await.unwrap();
    bureau.node.processes().settle().await.unwrap();
    let (dead, other) = (dead.person.to_string(), heir.address.to_string());
    let (heir, own) = (heir.person.to_string(), payees[2].address.to_string());
    let place = bureau.leave();

    let open = json(&place, &["heirs", "list", "--unnamed"]);
    assert_eq!((open.len(), &open[0]["deceased"]), (1, &Value::from(dead.as_str())));
    assert_eq!((&open[0]["owed"], &open[0]["heir"]), (&Value::from("3123.45"), &Value::Null));
    let dues = json(&place, &["heirs", "show", &dead]);
    assert_eq!((dues.len(), &dues[0]["stage"]), (1, &Value::from("due_to_heirs")));
    // The report held the line; the confirmed death ended that.
    let over = json(&place, &["hold", "past"]);
    let shown = (&over[0]["reason"], &over[0]["became"], &over[0]["obligation"]);
    let reported = Value::from("death_reported");
    assert_eq!(shown, (&reported, &Value::from("due_to_heirs"), &dues[0]["obligation"]));
    let name = |address: &str, approver: &str, code| {
        let words = ["heirs", "name", &dead, "--heir", &heir, "--address", address];
        let because = ["--basis", "公证书2026-8", "--approver", approver];
        place.ends(code, &[words.as_slice(), &because].concat())
    };
    assert!(name(&own, "gao", 1).err.contains("HEIRS_ADDRESS_OF_OTHER"));
    assert!(name(&other, "operator", 1).err.contains("HEIRS_SAME_PERSON"));
    let named = name(&other, "gao", 0).out;
    assert!(named.contains(&format!("{heir} draws what {dead} was owed")), "{named}");
    assert_eq!(json(&place, &["heirs", "list", "--unnamed"]), Vec::<Value>::new());
    assert_eq!(json(&place, &["heirs", "list"])[0]["heir"], heir.as_str());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deduction_is_ordered_by_two_persons_listed_and_ended() {
    let (bureau, payees) = Bureau::with_payees("BOC", 2).await;
    let person = payees[0].person.to_string();
    let place = bureau.leave();
    let order = |kind: &str, approver: &str, code| {
        let words = ["deduction", "order", "--kind", kind, "--item", "A1", "--person", &person];
        let sums = ["--total", "300.00", "--per-month", "100.00", "--from", "2026-02"];
        let because = ["--basis", "多发决定", "--approver", approver, "--json"];
        place.ends(code, &[words.as_slice(), &sums, &because].concat())
    };
    assert!(order("greed", "gao", 2).err.contains("greed is no kind"));
    assert!(order("court", "gao", 1).err.contains("DEDUCTION_NO_THIRD_PARTY"));
    assert!(order("excess", "operator", 1).err.contains("DEDUCTION_SAME_PERSON"));
    let made: Value = serde_json::from_str(&order("excess", "gao", 0).out).unwrap();
    let id = made["result"].as_str().unwrap();
    let open = json(&place, &["deduction", "list", "--open", "--person", &person]);
    assert_eq!((open.len(), &open[0]["deduction"]), (1, &Value::from(id)));
    let shown = |key: &str| open[0][key].as_str().unwrap();
    assert_eq!(
        ["kind", "total", "kept", "from"].map(shown),
        ["excess", "300.00", "0.00", "2026-02"]
    );
    let other = payees[1].person.to_string();
    assert!(json(&place, &["deduction", "list", "--person", &other]).is_empty());

    let book = ["--fund", "employee-pension", "--area", "320000", "--agency", "320600-SI"];
    let of_year = ["--year", "2026"];
    let opened = [["period", "open-book"].as_slice(), &book, &of_year].concat();
    place.ends(0, &opened);
    let passed = ["--amount", "1.00", "--reference", "F-1"];
    let remit = [["deduction", "remit", id].as_slice(), &book, &of_year, &passed].concat();
    assert!(place.ends(1, &remit).err.contains("DEDUCTION_NOT_KEPT"));
    place.ends(0, &["deduction", "end", id, "--reason", "决定撤销"]);
    assert!(
        place
            .ends(1, &["deduction", "end", id, "--reason", "再次"])
            .err
            .contains("DEDUCTION_ENDED")
    );
    assert!(json(&place, &["deduction", "list", "--open"]).is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_exception_is_decided_before_the_plan_is_submitted() {
    let (bureau, payees) = Bureau::with_payees("BOC", 3).await;
    bureau.funded().await;
    let february = month("2026-02");
    let whole = Component::whole();
    let twice = ComponentAmount { component: whole, amount: Money::from_fen(2 * 312_345) };
    let adjust = AdjustGrant {
        grant: payees[1].grant,
        from: february,
        components: vec![twice],
        reason: "多录一倍".to_owned(),
    };
    bureau.node.benefits.adjust_grant(&bureau.by("registrar"), &adjust).await.unwrap();
    let pay = &bureau.node.disbursement;
    let exception = Some("一月账期未关闭".to_owned());
    let run = OpenRun { exception, ..bureau.run(february, RunType::Normal) };
    let plan = pay.open_run(&bureau.by("handler"), &run).await.unwrap().result;
    pay.freeze(&bureau.by("handler"), &plan).await.unwrap();
    pay.calculate(&bureau.by("handler"), &plan).await.unwrap();
    let person = payees[1].person.to_string();
    let place: Place = bureau.leave();

    let drawn = place.ends(0, &["comparison", "draw", &plan]).out;
    assert!(drawn.contains("2 unchanged") && drawn.contains("1 of them not accepted"), "{drawn}");
    let undecided = || json(&place, &["comparison", "entries", &plan, "--undecided"]);
    let found = undecided();
    assert_eq!((found.len(), &found[0]["kind"]), (1, &Value::from("exception")));
    let shown = |key: &str| found[0][key].as_str().unwrap();
    assert_eq!(["person", "before", "now"].map(shown), [&*person, "3123.45", "6246.90"]);
    let submitted = || place.renshe(&["period", "submit", &plan, "--actor", "lin"]);
    assert!(submitted().err.contains("COMPARISON_UNDECIDED"));
    let entry = found[0]["entry"].to_string();
    let decide = |entry: &str, decision: &str, code| {
        let words = ["comparison", "decide", &plan, "--entry", entry, "--decision", decision];
        place.ends(code, &[words.as_slice(), &["--reason", "核实无误"]].concat())
    };
    assert!(decide("999", "accepted", 1).err.contains("COMPARISON_NO_EXCEPTION"));
    decide(&entry, "perhaps", 2);
    let list = || json(&place, &["comparison", "list", "--undecided"]);
    assert_eq!(list()[0]["plan"], plan.as_str());
    decide(&entry, "accepted", 0);
    assert!(undecided().is_empty() && list().is_empty());
    assert_eq!(submitted().code, 0);
}
