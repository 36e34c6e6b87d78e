//! Everything that must hold before a change is taken.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};
use clap::Args;

use crate::project::{self, Profile, Project};
use crate::steps::Steps;
use crate::{clients, setup};

#[derive(Debug, Args)]
pub struct Arguments {
    /// Longer runs: ten times the crowds and lives, more cases for every property, more kills for
    /// every crash test, and the demo of 200,000 people
    #[arg(long)]
    long: bool,
    /// Leave out the checks that need node
    #[arg(long)]
    no_clients: bool,
}

/// What a long run sets: the first for properties that count their own cases, the conformance of
/// logs and the journeys, the second for all other properties. Neither begins as a setting of
/// renshe does.
const LONG: [(&str, &str); 2] = [("LONG_TESTS", "1"), ("PROPTEST_CASES", "2560")];

/// People of the demo, and of the one in a long run.
const PEOPLE: (&str, &str) = ("2000", "200000");

/// How the demo says that all five sources tell the same sum, and how it says that they do not.
const EQUAL: &str = "plan = instruction = reply = statement = ledger: ";
const DIFFERENT: &str = "DIFFERENT: ";
/// How it says that a fact of its city holds, and how many facts there are.
const FACT: &str = "✓";
const FACTS: u32 = 16;

/// # Errors
/// When a step failed; all steps are carried out first.
pub fn run(project: &Project, arguments: Arguments) -> Result<()> {
    setup::for_building()?;
    setup::for_checking(project)?;
    setup::for_databases()?;
    let mut steps = Steps::default();
    steps.run("format", || checked(project, &["fmt", "--all", "--check"]));
    let lint = ["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];
    steps.run("lints", || checked(project, &lint));
    steps.run("tests", || tests(project, arguments.long, &["--workspace"], &[]));
    // The same journeys, log and read models in PostgreSQL.
    // As one of the workspace: alone it would be built again, with other features of the crates.
    // Those that use PostgreSQL always have been on it.
    let skipped = ["--skip", "both::", "--skip", "disconnects::"];
    let journeys = [&["--workspace", "--test", "journeys", "--"], &skipped[..]].concat();
    let on = [("JOURNEYS_ON", "postgres")];
    steps.run("on PostgreSQL", || tests(project, arguments.long, &journeys, &on));
    // `cargo test` has built the binary as well; building it alone would build half of it again.
    let renshe = project.built(Profile::Dev, "renshe");
    let data_dir = project.emptied("demo")?;
    if steps.run("demo", || demo(&renshe, &data_dir, PEOPLE.0)) && !arguments.no_clients {
        steps.run("schema", || clients::lint_schema(project, &renshe));
        steps.run("clients", || clients::audit(project, &renshe, &data_dir));
    } else if !arguments.no_clients {
        steps.cannot("schema", "there is no demo to ask");
        steps.cannot("clients", "there is no demo to ask");
    }
    if arguments.long {
        steps.run("large demo", || demo(&renshe, &project.emptied("large-demo")?, PEOPLE.1));
    }
    steps.finish()
}

fn checked(project: &Project, arguments: &[&str]) -> Result<String> {
    project::run(&mut project.cargo(arguments.iter().copied()))?;
    Ok(String::new())
}

/// Unit, property, conformance, journey, architecture and documentation tests.
fn tests(
    project: &Project,
    long: bool,
    which: &[&str],
    settings: &[(&str, &str)],
) -> Result<String> {
    let mut cargo = project.cargo(["test", "--locked", "--no-fail-fast"]);
    cargo.args(which).envs(settings.iter().copied());
    if long {
        cargo.envs(LONG);
    }
    let mut counted = Counted::default();
    let outcome = project::lines(&mut cargo, |line| counted.note(line));
    println!("\n{counted}");
    outcome?;
    ensure!(counted.passed > 0, "no test has run");
    Ok(counted.to_string())
}

/// So many people are paid, and the books close.
fn demo(renshe: &Path, data_dir: &Path, people: &str) -> Result<String> {
    let mut command = Command::new(renshe);
    command.args(["demo", "--once", "--people", people, "--data-dir"]).arg(data_dir);
    let (mut equal, mut different, mut facts) = (0, 0, 0);
    project::lines(&mut command, |line| {
        equal += u32::from(line.contains(EQUAL));
        different += u32::from(line.contains(DIFFERENT));
        facts += u32::from(line.starts_with(FACT));
    })?;
    ensure!(facts == FACTS, "{facts} of {FACTS} facts of the city hold");
    ensure!(different == 0, "{different} sums differ between plan, files and ledger");
    ensure!(equal > 0, "the demo shows no sum that plan, files and ledger agree on");
    Ok(format!("{people} people, {facts} facts, {equal} equalities"))
}

/// The sums of all `test result:` lines.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counted {
    passed: u32,
    failed: u32,
    ignored: u32,
}

impl Counted {
    fn note(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else { return };
        for part in result.split(['.', ';']) {
            let Some((number, word)) = part.trim().split_once(' ') else { continue };
            let Ok(number) = number.parse::<u32>() else { continue };
            match word {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number,
                _ => {}
            }
        }
    }
}

impl std::fmt::Display for Counted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { passed, failed, ignored } = self;
        write!(f, "{passed} tests passed, {failed} failed, {ignored} ignored")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_results_of_all_test_programs_are_summed() {
        let mut counted = Counted::default();
        counted.note("running 3 tests");
        counted.note(
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 4 filtered out; finished in 0.21s",
        );
        counted
            .note("test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out");
        assert_eq!(counted, Counted { passed: 14, failed: 3, ignored: 1 });
    }
}
