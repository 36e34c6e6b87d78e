//! Seconds of wall clock and of processor, per step, and the memory at its highest.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

/// What one step took. `cpu` is the whole process with its background threads.
#[derive(Debug, Clone, Copy)]
pub struct Took {
    pub wall: Duration,
    pub cpu: Duration,
}

pub struct Watch {
    wall: Instant,
    cpu: Duration,
}

impl Watch {
    /// # Errors
    /// When the kernel does not tell; so for all of these.
    pub fn start() -> Result<Self> {
        Ok(Self { wall: Instant::now(), cpu: cpu()? })
    }

    /// # Errors
    /// See [`Watch::start`].
    pub fn stop(&self) -> Result<Took> {
        Ok(Took { wall: self.wall.elapsed(), cpu: cpu()?.saturating_sub(self.cpu) })
    }
}

/// Whole things per second.
#[must_use]
pub fn rate(count: u64, wall: Duration) -> u64 {
    let micros = wall.as_micros().max(1);
    u64::try_from(u128::from(count) * 1_000_000 / micros).unwrap_or(u64::MAX)
}

/// `ours / plain` in hundredths, for a figure that is read and not reckoned with.
#[must_use]
pub fn ratio(ours: u64, plain: u64) -> String {
    let percent = ours * 100 / plain.max(1);
    format!("{}.{:02}", percent / 100, percent % 100)
}

/// Kernels of Linux count processor time in hundredths of a second for programs to read.
const TICK: Duration = Duration::from_millis(10);

fn cpu() -> Result<Duration> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The name in parentheses may hold spaces: fields are counted from behind it.
    let (_, rest) = stat.rsplit_once(')').context("/proc/self/stat has a name")?;
    let ticks = rest.split_whitespace().skip(11).take(2).map(str::parse::<u32>);
    Ok(TICK * ticks.sum::<Result<u32, _>>()?)
}

/// The resident memory of this process at its highest, in MiB.
///
/// # Errors
/// See [`Watch::start`].
pub fn memory_peak_mib() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.context("/proc/self/status says VmHWM")?.trim().trim_end_matches(" kB");
    Ok(kib.parse::<u64>()? / 1024)
}

/// From now on [`memory_peak_mib`] tells the highest since this moment.
///
/// # Errors
/// When the kernel does not let it.
pub fn memory_peak_anew() -> Result<()> {
    Ok(fs::write("/proc/self/clear_refs", "5")?)
}
