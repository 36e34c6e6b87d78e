//! What came before, what another system pays, and item-periods that are opened again.

use disbursement::feed::{self, Feed, Run};
use disbursement::opening::{self, Cumulative, Opening, Settled};
use disbursement::period::{self, Period};
use disbursement::plan::Command;
use projections::exports::{self, Cell, Narrow};
use projections::payments::{OpeningObligationRow, Served};
use projections::{feeds, payments, runs};
use shared::{Component, Money, Month, ReturnReason, RunType};

use crate::answers::paid;
use crate::compare::compare;
use crate::steps::{period_id, plan_id};
use crate::town::{Asked, NAMES, Town};
use crate::world::*;

const FEED: &str = "province-A1-320600";

fn run(sequence: u32) -> feed::Command {
    let run = Run {
        sequence,
        artefact: artefact(500 + sequence),
        reference: format!("S{sequence}"),
        month: month(1),
        run: RunType::Normal,
        fund: fund(),
        agency: agency(),
        paid_on: day(),
        lines: 3,
        total: yuan(3_000),
        digest: "d".to_owned(),
    };
    let (lines, total, digest) = (run.lines, run.total, run.digest.clone());
    feed::Command::Receive { run, lines, total, digest }
}

fn ask(town: &mut Town, command: feed::Command) -> Asked {
    town.unit("feed", |unit| unit.ask::<Feed>(FEED, command))
}

#[test]
fn a_gap_shows_what_it_blocks_until_it_is_filled() {
    let mut town = Town::new();
    let (item, area) = (item(), area());
    ask(&mut town, feed::Command::Open { source: "province".to_owned(), item, area, first: 1 })
        .unwrap();
    for sequence in [1, 5, 8] {
        ask(&mut town, run(sequence)).unwrap();
    }
    let shown = |town: &Town| feeds::feed(&town.session(), &everything(), FEED).unwrap().unwrap();
    let gaps = |town: &Town| -> Vec<(u32, u32)> {
        shown(town).gaps.iter().map(|gap| (gap.from, gap.to)).collect()
    };
    assert_eq!(gaps(&town), [(2, 4), (6, 7)]);
    let feed = shown(&town);
    assert_eq!((feed.received, feed.entered, feed.missing(), feed.next), (3, 0, 5, 1));
    assert_eq!([1, 5, 8].map(|run| feed.blocks(run)), [None, Some(2), Some(2)]);
    // One in the middle leaves what is missing on both sides of it.
    ask(&mut town, run(3)).unwrap();
    assert_eq!(gaps(&town), [(2, 2), (4, 4), (6, 7)]);
    for sequence in [2, 4] {
        ask(&mut town, run(sequence)).unwrap();
    }
    assert_eq!(gaps(&town), [(6, 7)]);
    assert_eq!(shown(&town).blocks(5), None);
    let state = &town.streams.feeds[FEED];
    assert_eq!(shown(&town).missing(), state.missing.len() as u64);
    ask(&mut town, feed::Command::Begin { sequence: 1, plan: "P-1".to_owned() }).unwrap();
    let states = |town: &Town| -> Vec<(u32, String)> {
        let runs = feeds::runs(&town.session(), &everything(), FEED).unwrap();
        runs.into_iter().map(|run| (run.sequence, run.state)).collect()
    };
    assert_eq!(states(&town)[0], (1, "running".to_owned()));
    ask(&mut town, feed::Command::Finish { sequence: 1 }).unwrap();
    assert_eq!(states(&town)[0], (1, "entered".to_owned()));
    let feed = shown(&town);
    assert_eq!((feed.entered, feed.next), (1, 2));
    assert_eq!(feeds::feeds(&town.session(), &within("320500")).unwrap(), []);
    assert_eq!(feeds::runs(&town.session(), &within("320500"), FEED).unwrap(), []);
    town.rebuilt_equals_live();
}

