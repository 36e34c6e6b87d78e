//! What the lists of the cases beside the runs have in common: returns, recoveries, holds, heirs,
//! deductions, comparisons.

use anyhow::{Context as _, Result};
use projections::Scope;
use projections::lists::{self, By, Only, Page, Seen};
use serde::Serialize;

use super::Unusable;
use super::desk::Desk;

/// Rows that a list shows at most; `--after` goes on behind the last one.
pub const ROWS_MAX: u32 = 500;

/// A page of a table, in this order, behind the row whose key is `after`.
pub async fn rows<R: Seen>(
    desk: &Desk,
    only: &Only,
    key: &'static str,
    after: Option<String>,
    limit: u32,
) -> Result<Vec<R>> {
    let node = desk.existing().await?;
    let scope = Scope::everything(desk.actor());
    let session = node.train.session()?;
    let after = after.map(|key| vec![key.as_str().into()]);
    let (order, limit) = ([By::up(key)], limit.min(ROWS_MAX));
    let page = Page { only, order: &order, after, before: None, backward: false, limit };
    Ok(lists::page(&session, &scope, &page)?)
}

/// The value that a word of the command line names; `no` says what another word is.
pub fn word<T: Copy>(
    all: impl IntoIterator<Item = T>,
    asked: &str,
    code: fn(T) -> &'static str,
    no: &str,
) -> Result<T> {
    let known = all.into_iter().find(|one| code(*one) == asked);
    let known = known.with_context(|| format!("{asked} is {no}: see --help"));
    known.map_err(|error| error.context(Unusable::Asked))
}

/// Says a list: as JSON for programs, else a line for each.
pub fn say<T: Serialize>(desk: &Desk, rows: &[T], line: impl Fn(&T) -> String) -> Result<()> {
    desk.say(&rows, || {
        if rows.is_empty() {
            return "nothing".to_owned();
        }
        rows.iter().map(line).collect::<Vec<_>>().join("\n")
    })
}
