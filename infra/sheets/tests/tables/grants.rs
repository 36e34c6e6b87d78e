//! A table with a column of each kind, and what it comes to.

use sheets::{Column, Columns, Entry, Kind, RawRow, Read, RowError, Rule, read};

pub fn columns() -> Columns {
    let column = |key, names, kind, required| Column { key, names, kind, required };
    Columns::new([
        column("id_number", &["证件号码", "ID number"], Kind::Text, true),
        column("name", &["姓名", "name"], Kind::Text, true),
        column("amount", &["金额(元)", "金额", "amount"], Kind::Money, true),
        column("month", &["待遇月份", "month"], Kind::Month, true),
        column("born", &["出生日期", "born"], Kind::Date, false),
        column("times", &["次数", "times"], Kind::Integer, false),
    ])
    .unique_by(["id_number", "month"])
}

pub type Found = (Option<u32>, Option<String>, Rule);

pub fn found(error: &RowError) -> Found {
    let shown = error.to_string();
    for personal in ["张三", "李四", "320600195001010017"] {
        assert!(!shown.contains(personal), "{shown}");
    }
    assert!(!error.zh.is_empty() && !error.en.is_empty());
    (error.row, error.column.clone(), error.rule)
}

pub fn at(row: u32, column: &str, rule: Rule) -> Found {
    (Some(row), Some(column.to_owned()), rule)
}

/// Each row in short: `+` and its values, `=` and the row it repeats, or its errors.
pub fn told(
    rows: impl Iterator<Item = Result<RawRow, RowError>>,
) -> Result<Vec<(u32, String)>, Vec<RowError>> {
    let columns = columns();
    let mut told = Vec::new();
    for row in read(rows, &columns)? {
        let row = row.map_err(|error| vec![error])?;
        told.push((row.row, shown(&row)));
    }
    Ok(told)
}

fn shown(row: &Read) -> String {
    match &row.entry {
        Entry::Duplicate { first } => format!("={first}"),
        Entry::Refused(errors) => {
            let errors = errors.iter().map(|error| {
                let (_, column, rule) = found(error);
                format!("{} {rule}", column.unwrap_or_default())
            });
            errors.collect::<Vec<_>>().join(", ")
        }
        Entry::Accepted(cells) => {
            let of = |value: Option<String>| value.unwrap_or("-".to_owned());
            [
                cells.text("id_number").unwrap_or("-").to_owned(),
                cells.text("name").unwrap_or("-").to_owned(),
                of(cells.money("amount").map(|money| money.to_string())),
                of(cells.month("month").map(|month| month.to_string())),
                of(cells.date("born").map(|date| date.to_string())),
                of(cells.integer("times").map(|times| times.to_string())),
            ]
            .join(" ")
        }
    }
}
