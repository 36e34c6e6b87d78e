//! The main job on a city that does not exist: people with cards and grants are paid through bank
//! files and replies, what goes wrong is put right, and a certified ledger shows it (DISBURSEMENT
//! section 4).
//!
//! | step | file |
//! |---|---|
//! | what is asked is kept, so that a demo that was cut goes on | [`kept`] |
//! | a city is registered | [`city`] |
//! | who works here, and under which command ids | [`office`] |
//! | which runs there are, and on which days | [`calendar`] |
//! | the calendar is walked day by day | [`quarter`] |
//! | one run is prepared, funded, sent and answered | [`runs`] |
//! | what clerks do because of what happens in the city | [`deeds`] |
//! | the banks answer, through files in folders | [`banks`] |
//! | the sixteen facts are looked at | [`facts`] |
//! | five sources tell the same sum | [`proof`] |

mod banks;
mod calendar;
mod city;
mod deeds;
mod facts;
mod kept;
mod office;
mod proof;
mod quarter;
mod runs;

use std::cell::Cell;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use indicatif::{ProgressBar, ProgressStyle};
use kernel::Micros;
use kernel::ports::FixedClock;
use shared::{Date, Month};
use simulations::{City, Plan, Story};

pub use self::facts::Checked;
pub use self::kept::{Asked, Wanted, is_whole};
use self::office::Office;
pub use self::proof::{Proof, Term, prove};
use self::quarter::Quarter;
use crate::node::{Databases, Node, World};

/// The cut-over: a Sunday that is worked.
const START: Date = Date::constant(2026, 1, 4);

/// What a demo shows: the facts of its quarter, and the sums of its sources.
pub struct Shown {
    /// None where fewer than the quarter's three months were asked for.
    pub facts: Vec<Checked>,
    pub proofs: Vec<Proof>,
}

/// Registers the city and pays its months. Every command's id follows from what it is for, so that
/// a demo that was cut anywhere goes on, and one that is whole is only looked at.
///
/// # Errors
/// When the folder holds another installation, or a step is refused.
pub async fn run(dir: &Path, asked: &Asked, databases: Databases) -> Result<Shown> {
    let mut kept = kept::begin(dir, asked)?;
    let wanted = kept.wanted;
    let clock = Arc::new(FixedClock::default());
    at(&clock, START, 9);
    let world = World::seeded(Arc::clone(&clock) as _, wanted.seed).on(databases);
    let node = Node::open(dir, world).await?;
    let shown = show(dir, &node, &clock, &mut kept).await;
    node.stop();
    shown
}

async fn show(dir: &Path, node: &Node, clock: &FixedClock, kept: &mut kept::Kept) -> Result<Shown> {
    let Wanted { people, months, seed, plain } = kept.wanted;
    let plan =
        Plan { seed, people, months: u32::from(months), hard_names: !plain, ..Plan::default() };
    let city = City::new(plan).context("the city cannot be made")?;
    let mut story = Story::of(&city).context("nothing can happen in the city")?;
    if plain {
        story.quieten();
    }
    let addresses = city::register(node, &city, &story, START).await?;
    let day = Cell::new(START);
    let (city, story, addresses) = (&city, &story, &addresses);
    let office = Office { node, city, story, addresses, clock, day, plain };
    let of_year: Vec<Month> =
        (0..i32::from(months)).map(|later| city.plan().month.plus(later)).collect();
    let mut quarter = Quarter::open(&office, of_year, seed).await?;
    quarter.pass().await?;
    node.caught_up().await?;
    kept.finish(dir)?;
    let facts = match months {
        0..=2 => Vec::new(),
        _ if plain => Vec::new(),
        3.. => facts::check(&office, &quarter.statements()).await?,
    };
    Ok(Shown { facts, proofs: prove(dir, &*node.log).await? })
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
