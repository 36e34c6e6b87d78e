//! Read models in SQLite: `<dir>/<name>-v<version>-g<generation>.db`, and `<dir>/generations.db`
//! which says which of them are read.
//!
//! One file per generation keeps a rebuild out of the way of live commits, and dropping one is an
//! unlink. `synchronous` is NORMAL: a power cut may take the last commits of a view but leaves a
//! consistent older state, from whose checkpoint the train goes on; the log itself is durable.
//!
//! **Invariant** the turnstile: commits and flips hold its write side, opening a session its read
//! side, so all transactions of one session see one position.

mod catalogue;
mod file;
mod generation;
mod reader;
mod statements;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak,
};

use projections::engine::{Generation, GenerationInfo, Plan, Reader, Standing, StoreError, Stores};

use self::catalogue::Catalogue;
use self::file::File;
use self::generation::SqliteGeneration;
use self::reader::SqliteReader;

/// Older libraries can corrupt a WAL file (SQLite 3.7.0 to 3.51.2).
const VERSION_MIN: i32 = 3_051_003;

/// The niceness of a rebuild: the lowest priority there is.
const BACKGROUND: i32 = 19;

pub struct SqliteViews {
    dir: PathBuf,
    catalogue: Mutex<Catalogue>,
    /// The turnstile, around what it guards: the files that are read, by read model.
    current: RwLock<Current>,
    /// Every generation that somebody holds open.
    open: Mutex<HashMap<(String, u32), Weak<File>>>,
}

type Current = BTreeMap<String, Arc<File>>;

impl SqliteViews {
    /// Opens the views under `dir`, which is made if it is not there, and removes files that no
    /// generation owns any more.
    ///
    /// # Errors
    /// When the directory or its catalogue cannot be used, or the SQLite library is too old.
    pub fn open(dir: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let dir = dir.into();
        if rusqlite::version_number() < VERSION_MIN {
            let version = format!("SQLite {} can corrupt a WAL file", rusqlite::version());
            return Err(StoreError::database("the views", version));
        }
        std::fs::create_dir_all(&dir).map_err(|error| StoreError::database("the views", error))?;
        let catalogue = Catalogue::open(&dir.join("generations.db"))?;
        file::sweep(&dir, &catalogue.file_names()?);
        let views = Self {
            dir,
            catalogue: Mutex::new(catalogue),
            current: RwLock::default(),
            open: Mutex::default(),
        };
        Ok(views)
    }

    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    fn file(&self, name: &str, version: u32, number: u32) -> Arc<File> {
        let mut open = lock(&self.open);
        open.retain(|_, file| file.strong_count() > 0);
        let key = (name.to_owned(), number);
        if let Some(file) = open.get(&key).and_then(Weak::upgrade) {
            return file;
        }
        let file = Arc::new(File::new(&self.dir, name, version, number));
        open.insert(key, Arc::downgrade(&file));
        file
    }

    /// The side of the turnstile where sessions pass, many at a time.
    fn passing(&self) -> RwLockReadGuard<'_, Current> {
        // The map is replaced entry by entry: whole whenever it is seen.
        self.current.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The side of the turnstile where commits pass, alone.
    fn closed(&self) -> RwLockWriteGuard<'_, Current> {
        self.current.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stores for SqliteViews {
    fn generations(&self, name: &str) -> Result<Vec<GenerationInfo>, StoreError> {
        lock(&self.catalogue).generations(name)
    }

    fn create(&self, plan: &Plan) -> Result<Box<dyn Generation>, StoreError> {
        let number = lock(&self.catalogue).add(plan)?;
        let file = self.file(plan.name, plan.version, number);
        Ok(Box::new(SqliteGeneration::open(file, plan, number)?))
    }

    fn open(&self, plan: &Plan, number: u32) -> Result<Box<dyn Generation>, StoreError> {
        let known = lock(&self.catalogue).generation(plan.name, number)?;
        let file = self.file(plan.name, known.version, number);
        let mut generation = SqliteGeneration::open(Arc::clone(&file), plan, number)?;
        if known.standing == Standing::Current {
            // A table that its program got since then has no indexes yet.
            generation.filled()?;
            self.closed().insert(plan.name.to_owned(), file);
        }
        Ok(Box::new(generation))
    }

    fn flip(&self, plan: &Plan, number: u32) -> Result<(), StoreError> {
        let catalogue = lock(&self.catalogue);
        catalogue.generation(plan.name, number)?;
        let file = self.file(plan.name, plan.version, number);
        let mut current = self.closed();
        catalogue.flip(plan.name, number)?;
        current.insert(plan.name.to_owned(), file);
        Ok(())
    }

    fn commit(
        &self,
        generations: Vec<&mut (dyn Generation + 'static)>,
    ) -> Vec<Result<(), StoreError>> {
        let _alone = self.closed();
        generations.into_iter().map(|generation| generation.commit()).collect()
    }

    fn drop_generation(&self, name: &str, number: u32) -> Result<(), StoreError> {
        let catalogue = lock(&self.catalogue);
        let known = catalogue.generation(name, number)?;
        if known.standing == Standing::Current {
            return Err(StoreError::IsCurrent { name: name.to_owned(), number });
        }
        catalogue.forget(name, number)?;
        // Whoever holds it keeps it: the last one to let go unlinks it.
        self.file(name, known.version, number).doom();
        Ok(())
    }

    fn in_the_background(&self) {
        // Of no process: on Linux that is the calling thread alone.
        if let Err(error) = rustix::process::setpriority_process(None, BACKGROUND) {
            tracing::debug!(%error, "a rebuild keeps its priority");
        }
    }

    fn reader(&self, views: &[&str]) -> Result<Box<dyn Reader>, StoreError> {
        let wanted = |name: &str| views.is_empty() || views.contains(&name);
        loop {
            let files: Vec<Arc<File>> = {
                let current = self.passing();
                current
                    .iter()
                    .filter(|(name, _)| wanted(name))
                    .map(|(_, file)| file)
                    .cloned()
                    .collect()
            };
            // Files are opened before the turnstile: inside it there is only BEGIN.
            let reader = SqliteReader::prepare(files)?;
            let current = self.passing();
            let now = current.iter().filter(|(name, _)| wanted(name)).map(|(_, file)| file);
            if reader.holds(now) {
                return Ok(Box::new(reader.begin()?));
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is guarded here changes by whole statements and entries.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Turns a failure of SQLite into one that says whose file it was.
fn failed(what: &str) -> impl Fn(rusqlite::Error) -> StoreError + '_ {
    move |error| StoreError::database(what, error)
}
