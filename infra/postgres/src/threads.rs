//! The log's own threads, and the connections that read.

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::runtime::{Builder, Handle, Runtime};

use crate::open::OpenError;
use crate::options::Options;
use crate::queries::Reader;

/// The connections that read, made as they are needed; call it inside the runtime.
pub(crate) fn reader(session: PgConnectOptions, options: &Options) -> Reader {
    let pool = PgPoolOptions::new()
        // One of them listens.
        .max_connections(options.readers.max(1) + 1)
        .acquire_timeout(options.patience)
        // A question on a dead connection is asked again.
        .test_before_acquire(false)
        .after_release(|connection, _| {
            Box::pin(async move {
                // Whoever gave it back may have been cancelled inside a transaction.
                sqlx::raw_sql("ROLLBACK").execute(connection).await?;
                Ok(true)
            })
        })
        .connect_lazy_with(session);
    Reader { pool, patience: options.patience }
}

/// The threads of the log. They end without being waited for: that may happen on a thread which
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
