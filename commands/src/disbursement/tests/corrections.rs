//! Returns, deaths, holds, cancelled plans, deductions, merges: what a pay office puts right.

use disbursement::Exclusion;
use disbursement::batch::{self, Answer};
use disbursement::heirs::Heirs;
use disbursement::obligation::{NotOwed, Obligation, Stage};
use disbursement::part::Hold;
use disbursement::return_case::{self, ReturnCase};
use shared::{Date, Money, OrganisationId, ReturnReason, RunType};

use super::office::{Office, PENSION, Payee, item, month};
use crate::disbursement::*;
use crate::fixture::TODAY;
use crate::registry::tests::town::{dies, envelope, outlet};
use crate::registry::{ConfirmDeath, MergePersons, Registry, ReportDeath, WithdrawDeath};
use crate::{CommandError, Done};

fn pension() -> Money {
    Money::parse(PENSION).unwrap()
}

#[track_caller]
fn code<T>(outcome: Result<Done<T>, CommandError>) -> String {
    outcome.err().map_or_else(|| "done".to_owned(), |error| error.code().to_owned())
}

async fn three() -> (Office, [Payee; 3]) {
    let office = Office::new().await;
    let payees = [office.payee(1).await, office.payee(2).await, office.payee(3).await];
    (office, payees)
}

async fn case(office: &Office, payee: &Payee, attempt: u16) -> ReturnCase {
    let id = payee.owed(1).attempt(attempt);
    office.executor.load::<ReturnCase>(id).await.unwrap().0.as_ref().clone()
}

#[tokio::test]
async fn a_returned_line_is_reissued_to_a_better_account_and_its_case_closes_when_it_is_paid() {
    let (office, [chen, ..]) = three().await;
    let plan = office.funded(1, RunType::Normal).await;
    let batch = office.debited(&plan).await;
    let seq = office.seq(&batch, &chen).await;
    let others = (1..=3).filter(|other| *other != seq).map(|other| (other, None));
    let said: Vec<_> = others.chain([(seq, Some(ReturnReason::AccountClosed))]).collect();
    office.answer(&batch, &said).await.unwrap();
    assert_eq!(case(&office, &chen, 1).await.stage, return_case::Stage::Open);

    // Nothing is reissued before there is another account.
    let none = office.calculated(1, RunType::Reissue).await;
    assert!(office.part(&none).await.lines.is_empty());
    let obligation = chen.owed(1);
    let (attempt, address) = (1, chen.address);
    let same = CorrectReturn { obligation, attempt, address };
    let refused = office.pay.correct_return(&office.by("hu"), &same).await;
    assert_eq!(code(refused), "RETURN_SAME_ACCOUNT");
    office.repoint(&chen, 9).await;
    let notify = NotifyReturn { obligation, attempt, channel: "sms".to_owned() };
    office.pay.notify_return(&office.by("hu"), &notify).await.unwrap();
    office.pay.correct_return(&office.by("hu"), &same).await.unwrap();

    let reissue = office.funded(1, RunType::Reissue).await;
    let part = office.part(&reissue).await;
    assert_eq!(
        part.lines.iter().map(|line| (line.attempt, line.address_version)).collect::<Vec<_>>(),
        [(2, 2)]
    );
    // What one run took, another one does not.
    let again = office.calculated(1, RunType::Reissue).await;
    assert!(office.part(&again).await.lines.is_empty());
    let second = office.debited(&reissue).await;
    office.answer(&second, &[(1, None)]).await.unwrap();
    assert_eq!(case(&office, &chen, 1).await.stage, return_case::Stage::Closed);
    assert_eq!(office.obligation(obligation).await.due(), 2);
}

