//! The side of the serving process.

use std::fs::{self, Permissions};
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _};
use std::net::Shutdown;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use clap::Parser as _;
use tokio::net::UnixListener;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};

use super::super::desk::{Desk, Typed};
use super::super::failed::{Unusable, exit};
use super::super::voice::{Said, Unread, Voice};
use super::super::{Cli, STACK_BYTES, dispatch};
use super::{Request, SOCKET, VERSION, Way};
use crate::config::Config;
use crate::node::Node;

/// Commands that are carried out at the same time; more wait for their turn.
const SEATS: u32 = 8;
/// A request is a command line.
const REQUEST_BYTES_MAX: u64 = 1024 * 1024;
/// Whoever connects asks at once.
const ASKING_MAX: Duration = Duration::from_secs(10);
/// How long a reader may stand still before his command is given up.
const READING_MAX: Duration = Duration::from_secs(30);
/// How long the end of the process waits for commands that were told to end.
const LEAVING_MAX: Duration = Duration::from_secs(10);
/// Between two looks for somebody who comes, when none could be let in.
const LOOK: Duration = Duration::from_secs(1);

/// What is served, and by which settings.
pub struct Service {
    pub node: Node,
    pub config: Config,
    /// Of the GraphQL endpoint.
    pub address: String,
}

/// The open socket; it is gone when this is dropped.
pub struct Host {
    listener: UnixListener,
    way: Way,
    service: Arc<Service>,
    seats: Arc<Semaphore>,
}

impl Host {
    /// Opens the socket in the folder of the served node. The caller holds the installation, so a
    /// socket that lies there was left by a process that was killed.
    ///
    /// # Errors
    /// When the folder takes no socket.
    pub fn open(service: Service) -> Result<Self> {
        let way = Way::into(&service.node.dir)?;
        // Whole and closed to others before it has its name.
        let part = way.to("control.part");
        match fs::remove_file(&part) {
            Err(fault) if fault.kind() != ErrorKind::NotFound => return Err(fault.into()),
            Ok(()) | Err(_) => {}
        }
        let listener = UnixListener::bind(&part)?;
        fs::set_permissions(&part, Permissions::from_mode(0o600))?;
        fs::rename(&part, way.to(SOCKET))?;
        let seats = Arc::new(Semaphore::new(SEATS as usize));
        Ok(Self { listener, way, service: Arc::new(service), seats })
    }

    /// Carries out what is asked until `ended` says so; commands under way end with it.
    ///
    pub async fn serve(self, ended: watch::Receiver<bool>) {
        let mut over = ended.clone();
        let mut tick = tokio::time::interval(LOOK);
        loop {
            let come = async {
                let seat = Arc::clone(&self.seats).acquire_owned().await?;
                let (socket, _) = self.listener.accept().await?;
                anyhow::Ok((seat, socket.into_std()?))
            };
            tokio::select! {
                // A sender that is gone ends it as well.
                _ = over.wait_for(|over| *over) => break,
                come = come => match come {
                    Ok((seat, socket)) => self.attend(seat, socket, ended.clone()),
                    Err(fault) => {
                        tracing::warn!("nobody is let in at {SOCKET} for now: {fault:#}");
                        tick.tick().await;
                    }
                }
            }
        }
        let left = self.seats.acquire_many(SEATS);
        if tokio::time::timeout(LEAVING_MAX, left).await.is_err() {
            tracing::warn!("a command at {SOCKET} did not end in time");
        }
    }

    /// A thread of its own: reading a table must not hold up those who serve.
    fn attend(&self, seat: OwnedSemaphorePermit, socket: UnixStream, ended: watch::Receiver<bool>) {
        let (service, runtime) = (Arc::clone(&self.service), Handle::current());
        let work = move || {
            if let Err(fault) = attend(&service, &runtime, &socket, ended)
                && !fault.is::<Unread>()
            {
                tracing::warn!("a command at {SOCKET} was not heard: {fault:#}");
            }
            // Wakes whoever waits for the caller to hang up; he may have done so.
            let _gone = socket.shutdown(Shutdown::Both);
            drop(seat);
        };
        let thread = thread::Builder::new().stack_size(STACK_BYTES).name("control".to_owned());
        if let Err(fault) = thread.spawn(work) {
            tracing::warn!("a command at {SOCKET} was not heard: {fault}");
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // One that stays is known by nobody's listening.
        let _left_behind = fs::remove_file(self.way.to(SOCKET));
    }
}

fn attend(
    service: &Service,
    runtime: &Handle,
    socket: &UnixStream,
    mut ended: watch::Receiver<bool>,
) -> Result<()> {
    socket.set_nonblocking(false)?;
    socket.set_read_timeout(Some(ASKING_MAX))?;
    socket.set_write_timeout(Some(READING_MAX))?;
    let mut line = String::new();
    BufReader::new(socket.take(REQUEST_BYTES_MAX)).read_line(&mut line)?;
    let request: Request = serde_json::from_str(&line)?;
    socket.set_read_timeout(None)?;
    let gone = gone(socket.try_clone()?)?;
    let Request { version, words, folder, lang, command } = request;
    let cli = match Cli::try_parse_from(std::iter::once("renshe".to_owned()).chain(words)) {
        Ok(cli) if version == VERSION && cli.command.goes_beside() => cli,
        // The caller has read the same words with the same program, if it is the same.
        Ok(_) | Err(_) => return mistaken(socket, &version),
    };
    let voice = Voice::Wire(socket.try_clone()?);
    let by = Typed { lang, folder, command, voice };
    let (node, config) = (service.node.clone(), service.config.clone());
    let desk = Desk::beside(cli.common, config, node, &service.address, by);
    let outcome = runtime.block_on(async {
        tokio::select! {
            outcome = dispatch(cli.command, &desk) => outcome,
            _ = gone => Err(anyhow!("the caller hung up")),
            _ = ended.wait_for(|ended| *ended) => {
                let again = desk.envelope().command_id;
                let ends = anyhow!("the serving process ends: ask again with --command-id {again}");
                Err(ends.context(Unusable::Installation))
            }
        }
    });
    let code = exit(&desk, outcome);
    Voice::Wire(socket.try_clone()?).say(&Said::End(code))
}

fn mistaken(socket: &UnixStream, caller: &str) -> Result<()> {
    let voice = Voice::Wire(socket.try_clone()?);
    let differ = format!(
        "INSTALLATION_UNUSABLE: renshe {VERSION} 正在提供服务，与命令行的 {caller} 版本不符\n\
         INSTALLATION_UNUSABLE: it is served by renshe {VERSION}, and this is {caller}: start one \
         of them anew"
    );
    voice.say(&Said::Err(differ))?;
    voice.say(&Said::End(3))
}

/// Resolves when the caller hangs up: he sends nothing after his request.
fn gone(mut socket: UnixStream) -> Result<oneshot::Receiver<()>> {
    let (tell, told) = oneshot::channel();
    let watch = move || {
        // Ends with the first byte too many, with the end, or with a fault: all the same.
        let _over = socket.read(&mut [0]);
        let _done_before = tell.send(());
    };
    thread::Builder::new().name("control-gone".to_owned()).spawn(watch).context("no thread")?;
    Ok(told)
}
