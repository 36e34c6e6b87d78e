//! A run of 100,000 lines from the freeze to the certificate, and every read model over its log,
//! each beside plain rusqlite writing the same rows. `cargo bench -p renshe --bench run [lines]`.
//!
//! | process | what | file |
//! |---|---|---|
//! | `build <dir> <lines>` | an installation with that many payees of one item; not timed | [`build`] |
//! | `pay <dir> <lines>` | the month, step by step, then the same rows by plain rusqlite | [`month`], [`plain`] |
//! | `fold <dir>` | every read model, folded and rebuilt | [`models`] |
//!
//! Each is a process of its own, so that the memory of one is not counted with another; without a
//! word all three run in turn on a temporary folder.

mod build;
mod facts;
mod models;
mod month;
mod plain;
mod steps;

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const LINES: u32 = 100_000;

fn main() -> Result<()> {
    // Cargo adds `--bench`.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["build", dir, lines] => wait(build::build(Path::new(dir), lines.parse()?)),
        ["pay", dir, lines] => wait(month::pay(Path::new(dir), lines.parse()?)),
        ["fold", dir] => wait(models::fold(Path::new(dir))),
        [] => all(LINES),
        [lines] => all(lines.parse()?),
        other => anyhow::bail!("{other:?} is not something that this bench does"),
    }
}

fn all(lines: u32) -> Result<()> {
    let scratch = tempfile::tempdir()?;
    let dir = scratch.path().join("installation");
    let dir = dir.to_str().context("the temporary folder has a name that is text")?;
    let lines = lines.to_string();
    for words in [&["build", dir, &lines][..], &["pay", dir, &lines], &["fold", dir]] {
        let ended = Command::new(std::env::current_exe()?).args(words).status()?;
        ensure!(ended.success(), "{} ended with {ended}", words[0]);
    }
    Ok(())
}

fn wait(work: impl Future<Output = Result<()>>) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(work)
}
