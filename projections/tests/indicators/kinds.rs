//! Kinds of facts that the random histories do not tell: a short story of each, with corrections,
//! asked by its indicators in both stores, now and as it was known before.

use std::collections::BTreeMap;

use definitions::indicator::evaluate::{Key, Query, evaluate};
use definitions::{Catalogue, Grouping, Indicator};
use kernel::Position;
use projections::Scope;
use projections::indicators::NAME;
use projections::indicators::read::StoredFacts;
use serde_json::{Value as Json, json};
use shared::Date;

use crate::house::House;
use crate::stores::{On, same};

pub const SOMEBODY: &str = "0198c0de-0001-7000-8000-000000000001";

/// Tells a story in both stores, lets `looks` ask, and holds the two and a rebuild to each other.
pub fn in_both(tells: fn(&mut House), looks: fn(&House)) {
    let houses = On::BOTH.map(|on| {
        let mut house = House::on(on);
        tells(&mut house);
        looks(&house);
        house.rebuilt_equals_live();
        looks(&house);
        house
    });
    same(&[NAME], houses.each_ref().map(House::session));
}

pub fn asked(
    house: &House,
    id: &str,
    span: &str,
    by: &[Grouping],
    as_of: Option<Position>,
) -> BTreeMap<Key, i64> {
    let (session, scope) = (house.session(), Scope::everything("test"));
    let facts = StoredFacts { session: &session, scope: &scope, as_of };
    let catalogue = Catalogue::bundled().unwrap();
    let all = catalogue.all::<Indicator>();
    let query = Query { span: span.parse().unwrap(), by, conditions: &[] };
    let figures = evaluate(&all[id], all, query, &facts).unwrap();
    let figures = figures.into_iter().filter_map(|(key, figure)| Some((key, figure.value?)));
    figures.filter(|(_, value)| *value != 0).collect()
}

pub fn whole(house: &House, id: &str, span: &str) -> i64 {
    asked(house, id, span, &[], None).get(&Key::new()).copied().unwrap_or_default()
}

pub fn groups<const N: usize>(told: [(&str, i64); N]) -> BTreeMap<Key, i64> {
    told.into_iter().map(|(key, value)| (vec![key.to_owned()], value)).collect()
}

pub fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn employer(county: &str, on: &str) -> Json {
    let details = json!({ "name": "示例纺织", "kind": "enterprise", "county": county });
    json!({ "code": "91350100M000100Y43", "details": details, "on": on })
}

#[test]
fn employers_move_and_merge() {
    in_both(
        |house| {
            for (number, county) in [(1, "320602"), (2, "320602"), (3, "320612")] {
                let id = format!("0198c0de-0002-7000-8000-00000000000{number}");
                let mut data = employer(county, "2026-01-04");
                data["employer"] = json!(id);
                let stream = format!("employer-{id}");
                house.happened(&stream, "employer.registered.v1", &data, day("2026-01-04"));
            }
            let of = |number| format!("employer-0198c0de-0002-7000-8000-00000000000{number}");
            let moved = employer("320612", "2026-02-04");
            house.happened(&of(1), "employer.changed.v1", &moved, day("2026-02-04"));
            let merged = json!({
                "into": "0198c0de-0002-7000-8000-000000000003", "on": "2026-03-02", "reason": "吸收合并",
            });
            house.happened(&of(2), "employer.merged.v1", &merged, day("2026-03-02"));
        },
        |house| {
            let by = [Grouping::County];
            let now = asked(house, "employers-registered", "2026-01", &by, None);
            assert_eq!(now, groups([("320612", 2)]));
            let then = asked(house, "employers-registered", "2026-01", &by, Some(Position(3)));
            assert_eq!(then, groups([("320602", 2), ("320612", 1)]));
        },
    );
}

