//! The frozen population as bytes: the artefact that a calculation reads again after a crash.
//!
//! ```text
//! population v1 = byte 1, position, how many grants, then each grant:
//!     grant id, person id         16 bytes each
//!     flags                       1 suspended, 2 payee, 4 payee's life, 8 address, 16 due,
//!                                 32 other ids, 64 competing, 128 deductions
//!     revision                    number
//!     life                        byte 0 alive, 1 death reported, 2 dead; dead: month
//!     county                      text
//!     components                  how many; each: component text, fen, month since
//!     payee                       byte 0 person, 1 guardian, 2 heir, 3 relative, 4 employer; id
//!     payee's life                as life
//!     address                     id, version, bank text, byte 0 usable, 1 not usable, 2 frozen
//!     due                         how many; each: month, component text, adjustment, attempt,
//!                                 gross fen, deducted fen, byte 1 if it waits
//!     other ids                   how many; each: id
//!     competing                   byte 0 excluded, 1 less; less: fen
//!     deductions                  how many; each: text
//! number = unsigned LEB128; fen = its zigzag; text = length and bytes; month = months since year 0
//! ```
//!
//! No personal data stands in it. Its digest is the artefact's id, which the store checks.
//! **Invariant** what was written reads back equal; bytes that were not written so are refused.

mod read;
mod write;

use thiserror::Error;

pub use self::read::{Grants, grants};
use self::write::Writer;
use super::ports::Population;

const VERSION: u8 = 1;

/// What one grant takes, roughly.
const GRANT_BYTES: usize = 96;

const SUSPENDED: u8 = 1;
const PAYEE: u8 = 2;
const PAYEE_LIFE: u8 = 4;
const ADDRESS: u8 = 8;
const DUE: u8 = 16;
const ALSO: u8 = 32;
const COMPETING: u8 = 64;
const DEDUCTIONS: u8 = 128;

#[derive(Debug, Error, PartialEq, Eq)]
pub enum PopulationFault {
    #[error("a population of version {0} is not known")]
    Version(u8),
    #[error("a population is cut short at byte {0}")]
    Short(usize),
    #[error("byte {at} of a population holds no {what}")]
    Value { at: usize, what: &'static str },
    #[error("a population goes on behind its end at byte {0}")]
    Rest(usize),
}

#[must_use]
pub fn encode(population: &Population) -> Vec<u8> {
    let Population { at, grants } = population;
    let mut to = Writer::with_capacity(32 + grants.len() * GRANT_BYTES);
    to.byte(VERSION);
    to.number(at.0);
    to.number(grants.len() as u64);
    for grant in grants {
        to.grant(grant);
    }
    to.bytes()
}

#[cfg(test)]
pub(super) mod tests {
    use shared::{
        BankCode, Component, DivisionCode, EmployerId, GrantId, Money, Month, PayAddressId, Payee,
        PersonId,
    };
    use uuid::Uuid;

    use super::*;
    use crate::disbursement::ports::{AddressFacts, Competing, Due, GrantFacts, Life, Usable};

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n << 64 | n)
    }

    fn month() -> Month {
        Month::parse("2026-01").unwrap()
    }

    /// A grant that pays so many components, with nothing else to be said of it.
    pub fn plain(components: usize) -> GrantFacts {
        let component = (Component::whole(), Money::from_fen(280_000), month());
        GrantFacts {
            grant: GrantId::from_uuid(id(1)),
            revision: 300,
            person: PersonId::from_uuid(id(2)),
            payee: None,
            life: Life::Alive,
            payee_life: None,
            suspended: false,
            components: vec![component; components],
            address: None,
            county: DivisionCode::parse("320602").unwrap(),
            due: Vec::new(),
            also: Vec::new(),
            competing: None,
            deductions: Vec::new(),
        }
    }

    fn population() -> Population {
        let (plain, month) = (plain(1), month());
        let full = GrantFacts {
            payee: Some(Payee::Employer { employer: EmployerId::from_uuid(id(3)) }),
            life: Life::Dead { month: Month::parse("1999-12").unwrap() },
            payee_life: Some(Life::DeathReported),
            suspended: true,
            components: vec![
                (Component::whole(), Money::from_fen(i64::MAX), month),
                (Component::parse("basic").unwrap(), Money::from_fen(i64::MIN), month),
            ],
            address: Some(AddressFacts {
                address: PayAddressId::from_uuid(id(4)),
                version: u32::MAX,
                bank: BankCode::parse("BOC").unwrap(),
                usable: Usable::Frozen,
            }),
            due: vec![Due {
                month,
                component: Component::whole(),
                adjustment: 2,
                attempt: u16::MAX,
                gross: Money::from_fen(5),
                deductions: Money::from_fen(3),
                waits: true,
            }],
            also: vec![PersonId::from_uuid(id(5))],
            competing: Some(Competing::Less { by: Money::from_fen(12) }),
            deductions: vec!["法院〔2025〕1号".to_owned()],
            ..plain.clone()
        };
        Population { at: kernel::Position(u64::MAX), grants: vec![plain, full] }
    }

    fn decode(bytes: &[u8]) -> Result<Vec<GrantFacts>, PopulationFault> {
        grants(bytes)?.collect()
    }

    #[test]
    fn what_was_written_reads_back_equal() {
        let population = population();
        assert_eq!(decode(&encode(&population)).unwrap(), population.grants);
    }

    #[test]
    fn nothing_follows_a_fault() {
        let bytes = encode(&population());
        let mut cut = grants(&bytes[..bytes.len() - 1]).unwrap();
        let told = [cut.next(), cut.next(), cut.next()];
        assert!(matches!(told, [Some(Ok(_)), Some(Err(PopulationFault::Short(_))), None]));
    }

    #[test]
    fn bytes_that_were_not_written_so_are_refused() {
        let bytes = encode(&population());
        for end in 0..bytes.len() {
            assert!(decode(&bytes[..end]).is_err(), "cut at {end}");
        }
        let longer = [&bytes[..], &[0]].concat();
        assert_eq!(decode(&longer), Err(PopulationFault::Rest(bytes.len())));
        assert_eq!(decode(b"{\"at\":1}"), Err(PopulationFault::Version(b'{')));
    }
}
