//! A list of deaths from the police, civil affairs or a crematorium: each row is matched with the
//! register, and what matches exactly is reported.
//!
//! **Invariant** nothing is reported for a person whose name or number differs from the row: that is
//! for a clerk to look into.

use std::collections::BTreeSet;

use kernel::process::chunk_id;
use registry::person::{DeathSource, Person};
use serde::{Deserialize, Serialize};
use shared::{Date, PersonId};
use uuid::Uuid;

use super::Registry;
use super::number::{self, NumberInput};
use super::{ReportDeath, held};
use crate::envelope::Envelope;
use crate::error::CommandError;
use crate::personal::{self, Clear, kind};
use crate::unit::Unit;

/// Rows that are matched at most: a city's deaths of a year.
pub const ROWS_MAX: usize = 100_000;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeathList {
    pub source: DeathSource,
    /// Absent: the business date.
    pub reported_on: Option<Date>,
    /// The last day to verify each report; absent: fifteen days.
    pub verify_by: Option<Date>,
    pub rows: Vec<DeathRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeathRow {
    pub name: Clear,
    /// A citizen's number, of 18 or 15 characters.
    pub number: Clear,
    pub died_on: Date,
}

/// What a row came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "match", rename_all = "snake_case")]
pub enum Matched {
    /// Number and name: the death is reported, or stands already.
    Exact { person: PersonId },
    /// Number and name, and a rule refused the report.
    Refused { person: PersonId, code: String, zh: String, en: String },
    /// The number is this person's, under another name.
    NameDiffers { person: PersonId },
    /// Only the name is known: these people have it, at most ten of them.
    NumberDiffers { persons: Vec<PersonId> },
    /// Neither is known here.
    None,
    /// The number cannot be one.
    BadNumber { code: String },
}

/// The rows' outcomes, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeathReport {
    pub rows: Vec<Matched>,
    pub exact: u32,
    pub refused: u32,
    pub name_differs: u32,
    pub number_differs: u32,
    pub none: u32,
    pub bad_numbers: u32,
}

/// How many people of one name are shown.
const NAMESAKES_MAX: usize = 10;

impl Registry {
    /// Matches the list and reports what matches exactly. Asked again with the same id and rows it
    /// reports nothing twice.
    ///
    /// # Errors
    /// A list that is too long; a fault of the log. A row that is refused stops no other.
    pub async fn import_deaths(
        &self,
        envelope: &Envelope,
        list: &DeathList,
    ) -> Result<DeathReport, CommandError> {
        if list.rows.len() > ROWS_MAX {
            return Err(CommandError::TooLarge { what: format!("{} rows", list.rows.len()) });
        }
        let on = match envelope.business_date {
            Some(on) => on,
            None => self.executor.business_day().await?,
        };
        let looks = Unit::new(self.executor.clone(), envelope, on);
        let mut rows = Vec::with_capacity(list.rows.len());
        for (place, row) in (0..).zip(&list.rows) {
            let matched = match self.matched(&looks, row).await? {
                Matched::Exact { person } => {
                    let step = envelope.step(chunk_id(envelope.command_id, place));
                    self.report_row(&step, list, row, person).await?
                }
                other => other,
            };
            rows.push(matched);
        }
        let count = |wanted: fn(&Matched) -> bool| {
            u32::try_from(rows.iter().filter(|row| wanted(row)).count())
                .map_err(CommandError::fault)
        };
        Ok(DeathReport {
            exact: count(|row| matches!(row, Matched::Exact { .. }))?,
            refused: count(|row| matches!(row, Matched::Refused { .. }))?,
            name_differs: count(|row| matches!(row, Matched::NameDiffers { .. }))?,
            number_differs: count(|row| matches!(row, Matched::NumberDiffers { .. }))?,
            none: count(|row| matches!(row, Matched::None))?,
            bad_numbers: count(|row| matches!(row, Matched::BadNumber { .. }))?,
            rows,
        })
    }

    async fn report_row(
        &self,
        envelope: &Envelope,
        list: &DeathList,
        row: &DeathRow,
        person: PersonId,
    ) -> Result<Matched, CommandError> {
        let report = ReportDeath {
            person,
            died_on: row.died_on,
            reported_on: list.reported_on,
            source: list.source,
            verify_by: list.verify_by,
        };
        match self.report_death(envelope, &report).await {
            Ok(_) => Ok(Matched::Exact { person }),
            Err(CommandError::Refused(refused)) => Ok(Matched::Refused {
                person,
                code: refused.code.to_owned(),
                zh: refused.zh,
                en: refused.en,
            }),
            Err(error) => Err(error),
        }
    }

    async fn matched(&self, looks: &Unit, row: &DeathRow) -> Result<Matched, CommandError> {
        let number = match NumberInput::resident(row.number.clone()).check(looks.business_date()) {
            Ok(number) => number,
            Err(CommandError::Refused(refused)) => {
                return Ok(Matched::BadNumber { code: refused.code.to_owned() });
            }
            Err(error) => return Err(error),
        };
        let name = personal::name(&row.name, "name").unwrap_or_default();
        let mut by_number: BTreeSet<Uuid> = BTreeSet::new();
        for form in number.claimed() {
            let blind = number::blind(looks.keys(), &form);
            by_number.extend(looks.log().look_up(kind::PERSON_NO, &blind).await?);
        }
        if let Some(person) = by_number.first() {
            let person = standing(looks, PersonId::from_uuid(*person)).await?;
            let same = named(looks, person, &name).await?;
            return Ok(if same {
                Matched::Exact { person }
            } else {
                Matched::NameDiffers { person }
            });
        }
        let blind = looks.keys().blind(kind::NAME, &name);
        let namesakes = looks.log().look_up(kind::NAME, &blind).await?;
        let persons: Vec<PersonId> =
            namesakes.into_iter().take(NAMESAKES_MAX).map(PersonId::from_uuid).collect();
        Ok(if persons.is_empty() { Matched::None } else { Matched::NumberDiffers { persons } })
    }
}

/// The id that stands for a human now.
async fn standing(looks: &Unit, person: PersonId) -> Result<PersonId, CommandError> {
    let (state, _) = looks.load::<Person>(person).await?;
    Ok(match &*state {
        Person::Merged { into, .. } => *into,
        Person::Unknown | Person::Registered(_) => person,
    })
}

async fn named(looks: &Unit, person: PersonId, name: &str) -> Result<bool, CommandError> {
    let fields = held::HeldFields::of(looks, person).await?;
    let own = held::open(looks, person, fields.name.as_ref())?;
    Ok(own.is_some_and(|own| own.expose() == name))
}
