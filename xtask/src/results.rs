//! `benches/RESULTS.md`: one section per bench, each with the machine and the neighbours it had.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::project::{Project, answer};

const HEAD: &str = "# Measurements

Written by `cargo xtask bench [name]`; a section is replaced when its bench runs again. Ratios within one section
count: ours and the raw engine ran in turns, in one process. Figures of different sections or machines do not compare.
";

pub struct Measured {
    pub name: String,
    pub what: String,
    /// Machine, versions, date and neighbours: one line each.
    pub circumstances: Vec<String>,
    /// As the bench printed them.
    pub rows: String,
}

/// Puts a section in the place of the one with its name, or at the end.
///
/// # Errors
/// When the file cannot be read or written.
pub fn replace(project: &Project, measured: &Measured) -> Result<()> {
    let folder = project.root.join("benches");
    fs::create_dir_all(&folder)?;
    let path = folder.join("RESULTS.md");
    let before = if path.exists() { fs::read_to_string(&path)? } else { String::new() };
    fs::write(&path, replaced(&before, measured)).context("benches/RESULTS.md cannot be written")
}

fn replaced(before: &str, measured: &Measured) -> String {
    let title = format!("{}\n", measured.name);
    let ours = section(measured);
    let mut sections: Vec<String> =
        before.split("\n## ").skip(1).map(|text| text.trim_end().to_owned()).collect();
    match sections.iter_mut().find(|section| section.starts_with(&title)) {
        Some(place) => *place = ours,
        None => sections.push(ours),
    }
    let mut text = HEAD.to_owned();
    for section in sections {
        text.push_str(&format!("\n## {section}\n"));
    }
    text
}

fn section(measured: &Measured) -> String {
    let Measured { name, what, circumstances, rows } = measured;
    let circumstances: Vec<_> = circumstances.iter().map(|line| format!("- {line}")).collect();
    format!("{name}\n\n{what}\n\n{}\n\n```text\n{rows}\n```", circumstances.join("\n"))
}

/// The load averages of the machine: how many neighbours there are.
pub fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

/// What a reader must know to judge a figure.
pub fn circumstances(project: &Project, load_before: &str) -> Vec<String> {
    let command = |program: &str, arguments: &[&str]| {
        answer(Command::new(program).args(arguments)).unwrap_or_else(|| "unknown".to_owned())
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let filesystem = answer(Command::new("df").arg("--output=fstype").arg(std::env::temp_dir()));
    let filesystem = filesystem.as_deref().and_then(|text| text.lines().last().map(str::to_owned));
    vec![
        format!("date: {} (UTC)", command("date", &["-u", "+%Y-%m-%d %H:%M"])),
        format!(
            "machine: {}, {cores} cores, {} memory, Linux {}, {}",
            field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown processor".to_owned()),
            memory().unwrap_or_else(|| "unknown".to_owned()),
            command("uname", &["-r"]),
            filesystem.unwrap_or_else(|| "unknown file system".to_owned()),
        ),
        format!(
            "versions: {}, SQLite {}",
            command("rustc", &["--version"]),
            sqlite(project).unwrap_or_else(|| "unknown".to_owned())
        ),
        format!("neighbours: load average {load_before} before, {} after", load()),
    ]
}

/// The value of the first `name: value` line.
fn field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn memory() -> Option<String> {
    let kib: u64 = field("/proc/meminfo", "MemTotal")?.trim_end_matches(" kB").parse().ok()?;
    Some(format!("{} GiB", (kib + 512 * 1024) / (1024 * 1024)))
}

/// The version in the lock file, with the one that its sources name.
fn sqlite(project: &Project) -> Option<String> {
    let lock = fs::read_to_string(project.root.join("Cargo.lock")).ok()?;
    let package =
        lock.split("[[package]]").find(|text| text.contains("name = \"libsqlite3-sys\""))?;
    let version = package.lines().find_map(|line| line.strip_prefix("version = "))?;
    let version = version.trim_matches('"');
    let header = format!("libsqlite3-sys-{version}/sqlite3/sqlite3.h");
    let sources = cargo_home()?.join("registry").join("src");
    let registry = fs::read_dir(sources).ok()?.flatten().map(|entry| entry.path());
    let text = registry.filter_map(|path| fs::read_to_string(path.join(&header)).ok()).next()?;
    let line = text.lines().find(|line| line.starts_with("#define SQLITE_VERSION "))?;
    Some(line.split('"').nth(1)?.to_owned())
}

fn cargo_home() -> Option<std::path::PathBuf> {
    let of_user = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".cargo"));
    std::env::var_os("CARGO_HOME").map(Into::into).or_else(of_user)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(name: &str, rows: &str) -> Measured {
        Measured {
            name: name.to_owned(),
            what: "Work, beside other work.".to_owned(),
            circumstances: vec!["date: today".to_owned()],
            rows: rows.to_owned(),
        }
    }

    #[test]
    fn a_section_is_replaced_and_the_others_stay() {
        let one = replaced("", &measured("append", "a 1"));
        let two = replaced(&one, &measured("rebuild", "r 1"));
        let text = replaced(&two, &measured("append", "a 2"));
        assert!(text.starts_with(HEAD));
        assert!(text.contains("\n## append\n\nWork, beside other work.\n\n- date: today\n"));
        assert!(text.contains("```text\na 2\n```\n\n## rebuild\n"));
        assert!(text.ends_with("```text\nr 1\n```\n"));
        assert!(!text.contains("a 1"));
    }

    #[test]
    fn writing_the_same_section_twice_changes_nothing() {
        let once = replaced("", &measured("append", "a 1"));
        assert_eq!(replaced(&once, &measured("append", "a 1")), once);
    }
}
