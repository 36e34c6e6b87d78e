//! Threads of our own for all work on the database, and the connections that read.

use std::sync::mpsc::sync_channel;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use tokio::runtime::{Builder, Handle, Runtime, RuntimeFlavor};

use crate::connect::OpenError;
use crate::options::Options;
use crate::queries::Reader;

/// The connections that read the log, made as they are needed; call it inside the runtime.
pub(crate) fn reader(session: PgConnectOptions, options: &Options) -> Reader {
    // One of them listens.
    let pool = pool(session, options.readers.max(1) + 1, options.patience);
    Reader { pool, patience: options.patience }
}

/// Connections made as they are needed; call it inside the runtime.
pub(crate) fn pool(session: PgConnectOptions, connections: u32, patience: Duration) -> PgPool {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(patience)
        // A question on a dead connection is asked again.
        .test_before_acquire(false)
        .after_release(|connection, _| {
            Box::pin(async move {
                // Whoever gave it back may have been cancelled inside a transaction.
                sqlx::raw_sql("ROLLBACK").execute(connection).await?;
                Ok(true)
            })
        })
        .connect_lazy_with(session)
}

/// The threads of a log or of the read models. They end without being waited for: that may happen on a thread which
/// must not block.
pub(crate) struct Threads(Option<Runtime>);

impl Threads {
    pub(crate) fn start(threads: usize) -> Result<Self, OpenError> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name("log-postgres")
            .enable_all()
            .build();
        runtime.map(|runtime| Self(Some(runtime))).map_err(OpenError::Threads)
    }

    /// Has work done here while the caller's thread waits, which may be of any runtime or none. None
    /// where the work panicked.
    pub(crate) fn wait<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let (tell, told) = sync_channel(1);
        self.handle().spawn(async move {
            // The caller waits: it cannot have gone.
            let _heard = tell.send(work.await);
        });
        told.recv().ok()
    }

    /// As [`Self::wait`], where the wait may depend on other tasks of the caller's runtime: one of
    /// its threads that stands still here is replaced.
    pub(crate) fn wait_aside<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let flavor = Handle::try_current().map(|handle| handle.runtime_flavor());
        match flavor {
            Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(|| self.wait(work)),
            Ok(_) | Err(_) => self.wait(work),
        }
    }

    pub(crate) fn handle(&self) -> &Handle {
        self.0.as_ref().expect("the threads stand until they are dropped").handle()
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