fn settled(number: u128, returned: Option<ReturnReason>) -> Settled {
    let (person, month) = (person(number), Month::new(2025, 12).unwrap());
    let (component, amount) = (Component::whole(), yuan(900));
    Settled { person, month, component, adjustment: 0, amount, returned }
}

/// Lines 1 and 2 are paid in January.
fn paid_month(town: &mut Town) {
    let plan = plan_id(month(1), 1);
    town.open_book(yuan(10_000)).unwrap();
    town.open_period(month(1)).unwrap();
    town.open_plan(month(1), 1).unwrap();
    town.freeze(&plan, 2).unwrap();
    town.calculate(&plan, 0, vec![line(1), line(2)], vec![]).unwrap();
    town.seal(&plan, 0).unwrap();
    town.ask_plan("hu", &plan, Command::FinishCalculation).unwrap();
    town.submit(&plan, "hu").unwrap();
    town.review(&plan, "checker", "chen").unwrap();
    town.review(&plan, "accountant", "shen").unwrap();
    town.fund(&plan).unwrap();
    let batch = town.compose(&plan, 0, bank(0)).unwrap();
    town.finish(&plan).unwrap();
    town.sign(&batch, "accountant", "shen").unwrap();
    town.sign(&batch, "cashier", "kuai").unwrap();
    town.send(&batch, "kuai").unwrap();
    town.debit(&batch).unwrap();
    let rows = vec![paid(1, 1, line(1).net()), paid(2, 2, line(2).net())];
    let reply = town.receive(&batch, rows).unwrap();
    town.settle(reply).unwrap();
    town.settle(reply).unwrap();
}

#[test]
fn figures_go_on_from_the_opening_and_count_nobody_twice() {
    let mut town = Town::new();
    let id = format!("{}-{}", item(), area());
    let ask = |town: &mut Town, command| town.unit("ke", |unit| unit.ask::<Opening>(&id, command));
    let before = Cumulative {
        item: item(),
        area: area(),
        as_of: shared::Date::constant(2025, 12, 31),
        people: 40,
        payments: 480,
        money: yuan(400_000),
        artefact: artefact(900),
        by: "ke".to_owned(),
    };
    ask(&mut town, opening::Command::Enter(before)).unwrap();
    // Number 1 is one of the forty; what number 2 was sent had come back, so he is none of them.
    let returned = Some(ReturnReason::AccountClosed);
    let obligations = vec![settled(1, None), settled(2, returned)];
    ask(&mut town, opening::Command::Settle { chunk: 0, obligations }).unwrap();
    ask(&mut town, opening::Command::Seal { declared: 2 }).unwrap();
    paid_month(&mut town);
    ask(&mut town, opening::Command::BeginRuns).unwrap();
    let session = town.session();
    let all = payments::served(&session, &everything()).unwrap();
    let net = line(1).net() + line(2).net();
    let before = (40, 480, yuan(400_000));
    assert_eq!(all, Served { before, since: (1, 2, net) });
    assert_eq!((all.people(), all.payments(), all.money()), (41, 482, yuan(400_000) + net));
    let by_item = payments::served_by_item(&session, &everything()).unwrap();
    assert_eq!(by_item.into_iter().collect::<Vec<_>>(), [(item(), all)]);
    // A county sees its own payments and nothing of the area's opening.
    let here = payments::served(&session, &within(HERE)).unwrap();
    assert_eq!(here, Served { before: (0, 0, Money::ZERO), since: (0, 1, line(1).net()) });
    let openings = payments::openings(&session, &everything()).unwrap();
    let [row] = openings.as_slice() else { panic!("{openings:?}") };
    assert_eq!((row.stage.as_str(), row.settled, row.returned), ("running", 1, 1));
    assert_eq!((row.settled_money, row.returned_money), (yuan(900), yuan(900)));
    let rows: Vec<OpeningObligationRow> = session.query("ORDER BY obligation", &[]).unwrap();
    assert_eq!(rows.len(), 2);
    drop(session);
    compare(&town);
    town.rebuilt_equals_live();
}

