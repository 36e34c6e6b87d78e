//! The files of the bank folders, as they lie there.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use bank::FileError;
use definitions::Layout;

/// The name and bytes of an instruction file, and the bytes of its ready mark.
pub(super) type Instructed = (String, Vec<u8>, Vec<u8>);

/// Instruction files with their ready marks.
pub(super) fn instructions(dir: &Path, layout: &Layout) -> Result<Vec<Instructed>> {
    let mut files = Vec::new();
    for path in listed(dir)? {
        let (name, bytes) = read(&path)?;
        if name.ends_with(&layout.ready_mark) {
            continue;
        }
        let mark = dir.join(format!("{name}{}", layout.ready_mark));
        let ready = fs::read(&mark).with_context(|| mark.display().to_string())?;
        files.push((name, bytes, ready));
    }
    Ok(files)
}

/// What a bank left: first what lies in the folder itself, then in the folders below it.
pub(super) fn incoming(dir: &Path, pattern: &str) -> Result<Vec<PathBuf>> {
    let prefix = pattern.split('{').next().unwrap_or_default();
    let suffix = pattern.rsplit('}').next().unwrap_or_default();
    let (mut paths, mut below) = (Vec::new(), Vec::new());
    for path in listed(dir)? {
        if path.is_dir() {
            below.extend(listed(&path)?);
        } else {
            paths.push(path);
        }
    }
    paths.extend(below);
    paths.retain(|path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with(prefix) && name.ends_with(suffix)
    });
    Ok(paths)
}

/// Everything in a folder, by name; nothing where there is none.
fn listed(dir: &Path) -> Result<Vec<PathBuf>> {
    if !dir.exists() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(dir).with_context(|| dir.display().to_string())?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<PathBuf>>>()?;
    paths.sort();
    Ok(paths)
}

pub(super) fn read(path: &Path) -> Result<(String, Vec<u8>)> {
    let name = path.file_name().and_then(|name| name.to_str()).context("a file has a name")?;
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    Ok((name.to_owned(), bytes))
}

pub(super) fn faults(name: &str, errors: &[FileError]) -> anyhow::Error {
    let lines: Vec<String> = errors.iter().take(5).map(|error| error.en.clone()).collect();
    anyhow!("{name}: {}", lines.join("; "))
}
