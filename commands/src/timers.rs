//! Fires the timers that are due. Which ones are set is folded from the log, in memory.
//!
//! **Invariant** a timer is fired under the id `(timer, due)`, so several nodes fire it once.

use std::collections::{BTreeSet, HashMap};

use kernel::timer::{Command, Event, Timer, fire_id};
use kernel::{Limit, Micros, Position};
use uuid::Uuid;

use crate::envelope::Envelope;
use crate::error::CommandError;
use crate::execute::Executor;

const TYPES: &str = "timer.";

/// The timers that are set and not over, by the time they are due.
#[derive(Debug, Default)]
pub struct Timers {
    read: Position,
    due: BTreeSet<(Micros, Uuid)>,
    by_id: HashMap<Uuid, Micros>,
}

impl Timers {
    /// Reads the log to its head: from the beginning after a start.
    ///
    /// # Errors
    /// When the log cannot be read, or a timer's event does not decode.
    pub async fn catch_up(&mut self, executor: &Executor) -> Result<(), CommandError> {
        loop {
            let page = executor.log().read(self.read, Limit::PAGE).await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            for recorded in page.iter().filter(|event| event.type_name.starts_with(TYPES)) {
                let timer = recorded.stream.id().parse().map_err(CommandError::fault)?;
                match recorded.decode::<Event>()? {
                    Event::Set { due, .. } => {
                        self.due.insert((due, timer));
                        self.by_id.insert(timer, due);
                    }
                    Event::Cancelled {} | Event::Fired { .. } => self.forget(timer),
                }
            }
            self.read = last.position;
        }
    }

    /// When the next timer is due, as far as the log was read.
    #[must_use]
    pub fn next_due(&self) -> Option<Micros> {
        self.due.first().map(|(due, _)| *due)
    }

    /// Fires every timer that is due now, earliest first, and returns those that are over.
    ///
    /// # Errors
    /// When the log does not answer; timers that were not reached stay due.
    pub async fn fire_due(&mut self, executor: &Executor) -> Result<Vec<Uuid>, CommandError> {
        self.catch_up(executor).await?;
        let now = executor.now();
        let mut over = Vec::new();
        while let Some((due, timer)) = self.due.first().copied()
            && due <= now
        {
            let envelope = Envelope::new(fire_id(timer, due), "system");
            let fired = executor
                .execute::<Timer>(&envelope, "timerFire", &(timer, due), timer, |_, _| {
                    Ok(Command::Fire { now })
                })
                .await;
            match fired {
                // A refusal says that it was cancelled since the log was read.
                Ok(_) | Err(CommandError::Refused(_)) => {}
                Err(error) => return Err(error),
            }
            self.forget(timer);
            over.push(timer);
        }
        Ok(over)
    }

    fn forget(&mut self, timer: Uuid) {
        if let Some(due) = self.by_id.remove(&timer) {
            self.due.remove(&(due, timer));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{NOW, World};

    async fn set(executor: &Executor, timer: Uuid, due: Micros) {
        let envelope = Envelope::new(executor.ids().next(), "a");
        executor
            .execute::<Timer>(&envelope, "timerSet", &due, timer, |_, _| {
                Ok(Command::Set { due, about: "batch-1".to_owned() })
            })
            .await
            .unwrap();
    }

    #[tokio::test]
    async fn what_is_due_is_fired_once_whoever_fires_it() {
        let world = World::new();
        let [early, late, gone] = [1, 2, 3].map(Uuid::from_u128);
        for (timer, after) in [(late, 20), (early, 10), (gone, 5)] {
            set(&world.executor, timer, Micros(NOW.0 + after)).await;
        }
        let (mut mine, mut others) = (Timers::default(), Timers::default());
        mine.catch_up(&world.executor).await.unwrap();
        others.catch_up(&world.executor).await.unwrap();
        assert_eq!(mine.next_due(), Some(Micros(NOW.0 + 5)));
        let cancel = Envelope::new(world.executor.ids().next(), "a");
        world
            .executor
            .execute::<Timer>(&cancel, "timerCancel", &(), gone, |_, _| Ok(Command::Cancel))
            .await
            .unwrap();

        assert!(mine.fire_due(&world.executor).await.unwrap().is_empty());
        world.clock.set(Micros(NOW.0 + 10));
        assert_eq!(mine.fire_due(&world.executor).await.unwrap(), [early]);
        world.clock.set(Micros(NOW.0 + 30));
        assert_eq!(others.fire_due(&world.other_node()).await.unwrap(), [late]);
        assert!(mine.fire_due(&world.executor).await.unwrap().is_empty());
        let fired = |event: &&kernel::Recorded| event.type_name == "timer.fired.v1";
        assert_eq!(world.log.events().iter().filter(fired).count(), 2);
        assert_eq!((mine.next_due(), others.next_due()), (None, None));
    }
}
