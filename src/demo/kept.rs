//! What a demo is made of, kept in `<data-dir>/demo.json` from before its first event.
//!
//! **Invariant** an installation has the city and the months of one demo: whoever asks for another
//! is refused, and whoever asks for the same goes on with it.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use serde::{Deserialize, Serialize};

use crate::cli::Unusable;

const FILE: &str = "demo.json";

/// The arguments of a demo; absent ones are those of the folder, or the defaults.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked {
    pub people: Option<u32>,
    pub months: Option<u8>,
    pub seed: Option<u64>,
    /// Nothing happens but the payments.
    pub plain: Option<bool>,
}

/// What the demo of a folder is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    pub people: u32,
    pub months: u8,
    pub seed: u64,
    #[serde(default)]
    pub plain: bool,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Kept {
    #[serde(flatten)]
    pub wanted: Wanted,
    /// Every month is paid and closed.
    pub whole: bool,
}

impl From<&Asked> for Wanted {
    fn from(asked: &Asked) -> Self {
        Self {
            people: asked.people.unwrap_or(20_000),
            months: asked.months.unwrap_or(3),
            seed: asked.seed.unwrap_or(2026),
            plain: asked.plain.unwrap_or(false),
        }
    }
}

impl Asked {
    fn allows(&self, wanted: &Wanted) -> bool {
        self.people.is_none_or(|people| people == wanted.people)
            && self.months.is_none_or(|months| months == wanted.months)
            && self.seed.is_none_or(|seed| seed == wanted.seed)
            && self.plain.is_none_or(|plain| plain == wanted.plain)
    }
}

/// Whether the folder holds the whole demo that is asked for.
///
/// # Errors
/// When it holds something else.
pub fn is_whole(dir: &Path, asked: &Asked) -> Result<bool> {
    Ok(known(dir, asked)?.is_some_and(|kept| kept.whole))
}

/// The demo of the folder; a new one is written down first.
pub(super) fn begin(dir: &Path, asked: &Asked) -> Result<Kept> {
    if let Some(kept) = known(dir, asked)? {
        return Ok(kept);
    }
    let kept = Kept { wanted: Wanted::from(asked), whole: false };
    let made = fs::create_dir_all(dir);
    made.with_context(|| format!("cannot make the data directory {}", dir.display()))?;
    kept.write(dir)?;
    Ok(kept)
}

fn known(dir: &Path, asked: &Asked) -> Result<Option<Kept>> {
    let shown = dir.display();
    let refused = |why: String| Err(anyhow!(why).context(Unusable::Installation));
    let text = match fs::read(dir.join(FILE)) {
        Ok(text) => text,
        Err(fault) if fault.kind() == ErrorKind::NotFound => {
            return if dir.join("log").exists() {
                refused(format!(
                    "{shown} holds an installation that no demo made: give another --data-dir"
                ))
            } else {
                Ok(None)
            };
        }
        Err(fault) => return refused(format!("{FILE} in {shown} cannot be read: {fault}")),
    };
    let kept: Kept = match serde_json::from_slice(&text) {
        Ok(kept) => kept,
        Err(fault) => return refused(format!("{FILE} in {shown} cannot be read: {fault}")),
    };
    if !asked.allows(&kept.wanted) {
        let Wanted { people, months, seed, .. } = kept.wanted;
        return refused(format!(
            "{shown} holds the demo of --people {people} --months {months} --seed {seed}: ask for \
             the same, or give another --data-dir"
        ));
    }
    Ok(Some(kept))
}

impl Kept {
    pub(super) fn finish(&mut self, dir: &Path) -> Result<()> {
        if self.whole {
            return Ok(());
        }
        self.whole = true;
        self.write(dir)
    }

    /// Whole or not at all, and durable before the first event is.
    fn write(&self, dir: &Path) -> Result<()> {
        let part = dir.join("demo.part");
        let put = || {
            let mut file = fs::File::create(&part)?;
            file.write_all(&serde_json::to_vec(self)?)?;
            file.sync_all()?;
            fs::rename(&part, dir.join(FILE))?;
            fs::File::open(dir)?.sync_all()
        };
        put().with_context(|| format!("cannot write {FILE} in {}", dir.display()))
    }
}
