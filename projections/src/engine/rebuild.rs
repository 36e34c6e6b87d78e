//! Rebuilding a read model: what is told of it, and how it begins. [`build`](super::build) does it.

use std::collections::BTreeMap;
use std::sync::Arc;

use kernel::Position;
use thiserror::Error;
use tokio::sync::watch;

use super::group::begin_builds;
use super::member::Member;
use super::orders::{Fault, Shared, lock};
use super::projection::Projection;
use super::store::{Standing, StoreError};

/// A rebuild that was begun.
#[derive(Debug, Clone)]
pub struct Rebuild {
    progress: watch::Receiver<Progress>,
}

/// How far a rebuild is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    pub view: &'static str,
    pub generation: u32,
    pub done: Position,
    /// The head of the log when last looked at.
    pub total: Position,
    /// Since this run of it began; 0 before the first commit.
    pub events_per_second: u64,
    pub outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Filling,
    Comparing,
    /// It is read now.
    Flipped,
    /// It is not read: the live one holds something else.
    Different {
        live: [u8; 32],
        rebuilt: [u8; 32],
    },
    Failed(Fault),
    /// The program ended first; it goes on when it is asked for again.
    Interrupted,
}

#[derive(Debug, Error)]
pub enum RebuildError {
    #[error("no read model is called {0}")]
    Unknown(String),
    #[error("{0} is being rebuilt already")]
    Running(String),
    #[error("the train has ended")]
    Ended,
    #[error("the store failed")]
    Store(#[from] StoreError),
    #[error("the rebuild's thread cannot be started")]
    Thread(#[source] std::io::Error),
}

impl Progress {
    /// Seconds until it has caught up at this rate, if there is one yet.
    #[must_use]
    pub fn remaining_seconds(&self) -> Option<u64> {
        let left = self.total.0.saturating_sub(self.done.0);
        (self.events_per_second > 0).then(|| left.div_ceil(self.events_per_second))
    }

    #[must_use]
    pub fn is_over(&self) -> bool {
        !matches!(self.outcome, Outcome::Filling | Outcome::Comparing)
    }

    pub(super) fn fault(&self) -> Option<Fault> {
        match &self.outcome {
            Outcome::Failed(fault) => Some(fault.clone()),
            Outcome::Filling
            | Outcome::Comparing
            | Outcome::Flipped
            | Outcome::Different { .. }
            | Outcome::Interrupted => None,
        }
    }
}

impl Rebuild {
    pub(super) fn of(progress: watch::Receiver<Progress>) -> Self {
        Self { progress }
    }

    #[must_use]
    pub fn progress(&self) -> Progress {
        self.progress.borrow().clone()
    }

    /// Waits until it is over.
    pub async fn finished(mut self) -> Progress {
        // The sender lives as long as the train; when it goes, the last word stands.
        let _ended = self.progress.wait_for(Progress::is_over).await.is_err();
        self.progress.borrow().clone()
    }
}

/// Begins to fill each of these anew; more than one go together.
pub(super) fn begin_rebuilds(
    shared: &Arc<Shared>,
    names: &[&str],
    compare: bool,
) -> Result<Vec<Rebuild>, RebuildError> {
    if shared.is_ending() {
        return Err(RebuildError::Ended);
    }
    // Held to the end: two rebuilds of one read model cannot begin at once.
    let makers = lock(&shared.makers);
    let mut members: Vec<Member> = Vec::with_capacity(names.len());
    for name in names {
        if members.iter().any(|member| member.plan.name == *name) {
            return Err(RebuildError::Running((*name).to_owned()));
        }
        members.push(prepared(shared, &makers, name)?);
    }
    begin_builds(shared, members, compare).map_err(RebuildError::Thread)
}

/// A generation to fill: one that was interrupted goes on.
fn prepared(
    shared: &Shared,
    makers: &BTreeMap<&'static str, Box<dyn Projection>>,
    name: &str,
) -> Result<Member, RebuildError> {
    let projection = makers
        .get(name)
        .map(|maker| maker.fresh())
        .ok_or_else(|| RebuildError::Unknown(name.to_owned()))?;
    let last = lock(&shared.builds).get(name).map(|build| build.borrow().clone());
    if last.as_ref().is_some_and(|progress| !progress.is_over()) {
        return Err(RebuildError::Running(name.to_owned()));
    }
    if let Some(Progress { outcome: Outcome::Different { .. }, generation, .. }) = last {
        // Looked at or not: the next one starts from zero.
        shared.stores.drop_generation(name, generation)?;
    }
    let plan = shared.plan(&*projection);
    let begun = shared
        .stores
        .generations(name)?
        .into_iter()
        .rfind(|known| known.standing == Standing::Building && known.version == plan.version);
    let resumed = match begun {
        Some(known) => match shared.stores.open(&plan, known.number) {
            Ok(generation) => Some(generation),
            Err(StoreError::OtherLog) => None,
            Err(error) => return Err(error.into()),
        },
        None => None,
    };
    let mut generation = match resumed {
        Some(generation) => generation,
        None => shared.stores.create(&plan)?,
    };
    let parked = generation.parked()?.len();
    let standing = Standing::Building;
    Ok(Member { projection, generation, plan, standing, parked })
}