#[test]
fn organisations_open_change_and_close() {
    in_both(
        |house| {
            let outlet = |county: &str, kind: &str| json!({ "name": "网点", "county": county, "kind": kind });
            let of = |number| format!("organisation-0198c0de-0003-7000-8000-00000000000{number}");
            for (number, county, kind) in
                [(1, "320602", "outlet"), (2, "320602", "outlet"), (3, "320602", "school")]
            {
                let data = outlet(county, kind);
                let on = day("2026-01-10");
                house.happened(&of(number), "organisation.registered.v1", &data, on);
            }
            let changed = outlet("320612", "outlet");
            house.happened(&of(3), "organisation.changed.v1", &changed, day("2026-02-01"));
            let closed = json!({ "reason": "网点撤并" });
            house.happened(&of(1), "organisation.closed.v1", &closed, day("2026-03-05"));
        },
        |house| {
            let by = |span| asked(house, "service-outlets", span, &[Grouping::County], None);
            assert_eq!(by("2026-02"), groups([("320602", 2), ("320612", 1)]));
            assert_eq!(by("2026-03"), groups([("320602", 1), ("320612", 1)]));
            let before = asked(house, "service-outlets", "2026-02", &[], Some(Position(3)));
            assert_eq!(before[&Key::new()], 2, "the school was none yet");
        },
    );
}

#[test]
fn applications_are_counted_by_channel_and_step() {
    in_both(
        |house| {
            for (number, outlet) in [(1, Some("0198c0de-0003-7000-8000-000000000002")), (2, None)] {
                let stream = format!("application-0198c0de-0006-7000-8000-00000000000{number}");
                let mut data = json!({
                    "person": SOMEBODY, "bank": "BOC", "county": "320602", "on": "2026-01-05",
                });
                if let Some(outlet) = outlet {
                    data["outlet"] = json!(outlet);
                }
                house.happened(&stream, "card-application.applied.v1", &data, day("2026-01-05"));
                let (name, data) = match number {
                    1 => ("card-application.accepted.v1", json!({ "on": "2026-01-06" })),
                    _ => (
                        "card-application.rejected.v1",
                        json!({ "on": "2026-02-06", "reason": "照片不合格" }),
                    ),
                };
                house.happened(&stream, name, &data, day("2026-02-06"));
            }
        },
        |house| {
            let by = [Grouping::Channel];
            let made = asked(house, "card-applications", "2026-01", &by, None);
            assert_eq!(made, groups([("counter", 1), ("online", 1)]));
            let steps = asked(house, "card-channels", "2026", &[Grouping::Step], None);
            assert_eq!(steps, groups([("accepted", 1), ("applied", 2), ("rejected", 1)]));
            assert_eq!(whole(house, "card-channels", "2026-02"), 1);
        },
    );
}

#[test]
fn a_grant_is_in_force_for_the_months_that_it_covers() {
    in_both(
        |house| {
            let id = "0198c0de-0008-7000-8000-000000000001";
            let registered = json!({
                "grant": id, "person": SOMEBODY, "item": "A1",
                "components": [{ "component": "whole", "amount": "1200.00" }],
                "from": "2026-01", "to": "2026-12",
                "payee": { "kind": "person", "person": SOMEBODY }, "fund": "employee-pension",
                "area": "320600", "county": "320602",
                "address": "0198c0de-0007-7000-8000-000000000001", "basis": "核定",
            });
            let stream = format!("grant-{id}");
            house.happened(&stream, "grant.registered.v1", &registered, day("2026-01-05"));
            for (name, data) in [
                (
                    "grant.suspended.v1",
                    json!({ "from": "2026-02", "reason": "qualification_expired" }),
                ),
                (
                    "grant.resumed.v1",
                    json!({ "from": "2026-04", "back_pay": ["2026-02"], "reason": "认证通过" }),
                ),
                ("grant.ended.v1", json!({ "last": "2026-05", "reason": "death" })),
            ] {
                house.happened(&stream, name, &data, day("2026-06-01"));
            }
        },
        |house| {
            let months = ["2025-12", "2026-01", "2026-02", "2026-03", "2026-04", "2026-05"];
            let held = months.map(|month| whole(house, "grants-in-force", month));
            assert_eq!(held, [0, 1, 0, 0, 1, 1]);
            assert_eq!(whole(house, "grants-in-force", "2026-06"), 0);
            // Before the death was known it went on to the end of the year.
            let before = asked(house, "grants-in-force", "2026-11", &[], Some(Position(3)));
            assert_eq!(before[&Key::new()], 1);
            let ended = asked(house, "grants-ended", "2026", &[Grouping::Reason], None);
            assert_eq!(ended, groups([("death", 1)]));
            assert_eq!(whole(house, "grants-suspended", "2026-02"), 1);
        },
    );
}

