//! A person is registered, corrected, reached at another number, found.

use kernel::{Decider, StreamName};
use registry::claims;
use registry::person::{self, Command, Contact, Correction, IdentityKind, Person, Registration};
use serde::{Deserialize, Serialize};
use shared::{Date, DivisionCode, Month, PersonId, Phone, Sex};

use super::Registry;
use super::held::{HeldFields, open};
use super::number::{self, Number, NumberInput};
use super::refusal::county;
use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::execute::Done;
use crate::personal::{self, Clear, kind, number_refused, seal};
use crate::ports::Keys;
use crate::taken;
use crate::unit::Unit;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterPerson {
    /// Given by the caller, or made from the command.
    pub person: Option<PersonId>,
    pub name: Clear,
    pub number: NumberInput,
    /// Needed where the number does not say it; else it must agree.
    pub sex: Option<Sex>,
    /// As `sex`.
    pub birth: Option<Date>,
    /// Where the household is registered, six digits.
    pub county: DivisionCode,
    #[serde(default)]
    pub contact: ContactInput,
}

/// What is absent stays as it was.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactInput {
    pub phone: Option<Clear>,
    pub registered_address: Option<Clear>,
    pub usual_address: Option<Clear>,
    /// Where he lives, six digits.
    pub usual_county: Option<DivisionCode>,
}

/// What is absent stays as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectPerson {
    pub person: PersonId,
    pub name: Option<Clear>,
    pub number: Option<NumberInput>,
    pub sex: Option<Sex>,
    pub birth: Option<Date>,
    pub county: Option<DivisionCode>,
    pub reason: String,
    /// Who confirmed a change of name and number in one step; not the acting person.
    pub second: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeContact {
    pub person: PersonId,
    pub contact: ContactInput,
}

impl Registry {
    /// # Errors
    /// What is wrong with a number, with its field; a number that is registered already, with its
    /// holder.
    pub async fn register_person(
        &self,
        envelope: &Envelope,
        input: &RegisterPerson,
    ) -> Result<Done<PersonId>, CommandError> {
        let done = self.executor.run(envelope, "person.register", input, async |unit: Unit| {
            let entry = Entry::check(&unit, input, 0)?;
            let person = entry.person;
            unit.keys().ensure(&[person.uuid()]).await?;
            let holder = StreamName::new(Person::CATEGORY, person);
            for key in entry.keys(unit.keys()) {
                unit.take(key, holder.as_str());
            }
            unit.decide::<Person>(person, Command::Register(entry.registration(&unit)?)).await?;
            if let Some(contact) = entry.contact.sealed(&unit, person, 0)? {
                unit.decide::<Person>(person, Command::ChangeContact(contact)).await?;
            }
            entry.index(&unit);
            Ok(person)
        });
        done.await.map_err(taken::explained)
    }

    /// A corrected number gives its old claim up.
    ///
    /// # Errors
    /// As [`Registry::register_person`], and the rules of correction.
    pub async fn correct_person(
        &self,
        envelope: &Envelope,
        input: &CorrectPerson,
    ) -> Result<Done<PersonId>, CommandError> {
        let done = self.executor.run(envelope, "person.correct", input, async |unit: Unit| {
            correct(&unit, input).await?;
            Ok(input.person)
        });
        done.await.map_err(taken::explained)
    }

    /// # Errors
    /// What is wrong with the phone number; a dead or merged person.
    pub async fn change_contact(
        &self,
        envelope: &Envelope,
        input: &ChangeContact,
    ) -> Result<Done<PersonId>, CommandError> {
        self.executor
            .run(envelope, "person.change-contact", input, async |unit: Unit| {
                change_contact(&unit, input).await?;
                Ok(input.person)
            })
            .await
    }

    /// Who has this number, in any form it was ever typed in; empty when it is not one.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn people_by_number(
        &self,
        number: &NumberInput,
    ) -> Result<Vec<PersonId>, CommandError> {
        let Ok(number) = number.check(self.executor.business_day().await?) else {
            return Ok(Vec::new());
        };
        let spelling = number.claimed().swap_remove(0);
        self.people(kind::PERSON_NO, &spelling).await
    }

    /// # Errors
    /// As [`Registry::people_by_number`].
    pub async fn people_by_name(&self, name: &Clear) -> Result<Vec<PersonId>, CommandError> {
        self.people(kind::NAME, &shared::name::normalise(name.expose())).await
    }

    /// # Errors
    /// As [`Registry::people_by_number`].
    pub async fn people_by_phone(&self, phone: &Clear) -> Result<Vec<PersonId>, CommandError> {
        match Phone::parse(phone.expose()) {
            Ok(phone) => self.people(kind::PHONE, phone.as_str()).await,
            Err(_) => Ok(Vec::new()),
        }
    }

    async fn people(&self, kind: &str, text: &str) -> Result<Vec<PersonId>, CommandError> {
        let blind = self.executor.keys().blind(kind, text);
        let found = self.executor.log().look_up(kind, &blind).await?;
        Ok(found.into_iter().map(PersonId::from_uuid).collect())
    }
}

