//! One month from its opening to its close, and what each table says of it on the way.

use disbursement::part::Hold;
use disbursement::plan::Command;
use disbursement::{Excluded, Exclusion, batch};
use projections::lists::{By, Only, Page};
use projections::payments::{self, AttemptRow, LineFilter, LineState};
use projections::{books, quality, runs};
use shared::{Money, ReturnReason};

use crate::answers::{paid, returned};
use crate::compare::{compare, register};
use crate::steps::{period_id, plan_id};
use crate::town::Town;
use crate::world::*;

/// Part 0 pays 1 and 2 at the first bank, 3 and 4 at the second, part 1 the lines 5, 6 and 7;
/// the grant of 8 is excluded.
fn calculated() -> (Town, String) {
    let mut town = Town::new();
    let plan = plan_id(month(1), 1);
    town.open_book(yuan(100)).unwrap();
    town.open_period(month(1)).unwrap();
    town.open_plan(month(1), 1).unwrap();
    town.freeze(&plan, 8).unwrap();
    town.calculate(&plan, 0, vec![line(1), line(2)], vec![]).unwrap();
    town.calculate(&plan, 0, vec![line(3), line(4)], vec![]).unwrap();
    town.seal(&plan, 0).unwrap();
    let dead = line(8);
    let (grant, person) = (dead.grant, dead.person);
    let excluded = vec![Excluded { grant, person, reason: Exclusion::Dead }];
    town.calculate(&plan, 1, vec![line(5), line(6), line(7)], excluded).unwrap();
    town.seal(&plan, 1).unwrap();
    town.ask_plan("hu", &plan, Command::FinishCalculation).unwrap();
    (town, plan)
}

fn funded() -> (Town, String) {
    let (mut town, plan) = calculated();
    town.submit(&plan, "hu").unwrap();
    town.review(&plan, "checker", "chen").unwrap();
    town.review(&plan, "accountant", "shen").unwrap();
    town.appropriate(yuan(10_000)).unwrap();
    town.fund(&plan).unwrap();
    (town, plan)
}

fn out(town: &mut Town, batch: &str) {
    town.sign(batch, "accountant", "shen").unwrap();
    town.sign(batch, "cashier", "kuai").unwrap();
    town.send(batch, "kuai").unwrap();
}

fn net(number: u128) -> Money {
    line(number).net()
}

fn waits_for(town: &Town, plan: &str) -> Option<String> {
    runs::plan(&town.session(), &everything(), plan).unwrap().unwrap().waits_for
}

fn states(town: &Town) -> Vec<(u64, LineState)> {
    let number = |person: shared::PersonId| u64::try_from(person.uuid().as_u128()).unwrap();
    let mut rows: Vec<_> = register(&town.session())
        .into_iter()
        .map(|line| (number(line.person), line.state))
        .collect();
    rows.sort_unstable();
    rows
}

#[test]
fn a_plan_waits_for_each_of_its_roles_in_turn() {
    let (mut town, plan) = calculated();
    assert_eq!(waits_for(&town, &plan).as_deref(), Some("handler"));
    town.submit(&plan, "hu").unwrap();
    assert_eq!(waits_for(&town, &plan).as_deref(), Some("checker"));
    let (role, by, reason) = ("checker".to_owned(), "chen".to_owned(), "look again".to_owned());
    town.ask_plan("chen", &plan, Command::SendBack { role, by, reason }).unwrap();
    assert_eq!(waits_for(&town, &plan).as_deref(), Some("handler"));
    town.submit(&plan, "hu").unwrap();
    town.review(&plan, "checker", "chen").unwrap();
    // 6,928 yuan: the section head is not asked.
    assert_eq!(waits_for(&town, &plan).as_deref(), Some("accountant"));
    town.review(&plan, "accountant", "shen").unwrap();
    assert_eq!(waits_for(&town, &plan).as_deref(), Some("reserve"));
    let session = town.session();
    let acts: Vec<_> = runs::acts(&session, &everything(), &plan)
        .unwrap()
        .into_iter()
        .map(|row| (row.act, row.actor, row.role.unwrap_or_default()))
        .collect();
    let act =
        |act: &str, actor: &str, role: &str| (act.to_owned(), actor.to_owned(), role.to_owned());
    assert_eq!(
        acts,
        [
            act("opened", "hu", ""),
            act("frozen", "hu", ""),
            act("calculated", "hu", ""),
            act("submitted", "hu", "handler"),
            act("sent_back", "chen", "checker"),
            act("submitted", "hu", "handler"),
            act("reviewed", "chen", "checker"),
            act("reviewed", "shen", "accountant"),
        ]
    );
    let waiting = runs::PlanFilter { waits_for: Some("reserve".to_owned()), ..Default::default() };
    assert_eq!(runs::plans(&session, &everything(), &waiting, None, 10).unwrap().len(), 1);
    let only = Only::everything();
    let order = [By::up("grant_id")];
    let page =
        Page { only: &only, order: &order, after: None, before: None, backward: false, limit: 10 };
    let excluded = payments::excluded(&session, &everything(), &plan, &page).unwrap();
    assert_eq!(payments::excluded(&session, &within("110101"), &plan, &page).unwrap(), []);
    let shown: Vec<_> = excluded.iter().map(|row| (row.grant_id, row.reason.as_str())).collect();
    assert_eq!(shown, [(grant(8), "dead")]);
    compare(&town);
}

