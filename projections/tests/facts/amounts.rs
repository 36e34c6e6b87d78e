//! The amounts of a grant are the decider's own, whatever happened to it in whatever order.

use benefits::grant::{Command, ComponentAmount, EndReason, Grant, Missed, Registration};
use projections::Scope;
use projections::pay_facts::{self, Asked, Fact};
use projections::{ReadSession, grants};
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any, proptest};
use shared::{AreaCode, Component, FundCode, ItemId, Money, Month, Payee, StopReason};

use crate::house::{House, address, division, grant, month, person};

const GRANTS: usize = 5;

pub fn item() -> ItemId {
    ItemId::parse("A6").unwrap()
}

pub fn fund() -> FundCode {
    FundCode::parse("work-injury").unwrap()
}

pub fn area() -> AreaCode {
    AreaCode::parse("320600").unwrap()
}

/// Read in pages smaller than any population here.
pub fn population(session: &ReadSession, month: Month) -> Vec<Fact> {
    let asked = Asked { item: item(), fund: fund(), month, area: area() };
    pay_facts::population(session, asked, 2).collect::<Result<_, _>>().unwrap()
}

pub fn registration(number: usize, components: Vec<ComponentAmount>) -> Registration {
    let number = number as u128;
    Registration {
        grant: grant(number),
        person: person(number),
        arises_from: None,
        item: item(),
        components,
        from: month(1),
        to: None,
        payee: Payee::Person { person: person(number) },
        fund: fund(),
        area: area(),
        county: division("320602"),
        address: address(number),
        basis: "苏人社〔2026〕1号".to_owned(),
    }
}

pub fn components(which: u8) -> Vec<ComponentAmount> {
    let part = |component, fen| ComponentAmount {
        component: Component::parse(component).unwrap(),
        amount: Money::from_fen(fen),
    };
    match which % 4 {
        0 => vec![part("whole", 100)],
        1 => vec![part("extra", 250), part("basic", 100)],
        2 => vec![part("whole", 120)],
        _ => vec![part("basic", 70), part("care", 30), part("extra", 5)],
    }
}

pub fn command(number: usize, [which, at, what, ..]: [u8; 4]) -> Command {
    let at = month(i8::try_from(at % 11).unwrap() + 1);
    let reason = "更正".to_owned();
    match which % 10 {
        0 => Command::End { last: at, reason: EndReason::PeriodOver },
        1..=4 => Command::Adjust { from: at, components: components(what), reason },
        5 | 6 => Command::Suspend { from: at, reason: StopReason::parse("missing").unwrap() },
        7 | 8 => {
            let missed = if what.is_multiple_of(2) { Missed::Owed } else { Missed::Forfeited };
            Command::Resume { from: at, missed, reason }
        }
        _ => {
            let to = (what.is_multiple_of(3)).then(|| month(9));
            let from = month(i8::try_from(what % 4).unwrap() + 1);
            Command::Register(Registration { from, to, ..registration(number, components(what)) })
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: kernel::conformance::times(24), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn amounts_are_the_deciders_own(steps in vec((0..GRANTS, any::<[u8; 4]>()), 1..150)) {
        let house = House::new();
        let mut states: Vec<Grant> = vec![Grant::default(); GRANTS];
        for (number, state) in states.iter_mut().enumerate() {
            house.asked(grant(number as u128), state, command(number, [9, 0, number as u8, 0]));
        }
        for (number, roll) in steps {
            let id = grant(number as u128);
            house.asked(id, &mut states[number], command(number, roll));
        }
        compare(&house, &states);
        house.rebuilt_equals_live();
    }
}

fn compare(house: &House, states: &[Grant]) {
    let (session, scope) = (house.session(), Scope::everything("test"));
    for month in Month::new(2025, 12).unwrap().through(Month::new(2027, 1).unwrap()) {
        let facts = population(&session, month);
        for (number, state) in states.iter().enumerate() {
            let id = grant(number as u128);
            let wanted = state.amounts_for(month).map(<[ComponentAmount]>::to_vec);
            let known = grants::amounts_for(&session, &scope, id, month).unwrap();
            let plain = |owed: &[(Component, Money, Month)]| -> Vec<ComponentAmount> {
                let each = owed.iter();
                each.map(|(component, amount, _)| (*component, *amount))
                    .map(|(component, amount)| ComponentAmount { component, amount })
                    .collect()
            };
            assert_eq!(known.as_deref().map(plain), wanted, "grant {number} in {month}");
            let record = state.record().unwrap();
            let reaches = record.from <= month && record.last.is_none_or(|last| month <= last);
            let fact = facts.iter().find(|fact| fact.grant == id);
            assert_eq!(fact.is_some(), reaches, "grant {number} in {month}");
            if let Some(fact) = fact {
                assert_eq!(fact.suspended, wanted.is_none());
                assert_eq!(plain(&fact.components), wanted.unwrap_or_default());
                assert_eq!(Some(&fact.components), known.as_ref().or(Some(&vec![])));
            }
            let row = grants::grant(&session, &scope, id).unwrap().unwrap();
            assert_eq!((row.last_month, row.ended), (record.last, record.ended));
            let stop = record.stopped().map(|stop| (stop.from, stop.reason));
            assert_eq!(row.stopped_from.zip(row.stop_reason), stop);
        }
    }
}

#[test]
fn an_adjustment_holds_until_the_next_one_by_month_whenever_it_was_made() {
    let house = House::new();
    let mut state = Grant::default();
    let adjust = |from, which| Command::Adjust {
        from: month(from),
        components: components(which),
        reason: "年度调整".to_owned(),
    };
    let registered = Command::Register(registration(1, components(0)));
    for command in [registered, adjust(7, 1), adjust(4, 2), adjust(7, 3)] {
        assert!(house.asked(grant(1), &mut state, command));
    }
    let (session, scope) = (house.session(), Scope::everything("test"));
    let rows = grants::amounts(&session, &scope, &[grant(1)]).unwrap();
    let plain: Vec<_> = rows
        .iter()
        .map(|row| (row.from_month, row.component.as_str(), row.amount.fen(), row.until_month))
        .collect();
    assert_eq!(
        plain,
        [
            (month(1), "whole", 100, Some(month(4))),
            (month(4), "whole", 120, Some(month(7))),
            (month(7), "basic", 70, None),
            (month(7), "care", 30, None),
            (month(7), "extra", 5, None),
        ]
    );
    let elsewhere = Scope { divisions: Some(vec![division("320612")]), ..scope };
    assert_eq!(grants::grant(&session, &elsewhere, grant(1)).unwrap(), None);
    assert!(grants::amounts(&session, &elsewhere, &[grant(1)]).unwrap().is_empty());
    assert_eq!(grants::amounts_for(&session, &elsewhere, grant(1), month(2)).unwrap(), None);
    assert_eq!(grants::count(&session, &elsewhere, &grants::GrantFilter::default()).unwrap(), 0);
}