/// A registration that was checked.
pub(super) struct Entry {
    pub person: PersonId,
    name: String,
    number: Number,
    sex: Sex,
    birth: Date,
    county: DivisionCode,
    pub contact: CheckedContact,
}

pub(super) struct CheckedContact {
    phone: Option<Phone>,
    registered_address: Option<String>,
    usual_address: Option<String>,
    usual_county: Option<DivisionCode>,
}

impl Entry {
    /// `index` is the row's place among those that the command registers.
    pub(super) fn check(
        unit: &Unit,
        input: &RegisterPerson,
        index: u32,
    ) -> Result<Self, CommandError> {
        let name = personal::name(&input.name, "name")?;
        let number = input.number.check(unit.business_date())?;
        let (sex, birth) = number.of(input.sex, input.birth)?;
        county(input.county, "county")?;
        let contact = CheckedContact::of(&input.contact)?;
        let person =
            input.person.unwrap_or_else(|| PersonId::from_uuid(unit.new_id("person", index)));
        let (sex, birth) = (sex.ok_or_else(no_sex)?, birth.ok_or_else(no_birth)?);
        Ok(Self { person, name, number, sex, birth, county: input.county, contact })
    }

    pub(super) fn keys(&self, keys: &dyn Keys) -> Vec<String> {
        let forms = self.number.claimed();
        forms.iter().map(|form| claims::person_no(&number::blind(keys, form))).collect()
    }

    /// As the next event of the unit.
    pub(super) fn registration(&self, unit: &Unit) -> Result<Registration, CommandError> {
        let person = self.person.uuid();
        Ok(Registration {
            person: self.person,
            name: seal(unit, person, 0, "name", &self.name)?,
            number: self.number.sealed(unit, person, 0)?,
            sex: self.sex,
            birth: Month::of(self.birth),
            county: self.county,
        })
    }

    pub(super) fn index(&self, unit: &Unit) {
        let subject = self.person.uuid();
        for form in number::spellings(self.number.kind(), &self.number.clear()) {
            unit.index(kind::PERSON_NO, number::blind(unit.keys(), &form), subject);
        }
        unit.index(kind::NAME, unit.keys().blind(kind::NAME, &self.name), subject);
        if let Some(phone) = &self.contact.phone {
            unit.index(kind::PHONE, unit.keys().blind(kind::PHONE, phone.as_str()), subject);
        }
    }
}

impl CheckedContact {
    fn of(input: &ContactInput) -> Result<Self, CommandError> {
        let phone = input.phone.as_ref().filter(|phone| !phone.expose().trim().is_empty());
        let phone = phone.map(|phone| Phone::parse(phone.expose())).transpose();
        let phone = phone.map_err(|error| number_refused(&error, "phone"))?;
        if let Some(usual) = input.usual_county {
            county(usual, "usualCounty")?;
        }
        Ok(Self {
            phone,
            registered_address: address(input.registered_address.as_ref()),
            usual_address: address(input.usual_address.as_ref()),
            usual_county: input.usual_county,
        })
    }

    /// As the event `ahead` places after the next one; `None` when it says nothing.
    pub(super) fn sealed(
        &self,
        unit: &Unit,
        person: PersonId,
        ahead: u32,
    ) -> Result<Option<Contact>, CommandError> {
        let seal = |path: &str, clear: Option<&str>| {
            clear.map(|clear| seal(unit, person.uuid(), ahead, path, clear)).transpose()
        };
        let contact = Contact {
            phone: seal("phone", self.phone.as_ref().map(Phone::as_str))?,
            registered_address: seal("registered_address", self.registered_address.as_deref())?,
            usual_address: seal("usual_address", self.usual_address.as_deref())?,
            usual_county: self.usual_county,
        };
        Ok(Some(contact).filter(|contact| *contact != Contact::default()))
    }
}