#[test]
fn a_month_is_paid_certified_and_closed() {
    use LineState::{Held, Instructed, Paid, Planned, Returned};
    let (mut town, plan) = funded();
    town.hold(&plan, 1, 0, Hold::DeathReported).unwrap();
    let first = town.compose(&plan, 0, bank(0)).unwrap();
    let second = town.compose(&plan, 0, bank(1)).unwrap();
    let sixth = town.compose(&plan, 1, bank(0)).unwrap();
    assert_eq!(
        states(&town),
        [
            (1, Instructed),
            (2, Instructed),
            (3, Instructed),
            (4, Instructed),
            (5, Held),
            (6, Instructed),
            (7, Planned),
        ]
    );
    let seventh = town.compose(&plan, 1, bank(1)).unwrap();
    let book = books::book(&town.session(), &everything(), BOOK).unwrap().unwrap();
    assert_eq!(book.reserved, town.streams.plans[&plan].totals.net());
    town.finish(&plan).unwrap();
    let book = books::book(&town.session(), &everything(), BOOK).unwrap().unwrap();
    assert_eq!(book.reserved, town.streams.plans[&plan].totals.net() - net(5));

    for batch in [&first, &second, &sixth, &seventh] {
        out(&mut town, batch);
        town.debit(batch).unwrap();
    }
    // Two parts of a reply: the second says line 1 again, line 2 otherwise, and a line of nobody.
    let one = town.receive(&first, vec![paid(1, 1, net(1)), paid(2, 2, net(2))]).unwrap();
    let two = vec![
        paid(1, 1, net(1)),
        returned(2, 2, net(2), ReturnReason::AccountClosed),
        paid(3, 9, net(2)),
    ];
    let two = town.receive(&first, two).unwrap();
    assert_eq!(runs::replies(&town.session(), &everything(), None).unwrap().len(), 2);
    for reply in [one, one, two, two, two] {
        town.settle(reply).unwrap();
    }
    let row = runs::batch(&town.session(), &everything(), &first).unwrap().unwrap();
    assert_eq!((row.paid_lines, row.paid), (2, net(1) + net(2)));
    assert_eq!((row.duplicates, row.contradictions, row.strangers), (1, 1, 1));
    assert_eq!(row.unreplied_lines(), 0);
    let closed = ReturnReason::AccountClosed;
    let rows = vec![returned(1, 1, net(3), closed), paid(2, 2, net(4))];
    for (batch, rows) in
        [(&second, rows), (&sixth, vec![paid(1, 1, net(6))]), (&seventh, vec![paid(1, 1, net(7))])]
    {
        let reply = town.receive(batch, rows).unwrap();
        town.settle(reply).unwrap();
        town.settle(reply).unwrap();
    }
    town.give_back(&second, net(3)).unwrap();
    assert_eq!(runs::replies(&town.session(), &everything(), None).unwrap(), []);
    assert_eq!(
        states(&town),
        [(1, Paid), (2, Paid), (3, Returned), (4, Paid), (5, Held), (6, Paid), (7, Paid)]
    );
    let session = town.session();
    let row = payments::line(&session, &everything(), obligation(3, month(1))).unwrap().unwrap();
    assert_eq!(row.reason.as_deref(), Some(closed.code()));
    let here = payments::cells(&session, &within(HERE), month(1), month(1)).unwrap();
    let sums: Vec<_> = here
        .iter()
        .map(|cell| (cell.bank, cell.planned_lines, cell.held, cell.instructed, cell.returned))
        .collect();
    assert_eq!(
        sums,
        [
            (bank(0), 2, net(5), net(1), Money::ZERO),
            (bank(1), 2, Money::ZERO, net(3) + net(7), net(3)),
        ]
    );
    assert_eq!(
        payments::people(&session, &within(HERE), month(1), month(1), None).unwrap()[0].1,
        4
    );
    drop(session);

    // The first bank's day, with a credit of nobody, which its owner resolves.
    let day = town.state(bank(0), 3).unwrap();
    let difference = books::differences(&town.session(), &everything()).unwrap().remove(0);
    assert_eq!((difference.owner.as_deref(), difference.amount), (Some("kuai"), yuan(5)));
    assert_eq!(difference.reason.as_deref(), Some("no_batch"));
    town.resolve(&day, &difference.serial).unwrap();
    let line = books::statement_lines(&town.session(), &everything(), &day).unwrap();
    let line = line.into_iter().find(|line| line.serial == difference.serial).unwrap();
    assert_eq!((line.state.as_str(), line.resolved_by.as_deref()), ("resolved", Some("chu")));
    let row = books::statements(&town.session(), &everything(), Some(bank(0)), None, 10)
        .unwrap()
        .remove(0);
    assert_eq!((row.lines, row.matched, row.differences), (3, 2, 0));

    town.certify(month(1)).unwrap();
    town.close(month(1)).unwrap();
    town.close_book().unwrap();
    let session = town.session();
    let row = runs::period(&session, &everything(), &period_id(month(1))).unwrap().unwrap();
    assert_eq!((row.stage.as_str(), row.certificate), ("closed", Some(1)));
    assert_eq!(row.closed_by.as_deref(), Some("chu"));
    let book = books::book(&session, &everything(), BOOK).unwrap().unwrap();
    let out: Money = [1, 2, 4, 6, 7].map(net).into_iter().sum();
    assert_eq!((book.cash, book.reserved, book.closed), (yuan(10_100) - out, Money::ZERO, true));
    compare(&town);
    town.rebuilt_equals_live();
}