#[tokio::test]
async fn a_death_sends_what_was_owed_to_the_heirs_and_what_came_after_it_to_nobody() {
    let (office, [chen, wu, _]) = three().await;
    let plan = office.funded(1, RunType::Normal).await;
    let batch = office.debited(&plan).await;
    office.answer(&batch, &[(1, None), (2, None), (3, None)]).await.unwrap();
    let february = office.calculated(2, RunType::Normal).await;
    let died_on = Date::constant(2026, 1, 18);
    dies(&office.executor, chen.person, died_on).await;
    let (january, after) = (chen.owed(1), chen.owed(2));
    for id in [january, after] {
        office
            .run(async |unit| lives::confirmed(unit, id, chen.person, died_on).await)
            .await
            .unwrap();
    }
    // January was paid and is owed; February stood in an unsent plan.
    assert_eq!(office.obligation(january).await.stage(), Stage::AsPlanned);
    assert_eq!(office.obligation(after).await.stage(), Stage::Cancelled);
    assert_eq!(office.part(&february).await.held.len(), 1);

    // Of another one the month of death itself is still unpaid: his heir draws it.
    let died_on = Date::constant(2026, 2, 12);
    dies(&office.executor, wu.person, died_on).await;
    let owed = wu.owed(2);
    office.run(async |unit| lives::confirmed(unit, owed, wu.person, died_on).await).await.unwrap();
    assert_eq!(office.obligation(owed).await.stage(), Stage::DueToHeirs);
    let (heirs, _) = office.executor.load::<Heirs>(wu.person).await.unwrap();
    assert_eq!(heirs.owed.values().copied().collect::<Vec<_>>(), [pension()]);
    let heir = crate::registry::tests::town::registered(&office.executor, 8).await;
    let address = office.address(heir, 8).await;
    let name = NameHeir {
        deceased: wu.person,
        heir,
        address,
        basis: "公证书".to_owned(),
        approver: "hu".to_owned(),
    };
    assert_eq!(code(office.pay.name_heir(&office.by("hu"), &name).await), "HEIRS_SAME_PERSON");
    office.pay.name_heir(&office.by("chen"), &name).await.unwrap();
    let back = office.calculated(3, RunType::BackPay).await;
    let part = office.part(&back).await;
    assert_eq!(part.lines.len(), 1);
    assert_eq!((part.lines[0].address, part.lines[0].month), (address, Some(month(2))));
}

#[tokio::test]
async fn a_month_paid_after_the_death_is_overpaid_and_a_false_death_takes_that_back() {
    let (office, [chen, ..]) = three().await;
    let plan = office.funded(1, RunType::Normal).await;
    let batch = office.debited(&plan).await;
    let died_on = Date::constant(2025, 12, 30);
    dies(&office.executor, chen.person, died_on).await;
    let id = chen.owed(1);
    // The bank has the file and has not answered: it is found when the answer comes.
    office.run(async |unit| lives::confirmed(unit, id, chen.person, died_on).await).await.unwrap();
    assert_eq!(office.obligation(id).await.stage(), Stage::AsPlanned);
    office.answer(&batch, &[(1, None), (2, None), (3, None)]).await.unwrap();
    let found = office.obligation(id).await;
    let Obligation::Overpaid { amount, reason, .. } = &*found else { panic!("{found:?}") };
    assert_eq!((*amount, *reason), (pension(), NotOwed::AfterDeath));

    let input = WithdrawDeath {
        person: chen.person,
        on: None,
        reason: "误报".to_owned(),
        approver: Some("chen".to_owned()),
    };
    let registry = Registry::new(office.executor.clone());
    registry.withdraw_death(&office.by("hu"), &input).await.unwrap();
    office.run(async |unit| lives::withdrawn(unit, id, "误报").await).await.unwrap();
    assert_eq!(office.obligation(id).await.stage(), Stage::AsPlanned);
}

