//! A file of definitions is checked against all others and put in force, or a definition ends.

use definitions::publication::{self, Command, Publication, SYSTEM};
use definitions::{Catalogue, Change, Definition, Source};
use kernel::process::derived_id;
use kernel::{Decider, StreamName};
use serde::{Deserialize, Serialize};
use shared::Date;

use super::published::{Published, claim};
use super::{PublishError, Rulebook};
use crate::envelope::Envelope;
use crate::error::CommandError;
use crate::execute::Done;
use crate::unit::Unit;

/// From when the definitions of the first start hold: no business date lies before it.
const FIRST_DAY: Date = Date::constant(1900, 1, 1);
const FIRST_START: &str = "definitions:first-start";
/// How often a file is checked anew because somebody published meanwhile.
const RACES_MAX: u32 = 8;
/// What makes a check worthless when it came between.
const PUBLICATIONS: &str = "definition.*";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publish {
    /// The file's name, for mistakes.
    pub file: String,
    /// TOML. Definitions that stand as they are already are left alone.
    pub text: String,
    /// The first business date on which it holds.
    pub from: Date,
    /// Not the acting person.
    pub approver: String,
    /// Needed when it holds from before the version that it follows.
    pub reason: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retire {
    pub kind: String,
    pub id: String,
    /// The first business date on which it no longer holds.
    pub from: Date,
    /// Not the acting person.
    pub approver: String,
    pub reason: String,
}

/// A definition as it was put in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedVersion {
    pub kind: String,
    pub id: String,
    pub version: u32,
}

impl Rulebook {
    /// What publishing the file would change on `from`.
    ///
    /// # Errors
    /// Every mistake of the file.
    pub async fn check(&self, source: &Source, from: Date) -> Result<Vec<Change>, PublishError> {
        let here = self.published().await?.on(from).map_err(PublishError::Faulty)?;
        let there = here.amended(source).map_err(PublishError::Faulty)?;
        Ok(here.diff(&there))
    }

    /// One version for each definition of the file that changed.
    ///
    /// # Errors
    /// Every mistake, and then nothing of the file is applied; the rules of publishing.
    pub async fn publish(
        &self,
        envelope: &Envelope,
        input: &Publish,
    ) -> Result<Done<Vec<PublishedVersion>>, PublishError> {
        let source = Source::new(&input.file, &input.text);
        let commands = |published: &Published| {
            let here = published.on(input.from).map_err(PublishError::Faulty)?;
            let amended = here.amended(&source).map_err(PublishError::Faulty)?;
            let of_file = amended.definitions().filter(|one| one.file == input.file);
            Ok(of_file.map(|one| Intent::publish(envelope, input, one)).collect())
        };
        self.put(envelope, "definitions.publish", input, input.from, commands).await
    }

    /// # Errors
    /// As [`Rulebook::publish`]: what refers to it is a mistake.
    pub async fn retire(
        &self,
        envelope: &Envelope,
        input: &Retire,
    ) -> Result<Done<Vec<PublishedVersion>>, PublishError> {
        let commands = |_: &Published| Ok(vec![Intent::retire(envelope, input)]);
        self.put(envelope, "definitions.retire", input, input.from, commands).await
    }

    /// Publishes what is built into the program, once in the life of a log; the number of
    /// definitions. Later versions of the program offer theirs through [`Rulebook::offered`].
    ///
    /// # Errors
    /// When the log does not take it; mistakes in what is built in.
    pub async fn first_start(&self) -> Result<Done<usize>, PublishError> {
        let envelope = Envelope::new(derived_id(FIRST_START, &[]), SYSTEM);
        let bundled = Catalogue::bundled().map_err(PublishError::Faulty)?;
        let commands = publication::first_start(&bundled, FIRST_DAY);
        let done = self.executor.run(&envelope, FIRST_START, &(), async |unit: Unit| {
            for (stream, command) in &commands {
                unit.decide::<Publication>(stream.id(), command.clone()).await?;
            }
            for one in bundled.definitions() {
                let stream = publication::stream(&one.kind, &one.id);
                unit.take(claim(&one.kind, &one.id), stream.as_str());
            }
            unit.take(FIRST_START, SYSTEM);
            Ok(commands.len())
        });
        Ok(done.await?)
    }

