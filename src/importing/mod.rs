//! Tables that people hand in, row by row into the commands, with a report for each row: the same
//! for `renshe import` and for what is asked of the endpoint.
//!
//! **Invariant** a refused row never blocks the others, and taking the same file again under the
//! same envelope answers what it answered first.

mod duty;
mod tables;

use std::fs::File;
use std::io::Write;

use anyhow::Result;
use commands::Envelope;
use commands::bulk::{Bulk, Row, RowRefused};
use imports::import::{Counts, Format, Kind};
use kernel::process::chunk_id;
use sheets::csv::Fallback;
use sheets::{
    Cells, Entry, Limits, Outcome, RawRow, ReportWriter, RowError, RowReport, Rule, child,
};

use self::tables::Rows;
use crate::node::Node;

/// Rows of one bulk command: what is read ahead, and a step of the progress.
const ROWS: usize = 2_000;

/// A table that was read to its end, or up to a fault: what came before that is taken.
pub struct Taken<W> {
    pub counts: Counts,
    pub broken: Option<RowError>,
    pub report: W,
}

/// Nothing was taken of the file.
pub struct Refused(pub Vec<RowError>);

/// Takes every row that can be; `told` hears of each piece that is done.
///
/// # Errors
/// A fault of the platform. Where the file has no readable table the inner outcome says why.
pub async fn take<W: Write>(
    node: &Node,
    envelope: &Envelope,
    (kind, format): (Kind, Format),
    file: File,
    report: W,
    mut told: impl AsyncFnMut(Counts) -> Result<()>,
) -> Result<Result<Taken<W>, Refused>> {
    let rows = match raw(file, format)? {
        Ok(rows) => rows,
        Err(error) => return Ok(Err(Refused(vec![error]))),
    };
    let columns = tables::columns(kind);
    let table = match sheets::read(rows, &columns) {
        Ok(table) => table,
        Err(errors) => return Ok(Err(Refused(errors))),
    };
    let mut report = ReportWriter::new(report)?;
    let (mut counts, mut piece, mut index) = (Counts::default(), Piece::default(), 0);
    let mut broken = None;
    for read in table {
        match read {
            Ok(read) => {
                counts.rows += 1;
                match &read.entry {
                    Entry::Accepted(_) => {}
                    Entry::Duplicate { .. } => counts.known += 1,
                    Entry::Refused(_) => counts.refused += 1,
                }
                if let Entry::Accepted(cells) = read.entry {
                    piece.rows.push((read.row, cells));
                } else {
                    piece.told.push(read.report());
                }
            }
            // What was read before the fault is taken: nothing accepted is lost.
            Err(error) => broken = Some(error),
        }
        if piece.rows.len() + piece.told.len() == ROWS {
            let step = envelope.step(chunk_id(envelope.command_id, index));
            enter(node, &step, kind, std::mem::take(&mut piece), &mut report, &mut counts).await?;
            index += 1;
            told(counts).await?;
        }
    }
    let step = envelope.step(chunk_id(envelope.command_id, index));
    enter(node, &step, kind, piece, &mut report, &mut counts).await?;
    if let Some((row, error)) = broken.as_ref().and_then(|error| Some((error.row?, error))) {
        report.write(&RowReport { row, outcome: Outcome::Refused(vec![error.clone()]) })?;
    }
    Ok(Ok(Taken { counts, broken, report: report.finish()? }))
}

type RawRows = Box<dyn Iterator<Item = Result<RawRow, RowError>> + Send>;

fn raw(file: File, format: Format) -> Result<Result<RawRows, RowError>> {
    let limits = Limits::default();
    let fallback = match format {
        Format::Csv => Fallback::None,
        Format::CsvGb18030 => Fallback::Gb18030,
        Format::Xlsx => {
            let reader = std::env::current_exe()?;
            let rows = child::read_xlsx(&reader, &["sheet-reader"], file, &limits);
            return Ok(rows.map(|rows| Box::new(rows) as RawRows));
        }
    };
    Ok(sheets::csv::read(file, fallback, limits).map(|rows| Box::new(rows) as RawRows))
}

/// Rows that go into one bulk command, and what is told of the rows between them already.
#[derive(Default)]
struct Piece {
    rows: Vec<(u32, Cells)>,
    told: Vec<RowReport>,
}

/// One piece of rows into the commands, and each row's outcome into the report.
async fn enter<W: Write>(
    node: &Node,
    envelope: &Envelope,
    kind: Kind,
    piece: Piece,
    report: &mut ReportWriter<W>,
    counts: &mut Counts,
) -> Result<()> {
    let Piece { rows: piece, mut told } = piece;
    let mut rows = Vec::with_capacity(piece.len());
    let mut inputs = Rows::of(kind);
    for (row, cells) in &piece {
        match inputs.push(cells) {
            Ok(()) => rows.push(*row),
            Err(error) => {
                counts.refused += 1;
                told.push(refused_row(kind, *row, &error));
            }
        }
    }
    for (row, outcome) in rows.into_iter().zip(inputs.send(node, envelope).await?) {
        let line = match outcome {
            Ok(()) => {
                counts.accepted += 1;
                RowReport { row, outcome: Outcome::Accepted }
            }
            Err(refused) if refused.param("holder").is_some() => {
                counts.known += 1;
                RowReport { row, outcome: Outcome::Duplicate { first: None } }
            }
            Err(refused) => {
                counts.refused += 1;
                refused_row(kind, row, &refused)
            }
        };
        told.push(line);
    }
    told.sort_by_key(|line| line.row);
    for line in &told {
        report.write(line)?;
    }
    Ok(())
}

/// The rows' outcomes without their ids, in order.
fn outcomes<Id>(bulk: Bulk<Id>) -> Vec<Result<(), RowRefused>> {
    let outcome = |row| match row {
        Row::Done(_) => Ok(()),
        Row::Refused(refused) => Err(refused),
    };
    bulk.rows.into_iter().map(outcome).collect()
}

fn refused_row(kind: Kind, row: u32, refused: &RowRefused) -> RowReport {
    let column = |field: &String| tables::title(kind, field).unwrap_or(field).to_owned();
    let error = RowError {
        row: Some(row),
        column: refused.field.as_ref().map(column),
        rule: Rule::Refused,
        zh: format!("{}：{}", refused.code, refused.zh),
        en: format!("{}: {}", refused.code, refused.en),
    };
    RowReport { row, outcome: Outcome::Refused(vec![error]) }
}
