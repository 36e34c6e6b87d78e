//! The definitions in force, for commands that need them at once: folded anew when asked to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use definitions::Catalogue;
use kernel::Position;
use shared::Date;

use super::{Published, Rulebook};
use crate::disbursement::{FactsFault, Rules};
use crate::error::CommandError;

/// Shows what was published as of the last refresh.
#[derive(Default)]
pub struct InForce(Mutex<Held>);

#[derive(Default)]
struct Held {
    published: Published,
    by_date: HashMap<Date, Arc<Catalogue>>,
}

impl InForce {
    /// Reads what is published now. Call it at start, and when a definition was published: a
    /// definition event behind [`InForce::at`] is the sign.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn refresh(&self, rulebook: &Rulebook) -> Result<(), CommandError> {
        let published = rulebook.published().await?;
        let mut held = self.held();
        // A slower refresh must not undo a faster one.
        if held.published.at <= published.at {
            *held = Held { published, by_date: HashMap::new() };
        }
        Ok(())
    }

    /// Up to where the log was seen.
    #[must_use]
    pub fn at(&self) -> Position {
        self.held().published.at
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // Every change under the lock is one assignment.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rules for InForce {
    fn on(&self, date: Date) -> Result<Arc<Catalogue>, FactsFault> {
        let mut held = self.held();
        if let Some(catalogue) = held.by_date.get(&date) {
            return Ok(catalogue.clone());
        }
        if held.published.history.is_empty() {
            return Err(FactsFault::Unavailable("no definition is published".to_owned()));
        }
        let catalogue = held.published.on(date).map_err(|mistakes| {
            let first = mistakes.first().map(ToString::to_string).unwrap_or_default();
            FactsFault::Unavailable(format!("the definitions of {date} do not fit: {first}"))
        })?;
        let catalogue = Arc::new(catalogue);
        held.by_date.insert(date, catalogue.clone());
        Ok(catalogue)
    }
}
