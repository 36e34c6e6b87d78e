//! The published versions of all definitions, and the catalogue that they make on a business date.
//!
//! Of the versions that hold from a date or before, the one that was published last is in force:
//! a correction that reaches back puts aside what it corrects.
//!
//! **Invariant** `as_of` depends on the events alone, so a run can pin a version and find it again.

use std::collections::BTreeMap;

use serde::Serialize;
use shared::Date;

use crate::canonical;
use crate::catalogue::Catalogue;
use crate::mistake::Mistake;
use crate::publication::Event;
use crate::source::Source;

/// One published version, or the end of a definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Version {
    pub version: u32,
    /// The first business date.
    pub from: Date,
    /// Canonical JSON and its digest; `None`: retired from then on.
    pub body: Option<Body>,
    pub author: String,
    pub approver: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Body {
    pub text: String,
    pub digest: String,
}

/// Every version of every definition, folded from the events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// By kind and id, in the order of publication.
    versions: BTreeMap<(String, String), Vec<Version>>,
}

impl History {
    pub fn apply(&mut self, event: &Event) {
        let (kind, id, version) = match event {
            Event::Published {
                kind,
                id,
                version,
                digest,
                from,
                body,
                author,
                approver,
                reason: _,
            } => {
                let body = Some(Body { text: body.clone(), digest: digest.clone() });
                let (author, approver) = (author.clone(), approver.clone());
                (kind, id, Version { version: *version, from: *from, body, author, approver })
            }
            Event::Retired { kind, id, version, from, author, approver, reason: _ } => {
                let (author, approver) = (author.clone(), approver.clone());
                (kind, id, Version { version: *version, from: *from, body: None, author, approver })
            }
        };
        self.versions.entry((kind.clone(), id.clone())).or_default().push(version);
    }

    /// The catalogue on a business date, checked as a whole.
    ///
    /// # Errors
    /// When what was published does not fit together on that date, such as a fund retired under
    /// an item; the mistakes name `<kind>/<id> version <n>` as the file.
    pub fn as_of(&self, date: Date) -> Result<Catalogue, Vec<Mistake>> {
        let sources: Vec<Source> = self
            .versions
            .keys()
            .filter_map(|(kind, id)| {
                let version = self.on(kind, id, date)?;
                let text = canonical::to_toml(kind, &version.body.as_ref()?.text)?;
                Some(Source::new(format!("{kind}/{id} version {}", version.version), text))
            })
            .collect();
        Catalogue::load(&sources)
    }

    /// The version in force on a business date; `None` before the first and after the end.
    #[must_use]
    pub fn on(&self, kind: &str, id: &str, date: Date) -> Option<&Version> {
        let last = self.versions(kind, id).iter().rev().find(|version| version.from <= date)?;
        last.body.is_some().then_some(last)
    }

    /// The version that a run pinned.
    #[must_use]
    pub fn pinned(&self, kind: &str, id: &str, version: u32) -> Option<&Version> {
        let is_it = |one: &&Version| one.version == version && one.body.is_some();
        self.versions(kind, id).iter().find(is_it)
    }

    /// All versions of a definition, in the order of publication.
    #[must_use]
    pub fn versions(&self, kind: &str, id: &str) -> &[Version] {
        self.versions.get(&(kind.to_owned(), id.to_owned())).map_or(&[], Vec::as_slice)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.versions.is_empty()
    }
}
