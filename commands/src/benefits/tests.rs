//! Grants, as sentences.

use std::sync::Arc;

use benefits::grant::{ComponentAmount, EndReason, Grant};
use cards::address::Owner;
use definitions::Catalogue;
use shared::{
    AreaCode, BankCode, Component, Date, FundCode, ItemId, Money, Month, PayAddressId, Payee,
    PersonId, StopReason,
};

use super::{
    AdjustGrant, Benefits, ChangePayee, EndGrant, RegisterGrant, ResumeGrant, SuspendGrant,
};
use crate::cards::{AccountInput, Cards, RegisterAddress};
use crate::disbursement::{FactsFault, Rules};
use crate::fixture::{Lagging, World};
use crate::registry::tests::town::{county, dies, envelope, registered};
use crate::registry::{AssignGuardian, Registry};
use crate::{CommandError, Executor};

struct Bundled(Arc<Catalogue>);

impl Rules for Bundled {
    fn on(&self, _: Date) -> Result<Arc<Catalogue>, FactsFault> {
        Ok(self.0.clone())
    }
}

fn benefits(executor: &Executor) -> Benefits {
    let rules = Bundled(Arc::new(Catalogue::bundled().unwrap()));
    Benefits::new(executor.clone(), Arc::new(rules))
}

fn month(month: i8) -> Month {
    Month::new(2026, month).unwrap()
}

fn whole(yuan: &str) -> Vec<ComponentAmount> {
    let component = Component::parse("whole").unwrap();
    vec![ComponentAmount { component, amount: Money::parse(yuan).unwrap() }]
}

async fn address(executor: &Executor, person: PersonId) -> PayAddressId {
    let account = AccountInput {
        number: "10110001".into(),
        name: "陈建国".into(),
        bank: BankCode::parse("ABC").unwrap(),
        card: None,
    };
    let owner = Owner::Person { person };
    let input = RegisterAddress { address: None, owner, account, on: None };
    let asked = envelope(&format!("address {person}"));
    Cards::new(executor.clone()).register_address(&asked, &input).await.unwrap().result.address
}

fn grant(item: &str, person: PersonId, address: PayAddressId) -> RegisterGrant {
    RegisterGrant {
        grant: None,
        person,
        arises_from: None,
        item: ItemId::parse(item).unwrap(),
        components: whole("3000.00"),
        from: month(2),
        to: None,
        payee: None,
        fund: None,
        area: AreaCode::parse("320600").unwrap(),
        county: county(),
        address,
        basis: "通人社核2026-12".to_owned(),
    }
}

fn param(error: &CommandError, name: &str) -> Option<String> {
    error.params().into_iter().find(|(own, _)| *own == name).map(|(_, value)| value)
}

#[tokio::test]
async fn a_grant_outside_the_items_bounds_is_refused_with_them() {
    let World { executor, .. } = World::new();
    let chen = registered(&executor, 1).await;
    let base = grant("A1", chen, address(&executor, chen).await);
    let benefits = benefits(&executor);
    let input = RegisterGrant { components: whole("30000.01"), ..base.clone() };
    let error = benefits.register_grant(&envelope("g"), &input).await.unwrap_err();
    assert_eq!((error.code(), error.field()), ("GRANT_OUT_OF_BOUNDS", Some("components")));
    assert_eq!(param(&error, "max").unwrap(), "30000.00");
    let done = benefits.register_grant(&envelope("g"), &base).await.unwrap();
    let adjust = AdjustGrant {
        grant: done.result,
        from: month(3),
        components: whole("40000.00"),
        reason: "年度调整".to_owned(),
    };
    let error = benefits.adjust_grant(&envelope("a"), &adjust).await.unwrap_err();
    assert_eq!(error.code(), "GRANT_OUT_OF_BOUNDS");
    let adjust = AdjustGrant { components: whole("3100.00"), ..adjust };
    benefits.adjust_grant(&envelope("a"), &adjust).await.unwrap();
    let (state, _) = executor.load::<Grant>(done.result).await.unwrap();
    assert_eq!(state.amounts_for(month(3)), Some(&whole("3100.00")[..]));
    assert_eq!(state.record().unwrap().fund.as_str(), "employee-pension");
}

