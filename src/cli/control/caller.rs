//! The side of whoever types a command.

use std::io::{BufRead as _, BufReader, ErrorKind, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};

use super::super::desk::Desk;
use super::super::failed::Unusable;
use super::super::voice::Said;
use super::{Request, SOCKET, VERSION, Way};

/// The exit code of the command line `words`, carried out by the process that serves the
/// installation of `desk`; `None` where nobody serves it.
///
/// # Errors
/// When the serving process ends before it has answered.
pub fn carried_out(desk: &Desk, words: Vec<String>) -> Result<Option<u8>> {
    let Some(socket) = reached(&desk.data_dir())? else { return Ok(None) };
    let request = Request {
        version: VERSION.to_owned(),
        words,
        folder: desk.folder().to_owned(),
        lang: desk.lang,
        command: desk.envelope().command_id,
    };
    let asked = ask(&socket, &request).and_then(|()| hear(&socket, desk));
    let code = asked.with_context(|| {
        let again = desk.envelope().command_id;
        format!(
            "the serving process was lost before it answered; asking again with --command-id \
             {again} tells what became of it and does nothing twice"
        )
    });
    code.map(Some).map_err(|lost| match lost.downcast_ref::<super::super::voice::Unread>() {
        Some(unread) => (*unread).into(),
        None => lost.context(Unusable::Installation),
    })
}

/// A socket that nobody listens to was left by a process that was killed.
fn reached(dir: &Path) -> Result<Option<UnixStream>> {
    if !dir.join(SOCKET).exists() {
        return Ok(None);
    }
    let way = Way::into(dir)?;
    match UnixStream::connect(way.to(SOCKET)) {
        Ok(socket) => Ok(Some(socket)),
        Err(fault)
            if matches!(fault.kind(), ErrorKind::ConnectionRefused | ErrorKind::NotFound) =>
        {
            Ok(None)
        }
        Err(fault) => {
            let shown = dir.join(SOCKET);
            let closed = anyhow!(fault).context(format!("{} lets nobody in", shown.display()));
            Err(closed.context(Unusable::Installation))
        }
    }
}

fn ask(mut socket: &UnixStream, request: &Request) -> Result<()> {
    let mut line = serde_json::to_vec(request).context("a folder's name is not UTF-8")?;
    line.push(b'\n');
    Ok(socket.write_all(&line)?)
}

/// Says everything that the serving process says.
fn hear(socket: &UnixStream, desk: &Desk) -> Result<u8> {
    for line in BufReader::new(socket).lines() {
        match serde_json::from_str(&line?)? {
            Said::End(code) => return Ok(code),
            said => desk.pass_on(&said)?,
        }
    }
    Err(anyhow!("it hung up"))
}
