//! A run of 100,000 lines from the freeze to the certificate, and every read model over its log,
//! each beside plain rusqlite writing the same rows.
//! `cargo bench -p benches --bench run -- [lines [rounds]]`.
//!
//! | process | what | file |
//! |---|---|---|
//! | `build <dir> <lines>` | an installation with that many payees of one item; not timed | [`build`] |
//! | `pay <dir> <lines>` | the month, step by step ([`desk`]), then the same rows by plain rusqlite | [`month`], [`plain`] |
//! | `fold <dir> [name ...]` | every read model, or these, folded and rebuilt | [`models`] |
//! | `returns <dir> <lines>` | replies in which every line comes back | [`month`] |
//! | `year <dir> <lines>` | twelve months in one process, and the memory of each | [`month`] |
//!
//! `postgres <lines>` does the first three with log and read models in PostgreSQL ([`database`]).
//!
//! Each is a process of its own, so that the memory of one is not counted with another; without a
//! word all run in turn on a temporary folder, PostgreSQL last: `pay` in several rounds, each on a
//! copy of the same installation, and the best one is told; `returns` and `year` on a smaller
//! installation.

mod build;
mod database;
mod desk;
mod models;
mod month;
mod plain;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, ensure};
use postgres_server::{Disk, Server};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const LINES: u32 = 100_000;
const ROUNDS: u32 = 3;

/// Payees of the smaller installation: about 5,000 for each of its four banks.
const FEW: &str = "20000";

fn main() -> Result<()> {
    // Cargo adds `--bench`.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["build", dir, lines] => wait(build::build(Path::new(dir), lines.parse()?)),
        ["pay", dir, lines] => wait(month::pay(Path::new(dir), lines.parse()?)),
        ["fold", dir, names @ ..] => wait(models::fold(Path::new(dir), names)),
        ["returns", dir, lines] => wait(month::returns(Path::new(dir), lines.parse()?)),
        ["year", dir, lines] => wait(month::year(Path::new(dir), lines.parse()?)),
        ["postgres", lines] => on_postgres(lines),
        [] => all(LINES, ROUNDS),
        [lines] => all(lines.parse()?, ROUNDS),
        [lines, rounds] => all(lines.parse()?, rounds.parse()?),
        other => anyhow::bail!("{other:?} is not something that this bench does"),
    }
}

fn all(lines: u32, rounds: u32) -> Result<()> {
    ensure!(rounds > 0, "at least one round");
    let scratch = tempfile::tempdir()?;
    let built = scratch.path().join("installation");
    let lines = lines.to_string();
    run("build", &built, &[&lines])?;
    let mut best: Option<Duration> = None;
    for round in 1..=rounds {
        let paid = scratch.path().join("paid");
        if paid.exists() {
            std::fs::remove_dir_all(&paid)?;
        }
        copy(&built, &paid)?;
        println!("round {round} of {rounds}");
        run("pay", &paid, &[&lines])?;
        let took = Duration::from_micros(std::fs::read_to_string(paid.join(month::TOOK))?.parse()?);
        best = Some(best.map_or(took, |best| best.min(took)));
    }
    if let Some(best) = best {
        println!("the best of {rounds} rounds: {:.3} s", best.as_secs_f64());
    }
    run("fold", &scratch.path().join("paid"), &[])?;
    let (few, returned) = (scratch.path().join("few"), scratch.path().join("returned"));
    run("build", &few, &[FEW])?;
    copy(&few, &returned)?;
    run("returns", &returned, &[FEW])?;
    run("year", &few, &[FEW])?;
    on_postgres(&lines)
}

fn on_postgres(lines: &str) -> Result<()> {
    println!("\nthe same with log and read models in PostgreSQL, which is flushed");
    let server = Server::start(Disk::Flushed);
    let on = Some(server.url("postgres"));
    let scratch = tempfile::tempdir()?;
    let installation = scratch.path().join("installation");
    run_on(on.as_deref(), "build", &installation, &[lines])?;
    run_on(on.as_deref(), "pay", &installation, &[lines])?;
    run_on(on.as_deref(), "fold", &installation, &[])
}

fn run(word: &str, dir: &Path, more: &[&str]) -> Result<()> {
    run_on(None, word, dir, more)
}

fn run_on(database: Option<&str>, word: &str, dir: &Path, more: &[&str]) -> Result<()> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(word).arg(dir).args(more);
    if let Some(url) = database {
        command.env(database::URL, url);
    }
    let ended = command.status()?;
    ensure!(ended.success(), "{word} ended with {ended}");
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            std::fs::copy(entry.path(), &to)?;
        }
    }
    Ok(())
}

fn wait(work: impl Future<Output = Result<()>>) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(work)
}
