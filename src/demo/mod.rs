//! The main job on a city that does not exist: people with cards and grants are paid through bank
//! files and replies, and a certified ledger shows it.
//!
//! | step | file |
//! |---|---|
//! | what is asked is kept, so that a demo that was cut goes on | [`kept`] |
//! | a city is registered | [`city`] |
//! | one month is paid, item by item | [`month`] |
//! | the banks answer, through files in folders | [`banks`] |
//! | five sources tell the same sum | [`proof`] |

mod banks;
mod city;
mod kept;
mod month;
mod proof;

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use indicatif::{ProgressBar, ProgressStyle};
use kernel::Micros;
use kernel::ports::FixedClock;
use shared::{Date, Month};
use simulations::{City, Plan};

use self::banks::Banks;
pub use self::kept::{Asked, Wanted, is_whole};
pub use self::proof::{Proof, Term, prove};
use crate::node::{Databases, Node, World};

/// Registers the city and pays its months. Every command's id follows from what it is for, so that
/// a demo that was cut anywhere goes on, and one that is whole is only proved.
///
/// # Errors
/// When the folder holds another installation, or a step is refused.
pub async fn run(dir: &Path, asked: &Asked, databases: Databases) -> Result<Vec<Proof>> {
    let mut kept = kept::begin(dir, asked)?;
    let wanted = kept.wanted;
    let clock = Arc::new(FixedClock::default());
    let january = Month::new(2026, 1).context("January 2026 is a month")?;
    at(&clock, january.first_day().tomorrow()?, 9);
    let world = World::seeded(Arc::clone(&clock) as _, wanted.seed).on(databases);
    let node = Node::open(dir, world).await?;
    let paid = if kept.whole { Ok(()) } else { pay(&node, &clock, january, &wanted).await };
    let proofs = match paid {
        Ok(()) => {
            kept.finish(dir)?;
            prove(dir, &*node.log).await
        }
        Err(error) => Err(error),
    };
    node.stop();
    proofs
}

async fn pay(node: &Node, clock: &FixedClock, january: Month, wanted: &Wanted) -> Result<()> {
    let plan = Plan {
        seed: wanted.seed,
        people: wanted.people,
        months: u32::from(wanted.months),
        ..Plan::default()
    };
    let city = City::new(plan).context("the city cannot be made")?;
    let addresses = city::register(node, &city).await?;
    let mut month = january;
    let mut banks = Banks::new(node, wanted.seed)?;
    for _ in 0..wanted.months {
        month::pay(node, &city, &addresses, clock, &mut banks, month).await?;
        month = month.next();
    }
    node.caught_up().await?;
    Ok(())
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
