//! One command over several streams: what it decided, what it looked at, what it makes unique.
//!
//! **Invariant** every state that a plan saw through [`Unit::decide`] or [`Unit::guard`] still
//! stands when the append is written, and a plan that runs again writes the same event ids.

mod draft;

use std::fmt::Display;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::civil::Date;
use kernel::process::derived_id;
use kernel::{
    Appended, Claim, CommandRecord, Decider, Event, EventLog, Lookup, NoneSince, Position,
    Revision, StreamName,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::envelope::Envelope;
use crate::error::{CommandError, Refusal};
use crate::execute::{Done, Executor};
use crate::ports::Keys;
use draft::{Draft, Folded, Seat, event_id};

/// A handle: a plan owns one and lends it to its parts; all of them add to the same draft.
pub struct Unit(Arc<Shared>);

struct Shared {
    executor: Executor,
    envelope: Envelope,
    business_date: Date,
    draft: Mutex<Draft>,
}

/// What [`Unit::decide`] led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decided {
    pub events: usize,
    /// Where the stream stands once the unit is written.
    pub revision: Revision,
}

impl Unit {
    pub(crate) fn new(executor: Executor, envelope: &Envelope, business_date: Date) -> Self {
        let (envelope, draft) = (envelope.clone(), Mutex::default());
        Self(Arc::new(Shared { executor, envelope, business_date, draft }))
    }

    /// The handle for the plan; the executor keeps the other one and writes the draft.
    pub(crate) fn handle(&self) -> Self {
        Self(self.0.clone())
    }

    #[must_use]
    pub fn executor(&self) -> &Executor {
        &self.0.executor
    }

    #[must_use]
    pub fn log(&self) -> &dyn EventLog {
        self.0.executor.log()
    }

    #[must_use]
    pub fn keys(&self) -> &dyn Keys {
        self.0.executor.keys()
    }

    #[must_use]
    pub fn envelope(&self) -> &Envelope {
        &self.0.envelope
    }

    #[must_use]
    pub fn business_date(&self) -> Date {
        self.0.business_date
    }

    /// The id of the next event that this unit decides: what is sealed into it names it.
    #[must_use]
    pub fn event_id(&self) -> Uuid {
        self.event_id_at(0)
    }

    /// The id of the event `ahead` places after the next one.
    #[must_use]
    pub fn event_id_at(&self, ahead: u32) -> Uuid {
        event_id(self.envelope().command_id, self.draft().next_event + ahead)
    }

    /// An id that follows from the command: the same each time the plan runs. For things that the
    /// command creates and whose id the caller did not give.
    #[must_use]
    pub fn new_id(&self, what: &str, index: u32) -> Uuid {
        derived_id(what, &[self.envelope().command_id.as_bytes(), &index.to_be_bytes()])
    }

    /// Looks at a state without guarding it: it may have moved when the unit is written. A stream
    /// of this unit shows what the unit has decided so far.
    ///
    /// # Errors
    /// When the log cannot be read, or an event does not decode.
    pub async fn load<D: Decider>(
        &self,
        id: impl Display,
    ) -> Result<(Arc<D>, Revision), CommandError> {
        let stream = StreamName::new(D::CATEGORY, id);
        if let Some(seat) = self.draft().seat(&stream)
            && seat.state.is_some()
        {
            return seat.now();
        }
        self.executor().load_stream(&stream).await
    }

    /// Looks at a state and guards it: the unit is only written while it stands.
    ///
    /// # Errors
    /// As [`Unit::load`].
    pub async fn guard<D: Decider>(
        &self,
        id: impl Display,
    ) -> Result<(Arc<D>, Revision), CommandError> {
        self.guard_stream(&StreamName::new(D::CATEGORY, id)).await
    }

    /// Guards a stream at a revision that was seen elsewhere.
    ///
    /// # Errors
    /// [`CommandError::Moved`] when this unit saw the stream at another revision.
    pub fn guard_at(&self, stream: StreamName, revision: Revision) -> Result<(), CommandError> {
        let mut draft = self.draft();
        match draft.seat(&stream).map(|seat| seat.expected) {
            Some(actual) if actual == revision => Ok(()),
            Some(actual) => Err(CommandError::Moved { stream, expected: revision, actual }),
            None => {
                draft.push(Seat::new(stream, revision, None));
                Ok(())
            }
        }
    }

    /// Decides a command upon a stream. Several decisions upon one stream follow each other.
    ///
    /// # Errors
    /// The refusal of the rule; [`CommandError::Moved`] when this is the first decision and the
    /// stream is not where the caller saw it.
    pub async fn decide<D>(
        &self,
        id: impl Display,
        command: D::Command,
    ) -> Result<Decided, CommandError>
    where
        D: Decider,
        D::Error: Refusal,
    {
        self.decide_stream::<D>(&StreamName::new(D::CATEGORY, id), command).await
    }

