//! Funds: the books that obligations belong to. Insurance funds never mix with trust money
//! (DISBURSEMENT 2.11; INVENTORY 3.4 rule 11).

use serde::Serialize;
use shared::FundCode;

use super::Kind;
use crate::block::{Block, Name};
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
            },
        ))
    }
}
