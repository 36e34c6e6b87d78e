//! How often who calls what: counted in memory, and written down together now and then.
//!
//! **Invariant** what was counted is written once, or still counted; a crash loses the calls since the
//! last writing, never a look at a clear value.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Access, AccessError, By, Event};

/// Operations are named by callers: beyond so many the rest is counted without its name.
const NAMES_MAX: usize = 1_000;
/// Beyond so many callers the rest is counted together, under no name at all.
const CALLERS_MAX: usize = 100_000;
/// What one record holds at most.
const CALLS_MAX: usize = 500;
/// Who writes them down.
const ACTOR: &str = "system:calls";

/// Calls of one user in one function by one operation since they were last written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Called {
    pub actor: String,
    pub function: String,
    /// As the caller's document names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    pub calls: u64,
}

type Caller = (String, String, Option<String>);

#[derive(Debug, Default)]
pub(super) struct Calls(Mutex<BTreeMap<Caller, u64>>);

impl Calls {
    fn counted(&self) -> MutexGuard<'_, BTreeMap<Caller, u64>> {
        // A count is whole whenever somebody panics.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As many as one record holds.
    fn take(&self) -> Vec<Called> {
        let (mut counted, mut taken) = (self.counted(), Vec::new());
        while taken.len() < CALLS_MAX
            && let Some(((actor, function, operation), calls)) = counted.pop_first()
        {
            taken.push(Called { actor, function, operation, calls });
        }
        taken
    }

    fn put_back(&self, calls: Vec<Called>) {
        let mut counted = self.counted();
        for Called { actor, function, operation, calls } in calls {
            *counted.entry((actor, function, operation)).or_default() += calls;
        }
    }
}

impl Access {
    /// Counts one more call.
    pub fn called(&self, actor: &str, function: &str, operation: Option<&str>) {
        let mut counted = self.calls.counted();
        let mut caller = (actor.to_owned(), function.to_owned(), operation.map(str::to_owned));
        if counted.len() >= NAMES_MAX && !counted.contains_key(&caller) {
            caller.2 = None;
        }
        if counted.len() >= CALLERS_MAX && !counted.contains_key(&caller) {
            caller = Caller::default();
        }
        *counted.entry(caller).or_default() += 1;
    }

    /// Writes down what was counted since the last time; nothing where there is nothing.
    ///
    /// # Errors
    /// When a record may not be written: then it stays counted.
    pub async fn write_calls(&self, on: Date) -> Result<(), AccessError> {
        let access = self.clone();
        // Whoever waits for it may go away; it is not left half-way.
        let writing = tokio::spawn(async move { access.write_pieces(on).await });
        match writing.await {
            Ok(written) => written,
            Err(ended) if ended.is_panic() => std::panic::resume_unwind(ended.into_panic()),
            // The program ends.
            Err(_) => Ok(()),
        }
    }

    async fn write_pieces(&self, on: Date) -> Result<(), AccessError> {
        loop {
            let calls = self.calls.take();
            if calls.is_empty() {
                return Ok(());
            }
            let by = By { actor: ACTOR.to_owned(), client: None, on };
            let event = Event::Called { calls: calls.clone() };
            if let Err(error) = self.record(&by, &event).await {
                self.calls.put_back(calls);
                return Err(error);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use kernel::memory::MemoryLog;
    use kernel::ports::{FixedClock, SeededIds};
    use kernel::{Ids, Micros};
    use uuid::Uuid;

    use super::*;

    #[tokio::test]
    async fn names_that_callers_make_up_are_bounded_and_no_call_is_lost() {
        let clock = Arc::new(FixedClock::default());
        let ids: Arc<dyn Ids> = Arc::new(SeededIds::new(7));
        let access = Access::new(Arc::new(MemoryLog::new(Uuid::from_u128(1), clock)), ids);
        for number in 0..2 * NAMES_MAX {
            access.called("li", "review", Some(&format!("Query{number}")));
        }
        assert_eq!(access.calls.counted().len(), NAMES_MAX + 1);
        access.write_calls(Date::constant(2026, 1, 2)).await.unwrap();
        assert!(access.calls.counted().is_empty());
        let usage = access.usage(Micros(0), Micros(i64::MAX)).await.unwrap();
        assert_eq!(usage.iter().map(|one| one.calls).sum::<u64>(), 2 * NAMES_MAX as u64);
        let unnamed = usage.iter().find(|one| one.operation.is_none()).unwrap();
        assert_eq!(unnamed.calls, NAMES_MAX as u64);
    }
}