fn address(input: Option<&Clear>) -> Option<String> {
    let text = input?.expose().trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn no_sex() -> CommandError {
    Refused::new(
        "PERSON_SEX_MISSING",
        "该证件号码不含性别，请填写",
        "this document does not say the sex: state it",
    )
    .field("sex")
    .into()
}

fn no_birth() -> CommandError {
    Refused::new(
        "PERSON_BIRTH_MISSING",
        "该证件号码不含出生日期，请填写",
        "this document does not say the birth date: state it",
    )
    .field("birth")
    .into()
}

async fn correct(unit: &Unit, input: &CorrectPerson) -> Result<(), CommandError> {
    let person = input.person;
    let subject = person.uuid();
    let (state, _) = unit.guard::<Person>(person).await?;
    if *state == Person::Unknown {
        // Nobody has a key for him: the rule speaks before the seal does.
        return Err(person::Error::Unknown.into());
    }
    drop(state);
    let fields = HeldFields::of(unit, person).await?;
    if let Some(code) = input.county {
        county(code, "county")?;
    }
    let old_name = open(unit, person, fields.name.as_ref())?;
    let name = input.name.as_ref().map(|name| personal::name(name, "name")).transpose()?;
    // What is stated as it stands already is no correction.
    let name = name.filter(|name| old_name.as_ref().is_none_or(|old| old.expose() != name));
    let old_kind = fields.number.as_ref().map_or(IdentityKind::ResidentId, |number| number.kind);
    let old_number = open(unit, person, fields.number.as_ref().map(|number| &number.sealed))?;
    let number = input.number.as_ref().map(|it| it.check(unit.business_date())).transpose()?;
    let (sex, birth) = match &number {
        Some(number) => number.of(input.sex, input.birth)?,
        None => (input.sex, input.birth),
    };
    let same = |new: &Number| {
        let old = old_number.as_ref().map(|old| old.expose().as_str());
        new.kind() == old_kind && Some(new.clear().as_str()) == old
    };
    let number = number.filter(|number| !same(number));
    let seal_name = |name: &String| seal(unit, subject, 0, "name", name);
    let correction = Correction {
        name: name.as_ref().map(seal_name).transpose()?,
        number: number.as_ref().map(|it| it.sealed(unit, subject, 0)).transpose()?,
        sex,
        birth: birth.map(Month::of),
        county: input.county,
        reason: input.reason.clone(),
        by: unit.envelope().actor.clone(),
        second: input.second.clone(),
    };
    unit.decide::<Person>(person, Command::Correct(correction)).await?;
    if let Some(name) = &name {
        if let Some(old) = old_name {
            unit.unindex(kind::NAME, unit.keys().blind(kind::NAME, old.expose()), subject);
        }
        unit.index(kind::NAME, unit.keys().blind(kind::NAME, name), subject);
    }
    if let Some(number) = &number {
        let old = old_number.map(|old| number::spellings(old_kind, old.expose()));
        renumber(unit, person, &old.unwrap_or_default(), number).await?;
    }
    Ok(())
}

/// Claims and look-up entries move from the old number to the new one.
async fn renumber(
    unit: &Unit,
    person: PersonId,
    old: &[String],
    new: &Number,
) -> Result<(), CommandError> {
    let (keys, subject) = (unit.keys(), person.uuid());
    let holder = StreamName::new(Person::CATEGORY, person);
    let old: Vec<String> = old.iter().map(|form| number::blind(keys, form)).collect();
    let claimed = old.iter().map(|blind| claims::person_no(blind)).collect();
    for key in taken::held_by(unit.log(), claimed, holder.as_str()).await? {
        unit.release(key, holder.as_str());
    }
    for blind in old {
        unit.unindex(kind::PERSON_NO, blind, subject);
    }
    for form in new.claimed() {
        unit.take(claims::person_no(&number::blind(keys, &form)), holder.as_str());
    }
    for form in number::spellings(new.kind(), &new.clear()) {
        unit.index(kind::PERSON_NO, number::blind(keys, &form), subject);
    }
    Ok(())
}

async fn change_contact(unit: &Unit, input: &ChangeContact) -> Result<(), CommandError> {
    let person = input.person;
    unit.guard::<Person>(person).await?;
    let mut contact = CheckedContact::of(&input.contact)?;
    let fields = HeldFields::of(unit, person).await?;
    let old = open(unit, person, fields.phone.as_ref())?;
    let same = |phone: &Phone| old.as_ref().is_some_and(|old| old.expose() == phone.as_str());
    contact.phone = contact.phone.filter(|phone| !same(phone));
    // A person whom nobody registered has no key to seal with: the rule speaks before the seal.
    let sealed = match fields.name {
        Some(_) => contact.sealed(unit, person, 0)?,
        None => None,
    };
    unit.decide::<Person>(person, Command::ChangeContact(sealed.unwrap_or_default())).await?;
    if let Some(phone) = &contact.phone {
        let blind = |text: &str| unit.keys().blind(kind::PHONE, text);
        if let Some(old) = old {
            unit.unindex(kind::PHONE, blind(old.expose()), person.uuid());
        }
        unit.index(kind::PHONE, blind(phone.as_str()), person.uuid());
    }
    Ok(())
}
