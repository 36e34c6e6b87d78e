//! What waits to be written on one connection: bounded, so that a slow reader costs no memory.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::timeout};

/// Counts the operations of a connection; 0 is the connection itself.
pub(crate) type Serial = u64;

/// Frames of the connection itself carry this serial.
pub(crate) const CONNECTION: Serial = 0;

pub(crate) struct Outbox<F> {
    state: Mutex<State<F>>,
    filled: Notify,
    emptied: Notify,
    frames_per_operation_max: usize,
    bytes_max: usize,
}

struct State<F> {
    queue: VecDeque<(Serial, F)>,
    bytes: usize,
    /// Nothing more is taken in; what is queued may still go out.
    finished: bool,
}

/// Something with a size in bytes.
pub(crate) trait Weighed {
    fn bytes(&self) -> usize;
}

/// The reader did not make room in time.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Slow;

impl<F: Weighed> Outbox<F> {
    pub(crate) fn new(frames_per_operation_max: usize, bytes_max: usize) -> Self {
        Self {
            state: Mutex::new(State { queue: VecDeque::new(), bytes: 0, finished: false }),
            filled: Notify::new(),
            emptied: Notify::new(),
            frames_per_operation_max,
            bytes_max,
        }
    }

    /// Queues a result of an operation as soon as there is room for it.
    ///
    /// # Errors
    ///
    /// `Slow` if there is none within the grace. Without a grace it waits as long as the
    /// connection lives: the writer has a deadline of its own.
    pub(crate) async fn offer(
        &self,
        serial: Serial,
        frame: F,
        grace: Option<Duration>,
    ) -> Result<(), Slow> {
        let queued = async {
            let mut frame = Some(frame);
            loop {
                let emptied = self.emptied.notified();
                if self.try_offer(serial, &mut frame) {
                    return;
                }
                emptied.await;
            }
        };
        match grace {
            Some(grace) => timeout(grace, queued).await.map_err(|_| Slow),
            None => {
                queued.await;
                Ok(())
            }
        }
    }

    /// Queues a frame that must not be lost. The callers keep these few.
    pub(crate) fn push(&self, serial: Serial, frame: F) {
        let mut state = self.lock();
        if !state.finished {
            state.bytes += frame.bytes();
            state.queue.push_back((serial, frame));
            drop(state);
            self.filled.notify_one();
        }
    }

    /// Drops what an operation has queued.
    pub(crate) fn forget(&self, serial: Serial) {
        let mut state = self.lock();
        let mut kept = 0;
        state.queue.retain(|(of, frame)| {
            let keep = *of != serial;
            kept += if keep { frame.bytes() } else { 0 };
            keep
        });
        state.bytes = kept;
        drop(state);
        self.emptied.notify_waiters();
    }

    /// The next frame to write; `None` once the outbox is finished and empty.
    pub(crate) async fn take(&self) -> Option<F> {
        loop {
            let filled = self.filled.notified();
            {
                let mut state = self.lock();
                if let Some((_, frame)) = state.queue.pop_front() {
                    state.bytes -= frame.bytes();
                    drop(state);
                    self.emptied.notify_waiters();
                    return Some(frame);
                }
                if state.finished {
                    return None;
                }
            }
            filled.await;
        }
    }

    /// Waits until fewer frames are queued than `frames_max`: back-pressure on the peer.
    pub(crate) async fn room(&self, frames_max: usize) {
        loop {
            let emptied = self.emptied.notified();
            if self.lock().queue.len() < frames_max {
                return;
            }
            emptied.await;
        }
    }

    pub(crate) fn finish(&self) {
        self.lock().finished = true;
        self.filled.notify_one();
        self.emptied.notify_waiters();
    }

    /// Whether the frame was queued, or dropped because the connection is finished.
    fn try_offer(&self, serial: Serial, frame: &mut Option<F>) -> bool {
        let mut state = self.lock();
        let Some(bytes) = frame.as_ref().map(Weighed::bytes) else {
            return true;
        };
        let own = state.queue.iter().filter(|(of, _)| *of == serial).count();
        let room = own < self.frames_per_operation_max
            && (state.queue.is_empty() || state.bytes.saturating_add(bytes) <= self.bytes_max);
        if !room && !state.finished {
            return false;
        }
        if let Some(frame) = frame.take().filter(|_| !state.finished) {
            state.bytes += bytes;
            state.queue.push_back((serial, frame));
        }
        drop(state);
        self.filled.notify_one();
        true
    }

    fn lock(&self) -> MutexGuard<'_, State<F>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Weighed for &str {
        fn bytes(&self) -> usize {
            self.len()
        }
    }

    const GRACE: Option<Duration> = Some(Duration::from_secs(1));

    #[tokio::test(start_paused = true)]
    async fn frames_and_bytes_are_bounded() {
        let outbox = Outbox::new(2, 10);
        assert_eq!(outbox.offer(1, "larger than all the room", GRACE).await, Ok(()));
        assert_eq!(outbox.offer(2, "x", GRACE).await, Err(Slow));
        assert_eq!(outbox.take().await, Some("larger than all the room"));
        for _ in 0..2 {
            assert_eq!(outbox.offer(1, "a", GRACE).await, Ok(()));
        }
        assert_eq!(outbox.offer(1, "a", GRACE).await, Err(Slow));
        assert_eq!(outbox.offer(2, "b", GRACE).await, Ok(()));
        assert_eq!(outbox.offer(3, "too long", GRACE).await, Err(Slow));
        outbox.forget(1);
        assert_eq!(outbox.offer(3, "too long", GRACE).await, Ok(()));
        assert_eq!(outbox.take().await, Some("b"));
        outbox.finish();
        assert_eq!(outbox.offer(3, "too late", GRACE).await, Ok(()));
        assert_eq!(outbox.take().await, Some("too long"));
        assert_eq!(outbox.take().await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn room_made_in_time_is_used() {
        let outbox = Outbox::new(1, 10);
        outbox.push(1, "first");
        let (offered, taken) = tokio::join!(outbox.offer(1, "second", GRACE), outbox.take());
        assert_eq!((offered, taken), (Ok(()), Some("first")));
        assert_eq!(outbox.take().await, Some("second"));
    }
}
