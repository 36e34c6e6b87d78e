//! `renshe definitions`: what is data instead of code.

mod simulate;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use clap::Subcommand;
use commands::rulebook::{Publish, PublishError, Retire};
use definitions::{Alteration, Catalogue, Mistake, Source};
use serde::Serialize;
use shared::Date;

use super::Unusable;
use super::desk::Desk;

#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  renshe definitions show item A1
  renshe definitions check mine.toml
  renshe definitions simulate mine.toml
  renshe definitions publish mine.toml --from 2026-07-01 --actor anna --approver bo")]
pub enum Definitions {
    /// Check files together with everything that is in force; no file: the bundled ones
    #[command(after_help = "\
Examples:
  renshe definitions check
  renshe definitions check items.toml funds.toml")]
    Check {
        /// TOML files
        files: Vec<PathBuf>,
    },
    /// What files would change; no file: what the bundled ones would
    #[command(after_help = "Example: renshe definitions diff --json")]
    Diff {
        /// TOML files
        files: Vec<PathBuf>,
    },
    /// Show what the indicators, tags and warning rules of files would say, over the whole log
    #[command(after_help = "\
Examples:
  renshe definitions simulate mine.toml
  renshe definitions simulate mine.toml --all --json")]
    Simulate {
        /// TOML files
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Every month of an indicator [default: the last twelve]
        #[arg(long)]
        all: bool,
        /// How many differing rows, values and warnings to list
        #[arg(long, default_value_t = 20)]
        first: usize,
    },
    /// Try a published warning rule over the whole log and record it: then it may raise warnings
    #[command(after_help = "\
Example: renshe definitions try held-often --actor anna")]
    Try {
        /// The rule's id
        rule: String,
        /// Accept that it would have raised more warnings than its limit
        #[arg(long)]
        accept: bool,
    },
    /// Publish what files change; the acting person is the author
    #[command(after_help = "\
Example: renshe definitions publish mine.toml --from 2026-07-01 --actor anna --approver bo")]
    Publish {
        /// TOML files
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
    /// End a definition; what another one uses cannot end
    #[command(after_help = "\
Example: renshe definitions retire item B2 --from 2026-07-01 --approver bo --reason \"no such classes any more\"")]
    Retire {
        /// Of which kind it is: item, fund, indicator, …
        kind: String,
        /// Its id
        id: String,
        /// The first business date on which it no longer holds
        #[arg(long)]
        from: Date,
        /// Who approved it: not the acting person
        #[arg(long)]
        approver: String,
        /// Why it ends; kept with the event
        #[arg(long)]
        reason: String,
    },
    /// Show one definition as TOML, or list all of a kind, or all
    #[command(after_help = "\
Examples:
  renshe definitions show
  renshe definitions show layout
  renshe definitions show item A1 --json")]
    Show {
        /// A kind, such as item, fund, layout or chain
        kind: Option<String>,
        /// One of this kind
        id: Option<String>,
    },
}

