//! A file as it is handed over: name, bytes, digest, and the mark that says it is complete.

use std::fmt;

use definitions::Layout;
use shared::Money;
use sm3::{Digest, Sm3};

use crate::error::{FileError, Findings, Rule};

/// A file ready to be sent. Its bytes hold personal data: they are not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct BankFile {
    pub name: String,
    pub bytes: Vec<u8>,
    /// SM3 over all bytes; the artefact's name.
    pub digest: [u8; 32],
    /// The ready mark, which is put in place after the file.
    pub ready_name: String,
    pub ready_bytes: Vec<u8>,
    pub count: u32,
    pub total: Money,
}

impl fmt::Debug for BankFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BankFile")
            .field("name", &self.name)
            .field("digest", &hex::encode(self.digest))
            .field("count", &self.count)
            .field("total", &self.total)
            .finish_non_exhaustive()
    }
}

/// Compares a file with its ready mark: for replies and statements that come with one. Without it
/// a file that is cut at the end of a line shows only if its header or trailer counts the lines.
///
/// # Errors
/// When there is no mark, it is malformed, or its digest is another file's.
pub fn verify_ready(
    layout: &Layout,
    name: &str,
    bytes: &[u8],
    ready: Option<&[u8]>,
) -> Result<(), Vec<FileError>> {
    let mut findings = Findings::of(name);
    check_ready(&mut findings, layout, name, sm3(bytes), ready);
    findings.conclude(Some(()))
}

/// The ready mark of a file that is there already: its name and bytes.
#[must_use]
pub fn ready_mark(layout: &Layout, name: &str, bytes: &[u8]) -> (String, Vec<u8>) {
    (format!("{name}{}", layout.ready_mark), ready_bytes(layout, sm3(bytes)))
}

pub(crate) fn check_ready(
    findings: &mut Findings,
    layout: &Layout,
    name: &str,
    digest: [u8; 32],
    ready: Option<&[u8]>,
) {
    let mark = format!("{name}{}", layout.ready_mark);
    let Some(ready) = ready else {
        let what = (format!("缺少就绪标志 {mark}"), format!("the ready mark {mark} is missing"));
        return findings.note((None, None), Rule::ReadyMarkMissing, what);
    };
    match ready_digest(layout, ready) {
        None => {
            let what = (
                format!("就绪标志 {mark} 的内容不是摘要"),
                format!("the ready mark {mark} holds no digest"),
            );
            findings.note((None, None), Rule::DigestForm, what);
        }
        Some(declared) if declared != digest => {
            let what =
                ("文件摘要与就绪标志不符", "the file's digest is not that of the ready mark");
            findings.note((None, None), Rule::DigestDiffers, what);
        }
        Some(_) => {}
    }
}

pub(crate) fn ready_bytes(layout: &Layout, digest: [u8; 32]) -> Vec<u8> {
    [hex::encode(digest).as_bytes(), line_end(layout).as_bytes()].concat()
}

fn ready_digest(layout: &Layout, ready: &[u8]) -> Option<[u8; 32]> {
    let text = str::from_utf8(ready).ok()?;
    digest_of(text.strip_suffix(line_end(layout))?)
}

/// Reads 64 lower-case hexadecimal digits.
pub(crate) fn digest_of(text: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    hex::decode_to_slice(text, &mut digest).ok()?;
    (!text.bytes().any(|byte| byte.is_ascii_uppercase())).then_some(digest)
}

pub(crate) fn line_end(layout: &Layout) -> &'static str {
    match layout.line_end {
        definitions::LineEnd::Lf => "\n",
        definitions::LineEnd::CrLf => "\r\n",
    }
}

pub(crate) fn sm3(bytes: &[u8]) -> [u8; 32] {
    Sm3::digest(bytes).into()
}
