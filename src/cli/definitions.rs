//! `renshe definitions`: what is data instead of code.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use clap::Subcommand;
use commands::rulebook::{Publish, PublishError};
use definitions::{Alteration, Catalogue, Mistake, Source};
use shared::Date;

use super::{Desk, Unusable};

#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  renshe definitions show item A1
  renshe definitions check mine.toml
  renshe definitions publish mine.toml --from 2026-07-01 --actor anna --approver bo")]
pub enum Definitions {
    /// Check files together with everything that is in force; no file: the bundled ones
    Check { files: Vec<PathBuf> },
    /// What files would change; no file: what the bundled ones would
    Diff { files: Vec<PathBuf> },
    /// Publish what files change; the acting person is the author
    Publish {
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// The first business date on which it holds
        #[arg(long)]
        from: Date,
        /// Who approved it: not the author
        #[arg(long)]
        approver: String,
        /// Needed when it holds from before the version that it follows
        #[arg(long)]
        reason: Option<String>,
    },
    /// Show one definition as TOML, or list all of a kind, or all
    Show { kind: Option<String>, id: Option<String> },
}

impl Definitions {
    pub async fn run(self, desk: &Desk) -> Result<()> {
        match self {
            Self::Check { files } if !desk.data_dir().join("log").exists() => {
                let catalogue = if files.is_empty() {
                    Catalogue::bundled()
                } else {
                    amended(bundled()?, &files)?
                };
                passed(desk, &told(catalogue)?)
            }
            Self::Check { files } => {
                let current = in_force(desk).await?;
                passed(desk, &told(amended(current, &files)?)?)
            }
            Self::Diff { files } => {
                let current = in_force(desk).await?;
                let wanted = if files.is_empty() {
                    told(Catalogue::bundled())?
                } else {
                    told(amended(current.clone(), &files)?)?
                };
                let changes: Vec<String> = current
                    .diff(&wanted)
                    .into_iter()
                    .map(|change| {
                        let what = match change.alteration {
                            Alteration::Added => "added".to_owned(),
                            Alteration::Removed => "removed".to_owned(),
                            Alteration::Changed { fields } => {
                                format!("changed: {}", fields.join(", "))
                            }
                        };
                        format!("{}/{}  {what}", change.kind, change.id)
                    })
                    .collect();
                desk.say(&changes, || {
                    if changes.is_empty() { "no difference".to_owned() } else { changes.join("\n") }
                })
            }
            Self::Publish { files, from, approver, reason } => {
                publish(desk, &files, from, &approver, reason).await
            }
            Self::Show { kind, id } => show(desk, kind.as_deref(), id.as_deref()).await,
        }
    }
}

async fn publish(
    desk: &Desk,
    files: &[PathBuf],
    from: Date,
    approver: &str,
    reason: Option<String>,
) -> Result<()> {
    let node = desk.existing().await?;
    let envelope = desk.envelope(&node);
    for (index, Source { file, text, .. }) in (0..).zip(sources(files)?) {
        let step = envelope.step(kernel::process::chunk_id(envelope.command_id, index));
        let approver = approver.to_owned();
        let input = Publish { file, text, from, approver, reason: reason.clone() };
        let done = match node.rulebook.publish(&step, &input).await {
            Ok(done) => done,
            Err(PublishError::Faulty(mistakes)) => return told(Err(mistakes)).map(|_| ()),
            Err(PublishError::Command(error)) => return Err(error.into()),
        };
        desk.done(&done, |published| {
            let versions = published.iter();
            let versions = versions.map(|one| format!("{}/{} v{}", one.kind, one.id, one.version));
            format!("{}: {}", input.file, versions.collect::<Vec<_>>().join(", "))
        })?;
    }
    node.stop();
    Ok(())
}

async fn show(desk: &Desk, kind: Option<&str>, id: Option<&str>) -> Result<()> {
    let catalogue = in_force(desk).await?;
    if let (Some(kind), Some(id)) = (kind, id) {
        let Some(definition) = catalogue.definition(kind, id) else {
            let hint = "`renshe definitions show` lists what there is";
            return Err(anyhow!("no {kind} {id}: {hint}").context(Unusable::Asked));
        };
        println!("# {kind}/{id}  SM3 {}\n{}", definition.digest, definition.toml());
        return Ok(());
    }
    let listed: Vec<String> = catalogue
        .definitions()
        .filter(|definition| kind.is_none_or(|kind| definition.kind == kind))
        .map(|definition| format!("{}/{}", definition.kind, definition.id))
        .collect();
    desk.say(&listed, || listed.join("\n"))
}

/// What is in force today, or the bundled ones where nothing is installed.
async fn in_force(desk: &Desk) -> Result<Catalogue> {
    if !desk.data_dir().join("log").exists() {
        return bundled();
    }
    let node = desk.existing().await?;
    let today = node.executor.business_day().await?;
    let catalogue = node.rules.on(desk.common.on.unwrap_or(today))?;
    node.stop();
    Ok(Catalogue::clone(&catalogue))
}

fn bundled() -> Result<Catalogue> {
    told(Catalogue::bundled())
}

fn sources(files: &[PathBuf]) -> Result<Vec<Source>> {
    files.iter().map(|file| read(file)).collect()
}

fn read(file: &Path) -> Result<Source> {
    let shown = file.display().to_string();
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {shown}"));
    let text = text.map_err(|error| error.context(Unusable::Asked))?;
    Ok(Source::new(shown, text))
}

/// Every mistake of every file is told, not only the first.
fn amended(current: Catalogue, files: &[PathBuf]) -> Result<Result<Catalogue, Vec<Mistake>>> {
    let mut catalogue = current;
    let mut mistakes = Vec::new();
    for source in sources(files)? {
        match catalogue.amended(&source) {
            Ok(amended) => catalogue = amended,
            Err(found) => mistakes.extend(found),
        }
    }
    Ok(if mistakes.is_empty() { Ok(catalogue) } else { Err(mistakes) })
}

fn told(checked: Result<Catalogue, Vec<Mistake>>) -> Result<Catalogue> {
    checked.map_err(|mistakes| {
        for mistake in &mistakes {
            eprintln!("{mistake}");
        }
        anyhow!("{} mistakes: nothing is applied", mistakes.len()).context(Unusable::Input)
    })
}

fn passed(desk: &Desk, catalogue: &Catalogue) -> Result<()> {
    let count = catalogue.definitions().count();
    desk.say(&count, || format!("{count} definitions, no mistake"))
}