    /// Checks against what is published, and appends if nothing was published meanwhile.
    async fn put<I: Serialize + Sync>(
        &self,
        envelope: &Envelope,
        operation: &str,
        input: &I,
        from: Date,
        intents: impl Fn(&Published) -> Result<Vec<Intent>, PublishError> + Send + Sync,
    ) -> Result<Done<Vec<PublishedVersion>>, PublishError> {
        let mut races = 0;
        loop {
            // What was carried out before is answered by its result, however it would stand now.
            let known = self.executor.log().command(envelope.command_id).await;
            let known = known.map_err(CommandError::from)?.is_some();
            let published = self.published().await?;
            let intents = if known { Vec::new() } else { intents(&published)? };
            self.fits(&published, &intents, from).await?;
            let done = self.executor.run(envelope, operation, input, async |unit: Unit| {
                unit.none_since([PUBLICATIONS], published.at);
                let mut versions = Vec::with_capacity(intents.len());
                for intent in &intents {
                    versions.extend(intent.decide(&unit).await?);
                }
                Ok(versions)
            });
            match done.await {
                Err(CommandError::Conflict(conflicts))
                    if !conflicts.since.is_empty() && races < RACES_MAX =>
                {
                    races += 1;
                }
                outcome => return Ok(outcome?),
            }
        }
    }

    /// Whether everything fits together once the intents are carried out. What a rule refuses is
    /// left to the append.
    async fn fits(
        &self,
        published: &Published,
        intents: &[Intent],
        from: Date,
    ) -> Result<(), PublishError> {
        let mut after = published.clone();
        for intent in intents {
            let (state, _) = self.executor.load_stream::<Publication>(&intent.stream()).await?;
            if intent.stands(&state) {
                continue;
            }
            for event in state.decide(intent.command.clone()).iter().flatten() {
                after.apply(event);
            }
        }
        after.fits_from(from).map_err(PublishError::Faulty)
    }
}

/// One command upon one definition.
struct Intent {
    kind: String,
    id: String,
    command: Command,
}

impl Intent {
    fn publish(envelope: &Envelope, input: &Publish, one: &Definition) -> Self {
        let command = Command::Publish {
            kind: one.kind.clone(),
            id: one.id.clone(),
            body: one.body.clone(),
            digest: one.digest.clone(),
            from: input.from,
            author: envelope.actor.clone(),
            approver: input.approver.clone(),
            reason: input.reason.clone(),
        };
        Self { kind: one.kind.clone(), id: one.id.clone(), command }
    }

    fn retire(envelope: &Envelope, input: &Retire) -> Self {
        let (kind, id) = (input.kind.clone(), input.id.clone());
        let command = Command::Retire {
            kind: kind.clone(),
            id: id.clone(),
            from: input.from,
            author: envelope.actor.clone(),
            approver: input.approver.clone(),
            reason: input.reason.clone(),
        };
        Self { kind, id, command }
    }

    fn stream(&self) -> StreamName {
        publication::stream(&self.kind, &self.id)
    }

    /// Whether the last version says the same already.
    fn stands(&self, state: &Publication) -> bool {
        match (&self.command, state) {
            (Command::Publish { digest, .. }, Publication::Current { digest: now, .. }) => {
                digest == now
            }
            (Command::Publish { .. } | Command::Retire { .. }, _) => false,
        }
    }

    async fn decide(&self, unit: &Unit) -> Result<Option<PublishedVersion>, CommandError> {
        let stream = self.stream();
        let (state, _) = unit.guard_stream::<Publication>(&stream).await?;
        if self.stands(&state) {
            return Ok(None);
        }
        let first = state.version() == 0;
        drop(state);
        unit.decide_stream::<Publication>(&stream, self.command.clone()).await?;
        if first {
            unit.take(claim(&self.kind, &self.id), stream.as_str());
        }
        let (state, _) = unit.guard_stream::<Publication>(&stream).await?;
        let (kind, id) = (self.kind.clone(), self.id.clone());
        Ok(Some(PublishedVersion { kind, id, version: state.version() }))
    }
}
