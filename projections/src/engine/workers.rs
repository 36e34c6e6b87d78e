//! Several read models at work at once, on the processors that there are.

use std::num::NonZero;
use std::sync::Mutex;
use std::thread;

use tokio::runtime::Handle;

use super::orders::{Shared, lock};

pub(super) fn processors() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Does `work` for each of `items`, on so many threads; each of them enters the runtime of the
/// train, and `prepare` is done in it first.
pub(super) fn on<T: Send>(
    shared: &Shared,
    workers: usize,
    items: impl Iterator<Item = T> + Send,
    prepare: impl Fn() + Sync,
    work: impl Fn(T) + Sync,
) {
    let queue = Mutex::new(items);
    let next = || lock(&queue).next();
    thread::scope(|threads| {
        for _ in 0..workers {
            threads.spawn(|| {
                let _inside = shared.runtime.as_ref().map(Handle::enter);
                prepare();
                while let Some(item) = next() {
                    work(item);
                }
            });
        }
    });
}
