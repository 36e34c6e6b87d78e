//! When an item is paid, and by which area's book: the definition and the working days together.

use definitions::{
    Catalogue, Fund, Item, NoSuchDefinition, ParameterError, PayDay, Pooling, Weekday,
};
use jiff::ToSpan;
use shared::{AreaCode, Date, DivisionCode, Month, Unpublished, WorkingDays};
use thiserror::Error;

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CalendarError {
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    #[error(transparent)]
    NoParameter(#[from] NoSuchDefinition),
    #[error(transparent)]
    Unpublished(#[from] Unpublished),
}

/// Whether the item has a run in this month. A dated item may run in several months of the year
/// by its definition, as the festival moves; only the month of the date counts.
///
/// # Errors
/// When the year's date is not known.
pub fn due_in(catalogue: &Catalogue, item: &Item, month: Month) -> Result<bool, CalendarError> {
    if !item.runs_in(month.month()) {
        return Ok(false);
    }
    match &item.pay_day {
        PayDay::DayOfMonth { .. } | PayDay::DayOfWeek { .. } => Ok(true),
        PayDay::Dated { parameter } => Ok(month.contains(dated(catalogue, parameter, month)?)),
    }
}

/// The days of this month on which the item is paid: one, or each week's. On a holiday it is the
/// working day before (DISBURSEMENT, rule 6); a week whose day would move into the month before
/// is left to the next one.
///
/// # Errors
/// When the year's date or its holidays are not known.
pub fn pay_days(
    catalogue: &Catalogue,
    item: &Item,
    month: Month,
) -> Result<Vec<Date>, CalendarError> {
    if !due_in(catalogue, item, month)? {
        return Ok(Vec::new());
    }
    let calendar = WorkingDays::bundled();
    match &item.pay_day {
        PayDay::DayOfMonth { day } => Ok(vec![calendar.pay_day(month, *day)?]),
        PayDay::Dated { parameter } => {
            let date = dated(catalogue, parameter, month)?;
            Ok(vec![calendar.pay_day(month, date.day())?])
        }
        PayDay::DayOfWeek { weekday } => {
            let mut days = Vec::new();
            let mut date = month.first_day();
            while month.contains(date) {
                if date.weekday() == of(*weekday) {
                    days.push(calendar.pay_day(month, date.day())?);
                }
                date = date.saturating_add(1.day());
            }
            days.retain(|day| month.contains(*day));
            Ok(days)
        }
    }
}

/// The area whose book pays: the province, the city or the county itself.
#[must_use]
pub fn pooling_area(fund: &Fund, county: DivisionCode) -> AreaCode {
    AreaCode::from_division(match fund.pooling {
        Pooling::Province => county.province(),
        Pooling::City => county.city().unwrap_or(county),
        Pooling::County => county,
    })
}

fn dated(catalogue: &Catalogue, parameter: &str, month: Month) -> Result<Date, CalendarError> {
    Ok(catalogue.parameter(parameter)?.date_on(month.first_day())?)
}

const fn of(weekday: Weekday) -> jiff::civil::Weekday {
    match weekday {
        Weekday::Monday => jiff::civil::Weekday::Monday,
        Weekday::Tuesday => jiff::civil::Weekday::Tuesday,
        Weekday::Wednesday => jiff::civil::Weekday::Wednesday,
        Weekday::Thursday => jiff::civil::Weekday::Thursday,
        Weekday::Friday => jiff::civil::Weekday::Friday,
    }
}
