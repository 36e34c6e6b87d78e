//! Where everything is, and how commands are run in it.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

pub struct Project {
    /// The folder of the workspace.
    pub root: PathBuf,
    /// Where cargo put this program, and with it everything else of the dev profile.
    built: PathBuf,
}

impl Project {
    /// # Errors
    /// When this program was not started by cargo.
    pub fn find() -> Result<Self> {
        let here = env::var_os("CARGO_MANIFEST_DIR").context("start this as `cargo xtask`")?;
        let root = Path::new(&here).parent().context("xtask lies in the workspace")?.to_owned();
        // Wherever environment and configuration made cargo build: this program lies there too.
        let exe = env::current_exe().context("the path of this program is not known")?;
        let built = exe.parent().context("a program lies in a folder")?.to_owned();
        Ok(Self { root, built })
    }

    /// A file that cargo has built.
    pub fn built(&self, profile: Profile, name: &str) -> PathBuf {
        match profile {
            Profile::Dev => self.built.join(name),
            Profile::Release => self.built.with_file_name("release").join(name),
        }
    }

    /// A folder for what the tasks keep between two calls; it goes with the target folder.
    pub fn kept(&self, name: &str) -> Result<PathBuf> {
        let path = self.built.with_file_name("xtask").join(name);
        fs::create_dir_all(&path).with_context(|| format!("cannot create {}", path.display()))?;
        Ok(path)
    }

    /// An empty folder, emptied again by the next call with this name.
    pub fn emptied(&self, name: &str) -> Result<PathBuf> {
        let path = self.kept(name)?;
        fs::remove_dir_all(&path).with_context(|| format!("cannot empty {}", path.display()))?;
        self.kept(name)
    }

    pub fn cargo<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.current_dir(&self.root).args(arguments);
        cargo
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    Dev,
    Release,
}

/// Runs a command to its end, its output beside ours.
///
/// # Errors
/// When it cannot be started or does not end well.
pub fn run(command: &mut Command) -> Result<()> {
    let name = spelled(command);
    eprintln!("$ {name}");
    let status = command.status().with_context(|| format!("cannot start {name}"))?;
    if !status.success() {
        bail!("{name}: {status}");
    }
    Ok(())
}

/// Runs a command to its end and lets `each` see its lines as they are printed.
///
/// # Errors
/// When it cannot be started or does not end well.
pub fn lines(command: &mut Command, mut each: impl FnMut(&str)) -> Result<()> {
    let name = spelled(command);
    eprintln!("$ {name}");
    let child = command.stdout(Stdio::piped()).spawn();
    let mut child = child.with_context(|| format!("cannot start {name}"))?;
    let output = child.stdout.take().context("its output was asked for")?;
    for line in BufReader::new(output).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        each(&line);
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("{name}: {status}");
    }
    Ok(())
}

/// What a command writes, without what surrounds it; `None` where it cannot be run or fails.
pub fn answer(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// A command as one would type it; folders of this machine are left out.
pub fn spelled(command: &Command) -> String {
    let short = |text: &std::ffi::OsStr| {
        let path = Path::new(text);
        match path.file_name() {
            Some(name) if path.is_absolute() => name.to_string_lossy().into_owned(),
            _ => text.to_string_lossy().into_owned(),
        }
    };
    let words: Vec<_> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(short)
        .map(|word| if word.contains(' ') { format!("'{word}'") } else { word })
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_spelled_without_folders_of_this_machine() {
        let mut command = Command::new("/usr/bin/node");
        command.args(["lint.mjs", "/tmp/a/schema.graphql", "{ a b }"]);
        assert_eq!(spelled(&command), "node lint.mjs schema.graphql '{ a b }'");
    }

    #[test]
    fn a_command_that_fails_has_no_answer() {
        assert_eq!(answer(&mut Command::new("no-such-program-anywhere")), None);
        assert_eq!(answer(&mut Command::new("false")), None);
    }
}