#[tokio::test]
async fn what_the_definitions_do_not_allow_is_refused_with_what_they_do() {
    let World { executor, .. } = World::new();
    let (chen, wu) = (registered(&executor, 1).await, registered(&executor, 2).await);
    let own = address(&executor, chen).await;
    let base = grant("A1", chen, own);
    let fund = FundCode::parse("unemployment").unwrap();
    let component = Component::parse("basic-pension").unwrap();
    let other = ComponentAmount { component, amount: Money::parse("1.00").unwrap() };
    let relative = Payee::Relative { person: wu };
    let guardian = Payee::Guardian { person: wu };
    let nowhere = PayAddressId::from_uuid(uuid::Uuid::from_u128(4));
    let cases = [
        (
            RegisterGrant { item: ItemId::parse("Z9").unwrap(), ..base.clone() },
            "GRANT_ITEM_UNDEFINED",
        ),
        (RegisterGrant { fund: Some(fund), ..base.clone() }, "GRANT_FUND_NOT_ITEMS"),
        (RegisterGrant { components: vec![other], ..base.clone() }, "GRANT_COMPONENT_NOT_ITEMS"),
        (RegisterGrant { payee: Some(relative), ..base.clone() }, "GRANT_PAYEE_NOT_ITEMS"),
        (RegisterGrant { payee: Some(guardian), ..base.clone() }, "GRANT_ADDRESS_OF_OTHER"),
        (RegisterGrant { address: nowhere, ..base.clone() }, "ADDRESS_UNKNOWN"),
        (RegisterGrant { basis: " ".to_owned(), ..base.clone() }, "GRANT_BASIS_MISSING"),
    ];
    for (index, (input, code)) in cases.into_iter().enumerate() {
        let asked = envelope(&format!("g{index}"));
        let error = benefits(&executor).register_grant(&asked, &input).await.unwrap_err();
        assert_eq!(error.code(), code);
    }
}

#[tokio::test]
async fn a_grant_follows_another_one_only_when_that_is_over() {
    let World { executor, .. } = World::new();
    let chen = registered(&executor, 1).await;
    let base = grant("A1", chen, address(&executor, chen).await);
    let benefits = benefits(&executor);
    let first = benefits.register_grant(&envelope("1"), &base).await.unwrap().result;
    let next = RegisterGrant { from: month(7), ..base.clone() };
    let error = benefits.register_grant(&envelope("2"), &next).await.unwrap_err();
    assert_eq!(error.code(), "GRANT_OPEN");
    assert_eq!(param(&error, "holder").unwrap(), format!("grant-{first}"));
    let end = EndGrant { grant: first, last: month(6), reason: EndReason::OtherBenefit };
    benefits.end_grant(&envelope("e"), &end).await.unwrap();
    let overlapping = RegisterGrant { from: month(6), ..base.clone() };
    let error = benefits.register_grant(&envelope("3"), &overlapping).await.unwrap_err();
    assert_eq!(error.code(), "GRANT_OPEN");
    let second = benefits.register_grant(&envelope("2"), &next).await.unwrap().result;
    // Granted by mistake: whatever it held is free.
    let void = EndGrant { grant: second, last: month(6), reason: EndReason::Revoked };
    benefits.end_grant(&envelope("v"), &void).await.unwrap();
    benefits.register_grant(&envelope("4"), &overlapping).await.unwrap();
}

#[tokio::test]
async fn once_in_a_lifetime_is_once() {
    let World { executor, .. } = World::new();
    let chen = registered(&executor, 1).await;
    let base =
        RegisterGrant { to: Some(month(2)), ..grant("B4", chen, address(&executor, chen).await) };
    benefits(&executor).register_grant(&envelope("1"), &base).await.unwrap();
    let next = RegisterGrant { from: month(9), to: Some(month(9)), ..base };
    let error = benefits(&executor).register_grant(&envelope("2"), &next).await.unwrap_err();
    assert_eq!(error.code(), "GRANT_OPEN");
}

