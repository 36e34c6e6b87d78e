//! `renshe import`: tables that people hand in, with a report per row.
//!
//! A refused row never blocks the others, and importing the same file again with the same
//! `--command-id` goes on where it was.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use clap::{Args, ValueEnum};
use imports::import::{Counts, Format, Kind as Table};
use serde::Serialize;
use sheets::RowError;

use super::Unusable;
use super::desk::Desk;
use crate::importing::{Refused, Taken, take};

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

/// What a program reads.
#[derive(Debug, Serialize)]
struct Told {
    rows: u64,
    accepted: u64,
    duplicate: u64,
    refused: u64,
}

impl From<Counts> for Told {
    fn from(counts: Counts) -> Self {
        let Counts { rows, accepted, known, refused } = counts;
        Self { rows, accepted, duplicate: known, refused }
    }
}

impl Kind {
    const fn table(self) -> Table {
        match self {
            Self::Persons => Table::Persons,
            Self::Employers => Table::Employers,
            Self::Cards => Table::Cards,
            Self::Grants => Table::Grants,
        }
    }
}

impl Import {
    pub async fn run(self, desk: &Desk) -> Result<()> {
        let file = open(desk, &self.file)?;
        let node = desk.node().await?;
        let report_path = self.report.clone().unwrap_or_else(|| beside(&self.file));
        let report = File::create(desk.file(&report_path))
            .with_context(|| format!("cannot write the report {}", report_path.display()))?;
        let format = match (is_workbook(&self.file), self.gb18030) {
            (true, _) => Format::Xlsx,
            (false, true) => Format::CsvGb18030,
            (false, false) => Format::Csv,
        };
        let (envelope, report) = (desk.envelope(), BufWriter::new(report));
        let table = (self.kind.table(), format);
        let step = async |counts: Counts| desk.step(counts.rows);
        let taken = take(&node, &envelope, table, file, report, step).await?;
        let Taken { counts, broken, report } =
            taken.map_err(|Refused(errors)| refused_file(desk, &errors))?;
        report.into_inner().map_err(|error| error.into_error())?;
        node.caught_up().await?;
        let told = Told::from(counts);
        let Told { rows, accepted, duplicate, refused } = &told;
        desk.say(&told, || {
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