    /// Writes events to a stream that stands at `expected`, without folding it: for streams that
    /// the plan itself creates or that another stream of the unit speaks for.
    ///
    /// # Errors
    /// [`CommandError::Moved`] when this unit saw the stream at another revision.
    pub fn write<'a, E: Event>(
        &self,
        stream: StreamName,
        expected: Revision,
        events: impl IntoIterator<Item = &'a E>,
    ) -> Result<Decided, CommandError> {
        let mut draft = self.draft();
        let place = match draft.places.get(&stream).copied() {
            Some(place) => {
                let seat = &draft.seats[place];
                if seat.revision() != expected || seat.state.is_some() {
                    let actual = seat.revision();
                    return Err(CommandError::Moved { stream, expected, actual });
                }
                place
            }
            None => draft.push(Seat::new(stream, expected, None)),
        };
        Ok(draft.add(self.envelope().command_id, place, events))
    }

    /// No event of these types (`death.confirmed`, `death.*`) may lie after `position`. Several
    /// calls together guard all types from the earliest of their positions.
    pub fn none_since<T: Into<String>>(
        &self,
        types: impl IntoIterator<Item = T>,
        position: Position,
    ) {
        let types = types.into_iter().map(Into::into);
        let mut draft = self.draft();
        match &mut draft.none_since {
            Some(since) => {
                since.after = since.after.min(position);
                since.types.extend(types);
            }
            None => {
                draft.none_since = Some(NoneSince { types: types.collect(), after: position });
            }
        }
    }

    pub fn take(&self, key: impl Into<String>, holder: impl Into<String>) {
        self.draft().take.push(Claim { key: key.into(), holder: holder.into() });
    }

    /// Whether this unit takes the key itself.
    #[must_use]
    pub fn takes(&self, key: &str) -> bool {
        self.draft().take.iter().any(|claim| claim.key == key)
    }

    pub fn release(&self, key: impl Into<String>, holder: impl Into<String>) {
        self.draft().release.push(Claim { key: key.into(), holder: holder.into() });
    }

    /// Adds a look-up entry: `blind` is [`Keys::blind`] of the normalised text.
    pub fn index(&self, kind: impl Into<String>, blind: impl Into<String>, subject: Uuid) {
        self.draft().index.push(Lookup { kind: kind.into(), blind: blind.into(), subject });
    }

    pub fn unindex(&self, kind: impl Into<String>, blind: impl Into<String>, subject: Uuid) {
        self.draft().unindex.push(Lookup { kind: kind.into(), blind: blind.into(), subject });
    }

    pub(crate) async fn guard_stream<D: Decider>(
        &self,
        stream: &StreamName,
    ) -> Result<(Arc<D>, Revision), CommandError> {
        let place = self.place::<D>(stream).await?;
        self.draft().seats[place].now()
    }

    pub(crate) async fn decide_stream<D>(
        &self,
        stream: &StreamName,
        command: D::Command,
    ) -> Result<Decided, CommandError>
    where
        D: Decider,
        D::Error: Refusal,
    {
        let place = self.place::<D>(stream).await?;
        let mut draft = self.draft();
        if draft.target.is_none() {
            draft.target = Some(place);
            let actual = draft.seats[place].expected;
            if let Some(expected) = self.envelope().if_revision
                && actual != expected
            {
                return Err(CommandError::Moved { stream: stream.clone(), expected, actual });
            }
        }
        let (state, _) = draft.seats[place].now::<D>()?;
        let events = state.decide(command)?;
        drop(state);
        let decided = draft.add(self.envelope().command_id, place, &events);
        draft.seats[place].folded::<D>()?.fresh.extend(events);
        Ok(decided)
    }

    /// The place of a stream in the draft, folded.
    async fn place<D: Decider>(&self, stream: &StreamName) -> Result<usize, CommandError> {
        if let Some(place) = self.draft().folded_place(stream) {
            return Ok(place);
        }
        let (state, actual) = self.executor().load_stream::<D>(stream).await?;
        let mut draft = self.draft();
        // Another part of the plan may have been faster, if it runs several at a time.
        if let Some(place) = draft.folded_place(stream) {
            return Ok(place);
        }
        let folded = Folded::boxed(state);
        let Some(place) = draft.places.get(stream).copied() else {
            return Ok(draft.push(Seat::new(stream.clone(), actual, Some(folded))));
        };
        // Guarded by its revision alone until now; what it holds must be that revision.
        let seat = &mut draft.seats[place];
        if actual != seat.revision() {
            let expected = seat.revision();
            return Err(CommandError::Moved { stream: stream.clone(), expected, actual });
        }
        seat.state = Some(folded);
        Ok(place)
    }

    pub(crate) async fn commit<R>(
        self,
        digest: [u8; 32],
        result: R,
    ) -> Result<Done<R>, CommandError>
    where
        R: Serialize + DeserializeOwned,
    {
        let mut draft = std::mem::take(&mut *self.draft());
        let planned = draft.planned();
        let revision = draft.target.map(|place| draft.seats[place].revision());
        if self.envelope().dry_run {
            draft.check_claims(self.log()).await?;
            let position = self.log().head();
            return Ok(Done {
                position,
                result,
                replayed: false,
                dry_run: true,
                revision,
                planned,
            });
        }
        let text = serde_json::to_string(&result).map_err(CommandError::fault)?;
        let id = self.envelope().command_id;
        let append = draft
            .append(self.envelope().meta(self.business_date()))
            .command(CommandRecord { id, digest, result: text });
        match self.executor().send(append).await {
            Ok(Appended::Before { result, last }) => Done::replayed(&result, last),
            Ok(Appended::Now { last, .. }) => {
                draft.settle(self.executor().states(), last);
                let (replayed, dry_run) = (false, false);
                Ok(Done { position: last, result, replayed, dry_run, revision, planned })
            }
            Err(error) => {
                Err(draft.moved(self.envelope().if_revision, CommandError::of_append(error, id)))
            }
        }
    }

    fn draft(&self) -> MutexGuard<'_, Draft> {
        // Nothing panics while it is held but a rule, and then the plan is gone as well.
        self.0.draft.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
