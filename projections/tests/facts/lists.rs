//! Employers and the other lists, the rulebook, and the inbox.

use definitions::publication::{Command, Event, Publication, first_start};
use definitions::{Catalogue, History};
use kernel::register::Changed;
use kernel::{Decider, StreamName};
use projections::Scope;
use projections::employers::{self, EmployerFilter, EmployerState, OrganisationSort};
use projections::inbox::{self, InboxState};
use projections::rulebook::{self, RulebookError};
use registry::division::Division;
use registry::employer::{Details, Event as Unit, Kind};
use registry::grid::{Grid, Head};
use registry::organisation::{Kind as Sort, Organisation};
use serde::{Deserialize, Serialize};
use shared::{BankCode, CreditCode, GridId, OrganisationId};
use uuid::Uuid;

use crate::house::{House, day, division, employer, sealed};

pub fn details(name: &str, county: &str) -> Details {
    Details {
        name: name.to_owned(),
        kind: Kind::Enterprise,
        county: division(county),
        industry: Some("C3411".to_owned()),
        address: None,
        legal_representative: Some(sealed("representative")),
        contact: None,
    }
}

fn everything() -> Scope {
    Scope::everything("test")
}

#[test]
fn a_unit_is_what_was_last_said_of_it_until_its_end() {
    let house = House::new();
    let code = CreditCode::parse("91350100M000100Y43").unwrap();
    let details = |name| details(name, "320602");
    let registered = |number| Unit::Registered {
        employer: employer(number),
        code,
        details: details("旧名"),
        on: day(1),
    };
    house.happened("employer", employer(1), &registered(1));
    house.happened("employer", employer(2), &registered(2));
    let changed = Unit::Changed { code: None, details: details("新名"), on: day(2) };
    house.happened("employer", employer(1), &changed);
    let virtual_unit = Unit::VirtualRegistered {
        employer: employer(3),
        details: details("灵活就业"),
        purpose: "灵活就业人员".to_owned(),
        on: day(2),
    };
    house.happened("employer", employer(3), &virtual_unit);
    let merged = Unit::Merged { into: employer(1), on: day(3), reason: "吸收合并".to_owned() };
    house.happened("employer", employer(2), &merged);
    house.happened("employer", employer(1), &Unit::Absorbed { employer: employer(2), on: day(3) });
    let session = house.session();
    let rows = employers::many(&session, &everything(), &[1, 2, 3].map(employer)).unwrap();
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row.name.as_str(), row.state, row.absorbed, row.merged_into, row.code))
        .collect();
    assert_eq!(
        told,
        [
            ("新名", EmployerState::Open, 1, None, Some(code)),
            ("旧名", EmployerState::Merged, 0, Some(employer(1)), Some(code)),
            ("灵活就业", EmployerState::Open, 0, None, None),
        ]
    );
    assert_eq!(rows[1].end_reason.as_deref(), Some("吸收合并"));
    let open = EmployerFilter { state: Some(EmployerState::Open), ..EmployerFilter::default() };
    let page = employers::employers(&session, &everything(), &open, Some(employer(1)), 5).unwrap();
    assert_eq!(page.iter().map(|row| row.employer).collect::<Vec<_>>(), [employer(3)]);
    let elsewhere = Scope { divisions: Some(vec![division("320612")]), ..everything() };
    assert_eq!(employers::employer(&session, &elsewhere, employer(1)).unwrap(), None);
    assert_eq!(employers::count(&session, &elsewhere, &open).unwrap(), 0);
    assert_eq!(employers::count(&session, &everything(), &open).unwrap(), 2);
}

#[test]
fn lists_keep_what_was_closed_and_say_so() {
    let house = House::new();
    let id = |number| OrganisationId::from_uuid(Uuid::from_u128(number));
    let bank = Sort::Bank { bank: BankCode::parse("BOC").unwrap() };
    for (number, name, kind) in [(1, "中国银行", bank), (2, "金沙网点", Sort::Outlet)] {
        let entry = Organisation { name: name.to_owned(), county: division("320602"), kind };
        house.happened("organisation", id(number), &Changed::Registered(entry));
    }
    let closed: Changed<Organisation> = Changed::Closed { reason: "撤并".to_owned() };
    house.happened("organisation", id(2), &closed);
    let town = Division {
        code: division("320612001"),
        name: "金沙街道".to_owned(),
        parent: Some(division("320612")),
        valid_from: day(1),
    };
    house.happened("division", "320612001", &Changed::Registered(town));
    let grid = GridId::from_uuid(Uuid::from_u128(5));
    let cell = Grid {
        grid,
        name: "第三网格".to_owned(),
        division: division("320612001"),
        parent: None,
        organisation: Some(id(1)),
        head: Some(Head { name: sealed("head"), phone: sealed("phone") }),
    };
    house.happened("grid", grid, &Changed::Registered(cell));
    let session = house.session();
    let sorted = |sort| employers::organisations(&session, &everything(), sort, None, 10).unwrap();
    assert_eq!(sorted(None).len(), 2);
    let outlet = &sorted(Some(OrganisationSort::Outlet))[0];
    assert_eq!((outlet.open, outlet.close_reason.as_deref()), (false, Some("撤并")));
    assert_eq!(sorted(Some(OrganisationSort::Bank))[0].bank, Some(BankCode::parse("BOC").unwrap()));
    let towns = employers::divisions(&session, &everything(), Some(division("320612")), None, 10);
    assert_eq!(towns.unwrap()[0].name, "金沙街道");
    let seen = |area| {
        let scope = Scope { divisions: Some(vec![division(area)]), ..everything() };
        employers::grids(&session, &scope, None, None, 10).unwrap().len()
    };
    assert_eq!((seen("320612"), seen("320602")), (1, 0));
}

