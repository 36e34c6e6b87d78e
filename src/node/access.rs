//! The access log: who looked at what, beside the business log.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use commands::Clock;
use commands::access::Access;
use files::RandomIds;
use kernel::EventLog;
use kernel::process::derived_id;
use log::{Options, SqliteLog};

/// A log of the same kind as the business log, and of its own.
pub(super) fn open(dir: &Path, log: &dyn EventLog, clock: Arc<dyn Clock>) -> Result<Access> {
    let id = derived_id("access log", &[log.identity().log_id.0.as_bytes()]);
    let log = SqliteLog::open_or_create(&dir.join("access"), || id, clock, Options::default());
    let log = log.context("the access log does not open")?;
    // Its ids are chance even where a seed gives those of the business log: looking changes nothing.
    Ok(Access::new(Arc::new(log), Arc::new(RandomIds)))
}
