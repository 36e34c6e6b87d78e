//! Feeds 回流: runs that another system paid, in its own order, and what is missing between them.
//!
//! **Invariant** a run waits where a sequence number before it is missing; what is received, missing
//! and entered follows from the feed's events alone.

use disbursement::feed::Event;
use kernel::{Micros, Position};
use serde::{Deserialize, Serialize};
use shared::{AgencyCode, AreaCode, ArtefactId, Date, FundCode, ItemId, Money, Month, RunType};

use crate::engine::{
    Cached, Failure, FoldError, Happened, Projection, ReadSession, Record, Store, Table, ViewError,
};
use crate::facts::Fact;
use crate::lists::{By, Only, Page, of_many, one, page, seen};
use crate::scope::Scope;
use crate::{json_column, record};

pub const NAME: &str = "feeds";

/// More than this no answer holds at once.
const MANY: u32 = 1_000;

/// Sequence numbers that are missing, both ends counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    pub from: u32,
    pub to: u32,
    pub found_on: Date,
}

json_column!(Vec<Gap>);

record! {
    pub struct FeedRow in "feed" key(feed: String) index("item", "area") {
        pub source: String,
        pub item: ItemId,
        pub area: AreaCode,
        /// The first run that counts here.
        pub first: u32,
        /// The next run that may be entered.
        pub next: u32,
        /// The highest that is here; 0 while none is.
        pub last: u32,
        pub received: u32,
        pub entered: u32,
        pub gaps: Vec<Gap>,
        pub position: Position,
    }

    /// One run as its file declares it.
    pub struct FeedRunRow in "feed_run" key(feed: String, sequence: u32) index("plan") {
        /// `received`, `running` or `entered`.
        pub state: String,
        pub reference: String,
        pub month: Month,
        pub run: RunType,
        pub fund: FundCode,
        pub agency: AgencyCode,
        pub paid_on: Date,
        pub lines: u32,
        /// Net.
        pub total: Money,
        /// SM3 over the lines, as the source declares it; the count agreed with it.
        pub digest: String,
        pub artefact: ArtefactId,
        pub received_at: Micros,
        /// The plan that it became.
        pub plan: Option<String>,
    }
}

seen! { NAME;
    FeedRow: by("area");
    FeedRunRow: through("feed", "area");
}

impl FeedRow {
    /// How many runs are missing.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.gaps.iter().map(|gap| u64::from(gap.to - gap.from) + 1).sum()
    }

    /// The missing run that keeps a received one from being entered.
    #[must_use]
    pub fn blocks(&self, sequence: u32) -> Option<u32> {
        self.gaps.first().map(|gap| gap.from).filter(|missing| *missing < sequence)
    }

    fn found(&mut self, from: u32, to: u32, found_on: Date) {
        self.gaps.push(Gap { from, to, found_on });
        self.gaps.sort_unstable_by_key(|gap| gap.from);
    }

    /// What is left on both sides of a number that arrived.
    fn filled(&mut self, sequence: u32) {
        let around = |gap: Gap| {
            let before = Gap { to: sequence.saturating_sub(1), ..gap };
            let behind = Gap { from: sequence.saturating_add(1), ..gap };
            let inside = (gap.from..=gap.to).contains(&sequence);
            let pieces = if inside { vec![before, behind] } else { vec![gap] };
            pieces.into_iter().filter(|piece| piece.from <= piece.to)
        };
        self.gaps = std::mem::take(&mut self.gaps).into_iter().flat_map(around).collect();
    }
}

#[derive(Default)]
pub struct Feeds {
    feeds: Cached<FeedRow>,
    runs: Cached<FeedRunRow>,
}