#[tokio::test]
async fn a_reported_death_holds_the_line_and_a_false_one_lets_it_go_in_time_or_in_a_back_pay_run() {
    let (office, [chen, ..]) = three().await;
    let id = chen.owed(1);
    let verify_by = Date::constant(2026, 3, 17);
    let report = async || {
        office.run(async |unit| lives::reported(unit, id, verify_by).await).await.unwrap();
        assert_eq!(office.obligation(id).await.stage(), Stage::Held);
    };
    let lift = async || {
        office.run(async |unit| lives::withdrawn(unit, id, "误报").await).await.unwrap();
    };
    let plan = office.funded(1, RunType::Normal).await;
    report().await;
    assert_eq!(office.part(&plan).await.payable().count(), 2);
    lift().await;
    assert_eq!(office.part(&plan).await.payable().count(), 3);
    report().await;
    office.debited(&plan).await;
    lift().await;
    assert_eq!(office.obligation(id).await.stage(), Stage::Released);
    let back = office.calculated(2, RunType::BackPay).await;
    let part = office.part(&back).await;
    assert_eq!(part.lines.len(), 1);
    assert_eq!(part.lines[0].obligation(item(), month(2)), id);
}

#[tokio::test]
async fn a_cancelled_plan_frees_its_obligations_and_what_it_held() {
    let (office, [chen, wu, _]) = three().await;
    let plan = office.funded(1, RunType::Normal).await;
    let hold = |obligation| HoldLine { obligation, reason: Hold::Ordered, verify_by: None };
    office.pay.hold_line(&office.by("hu"), &hold(chen.owed(1))).await.unwrap();
    assert_eq!(
        code(office.pay.hold_line(&office.by("hu"), &hold(chen.owed(1))).await),
        "PART_HELD_ALREADY"
    );
    assert_eq!(
        code(office.pay.hold_line(&office.by("hu"), &hold(wu.owed(2))).await),
        "LINE_NOT_FOUND"
    );
    assert_eq!(
        code(office.pay.cancel_plan(&office.by("hu"), &plan, " ").await),
        "PLAN_REASON_MISSING"
    );
    office.pay.cancel_plan(&office.by("hu"), &plan, "核算错误").await.unwrap();
    assert_eq!(office.obligation(chen.owed(1)).await.stage(), Stage::AsPlanned);
    let next = office.calculated(1, RunType::Normal).await;
    assert_eq!(office.part(&next).await.lines.len(), 3);
}

#[tokio::test]
async fn a_raise_from_an_earlier_month_is_paid_as_its_difference_and_late_grants_in_full() {
    let (office, [chen, ..]) = three().await;
    for of in [1, 2] {
        office.calculated(of, RunType::Normal).await;
    }
    let component = shared::Component::whole();
    let amount = pension() + Money::parse("100.00").unwrap();
    let adjust = crate::benefits::AdjustGrant {
        grant: chen.grant,
        from: month(1),
        components: vec![benefits::grant::ComponentAmount { component, amount }],
        reason: "年度调整".to_owned(),
    };
    office.benefits.adjust_grant(&office.by("registrar"), &adjust).await.unwrap();
    let late = office.payee(4).await;
    let back = office.calculated(3, RunType::BackPay).await;
    let part = office.part(&back).await;
    let of = |payee: &Payee| {
        let own = part.lines.iter().filter(|line| line.person == payee.person);
        own.map(|line| (line.month, line.adjustment, line.gross)).collect::<Vec<_>>()
    };
    let (january, february) = (Some(month(1)), Some(month(2)));
    let more = Money::parse("100.00").unwrap();
    assert_eq!(of(&chen), [(february, 1, more), (january, 1, more)]);
    assert_eq!(of(&late), [(february, 0, pension()), (january, 0, pension())]);
}