#[test]
fn a_reopened_month_keeps_both_certificates() {
    let mut town = Town::new();
    paid_month(&mut town);
    let id = period_id(month(1));
    let ask =
        |town: &mut Town, by: &str, command| town.unit(by, |unit| unit.ask::<Period>(&id, command));
    let sign = |certificate| {
        let (by, signature) = ("kuai".to_owned(), format!("30{certificate}"));
        let signature = period::Signature { certificate, by, signature };
        period::Command::Sign { signature }
    };
    town.certify(month(1)).unwrap();
    ask(&mut town, "kuai", sign(1)).unwrap();
    town.close(month(1)).unwrap();
    let (by, reason) = ("chu".to_owned(), "a receipt came late".to_owned());
    ask(&mut town, "chu", period::Command::AskReopen { by: by.clone(), reason }).unwrap();
    let waiting = runs::reopenings(&town.session(), &everything(), &id).unwrap();
    assert_eq!((waiting[0].asked_by.as_str(), waiting[0].reopened_by.as_deref()), ("chu", None));
    assert!(ask(&mut town, "chu", period::Command::Reopen { by }).is_err());
    ask(&mut town, "ke", period::Command::Reopen { by: "ke".to_owned() }).unwrap();
    town.certify(month(1)).unwrap();
    ask(&mut town, "kuai", sign(2)).unwrap();
    town.close(month(1)).unwrap();
    let session = town.session();
    let certificates = runs::certificates(&session, &everything(), &id).unwrap();
    let signatures: Vec<_> = certificates
        .iter()
        .map(|one| (one.number, one.signature.as_deref(), one.closed_by.as_deref()))
        .collect();
    assert_eq!(signatures, [(1, Some("301"), Some("chu")), (2, Some("302"), Some("chu"))]);
    assert_ne!(certificates[0].digest, certificates[1].digest);
    assert!(certificates.iter().all(|one| one.digest.len() == 64));
    let [reopening] = &runs::reopenings(&session, &everything(), &id).unwrap()[..] else {
        panic!()
    };
    assert_eq!(reopening.reopened_by.as_deref(), Some("ke"));
    assert_eq!((reopening.certificate, reopening.number), (Some(1), 1));
    drop(session);
    compare(&town);
    town.rebuilt_equals_live();
}

#[test]
fn a_list_leaves_in_the_order_of_its_keys_and_within_the_scope() {
    let mut town = Town::new();
    paid_month(&mut town);
    let session = town.session();
    let rows = |name: &str, scope, narrow: &Narrow| -> Vec<Vec<Cell>> {
        let mut rows = Vec::new();
        let list = exports::list(name).unwrap();
        let count = list
            .rows(&session, &scope, narrow, &mut |cells| {
                rows.push(cells.to_vec());
                std::ops::ControlFlow::Continue(())
            })
            .unwrap();
        assert_eq!(count, rows.len() as u64);
        rows
    };
    let all = rows("lines", everything(), &Narrow::default());
    assert_eq!(all.len(), 2);
    assert!(
        all[0].contains(&Cell::Money(line(1).net()))
            || all[1].contains(&Cell::Money(line(1).net()))
    );
    assert_eq!(rows("lines", within(HERE), &Narrow::default()).len(), 1);
    let february = Narrow { month: Some(month(2)), ..Narrow::default() };
    assert_eq!(rows("lines", everything(), &february), Vec::<Vec<Cell>>::new());
    // Every list of these read models reads, whatever stands in it.
    for list in exports::all().filter(|list| NAMES.contains(&list.view())) {
        rows(list.name(), everything(), &Narrow::default());
    }
    let january = Narrow { month: Some(month(1)), ..Narrow::default() };
    let refused = exports::list("balances").unwrap().refuses(&january);
    assert_eq!(refused.unwrap().to_string(), "the list balances cannot be narrowed by month");
}
