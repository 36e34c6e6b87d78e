//! The child process that opens workbooks.
//!
//! The parent gives the file as the child's standard input, and the limits in its otherwise empty
//! environment. The child lowers its own ceilings before it looks at the file, then writes one
//! JSON [`Message`] a line: rows, and at last the end with their number or an error. A child that
//! stops without a last word was stopped by its ceilings.

use std::env;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde::{Deserialize, Serialize};

use crate::error::{RowError, Rule};
use crate::limits::Limits;
use crate::raw::RawRow;
use crate::xlsx::{Stop, bomb, rows};

const LIMITS: &str = "SHEET_LIMITS";

/// No row within the limits is longer: 200 cells of 4,000 characters in JSON.
const MESSAGE_BYTES_MAX: u64 = 16 << 20;

#[derive(Serialize, Deserialize)]
enum Message {
    #[serde(rename = "row")]
    Row(RawRow),
    #[serde(rename = "end")]
    End(u32),
    #[serde(rename = "error")]
    Error(RowError),
}

/// The whole work of the child: the hidden sub-command calls it first of all, before any thread is
/// started. Reads the workbook on standard input, writes messages on standard output.
///
/// # Errors
/// When the ceilings cannot be set or the parent went away. A refused workbook is a message.
pub fn serve() -> io::Result<()> {
    let limits = match env::var(LIMITS) {
        Ok(text) => serde_json::from_str(&text)?,
        Err(_) => Limits::default(),
    };
    lower_ceilings(&limits)?;
    let file = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let mut output = BufWriter::with_capacity(64 * 1024, io::stdout().lock());
    let last = match rows(file, &limits, |row| tell(&mut output, &Message::Row(row))) {
        Ok(count) => Message::End(count),
        Err(Stop::Refused(error)) => Message::Error(error),
        Err(Stop::Output(error)) => return Err(error),
    };
    tell(&mut output, &last)?;
    output.flush()
}

fn tell(output: &mut impl Write, message: &Message) -> io::Result<()> {
    serde_json::to_writer(&mut *output, message)?;
    output.write_all(b"\n")
}

fn lower_ceilings(limits: &Limits) -> io::Result<()> {
    // An allocator may have reserved address space that it does not use: the ceiling counts from
    // what is mapped now, and the one on data counts what is really written.
    let mapped = mapped_bytes().unwrap_or(0);
    lower(Resource::As, mapped.saturating_add(limits.memory_bytes_max))?;
    lower(Resource::Data, limits.memory_bytes_max)?;
    lower(Resource::Cpu, limits.cpu_seconds_max)?;
    lower(Resource::Fsize, 0)?;
    lower(Resource::Core, 0)
}

fn lower(resource: Resource, ceiling: u64) -> io::Result<()> {
    // A ceiling that is lower already stays: it cannot be raised.
    let most = getrlimit(resource).maximum.unwrap_or(u64::MAX).min(ceiling);
    Ok(setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })?)
}

/// The address space in use, as Linux tells it.
fn mapped_bytes() -> Option<u64> {
    let text = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split(' ').next()?.parse().ok()?;
    pages.checked_mul(u64::try_from(rustix::param::page_size()).ok()?)
}

/// The rows of the first visible worksheet of `file`, read by `exe args…`, which calls [`serve`].
/// The child is ended when the rows are dropped. The first error ends them.
///
/// # Errors
/// When the child cannot be started.
pub fn read_xlsx(exe: &Path, args: &[&str], file: File, limits: &Limits) -> Result<Rows, RowError> {
    let unstarted = |_: io::Error| {
        let what = ("读表进程无法启动", "the reading process could not be started");
        RowError::of_file(Rule::Reader, what)
    };
    let limits = serde_json::to_string(limits).expect("limits serialise: they are plain numbers");
    let mut child = Command::new(exe)
        .args(args)
        .env_clear()
        .env(LIMITS, limits)
        .current_dir("/")
        .stdin(Stdio::from(file))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(unstarted)?;
    let output = child.stdout.take().expect("the child's output is a pipe: it was asked for");
    let output = BufReader::with_capacity(64 * 1024, output);
    Ok(Rows { child, output, line: Vec::new(), count: 0, has_ended: false })
}

/// See [`read_xlsx`].
pub struct Rows {
    child: Child,
    output: BufReader<ChildStdout>,
    line: Vec<u8>,
    count: u32,
    has_ended: bool,
}

impl Iterator for Rows {
    type Item = Result<RawRow, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_ended {
            return None;
        }
        let message = self.message();
        self.has_ended = !matches!(message, Some(Message::Row(_)));
        match message {
            Some(Message::Row(row)) => {
                self.count += 1;
                Some(Ok(row))
            }
            Some(Message::End(count)) if count == self.count => None,
            Some(Message::Error(error)) => Some(Err(error)),
            // It stopped without a last word, or spoke nonsense.
            Some(Message::End(_)) | None => Some(Err(bomb())),
        }
    }
}

impl Rows {
    fn message(&mut self) -> Option<Message> {
        self.line.clear();
        let mut bounded = self.output.by_ref().take(MESSAGE_BYTES_MAX);
        bounded.read_until(b'\n', &mut self.line).ok()?;
        serde_json::from_slice(&self.line).ok()
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        // Both fail only for a child that has ended and was waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
