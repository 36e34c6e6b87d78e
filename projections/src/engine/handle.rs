//! What the rest of the program knows of the train: how far it is, who holds it up, and its orders.

use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use kernel::{Limit, Micros, Position, StreamName};
use thiserror::Error;
use tokio::time::{Instant, timeout_at};

use super::orders::{Fault, Order, ReplayError, Shared, lock};
use super::rebuild::{Progress, Rebuild, RebuildError, begin_rebuilds};
use super::session::{ReadSession, ViewError, Views};
use super::store::{Checkpoint, Parked, StoreError};

/// The running train; cheap to clone. When the last clone is dropped without [`Self::stop`], the
/// batch in hand is given up, as if the process had been killed.
#[derive(Clone)]
pub struct TrainHandle {
    inner: Arc<Inner>,
    views: Views,
}

struct Inner {
    shared: Arc<Shared>,
    train: Mutex<Option<JoinHandle<()>>>,
}

/// What the train tells after each batch.
#[derive(Debug, Clone, Default)]
pub(super) struct Published {
    /// None while nobody is aboard.
    pub(super) reached: Option<Position>,
    pub(super) views: Vec<PublishedView>,
    pub(super) log_error: Option<String>,
    pub(super) ended: bool,
}

#[derive(Debug, Clone)]
pub(super) struct PublishedView {
    pub(super) name: &'static str,
    pub(super) version: u32,
    pub(super) generation: u32,
    pub(super) checkpoint: Checkpoint,
    pub(super) parked: usize,
    pub(super) fault: Option<Fault>,
}

/// How everything stands.
#[derive(Debug, Clone)]
pub struct Status {
    pub head: Position,
    /// What everybody aboard has folded.
    pub reached: Position,
    pub views: Vec<ViewStatus>,
    pub rebuilds: Vec<Progress>,
    /// Set while the log cannot be read.
    pub log_error: Option<String>,
}

impl Status {
    /// Who holds the rest up: the furthest behind, if anybody is.
    #[must_use]
    pub fn blocker(&self) -> Option<&ViewStatus> {
        self.views.iter().filter(|view| view.lag_events > 0).min_by_key(|view| view.position)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewStatus {
    pub name: &'static str,
    pub version: u32,
    pub generation: u32,
    pub position: Position,
    pub lag_events: u64,
    /// Between the recording of the head and of the last event folded, in whole seconds.
    pub lag_seconds: i64,
    pub parked: usize,
    /// Set where it has left the train.
    pub fault: Option<Fault>,
}

/// A read model that stands below what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocker {
    pub view: String,
    pub position: Position,
    /// None: it is only behind, or still being filled.
    pub fault: Option<Fault>,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("position {reached} is reached, not yet the one that was asked for")]
pub struct NotReached {
    pub reached: Position,
    pub blocker: Option<Blocker>,
}

impl TrainHandle {
    pub(super) fn new(shared: Arc<Shared>, views: Views, train: JoinHandle<()>) -> Self {
        Self { inner: Arc::new(Inner { shared, train: Mutex::new(Some(train)) }), views }
    }

    #[must_use]
    pub fn views(&self) -> &Views {
        &self.views
    }

    /// # Errors
    /// As [`Views::session`].
    pub fn session(&self) -> Result<ReadSession, ViewError> {
        self.views.session()
    }

    /// What everybody aboard has folded.
    #[must_use]
    pub fn reached(&self) -> Position {
        self.shared().published.borrow().reached.unwrap_or_default()
    }

    /// Waits until every read model covers `position`.
    ///
    /// # Errors
    /// At the deadline, or at once where one stands still below it.
    pub async fn wait_for(
        &self,
        position: Position,
        deadline: Instant,
    ) -> Result<Position, NotReached> {
        self.wait_for_views(&[], position, deadline).await
    }

