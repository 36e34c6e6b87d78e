//! Waiting for a future on a thread of one's own, without a runtime.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits for `future` unless `interrupted` says so; it is asked again whenever the thread is
/// unparked.
pub(super) fn block_unless<T>(
    future: impl Future<Output = T>,
    mut interrupted: impl FnMut() -> bool,
) -> Option<T> {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if interrupted() {
            return None;
        }
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return Some(value);
        }
        thread::park();
    }
}

pub(super) fn block_on<T>(future: impl Future<Output = T>) -> T {
    block_unless(future, || false).expect("nothing interrupts this wait")
}
