//! A `renshe serve` of our own: started on a free port, stopped by its process id.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::project::spelled;

/// How long it may take to open its log and catch up.
const START_MAX: Duration = Duration::from_secs(120);
/// How long it may take to end in good order.
const STOP_MAX: Duration = Duration::from_secs(30);
/// How it tells its address on its standard output.
const GREETING: &str = "listening on ";

/// **Invariant** it does not outlive the value.
pub struct Server {
    /// `http://127.0.0.1:<port>`.
    pub address: String,
    process: u32,
    ended: Receiver<Option<ExitStatus>>,
    running: bool,
}

impl Server {
    /// # Errors
    /// When it cannot be started, ends at once, or tells no address in time.
    pub fn start(renshe: &Path, data_dir: &Path) -> Result<Self> {
        let mut command = Command::new(renshe);
        command.arg("serve").arg("--data-dir").arg(data_dir).args(["--listen", "127.0.0.1:0"]);
        let name = spelled(&command);
        println!("$ {name} &");
        let child = command.stdout(Stdio::piped()).spawn();
        let mut child = child.with_context(|| format!("cannot start {name}"))?;
        let process = child.id();
        let address = greeting(&mut child);
        let mut server =
            Self { address: String::new(), process, ended: wait_for(child), running: true };
        match address.recv_timeout(START_MAX) {
            Ok(address) => server.address = address,
            Err(RecvTimeoutError::Timeout) => {
                bail!("{name} told no address within {} s", START_MAX.as_secs())
            }
            Err(RecvTimeoutError::Disconnected) => match server.end()? {
                Some(status) => bail!("{name} told no address and ended with {status}"),
                None => bail!("{name} told no address"),
            },
        }
        Ok(server)
    }

    /// Asks it to end as a service manager does, and waits until it has. Not as Ctrl-C does: who was
    /// started in the background of a script does not hear that.
    ///
    /// # Errors
    /// When it does not end in time, or not well.
    pub fn stop(mut self) -> Result<()> {
        self.signal("-TERM")?;
        match self.end()? {
            Some(status) if status.success() => Ok(()),
            Some(status) => bail!("the server ended with {status}"),
            None => bail!("it is not known how the server ended"),
        }
    }

    /// Waits until it has ended.
    fn end(&mut self) -> Result<Option<ExitStatus>> {
        let Ok(status) = self.ended.recv_timeout(STOP_MAX) else {
            bail!("the server did not end within {} s", STOP_MAX.as_secs());
        };
        self.running = false;
        Ok(status)
    }

    fn signal(&self, signal: &str) -> Result<()> {
        // The shell's own: small systems have no program of this name.
        let kill = format!("kill {signal} {}", self.process);
        let status = Command::new("sh").args(["-c", &kill]).status()?;
        if !status.success() {
            bail!("the server had ended before it was stopped");
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Only where something failed before; then the failure is what matters.
        if self.running {
            let _already_ended = self.signal("-KILL");
        }
    }
}

/// The address, as soon as a line tells it. Reads on to the end, so that the child never blocks.
fn greeting(child: &mut Child) -> Receiver<String> {
    let (tell, told) = mpsc::channel();
    if let Some(output) = child.stdout.take() {
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if let Some(address) = line.strip_prefix(GREETING) {
                    // A second address is of no use to anybody.
                    let _nobody_listens = tell.send(address.trim().to_owned());
                }
                println!("  {line}");
            }
        });
    }
    told
}

fn wait_for(mut child: Child) -> Receiver<Option<ExitStatus>> {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let _nobody_listens = tell.send(child.wait().ok());
    });
    told
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::PathBuf;

    use super::*;

    /// A program that stands in for renshe.
    fn program(name: &str, text: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("xtask-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join(name);
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    #[test]
    fn a_server_tells_its_address_and_ends_when_asked() {
        let renshe = program(
            "good",
            "trap 'exit 0' TERM; echo starting; echo listening on http://127.0.0.1:4321\n\
             while :; do sleep 0.05; done",
        );
        let server = Server::start(&renshe, Path::new("data")).unwrap();
        assert_eq!(server.address, "http://127.0.0.1:4321");
        server.stop().unwrap();
    }

    #[test]
    fn a_server_that_ends_at_once_is_a_failure() {
        let renshe = program("bad", "echo nothing; exit 3");
        let error = Server::start(&renshe, Path::new("data")).err().unwrap();
        assert!(error.to_string().ends_with("ended with exit status: 3"), "{error}");
    }
}
