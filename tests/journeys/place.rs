//! A folder for one journey, and the binary run in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use renshe::node::{Node, World};
use tempfile::TempDir;

use crate::database::Database;

/// Holds the installation in `data`, and the files that a person hands in beside it.
pub struct Place {
    dir: TempDir,
    /// Below the folder that is removed at the end.
    root: PathBuf,
    database: Database,
}

/// What a person sees of one command.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Place {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().to_owned();
        Self { dir, root, database: Database::new() }
    }

    /// A place whose stores are named on the command line alone.
    pub fn embedded() -> Self {
        Self { database: Database::none(), ..Self::new() }
    }

    pub fn is_embedded(&self) -> bool {
        self.database.is_embedded()
    }

    /// A place with a copy of another one's installation.
    pub fn like(other: &Self) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().to_owned();
        let place = Self { dir, root, database: Database::like(&other.database) };
        copy(&other.data(), &place.data());
        place
    }

    /// The same place, further down.
    pub fn within(self, folders: &str) -> Self {
        let root = self.dir.path().join(folders);
        fs::create_dir_all(&root).unwrap();
        Self { root, ..self }
    }

    pub fn data(&self) -> PathBuf {
        self.root.join("data")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    pub fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_renshe"));
        command.current_dir(&self.root).env("RENSHE_DATA_DIR", "data").args(args);
        if let Some(url) = self.database.url() {
            command.env("RENSHE_LOG", &url).env("RENSHE_VIEWS", url);
        }
        // Errors in both languages, whatever the machine's own is.
        command.env("LC_ALL", "C");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// The installation, opened in this process.
    pub async fn node(&self, world: World) -> Node {
        Node::open(&self.data(), world.on(self.database.databases())).await.unwrap()
    }

    /// What a statement says of the log's tables.
    pub fn ask(&self, sql: &str) -> Vec<Vec<String>> {
        self.database.ask(&self.data(), sql)
    }

    /// Changes the log behind its back.
    pub fn tamper(&self, sql: &str) {
        self.database.tamper(&self.data(), sql);
    }

    /// What stands in the database of the installation, if it has one.
    pub fn dump(&self) -> Option<Vec<u8>> {
        self.database.dump()
    }

    pub fn renshe(&self, args: &[&str]) -> Ran {
        Ran::of(self.command(args).output().unwrap())
    }

    /// # Panics
    /// When it does not end with `code`.
    pub fn ends(&self, code: i32, args: &[&str]) -> Ran {
        let ran = self.renshe(args);
        assert_eq!(ran.code, code, "renshe {}: {ran:?}", args.join(" "));
        ran
    }

    /// Every file below the installation, sorted.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        walk(&self.data(), &mut files);
        files.sort();
        files
    }
}

impl Ran {
    pub fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        // Ended by a signal: no code.
        let code = output.status.code().unwrap_or(-1);
        Self { code, out: text(output.stdout), err: text(output.stderr) }
    }

    /// What stands in either stream.
    pub fn said(&self, words: &str) -> bool {
        self.out.contains(words) || self.err.contains(words)
    }

    /// # Panics
    /// When it does not hold all of `words`.
    pub fn says(&self, words: &[&str]) {
        for words in words {
            assert!(self.said(words), "{words:?} is not in {self:?}");
        }
    }
}

pub fn walk(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else {
            files.push(path);
        }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    fs::set_permissions(to, fs::metadata(from).unwrap().permissions()).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let there = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &there);
        } else {
            fs::copy(&path, &there).unwrap();
        }
    }
}
