//! What waits in the queue, as far as it fits into one group.

use kernel::log::{APPEND_BYTES_MAX, APPEND_EVENTS_MAX};
use tokio::sync::mpsc;

/// One group holds at most what one append may: then every append fits.
const GROUP_EVENTS_MAX: usize = APPEND_EVENTS_MAX;
const GROUP_BYTES_MAX: usize = APPEND_BYTES_MAX;

/// `size` is events and bytes; what no longer fits is left in `carried`.
pub(crate) fn gather<T>(
    first: T,
    queue: &mut mpsc::Receiver<T>,
    carried: &mut Option<T>,
    size: impl Fn(&T) -> (usize, usize),
) -> Vec<T> {
    let (mut events, mut bytes) = size(&first);
    let mut group = vec![first];
    while let Ok(next) = queue.try_recv() {
        let (more_events, more_bytes) = size(&next);
        if events + more_events > GROUP_EVENTS_MAX || bytes + more_bytes > GROUP_BYTES_MAX {
            *carried = Some(next);
            break;
        }
        events += more_events;
        bytes += more_bytes;
        group.push(next);
    }
    group
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_waits_for_the_next_group() {
        let (queue, mut waiting) = mpsc::channel(8);
        for events in [6_000, 3_000, 2_000, 1] {
            queue.try_send(events).unwrap();
        }
        let mut carried = None;
        let first = waiting.try_recv().unwrap();
        let group = gather(first, &mut waiting, &mut carried, |events| (*events, 0));
        assert_eq!((group, carried), (vec![6_000, 3_000], Some(2_000)));
        let mut carried = None;
        assert_eq!(gather(2_000, &mut waiting, &mut carried, |n| (*n, 0)), [2_000, 1]);
    }
}