#[tokio::test]
async fn a_court_takes_its_part_and_a_line_netted_to_nothing_goes_to_no_bank() {
    let (office, [chen, wu, _]) = three().await;
    let third: OrganisationId = outlet(&office.executor).await;
    let order = |person, per_month: Option<&str>| OrderDeduction {
        kind: disbursement::deduction::Kind::Court,
        item: item(),
        person,
        third_party: Some(third),
        per_month: per_month.map(|yuan| Money::parse(yuan).unwrap()),
        total: None,
        from: month(1),
        to: None,
        basis: "(2026)苏0602执12号".to_owned(),
        approver: "chen".to_owned(),
    };
    let some = order(chen.person, Some("600.00"));
    office.pay.order_deduction(&office.by("hu"), &some).await.unwrap();
    office.pay.order_deduction(&office.by("hu"), &order(wu.person, None)).await.unwrap();
    assert_eq!(
        code(office.pay.order_deduction(&office.by("chen"), &some).await),
        "DEDUCTION_SAME_PERSON"
    );
    let plan = office.funded(1, RunType::Normal).await;
    let part = office.part(&plan).await;
    let of = |payee: &Payee| part.lines.iter().find(|line| line.person == payee.person).unwrap();
    assert_eq!(of(&chen).deductions, Money::parse("600.00").unwrap());
    assert_eq!(of(&wu).net(), Money::ZERO);
    let batch = office.debited(&plan).await;
    assert_eq!(office.batch(&batch).await.lines.len(), 2);
}

#[tokio::test]
async fn an_unknown_outcome_is_asked_for_and_a_paid_line_comes_back_late_once() {
    let (office, [chen, ..]) = three().await;
    let plan = office.funded(1, RunType::Normal).await;
    let by = office.by("accountant");
    let batch = office.pay.compose(&by, &plan).await.unwrap().result.batches.remove(0);
    for role in ["accountant", "cashier"] {
        office.pay.sign(&office.by(role), &batch, role).await.unwrap();
    }
    office.pay.send(&office.by("cashier"), &batch).await.unwrap();
    office.pay.lose_outcome(&office.by("cashier"), &batch, "超时").await.unwrap();
    assert_eq!(code(office.pay.send(&office.by("cashier"), &batch).await), "BATCH_STAGE");
    let received = Answer::Received { reference: "BOC-7".to_owned() };
    office.pay.query_batch(&office.by("cashier"), &batch, &received).await.unwrap();
    assert_eq!(office.batch(&batch).await.stage, batch::Stage::Acknowledged);
    let total = office.batch(&batch).await.total.unwrap();
    office.pay.debit(&office.by("cashier"), &batch, "HD-1", total, TODAY).await.unwrap();
    office.answer(&batch, &[(1, None), (2, None), (3, None)]).await.unwrap();

    let late = LateReturn {
        batch: batch.clone(),
        seq: office.seq(&batch, &chen).await,
        reason: ReturnReason::AccountFrozen,
        reference: "TH-7".to_owned(),
    };
    office.pay.late_return(&office.by("cashier"), &late).await.unwrap();
    assert_eq!(office.obligation(chen.owed(1)).await.stage(), Stage::Returned);
    assert!(case(&office, &chen, 1).await.opened.is_some_and(|opened| opened.late));
    assert_eq!(
        code(office.pay.late_return(&office.by("cashier"), &late).await),
        "BATCH_LINE_NOT_PAID"
    );
}

#[tokio::test]
async fn a_month_paid_under_two_ids_is_recovered_and_the_next_one_is_claimed_under_both() {
    let (office, [chen, twin, _]) = three().await;
    let plan = office.funded(1, RunType::Normal).await;
    let batch = office.debited(&plan).await;
    office.answer(&batch, &[(1, None), (2, None), (3, None)]).await.unwrap();
    let registry = Registry::new(office.executor.clone());
    let merge =
        MergePersons {
            into: chen.person, from: twin.person, reason: "15位与18位号码".to_owned()
        };
    registry.merge_persons(&office.by("registrar"), &merge).await.unwrap();
    let id = twin.owed(1);
    office.run(async |unit| lives::merged(unit, id, chen.person).await).await.unwrap();
    let found = office.obligation(id).await;
    let Obligation::Overpaid { reason, .. } = &*found else { panic!("{found:?}") };
    assert_eq!(*reason, NotOwed::Duplicate);
    let february = office.calculated(2, RunType::Normal).await;
    let part = office.part(&february).await;
    assert_eq!(part.lines.len(), 2, "{:?}", part.lines);
    assert_eq!(part.excluded, 1);
}

