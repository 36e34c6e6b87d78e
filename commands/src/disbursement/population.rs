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

use shared::{
    BankCode, Component, DivisionCode, EmployerId, GrantId, Money, Month, PayAddressId, Payee,
    PersonId,
};
use thiserror::Error;
use uuid::Uuid;

use super::ports::{AddressFacts, Competing, Due, GrantFacts, Life, Population, Usable};

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
    let mut to = Writer(Vec::with_capacity(32 + grants.len() * GRANT_BYTES));
    to.byte(VERSION);
    to.number(at.0);
    to.number(grants.len() as u64);
    for grant in grants {
        to.grant(grant);
    }
    to.0
}

/// # Errors
/// [`PopulationFault`].
pub fn decode(bytes: &[u8]) -> Result<Population, PopulationFault> {
    let mut from = Reader { bytes, at: 0 };
    match from.byte()? {
        VERSION => {}
        other => return Err(PopulationFault::Version(other)),
    }
    let at = kernel::Position(from.number()?);
    let count = from.count()?;
    let mut grants = Vec::with_capacity(count.min(bytes.len() / 32));
    for _ in 0..count {
        grants.push(from.grant()?);
    }
    if from.at == bytes.len() {
        Ok(Population { at, grants })
    } else {
        Err(PopulationFault::Rest(from.at))
    }
}

struct Writer(Vec<u8>);

impl Writer {
    fn grant(&mut self, facts: &GrantFacts) {
        let GrantFacts {
            grant,
            revision,
            person,
            payee,
            life,
            payee_life,
            suspended,
            components,
            address,
            county,
            due,
            also,
            competing,
            deductions,
        } = facts;
        self.id(grant.uuid());
        self.id(person.uuid());
        let flag = |set: bool, flag: u8| if set { flag } else { 0 };
        self.byte(
            flag(*suspended, SUSPENDED)
                | flag(payee.is_some(), PAYEE)
                | flag(payee_life.is_some(), PAYEE_LIFE)
                | flag(address.is_some(), ADDRESS)
                | flag(!due.is_empty(), DUE)
                | flag(!also.is_empty(), ALSO)
                | flag(competing.is_some(), COMPETING)
                | flag(!deductions.is_empty(), DEDUCTIONS),
        );
        self.number(*revision);
        self.life(*life);
        self.text(county.as_str());
        self.number(components.len() as u64);
        for (component, amount, since) in components {
            self.text(component.as_str());
            self.money(*amount);
            self.month(*since);
        }
        if let Some(payee) = payee {
            let (kind, id) = match payee {
                Payee::Person { person } => (0, person.uuid()),
                Payee::Guardian { person } => (1, person.uuid()),
                Payee::Heir { person } => (2, person.uuid()),
                Payee::Relative { person } => (3, person.uuid()),
                Payee::Employer { employer } => (4, employer.uuid()),
            };
            self.byte(kind);
            self.id(id);
        }
        if let Some(life) = payee_life {
            self.life(*life);
        }
        if let Some(AddressFacts { address, version, bank, usable }) = address {
            self.id(address.uuid());
            self.number(u64::from(*version));
            self.text(bank.as_str());
            self.byte(match usable {
                Usable::Yes => 0,
                Usable::No => 1,
                Usable::Frozen => 2,
            });
        }
        self.each(due, Self::due);
        self.each(also, |to, person| to.id(person.uuid()));
        match competing {
            None => {}
            Some(Competing::Excluded) => self.byte(0),
            Some(Competing::Less { by }) => {
                self.byte(1);
                self.money(*by);
            }
        }
        self.each(deductions, |to, id| to.text(id));
    }

    fn due(&mut self, due: &Due) {
        let Due { month, component, adjustment, attempt, gross, deductions, waits } = due;
        self.month(*month);
        self.text(component.as_str());
        self.number(u64::from(*adjustment));
        self.number(u64::from(*attempt));
        self.money(*gross);
        self.money(*deductions);
        self.byte(u8::from(*waits));
    }

