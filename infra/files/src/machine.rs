//! The clock and the ids of this machine.

use std::time::{SystemTime, UNIX_EPOCH};

use kernel::{Clock, Ids, Micros};
use uuid::Uuid;

/// Wall time. It may go back; recorded time does not, because the log sees to that.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Micros {
        #[expect(clippy::disallowed_methods, reason = "this is the adapter that reads the time")]
        let now = SystemTime::now();
        // Before 1970 only on a machine whose clock was never set: the log shows it as it is.
        let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        Micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// Ids of version 7: random, and in the order in which they were made.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomIds;

impl Ids for RandomIds {
    fn next(&self) -> Uuid {
        #[expect(clippy::disallowed_methods, reason = "this is the adapter that makes random ids")]
        let id = Uuid::now_v7();
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_in_order_and_the_clock_shows_this_century() {
        let ids: Vec<Uuid> = (0..1_000).map(|_| RandomIds.next()).collect();
        assert!(ids.is_sorted_by(|a, b| a < b));
        // 2020-01-01.
        assert!(SystemClock.now() > Micros(1_577_836_800_000_000));
    }
}
