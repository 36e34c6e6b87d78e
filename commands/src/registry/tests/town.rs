//! People, numbers and units that pass every check, for the tests of all contexts.

use kernel::EventLog;
use kernel::memory::MemoryLog;
use kernel::process::derived_id;
use registry::organisation::{Kind, Organisation};
use registry::person::DeathSource;
use shared::{Date, DivisionCode, OrganisationId, PersonId};
use uuid::Uuid;

use crate::fixture::{TODAY, World};
use crate::registry::{
    ConfirmDeath, ContactInput, NumberInput, PutOrganisation, RegisterPerson, Registry, ReportDeath,
};
use crate::{Envelope, Executor};

pub(crate) const COUNTY: &str = "320602";

/// Any command's envelope; the name makes the id.
pub(crate) fn envelope(name: &str) -> Envelope {
    Envelope::new(derived_id("test", &[name.as_bytes()]), "clerk")
}

pub(crate) fn county() -> DivisionCode {
    DivisionCode::parse(COUNTY).unwrap()
}

/// Eighteen characters for somebody born on 1960-01-01 in 崇川; even numbers are women's.
pub(crate) fn resident(sequence: u32) -> String {
    checked(format!("{COUNTY}19600101{sequence:03}"))
}

/// The same in the old form.
pub(crate) fn resident_15(sequence: u32) -> String {
    format!("{COUNTY}600101{sequence:03}")
}

/// Different people beyond the thousand that one birthday has: a day of 1960 or later for each.
pub(crate) fn anybody(index: u32) -> String {
    let days = i64::from(index / 900);
    let born = Date::constant(1960, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
    let birth = born.strftime("%Y%m%d");
    checked(format!("{COUNTY}{birth}{:03}", index % 900))
}

fn checked(seventeen: String) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits = seventeen.chars().map(|c| c.to_digit(10).unwrap());
    let sum: u32 = digits.zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    let check = ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][(sum % 11) as usize];
    format!("{seventeen}{check}")
}

/// Nineteen digits of the Agricultural Bank, with the check digit.
pub(crate) fn card_number(index: u32) -> String {
    let eighteen = format!("622848{index:012}");
    let sum: u32 = eighteen
        .chars()
        .rev()
        .enumerate()
        .map(|(place, c)| match (place % 2, c.to_digit(10).unwrap()) {
            (0, digit) => digit * 2 / 10 + digit * 2 % 10,
            (_, digit) => digit,
        })
        .sum();
    format!("{eighteen}{}", (10 - sum % 10) % 10)
}

pub(crate) fn entry(name: &str, number: impl Into<String>) -> RegisterPerson {
    RegisterPerson {
        person: None,
        name: name.into(),
        number: NumberInput::resident(number.into()),
        sex: None,
        birth: None,
        county: county(),
        contact: ContactInput::default(),
    }
}

pub(crate) async fn registered(executor: &Executor, sequence: u32) -> PersonId {
    let registry = Registry::new(executor.clone());
    let input = entry("陈建国", resident(sequence));
    let command = envelope(&format!("register {sequence}"));
    registry.register_person(&command, &input).await.unwrap().result
}

/// The death of a person, reported and confirmed today.
pub(crate) async fn dies(executor: &Executor, person: PersonId, died_on: Date) {
    let registry = Registry::new(executor.clone());
    let source = DeathSource::CivilAffairs;
    let report = ReportDeath { person, died_on, reported_on: Some(TODAY), source, verify_by: None };
    registry.report_death(&envelope(&format!("report {person}")), &report).await.unwrap();
    let confirm = ConfirmDeath { person, died_on, confirmed_on: Some(TODAY), source };
    registry.confirm_death(&envelope(&format!("confirm {person}")), &confirm).await.unwrap();
}

pub(crate) async fn outlet(executor: &Executor) -> OrganisationId {
    let entry =
        Organisation { name: "崇川网点".to_owned(), county: county(), kind: Kind::Outlet };
    let input = PutOrganisation { organisation: None, entry };
    let registry = Registry::new(executor.clone());
    registry.register_organisation(&envelope("outlet"), &input).await.unwrap().result
}

/// Every text that the log keeps: events, their metadata, claims, and the results of `commands`.
pub(crate) async fn everything(world: &World, commands: &[Uuid]) -> String {
    let log: &MemoryLog = &world.log;
    let mut text = String::new();
    for event in log.events() {
        text.push_str(&format!("{} {} {}\n", event.stream, event.meta, event.data));
    }
    for claim in log.claims_from("", "", usize::MAX).await.unwrap() {
        text.push_str(&format!("{} {}\n", claim.key, claim.holder));
    }
    for id in commands {
        if let Some(done) = log.command(*id).await.unwrap() {
            text.push_str(&done.result);
        }
    }
    text
}
