//! The main job on a city that does not exist: people with cards and grants are paid through bank
//! files and replies, and a certified ledger shows it.
//!
//! | step | file |
//! |---|---|
//! | a city is registered | [`city`] |
//! | one month is paid, item by item | [`month`] |
//! | the banks answer, through files in folders | [`banks`] |
//! | five sources tell the same sum | [`proof`] |

mod banks;
mod city;
mod month;
mod proof;

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow};
use indicatif::{ProgressBar, ProgressStyle};
use kernel::Micros;
use kernel::ports::FixedClock;
use shared::{Date, Month};
use simulations::{City, Plan};

use self::banks::Banks;
pub use self::proof::{Proof, Term, prove};
use crate::cli::Unusable;
use crate::node::{Node, World};

/// What the demo is made of.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub people: u32,
    pub months: u8,
    pub seed: u64,
}

/// Registers the city and pays its months into a new data directory.
///
/// # Errors
/// When the folder holds another installation already, or a step is refused.
pub async fn run(dir: &Path, wanted: &Wanted) -> Result<Vec<Proof>> {
    if dir.join("log").exists() {
        let shown = dir.display();
        let hint = "give another --data-dir or remove it";
        let there = anyhow!("{shown} holds an installation already: {hint}");
        return Err(there.context(Unusable::Installation));
    }
    let clock = Arc::new(FixedClock::default());
    let january = Month::new(2026, 1).context("January 2026 is a month")?;
    at(&clock, january.first_day().tomorrow()?, 9);
    let world = World::seeded(Arc::clone(&clock) as _, wanted.seed);
    let node = Node::open(dir, world).await?;
    let plan = Plan {
        seed: wanted.seed,
        people: wanted.people,
        months: u32::from(wanted.months),
        ..Plan::default()
    };
    let city = City::new(plan).context("the city cannot be made")?;
    city::register(&node, &city).await?;
    let mut month = january;
    let mut banks = Banks::new(&node, wanted.seed)?;
    for _ in 0..wanted.months {
        month::pay(&node, &city, &clock, &mut banks, month).await?;
        month = month.next();
    }
    node.caught_up().await?;
    let proofs = prove(dir, &*node.log).await;
    node.stop();
    proofs
}

/// Sets the clock to an hour of a day in Asia/Shanghai.
fn at(clock: &FixedClock, day: Date, hour: i8) {
    let noon = day.at(hour, 0, 0, 0).to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8)));
    if let Ok(noon) = noon {
        clock.set(Micros(noon.timestamp().as_microsecond()));
    }
}

/// A bar on a terminal, nothing elsewhere.
fn bar(what: &str, steps: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:28} {bar:32} {pos}/{len} {elapsed}");
    let bar = ProgressBar::new(steps).with_message(what.to_owned());
    style.map_or_else(|_| bar.clone(), |style| bar.clone().with_style(style))
}