#[test]
fn the_rulebook_gives_the_catalogue_of_a_date() {
    let house = House::new();
    let missing = rulebook::catalogue(&house.session(), day(1));
    assert!(matches!(missing, Err(RulebookError::Empty)), "{missing:?}");
    let bundled = Catalogue::bundled().unwrap();
    let mut history = History::default();
    let mut apply = |stream: &StreamName, state: Publication, command: Command| {
        let events = state.decide(command).unwrap();
        events.iter().for_each(|event| history.apply(event));
        house.all_happened(Publication::CATEGORY, stream.id(), &events);
        events.iter().fold(state, |state, event: &Event| state.evolve(event))
    };
    let mut retired = None;
    for (stream, command) in first_start(&bundled, day(5)) {
        let last = apply(&stream, Publication::default(), command);
        let kind = stream.id().split_once('-').unwrap();
        if kind.0 == "item" {
            retired = Some((stream.clone(), kind.1.to_owned(), last));
        }
    }
    let (stream, id, state) = retired.unwrap();
    let retire = Command::Retire {
        kind: "item".to_owned(),
        id: id.clone(),
        from: day(20),
        author: "chen".to_owned(),
        approver: "wu".to_owned(),
        reason: "停发".to_owned(),
    };
    apply(&stream, state, retire);
    let session = house.session();
    assert_eq!(rulebook::history(&session).unwrap(), history);
    let listed = |catalogue: &Catalogue| {
        let each = catalogue.definitions();
        each.map(|one| (one.kind.clone(), one.id.clone(), one.digest.clone())).collect::<Vec<_>>()
    };
    let on = |date| listed(&rulebook::catalogue(&session, date).unwrap());
    assert_eq!(on(day(5)), listed(&bundled));
    let (before, after) = (on(day(19)), on(day(20)));
    assert_eq!(before.len(), after.len() + 1);
    assert!(!after.iter().any(|(kind, known, _)| kind == "item" && *known == id));
    let rows = rulebook::definitions(&session, &everything(), Some("item"), Some(&id)).unwrap();
    assert_eq!((rows.len(), rows[0].retired_from), (1, Some(day(20))));
    house.rebuilt_equals_live();
}

/// What the write side stores; spelled out, so that a change of either side shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Refused {
    #[serde(rename = "inbox.refused.v1")]
    Refused(serde_json::Value),
    #[serde(rename = "inbox.resolved.v1")]
    Resolved { by: String, note: String },
}

kernel::event!(Refused);

#[test]
fn a_refused_command_waits_until_it_is_dealt_with() {
    let house = House::new();
    let id = Uuid::from_u128;
    let item = serde_json::json!({
        "process": "hold", "event": id(1), "stream": "person-1", "index": 2,
        "operation": "obligationHold", "code": "PAID_ALREADY", "zh": "已发放", "en": "paid already",
    });
    for command in [7, 8] {
        house.happened("inbox", id(command), &Refused::Refused(item.clone()));
    }
    let resolved = Refused::Resolved { by: "wu".to_owned(), note: "已电话核实".to_owned() };
    house.happened("inbox", id(7), &resolved);
    let session = house.session();
    let of = |state| inbox::refused_commands(&session, &everything(), state, None, 10).unwrap();
    assert_eq!(of(None).len(), 2);
    let open = of(Some(InboxState::Open));
    assert_eq!(open.iter().map(|row| row.command).collect::<Vec<_>>(), [id(8)]);
    assert_eq!(
        (open[0].place, open[0].code.as_str(), open[0].zh.as_str()),
        (2, "PAID_ALREADY", "已发放")
    );
    let closed = &of(Some(InboxState::Resolved))[0];
    assert_eq!(closed.note.as_deref(), Some("已电话核实"));
    assert_eq!(inbox::count(&session, &everything(), Some(InboxState::Open)).unwrap(), 1);
}
