//! A table that a person hands in: taken as a whole, or handed back with what is wrong in it.

use std::fs::File;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use sheets::csv::Fallback;
use sheets::{Cells, Column, Columns, Entry, Kind, Limits, RowError};

use super::Unusable;
use super::desk::Desk;

pub const fn column(
    key: &'static str,
    names: &'static [&'static str],
    kind: Kind,
    required: bool,
) -> Column {
    Column { key, names, kind, required }
}

/// Every row of a .csv file, or none: each mistake is told with its row.
///
/// # Errors
/// [`Unusable::Asked`] where there is no such file, [`Unusable::Input`] where a row is refused.
pub fn whole<T>(
    desk: &Desk,
    named: &Path,
    columns: &Columns,
    row: impl Fn(&Cells) -> Option<T>,
) -> Result<Vec<T>> {
    let file = File::open(desk.file(named));
    let file = file.with_context(|| format!("cannot read {}", named.display()));
    let file = file.map_err(|error| error.context(Unusable::Asked))?;
    let told = |errors: &[RowError]| {
        errors.iter().try_for_each(|error| {
            let place = error.row.map_or_else(String::new, |row| format!("row {row}: "));
            desk.mistake(&place, &error.zh, &error.en)
        })
    };
    let refused =
        || anyhow!("the file is refused, and nothing is entered").context(Unusable::Input);
    let rows = match sheets::csv::read(file, Fallback::None, Limits::default()) {
        Ok(rows) => rows,
        Err(error) => return told(&[error]).and_then(|()| Err(refused())),
    };
    let table = match sheets::read(rows, columns) {
        Ok(table) => table,
        Err(errors) => return told(&errors).and_then(|()| Err(refused())),
    };
    let (mut all, mut wrong) = (Vec::new(), 0);
    for read in table {
        let read = match read {
            Ok(read) => read,
            Err(error) => return told(&[error]).and_then(|()| Err(refused())),
        };
        let place = || format!("row {}: ", read.row);
        match &read.entry {
            Entry::Accepted(cells) => match row(cells) {
                Some(one) => all.push(one),
                None => {
                    wrong += 1;
                    let (zh, en) = ("无法识别的编号或代码", "an id or code is not understood");
                    desk.mistake(&place(), zh, en)?;
                }
            },
            Entry::Duplicate { first } => {
                wrong += 1;
                let (zh, en) = (format!("与第{first}行重复"), format!("the same as row {first}"));
                desk.mistake(&place(), &zh, &en)?;
            }
            Entry::Refused(errors) => {
                wrong += 1;
                told(errors)?;
            }
        }
    }
    if wrong > 0 {
        let refused = anyhow!("{wrong} rows are refused, and nothing is entered");
        return Err(refused.context(Unusable::Input));
    }
    Ok(all)
}