#[tokio::test]
async fn one_funeral_grant_for_a_confirmed_death() {
    let World { executor, .. } = World::new();
    let (chen, wu, zhao) = (
        registered(&executor, 1).await,
        registered(&executor, 2).await,
        registered(&executor, 3).await,
    );
    let benefits = benefits(&executor);
    let base = RegisterGrant {
        arises_from: Some(chen),
        to: Some(month(2)),
        ..grant("A4", wu, address(&executor, wu).await)
    };
    let error = benefits.register_grant(&envelope("1"), &base).await.unwrap_err();
    assert_eq!(error.code(), "GRANT_DEATH_NOT_CONFIRMED");
    dies(&executor, chen, Date::constant(2026, 2, 10)).await;
    benefits.register_grant(&envelope("1"), &base).await.unwrap();
    let other = RegisterGrant { person: zhao, address: address(&executor, zhao).await, ..base };
    let error = benefits.register_grant(&envelope("2"), &other).await.unwrap_err();
    assert_eq!((error.code(), error.field()), ("FUNERAL_GRANTED", Some("arisesFrom")));
}

#[tokio::test]
async fn nothing_is_granted_beyond_a_death_even_one_that_comes_meanwhile() {
    let World { executor, .. } = World::new();
    let chen = registered(&executor, 1).await;
    let base = grant("A1", chen, address(&executor, chen).await);
    let slow = benefits(&Lagging::over(&executor));
    let asked = envelope("g");
    let (granted, ()) = tokio::join!(
        slow.register_grant(&asked, &base),
        dies(&executor, chen, Date::constant(2026, 2, 10))
    );
    assert_eq!(granted.unwrap_err().code(), "GRANT_BEYOND_DEATH");
    // What was due until then can still be granted, to the heirs' case.
    let due = RegisterGrant { to: Some(month(2)), ..base };
    let benefits = benefits(&executor);
    let id = benefits.register_grant(&asked, &due).await.unwrap().result;
    let suspend = SuspendGrant { grant: id, from: month(2), reason: stop("death_reported") };
    assert_eq!(benefits.suspend_grant(&envelope("s"), &suspend).await.unwrap().result, id);
    let mut resume =
        ResumeGrant { grant: id, from: month(4), owed: true, reason: "误报".to_owned() };
    let error = benefits.resume_grant(&envelope("r"), &resume).await.unwrap_err();
    assert_eq!(error.code(), "GRANT_BEYOND_DEATH");
    resume.from = month(3);
    benefits.resume_grant(&envelope("r"), &resume).await.unwrap();
    let end = EndGrant { grant: id, last: month(2), reason: EndReason::Death };
    benefits.end_grant(&envelope("e"), &end).await.unwrap();
}

fn stop(reason: &str) -> StopReason {
    StopReason::parse(reason).unwrap()
}

#[tokio::test]
async fn a_stop_has_a_defined_reason_which_says_what_becomes_of_its_months() {
    let World { executor, .. } = World::new();
    let chen = registered(&executor, 1).await;
    let benefits = benefits(&executor);
    let input = grant("A1", chen, address(&executor, chen).await);
    let id = benefits.register_grant(&envelope("g"), &input).await.unwrap().result;
    let stops = |reason: &str| SuspendGrant { grant: id, from: month(3), reason: stop(reason) };
    let error = benefits.suspend_grant(&envelope("s0"), &stops("bored")).await.unwrap_err();
    assert_eq!(error.code(), "GRANT_STOP_REASON_UNKNOWN");
    assert!(error.to_string().contains("imprisoned"), "{error}");
    for (turn, reason, refused) in [
        (1, "imprisoned", &[(true, "GRANT_STOP_MONTHS_FORFEITED")][..]),
        (2, "missing", &[(false, "GRANT_STOP_MONTHS_OWED")]),
        (3, "own_request", &[]),
    ] {
        let asked = envelope(&format!("s{turn}"));
        let from = month(2 + turn);
        let stop = SuspendGrant { from, ..stops(reason) };
        benefits.suspend_grant(&asked, &stop).await.unwrap();
        let resume = |owed: bool| ResumeGrant {
            grant: id,
            from: from.next(),
            owed,
            reason: "已核实".to_owned(),
        };
        for (owed, code) in refused {
            let asked = envelope(&format!("r{turn}-{owed}"));
            let error = benefits.resume_grant(&asked, &resume(*owed)).await.unwrap_err();
            assert_eq!(error.code(), *code, "{reason}");
        }
        let owed = refused.first().is_some_and(|(owed, _)| !owed);
        let asked = envelope(&format!("r{turn}"));
        benefits.resume_grant(&asked, &resume(owed)).await.unwrap();
    }
}

