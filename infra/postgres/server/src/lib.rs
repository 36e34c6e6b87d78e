//! A PostgreSQL of our own, for tests, benchmarks and the demo.
//!
//! A shell owns the server, and stops it by the pid in its directory when our end of a pipe closes:
//! also when we panic or are killed. It listens on a socket in a directory of its own only, so no
//! port of the machine is taken and nobody else reaches it; one that speaks TLS listens on a free
//! port of 127.0.0.1 besides, since PostgreSQL encrypts no sockets.
//!
//! **Invariant** the server does not outlive the value, nor the process that holds it.

use std::fs::{self, Permissions};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use tempfile::TempDir;
use thiserror::Error;

const PORT: u16 = 5432;

/// Reads its orders line by line; the end of the input is the order to stop. Where the data is to
/// be kept, the server is stopped in good order.
const OWNER: &str = r#"
set -e
if [ ! -e "$DATA/PG_VERSION" ]; then
    "$BIN/initdb" -D "$DATA" -U postgres -A trust --no-sync -E UTF8 --locale=C.UTF-8 >"$DIR/initdb.log" 2>&1
fi
if [ -n "$CERTIFIED" ]; then
    cd "$DIR"
    ec="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
    echo "subjectAltName=IP:127.0.0.1" >names
    {
        openssl req -x509 $ec -days 2 -subj /CN=authority -keyout ca.key -out ca.pem
        openssl req $ec -subj /CN=server -keyout server.key -out server.csr
        openssl x509 -req -days 2 -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial \
            -extfile names -out server.pem
    } >openssl.log 2>&1
    chmod 600 server.key
fi
start() { "$BIN/pg_ctl" -D "$DATA" -w -s -l "$DIR/server.log" -o "$SETTINGS" start; }
stop() { "$BIN/pg_ctl" -D "$DATA" -w -s -m "$MODE" stop || true; }
trap 'stop; rm -rf "$DIR"' EXIT
# A signal to the whole group reaches us, too: the pipe tells when it is time.
trap '' HUP INT TERM
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
    /// For what no crash is part of.
    Unflushed,
}

