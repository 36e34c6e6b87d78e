//! Steps that are all carried out, whatever became of the one before, and a table at the end.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

#[derive(Debug, Default)]
pub struct Steps {
    done: Vec<Step>,
}

#[derive(Debug)]
struct Step {
    name: &'static str,
    took: Duration,
    outcome: Outcome,
}

#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Passed { note: String },
    Failed { why: String },
}

impl Steps {
    /// Carries out one step; what it answers is noted in the table. Tells whether it passed.
    pub fn run(&mut self, name: &'static str, work: impl FnOnce() -> Result<String>) -> bool {
        println!("\n== {name}");
        let start = Instant::now();
        let outcome = match work() {
            Ok(note) => Outcome::Passed { note },
            Err(error) => {
                let why = format!("{error:#}");
                println!("{name} failed: {why}");
                Outcome::Failed { why }
            }
        };
        let passed = matches!(outcome, Outcome::Passed { .. });
        self.done.push(Step { name, took: start.elapsed(), outcome });
        passed
    }

    /// Notes a step as failed that could not even begin.
    pub fn cannot(&mut self, name: &'static str, why: &str) {
        self.run(name, || bail!("{why}"));
    }

    /// Prints the table; its last line is `N passed, N failed`.
    ///
    /// # Errors
    /// When a step failed.
    pub fn finish(self) -> Result<()> {
        println!("\n{self}");
        let failed = self.failed();
        if !failed.is_empty() {
            bail!("failed: {}", failed.join(", "));
        }
        Ok(())
    }

    fn failed(&self) -> Vec<&'static str> {
        let failed = |step: &&Step| matches!(step.outcome, Outcome::Failed { .. });
        self.done.iter().filter(failed).map(|step| step.name).collect()
    }
}

impl fmt::Display for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Step { name, took, outcome } in &self.done {
            let (word, text) = match outcome {
                Outcome::Passed { note } => ("ok", note),
                Outcome::Failed { why } => ("FAILED", why),
            };
            let row = format!("{name:<14} {:>6} s  {word:<6}  {text}", took.as_secs());
            writeln!(f, "{}", row.trim_end())?;
        }
        let failed = self.failed().len();
        write!(f, "{} passed, {failed} failed", self.done.len() - failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_steps_run_and_the_last_line_counts_them() {
        let mut steps = Steps::default();
        assert!(steps.run("one", || Ok("12 tests".to_owned())));
        assert!(!steps.run("two", || bail!("status 1")));
        steps.cannot("three", "two failed");
        let table = steps.to_string();
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines[0], "one                 0 s  ok      12 tests");
        assert_eq!(lines[1], "two                 0 s  FAILED  status 1");
        assert_eq!(lines[3], "1 passed, 2 failed");
        let error = steps.finish().unwrap_err();
        assert_eq!(error.to_string(), "failed: two, three");
    }
}