    /// As [`Self::wait_for`], for the read models that an answer needs; all if none is named.
    ///
    /// # Errors
    /// As [`Self::wait_for`].
    pub async fn wait_for_views(
        &self,
        views: &[&str],
        position: Position,
        deadline: Instant,
    ) -> Result<Position, NotReached> {
        let mut published = self.shared().published.subscribe();
        let settled = published.wait_for(|published| {
            let standing = self.standing(published, views);
            let hopeless = standing
                .blocker
                .is_some_and(|blocker| blocker.position < position && blocker.fault.is_some());
            standing.reached >= position || hopeless || published.ended
        });
        // Late or settled, what counts is where it stands now.
        let _late = timeout_at(deadline, settled).await.is_err();
        let standing = self.standing(&self.shared().published.borrow(), views);
        if standing.reached >= position { Ok(standing.reached) } else { Err(standing) }
    }

    /// As [`Self::wait_for_views`], and no longer than needed: where the log shows that nothing
    /// which they fold lies between where they stand and `position`, they cover it already,
    /// although the train has not brought them there.
    ///
    /// # Errors
    /// As [`Self::wait_for`].
    pub async fn wait_until_covered(
        &self,
        views: &[&str],
        position: Position,
        deadline: Instant,
    ) -> Result<(), NotReached> {
        let standing = self.standing(&self.shared().published.borrow(), views);
        if standing.reached >= position {
            return Ok(());
        }
        let needed = self.last_folded_by(views, standing.reached, position).await;
        self.wait_for_views(views, needed, deadline).await.map(|_| ())
    }

    /// The last position after `after`, and not beyond `upto`, that one of these read models folds;
    /// `after` where there is none, `upto` where the log cannot show its rows in place.
    async fn last_folded_by(&self, views: &[&str], after: Position, upto: Position) -> Position {
        let lists: Vec<&'static [&'static str]> = {
            let makers = lock(&self.shared().makers);
            let of = |view: &&str| makers.get(*view).map_or(&[][..], |maker| maker.categories());
            views.iter().map(of).collect()
        };
        // Without a list every category is folded.
        if lists.is_empty() || lists.iter().any(|list| list.is_empty()) {
            return upto;
        }
        let categories = lists.concat();
        let log = Arc::clone(&self.shared().log);
        let look = move || {
            let (mut from, mut last) = (after, after);
            while from < upto {
                let scanned = log.scan(from, Limit::PAGE, &mut |event| {
                    let category = StreamName::category_of(event.stream);
                    if event.position <= upto && categories.contains(&category) {
                        last = event.position;
                    }
                });
                match scanned {
                    Some(Ok(scanned)) if scanned.events > 0 => from = scanned.last,
                    Some(Ok(_)) => break,
                    Some(Err(_)) | None => return upto,
                }
            }
            last
        };
        tokio::task::spawn_blocking(look).await.unwrap_or(upto)
    }

    /// How everything stands, with the lag in events and seconds.
    pub async fn status(&self) -> Status {
        let shared = self.shared();
        let head = shared.log.head();
        let published = shared.published.borrow().clone();
        let before = Position(head.0.saturating_sub(1));
        // Without an answer the lag is told in events alone.
        let newest = match shared.log.read(before, Limit::events(1)).await {
            Ok(events) => events.first().map(|event| event.recorded_at),
            Err(_) => None,
        };
        let rebuilds: Vec<Progress> =
            lock(&shared.builds).values().map(|build| build.borrow().clone()).collect();
        let views = published.views.into_iter().map(|view| ViewStatus {
            name: view.name,
            version: view.version,
            generation: view.generation,
            position: view.checkpoint.position,
            lag_events: head.0.saturating_sub(view.checkpoint.position.0),
            lag_seconds: newest.map_or(0, |newest| seconds_behind(view.checkpoint, newest)),
            parked: view.parked,
            fault: view.fault,
        });
        Status {
            head,
            reached: published.reached.unwrap_or_default(),
            views: views.collect(),
            rebuilds,
            log_error: published.log_error,
        }
    }

    /// Fills a new generation beside the live one; where the version is unchanged, the two must be
    /// equal before the new one is read. A rebuild that was interrupted goes on.
    ///
    /// # Errors
    /// See [`RebuildError`].
    pub fn rebuild(&self, name: &str) -> Result<Rebuild, RebuildError> {
        self.rebuild_all(&[name])?.pop().ok_or(RebuildError::Ended)
    }

