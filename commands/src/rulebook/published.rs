//! What is published, folded from the streams that the claims name.

use std::collections::BTreeSet;

use definitions::publication::{Event, Publication};
use definitions::{Catalogue, Change, History, Mistake, Source};
use kernel::{Decider, EventLog, Limit, Position, Revision, StreamName};
use shared::Date;

use super::Rulebook;
use crate::error::CommandError;

/// How the claims of definitions begin.
pub(super) const CLAIMS: &str = "definition:";
const CLAIMS_PAGE: usize = 1_000;

/// All published versions, as of a position that nothing of them lies behind.
#[derive(Debug, Clone, Default)]
pub struct Published {
    pub history: History,
    pub at: Position,
    /// The days on which something changes.
    days: BTreeSet<Date>,
}

impl Published {
    /// The catalogue on a business date.
    ///
    /// # Errors
    /// What does not fit together on that date.
    pub fn on(&self, date: Date) -> Result<Catalogue, Vec<Mistake>> {
        self.history.as_of(date)
    }

    pub(super) fn apply(&mut self, event: &Event) {
        let (Event::Published { from, .. } | Event::Retired { from, .. }) = event;
        self.days.insert(*from);
        self.history.apply(event);
    }

    /// # Errors
    /// What does not fit together on `from` or any later day on which something changes.
    pub(super) fn fits_from(&self, from: Date) -> Result<(), Vec<Mistake>> {
        let days = std::iter::once(from).chain(self.days.range(from..).copied());
        days.collect::<BTreeSet<_>>().into_iter().try_for_each(|day| self.on(day).map(|_| ()))
    }
}

impl Rulebook {
    /// Everything that was ever published.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn published(&self) -> Result<Published, CommandError> {
        let log = self.executor.log();
        // Before the streams are read: what is written after this moment may be missing.
        let mut published = Published { at: log.head(), ..Published::default() };
        let mut after = CLAIMS.to_owned();
        loop {
            let page = log.claims_from(CLAIMS, &after, CLAIMS_PAGE).await?;
            let Some(last) = page.last() else { return Ok(published) };
            after.clone_from(&last.key);
            for claim in page {
                let stream = StreamName::stored(claim.holder);
                read(log, &stream, &mut published).await?;
            }
        }
    }

    /// What must be done to the definitions in force on `date` to make them those of `sources`.
    ///
    /// # Errors
    /// The mistakes of either side.
    pub async fn diff(
        &self,
        sources: &[Source],
        date: Date,
    ) -> Result<Vec<Change>, super::PublishError> {
        let there = Catalogue::load(sources).map_err(super::PublishError::Faulty)?;
        let here = self.published().await?.on(date).map_err(super::PublishError::Faulty)?;
        Ok(here.diff(&there))
    }

    /// What this program brings that is not in force: offered, never applied by itself.
    ///
    /// # Errors
    /// As [`Rulebook::diff`].
    pub async fn offered(&self, date: Date) -> Result<Vec<Change>, super::PublishError> {
        self.diff(&Source::bundled(), date).await
    }
}

pub(super) fn claim(kind: &str, id: &str) -> String {
    format!("{CLAIMS}{kind}/{id}")
}

async fn read(
    log: &dyn EventLog,
    stream: &StreamName,
    published: &mut Published,
) -> Result<(), CommandError> {
    debug_assert_eq!(stream.category(), Publication::CATEGORY);
    let mut after = Revision::NONE;
    loop {
        let page = log.read_stream(stream, after, Limit::PAGE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.revision;
        for recorded in &page {
            published.apply(&recorded.decode()?);
        }
    }
}