#[tokio::test]
async fn an_end_by_death_needs_a_confirmed_death() {
    let World { executor, .. } = World::new();
    let chen = registered(&executor, 1).await;
    let benefits = benefits(&executor);
    let input = grant("A1", chen, address(&executor, chen).await);
    let id = benefits.register_grant(&envelope("g"), &input).await.unwrap().result;
    let end = EndGrant { grant: id, last: month(2), reason: EndReason::Death };
    let error = benefits.end_grant(&envelope("e"), &end).await.unwrap_err();
    assert_eq!(error.code(), "GRANT_DEATH_NOT_CONFIRMED");
    dies(&executor, chen, Date::constant(2026, 2, 10)).await;
    let late = EndGrant { last: month(3), ..end.clone() };
    let error = benefits.end_grant(&envelope("f"), &late).await.unwrap_err();
    assert_eq!(error.code(), "GRANT_BEYOND_DEATH");
    benefits.end_grant(&envelope("e"), &end).await.unwrap();
}

#[tokio::test]
async fn bad_rows_of_an_import_of_grants_are_reported_and_the_others_stand() {
    let World { executor, log, .. } = World::new();
    let chen = registered(&executor, 1).await;
    let own = address(&executor, chen).await;
    let wu = registered(&executor, 2).await;
    let theirs = address(&executor, wu).await;
    let events = log.events().len();
    let rows = [
        grant("A1", chen, own),
        grant("A1", chen, own),
        RegisterGrant { components: whole("99999.00"), ..grant("A1", wu, theirs) },
        grant("A1", wu, own),
        grant("A1", wu, theirs),
    ];
    let asked = envelope("i");
    let bulk = benefits(&executor).register_grants(&asked, &rows).await.unwrap();
    let codes: Vec<_> = bulk.refused().map(|(place, row)| (place, row.code.as_str())).collect();
    let expected = [(1, "GRANT_OPEN"), (2, "GRANT_OUT_OF_BOUNDS"), (3, "GRANT_ADDRESS_OF_OTHER")];
    assert_eq!(codes, expected);
    assert_eq!(log.events().len() - events, 2);
    let again = benefits(&executor).register_grants(&asked, &rows).await.unwrap();
    assert_eq!(again, bulk);
}

#[tokio::test]
async fn a_guardian_takes_over_once_he_is_registered_and_with_an_account_of_his_own() {
    let World { executor, .. } = World::new();
    let (chen, wu) = (registered(&executor, 1).await, registered(&executor, 2).await);
    let (own, theirs) = (address(&executor, chen).await, address(&executor, wu).await);
    let benefits = benefits(&executor);
    let id = benefits.register_grant(&envelope("g"), &grant("A1", chen, own)).await.unwrap().result;
    let payee = Payee::Guardian { person: wu };
    let change =
        ChangePayee { grant: id, payee, address: theirs, basis: "监护证明".to_owned() };
    let error = benefits.change_payee(&envelope("a"), &change).await.unwrap_err();
    assert_eq!(error.code(), "GRANT_PAYEE_NOT_GUARDIAN");
    let assign =
        AssignGuardian { person: chen, guardian: wu, from: None, basis: "监护证明".to_owned() };
    Registry::new(executor.clone()).assign_guardian(&envelope("w"), &assign).await.unwrap();
    let elsewhere = ChangePayee { address: own, ..change.clone() };
    let error = benefits.change_payee(&envelope("b"), &elsewhere).await.unwrap_err();
    assert_eq!(error.code(), "GRANT_ADDRESS_OF_OTHER");
    benefits.change_payee(&envelope("c"), &change).await.unwrap();
    let (state, _) = executor.load::<Grant>(id).await.unwrap();
    let record = state.record().unwrap();
    assert_eq!((record.payee, record.address), (payee, theirs));
}
