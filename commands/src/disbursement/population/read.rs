//! Bytes become grants again, one by one.

use shared::{
    BankCode, Component, DivisionCode, EmployerId, GrantId, Money, Month, PayAddressId, Payee,
    PersonId,
};
use uuid::Uuid;

use super::{
    ADDRESS, ALSO, COMPETING, DEDUCTIONS, DUE, PAYEE, PAYEE_LIFE, PopulationFault, SUSPENDED,
    VERSION,
};
use crate::disbursement::ports::{AddressFacts, Competing, Due, GrantFacts, Life, Usable};

/// The grants of a population, read one by one: all of them at once would be several times as long
/// as their bytes.
///
/// # Errors
/// [`PopulationFault`], here and where a grant is read; nothing follows it.
pub fn grants(bytes: &[u8]) -> Result<Grants<'_>, PopulationFault> {
    let mut from = Reader { bytes, at: 0 };
    match from.byte()? {
        VERSION => {}
        other => return Err(PopulationFault::Version(other)),
    }
    let _position = from.number()?;
    let left = from.count()?;
    Ok(Grants { from, left: Some(left) })
}

pub struct Grants<'a> {
    from: Reader<'a>,
    /// None: all was read, or a fault was told.
    left: Option<usize>,
}

impl Iterator for Grants<'_> {
    type Item = Result<GrantFacts, PopulationFault>;

    fn next(&mut self) -> Option<Self::Item> {
        let Some(left) = self.left?.checked_sub(1) else {
            self.left = None;
            let ended = self.from.at == self.from.bytes.len();
            return (!ended).then_some(Err(PopulationFault::Rest(self.from.at)));
        };
        let grant = self.from.grant();
        self.left = grant.is_ok().then_some(left);
        Some(grant)
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
