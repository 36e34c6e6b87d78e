//! Starting the train: which generation each read model goes on with, and who is aboard at once.

use std::collections::HashSet;
use std::sync::Arc;

use kernel::{EventLog, Position};
use thiserror::Error;

use super::batch::Batching;
use super::group::begin_builds;
use super::handle::TrainHandle;
use super::member::Member;
use super::orders::Shared;
use super::projection::Projection;
use super::session::Views;
use super::store::{Standing, StoreError, Stores};
use super::train::{BEHIND_MAX, Driver};

/// One OS thread that folds the log into every read model; see [`train`](super::train).
pub struct Train;

#[derive(Debug, Error)]
pub enum StartError {
    #[error("two read models are called {0}")]
    NameTwice(&'static str),
    #[error("two read models have a table {0}")]
    TableTwice(&'static str),
    #[error("the store failed")]
    Store(#[from] StoreError),
    #[error("the train's thread cannot be started")]
    Thread(#[source] std::io::Error),
}

impl Train {
    /// Opens or creates every read model's generation and starts to fold.
    ///
    /// Inside a tokio runtime the log's futures find that runtime; without one they must not need
    /// it.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(
        log: Arc<dyn EventLog>,
        stores: Arc<dyn Stores>,
        projections: Vec<Box<dyn Projection>>,
    ) -> Result<TrainHandle, StartError> {
        Self::start_with(log, stores, projections, Batching::LIVE, Batching::REBUILD)
    }

    /// With other batch sizes: for tests and measurements.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start_with(
        log: Arc<dyn EventLog>,
        stores: Arc<dyn Stores>,
        projections: Vec<Box<dyn Projection>>,
        live: Batching,
        rebuild: Batching,
    ) -> Result<TrainHandle, StartError> {
        check_names(&projections)?;
        let owned = projections.iter().map(|model| (model.name(), model.tables()));
        let views = Views::new(Arc::clone(&stores), owned);
        let makers = projections.iter().map(|model| (model.name(), model.fresh())).collect();
        let shared = Arc::new(Shared::new(log, stores, [live, rebuild], makers));
        let mut members = Vec::new();
        for projection in projections {
            members.push(open(&shared, projection)?);
        }
        let at = start_position(&members);
        let (aboard, behind): (Vec<_>, Vec<_>) = members.into_iter().partition(|member| {
            let position = member.checkpoint().position;
            position <= at && at.0 - position.0 <= BEHIND_MAX
        });
        let mut driver = Driver::new(Arc::clone(&shared));
        for member in aboard {
            driver.admit(member)?;
        }
        driver.publish();
        begin_builds(&shared, behind, false).map_err(StartError::Thread)?;
        let train = driver.spawn().map_err(StartError::Thread)?;
        Ok(TrainHandle::new(shared, views, train))
    }
}

/// The current generation if it fits this program and this log, else one that is being filled, else
/// a new one.
fn open(shared: &Shared, projection: Box<dyn Projection>) -> Result<Member, StartError> {
    let plan = shared.plan(&*projection);
    let head = shared.log.head();
    for standing in [Standing::Current, Standing::Building] {
        let generations = shared.stores.generations(plan.name)?;
        let fitting = generations
            .iter()
            .rfind(|known| known.standing == standing && known.version == plan.version);
        let Some(known) = fitting else { continue };
        // Of a current one that does not fit nothing may be shown; it is replaced when the new
        // one boards.
        match shared.stores.open(&plan, known.number) {
            Ok(generation) if generation.checkpoint().position <= head => {
                let mut member = Member { projection, generation, plan, standing, parked: 0 };
                member.parked = member.generation.parked()?.len();
                return Ok(member);
            }
            Ok(_) | Err(StoreError::OtherLog) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let generation = shared.stores.create(&plan)?;
    Ok(Member { projection, generation, plan, standing: Standing::Building, parked: 0 })
}

/// Where the train begins: where the furthest of those that are read stands; if nothing is read
/// yet, where the furthest of all stands.
fn start_position(members: &[Member]) -> Position {
    let furthest = |members: &mut dyn Iterator<Item = &Member>| {
        members.map(|member| member.checkpoint().position).max()
    };
    furthest(&mut members.iter().filter(|member| member.standing == Standing::Current))
        .or_else(|| furthest(&mut members.iter()))
        .unwrap_or_default()
}

fn check_names(projections: &[Box<dyn Projection>]) -> Result<(), StartError> {
    let (mut names, mut tables) = (HashSet::new(), HashSet::new());
    for projection in projections {
        if !names.insert(projection.name()) {
            return Err(StartError::NameTwice(projection.name()));
        }
        for table in projection.tables() {
            if !tables.insert(table.name) {
                return Err(StartError::TableTwice(table.name));
            }
        }
    }
    Ok(())
}
