//! Employing units and list entries.

use registry::employer::Kind;
use registry::organisation::{self, Organisation};
use shared::{AgencyCode, EmployerId};

use super::town::{county, envelope, everything};
use crate::bulk::Row;
use crate::fixture::World;
use crate::registry::{
    ChangeEmployer, Close, DeregisterEmployer, EmployerDetails, GridDetails, GridHead,
    MergeEmployers, PutGrid, PutOrganisation, RegisterEmployer, RegisterVirtualEmployer, Registry,
};

const CODE: &str = "91350100M000100Y43";

fn details(name: &str) -> EmployerDetails {
    EmployerDetails {
        name: name.to_owned(),
        kind: Kind::Enterprise,
        county: county(),
        industry: None,
        address: None,
        legal_representative: Some("欧阳德".into()),
        contact: None,
    }
}

fn unit(name: &str, code: &str) -> RegisterEmployer {
    RegisterEmployer { employer: None, code: code.to_owned(), details: details(name), on: None }
}

fn change(employer: EmployerId) -> ChangeEmployer {
    ChangeEmployer {
        employer,
        code: None,
        name: None,
        kind: None,
        county: None,
        industry: None,
        address: None,
        legal_representative: None,
        contact: None,
        on: None,
    }
}

#[tokio::test]
async fn a_credit_code_belongs_to_one_open_unit() {
    let world = World::new();
    let registry = Registry::new(world.executor.clone());
    let first = registry.register_employer(&envelope("a"), &unit("甲公司", CODE)).await.unwrap();
    let error =
        registry.register_employer(&envelope("b"), &unit("乙公司", CODE)).await.unwrap_err();
    assert_eq!((error.code(), error.field()), ("EMPLOYER_CODE_REGISTERED", Some("code")));
    let error = registry.register_employer(&envelope("c"), &unit("乙", "91")).await.unwrap_err();
    assert_eq!((error.code(), error.field()), ("NUMBER_LENGTH", Some("code")));
    let end = DeregisterEmployer { employer: first.result, on: None, reason: "歇业".to_owned() };
    registry.deregister_employer(&envelope("d"), &end).await.unwrap();
    registry.register_employer(&envelope("e"), &unit("乙公司", CODE)).await.unwrap();
    assert!(!everything(&world, &[]).await.contains("欧阳德"));
}

#[tokio::test]
async fn a_unit_that_is_merged_gives_its_code_free_and_one_that_says_the_same_is_not_changed() {
    let World { executor, .. } = World::new();
    let registry = Registry::new(executor);
    let first = registry.register_employer(&envelope("a"), &unit("甲", CODE)).await.unwrap().result;
    let flexible = RegisterVirtualEmployer {
        employer: None,
        details: details("灵活就业"),
        purpose: "灵活就业人员参保".to_owned(),
        on: None,
    };
    let second =
        registry.register_virtual_employer(&envelope("v"), &flexible).await.unwrap().result;
    let mut input = change(first);
    input.legal_representative = Some("欧阳德".into());
    let same = registry.change_employer(&envelope("s"), &input).await.unwrap();
    assert!(same.planned.is_empty());
    input.name = Some("甲集团".to_owned());
    assert_eq!(registry.change_employer(&envelope("t"), &input).await.unwrap().planned.len(), 1);
    let merge = MergeEmployers { into: second, from: first, on: None, reason: "合并".to_owned() };
    registry.merge_employers(&envelope("m"), &merge).await.unwrap();
    registry.register_employer(&envelope("e"), &unit("丙", CODE)).await.unwrap();
}

#[tokio::test]
async fn units_are_imported_row_by_row() {
    let World { executor, .. } = World::new();
    let rows = [unit("甲", CODE), unit("乙", CODE), unit("丙", "x"), unit(" ", CODE)];
    let registry = Registry::new(executor);
    let bulk = registry.register_employers(&envelope("i"), &rows).await.unwrap();
    let codes: Vec<_> = bulk.refused().map(|(place, row)| (place, row.code.as_str())).collect();
    let expected =
        [(1, "EMPLOYER_CODE_REGISTERED"), (2, "NUMBER_LENGTH"), (3, "EMPLOYER_CODE_REGISTERED")];
    assert_eq!(codes, expected);
    assert!(matches!(bulk.rows[0], Row::Done(_)));
}

#[tokio::test]
async fn an_agency_code_moves_with_its_entry_and_is_free_when_it_is_closed() {
    let World { executor, .. } = World::new();
    let registry = Registry::new(executor);
    let agency = |code: &str| PutOrganisation {
        organisation: None,
        entry: Organisation {
            name: "市社保中心".to_owned(),
            county: county(),
            kind: organisation::Kind::Agency { agency: AgencyCode::parse(code).unwrap() },
        },
    };
    let id = registry.register_organisation(&envelope("a"), &agency("3206A")).await.unwrap().result;
    let error = registry.register_organisation(&envelope("b"), &agency("3206A")).await.unwrap_err();
    assert_eq!(error.code(), "AGENCY_REGISTERED");
    let moved = PutOrganisation { organisation: Some(id), ..agency("3206B") };
    registry.change_organisation(&envelope("c"), &moved).await.unwrap();
    registry.register_organisation(&envelope("d"), &agency("3206A")).await.unwrap();
    let close = Close { id, reason: "撤并".to_owned() };
    registry.close_organisation(&envelope("e"), &close).await.unwrap();
    registry.register_organisation(&envelope("f"), &agency("3206B")).await.unwrap();
}

#[tokio::test]
async fn the_head_of_a_grid_cell_is_sealed_and_stays_when_the_cell_is_renamed() {
    let world = World::new();
    let registry = Registry::new(world.executor.clone());
    let head = GridHead { name: "欧阳德".into(), phone: "13800138000".into() };
    let cell = |name: &str, head| GridDetails {
        name: name.to_owned(),
        division: shared::DivisionCode::parse("320612001").unwrap(),
        parent: None,
        organisation: None,
        head,
    };
    let input = PutGrid { grid: None, entry: cell("第一网格", Some(head)) };
    let grid = registry.register_grid(&envelope("a"), &input).await.unwrap().result;
    let input = PutGrid { grid: Some(grid), entry: cell("金沙第一网格", None) };
    registry.change_grid(&envelope("b"), &input).await.unwrap();
    let text = everything(&world, &[]).await;
    assert!(!text.contains("欧阳德") && !text.contains("13800138000"));
    assert_eq!(text.matches("\"head\"").count(), 2);
}
