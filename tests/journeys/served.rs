//! A process that serves an installation.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command};

use crate::place::Place;

/// A serving process; it does not outlive the value.
pub struct Served {
    process: Child,
    pub address: String,
}

impl Served {
    pub fn at(place: &Place) -> Self {
        let mut process = place.command(&["serve", "--listen", "127.0.0.1:0"]).spawn().unwrap();
        let out = BufReader::new(process.stdout.take().unwrap());
        let line = out.lines().next().expect("it tells where it listens").unwrap();
        let address = line.strip_prefix("listening on ").unwrap().to_owned();
        Self { process, address }
    }

    /// As a service manager does it.
    pub fn ends(mut self) {
        let kill = format!("kill -TERM {}", self.process.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        assert!(self.process.wait().unwrap().success());
    }

    pub fn killed(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Only where something failed before.
        let _ended_already = self.process.kill();
    }
}