impl Definitions {
    pub async fn run(self, desk: &Desk) -> Result<()> {
        match self {
            Self::Check { files } if !desk.data_dir().join("log").exists() => {
                let catalogue = if files.is_empty() {
                    Catalogue::bundled()
                } else {
                    amended(desk, bundled(desk)?, &files)?
                };
                passed(desk, &told(desk, catalogue)?)
            }
            Self::Check { files } => {
                let current = in_force(desk).await?;
                passed(desk, &told(desk, amended(desk, current, &files)?)?)
            }
            Self::Diff { files } => {
                let current = in_force(desk).await?;
                let wanted = if files.is_empty() {
                    told(desk, Catalogue::bundled())?
                } else {
                    told(desk, amended(desk, current.clone(), &files)?)?
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
            Self::Simulate { files, all, first } => {
                let current = in_force(desk).await?;
                let wanted = told(desk, amended(desk, current.clone(), &files)?)?;
                simulate::simulate(desk, (&current, &wanted), all, first).await
            }
            Self::Try { rule, accept } => simulate::record(desk, &rule, accept).await,
            Self::Publish { files, from, approver, reason } => {
                publish(desk, &files, from, &approver, reason).await
            }
            Self::Retire { kind, id, from, approver, reason } => {
                retire(desk, Retire { kind, id, from, approver, reason }).await
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
    let envelope = desk.envelope();
    for (index, Source { file, text, .. }) in (0..).zip(sources(desk, files)?) {
        let step = envelope.step(kernel::process::chunk_id(envelope.command_id, index));
        let approver = approver.to_owned();
        let input = Publish { file, text, from, approver, reason: reason.clone() };
        let done = match node.rulebook.publish(&step, &input).await {
            Ok(done) => done,
            Err(PublishError::Faulty(mistakes)) => return told(desk, Err(mistakes)).map(|_| ()),
            Err(PublishError::Command(error)) => return Err(error.into()),
        };
        desk.done(&done, |published| {
            let versions = published.iter();
            let versions = versions.map(|one| format!("{}/{} v{}", one.kind, one.id, one.version));
            format!("{}: {}", input.file, versions.collect::<Vec<_>>().join(", "))
        })?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Shown<'a> {
    kind: &'a str,
    id: &'a str,
    digest: String,
    toml: String,
}

async fn retire(desk: &Desk, input: Retire) -> Result<()> {
    let node = desk.existing().await?;
    let done = match node.rulebook.retire(&desk.envelope(), &input).await {
        Ok(done) => done,
        Err(PublishError::Faulty(mistakes)) => return told(desk, Err(mistakes)).map(|_| ()),
        Err(PublishError::Command(error)) => return Err(error.into()),
    };
    desk.done(&done, |_| format!("{}/{} ends on {}", input.kind, input.id, input.from))
}

async fn show(desk: &Desk, kind: Option<&str>, id: Option<&str>) -> Result<()> {
    let catalogue = in_force(desk).await?;
    if let (Some(kind), Some(id)) = (kind, id) {
        let Some(definition) = catalogue.definition(kind, id) else {
            let hint = "`renshe definitions show` lists what there is";
            return Err(anyhow!("no {kind} {id}: {hint}").context(Unusable::Asked));
        };
        let answer = Shown { kind, id, digest: definition.digest.clone(), toml: definition.toml() };
        return desk.say(&answer, || {
            let Shown { kind, id, digest, toml } = &answer;
            format!("# {kind}/{id}  SM3 {digest}\n{toml}")
        });
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
        return bundled(desk);
    }
    let node = desk.existing().await?;
    let today = node.executor.business_day().await?;
    let catalogue = node.rules.on(desk.common.on.unwrap_or(today))?;
    Ok(Catalogue::clone(&catalogue))
}

fn bundled(desk: &Desk) -> Result<Catalogue> {
    told(desk, Catalogue::bundled())
}

fn sources(desk: &Desk, files: &[PathBuf]) -> Result<Vec<Source>> {
    files.iter().map(|file| read(desk, file)).collect()
}

fn read(desk: &Desk, file: &Path) -> Result<Source> {
    let shown = file.display().to_string();
    let text =
        std::fs::read_to_string(desk.file(file)).with_context(|| format!("cannot read {shown}"));
    let text = text.map_err(|error| error.context(Unusable::Asked))?;
    Ok(Source::new(shown, text))
}

/// Every mistake of every file is told, not only the first.
fn amended(
    desk: &Desk,
    current: Catalogue,
    files: &[PathBuf],
) -> Result<Result<Catalogue, Vec<Mistake>>> {
    let mut catalogue = current;
    let mut mistakes = Vec::new();
    for source in sources(desk, files)? {
        match catalogue.amended(&source) {
            Ok(amended) => catalogue = amended,
            Err(found) => mistakes.extend(found),
        }
    }
    Ok(if mistakes.is_empty() { Ok(catalogue) } else { Err(mistakes) })
}

fn told(desk: &Desk, checked: Result<Catalogue, Vec<Mistake>>) -> Result<Catalogue> {
    let mistakes = match checked {
        Ok(catalogue) => return Ok(catalogue),
        Err(mistakes) => mistakes,
    };
    for mistake in &mistakes {
        // The English line ends with the words that would be right.
        let Mistake { file, line, column, code, zh, .. } = mistake;
        let zh = format!("{file}:{line}:{column}: {code}：{zh}");
        desk.mistake("", &zh, &mistake.to_string())?;
    }
    let count = mistakes.len();
    let counted = if count == 1 { "1 mistake".to_owned() } else { format!("{count} mistakes") };
    Err(anyhow!("{counted}: nothing is applied").context(Unusable::Input))
}

fn passed(desk: &Desk, catalogue: &Catalogue) -> Result<()> {
    let count = catalogue.definitions().count();
    desk.say(&count, || format!("{count} definitions, no mistake"))
}