#[tokio::test]
async fn an_exception_of_the_comparison_is_decided_before_the_plan_is_submitted() {
    let (office, [chen, ..]) = three().await;
    let plan = office.calculated(1, RunType::Normal).await;
    office.fund(&plan).await;
    let component = shared::Component::whole();
    let amount = Money::parse("9000.00").unwrap();
    let adjust = crate::benefits::AdjustGrant {
        grant: chen.grant,
        from: month(2),
        components: vec![benefits::grant::ComponentAmount { component, amount }],
        reason: "录入错误".to_owned(),
    };
    office.benefits.adjust_grant(&office.by("registrar"), &adjust).await.unwrap();
    let february = office.calculated(2, RunType::Normal).await;
    let compared = office.pay.compare(&office.by("hu"), &february).await.unwrap().result;
    assert_eq!((compared.unchanged, compared.exceptions, compared.undecided), (2, 1, 1));
    assert_eq!(code(office.pay.submit(&office.by("hu"), &february).await), "COMPARISON_UNDECIDED");
    let decide = DecideExceptions {
        entries: vec![0],
        decision: disbursement::comparison::Decision::Accepted,
        reason: "核定无误".to_owned(),
    };
    office.pay.decide_exceptions(&office.by("hu"), &february, &decide).await.unwrap();
    office.pay.submit(&office.by("hu"), &february).await.unwrap();
}

#[tokio::test]
async fn a_forbidden_benefit_beside_another_is_refused_and_an_allowed_one_is_not() {
    let (office, [chen, ..]) = three().await;
    let base = |item: &str, amount: &str, component: &str| crate::benefits::RegisterGrant {
        grant: None,
        person: chen.person,
        arises_from: None,
        item: shared::ItemId::parse(item).unwrap(),
        components: vec![benefits::grant::ComponentAmount {
            component: shared::Component::parse(component).unwrap(),
            amount: Money::parse(amount).unwrap(),
        }],
        from: month(2),
        to: None,
        payee: None,
        fund: None,
        area: shared::AreaCode::parse("320600").unwrap(),
        county: crate::registry::tests::town::county(),
        address: chen.address,
        basis: "通人社核2026-13".to_owned(),
    };
    let by = || office.by("registrar");
    let resident = base("A3", "200.00", "basic-pension");
    assert_eq!(code(office.benefits.register_grant(&by(), &resident).await), "GRANT_COMPETES");
    let officer = base("C2", "200.00", "whole");
    assert_eq!(code(office.benefits.register_grant(&by(), &officer).await), "done");
}

#[tokio::test]
async fn a_death_reported_after_the_freeze_leaves_him_out_with_the_reason() {
    let (office, [chen, ..]) = three().await;
    let registry = Registry::new(office.executor.clone());
    let report = ReportDeath {
        person: chen.person,
        died_on: Date::constant(2026, 1, 3),
        reported_on: Some(TODAY),
        source: registry::person::DeathSource::Police,
        verify_by: None,
    };
    registry.report_death(&envelope("report"), &report).await.unwrap();
    let plan = office.calculated(1, RunType::Normal).await;
    assert_eq!(office.part(&plan).await.excluded, 1);
    assert_eq!(Exclusion::DeathReported.code(), "death_reported");
    let confirm = ConfirmDeath {
        person: chen.person,
        died_on: Date::constant(2026, 1, 3),
        confirmed_on: Some(TODAY),
        source: registry::person::DeathSource::Police,
    };
    registry.confirm_death(&envelope("confirm"), &confirm).await.unwrap();
    // January is owed and was never planned: it goes to the heirs.
    let rules = definitions::Catalogue::bundled().unwrap();
    office
        .run(async |unit| {
            let grants = lives::grants_of(unit, &rules, chen.person).await?;
            lives::never_planned(unit, &rules, &grants[0], Date::constant(2026, 1, 3)).await
        })
        .await
        .unwrap();
    assert_eq!(office.obligation(chen.owed(1)).await.stage(), Stage::DueToHeirs);
}
