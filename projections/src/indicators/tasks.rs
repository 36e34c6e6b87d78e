//! What the exchange of data tells: one fact for each task, told anew when it comes further. Tables
//! that are handed in, files to banks and their replies, and runs of feeds are tasks.
//!
//! A run of a feed that is missing is a task as well, until it arrives.

use definitions::{Dimension, FactKind, Number};
use disbursement::batch::{Answer, Event as OfBatch};
use disbursement::feed::Event as OfFeed;
use imports::import::Event as OfImport;
use kernel::Micros;

use super::Known;
use super::keeper::{Teller, Told};
use super::rows::TaskRow;
use crate::engine::FoldError;

/// So many missing runs of one gap are told one by one.
const MISSING_MAX: u32 = 1_000;

/// How a task begins.
struct Begins<'a> {
    kind: &'a str,
    channel: &'a str,
    bank: &'a str,
    status: &'a str,
    lines: i64,
}

pub(super) fn import(
    teller: &mut Teller<'_>,
    known: &mut Known,
    event: &OfImport,
) -> Result<(), FoldError> {
    let name = format!("import|{}", teller.happened.subject());
    match event {
        OfImport::Started(_) => {
            let (kind, channel, bank, status) = ("import", "manual", "", "running");
            begin(teller, known, &name, &Begins { kind, channel, bank, status, lines: 0 })
        }
        OfImport::Advanced(counts) => further(teller, known, &name, "running", Some(counts.rows)),
        OfImport::Finished { counts, broken, .. } => {
            let status = match (broken, counts.refused) {
                (Some(_), _) => "broken",
                (None, 0) => "done",
                (None, _) => "warned",
            };
            further(teller, known, &name, status, Some(counts.rows))
        }
        OfImport::Refused { .. } => further(teller, known, &name, "failed", None),
    }
}

pub(super) fn batch(
    teller: &mut Teller<'_>,
    known: &mut Known,
    event: &OfBatch,
) -> Result<(), FoldError> {
    let batch = teller.happened.subject().to_owned();
    let name = format!("file|{batch}");
    match event {
        OfBatch::Opened(header) => {
            let at = teller.happened.recorded.recorded_at;
            known.tasks.put(TaskRow {
                task: name,
                bank: header.bank.to_string(),
                lines: 0,
                started_at: at,
            });
            Ok(())
        }
        OfBatch::Composed { lines, .. } => {
            known.tasks.update(&name, teller.store, |row| row.lines = i64::from(*lines))?;
            Ok(())
        }
        OfBatch::Sent { .. } | OfBatch::SentElsewhere { .. } => {
            let Some(row) = known.tasks.get(&name, teller.store)?.cloned() else { return Ok(()) };
            let (kind, channel, lines) = ("bank-file", "manual", row.lines);
            let status = if matches!(event, OfBatch::Sent { .. }) { "running" } else { "done" };
            begin(teller, known, &name, &Begins { kind, channel, bank: &row.bank, status, lines })
        }
        OfBatch::Rejected { .. }
        | OfBatch::StatusQueried { answer: Answer::Refused { .. }, .. } => {
            further(teller, known, &name, "failed", None)
        }
        OfBatch::OutcomeUnknown { .. } => further(teller, known, &name, "broken", None),
        OfBatch::StatusQueried { answer: Answer::Received { .. }, .. } => {
            further(teller, known, &name, "running", None)
        }
        OfBatch::ReplyReceived { reply, lines, .. } => {
            let row = known.tasks.get(&name, teller.store)?.cloned();
            let bank = row.map(|row| row.bank).unwrap_or_default();
            let (kind, channel, status) = ("reply", "automatic", "running");
            let begins = Begins { kind, channel, bank: &bank, status, lines: i64::from(*lines) };
            begin(teller, known, &format!("reply|{batch}|{reply}"), &begins)
        }
        OfBatch::ReplyApplied { reply, counts } => {
            let odd = counts.contradictions + counts.strangers > 0;
            let status = if odd { "warned" } else { "done" };
            further(teller, known, &format!("reply|{batch}|{reply}"), status, None)?;
            further(teller, known, &name, "done", None)
        }
        // Before it is sent a file is nobody's task, and what comes later ends none.
        _ => Ok(()),
    }
}

pub(super) fn feed(
    teller: &mut Teller<'_>,
    known: &mut Known,
    event: &OfFeed,
) -> Result<(), FoldError> {
    let feed = teller.happened.subject().to_owned();
    let name = |sequence: u32| format!("feed|{feed}|{sequence}");
    let run =
        |status, lines| Begins { kind: "feed-run", channel: "automatic", bank: "", status, lines };
    match event {
        OfFeed::RunReceived(received) => {
            let begins = run("queued", i64::from(received.lines));
            begin(teller, known, &name(received.sequence), &begins)
        }
        OfFeed::GapFound { from, to } => {
            for sequence in (*from..=*to).take(MISSING_MAX as usize) {
                begin(teller, known, &name(sequence), &run("missing", 0))?;
            }
            Ok(())
        }
        OfFeed::RunBegun { sequence, .. } => {
            further(teller, known, &name(*sequence), "running", None)
        }
        OfFeed::RunApplied { sequence, .. } => {
            further(teller, known, &name(*sequence), "done", None)
        }
        OfFeed::Opened { .. } | OfFeed::GapFilled { .. } => Ok(()),
    }
}

fn begin(
    teller: &mut Teller<'_>,
    known: &mut Known,
    name: &str,
    begins: &Begins<'_>,
) -> Result<(), FoldError> {
    let started_at = teller.happened.recorded.recorded_at;
    let (task, bank, lines) = (name.to_owned(), begins.bank.to_owned(), begins.lines);
    known.tasks.put(TaskRow { task, bank, lines, started_at });
    let on = teller.happened.meta.business_date;
    let told = Told::new(FactKind::Task, name.to_owned(), on)
        .with(Dimension::Kind, begins.kind)
        .with(Dimension::Status, begins.status)
        .with(Dimension::Channel, begins.channel)
        .with(Dimension::Bank, begins.bank)
        .number(Number::Lines, lines);
    teller.tell_anew(told)
}

/// The same task in another state; nothing happens to one that never began.
fn further(
    teller: &mut Teller<'_>,
    known: &mut Known,
    name: &str,
    status: &str,
    lines: Option<u64>,
) -> Result<(), FoldError> {
    let Some(held) = teller.held(FactKind::Task, name.to_owned())? else { return Ok(()) };
    let started = known.tasks.get(&name.to_owned(), teller.store)?.map(|row| row.started_at);
    let over = matches!(status, "done" | "warned" | "failed" | "broken");
    let now = teller.happened.recorded.recorded_at;
    let seconds = if over { seconds(started.unwrap_or(now), now) } else { 0 };
    let lines = lines.map_or(held.n1, |lines| i64::try_from(lines).unwrap_or(i64::MAX));
    let told = Told::new(FactKind::Task, name.to_owned(), held.day)
        .with(Dimension::Kind, &held.d1)
        .with(Dimension::Status, status)
        .with(Dimension::Channel, &held.d3)
        .with(Dimension::Bank, &held.d4)
        .number(Number::Lines, lines)
        .number(Number::Seconds, seconds);
    teller.tell_anew(told)
}

fn seconds(from: Micros, to: Micros) -> i64 {
    to.0.saturating_sub(from.0).max(0) / 1_000_000
}