#[test]
fn a_refused_batch_is_freed_and_its_lines_are_composed_anew() {
    let (mut town, plan) = funded();
    let first = town.compose(&plan, 0, bank(0)).unwrap();
    let others =
        [(0, 1), (1, 0), (1, 1)].map(|(part, at)| town.compose(&plan, part, bank(at)).unwrap());
    town.finish(&plan).unwrap();
    let whole = town.streams.plans[&plan].totals.net();
    out(&mut town, &first);
    let reason = "the header is wrong".to_owned();
    town.free("ke", &first, batch::Command::Reject { reason }).unwrap();
    let row = runs::plan(&town.session(), &everything(), &plan).unwrap().unwrap();
    assert_eq!((row.stage.as_str(), row.waits_for.as_deref()), ("funded", Some("compose")));
    assert_eq!((row.instructed_lines, row.instructed), (5, whole - net(1) - net(2)));
    let row = runs::batch(&town.session(), &everything(), &first).unwrap().unwrap();
    assert_eq!((row.stage.as_str(), row.freed, row.unreplied_lines()), ("rejected", true, 0));
    assert_eq!(states(&town)[..2], [(1, LineState::Planned), (2, LineState::Planned)]);
    compare(&town);

    // Line 1 is held before the other is composed again, and that file is withdrawn once more.
    town.hold(&plan, 0, 0, Hold::AddressChanged).unwrap();
    let again = town.compose(&plan, 0, bank(0)).unwrap();
    let withdraw =
        batch::Command::Withdraw { by: "kuai".to_owned(), reason: "a death came in".to_owned() };
    town.sign(&again, "cashier", "kuai").unwrap();
    town.free("kuai", &again, withdraw).unwrap();
    let last = town.compose(&plan, 0, bank(0)).unwrap();
    town.finish(&plan).unwrap();
    let session = town.session();
    let of = |batch: &String| LineFilter { batch: Some(batch.clone()), ..LineFilter::default() };
    let count = |batch| payments::line_totals(&session, &everything(), &of(batch)).unwrap().0;
    assert_eq!([&first, &again, &last].map(count), [0, 0, 1]);
    let tried: Vec<AttemptRow> =
        session.query("WHERE obligation = $1", &[obligation(2, month(1)).into()]).unwrap();
    assert_eq!(tried.len(), 3, "every file that it stood in is known");
    let acts = |batch: &str| -> Vec<(String, String, Option<String>, Option<String>)> {
        let rows = runs::batch_acts(&session, &everything(), batch).unwrap().into_iter();
        rows.map(|row| (row.act, row.actor, row.role, row.reason)).collect()
    };
    let act = |act: &str, by: &str, role: Option<&str>, reason: Option<&str>| {
        (act.to_owned(), by.to_owned(), role.map(str::to_owned), reason.map(str::to_owned))
    };
    assert_eq!(
        acts(&first),
        [
            act("composed", "kuai", None, None),
            act("signed", "shen", Some("accountant"), None),
            act("signed", "kuai", Some("cashier"), None),
            act("sent", "kuai", None, None),
            act("rejected", "ke", None, Some("the header is wrong")),
        ]
    );
    assert_eq!(
        acts(&again)[1..],
        [
            act("signed", "kuai", Some("cashier"), None),
            act("withdrawn", "kuai", None, Some("a death came in")),
        ]
    );
    let plan = runs::plan(&session, &everything(), &plan).unwrap().unwrap();
    assert_eq!((plan.instructed, plan.held), (whole - net(1), net(1)));
    assert_eq!(others.len() + 1, town.streams.plans[&plan.plan].batches.len());
    drop(session);
    compare(&town);
    town.rebuilt_equals_live();
}

