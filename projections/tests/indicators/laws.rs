//! The laws, over random histories with corrections, late facts, cancellations and merges,
//! in every store the same.

use std::collections::BTreeMap;

use definitions::indicator::evaluate::{Figure, Key, Query, evaluate};
use definitions::indicator::{Condition, Fold, Measure};
use definitions::word::Word as _;
use definitions::{Catalogue, FactKind, Grouping, Indicator, Span};
use kernel::Position;
use projections::Scope;
use projections::engine::ReadSession;
use projections::indicators::NAME;
use projections::indicators::explain::{Explained, explain};
use projections::indicators::read::StoredFacts;
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any, proptest};

use crate::happenings::{COUNTIES, Op, Random};
use crate::house::House;
use crate::plainly;
use crate::stores::{On, same};

const SPANS: [&str; 7] =
    ["2026-01", "2025-12", "2026", "2025-Q4", "2025-11..2026-02", "2026-01-03..2026-02-09", "2030"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn incremental_is_rebuilt_is_recomputed(
        rolls in vec((0..10_u8, any::<[u8; 4]>()), 1..160),
        before in any::<u16>(),
    ) {
        let history = history(&rolls);
        let at = 1 + usize::from(before) % history.len();
        let houses = On::BOTH.map(|on| law(on, &history, at));
        same(&[NAME], houses.each_ref().map(House::session));
    }
}

fn law(on: On, history: &[Op], at: usize) -> House {
    let mut house = House::on(on);
    history.iter().for_each(|op| op.write(&mut house));
    let session = house.session();
    agrees(&session, history, None);
    agrees(&session, &history[..at], Some(Position(at as u64)));
    parts_add_up(&session);
    drop(session);
    house.rebuilt_equals_live();
    agrees(&house.session(), history, None);
    house
}

#[test]
fn what_was_said_of_a_month_that_is_over_is_kept() {
    let day = |text: &str| text.parse().unwrap();
    let (county, on) = (0, day("2026-01-10"));
    let history = [
        Op::Registered { person: 0, county, female: true, birth: 1950, on },
        Op::Day(day("2026-01-31")),
        // Known in time: January is not over.
        Op::Registered { person: 1, county, female: true, birth: 1950, on },
        Op::Day(day("2026-02-01")),
        Op::Registered { person: 2, county, female: true, birth: 1950, on },
        Op::Corrected { person: 0, county: 1 },
    ];
    let mut house = House::new();
    history.iter().for_each(|op| op.write(&mut house));
    let session = house.session();
    let rows: Vec<projections::indicators::RestatedRow> =
        session.query("ORDER BY position, place", &[]).unwrap();
    let told: Vec<(u64, &str, i64)> =
        rows.iter().map(|row| (row.position.0, row.place.get(..6).unwrap(), row.facts)).collect();
    assert_eq!(told, [(5, COUNTIES[0], 2), (6, COUNTIES[0], 3), (6, COUNTIES[1], 0)]);
}

#[test]
fn a_reader_sees_the_figures_of_his_divisions() {
    let on = "2026-01-10".parse().unwrap();
    let mut house = House::new();
    for (person, county) in (0..).zip([0, 0, 1, 3]) {
        Op::Registered { person, county, female: true, birth: 1950, on }.write(&mut house);
    }
    let (session, catalogue) = (house.session(), Catalogue::bundled().unwrap());
    let all = catalogue.all::<Indicator>();
    let divisions = Some(vec![COUNTIES[0].parse().unwrap()]);
    let scope = Scope { divisions, ..Scope::everything("clerk") };
    let facts = StoredFacts { session: &session, scope: &scope, as_of: None };
    let query = Query { span: "2026".parse().unwrap(), by: &[], conditions: &[] };
    let seen = evaluate(&all["people-registered"], all, query, &facts).unwrap();
    assert_eq!(seen[&Key::new()].value, Some(2));
}

fn history(rolls: &[(u8, [u8; 4])]) -> Vec<Op> {
    let mut random = Random::default();
    random.ops.extend([Op::Item(0), Op::Item(1)]);
    for (which, roll) in rolls {
        random.roll(*which, *roll);
    }
    random.ops
}

