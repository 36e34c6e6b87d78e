//! Global ids: base64url of `Type:id`. An id as the log spells it (`A1-2026-01-320600-1`) is taken
//! as well where the type is known, for people who type.

use std::fmt::Display;
use std::str::FromStr;

use async_graphql::ID;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::fault::Fault;

/// What has a global id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Person,
    Employer,
    Organisation,
    Division,
    Grid,
    CardApplication,
    Card,
    PayAddress,
    Grant,
    Definition,
    Period,
    Plan,
    Exclusion,
    Line,
    Batch,
    Reply,
    Book,
    Voucher,
    Statement,
    Feed,
    Opening,
    Artefact,
    Event,
    AccessRecord,
    ReturnCase,
    Obligation,
    HeirsCase,
    Recovery,
    Deduction,
    Comparison,
    ComparisonEntry,
    Stop,
    PastHold,
    Import,
    Warning,
    Note,
}

impl Kind {
    const ALL: &'static [Self] = &[
        Self::Person,
        Self::Employer,
        Self::Organisation,
        Self::Division,
        Self::Grid,
        Self::CardApplication,
        Self::Card,
        Self::PayAddress,
        Self::Grant,
        Self::Definition,
        Self::Period,
        Self::Plan,
        Self::Exclusion,
        Self::Line,
        Self::Batch,
        Self::Reply,
        Self::Book,
        Self::Voucher,
        Self::Statement,
        Self::Feed,
        Self::Opening,
        Self::Artefact,
        Self::Event,
        Self::AccessRecord,
        Self::ReturnCase,
        Self::Obligation,
        Self::HeirsCase,
        Self::Recovery,
        Self::Deduction,
        Self::Comparison,
        Self::ComparisonEntry,
        Self::Stop,
        Self::PastHold,
        Self::Import,
        Self::Warning,
        Self::Note,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Person => "Person",
            Self::Employer => "Employer",
            Self::Organisation => "Organisation",
            Self::Division => "Division",
            Self::Grid => "Grid",
            Self::CardApplication => "CardApplication",
            Self::Card => "Card",
            Self::PayAddress => "PayAddress",
            Self::Grant => "Grant",
            Self::Definition => "Definition",
            Self::Period => "Period",
            Self::Plan => "Plan",
            Self::Exclusion => "Exclusion",
            Self::Line => "Line",
            Self::Batch => "Batch",
            Self::Reply => "Reply",
            Self::Book => "Book",
            Self::Voucher => "Voucher",
            Self::Statement => "Statement",
            Self::Feed => "Feed",
            Self::Opening => "Opening",
            Self::Artefact => "Artefact",
            Self::Event => "Event",
            Self::AccessRecord => "AccessRecord",
            Self::ReturnCase => "ReturnCase",
            Self::Obligation => "Obligation",
            Self::HeirsCase => "HeirsCase",
            Self::Recovery => "Recovery",
            Self::Deduction => "Deduction",
            Self::Comparison => "Comparison",
            Self::ComparisonEntry => "ComparisonEntry",
            Self::Stop => "Stop",
            Self::PastHold => "PastHold",
            Self::Import => "Import",
            Self::Warning => "Warning",
            Self::Note => "Note",
        }
    }

    /// The global id of what the log calls `id`.
    pub fn id(self, id: impl Display) -> ID {
        ID(URL_SAFE_NO_PAD.encode(format!("{}:{id}", self.name())))
    }

    /// The id as the log spells it.
    ///
    /// # Errors
    /// `BAD_INPUT` for the id of another kind of thing.
    pub fn local(self, id: &ID) -> Result<String, Fault> {
        match split(id) {
            Some((kind, local)) if kind == self => Ok(local),
            Some((kind, _)) => Err(Fault::bad_input(format!(
                "{} / {}",
                format_args!("这是{}的编号，不是{}的", kind.name(), self.name()),
                format_args!("this is the id of a {}, not of a {}", kind.name(), self.name()),
            ))),
            None => Ok(id.0.clone()),
        }
    }

    /// The typed id.
    ///
    /// # Errors
    /// `BAD_INPUT` where it does not parse.
    pub fn parse<T: FromStr>(self, id: &ID) -> Result<T, Fault> {
        self.local(id)?.parse().map_err(|_| {
            Fault::bad_input(format!("不是{0}的编号 / not the id of a {0}", self.name()))
        })
    }
}

/// The kind and the log's spelling, of a global id.
pub fn split(id: &ID) -> Option<(Kind, String)> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(id.0.as_bytes()).ok()?).ok()?;
    let (name, local) = text.split_once(':')?;
    let kind = Kind::ALL.iter().copied().find(|kind| kind.name() == name)?;
    Some((kind, local.to_owned()))
}
