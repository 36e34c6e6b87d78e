//! The shape of the house: who leans on whom, how long a file may be, what a page must show.
//!
//! | file | what |
//! |---|---|
//! | `architecture/arrows.txt` | every arrow between our crates, tests left out |
//! | `architecture/long-files.txt` | the files above 400 lines; the list only shrinks |
//! | [`codes`] | every refusal has its line in the published table |

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

#[path = "architecture/codes.rs"]
mod codes;

const LINES_MAX: usize = 400;
/// A table with a line for every rule, and no logic.
const CODES: &str = "graphql/src/codes/table.rs";

/// One of our crates, and those of ours that it uses.
struct Crate {
    name: String,
    /// Its folder from the root, empty for the binary.
    folder: String,
    license: Option<String>,
    uses: BTreeSet<String>,
    uses_in_tests: BTreeSet<String>,
}

impl Crate {
    fn is_context(&self) -> bool {
        self.folder.starts_with("domain/")
            && !["kernel", "laws", "shared", "conditions", "definitions"]
                .contains(&self.name.as_str())
    }

    fn is_infra(&self) -> bool {
        self.folder.starts_with("infra/")
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn crates() -> BTreeMap<String, Crate> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let crates = packages.iter().map(|package| {
        let name = package["name"].as_str().unwrap().to_owned();
        let manifest = Path::new(package["manifest_path"].as_str().unwrap());
        let folder = manifest.parent().unwrap().strip_prefix(root()).unwrap();
        let uses = |in_tests: bool| {
            let all = package["dependencies"].as_array().unwrap().iter();
            all.filter(|used| used["path"].is_string())
                .filter(|used| (used["kind"] == "dev") == in_tests)
                .map(|used| used["name"].as_str().unwrap().to_owned())
                .collect()
        };
        let one = Crate {
            name: name.clone(),
            folder: folder.to_str().unwrap().to_owned(),
            license: package["license"].as_str().map(str::to_owned),
            uses: uses(false),
            uses_in_tests: uses(true),
        };
        (name, one)
    });
    crates.collect()
}

/// All files that belong to the project, as paths from the root.
fn files() -> Vec<String> {
    const LEFT_OUT: [&str; 4] = [".git", "target", "node_modules", ".renshe"];
    let (mut found, mut folders) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                if !LEFT_OUT.iter().any(|name| path.ends_with(name)) {
                    folders.push(path);
                }
            } else {
                found.push(path.to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

/// The files whose text is ours: no minified scripts of others, nothing that is not text.
fn texts() -> impl Iterator<Item = (String, String)> {
    files()
        .into_iter()
        .filter(|path| !path.contains(".min."))
        .filter_map(|path| Some((fs::read_to_string(root().join(&path)).ok()?, path)))
        .map(|(text, path)| (path, text))
}

/// Fails with every complaint at once.
fn nothing_in(complaints: Vec<String>) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

/// Lines of a committed list; what follows a `#` is a remark.
fn list(path: &str) -> Vec<String> {
    let text = read(path);
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    lines.filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[test]
fn every_arrow_stands_in_the_list() {
    let mut used_by: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for one in crates().into_values() {
        for used in one.uses {
            used_by.entry(used).or_default().insert(one.name.clone());
        }
    }
    let arrows = |(used, users): (String, BTreeSet<String>)| {
        format!("{used} <- {}", users.into_iter().collect::<Vec<_>>().join(", "))
    };
    let found: Vec<_> = used_by.into_iter().map(arrows).collect();
    let committed = list("tests/architecture/arrows.txt");
    let missing = found.iter().filter(|line| !committed.contains(line));
    let stale = committed.iter().filter(|line| !found.contains(line));
    nothing_in(
        missing
            .map(|line| format!("in the code, not in arrows.txt: {line}"))
            .chain(stale.map(|line| format!("in arrows.txt, not in the code: {line}")))
            .collect(),
    );
}

/// `kernel ← shared ← contexts ← {commands, projections} ← graphql ← renshe`, and infra beside.
#[test]
fn arrows_point_inwards() {
    let crates = crates();
    let contexts: BTreeSet<_> = named(&crates, Crate::is_context);
    let infra: BTreeSet<_> = named(&crates, Crate::is_infra);
    let words = of(&["kernel", "shared", "conditions", "definitions"]);
    let inside = &words | &contexts;
    let both_sides = of(&["commands", "projections"]);
    let mut complaints = Vec::new();
    for one in crates.values() {
        let allowed = match one.name.as_str() {
            "kernel" | "transport" | "postgres-server" => BTreeSet::new(),
            // The demo on a PostgreSQL of its own.
            "xtask" => of(&["postgres-server"]),
            "laws" | "shared" => of(&["kernel"]),
            "conditions" => of(&["shared"]),
            "definitions" => of(&["kernel", "shared", "conditions"]),
            "commands" | "projections" => inside.clone(),
            "graphql" => &(&inside | &both_sides) | &of(&["transport"]),
            // The banks of the demo city read and write real bank files; their file server stands
            // behind the port, as an adapter does.
            "simulations" => &words | &of(&["bank", "commands"]),
            "renshe" => {
                &(&(&inside | &both_sides) | &infra) | &of(&["graphql", "transport", "simulations"])
            }
            // The binary's node without its schema.
            "benches" => &(&(&inside | &both_sides) | &infra) | &of(&["simulations"]),
            _ if one.is_infra() => &(&words | &both_sides) | &infra,
            _ if one.is_context() => of(&["kernel", "shared"]),
            other => panic!("which layer is {other} in? Say it here and in ARCHITECTURE.md"),
        };
        let forbidden = one.uses.difference(&allowed);
        complaints.extend(forbidden.map(|used| format!("{} may not use {used}", one.name)));
    }
    nothing_in(complaints);
}

#[test]
fn a_context_knows_no_other_not_even_in_its_tests() {
    let crates = crates();
    let contexts = named(&crates, Crate::is_context);
    assert!(contexts.len() >= 4, "contexts were not recognised: {contexts:?}");
    let mut complaints = Vec::new();
    for one in crates.values().filter(|one| one.is_context()) {
        let all = &one.uses | &one.uses_in_tests;
        complaints.extend(
            all.intersection(&contexts).map(|used| format!("{} may not use {used}", one.name)),
        );
    }
    nothing_in(complaints);
}

fn named(crates: &BTreeMap<String, Crate>, which: impl Fn(&Crate) -> bool) -> BTreeSet<String> {
    crates.values().filter(|one| which(one)).map(|one| one.name.clone()).collect()
}

fn of(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn every_crate_has_the_licence_and_the_lints() {
    let mut complaints = Vec::new();
    for one in crates().into_values() {
        if one.license.as_deref() != Some("Apache-2.0") {
            complaints.push(format!("{} has licence {:?}", one.name, one.license));
        }
        let manifest = read(Path::new(&one.folder).join("Cargo.toml"));
        if !manifest.contains("[lints]\nworkspace = true\n") {
            complaints.push(format!("{} does not take the lints of the workspace", one.name));
        }
        // A new event or command must be a compile error wherever it is not thought of.
        let strict = "#![deny(clippy::wildcard_enum_match_arm)]";
        if one.is_context()
            && !read(Path::new(&one.folder).join("src").join("lib.rs")).contains(strict)
        {
            complaints.push(format!("{} lacks {strict}", one.name));
        }
    }
    nothing_in(complaints);
}

#[test]
fn the_list_of_long_files_only_shrinks() {
    let listed: BTreeMap<String, usize> = list("tests/architecture/long-files.txt")
        .iter()
        .map(|line| {
            let (path, lines) = line.rsplit_once(' ').expect("a path and its lines");
            (path.to_owned(), lines.parse().expect("a number of lines"))
        })
        .collect();
    let mut complaints = Vec::new();
    let mut long = BTreeSet::new();
    for (path, text) in texts().filter(|(path, _)| path.ends_with(".rs") && path != CODES) {
        let lines = text.lines().count();
        if lines <= LINES_MAX {
            continue;
        }
        match listed.get(&path) {
            None => complaints.push(format!("split it: {path} {lines}")),
            Some(before) if lines > *before => {
                complaints.push(format!("it grew, split it: {path} {lines} (was {before})"));
            }
            Some(_) => {}
        }
        long.insert(path);
    }
    let short = listed.keys().filter(|path| !long.contains(*path));
    complaints.extend(short.map(|path| format!("no longer long, take it off the list: {path}")));
    nothing_in(complaints);
}

#[test]
fn nothing_is_unfinished_or_silenced() {
    // In two pieces, so that this file does not find itself.
    let marks = [
        concat!("to", "do!("),
        concat!("unimplem", "ented!("),
        concat!("#[al", "low("),
        concat!("#![al", "low("),
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
    ];
    nothing_in(found(&marks, |path| path.ends_with(".rs")));
}

#[test]
fn no_file_knows_the_machine_it_was_written_on() {
    let marks = [
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
        concat!("registry.npm", "js.org"),
        concat!("npm", "mirror"),
        concat!("index.crates", ".io"),
        concat!("pypi", ".org"),
        concat!("\"resol", "ved\": \"http"),
    ];
    nothing_in(found(&marks, |_| true));
}

fn found(marks: &[&str], which: impl Fn(&str) -> bool) -> Vec<String> {
    let mut complaints = Vec::new();
    for (path, text) in texts().filter(|(path, _)| which(path)) {
        for (at, line) in text.lines().enumerate() {
            let marks = marks.iter().filter(|mark| line.contains(**mark));
            complaints.extend(marks.map(|mark| format!("{path}:{} has {mark}", at + 1)));
        }
    }
    complaints
}

/// A table or script of somebody else has its source and licence beside it.
#[test]
fn what_was_copied_in_names_its_source() {
    let mut folders: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in files() {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
        if folder.ends_with("/data") || folder.ends_with("/assets") {
            folders.entry(folder.to_owned()).or_default().push(name.to_owned());
        }
    }
    assert!(!folders.is_empty(), "no folder with data was found");
    let mut complaints = Vec::new();
    for (folder, names) in folders {
        let pages = ["SOURCE.md", "README.md"];
        let Some(page) = names.iter().find(|name| pages.contains(&name.as_str())) else {
            complaints.push(format!("{folder} has no SOURCE.md"));
            continue;
        };
        let page = read(Path::new(&folder).join(page));
        for name in names.iter().filter(|name| !pages.contains(&name.as_str())) {
            if !page.contains(name.as_str()) {
                complaints.push(format!("the source of {folder}/{name} is not told"));
            }
        }
    }
    nothing_in(complaints);
}

#[test]
fn the_code_map_shows_every_crate() {
    let map = read("ARCHITECTURE.md");
    let folders = crates().into_values().map(|one| one.folder).filter(|folder| !folder.is_empty());
    let missing = folders.filter(|folder| !map.contains(&format!("`{folder}`")));
    nothing_in(missing.map(|folder| format!("ARCHITECTURE.md does not show {folder}")).collect());
}

/// `## Confirmation` names files in backticks, and after each the tests in it.
#[test]
fn every_decision_is_confirmed_by_tests_that_exist() {
    let pages: Vec<_> = files()
        .into_iter()
        .filter(|path| path.starts_with("ADR/") && path.ends_with(".md"))
        .collect();
    let mut complaints = Vec::new();
    for page in &pages {
        let text = read(page);
        let confirmation = text.split("\n## ").find_map(|part| part.strip_prefix("Confirmation\n"));
        let quoted = confirmation.unwrap_or_default().split('`').skip(1).step_by(2);
        let (mut file, mut named) = (None, 0);
        for word in quoted {
            if word.contains('/') {
                file = fs::read_to_string(root().join(word)).ok();
                if file.is_none() {
                    complaints.push(format!("{page}: there is no {word}"));
                }
                named += 1;
            } else if !file.as_ref().is_some_and(|text| is_test_in(text, word)) {
                complaints.push(format!("{page}: there is no test {word} in the file before it"));
            }
        }
        if named == 0 {
            complaints.push(format!("{page} names no test under Confirmation"));
        }
        if !text.contains("\nstatus: ") || !text.contains("\ndate: ") {
            complaints.push(format!("{page} has no status or date"));
        }
    }
    assert!(!pages.is_empty(), "no decision was found");
    nothing_in(complaints);
}

fn is_test_in(text: &str, name: &str) -> bool {
    // The laws of `kernel::conformance` take the backend as a parameter of their type.
    text.contains(&format!("fn {name}(")) || text.contains(&format!("fn {name}<"))
}
