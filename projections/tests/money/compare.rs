//! Each table beside what the deciders' own states say, and beside a recount from the lines.

use std::collections::{BTreeMap, BTreeSet};

use disbursement::batch::{self, Batch, Outcome};
use disbursement::obligation::Obligation;
use disbursement::plan::{self, Plan};
use disbursement::statement::Settling;
use disbursement::{Ledger, Line, period};
use projections::payments::{self, AttemptRow, CellRow, LineFilter, LineRow, LineState, PeopleBy};
use projections::{ReadSession, books, runs};
use shared::{Money, PersonId};

use crate::figures;
use crate::steps::part_id;
use crate::town::{Streams, Town};
use crate::world::*;

const ALL: u32 = 10_000;

/// Everything that is shown, beside everything that is known.
pub fn compare(town: &Town) {
    let session = town.session();
    lines(&session, &town.streams);
    cells(&session);
    scopes(&session);
    for (id, state) in &town.streams.plans {
        if state.stage != plan::Stage::Unopened {
            run(&session, id, state);
        }
    }
    for (id, state) in &town.streams.batches {
        if state.stage != batch::Stage::Unopened {
            sent(&session, &town.streams, id, state);
        }
    }
    account(&session, &town.streams);
    figures::journals(&session, town);
    figures::quality(&session, &town.streams);
    statements(&session, &town.streams);
    periods(&session, &town.streams);
}

pub fn register(session: &ReadSession) -> Vec<LineRow> {
    payments::lines(session, &everything(), &LineFilter::default(), None, ALL).unwrap()
}

