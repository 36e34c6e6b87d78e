//! A file on its way to a bank's server, so that the bank can take it whole, and once.
//!
//! All of it is brought under names that the bank does not look at ([`Parcel::prepare`]); then
//! somebody writes down the token of these names; from there on nothing is written, only renamed,
//! the ready mark last ([`Parcel::release`]).
//! **Invariant** a mark under the names of a written-down token is renamed once: while it has its
//! first name, the bank has nothing; when it has lost it, it is looked for and never made again.

use disbursement::batch::Found;

use super::server::{FileServer, Listed, ServerFault};

/// How often a lost connection is taken up again in one go.
const TRIES: u32 = 4;
/// A ready mark is a digest.
const MARK_BYTES_MAX: u64 = 4 * 1024;

pub const OUT: &str = "out";
pub const TAKEN: &str = "out/taken";

/// A file with its ready mark.
#[derive(Debug, Clone, Copy)]
pub struct Parcel<'a> {
    pub name: &'a str,
    pub bytes: &'a [u8],
    pub ready: &'a str,
    pub ready_bytes: &'a [u8],
}

enum Seen {
    There(Found),
    /// The mark waits to be renamed.
    Prepared,
    Nowhere,
}

impl Parcel<'_> {
    /// Brings file and mark to the server under the names of `token`. The token is a new one for
    /// each call; what an earlier call left is swept later.
    ///
    /// # Errors
    /// When the server cannot be reached, or gives back other bytes than it was given.
    pub async fn prepare(&self, server: &dyn FileServer, token: &str) -> Result<(), ServerFault> {
        upload(server, &part(self.name, token), self.bytes).await?;
        upload(server, &part(self.ready, token), self.ready_bytes).await
    }

    /// Lets the bank have what was prepared under `token`, which is written down. Asked again, it
    /// looks first. `None`: the mark lost its first name and is not seen anywhere, so that only the
    /// bank can say whether it has the file.
    ///
    /// # Errors
    /// When the server cannot be reached, or another file has the name.
    pub async fn release(
        &self,
        server: &dyn FileServer,
        token: &str,
    ) -> Result<Option<Found>, ServerFault> {
        let mut last = None;
        for _ in 0..TRIES {
            let renamed = match self.look(server, token).await {
                Ok(Seen::There(found)) => return Ok(Some(found)),
                Ok(Seen::Nowhere) => return Ok(None),
                Ok(Seen::Prepared) => self.rename(server, token).await,
                Err(fault) => Err(fault),
            };
            match renamed {
                // Seen in the next look, or by the next exchange.
                Ok(()) => last = None,
                Err(fault) => last = Some(fault),
            }
        }
        Err(last.unwrap_or_else(|| ServerFault::Lost("what was renamed is not shown".to_owned())))
    }

    /// Takes away what tries that nobody wrote down left behind. Only once the file is the bank's.
    pub async fn sweep(&self, server: &dyn FileServer) -> Result<(), ServerFault> {
        let (file, mark) = (format!(".{}.", self.name), format!(".{}.", self.ready));
        for Listed { name, .. } in server.list(OUT).await? {
            let ours = name.starts_with(&file) || name.starts_with(&mark);
            if ours && name.ends_with(PART) {
                server.remove(&format!("{OUT}/{name}")).await?;
            }
        }
        Ok(())
    }

    async fn look(&self, server: &dyn FileServer, token: &str) -> Result<Seen, ServerFault> {
        if let Some(found) = self.found(server).await? {
            return Ok(Seen::There(found));
        }
        if server.size(&part(self.ready, token)).await?.is_some() {
            return Ok(Seen::Prepared);
        }
        // It may have been renamed, or taken, between the two looks.
        Ok(self.found(server).await?.map_or(Seen::Nowhere, Seen::There))
    }

    async fn found(&self, server: &dyn FileServer) -> Result<Option<Found>, ServerFault> {
        if server.size(&format!("{OUT}/{}", self.ready)).await?.is_some() {
            return Ok(Some(Found::Ready));
        }
        let taken = holds(server, &format!("{TAKEN}/{}", self.name), self.bytes).await?;
        Ok(taken.then_some(Found::Taken))
    }

    async fn rename(&self, server: &dyn FileServer, token: &str) -> Result<(), ServerFault> {
        let (whole, waiting) = (format!("{OUT}/{}", self.name), part(self.name, token));
        if !holds(server, &whole, self.bytes).await? {
            if server.size(&whole).await?.is_some() {
                return Err(ServerFault::Occupied);
            }
            upload(server, &waiting, self.bytes).await?;
            server.rename(&waiting, &whole).await?;
            if !holds(server, &whole, self.bytes).await? {
                return Err(ServerFault::Lost("the file is not as it was sent".to_owned()));
            }
        }
        server.rename(&part(self.ready, token), &format!("{OUT}/{}", self.ready)).await
    }
}

const PART: &str = ".part";

fn part(name: &str, token: &str) -> String {
    format!("{OUT}/.{name}.{token}{PART}")
}

/// Whether exactly these bytes lie under the name: size first, then every byte.
async fn holds(server: &dyn FileServer, path: &str, bytes: &[u8]) -> Result<bool, ServerFault> {
    let wanted = bytes.len() as u64;
    if server.size(path).await? != Some(wanted) {
        return Ok(false);
    }
    match server.read(path, wanted.max(MARK_BYTES_MAX)).await {
        Ok(there) => Ok(there == bytes),
        Err(ServerFault::Absent) => Ok(false),
        Err(fault) => Err(fault),
    }
}

/// Writes a file and reads it back. After a lost connection it goes on behind what is there, where
/// that is the beginning of the file.
async fn upload(server: &dyn FileServer, path: &str, bytes: &[u8]) -> Result<(), ServerFault> {
    let mut last = None;
    for _ in 0..TRIES {
        let written = match stands(server, path, bytes).await {
            Ok(offset) if offset == bytes.len() && offset > 0 => return Ok(()),
            Ok(offset) => server.write(path, offset as u64, &bytes[offset..]).await,
            Err(fault) => Err(fault),
        };
        match written {
            Ok(()) if bytes.is_empty() => return Ok(()),
            Ok(()) => last = None,
            Err(fault) if fault.retryable() => last = Some(fault),
            Err(fault) => return Err(fault),
        }
    }
    if stands(server, path, bytes).await? == bytes.len() {
        return Ok(());
    }
    Err(last.unwrap_or_else(|| ServerFault::Lost("the file is not as it was sent".to_owned())))
}

/// How much of the file's beginning lies there; nothing of it where something else does.
async fn stands(server: &dyn FileServer, path: &str, bytes: &[u8]) -> Result<usize, ServerFault> {
    match server.size(path).await? {
        Some(size) if size <= bytes.len() as u64 => {}
        Some(_) | None => return Ok(0),
    }
    match server.read(path, (bytes.len() as u64).max(MARK_BYTES_MAX)).await {
        Ok(there) if bytes.starts_with(&there) => Ok(there.len()),
        Ok(_) | Err(ServerFault::Absent) => Ok(0),
        Err(fault) => Err(fault),
    }
}
