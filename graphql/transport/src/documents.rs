//! Parsed documents: a bounded memory of those seen, and the list of those trusted.

use std::{
    collections::HashMap,
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
};

use async_graphql::parser::{parse_query, types::ExecutableDocument};
use lru::LruCache;
use sha2::{Digest, Sha256};

use crate::{code::Code, fault::Fault, limits::Limits, scan};

pub(crate) type DocumentDigest = [u8; 32];

pub(crate) fn digest(text: &str) -> DocumentDigest {
    Sha256::digest(text.as_bytes()).into()
}

/// The last documents that parsed, by digest of their text; bounded in number and in bytes.
pub(crate) struct Documents {
    parsed: Mutex<Parsed>,
    bytes_max: usize,
}

struct Parsed {
    by_digest: LruCache<DocumentDigest, (Arc<ExecutableDocument>, usize)>,
    bytes: usize,
}

impl Documents {
    pub(crate) fn new(limits: &Limits) -> Self {
        let count = NonZeroUsize::new(limits.cached_documents_max).unwrap_or(NonZeroUsize::MIN);
        Self {
            parsed: Mutex::new(Parsed { by_digest: LruCache::new(count), bytes: 0 }),
            bytes_max: limits.cached_document_bytes_max,
        }
    }

    /// Scans and parses the text, or finds it parsed.
    pub(crate) fn parse(
        &self,
        text: &str,
        digest: DocumentDigest,
        limits: &Limits,
    ) -> Result<Arc<ExecutableDocument>, Fault> {
        if let Some((document, _)) = self.lock().by_digest.get(&digest) {
            return Ok(Arc::clone(document));
        }
        let document = Arc::new(parsed(text, limits)?);
        // One text may fill no more than a sixteenth, or a few long ones would push all out.
        if text.len() <= self.bytes_max / 16 {
            let mut kept = self.lock();
            kept.bytes += text.len();
            let fresh = (Arc::clone(&document), text.len());
            if let Some((_, (_, bytes))) = kept.by_digest.push(digest, fresh) {
                kept.bytes -= bytes;
            }
            while kept.bytes > self.bytes_max {
                let Some((_, (_, bytes))) = kept.by_digest.pop_lru() else {
                    break;
                };
                kept.bytes -= bytes;
            }
        }
        Ok(document)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Parsed> {
        self.parsed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn parsed(text: &str, limits: &Limits) -> Result<ExecutableDocument, Fault> {
    scan::check(text, limits)?;
    parse_query(text).map_err(|error| {
        let locations = error.positions().collect();
        Fault::new(Code::Syntax, error.to_string()).at(locations)
    })
}

/// Documents known before anybody sends them, such as those of the console's build.
#[derive(Default)]
pub struct TrustedDocuments {
    by_digest: HashMap<DocumentDigest, (String, Arc<ExecutableDocument>)>,
    only: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum TrustedDocumentError {
    #[error("the trusted document {digest} has another digest: {actual}")]
    Digest { digest: String, actual: String },
    #[error("the trusted document {digest} does not parse: {detail}")]
    Parse { digest: String, detail: String },
}

impl TrustedDocuments {
    /// Takes a manifest `sha256 (hexadecimal) → text`, parses each document and checks its digest.
    pub fn new(
        manifest: impl IntoIterator<Item = (String, String)>,
        limits: &Limits,
    ) -> Result<Self, TrustedDocumentError> {
        let mut by_digest = HashMap::new();
        for (name, text) in manifest {
            let actual = digest(&text);
            if named(&name) != Some(actual) {
                let actual = hex::encode(actual);
                return Err(TrustedDocumentError::Digest { digest: name, actual });
            }
            let document = parsed(&text, limits).map_err(|fault| TrustedDocumentError::Parse {
                digest: name,
                detail: fault.detail,
            })?;
            by_digest.insert(actual, (text, Arc::new(document)));
        }
        Ok(Self { by_digest, only: false })
    }

    /// Accepts these documents and no others.
    #[must_use]
    pub fn only(mut self) -> Self {
        self.only = true;
        self
    }

    pub(crate) fn accepts_only_these(&self) -> bool {
        self.only
    }

    pub(crate) fn get(&self, digest: &DocumentDigest) -> Option<(&str, &Arc<ExecutableDocument>)> {
        self.by_digest.get(digest).map(|(text, document)| (text.as_str(), document))
    }
}

/// The digest that a caller names: 64 hexadecimal digits, with or without `sha256:` before them.
pub(crate) fn named(name: &str) -> Option<DocumentDigest> {
    let mut digest = DocumentDigest::default();
    hex::decode_to_slice(name.strip_prefix("sha256:").unwrap_or(name), &mut digest).ok()?;
    Some(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_of_documents_is_bounded_in_number_and_bytes() {
        let limits =
            Limits { cached_documents_max: 3, cached_document_bytes_max: 320, ..Limits::default() };
        let documents = Documents::new(&limits);
        for field in 0..20 {
            let text = format!("{{ field{field} }}");
            documents.parse(&text, digest(&text), &limits).unwrap();
        }
        let long = format!("{{ a{} }}", " ".repeat(100));
        documents.parse(&long, digest(&long), &limits).unwrap();
        let kept = documents.lock();
        assert_eq!(kept.by_digest.len(), 3);
        assert_eq!(kept.bytes, kept.by_digest.iter().map(|(_, (_, bytes))| bytes).sum::<usize>());
        assert!(!kept.by_digest.contains(&digest(&long)));
    }

    #[test]
    fn a_manifest_with_a_wrong_digest_or_a_broken_document_is_refused() {
        let limits = Limits::default();
        let name = |text: &str| hex::encode(digest(text));
        let new =
            |name: String, text: &str| TrustedDocuments::new([(name, text.to_owned())], &limits);
        assert!(new(name("{ a }"), "{ a }").is_ok());
        assert!(new(format!("sha256:{}", name("{ a }")), "{ a }").is_ok());
        assert!(matches!(new(name("{ b }"), "{ a }"), Err(TrustedDocumentError::Digest { .. })));
        assert!(matches!(new(name("{ a"), "{ a"), Err(TrustedDocumentError::Parse { .. })));
    }
}
