//! Threads that read, each with a connection of its own.
//!
//! Why threads: a page that is not in memory blocks for as long as the disk takes, and a task of
//! the endpoint must not. Why our own and not the runtime's pool: the log works under every
//! runtime and none, the number of connections is bounded by construction, and their prepared
//! statements stay warm.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use kernel::ReadError;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::file::{self, OpenError};

/// Reads that wait for a thread; further callers wait to be queued.
const WAITING_MAX: usize = 256;

type Job = Box<dyn FnOnce(&Connection) + Send>;

pub(super) struct Readers {
    jobs: Option<mpsc::Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    pub(super) fn start(path: &Path, count: usize) -> Result<Self, OpenError> {
        let (jobs, queue) = mpsc::channel(WAITING_MAX);
        let queue = Arc::new(Mutex::new(queue));
        let mut readers = Self { jobs: Some(jobs), threads: Vec::with_capacity(count) };
        for number in 0..count {
            let connection = file::reader(path)
                .map_err(|source| OpenError::Sqlite { path: path.to_owned(), source })?;
            let queue = Arc::clone(&queue);
            let thread = std::thread::Builder::new()
                .name(format!("log-reader-{number}"))
                .spawn(move || work(&queue, &connection))
                .map_err(OpenError::Thread)?;
            readers.threads.push(thread);
        }
        Ok(readers)
    }

    pub(super) async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, ReadError> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            // Nobody waits any more: the caller gave up while this was queued.
            if answer.is_closed() {
                return;
            }
            // A receiver that went away in the meantime needs no answer.
            let _ = answer.send(work(connection));
        });
        let gone = || ReadError::Unavailable("the log's readers have ended".to_owned());
        let jobs = self.jobs.as_ref().expect("the readers' queue stands until they are dropped");
        jobs.send(job).await.map_err(|_| gone())?;
        answered.await.unwrap_or_else(|_| Err(gone()))
    }
}

fn work(queue: &Mutex<mpsc::Receiver<Job>>, connection: &Connection) {
    loop {
        // One thread waits at the queue, the others for it: whoever is free takes the next job.
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
        match job {
            Some(job) => job(connection),
            None => return,
        }
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.jobs = None;
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a reader of the log ended in a panic");
            }
        }
    }
}