    /// As [`Self::rebuild`], several at once: each event is read and decoded once for all of them.
    ///
    /// # Errors
    /// See [`RebuildError`].
    pub fn rebuild_all(&self, names: &[&str]) -> Result<Vec<Rebuild>, RebuildError> {
        begin_rebuilds(self.shared(), names, true)
    }

    /// As [`Self::rebuild`], and lets the new one take over even where it differs: after a replay of
    /// parked events, or when the live one is known to be wrong.
    ///
    /// # Errors
    /// See [`RebuildError`].
    pub fn rebuild_and_replace(&self, name: &str) -> Result<Rebuild, RebuildError> {
        begin_rebuilds(self.shared(), &[name], false)?.pop().ok_or(RebuildError::Ended)
    }

    /// Removes a generation that is not read any more, as soon as no reader has it.
    ///
    /// # Errors
    /// When it is current, unknown, or the store fails.
    pub fn drop_generation(&self, name: &str, number: u32) -> Result<(), StoreError> {
        self.shared().stores.drop_generation(name, number)
    }

    /// The events that a read model went past.
    ///
    /// # Errors
    /// When it is not filled yet, or the store fails.
    pub fn parked(&self, name: &str) -> Result<Vec<Parked>, ViewError> {
        self.views.session_of(&[name])?.parked(name)
    }

    /// Folds one parked event now, after the others, and takes it off the list. The read model then
    /// differs from one that is rebuilt.
    ///
    /// # Errors
    /// See [`ReplayError`].
    pub async fn replay(&self, name: &str, position: Position) -> Result<(), ReplayError> {
        let shared = Arc::clone(self.shared());
        let name = name.to_owned();
        let asked = tokio::task::spawn_blocking(move || {
            let (reply, answer) = mpsc::channel();
            shared.order(Order::Replay { name, position, reply });
            answer.recv().unwrap_or(Err(ReplayError::Ended))
        });
        asked.await.unwrap_or(Err(ReplayError::Ended))
    }

    /// Lets a read model that left the train try again.
    pub fn resume(&self, name: &str) {
        self.shared().order(Order::Resume { name: name.to_owned() });
    }

    /// Ends after the batch in hand; rebuilds end where they are and can go on later.
    pub fn stop(&self) {
        self.inner.end(false);
    }

    fn shared(&self) -> &Arc<Shared> {
        &self.inner.shared
    }

    /// Where these read models stand together, and which of them is the furthest behind.
    fn standing(&self, published: &Published, views: &[&str]) -> NotReached {
        let wanted = |name: &str| views.is_empty() || views.contains(&name);
        let present = published.views.iter().filter(|view| wanted(view.name)).map(|view| Blocker {
            view: view.name.to_owned(),
            position: view.checkpoint.position,
            fault: view.fault.clone(),
        });
        let builds = lock(&self.shared().builds);
        let absent = builds
            .iter()
            .filter(|(name, _)| {
                wanted(name) && !published.views.iter().any(|view| view.name == **name)
            })
            .map(|(name, build)| {
                let progress = build.borrow();
                Blocker {
                    view: (*name).to_owned(),
                    position: progress.done,
                    fault: progress.fault(),
                }
            });
        let behind = present.chain(absent).min_by_key(|blocker| blocker.position);
        NotReached {
            reached: behind.as_ref().map(|blocker| blocker.position).unwrap_or_default(),
            blocker: behind,
        }
    }
}

impl Inner {
    fn end(&self, abandon: bool) {
        self.shared.end(abandon);
        let threads: Vec<JoinHandle<()>> = lock(&self.train)
            .take()
            .into_iter()
            .chain(lock(&self.shared.builders).drain(..))
            .collect();
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a thread of the train panicked");
            }
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.end(true);
    }
}

fn seconds_behind(checkpoint: Checkpoint, newest: Micros) -> i64 {
    if checkpoint.position == Position::START {
        return 0;
    }
    newest.0.saturating_sub(checkpoint.recorded_at.0).max(0) / 1_000_000
}
