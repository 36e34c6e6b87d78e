//! A bank's file server on a bad line: uploads that stop in the middle, renames that happened though
//! the line was cut, or happen later, and lists that are behind. The bank behind it takes what is
//! ready, and keeps it or not.
//!
//! **Invariant** seed and order of calls decide everything; it never alters or invents a byte.

use std::collections::{BTreeMap, BTreeSet};
use std::future::ready;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use commands::disbursement::{BankServers, FileServer, Listed, ServerFault};
use kernel::log::Answer;
use shared::BankCode;

use crate::dice::Dice;

/// The mark of every bank of the city.
const MARK: &str = ".OK";

/// Lying servers, one for each bank that is asked for.
#[derive(Clone)]
pub struct LyingServers {
    seed: u64,
    of: Arc<Mutex<BTreeMap<BankCode, Arc<LyingServer>>>>,
}

impl LyingServers {
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, of: Arc::default() }
    }

    #[must_use]
    pub fn server(&self, bank: BankCode) -> Arc<LyingServer> {
        let mut all = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        let made = || Arc::new(LyingServer::new(self.seed, bank.as_str()));
        Arc::clone(all.entry(bank).or_insert_with(made))
    }
}

impl BankServers for LyingServers {
    fn of(&self, bank: BankCode) -> Arc<dyn FileServer> {
        self.server(bank)
    }
}

pub struct LyingServer(Mutex<State>);

/// A file that the bank took because its mark was there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Took {
    pub name: String,
    /// `None` where the mark lay there without its file.
    pub bytes: Option<Vec<u8>>,
    pub mark: Vec<u8>,
}

struct State {
    files: BTreeMap<String, Vec<u8>>,
    /// What the next stale list shows.
    before: BTreeMap<String, Vec<u8>>,
    /// Renames on the line: they happen before one of the next calls.
    late: Vec<(String, String)>,
    dice: Dice,
    lies_per_10k: u32,
    took: Vec<Took>,
}

impl LyingServer {
    /// Every third answer is a lie or a lost line.
    #[must_use]
    pub fn new(seed: u64, bank: &str) -> Self {
        let dice = Dice::of_text(seed, "server", bank);
        let (files, before, late, took) = Default::default();
        Self(Mutex::new(State { files, before, late, dice, lies_per_10k: 3_300, took }))
    }

    /// From now on it does what it is asked; what was on the line arrives.
    pub fn calm(&self) {
        let mut state = self.state();
        state.lies_per_10k = 0;
        state.arrive();
    }

    /// The bank takes every file whose mark is there. One that keeps them puts them among what it
    /// took; the others are gone.
    pub fn bank_takes(&self, keeps: bool) {
        let mut state = self.state();
        let marks: Vec<String> =
            state.files.keys().filter(|path| ready_file(path).is_some()).cloned().collect();
        for path in marks {
            let Some(name) = ready_file(&path).map(str::to_owned) else { continue };
            let mark = state.files.remove(&path).unwrap_or_default();
            let bytes = state.files.remove(&format!("out/{name}"));
            if let (true, Some(bytes)) = (keeps, &bytes) {
                state.files.insert(format!("out/taken/{name}"), bytes.clone());
            }
            state.took.push(Took { name, bytes, mark });
        }
    }

    /// What the bank took so far.
    #[must_use]
    pub fn took(&self) -> Vec<Took> {
        self.state().took.clone()
    }

    /// The bank puts so many bytes of a file, or all of them.
    pub fn bank_leaves(&self, path: &str, bytes: &[u8]) {
        self.state().files.insert(path.to_owned(), bytes.to_vec());
    }

    /// What really lies there.
    #[must_use]
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        self.state().files.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Before each call: something that was on the line may arrive, and the list may age.
    fn enter(&self) -> MutexGuard<'_, State> {
        let mut state = self.state();
        if state.dice.chance(5_000) {
            state.arrive();
        }
        if state.dice.chance(3_000) {
            state.before = state.files.clone();
        }
        state
    }
}

fn ready_file(path: &str) -> Option<&str> {
    let name = path.strip_prefix("out/")?.strip_suffix(MARK)?;
    (!name.starts_with('.') && !name.contains('/')).then_some(name)
}

fn lost() -> ServerFault {
    ServerFault::Lost("the line was cut".to_owned())
}