fn stamp(on: &str) -> Json {
    json!({ "by": "chen", "now": { "on": on, "at": 1_769_994_000_000_000_i64 } })
}

#[test]
fn warnings_come_into_stages_and_leave_them() {
    in_both(
        |house| {
            let terms = json!({ "clocks": [], "ladder": [], "handling": [], "cooldown_days": 30 });
            let entered = |level: &str, on: &str| {
                json!({
                    "channel": "grid", "class": "wage-arrears", "level": level,
                    "about": { "kind": "employer", "id": "E-1" }, "division": "320602001",
                    "content": "欠薪", "terms": terms, "stamp": stamp(on),
                })
            };
            let of = |number| format!("warning-0198c0de-0009-7000-8000-00000000000{number}");
            for (number, level) in [(1, "red"), (2, "yellow")] {
                let data = entered(level, "2026-02-02");
                house.happened(&of(number), "warning.entered.v1", &data, day("2026-02-02"));
            }
            let late = json!({ "step": "review", "late": true, "stamp": stamp("2026-02-09") });
            for on in ["2026-02-09", "2026-02-10"] {
                house.happened(&of(1), "warning.reminded.v1", &late, day(on));
            }
            let confirmed = json!({ "stamp": stamp("2026-02-11") });
            house.happened(&of(1), "warning.confirmed.v1", &confirmed, day("2026-02-11"));
            let rejected = json!({ "reason": "误报", "stamp": stamp("2026-02-12") });
            house.happened(&of(2), "warning.rejected.v1", &rejected, day("2026-02-12"));
        },
        |house| {
            let open = |span| asked(house, "warnings-open", span, &[Grouping::Level], None);
            assert_eq!(open("2026-02-10"), groups([("red", 1), ("yellow", 1)]));
            assert_eq!(open("2026-02"), groups([("red", 1)]));
            assert_eq!(whole(house, "warnings-to-review", "2026-02-10"), 2);
            assert_eq!(whole(house, "warnings-to-dispatch", "2026-02"), 1);
            // Late on two days, and one case.
            assert_eq!(whole(house, "warnings-late", "2026-02"), 1);
            assert_eq!(whole(house, "warning-false-rate", "2026-02"), 5_000);
            assert_eq!(whole(house, "warning-days", "2026-02"), 10);
            let by = asked(house, "warnings-raised-grid", "2026", &[Grouping::County], None);
            assert_eq!(by, groups([("320602", 2)]));
        },
    );
}

