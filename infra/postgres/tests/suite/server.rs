//! A PostgreSQL of our own: its data, socket and log in one temporary directory, gone with us.
//!
//! A shell owns it, and stops it by the pid in its directory when our end of a pipe closes: also
//! when the tests panic or are killed. It listens on a socket in that directory only, so no port
//! of the machine is taken.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

const PORT: u16 = 5432;

/// Reads its orders line by line; the end of the input is the order to stop.
const OWNER: &str = r#"
set -e
"$BIN/initdb" -D "$DIR/data" -U postgres -A trust --no-sync -E UTF8 --locale=C.UTF-8 >"$DIR/initdb.log" 2>&1
start() { "$BIN/pg_ctl" -D "$DIR/data" -w -s -l "$DIR/server.log" -o "$SETTINGS" start; }
stop() { "$BIN/pg_ctl" -D "$DIR/data" -w -s -m immediate stop || true; }
trap 'stop; rm -rf "$DIR"' EXIT
# A signal to the whole group reaches us, too.
trap 'exit 1' HUP INT TERM
start
echo done
while read -r order; do
    "$order"
    echo done
done
"#;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disk {
    /// Commits reach the disk, as in earnest.
    Flushed,
    /// For rules that no crash is part of.
    Unflushed,
}

pub struct Server {
    owner: Child,
    answers: BufReader<std::process::ChildStdout>,
    directory: TempDir,
    binaries: PathBuf,
}

impl Server {
    pub fn start(disk: Disk) -> Self {
        let binaries = binaries();
        let directory = tempfile::tempdir().expect("a directory for the server");
        let path = directory.path();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))
            .expect("the directory is ours");
        let mut settings = format!(
            "-h '' -k {} -p {PORT} -c max_connections=400 -c shared_buffers=128MB",
            path.display()
        );
        if disk == Disk::Unflushed {
            settings.push_str(" -c fsync=off -c full_page_writes=off");
        }
        // The server refuses to run as root.
        let mut command = if rustix::process::geteuid().is_root() {
            let owned = Command::new("chown").arg("postgres:").arg(path).status();
            assert!(owned.expect("chown runs").success(), "{}", absent());
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "sh"]);
            command
        } else {
            Command::new("sh")
        };
        let mut owner = command
            .args(["-c", OWNER])
            .env("BIN", &binaries)
            .env("DIR", path)
            .env("SETTINGS", settings)
            .current_dir(path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server's shell starts");
        let answers = BufReader::new(owner.stdout.take().expect("its output is piped"));
        let mut server = Self { owner, answers, directory, binaries };
        server.answered();
        server
    }

    /// The address of a database on it.
    pub fn url(&self, database: &str) -> String {
        let path = self.directory.path().display().to_string().replace('/', "%2F");
        format!("postgres://postgres@{path}:{PORT}/{database}")
    }

    /// `psql`, ready to be started, with plain rows as output.
    pub fn psql(&self, database: &str) -> Command {
        let mut command = Command::new(self.binaries.join("psql"));
        command
            .args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-d", database, "-h"])
            .arg(self.directory.path())
            .args(["-p", &PORT.to_string()]);
        command
    }

    fn answered(&mut self) {
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("the server's shell answers");
        if line.trim() != "done" {
            let said = |name: &str| {
                std::fs::read_to_string(self.directory.path().join(name)).unwrap_or_default()
            };
            panic!("the server does not start: {}{}", said("initdb.log"), said("server.log"));
        }
    }

    /// Has its shell carry out an order of its script.
    pub fn order(&mut self, order: &str) {
        use std::io::Write;
        let input = self.owner.stdin.as_mut().expect("its input is piped");
        writeln!(input, "{order}").expect("the server's shell listens");
        self.answered();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It stops the server when its input ends.
        drop(self.owner.stdin.take());
        if let Err(error) = self.owner.wait() {
            eprintln!("the server's shell is lost: {error}");
        }
    }
}

fn binaries() -> PathBuf {
    let path = std::env::var_os("RENSHE_POSTGRES_BIN")
        .map_or_else(|| PathBuf::from("/usr/lib/postgresql/15/bin"), PathBuf::from);
    assert!(Path::new(&path).join("initdb").exists(), "{}", absent());
    path
}

fn absent() -> &'static str {
    "PostgreSQL 15 is not installed here: `cargo xtask setup` installs it (Debian's postgresql-15), \
     or RENSHE_POSTGRES_BIN names the directory of initdb and pg_ctl"
}