    /// Nothing where there is none: a flag says so.
    fn each<T>(&mut self, list: &[T], write: impl Fn(&mut Self, &T)) {
        if list.is_empty() {
            return;
        }
        self.number(list.len() as u64);
        for one in list {
            write(self, one);
        }
    }

    fn money(&mut self, money: Money) {
        let fen = money.fen();
        self.number(((fen << 1) ^ (fen >> 63)).cast_unsigned());
    }

    fn life(&mut self, life: Life) {
        match life {
            Life::Alive => self.byte(0),
            Life::DeathReported => self.byte(1),
            Life::Dead { month } => {
                self.byte(2);
                self.month(month);
            }
        }
    }

    fn month(&mut self, month: Month) {
        let months = i64::from(month.year()) * 12 + i64::from(month.month()) - 1;
        self.number(months.cast_unsigned());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }

    fn id(&mut self, id: Uuid) {
        self.0.extend_from_slice(id.as_bytes());
    }

    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.byte(number.to_le_bytes()[0] | 0x80);
            number >>= 7;
        }
        self.byte(number.to_le_bytes()[0]);
    }

    fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn grant(&mut self) -> Result<GrantFacts, PopulationFault> {
        let grant = GrantId::from_uuid(self.id()?);
        let person = PersonId::from_uuid(self.id()?);
        let flags = self.byte()?;
        let revision = self.number()?;
        let life = self.life()?;
        let county = self.parsed("county", |text| DivisionCode::parse(text).ok())?;
        let count = self.count()?;
        let mut components = Vec::with_capacity(count.min(64));
        for _ in 0..count {
            components.push((self.component()?, self.money()?, self.month()?));
        }
        let has = |flag: u8| flags & flag != 0;
        let payee = if has(PAYEE) { Some(self.payee()?) } else { None };
        let payee_life = if has(PAYEE_LIFE) { Some(self.life()?) } else { None };
        let address = if has(ADDRESS) { Some(self.address()?) } else { None };
        let suspended = has(SUSPENDED);
        let due = self.each(has(DUE), Self::due)?;
        let also = self.each(has(ALSO), |from| Ok(PersonId::from_uuid(from.id()?)))?;
        let competing = if has(COMPETING) { Some(self.competing()?) } else { None };
        let text = |from: &mut Self| from.parsed("deduction", |text| Some(text.to_owned()));
        let deductions = self.each(has(DEDUCTIONS), text)?;
        Ok(GrantFacts {
            grant,
            revision,
            person,
            payee,
            life,
            payee_life,
            suspended,
            components,
            address,
            county,
            due,
            also,
            competing,
            deductions,
        })
    }

    fn due(&mut self) -> Result<Due, PopulationFault> {
        let (month, component) = (self.month()?, self.component()?);
        let adjustment = u16::try_from(self.number()?).map_err(|_| self.not("adjustment"))?;
        let attempt = u16::try_from(self.number()?).map_err(|_| self.not("attempt"))?;
        let (gross, deductions) = (self.money()?, self.money()?);
        let waits = match self.byte()? {
            0 => false,
            1 => true,
            _ => return Err(self.not("truth")),
        };
        Ok(Due { month, component, adjustment, attempt, gross, deductions, waits })
    }

    fn competing(&mut self) -> Result<Competing, PopulationFault> {
        match self.byte()? {
            0 => Ok(Competing::Excluded),
            1 => Ok(Competing::Less { by: self.money()? }),
            _ => Err(self.not("competition")),
        }
    }

    fn each<T>(
        &mut self,
        any: bool,
        read: impl Fn(&mut Self) -> Result<T, PopulationFault>,
    ) -> Result<Vec<T>, PopulationFault> {
        let count = if any { self.count()? } else { 0 };
        (0..count).map(|_| read(self)).collect()
    }

    fn component(&mut self) -> Result<Component, PopulationFault> {
        self.parsed("component", |text| Component::parse(text).ok())
    }

    fn money(&mut self) -> Result<Money, PopulationFault> {
        let fen = self.number()?;
        Ok(Money::from_fen((fen >> 1).cast_signed() ^ -(fen & 1).cast_signed()))
    }

    fn payee(&mut self) -> Result<Payee, PopulationFault> {
        let (kind, id) = (self.byte()?, self.id()?);
        let person = PersonId::from_uuid(id);
        match kind {
            0 => Ok(Payee::Person { person }),
            1 => Ok(Payee::Guardian { person }),
            2 => Ok(Payee::Heir { person }),
            3 => Ok(Payee::Relative { person }),
            4 => Ok(Payee::Employer { employer: EmployerId::from_uuid(id) }),
            _ => Err(self.not("payee")),
        }
    }

    fn address(&mut self) -> Result<AddressFacts, PopulationFault> {
        let address = PayAddressId::from_uuid(self.id()?);
        let version = u32::try_from(self.number()?).map_err(|_| self.not("version"))?;
        let bank = self.parsed("bank", |text| BankCode::parse(text).ok())?;
        let usable = match self.byte()? {
            0 => Usable::Yes,
            1 => Usable::No,
            2 => Usable::Frozen,
            _ => return Err(self.not("usability")),
        };
        Ok(AddressFacts { address, version, bank, usable })
    }

    fn life(&mut self) -> Result<Life, PopulationFault> {
        match self.byte()? {
            0 => Ok(Life::Alive),
            1 => Ok(Life::DeathReported),
            2 => Ok(Life::Dead { month: self.month()? }),
            _ => Err(self.not("life")),
        }
    }

    fn month(&mut self) -> Result<Month, PopulationFault> {
        let months = self.number()?.cast_signed();
        let year = i16::try_from(months.div_euclid(12)).ok();
        let month = i8::try_from(months.rem_euclid(12) + 1).ok();
        year.zip(month)
            .and_then(|(year, month)| Month::new(year, month).ok())
            .ok_or_else(|| self.not("month"))
    }

    fn parsed<T>(
        &mut self,
        what: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, PopulationFault> {
        let count = self.count()?;
        let bytes = self.take(count)?;
        str::from_utf8(bytes).ok().and_then(parse).ok_or_else(|| self.not(what))
    }

    fn id(&mut self) -> Result<Uuid, PopulationFault> {
        let bytes = self.take(16)?;
        Uuid::from_slice(bytes).map_err(|_| self.not("id"))
    }

    fn count(&mut self) -> Result<usize, PopulationFault> {
        usize::try_from(self.number()?).map_err(|_| self.not("count"))
    }

    fn number(&mut self) -> Result<u64, PopulationFault> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            // Of the tenth byte only one bit is left in 64.
            if shift == 63 && byte > 1 {
                break;
            }
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(self.not("number"))
    }

    fn byte(&mut self) -> Result<u8, PopulationFault> {
        let byte = self.bytes.get(self.at).copied().ok_or(PopulationFault::Short(self.at))?;
        self.at += 1;
        Ok(byte)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], PopulationFault> {
        let rest = &self.bytes[self.at..];
        let taken = rest.get(..count).ok_or(PopulationFault::Short(self.bytes.len()))?;
        self.at += count;
        Ok(taken)
    }

    fn not(&self, what: &'static str) -> PopulationFault {
        PopulationFault::Value { at: self.at, what }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn population() -> Population {
        let month = Month::parse("2026-01").unwrap();
        let id = |n: u128| Uuid::from_u128(n << 64 | n);
        let plain = GrantFacts {
            grant: GrantId::from_uuid(id(1)),
            revision: 300,
            person: PersonId::from_uuid(id(2)),
            payee: None,
            life: Life::Alive,
            payee_life: None,
            suspended: false,
            components: vec![(Component::whole(), Money::from_fen(280_000), month)],
            address: None,
            county: DivisionCode::parse("320602").unwrap(),
            due: Vec::new(),
            also: Vec::new(),
            competing: None,
            deductions: Vec::new(),
        };
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

    #[test]
    fn what_was_written_reads_back_equal() {
        let population = population();
        assert_eq!(decode(&encode(&population)).unwrap(), population);
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