/// Every live indicator, in every span, by nothing, each of its groupings and some pairs.
fn agrees(session: &ReadSession, history: &[Op], as_of: Option<Position>) {
    let (plain, scope) = (plainly::facts(history), Scope::everything("test"));
    let stored = StoredFacts { session, scope: &scope, as_of };
    let catalogue = Catalogue::bundled().unwrap();
    let all = catalogue.all::<Indicator>();
    let under = [Condition { by: Grouping::City, is: vec!["3206".to_owned(), "3101".to_owned()] }];
    for indicator in all.values().filter(|one| one.is_live() && told(one, all)) {
        for span in SPANS.map(|text| text.parse::<Span>().unwrap()) {
            let singles = Grouping::ALL.iter().map(|(_, by)| vec![*by]);
            let pairs =
                [vec![Grouping::Item, Grouping::City], vec![Grouping::County, Grouping::Sex]];
            for by in [vec![]].into_iter().chain(singles).chain(pairs) {
                if !by.iter().all(|by| indicator.allows(*by)) {
                    continue;
                }
                for conditions in [&[], under.as_slice()] {
                    if !conditions.is_empty() && !indicator.allows(Grouping::City) {
                        continue;
                    }
                    let query = Query { span, by: &by, conditions };
                    let (mut there, mut here) = (
                        evaluate(indicator, all, query, &plain).unwrap_or_default(),
                        evaluate(indicator, all, query, &stored).unwrap(),
                    );
                    // A group whose facts were all withdrawn may be told as nothing.
                    let nothing = |figure: &Figure| figure.value != Some(0);
                    there.retain(|_, figure| nothing(figure));
                    here.retain(|_, figure| nothing(figure));
                    assert_eq!(here, there, "{} {span} by {by:?} as of {as_of:?}", indicator.id);
                    rolls_up(indicator, all, query, &here, &stored);
                }
            }
        }
    }
}

/// Whether the histories here tell its facts.
fn told(indicator: &Indicator, all: &BTreeMap<String, Indicator>) -> bool {
    match &indicator.measure {
        Some(Measure::Of { facts, .. }) => {
            use FactKind::{BookEntry, CardStep, Death, PayLine, Person};
            matches!(facts.kind, Person | Death | CardStep | PayLine | BookEntry)
        }
        _ => indicator.parts().all(|part| told(&all[part], all)),
    }
}

/// The groups of a count or a sum add up to the whole.
fn rolls_up(
    indicator: &Indicator,
    all: &BTreeMap<String, Indicator>,
    query: Query<'_>,
    groups: &BTreeMap<Key, Figure>,
    stored: &StoredFacts<'_>,
) {
    let Some(Measure::Of { fold: Fold::Count | Fold::Sum(_) | Fold::Running(_), .. }) =
        indicator.measure
    else {
        return;
    };
    let whole = evaluate(indicator, all, Query { by: &[], ..query }, stored).unwrap();
    let sum: i64 = groups.values().filter_map(|figure| figure.value).sum();
    assert_eq!(whole[&Key::new()].value, Some(sum), "{} rolls up", indicator.id);
}

/// Pages of three parts add up to the figure.
fn parts_add_up(session: &ReadSession) {
    let scope = Scope::everything("test");
    let stored = StoredFacts { session, scope: &scope, as_of: None };
    let catalogue = Catalogue::bundled().unwrap();
    let all = catalogue.all::<Indicator>();
    for indicator in all.values().filter(|one| one.is_live()) {
        let adds_up = match &indicator.measure {
            Some(Measure::Of { fold, .. }) => !matches!(
                fold,
                Fold::Average(_) | Fold::Minimum(_) | Fold::Maximum(_) | Fold::Percentile(..)
            ),
            _ => false,
        };
        for span in SPANS.map(|text| text.parse::<Span>().unwrap()) {
            let query = Query { span, by: &[], conditions: &[] };
            let figures = evaluate(indicator, all, query, &stored).unwrap();
            let (mut sum, mut after) = (0, Position::START);
            while let Explained::Parts(parts) =
                explain(&stored, indicator, query, after, 3).unwrap()
            {
                let Some(last) = parts.last() else { break };
                after = last.position;
                sum += parts.iter().filter_map(|part| part.part).sum::<i128>();
            }
            if adds_up {
                let value = figures[&Key::new()].value.map_or(0, i128::from);
                assert_eq!(sum, value, "{} {span}", indicator.id);
            }
        }
    }
}
