//! `renshe import`: tables that people hand in, with a report per row.
//!
//! A refused row never blocks the others, and importing the same file again with the same
//! `--command-id` goes on where it was.

mod tables;

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use clap::{Args, ValueEnum};
use commands::bulk::{Bulk, RowRefused};
use kernel::process::chunk_id;
use serde::Serialize;
use sheets::csv::Fallback;
use sheets::{
    Cells, Columns, Entry, Limits, Outcome, RawRow, ReportWriter, RowError, RowReport, Rule, child,
};

use self::tables::Rows;
use super::Unusable;
use super::desk::Desk;
use crate::node::Node;

/// Rows of one bulk command: what is read ahead, and a step of the bar.
const ROWS: usize = 2_000;

#[derive(Debug, Args)]
#[command(after_help = "\
The first row names the columns, in Chinese or English; further columns are refused.
  persons    证件号码 姓名 户籍区划 [性别 出生日期 手机号码]
  employers  统一社会信用代码 单位名称 区划 [行业代码 地址]
  cards      人员编号 银行 卡号 户名 区划 发卡网点 [卡代]
  grants     人员编号 待遇项目 月标准 起始月 统筹区 区划 发放账户 依据 [待遇构成 终止月]

Example: renshe import persons people.csv --report report.csv
Mend the refused rows and import the whole file again: what is known is not taken twice.")]
pub struct Import {
    /// What the table lists
    kind: Kind,
    /// A .csv or .xlsx file with a header
    file: PathBuf,
    /// Where the report goes: one line per row [default: beside the file]
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Read a CSV file that is not UTF-8 as GB18030
    #[arg(long)]
    gb18030: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Kind {
    Persons,
    Employers,
    Cards,
    Grants,
}

#[derive(Debug, Default, Serialize)]
struct Counts {
    rows: u64,
    accepted: u64,
    duplicate: u64,
    refused: u64,
}

impl Import {
    pub async fn run(self, desk: &Desk) -> Result<()> {
        let file = open(desk, &self.file)?;
        let node = desk.node().await?;
        let columns = tables::columns(self.kind);
        let report_path = self.report.clone().unwrap_or_else(|| beside(&self.file));
        let report = File::create(desk.file(&report_path))
            .with_context(|| format!("cannot write the report {}", report_path.display()))?;
        let mut report = ReportWriter::new(BufWriter::new(report))?;
        let (counts, broken) = if is_workbook(&self.file) {
            let exe = std::env::current_exe()?;
            let rows = child::read_xlsx(&exe, &["sheet-reader"], file, &Limits::default());
            let rows = rows.map_err(|error| refused_file(desk, &[error]))?;
            self.take(desk, &node, rows, &columns, &mut report).await?
        } else {
            let fallback = if self.gb18030 { Fallback::Gb18030 } else { Fallback::None };
            let rows = sheets::csv::read(file, fallback, Limits::default());
            let rows = rows.map_err(|error| refused_file(desk, &[error]))?;
            self.take(desk, &node, rows, &columns, &mut report).await?
        };
        report.finish()?;
        node.caught_up().await?;
        let Counts { rows, accepted, duplicate, refused } = &counts;
        desk.say(&counts, || {
            format!(
                "{rows} rows: {accepted} accepted, {duplicate} known before, {refused} refused\n\
                 the report: {}",
                report_path.display()
            )
        })?;
        if let Some(error) = broken {
            return Err(refused_file(desk, &[error]));
        }
        match refused {
            0 => Ok(()),
            1 => Err(anyhow!("1 row is refused").context(Unusable::Input)),
            _ => Err(anyhow!("{refused} rows are refused").context(Unusable::Input)),
        }
    }

    /// The rows' counts, and the fault that ended the file before its end.
    async fn take<I>(
        &self,
        desk: &Desk,
        node: &Node,
        rows: I,
        columns: &Columns,
        report: &mut ReportWriter<BufWriter<File>>,
    ) -> Result<(Counts, Option<RowError>)>
    where
        I: Iterator<Item = Result<RawRow, RowError>>,
    {
        let table = sheets::read(rows, columns).map_err(|errors| refused_file(desk, &errors))?;
        let envelope = desk.envelope();
        let (mut counts, mut piece, mut index) = (Counts::default(), Piece::default(), 0);
        let mut broken = None;
        for read in table {
            match read {
                Ok(read) => {
                    counts.rows += 1;
                    match &read.entry {
                        Entry::Accepted(_) => {}
                        Entry::Duplicate { .. } => counts.duplicate += 1,
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
                let piece = std::mem::take(&mut piece);
                enter(node, &step, self.kind, piece, report, &mut counts).await?;
                index += 1;
                desk.step(counts.rows)?;
            }
        }
        let step = envelope.step(chunk_id(envelope.command_id, index));
        enter(node, &step, self.kind, piece, report, &mut counts).await?;
        if let Some((row, error)) = broken.as_ref().and_then(|error| Some((error.row?, error))) {
            report.write(&RowReport { row, outcome: Outcome::Refused(vec![error.clone()]) })?;
        }
        Ok((counts, broken))
    }
}

/// Rows that go into one bulk command, and what is told of the rows between them already.
#[derive(Default)]
struct Piece {
    rows: Vec<(u32, Cells)>,
    told: Vec<RowReport>,
}

/// One piece of rows into the commands, and each row's outcome into the report.
async fn enter(
    node: &Node,
    envelope: &commands::Envelope,
    kind: Kind,
    piece: Piece,
    report: &mut ReportWriter<BufWriter<File>>,
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
                counts.duplicate += 1;
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
pub(super) fn outcomes<Id>(bulk: Bulk<Id>) -> Vec<Result<(), RowRefused>> {
    use commands::bulk::Row;
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

fn refused_file(desk: &Desk, errors: &[RowError]) -> anyhow::Error {
    for error in errors {
        let place = error.row.map_or_else(String::new, |row| format!("row {row}: "));
        let column = error.column.as_ref().map_or_else(String::new, |name| format!("{name}: "));
        if let Err(unheard) = desk.mistake(&format!("{place}{column}"), &error.zh, &error.en) {
            return unheard;
        }
    }
    anyhow!("the file is refused").context(Unusable::Input)
}

fn open(desk: &Desk, named: &Path) -> Result<File> {
    let file = File::open(desk.file(named));
    let file = file.with_context(|| format!("cannot read {}", named.display()));
    file.map_err(|error| error.context(Unusable::Asked))
}

fn is_workbook(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("xlsx"))
}

fn beside(path: &Path) -> PathBuf {
    path.with_extension("report.csv")
}
