//! `renshe comparison`: a plan beside the item's month before.

use anyhow::Result;
use clap::Subcommand;
use commands::disbursement::DecideExceptions;
use disbursement::comparison::{Decision, Kind};
use projections::cases::{ComparisonEntryRow, ComparisonRow};
use projections::lists::Only;
use serde::Serialize;

use super::cases::{rows, say, word};
use super::desk::Desk;

/// What another word than those of the help is.
const NO: &str = "none of the words";

#[derive(Debug, Subcommand)]
#[command(after_help = "\
The list of a calculated plan separates 新增 new, 终止 ended, 续发 resumed, 补发 back_paid and 异常 exception.
Every exception is decided before the plan is submitted.

Examples, in the order of the work:
  renshe comparison draw A1-2026-02-320000-1
  renshe comparison entries A1-2026-02-320000-1 --kind exception --undecided
  renshe comparison decide A1-2026-02-320000-1 --entry 3 --entry 7 --decision accepted \\
      --reason 补发三个月
  renshe comparison list --undecided")]
pub enum Comparison {
    /// Draw the list of a calculated plan up, or show the one that was drawn up before
    #[command(after_help = "Example: renshe comparison draw A1-2026-02-320000-1 --json")]
    Draw {
        /// The plan
        plan: String,
    },
    /// Show the entries of a list
    #[command(
        after_help = "Example: renshe comparison entries A1-2026-02-320000-1 --kind exception"
    )]
    Entries {
        /// The plan
        plan: String,
        /// Only of this kind: new, ended, resumed, back_paid, exception
        #[arg(long)]
        kind: Option<String>,
        /// Only exceptions that nobody decided
        #[arg(long)]
        undecided: bool,
        /// Go on behind this entry
        #[arg(long, value_name = "ENTRY")]
        after: Option<u32>,
        /// How many, 500 at most
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Decide exceptions
    #[command(after_help = "Example: renshe comparison decide A1-2026-02-320000-1 --entry 3 \\
    --decision accepted --reason 补发三个月")]
    Decide {
        /// The plan
        plan: String,
        /// The entry's number, as `entries` shows it
        #[arg(long, required = true)]
        entry: Vec<u32>,
        /// accepted, or disputed: then the plan is cancelled or the grant corrected
        #[arg(long)]
        decision: String,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// List the comparisons
    #[command(after_help = "Example: renshe comparison list --undecided --json")]
    List {
        /// Only those with exceptions that nobody accepted
        #[arg(long)]
        undecided: bool,
        /// Go on behind this plan
        #[arg(long, value_name = "PLAN")]
        after: Option<String>,
        /// How many, 500 at most
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
}

#[derive(Serialize)]
struct Listed {
    plan: String,
    previous: Option<String>,
    unchanged: u32,
    new: u32,
    ended: u32,
    resumed: u32,
    back_paid: u32,
    changed: u32,
    exceptions: u32,
    undecided: u32,
}

#[derive(Serialize)]
struct Entry {
    entry: u32,
    kind: &'static str,
    grant: String,
    person: String,
    before: Option<String>,
    now: Option<String>,
    decision: Option<&'static str>,
    decided_by: Option<String>,
}

impl Comparison {
    pub async fn run(self, desk: &Desk) -> Result<()> {
        match self {
            Self::Draw { plan } => {
                let node = desk.node().await?;
                let done = node.disbursement.compare(&desk.envelope(), &plan).await?;
                desk.done(&done, |list| {
                    let before = list.previous.as_deref().unwrap_or("no month before");
                    format!(
                        "{plan} beside {before}: {} unchanged, {} new, {} ended, {} resumed, {} back \
                         paid, {} changed, {} exceptions, {} of them not accepted",
                        list.unchanged,
                        list.new,
                        list.ended,
                        list.resumed,
                        list.back_paid,
                        list.changed,
                        list.exceptions,
                        list.undecided
                    )
                })
            }
            Self::Entries { plan, kind, undecided, after, limit } => {
                let mut only = Only::equal("plan", &plan);
                if let Some(kind) = kind {
                    only = only.and(Only::equal(
                        "kind",
                        &word(Kind::ALL.iter().copied(), &kind, Kind::code, NO)?,
                    ));
                }
                if undecided {
                    only = only
                        .and(Only::equal("kind", &Kind::Exception))
                        .and(Only::Null("decision", true));
                }
                if let Some(after) = after {
                    only = only.and(Only::at_least("place", &after.saturating_add(1)));
                }
                let found: Vec<ComparisonEntryRow> =
                    rows(desk, &only, "place", None, limit).await?;
                let shown: Vec<Entry> = found.iter().map(entry).collect();
                say(desk, &shown, |one| {
                    let Entry { entry, kind, person, before, now, decision, .. } = one;
                    let sum = |sum: &Option<String>| sum.clone().unwrap_or_else(|| "–".to_owned());
                    let decided = decision.map(|word| format!(", {word}")).unwrap_or_default();
                    format!(
                        "{entry} {kind} {person}: {} to {} yuan{decided}",
                        sum(before),
                        sum(now)
                    )
                })
            }
            Self::Decide { plan, entry, decision, reason } => {
                let decision = word(Decision::ALL.iter().copied(), &decision, Decision::code, NO)?;
                let input = DecideExceptions { entries: entry, decision, reason };
                let node = desk.node().await?;
                let by = desk.envelope();
                let done = node.disbursement.decide_exceptions(&by, &plan, &input).await?;
                let count = input.entries.len();
                desk.done(&done, |()| format!("{count} exceptions are {}", decision.code()))
            }
            Self::List { undecided, after, limit } => {
                let mut only = Only::everything();
                if undecided {
                    only = only.and(Only::at_least("undecided", &1_u32));
                }
                let found: Vec<ComparisonRow> = rows(desk, &only, "plan", after, limit).await?;
                let shown: Vec<Listed> = found.iter().map(listed).collect();
                say(desk, &shown, |one| {
                    let Listed { plan, exceptions, undecided, .. } = one;
                    format!("{plan}: {exceptions} exceptions, {undecided} not accepted")
                })
            }
        }
    }
}

fn entry(row: &ComparisonEntryRow) -> Entry {
    Entry {
        entry: row.place,
        kind: row.kind.code(),
        grant: row.grant_id.to_string(),
        person: row.person.to_string(),
        before: row.before_amount.map(|sum| sum.to_string()),
        now: row.now_amount.map(|sum| sum.to_string()),
        decision: row.decision.map(Decision::code),
        decided_by: row.decided_by.clone(),
    }
}

fn listed(row: &ComparisonRow) -> Listed {
    Listed {
        plan: row.plan.clone(),
        previous: row.previous.clone(),
        unchanged: row.unchanged,
        new: row.new_grants,
        ended: row.ended,
        resumed: row.resumed,
        back_paid: row.back_paid,
        changed: row.changed,
        exceptions: row.exceptions,
        undecided: row.undecided,
    }
}
