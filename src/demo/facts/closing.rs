//! Fact 16: January opened again, and March closed.

use std::collections::BTreeMap;

use anyhow::Result;
use commands::disbursement::BookKey;
use disbursement::period::{Event, Period};
use projections::runs;
use shared::Money;

use super::Figures;
use super::seen::{Seen, month};

const JANUARY: &str = "A1-2026-01-320000";

pub async fn books(
    seen: &Seen<'_>,
    statements: &BTreeMap<BookKey, Vec<String>>,
) -> Result<Figures> {
    let mut figures = Figures::default();
    let by = seen.events::<Period>(JANUARY).await?.into_iter().find_map(|event| match event {
        Event::Reopened { by, asked_by, .. } => Some((by, asked_by)),
        _ => None,
    });
    figures.holds("January was opened again", by.is_some());
    figures.holds("by two persons", by.is_some_and(|(by, asked)| by != asked));
    let certificates = runs::certificates(&seen.session, &seen.scope, JANUARY)?;
    figures.equal("its certificates that can be read", certificates.len(), 2);
    let receipts = |place: usize| -> Result<u64> {
        let body = certificates.get(place).map_or("null", |row| row.body.as_str());
        let body: serde_json::Value = serde_json::from_str(body)?;
        Ok(body["item"]["unreplied_lines"].as_u64().unwrap_or(u64::MAX))
    };
    figures.equal("lines without a receipt on the first", receipts(0)?, 1);
    figures.equal("and on the second", receipts(1)?, 0);
    let periods = runs::periods(&seen.session, &seen.scope, None)?;
    for number in 1..=3 {
        let month = month(number)?;
        let of = periods.iter().filter(|period| period.month == month);
        let open = of.clone().filter(|period| period.stage != "closed").count();
        figures.equal(format!("item-periods of {month} that are open"), open, 0);
    }
    let (mut drawn, mut unexplained) = (0, Money::ZERO);
    let march = month(3)?;
    for (book, statements) in statements {
        let pay = &seen.office.node.disbursement;
        let table = pay.reconciliation(&book.to_string(), None, march, statements).await?;
        drawn += 1;
        let left = table.unexplained();
        unexplained += if left.is_negative() { -left } else { left };
    }
    figures.equal("余额调节表 of March", drawn, statements.len());
    figures.equal("what they leave unexplained", unexplained, Money::ZERO);
    Ok(figures)
}