impl Feeds {
    fn feed(
        &mut self,
        happened: &Happened<'_>,
        event: &Event,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        let id = happened.subject().to_owned();
        let on = happened.meta.business_date;
        match event {
            Event::Opened { source, item, area, first } => self.feeds.put(FeedRow {
                feed: id.clone(),
                source: source.clone(),
                item: *item,
                area: *area,
                first: *first,
                next: *first,
                last: 0,
                received: 0,
                entered: 0,
                gaps: Vec::new(),
                position: happened.position(),
            }),
            Event::RunReceived(run) => {
                self.runs.put(FeedRunRow {
                    feed: id.clone(),
                    sequence: run.sequence,
                    state: "received".to_owned(),
                    reference: run.reference.clone(),
                    month: run.month,
                    run: run.run,
                    fund: run.fund,
                    agency: run.agency,
                    paid_on: run.paid_on,
                    lines: run.lines,
                    total: run.total,
                    digest: run.digest.clone(),
                    artefact: run.artefact,
                    received_at: happened.recorded.recorded_at,
                    plan: None,
                });
                self.feeds.update(&id, store, |feed| {
                    feed.received += 1;
                    feed.last = feed.last.max(run.sequence);
                })?;
            }
            Event::GapFound { from, to } => {
                self.feeds.update(&id, store, |feed| feed.found(*from, *to, on))?;
            }
            Event::GapFilled { sequence } => {
                self.feeds.update(&id, store, |feed| feed.filled(*sequence))?;
            }
            Event::RunBegun { sequence, plan } => {
                self.now(&id, *sequence, "running", plan, store)?;
            }
            Event::RunApplied { sequence, plan } => {
                self.now(&id, *sequence, "entered", plan, store)?;
                self.feeds.update(&id, store, |feed| {
                    feed.entered += 1;
                    feed.next = sequence.saturating_add(1);
                })?;
            }
        }
        let position = happened.position();
        if self.feeds.update(&id, store, |feed| feed.position = position)? {
            return Ok(());
        }
        Err(FoldError::refused(format!("feed {id} was never opened")))
    }

    fn now(
        &mut self,
        feed: &str,
        sequence: u32,
        state: &str,
        plan: &str,
        store: &mut dyn Store,
    ) -> Result<(), FoldError> {
        self.runs.update(&(feed.to_owned(), sequence), store, |run| {
            state.clone_into(&mut run.state);
            run.plan = Some(plan.to_owned());
        })?;
        Ok(())
    }
}

impl Projection for Feeds {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> Vec<&'static Table> {
        vec![FeedRow::TABLE, FeedRunRow::TABLE]
    }

    fn failure(&self) -> Failure {
        Failure::Stop
    }

    fn categories(&self) -> &'static [&'static str] {
        &["feed"]
    }

    fn fold(&mut self, happened: &Happened<'_>, store: &mut dyn Store) -> Result<(), FoldError> {
        match happened.fact {
            Fact::Feed(event) => self.feed(happened, event, store),
            _ => Ok(()),
        }
    }

    fn flush(&mut self, store: &mut dyn Store) -> Result<(), FoldError> {
        self.feeds.flush(store)?;
        self.runs.flush(store)?;
        Ok(())
    }

    fn forget(&mut self) {
        *self = Self::default();
    }

    fn fresh(&self) -> Box<dyn Projection> {
        Box::<Self>::default()
    }
}

/// Feeds by id: a source, an item and an area each.
///
/// # Errors
/// When the read model cannot be read; so for all of these.
pub fn feeds(session: &ReadSession, scope: &Scope) -> Result<Vec<FeedRow>, ViewError> {
    let (only, order) = (Only::everything(), [By::up("feed")]);
    let (after, before, limit) = (None, None, MANY);
    let asked = Page { only: &only, order: &order, after, before, backward: false, limit };
    page(session, scope, &asked)
}

pub fn feed(session: &ReadSession, scope: &Scope, id: &str) -> Result<Option<FeedRow>, ViewError> {
    one(session, scope, &id.to_owned())
}

/// Every run of a feed that is here, in its order.
pub fn runs(
    session: &ReadSession,
    scope: &Scope,
    feed: &str,
) -> Result<Vec<FeedRunRow>, ViewError> {
    of_many(session, scope, "feed", [feed.into()], &[By::up("sequence")])
}
