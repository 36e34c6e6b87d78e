//! `renshe bank exchange`: what it did with each bank.

use anyhow::{Result, anyhow};
use commands::disbursement::{Exchanged, Handed, Said, TakenFile};
use commands::{CommandError, Envelope};
use serde::Serialize;
use shared::BankCode;

use crate::cli::Unusable;
use crate::cli::desk::Desk;
use crate::node::Node;

#[derive(Serialize)]
struct Told {
    bank: String,
    sent: Vec<Sent>,
    taken: Vec<Taken>,
    /// Files that are not whole yet.
    halves: Vec<String>,
    unreachable: Option<String>,
}

#[derive(Serialize)]
struct Sent {
    batch: String,
    /// `handed_over`, `unknown`, `settled` or `waits`.
    state: &'static str,
    why: Option<String>,
}

#[derive(Serialize)]
struct Taken {
    file: String,
    /// The batch that it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    statement: Option<String>,
    /// Whether it said anything new: the same bytes count once.
    new: bool,
    refused: Option<&'static str>,
}

pub async fn run(
    desk: &Desk,
    node: &Node,
    envelope: &Envelope,
    bank: Option<BankCode>,
) -> Result<()> {
    let all = node.disbursement.exchange(envelope, bank).await?;
    let refused = |one: &&TakenFile| one.outcome.as_ref().is_err_and(CommandError::is_refusal);
    let refused = all.iter().flat_map(|one| &one.taken).filter(refused).count();
    let unreachable = all.iter().filter(|one| one.unreachable.is_some()).count();
    let told: Vec<Told> = all.into_iter().map(of).collect();
    desk.say(&told, || {
        let lines: Vec<String> = told.iter().flat_map(lines).collect();
        if lines.is_empty() { "nothing is on its way".to_owned() } else { lines.join("\n") }
    })?;
    if refused > 0 {
        let why = "files are refused: their reasons lie beside them, in the folder refused";
        return Err(anyhow!("{refused} {why}").context(Unusable::Input));
    }
    if unreachable > 0 {
        return Err(anyhow!("{unreachable} banks cannot be reached: try again"));
    }
    Ok(())
}

fn of(one: Exchanged) -> Told {
    let Exchanged { bank, sent, taken, halves, unreachable } = one;
    Told {
        bank: bank.to_string(),
        sent: sent.into_iter().map(|(batch, handed)| sent_of(batch, &handed)).collect(),
        taken: taken.iter().map(taken_of).collect(),
        halves,
        unreachable: unreachable.map(|fault| fault.to_string()),
    }
}

fn sent_of(batch: String, handed: &Result<Handed, CommandError>) -> Sent {
    let (state, why) = match handed {
        Ok(Handed::Over(_)) => ("handed_over", None),
        Ok(Handed::Unknown) => ("unknown", Some("ask the bank".to_owned())),
        Ok(Handed::Settled) => ("settled", None),
        Err(fault) => ("waits", Some(fault.to_string())),
    };
    Sent { batch, state, why }
}

fn taken_of(TakenFile { name, outcome }: &TakenFile) -> Taken {
    let said = outcome.as_ref().ok();
    Taken {
        file: name.clone(),
        reply_to: said.and_then(Said::reply_to).map(str::to_owned),
        statement: said.and_then(Said::statement).map(str::to_owned),
        new: said.is_some_and(Said::is_new),
        refused: outcome.as_ref().err().map(CommandError::code),
    }
}

fn lines(told: &Told) -> Vec<String> {
    let bank = &told.bank;
    let sent = told.sent.iter().map(|Sent { batch, state, why }| {
        let why = why.as_ref().map(|why| format!(", {why}")).unwrap_or_default();
        format!("{bank}: batch {batch} {}{why}", state.replace('_', " "))
    });
    let taken = told.taken.iter().map(|file| {
        let what = match (file.refused, &file.reply_to, &file.statement) {
            (Some(code), ..) => format!("refused, {code}"),
            (None, Some(batch), _) => format!("a reply to {batch}"),
            (None, None, Some(day)) => format!("statement {day}"),
            (None, None, None) => "nothing".to_owned(),
        };
        let before = if file.new || file.refused.is_some() { "" } else { ", taken before" };
        format!("{bank}: {} is {what}{before}", file.file)
    });
    let halves = told.halves.iter().map(|name| format!("{bank}: {name} is not whole yet"));
    let unreachable = told.unreachable.iter().map(|why| format!("{bank}: {why}"));
    sent.chain(taken).chain(halves).chain(unreachable).collect()
}
