//! Funds: the books that obligations belong to. Insurance funds never mix with trust money
//! (DISBURSEMENT 2.11; INVENTORY 3.4 rule 11).

use serde::Serialize;
use shared::FundCode;

use super::posting::{Book, Posting};
use super::{Critic, Definitions, Kind, Listed};
use crate::block::{Block, Name};
use crate::mistake::Fault;
use crate::word::words;

words! {
    pub enum FundKind {
        /// A statutory fund, an accounting entity of its own.
        Insurance = "insurance",
        /// Money that somebody entrusts: a ledger for each source, the remainder goes back.
        Trust = "trust",
    }
}

words! {
    /// The level at which the money is pooled.
    pub enum Pooling {
        Province = "province",
        City = "city",
        County = "county",
    }
}

words! {
    /// Where the expenditure account's money comes from (DISBURSEMENT 2.10–2.11).
    pub enum Appropriation {
        /// 财政专户.
        FiscalAccount = "fiscal-account",
        /// The higher-level agency, under provincial pooling.
        HigherAgency = "higher-agency",
        /// The unit that entrusts the payment.
        EntrustingUnit = "entrusting-unit",
    }
}

/// One fund or trust source. The book is fund × pooling area × agency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fund {
    pub id: FundCode,
    pub name: Name,
    pub source: String,
    pub kind: FundKind,
    pub pooling: Pooling,
    /// Who keeps the book.
    pub agency: Name,
    pub appropriation: Appropriation,
    /// Who provides the money of a trust source; absent for insurance.
    pub provider: Option<Name>,
    /// The posting policy of its books from a year on, where that is not the usual one.
    pub postings: Vec<FromYear>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FromYear {
    pub from: i16,
    pub posting: String,
}

impl Fund {
    /// The posting policy that its books of this year follow; `None`: the usual one.
    #[must_use]
    pub fn posting_in(&self, year: i16) -> Option<&str> {
        let since = self.postings.iter().filter(|since| since.from <= year);
        since.max_by_key(|since| since.from).map(|since| since.posting.as_str())
    }
}

impl Kind for Fund {
    const WORD: &'static str = "fund";
    type Id = FundCode;

    fn read(block: &Block<'_>) -> Option<(FundCode, Self)> {
        let (id, name, source) = block.head(|text| text.parse::<FundCode>().ok());
        let kind = block.word("kind");
        let pooling = block.word("pooling");
        let agency = block.table("agency", Name::read);
        let appropriation = block.word("appropriation");
        let provider = match kind {
            Some(FundKind::Trust) => block.table("provider", Name::read).map(Some),
            Some(FundKind::Insurance) => Some(None),
            None => block.skip("provider"),
        };
        let postings = block.tables_if_any("postings", |since| {
            let from = since.integer("from", 2000, 2999).and_then(|year| i16::try_from(year).ok());
            let posting = since.reference("posting", "posting");
            Some(FromYear { from: from?, posting: posting? })
        });
        let id = id?;
        Some((
            id,
            Self {
                id,
                name: name?,
                source: source?,
                kind: kind?,
                pooling: pooling?,
                agency: agency?,
                appropriation: appropriation?,
                provider: provider?,
                postings: postings?,
            },
        ))
    }

    fn check(&self, among: &Definitions, critic: &Critic<'_>) {
        for since in &self.postings {
            let Some(posting) = Posting::list(among).get(&since.posting) else { continue };
            if (posting.book == Book::Trust) != (self.kind == FundKind::Trust) {
                let book = posting.book;
                critic.note(
                    "postings",
                    Fault::contradiction(
                        format!("记账规则 {} 用于 {book} 账套", since.posting),
                        format!("posting {} is for {book} books", since.posting),
                    ),
                );
            }
        }
    }
}