impl State {
    fn arrive(&mut self) {
        for (from, to) in std::mem::take(&mut self.late) {
            // Nobody hears what it says.
            let _unheard = self.moved(&from, &to);
        }
    }

    fn moved(&mut self, from: &str, to: &str) -> Result<(), ServerFault> {
        if self.files.contains_key(to) {
            return Err(ServerFault::Occupied);
        }
        let bytes = self.files.remove(from).ok_or(ServerFault::Absent)?;
        self.files.insert(to.to_owned(), bytes);
        Ok(())
    }

    fn lies(&mut self) -> bool {
        let per_10k = self.lies_per_10k;
        self.dice.chance(per_10k)
    }

    fn written(&mut self, path: &str, offset: u64, bytes: &[u8]) {
        let file = self.files.entry(path.to_owned()).or_default();
        file.truncate(usize::try_from(offset).unwrap_or(usize::MAX));
        file.extend_from_slice(bytes);
    }

    fn written_or_cut(&mut self, path: &str, at: u64, bytes: &[u8]) -> Result<(), ServerFault> {
        if !self.lies() {
            self.written(path, at, bytes);
            return Ok(());
        }
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let until = self.dice.between(0, length) as usize;
        self.written(path, at, &bytes[..until]);
        Err(lost())
    }

    fn renamed_or_cut(&mut self, from: &str, to: &str) -> Result<(), ServerFault> {
        if !self.lies() {
            return self.moved(from, to);
        }
        match self.dice.below(3) {
            0 => {}
            1 => self.late.push((from.to_owned(), to.to_owned())),
            _ => {
                let _unheard = self.moved(from, to);
            }
        }
        Err(lost())
    }
}

fn below(files: &BTreeMap<String, Vec<u8>>, folder: &str) -> Vec<Listed> {
    let names = files.keys().filter_map(|path| path.strip_prefix(folder)?.strip_prefix('/'));
    let listed: BTreeSet<(&str, bool)> = names
        .map(|rest| rest.split_once('/').map_or((rest, false), |(folder, _)| (folder, true)))
        .collect();
    listed
        .into_iter()
        .map(|(name, is_folder)| Listed { name: name.to_owned(), is_folder })
        .collect()
}

impl FileServer for LyingServer {
    fn list<'a>(&'a self, folder: &'a str) -> Answer<'a, Result<Vec<Listed>, ServerFault>> {
        let mut state = self.enter();
        let listed = match (state.lies(), state.dice.below(2)) {
            (true, 0) => Err(lost()),
            (true, _) => Ok(below(&state.before, folder)),
            (false, _) => Ok(below(&state.files, folder)),
        };
        Box::pin(ready(listed))
    }

    fn size<'a>(&'a self, path: &'a str) -> Answer<'a, Result<Option<u64>, ServerFault>> {
        let mut state = self.enter();
        let size = state.files.get(path).map(|bytes| bytes.len() as u64);
        Box::pin(ready(if state.lies() { Err(lost()) } else { Ok(size) }))
    }

    fn read<'a>(
        &'a self,
        path: &'a str,
        bytes_max: u64,
    ) -> Answer<'a, Result<Vec<u8>, ServerFault>> {
        let mut state = self.enter();
        let found = match state.files.get(path) {
            Some(bytes) if bytes.len() as u64 > bytes_max => {
                Err(ServerFault::TooLarge { bytes_max })
            }
            Some(bytes) => Ok(bytes.clone()),
            None => Err(ServerFault::Absent),
        };
        Box::pin(ready(if state.lies() { Err(lost()) } else { found }))
    }

    fn write<'a>(
        &'a self,
        path: &'a str,
        offset: u64,
        bytes: &'a [u8],
    ) -> Answer<'a, Result<(), ServerFault>> {
        Box::pin(ready(self.enter().written_or_cut(path, offset, bytes)))
    }

    fn rename<'a>(&'a self, from: &'a str, to: &'a str) -> Answer<'a, Result<(), ServerFault>> {
        Box::pin(ready(self.enter().renamed_or_cut(from, to)))
    }

    fn remove<'a>(&'a self, path: &'a str) -> Answer<'a, Result<(), ServerFault>> {
        let mut state = self.enter();
        let cut = state.lies();
        if !cut || state.dice.chance(5_000) {
            state.files.remove(path);
        }
        Box::pin(ready(if cut { Err(lost()) } else { Ok(()) }))
    }
}