#[test]
fn a_slip_ends_the_doubt_about_a_batch() {
    let (mut town, plan) = funded();
    let batch = town.compose(&plan, 0, bank(0)).unwrap();
    out(&mut town, &batch);
    let reason = "the line was cut".to_owned();
    town.ask_batch("ke", &batch, batch::Command::LoseOutcome { reason }).unwrap();
    let stage =
        |town: &Town| runs::batch(&town.session(), &everything(), &batch).unwrap().unwrap().stage;
    assert_eq!(stage(&town), "outcome_unknown");
    town.debit(&batch).unwrap();
    assert_eq!(stage(&town), "sent");
    compare(&town);
}

#[test]
fn a_cancelled_run_leaves_no_line_and_the_next_one_takes_them() {
    let (mut town, plan) = funded();
    town.hold(&plan, 0, 0, Hold::Ordered).unwrap();
    let cancel = Command::Cancel { by: "hu".to_owned(), reason: "wrong month".to_owned() };
    town.ask_plan("hu", &plan, cancel).unwrap();
    let session = town.session();
    assert_eq!(register(&session), []);
    assert_eq!(payments::cells(&session, &everything(), month(1), month(1)).unwrap(), []);
    drop(session);
    town.open_plan(month(1), 2).unwrap();
    let next = plan_id(month(1), 2);
    town.freeze(&next, 2).unwrap();
    town.calculate(&next, 0, vec![line(1), line(2)], vec![]).unwrap();
    assert_eq!(states(&town), [(1, LineState::Planned), (2, LineState::Planned)]);
    town.seal(&next, 0).unwrap();
    town.ask_plan("hu", &next, Command::FinishCalculation).unwrap();
    town.submit(&next, "hu").unwrap();
    town.review(&next, "checker", "chen").unwrap();
    town.review(&next, "accountant", "shen").unwrap();
    town.fund(&next).unwrap();
    town.compose(&next, 0, bank(0)).unwrap();
    // The order of the court ends after the run in which it was followed.
    town.release(&obligation(1, month(1)).to_string()).unwrap();
    assert_eq!(states(&town), [(1, LineState::Instructed), (2, LineState::Instructed)]);
    compare(&town);
    town.rebuilt_equals_live();
    compare(&town);
}

#[test]
fn what_comes_back_late_moves_its_money_from_paid_to_returned() {
    let (mut town, plan) = funded();
    let batch = town.compose(&plan, 0, bank(0)).unwrap();
    out(&mut town, &batch);
    town.debit(&batch).unwrap();
    let both = vec![paid(1, 1, net(1)), paid(2, 2, net(2))];
    let reply = town.receive(&batch, both).unwrap();
    for _ in 0..2 {
        town.settle(reply).unwrap();
    }
    let figures = |town: &Town| {
        let (session, all) = (town.session(), everything());
        let row = quality::banks(&session, &all, month(1), month(1)).unwrap().remove(0);
        let prompt = quality::promptness(&session, &all, month(1), month(1)).unwrap().remove(0);
        let bank = (row.paid_lines, row.paid, row.returned_lines, row.returned, row.late_lines);
        (bank, (prompt.prompt_lines, prompt.prompt))
    };
    let whole = net(1) + net(2);
    assert_eq!(figures(&town), ((2, whole, 0, Money::ZERO, 0), (2, whole)));
    let (reason, reference) = (ReturnReason::AccountFrozen, "TH-7".to_owned());
    let late = batch::Command::ReturnLate { seq: 2, reason, reference, on: day() };
    town.ask_batch("bank", &batch, late).unwrap();
    assert_eq!(figures(&town), ((1, net(1), 1, net(2), 1), (1, net(1))));
    town.rebuilt_equals_live();
}
