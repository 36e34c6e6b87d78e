//! A population becomes bytes.

use shared::{Money, Month, Payee};
use uuid::Uuid;

use super::{ADDRESS, ALSO, COMPETING, DEDUCTIONS, DUE, PAYEE, PAYEE_LIFE, SUSPENDED};
use crate::disbursement::ports::{AddressFacts, Competing, Due, GrantFacts, Life, Usable};

pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    pub(super) fn bytes(self) -> Vec<u8> {
        self.0
    }

    pub(super) fn grant(&mut self, facts: &GrantFacts) {
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

    pub(super) fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.byte(number.to_le_bytes()[0] | 0x80);
            number >>= 7;
        }
        self.byte(number.to_le_bytes()[0]);
    }

    pub(super) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }
}