/// State, batch with sequence, and reason, as the streams have it.
type Standing = (LineState, Option<(String, u32)>, Option<&'static str>);

fn standing(
    streams: &Streams,
    part: &disbursement::part::Part,
    place: u32,
    line: &Line,
    obligation: &str,
) -> Standing {
    let held = part.held.contains_key(&place);
    if let (Some(id), false) = (part.instructed.get(&line.bank), held) {
        let sent = &streams.batches[id].lines;
        let at = sent.iter().position(|sent| sent.attempt.line == place).unwrap();
        let (state, reason) = match sent[at].result {
            Outcome::Unknown => (LineState::Instructed, None),
            Outcome::Paid => (LineState::Paid, None),
            Outcome::Returned(reason) => (LineState::Returned, Some(reason.code())),
        };
        return (state, Some((id.clone(), at as u32 + 1)), reason);
    }
    match streams.obligations.get(obligation) {
        // A hold outlasts a cancelled run; the line of the next one is not held by it.
        Some(Obligation::Held { reason, .. }) if held => {
            (LineState::Held, None, Some(reason.code()))
        }
        Some(_) | None => (LineState::Planned, None, None),
    }
}

fn lines(session: &ReadSession, streams: &Streams) {
    let mut known = 0;
    for (id, plan) in &streams.plans {
        if plan.stage == plan::Stage::Cancelled {
            let of = LineFilter { plan: Some(id.clone()), ..LineFilter::default() };
            assert_eq!(payments::lines(session, &everything(), &of, None, ALL).unwrap(), []);
            continue;
        }
        let Some(header) = &plan.header else { continue };
        for number in 0..2 {
            let Some(part) = streams.parts.get(&part_id(id, number)) else { continue };
            for (place, line) in (0..).zip(&part.lines) {
                let obligation = line.obligation(header.item, header.month);
                let row = payments::line(session, &everything(), obligation).unwrap().unwrap();
                let shown = (row.state, row.batch.clone().zip(row.seq), row.reason.as_deref());
                let expected = standing(streams, part, place, line, &obligation.to_string());
                assert_eq!(shown, (expected.0, expected.1, expected.2), "{obligation}");
                assert_eq!((&row.plan, row.part, row.place), (id, number, place));
                assert_eq!((row.net, row.county), (line.net(), line.county));
                assert_eq!(row.serial.is_some(), row.state == LineState::Paid);
                known += 1;
            }
        }
    }
    assert_eq!(register(session).len(), known);
}

type Key =
    (shared::Month, shared::ItemId, shared::FundCode, shared::BankCode, shared::DivisionCode);

/// The matrix, counted anew from nothing but the lines.
fn recounted(lines: &[LineRow]) -> Vec<CellRow> {
    let mut cells: BTreeMap<Key, CellRow> = BTreeMap::new();
    for line in lines {
        let key = (line.run_month, line.item, line.fund, line.bank, line.county);
        let cell = cells.entry(key).or_insert_with(|| CellRow {
            month: line.run_month,
            item: line.item,
            fund: line.fund,
            bank: line.bank,
            county: line.county,
            planned_lines: 0,
            gross: Money::ZERO,
            deductions: Money::ZERO,
            held_lines: 0,
            held: Money::ZERO,
            instructed_lines: 0,
            instructed: Money::ZERO,
            paid_lines: 0,
            paid: Money::ZERO,
            returned_lines: 0,
            returned: Money::ZERO,
        });
        cell.planned_lines += 1;
        cell.gross += line.gross;
        cell.deductions += line.deductions;
        if line.state == LineState::Held {
            cell.held_lines += 1;
            cell.held += line.net;
        }
        if matches!(line.state, LineState::Instructed | LineState::Paid | LineState::Returned) {
            cell.instructed_lines += 1;
            cell.instructed += line.net;
        }
        if line.state == LineState::Paid {
            cell.paid_lines += 1;
            cell.paid += line.net;
        }
        if line.state == LineState::Returned {
            cell.returned_lines += 1;
            cell.returned += line.net;
        }
    }
    cells.into_values().collect()
}

fn cells(session: &ReadSession) {
    let (lines, scope) = (register(session), everything());
    let shown = payments::cells(session, &scope, month(1), month(12)).unwrap();
    assert_eq!(shown, recounted(&lines));
    let unreplied = |cell: &CellRow| {
        let mine = lines.iter().filter(|line| {
            (line.run_month, line.bank, line.county) == (cell.month, cell.bank, cell.county)
                && line.state == LineState::Instructed
        });
        mine.fold((0, Money::ZERO), |sum, line| (sum.0 + 1, sum.1 + line.net))
    };
    for cell in &shown {
        let (count, sum) = unreplied(cell);
        assert_eq!(cell.instructed, cell.paid + cell.returned + sum);
        assert_eq!(cell.instructed_lines, cell.paid_lines + cell.returned_lines + count);
    }
    let distinct = |lines: &mut dyn Iterator<Item = &LineRow>| {
        lines.map(|line| line.person).collect::<BTreeSet<PersonId>>().len() as u64
    };
    let all = payments::people(session, &scope, month(1), month(12), None).unwrap();
    assert_eq!(all, [("all".to_owned(), distinct(&mut lines.iter()))]);
    let by_bank = payments::people(session, &scope, month(1), month(12), Some(PeopleBy::Bank));
    for (code, people) in by_bank.unwrap() {
        let mut mine = lines.iter().filter(|line| line.bank.as_str() == code);
        assert_eq!(people, distinct(&mut mine));
    }
    let totals = payments::line_totals(session, &scope, &LineFilter::default()).unwrap();
    let net = lines.iter().map(|line| line.net).sum();
    assert_eq!(totals, (lines.len() as u64, distinct(&mut lines.iter()), net));
}

/// A county sees its own lines and cells, and nothing of the area's plans and books.
fn scopes(session: &ReadSession) {
    let (all, every) = (register(session), LineFilter::default());
    for county in [HERE, THERE] {
        let scope = within(county);
        let mut own = all.clone();
        own.retain(|line| line.county.as_str() == county);
        assert_eq!(payments::lines(session, &scope, &every, None, ALL).unwrap(), own);
        let cells = payments::cells(session, &scope, month(1), month(12)).unwrap();
        assert_eq!(cells, recounted(&own));
        let totals = payments::line_totals(session, &scope, &every).unwrap();
        assert_eq!(totals.0, own.len() as u64);
        for line in &all {
            let seen = payments::line(session, &scope, line.obligation).unwrap();
            assert_eq!(seen.is_some(), line.county.as_str() == county);
        }
    }
    for (scope, seen) in [(within("320600"), true), (within("320500"), false)] {
        let plans = runs::plans(session, &scope, &runs::PlanFilter::default(), None, ALL).unwrap();
        let books = books::books(session, &scope, None).unwrap();
        let periods = runs::periods(session, &scope, None).unwrap();
        assert!(seen || (plans.is_empty() && books.is_empty() && periods.is_empty()));
        assert!(!seen || !books.is_empty());
    }
}

fn run(session: &ReadSession, id: &str, state: &Plan) {
    let row = runs::plan(session, &everything(), id).unwrap().unwrap();
    let (stage, waits_for) = match state.stage {
        plan::Stage::Unopened => unreachable!("it was opened"),
        plan::Stage::Open => ("open", Some("freeze")),
        plan::Stage::Frozen => ("frozen", Some("calculate")),
        plan::Stage::Calculated => ("calculated", Some("handler")),
        plan::Stage::InReview => ("in_review", state.next_role()),
        plan::Stage::Approved => ("approved", Some("reserve")),
        plan::Stage::Funded => ("funded", Some("compose")),
        plan::Stage::Composed => ("composed", None),
        plan::Stage::Cancelled => ("cancelled", None),
    };
    assert_eq!((row.stage.as_str(), row.waits_for.as_deref()), (stage, waits_for), "{id}");
    assert_eq!((row.frozen, row.excluded), (state.frozen, state.excluded));
    assert_eq!((row.lines, row.net()), (state.totals.lines, state.totals.net()));
    assert_eq!(row.reserved, state.reserved.unwrap_or(Money::ZERO));
    assert_eq!(row.instructed_lines, state.batches.iter().map(|batch| batch.lines).sum::<u32>());
    assert_eq!(row.instructed, state.batches.iter().map(|batch| batch.total).sum());
    let acts = runs::acts(session, &everything(), id).unwrap();
    let last = acts.iter().rposition(|act| act.act == "submitted").unwrap_or(acts.len());
    if state.stage == plan::Stage::InReview {
        let round: Vec<_> =
            acts[last..].iter().map(|act| (act.role.clone().unwrap(), act.actor.clone())).collect();
        assert_eq!(round, state.acted);
    }
}

fn sent(session: &ReadSession, streams: &Streams, id: &str, state: &Batch) {
    let row = runs::batch(session, &everything(), id).unwrap().unwrap();
    let stage: &[&str] = match state.stage {
        batch::Stage::Unopened => unreachable!("it was opened"),
        batch::Stage::Open => &["open"],
        batch::Stage::Composed => &["composed"],
        batch::Stage::Signed => &["signed"],
        batch::Stage::Sent => &["sent"],
        batch::Stage::Acknowledged => &["acknowledged"],
        batch::Stage::OutcomeUnknown => &["outcome_unknown"],
        batch::Stage::Rejected => &["rejected", "withdrawn"],
    };
    assert!(stage.contains(&row.stage.as_str()), "{id} is {}, not {stage:?}", row.stage);
    assert_eq!((row.lines, Some(row.total)), (state.lines.len() as u32, state.total));
    assert_eq!(row.debited, state.debited);
    assert_eq!(row.money_returned, state.money_returned.unwrap_or(Money::ZERO));
    let plan = &streams.plans[&row.plan];
    assert_eq!(row.freed, plan.freed.iter().any(|freed| freed == id));
    let said: Vec<_> = state.replies.iter().filter(|reply| reply.applied).collect();
    let counts = said.iter().map(|reply| state.counts(reply.id).unwrap()).fold(
        [0, 0, 0, 0, 0],
        |[paid, returned, duplicates, contradictions, strangers], more| {
            [
                paid + more.paid_lines,
                returned + more.returned_lines,
                duplicates + more.duplicates,
                contradictions + more.contradictions,
                strangers + more.strangers,
            ]
        },
    );
    let shown =
        [row.paid_lines, row.returned_lines, row.duplicates, row.contradictions, row.strangers];
    assert_eq!(shown, counts);
    if said.len() == state.replies.len() {
        assert_eq!((row.paid_lines, row.paid), state.sum(|result| result == Outcome::Paid));
        assert_eq!((row.returned_lines, row.returned), state.returned());
    }
    let replies = runs::replies(session, &everything(), Some(id)).unwrap();
    let waiting = replies.iter().filter(|reply| !reply.applied).count();
    assert_eq!((replies.len(), waiting), (state.replies.len(), replies.len() - said.len()));
    let attempts: Vec<AttemptRow> =
        session.query("WHERE batch = $1 ORDER BY seq", &[id.into()]).unwrap();
    let told: Vec<_> =
        state.lines.iter().map(|line| line.attempt.obligation(row.item, row.month)).collect();
    assert_eq!(attempts.iter().map(|row| row.obligation).collect::<Vec<_>>(), told);
    let acts = runs::batch_acts(session, &everything(), id).unwrap();
    let keys: Vec<_> = acts
        .iter()
        .filter(|act| act.act == "signed")
        .map(|act| (act.actor.clone(), act.role.clone().unwrap()))
        .collect();
    let signers: Vec<_> =
        state.signers.iter().map(|signer| (signer.by.clone(), signer.role.clone())).collect();
    assert_eq!(keys, signers);
}

fn account(session: &ReadSession, streams: &Streams) {
    for (id, state) in &streams.accounts {
        let row = books::book(session, &everything(), id).unwrap().unwrap();
        assert_eq!(row.cash, state.cash());
        assert_eq!(row.reserved, state.reserved());
        assert_eq!((row.vouchers, row.closed), (state.vouchers, state.closed));
        let shown: BTreeMap<(String, String), Money> = books::balances(session, &everything(), id)
            .unwrap()
            .into_iter()
            .map(|row| ((row.ledger, row.account), row.debit - row.credit))
            .collect();
        let folded = state.balances.iter().map(|((ledger, account), balance)| {
            ((ledger.code().to_owned(), account.clone()), *balance)
        });
        assert_eq!(shown, folded.collect());
        let vouchers = books::vouchers(session, &everything(), id, 0, ALL).unwrap();
        assert!(vouchers.iter().map(|row| row.number).eq(1..=state.vouchers));
        for voucher in vouchers {
            let entries = books::entries(session, &everything(), id, &[voucher.number]).unwrap();
            for ledger in Ledger::ALL {
                let of = || entries.iter().filter(|entry| entry.ledger == ledger.code());
                let debit: Money = of().map(|entry| entry.debit).sum();
                assert_eq!(debit, of().map(|entry| entry.credit).sum());
                assert!(debit <= voucher.amount);
            }
        }
    }
}

fn statements(session: &ReadSession, streams: &Streams) {
    let mut open = 0;
    for (id, state) in &streams.statements {
        let rows = books::statements(session, &everything(), None, None, ALL).unwrap();
        let row = rows.into_iter().find(|row| row.statement == *id).unwrap();
        let count = |wanted: fn(&Settling) -> bool| {
            state.settled.values().filter(|settling| wanted(settling)).count() as u32
        };
        let different = count(|settling| matches!(settling, Settling::Different { .. }));
        let matched = count(|settling| matches!(settling, Settling::Matched { .. }));
        assert_eq!((row.matched, row.differences), (matched, different));
        assert_eq!((row.debits, row.credits), state.sums());
        assert_eq!(row.opening + row.credits - row.debits, row.closing);
        for line in books::statement_lines(session, &everything(), id).unwrap() {
            let expected = match state.settled.get(&line.serial) {
                None => "open",
                Some(
                    Settling::Matched { .. } | Settling::Shared { .. } | Settling::Entered { .. },
                ) => "matched",
                Some(Settling::Different { .. }) => "different",
                Some(Settling::Cleared { .. } | Settling::Resolved { .. }) => "resolved",
            };
            assert_eq!(line.state, expected);
            let different =
                matches!(state.settled.get(&line.serial), Some(Settling::Different { .. }));
            assert!(!different || line.found_on == Some(day()));
            assert_eq!(line.settled_on.is_some(), ["matched", "resolved"].contains(&expected));
        }
        open += different as usize;
    }
    assert_eq!(books::differences(session, &everything()).unwrap().len(), open);
}

fn periods(session: &ReadSession, streams: &Streams) {
    for (id, state) in &streams.periods {
        let stage = match state.stage {
            period::Stage::Unopened => continue,
            period::Stage::Open => "open",
            period::Stage::Closed => "closed",
        };
        let row = runs::period(session, &everything(), id).unwrap().unwrap();
        let certificates = runs::certificates(session, &everything(), id).unwrap();
        assert_eq!(row.stage, stage);
        assert_eq!(row.certificate.unwrap_or(0) as usize, state.certificates.len());
        let drawn_up: Vec<disbursement::Certificate> =
            certificates.iter().map(|row| serde_json::from_str(&row.body).unwrap()).collect();
        assert_eq!(drawn_up, state.certificates);
    }
}
