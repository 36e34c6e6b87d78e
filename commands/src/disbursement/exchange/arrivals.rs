//! What a bank left on its server, read whole and put away once.
//!
//! **Invariant** a file is taken when its ready mark lies beside it and holds its digest; it is moved,
//! never changed or removed.

use super::server::{FileServer, Listed, ServerFault};

/// Replies and statements are text files: far below this.
const FILE_BYTES_MAX: u64 = 256 * 1024 * 1024;
const MARK_BYTES_MAX: u64 = 4 * 1024;
/// What is taken in one look; the rest waits for the next.
const FILES_MAX: usize = 1_000;
/// How many files of one name may be put away.
const SAME_NAME_MAX: u32 = 100;

pub const IN: &str = "in";
const TAKEN: &str = "taken";
const REFUSED: &str = "refused";

/// A whole file that nobody took yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Below `in`: a book's for its statements, none or a number for replies.
    pub folder: Option<String>,
    pub name: String,
    ready: String,
    pub bytes: Vec<u8>,
}

/// What is there.
#[derive(Debug, Default)]
pub struct Arrivals {
    pub whole: Vec<Arrival>,
    /// Files whose mark is not theirs: they are on their way, or damaged.
    pub halves: Vec<String>,
}

/// How a bank marks a file as whole.
pub trait Marks {
    /// The name of the mark of a file.
    fn name(&self, file: &str) -> String;

    fn is_whole(&self, file: &str, bytes: &[u8], mark: &[u8]) -> bool;
}

/// Reads what lies in the folder `in` and in those below it.
///
/// # Errors
/// When the server cannot be reached: nothing was moved.
pub async fn arrivals(
    server: &dyn FileServer,
    marks: &(dyn Marks + Sync),
) -> Result<Arrivals, ServerFault> {
    let mut found = Arrivals::default();
    let top = server.list(IN).await?;
    let below = top.iter().filter(|one| one.is_folder && ![TAKEN, REFUSED].contains(&&*one.name));
    let mut folders: Vec<Option<String>> = below.map(|one| Some(one.name.clone())).collect();
    folders.sort_unstable();
    folders.insert(0, None);
    for folder in folders {
        let listed = match &folder {
            None => top.clone(),
            Some(_) => server.list(&path(folder.as_deref(), None)).await?,
        };
        let mut names: Vec<&str> = plain(&listed).collect();
        names.sort_unstable();
        for name in &names {
            let ready = marks.name(name);
            if !names.contains(&ready.as_str()) {
                continue;
            }
            if found.whole.len() + found.halves.len() == FILES_MAX {
                return Ok(found);
            }
            let at = |name: &str| path(folder.as_deref(), Some(name));
            let mark = server.read(&at(&ready), MARK_BYTES_MAX).await;
            let both = match mark {
                Ok(mark) => server.read(&at(name), FILE_BYTES_MAX).await.map(|bytes| (mark, bytes)),
                Err(fault) => Err(fault),
            };
            match both {
                Ok((mark, bytes)) if marks.is_whole(name, &bytes, &mark) => {
                    let (folder, name) = (folder.clone(), (*name).to_owned());
                    found.whole.push(Arrival { folder, name, ready, bytes });
                }
                Ok(_) | Err(ServerFault::TooLarge { .. }) => found.halves.push(at(name)),
                // A list may be behind: what is gone was taken.
                Err(ServerFault::Absent) => {}
                Err(fault) => return Err(fault),
            }
        }
    }
    Ok(found)
}

impl Arrival {
    /// Moves it among what was taken, or what was refused with a reason beside it. A file of the
    /// same name came before, and stays.
    ///
    /// # Errors
    /// When the server cannot be reached: it is moved or not, and the next look tells.
    pub async fn put_away(
        &self,
        server: &dyn FileServer,
        refused: Option<&str>,
    ) -> Result<(), ServerFault> {
        let at = |name: &str| path(self.folder.as_deref(), Some(name));
        match server.read(&at(&self.name), FILE_BYTES_MAX).await {
            Ok(there) if there == self.bytes => {}
            // The bank put another in its place: that one is the next look's.
            Ok(_) | Err(ServerFault::Absent) => return Ok(()),
            Err(fault) => return Err(fault),
        }
        let to = at(if refused.is_some() { REFUSED } else { TAKEN });
        for number in 1..=SAME_NAME_MAX {
            let name = match number {
                1 => format!("{to}/{}", self.name),
                _ => format!("{to}/{}.{number}", self.name),
            };
            if server.size(&name).await?.is_some() {
                continue;
            }
            if let Some(reason) = refused {
                server.write(&format!("{name}.reason"), 0, reason.as_bytes()).await?;
            }
            match server.rename(&at(&self.name), &name).await {
                Err(ServerFault::Occupied) => continue,
                Err(fault) if fault != ServerFault::Absent => return Err(fault),
                Ok(()) | Err(_) => {}
            }
            // The mark goes last: cut before, the file is gone and the mark says nothing.
            return server.remove(&at(&self.ready)).await;
        }
        Err(ServerFault::Occupied)
    }
}

fn plain(listed: &[Listed]) -> impl Iterator<Item = &str> {
    let files = listed.iter().filter(|one| !one.is_folder && !one.name.starts_with('.'));
    files.map(|one| one.name.as_str())
}

fn path(folder: Option<&str>, name: Option<&str>) -> String {
    [Some(IN), folder, name].into_iter().flatten().collect::<Vec<_>>().join("/")
}
