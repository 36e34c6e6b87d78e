//! What published figures tell: one fact for each series of a month, on the month's last day. A
//! correction is told anew.

use definitions::{Dimension, FactKind, Number};
use statistics::Event;

use super::keeper::{Teller, Told};
use crate::engine::FoldError;

pub(super) fn figures(teller: &mut Teller<'_>, event: &Event) -> Result<(), FoldError> {
    let (Event::Reported { publisher, month, readings, .. }
    | Event::Corrected { publisher, month, readings, .. }) = event;
    for reading in readings {
        let name = format!("{publisher}|{month}|{}|{}", reading.scheme, reading.series);
        let told = Told::new(FactKind::Figure, name, month.last_day())
            .with(Dimension::Scheme, &reading.scheme)
            .with(Dimension::Series, &reading.series)
            .number(Number::Value, reading.value);
        teller.tell_anew(told)?;
    }
    Ok(())
}