#[test]
fn the_catalogue_counts_itself() {
    in_both(
        |house| {
            let published = |id: &str, version: u32, body: Json| {
                json!({
                    "kind": "indicator", "id": id, "version": version, "digest": "",
                    "from": "1900-01-01", "body": body.to_string(), "author": "system",
                    "approver": "system",
                })
            };
            let on = day("2026-01-05");
            for (id, body) in [
                ("one", json!({ "id": "one", "numbers": [178, 179] })),
                ("other", json!({ "id": "other", "numbers": [1, 2, 3], "awaiting": "C07" })),
            ] {
                let stream = format!("definition-indicator-{id}");
                house.happened(&stream, "definition.published.v1", &published(id, 1, body), on);
            }
            // The facts of one number come to be recorded.
            let body = json!({ "id": "other", "numbers": [1, 2], "awaiting": "C07" });
            let stream = "definition-indicator-other";
            house.happened(stream, "definition.published.v1", &published("other", 2, body), on);
            let body = json!({ "id": "third", "numbers": [3] });
            let stream = "definition-indicator-third";
            house.happened(stream, "definition.published.v1", &published("third", 1, body), on);
        },
        |house| {
            let by = [Grouping::Status];
            let now = asked(house, "indicators-listed", "2026", &by, None);
            assert_eq!(now, groups([("awaiting", 2), ("live", 3)]));
            let before = asked(house, "indicators-listed", "2026", &by, Some(Position(2)));
            assert_eq!(before, groups([("awaiting", 3), ("live", 2)]));
            assert_eq!(whole(house, "indicator-coverage", "2026"), 6_000);
            let themes = asked(house, "indicators-live", "2026", &[Grouping::Theme], None);
            assert_eq!(themes, groups([("A1", 1), ("A10", 2)]));
        },
    );
}

#[test]
fn tasks_of_the_exchange_come_further() {
    in_both(
        |house| {
            let on = day("2026-02-03");
            let import = |number: u8| format!("import-0198c0de-000a-7000-8000-00000000000{number}");
            let file = "ab".repeat(32);
            let asked = json!({
                "kind": "persons", "format": "csv", "file": file, "by": "chen", "on": "2026-02-03",
            });
            let counts = |refused: u64| json!({ "rows": 7, "accepted": 7 - refused, "known": 0, "refused": refused });
            for number in 1..=3 {
                house.happened(&import(number), "import.started.v1", &asked, on);
            }
            for (number, refused) in [(1, 0), (2, 1)] {
                let ended = json!({ "counts": counts(refused), "report": file });
                house.happened(&import(number), "import.finished.v1", &ended, on);
            }
            let batch = "batch-A1-2026-02-320600-1-1-BOC-1";
            let opened = json!({
                "plan": "A1-2026-02-320600-1", "part": 1, "bank": "BOC", "item": "A1",
                "month": "2026-02", "account": "book", "seen": 1,
            });
            house.happened(batch, "batch.opened.v1", &opened, on);
            house.happened(batch, "batch.sent.v1", &json!({ "by": "ke" }), on);
            let unknown = json!({ "reason": "the line was cut" });
            house.happened(batch, "batch.outcome-unknown.v1", &unknown, on);
            let opened = json!({
                "source": "province", "item": "A1", "area": "320000", "first": 1,
            });
            house.happened("feed-province", "feed.opened.v1", &opened, on);
            let gap = json!({ "from": 1, "to": 2 });
            house.happened("feed-province", "feed.gap-found.v1", &gap, on);
            let received = json!({
                "sequence": 1, "artefact": file, "reference": "P-1", "month": "2026-02",
                "run": "normal", "fund": "employee-pension", "agency": "NT01",
                "paid_on": "2026-02-03", "lines": 40, "total": "1.00", "digest": "d",
            });
            house.happened("feed-province", "feed.run-received.v1", &received, on);
        },
        |house| {
            let by = |id: &str, by: Grouping| asked(house, id, "2026-02-03", &[by], None);
            let states = by("exchange-tasks", Grouping::Status);
            let told = [("broken", 1), ("done", 1), ("missing", 1), ("queued", 1), ("running", 1)];
            let mut told = groups(told);
            told.insert(vec!["warned".to_owned()], 1);
            assert_eq!(states, told);
            let channels = by("exchange-tasks", Grouping::Channel);
            assert_eq!(channels, groups([("automatic", 2), ("manual", 4)]));
            let lines = by("exchange-lines", Grouping::Kind);
            assert_eq!(lines, groups([("feed-run", 40), ("import", 14)]));
            assert_eq!(whole(house, "exchange-missing", "2026"), 1);
            // Before they ended three tables were on their way.
            let before = asked(house, "exchange-tasks-running", "2026", &[], Some(Position(3)));
            assert_eq!(before[&Key::new()], 3);
        },
    );
}
