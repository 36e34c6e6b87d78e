//! The Ministry's real figures as events: oracles that others computed.

use std::collections::BTreeMap;

use definitions::indicator::evaluate::{Figure, Key, Missing, Query, evaluate};
use definitions::{Catalogue, Grouping, Indicator, Span};
use kernel::Position;
use projections::Scope;
use projections::indicators::read::StoredFacts;
use serde_json::json;
use shared::{Date, Month};
use statistics::table;

use crate::house::House;

const MONTHLY: &str = include_str!("../../../domain/statistics/data/mohrss_monthly_funds.csv");
const ANNUAL: &str = include_str!("../../../domain/statistics/data/mohrss_annual.csv");

/// 0.1 of 亿元, in fen.
const TENTH: i64 = 1_000_000_000;

fn taken(house: &mut House, rows: &[table::Row]) {
    for row in rows {
        let data = json!({
            "publisher": "mohrss", "month": row.month, "readings": row.readings, "source": "统计快报",
        });
        let stream = format!("figures-mohrss-{}", row.month);
        house.happened(&stream, "figures.reported.v1", &data, Date::constant(2026, 7, 1));
    }
}

fn asked(house: &House, id: &str, span: &str, as_of: Option<Position>) -> BTreeMap<Key, Figure> {
    let (session, scope) = (house.session(), Scope::everything("test"));
    let facts = StoredFacts { session: &session, scope: &scope, as_of };
    let catalogue = Catalogue::bundled().unwrap();
    let all = catalogue.all::<Indicator>();
    let query = Query { span: span.parse().unwrap(), by: &[Grouping::Scheme], conditions: &[] };
    evaluate(&all[id], all, query, &facts).unwrap()
}

fn of(figures: &BTreeMap<Key, Figure>, scheme: &str) -> Figure {
    figures[&vec![scheme.to_owned()]].clone()
}

#[test]
fn months_are_taken_out_of_figures_that_are_counted_from_january() {
    let mut house = House::new();
    taken(&mut house, &table::read(MONTHLY).unwrap());
    let balances: Vec<i64> = (7..=12)
        .map(|month| {
            let month = format!("2025-{month:02}");
            let figures = asked(&house, "national-fund-balance-single", &month, None);
            let fen = of(&figures, "unemployment").value.unwrap();
            // Rounded to the place that the oracle shows.
            (fen + fen.signum() * TENTH / 2) / TENTH
        })
        .collect();
    assert_eq!(balances, [-40, -416, -351, -126, -405, -197]);
    let march = asked(&house, "national-fund-balance-single", "2025-03", None);
    let february = Month::new(2025, 2).unwrap();
    let missing = of(&march, "unemployment").missing;
    assert_eq!(missing, Some(Missing::NotPublished { month: february }));
    // January needs no month before it, and months that were published add up.
    let year = asked(&house, "national-fund-income-single", "2024", None);
    let so_far = asked(&house, "national-fund-income", "2024-12", None);
    assert_eq!(of(&year, "injury").value, of(&so_far, "injury").value);
}

#[test]
fn the_year_2016_reaches_to_october() {
    let mut house = House::new();
    taken(&mut house, &table::read(ANNUAL).unwrap());
    let figure = of(&asked(&house, "national-fund-income", "2016", None), "injury");
    assert_eq!(figure.reaches, Some(Date::constant(2016, 10, 31)));
    let all: Span = "2013..2026".parse().unwrap();
    assert!(all.contains(Date::constant(2016, 10, 31)));
}

#[test]
fn a_correction_is_visible_by_date_of_knowledge() {
    let mut house = House::new();
    let row = |value: i64| {
        json!({
            "publisher": "mohrss", "month": "2025-12", "source": "统计快报",
            "readings": [{ "scheme": "injury", "series": "income", "value": value }],
        })
    };
    let on = Date::constant(2026, 1, 20);
    let stream = "figures-mohrss-2025-12";
    let first = house.happened(stream, "figures.reported.v1", &row(100), on);
    let second = house.happened(stream, "figures.corrected.v1", &row(120), on);
    let said = |at| of(&asked(&house, "national-fund-income", "2025-12", at), "injury").value;
    assert_eq!(
        (said(Some(first)), said(Some(second)), said(None)),
        (Some(100), Some(120), Some(120))
    );
}