#[derive(Debug, Error)]
pub enum ServerError {
    #[error(
        "PostgreSQL is not installed here: `cargo xtask setup` installs it (Debian's postgresql-15), \
         or POSTGRES_BIN names the directory of initdb and pg_ctl"
    )]
    NotInstalled,
    #[error("the files of the server cannot be made")]
    Files(#[source] io::Error),
    #[error("the shell of the server cannot be started")]
    Shell(#[source] io::Error),
    #[error("the server does not start: {said}")]
    Start { said: String },
    #[error("the database {name} cannot be used: {said}")]
    Database { name: String, said: String },
}

pub struct Server {
    owner: Child,
    answers: BufReader<ChildStdout>,
    directory: TempDir,
    binaries: PathBuf,
    /// Where it speaks TLS.
    port: Option<u16>,
}

impl Server {
    /// One whose data goes with it.
    ///
    /// # Panics
    /// When it does not start: a test or benchmark without it has nothing to say.
    #[must_use]
    pub fn start(disk: Disk) -> Self {
        match Self::started(disk, None, None) {
            Ok(server) => server,
            Err(error) => panic!("{error}"),
        }
    }

    /// One that speaks TLS on 127.0.0.1, under a certificate of an authority of its own.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn encrypted() -> Self {
        let free = TcpListener::bind(("127.0.0.1", 0)).and_then(|free| free.local_addr());
        let port = free.expect("a port of this machine is free").port();
        match Self::started(Disk::Unflushed, None, Some(port)) {
            Ok(server) => server,
            Err(error) => panic!("{error}"),
        }
    }

    /// The address of a database by 127.0.0.1, where it speaks TLS.
    ///
    /// # Panics
    /// When it does not.
    #[must_use]
    pub fn encrypted_url(&self, database: &str) -> String {
        let port = self.port.expect("it was started to speak TLS");
        format!("postgres://postgres@127.0.0.1:{port}/{database}")
    }

    /// The certificate of the authority that vouches for it.
    #[must_use]
    pub fn authority(&self) -> PathBuf {
        self.directory.path().join("ca.pem")
    }

    /// One whose data lies in `data` and stays there; a server that was there goes on.
    ///
    /// # Errors
    /// When it does not start.
    pub fn kept(data: &Path) -> Result<Self, ServerError> {
        fs::create_dir_all(data).map_err(ServerError::Files)?;
        let data = fs::canonicalize(data).map_err(ServerError::Files)?;
        Self::started(Disk::Flushed, Some(&data), None)
    }

    fn started(disk: Disk, kept: Option<&Path>, port: Option<u16>) -> Result<Self, ServerError> {
        let binaries = binaries()?;
        let directory = tempfile::tempdir().map_err(ServerError::Files)?;
        let path = directory.path();
        // Those who ask it run as other users than the server.
        fs::set_permissions(path, Permissions::from_mode(0o755)).map_err(ServerError::Files)?;
        let mut settings = format!(
            "-h '{}' -k {} -p {} -c max_connections=400 -c shared_buffers=128MB",
            port.map_or("", |_| "127.0.0.1"),
            path.display(),
            port.unwrap_or(PORT),
        );
        if port.is_some() {
            let file = |name: &str| path.join(name).display().to_string();
            let (certificate, key) = (file("server.pem"), file("server.key"));
            let ssl = format!(" -c ssl=on -c ssl_cert_file={certificate} -c ssl_key_file={key}");
            settings.push_str(&ssl);
        }
        if disk == Disk::Unflushed {
            settings.push_str(" -c fsync=off -c full_page_writes=off");
        }
        let data = kept.map_or_else(|| path.join("data"), Path::to_owned);
        let mut owner = shell(&[Some(path), kept])?
            .args(["-c", OWNER])
            .env("BIN", &binaries)
            .env("DIR", path)
            .env("DATA", data)
            .env("MODE", if kept.is_some() { "fast" } else { "immediate" })
            .env("SETTINGS", settings)
            .env("CERTIFIED", port.map_or("", |_| "yes"))
            .current_dir(path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(ServerError::Shell)?;
        let answers = BufReader::new(owner.stdout.take().expect("its output is piped"));
        let mut server = Self { owner, answers, directory, binaries, port };
        server.answered()?;
        Ok(server)
    }

    /// The address of a database on it.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        let path = self.directory.path().display().to_string().replace('/', "%2F");
        format!("postgres://postgres@{path}:{}/{database}", self.socket())
    }

    /// `psql`, ready to be started, with plain rows as output.
    #[must_use]
    pub fn psql(&self, database: &str) -> Command {
        let mut command = Command::new(self.binaries.join("psql"));
        command
            .args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-d", database, "-h"])
            .arg(self.directory.path())
            .args(["-p", &self.socket().to_string()]);
        command
    }

    /// The number in the name of its socket.
    fn socket(&self) -> u16 {
        self.port.unwrap_or(PORT)
    }

    /// Makes a database, as a copy of another one if `like` names it.
    ///
    /// # Errors
    /// When the server refuses it: the name is taken, or somebody is connected to the other one.
    pub fn create(&self, name: &str, like: Option<&str>) -> Result<(), ServerError> {
        let from = like.map_or_else(String::new, |like| format!(r#" TEMPLATE "{like}""#));
        let text = format!(r#"CREATE DATABASE "{name}"{from}"#);
        let made =
            self.psql("postgres").args(["-c", &text]).output().map_err(ServerError::Shell)?;
        if made.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&made.stderr).trim().to_owned();
        Err(ServerError::Database { name: name.to_owned(), said })
    }

    /// All that a database holds, as text.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn dump(&self, name: &str) -> Result<Vec<u8>, ServerError> {
        let mut dump = Command::new(self.binaries.join("pg_dump"));
        dump.args(["-U", "postgres", "-h"]).arg(self.directory.path());
        let dumped = dump.args(["-p", &self.socket().to_string(), name]).output();
        let dumped = dumped.map_err(ServerError::Shell)?;
        if dumped.status.success() {
            return Ok(dumped.stdout);
        }
        let said = String::from_utf8_lossy(&dumped.stderr).trim().to_owned();
        Err(ServerError::Database { name: name.to_owned(), said })
    }

    /// Lets the server live on when this process becomes another one, and stop when that one ends.
    ///
    /// # Errors
    /// When the pipe cannot be handed on.
    pub fn pass_on(&self) -> Result<(), ServerError> {
        let Some(input) = &self.owner.stdin else { return Ok(()) };
        let handed = rustix::io::fcntl_setfd(input, rustix::io::FdFlags::empty());
        handed.map_err(|error| ServerError::Shell(error.into()))
    }

    /// Has its shell carry out an order of its script: `stop` or `start`.
    ///
    /// # Panics
    /// When the shell is lost.
    pub fn order(&mut self, order: &str) {
        let input = self.owner.stdin.as_mut().expect("its input is piped");
        writeln!(input, "{order}").expect("the server's shell listens");
        if let Err(error) = self.answered() {
            panic!("{error}");
        }
    }

    fn answered(&mut self) -> Result<(), ServerError> {
        let mut line = String::new();
        self.answers.read_line(&mut line).map_err(ServerError::Shell)?;
        if line.trim() == "done" {
            return Ok(());
        }
        let said =
            |name: &str| fs::read_to_string(self.directory.path().join(name)).unwrap_or_default();
        Err(ServerError::Start {
            said: ["initdb.log", "openssl.log", "server.log"].map(said).concat(),
        })
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

/// A shell of somebody who may run a server, which root may not; the folders are made his.
fn shell(folders: &[Option<&Path>]) -> Result<Command, ServerError> {
    if !rustix::process::geteuid().is_root() {
        return Ok(Command::new("sh"));
    }
    for folder in folders.iter().flatten() {
        let owned = Command::new("chown").arg("postgres:").arg(folder).status();
        if !owned.map_err(ServerError::Shell)?.success() {
            return Err(ServerError::NotInstalled);
        }
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "sh"]);
    Ok(command)
}

fn binaries() -> Result<PathBuf, ServerError> {
    let path = std::env::var_os("POSTGRES_BIN")
        .map_or_else(|| PathBuf::from("/usr/lib/postgresql/15/bin"), PathBuf::from);
    if path.join("initdb").exists() { Ok(path) } else { Err(ServerError::NotInstalled) }
}
