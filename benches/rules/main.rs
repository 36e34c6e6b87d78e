//! Indicators, tags and warnings over the history of a city, each beside the raw engine doing the
//! least that the same result needs. `cargo bench -p benches --bench rules -- [people]`.
//!
//! | what | file |
//! |---|---|
//! | the history: people, grants, two paid months | [`history`] |
//! | all live indicators, folded while the history is written, and rebuilt | [`figures`] |
//! | tags of changed subjects and at a publication, a rule tried over the log | [`tags`] |
//! | from a fact to the warning that can be read | [`warnings`] |

mod figures;
mod history;
mod tags;
mod warnings;

use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, bail};
use kernel::ports::FixedClock;
use kernel::{EventLog, Micros};
use log::SqliteLog;
use uuid::Uuid;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PEOPLE: u32 = 1_000_000;

fn main() -> Result<()> {
    // Cargo adds `--bench`.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let people = match words.as_slice() {
        [] => PEOPLE,
        [people] => people.parse()?,
        other => bail!("{other:?} is not something that this bench does"),
    };
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let scratch = tempfile::tempdir()?;
        let log = log_in(&scratch.path().join("log"))?;
        figures::measure(&log, scratch.path(), people).await?;
        tags::measure(&log, scratch.path(), people).await?;
        warnings::measure().await
    })
}

fn log_in(dir: &Path) -> Result<Arc<dyn EventLog>> {
    let clock = Arc::new(FixedClock::at(Micros(1_767_225_600_000_000)));
    let options = log::Options::default();
    Ok(Arc::new(SqliteLog::create(dir, Uuid::from_u128(6), clock, options)?))
}
