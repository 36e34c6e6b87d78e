//! `renshe export`: a list as a table, with a record of who took it.

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};
use commands::access::{By, Exported};
use graphql::exports::Asked;
use projections::Scope;
use projections::exports::{Format, Narrow};
use serde::Serialize;
use shared::{BankCode, ItemId, Month};

use super::desk::Desk;
use super::voice::Lang;

#[derive(Debug, Args)]
#[command(after_help = "\
Lists: periods plans plan-acts lines returns batches batch-acts replies certificates reopenings books
balances vouchers journal statements statement-lines statement-matches differences feeds feed-runs
openings opening-obligations bank-quality promptness grants warnings warning-steps warning-messages
tag-subjects tag-disputes segments

Titles are in the language of --lang. Nothing personal stands in a table in clear, and who took which
table stands on the access log.

Examples:
  renshe export differences --format xlsx
  renshe export lines --month 2026-01 --item A1 --bank BOC --out lines.csv
  renshe export warnings --rule dead-payee --format xlsx
  renshe export journal --book employee-pension-320000-320600-SI-2026")]
pub struct Export {
    /// Which list
    list: String,
    /// How it is written
    #[arg(long, value_enum, default_value_t = As::Csv)]
    format: As,
    /// Where it goes [default: the list's name, here]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Only what is of this month
    #[arg(long)]
    month: Option<Month>,
    /// Only what is of this pay item
    #[arg(long)]
    item: Option<ItemId>,
    /// Only what is of this bank
    #[arg(long)]
    bank: Option<BankCode>,
    /// Only what is of this book
    #[arg(long)]
    book: Option<String>,
    /// Only what is of this tag
    #[arg(long)]
    tag: Option<String>,
    /// Only what this warning rule raised
    #[arg(long)]
    rule: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum As {
    /// Values with commas, UTF-8
    Csv,
    /// A workbook
    Xlsx,
}

#[derive(Debug, Serialize)]
struct Told {
    file: PathBuf,
    artefact: String,
    rows: u64,
    bytes: u64,
}

impl Export {
    pub async fn run(self, desk: &Desk) -> Result<()> {
        let node = desk.existing().await?;
        node.caught_up().await?;
        let envelope = desk.envelope();
        let format = match self.format {
            As::Csv => Format::Csv,
            As::Xlsx => Format::Xlsx,
        };
        let Self { month, item, bank, book, tag, rule, .. } = &self;
        let (month, item, bank) = (*month, *item, *bank);
        let (book, tag, rule) = (book.clone(), tag.clone(), rule.clone());
        let narrow = Narrow { month, item, bank, book, tag, rule };
        let chinese = desk.lang != Lang::En;
        let asked = Asked { list: self.list, format, narrow, chinese };
        let scope = Scope { function: "export".to_owned(), ..Scope::everything(&envelope.actor) };
        let made = node.app(false).exporter().make(&envelope, scope, &asked).await?.result;
        // It leaves only when that is recorded.
        let by = By { actor: envelope.actor, client: None, on: node.executor.today()? };
        let (function, purpose) = ("export".to_owned(), Some(asked.list));
        let exported = Exported { function, purpose, artefact: made.artefact };
        node.access.exported(&by, exported).await?;
        let named = self.out.unwrap_or_else(|| PathBuf::from(&made.file_name));
        let path = desk.file(&named);
        let cannot = || format!("cannot write {}", named.display());
        let mut file = File::create(&path).with_context(cannot)?;
        let mut stored = node.artefacts.open(made.artefact).await?;
        while let Some(piece) = stored.next().await? {
            file.write_all(&piece).with_context(cannot)?;
        }
        file.sync_all().with_context(cannot)?;
        let (artefact, rows, bytes) = (made.artefact.to_string(), made.rows, made.bytes);
        let told = Told { file: named, artefact, rows, bytes };
        desk.say(&told, || format!("{rows} rows, {bytes} bytes: {}", told.file.display()))
    }
}

#[cfg(test)]
mod tests {
    use clap::Args as _;

    use super::*;

    #[test]
    fn the_help_names_every_list() {
        let help = Export::augment_args(clap::Command::new("export"));
        let help = help.get_after_help().map(ToString::to_string).unwrap_or_default();
        for list in projections::exports::all() {
            let named = help.split_whitespace().any(|word| word == list.name());
            assert!(named, "{} is not in the help", list.name());
        }
    }
}
