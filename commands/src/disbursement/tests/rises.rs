//! A rise that reaches back: paid to the living as its difference, and to the heirs of the dead.

use benefits::grant::{ComponentAmount, Grant};
use disbursement::obligation::{Obligation, Stage};
use shared::{Component, Date, Money, ObligationId, RunType};

use super::office::{Office, PENSION, Payee, month};
use crate::benefits::AdjustGrant;
use crate::disbursement::{NameHeir, raised};
use crate::registry::tests::town::{dies, registered};

const MORE: &str = "100.00";

fn more() -> Money {
    Money::parse(MORE).unwrap()
}

fn rise(payee: &Payee, amount: Money) -> AdjustGrant {
    AdjustGrant {
        grant: payee.grant,
        from: month(1),
        components: vec![ComponentAmount { component: Component::whole(), amount }],
        reason: "年度调整".to_owned(),
    }
}

fn adjustment(payee: &Payee) -> ObligationId {
    ObligationId { adjustment: 1, ..payee.owed(1) }
}

/// Two who were paid for January, the first of whom died in it; then all pensions rise.
async fn raised_after_a_death() -> (Office, [Payee; 2]) {
    let office = Office::new().await;
    let payees = [office.payee(1).await, office.payee(2).await];
    let plan = office.funded(1, RunType::Normal).await;
    let batch = office.debited(&plan).await;
    office.answer(&batch, &[(1, None), (2, None)]).await.unwrap();
    let died_on = Date::constant(2026, 1, 20);
    dies(&office.executor, payees[0].person, died_on).await;
    let amount = Money::parse(PENSION).unwrap() + more();
    let rows: Vec<AdjustGrant> = payees.iter().map(|payee| rise(payee, amount)).collect();
    let adjusted = office.benefits.adjust_grants(&office.by("registrar"), &rows).await.unwrap();
    assert_eq!(adjusted.refused().count(), 0);
    let (grant, _) = office.executor.load::<Grant>(payees[0].grant).await.unwrap();
    let record = grant.record().unwrap().clone();
    // Asked twice it passes on once.
    for _ in 0..2 {
        office
            .run(async |unit| raised::passed_on(unit, &record, month(1), died_on).await)
            .await
            .unwrap();
    }
    (office, payees)
}

#[tokio::test]
async fn what_a_rise_adds_to_the_months_of_the_dead_is_the_heirs() {
    let (office, [chen, wu]) = raised_after_a_death().await;
    let waiting = office.obligation(adjustment(&chen)).await;
    let Obligation::DueToHeirs { amount, .. } = &*waiting else { panic!("{waiting:?}") };
    assert_eq!(*amount, more());
    assert_eq!(office.obligation(adjustment(&wu)).await.stage(), Stage::AsPlanned);

    let plan = office.calculated(2, RunType::BackPay).await;
    let part = office.part(&plan).await;
    let lines: Vec<_> = part.lines.iter().map(|line| (line.person, line.gross)).collect();
    assert_eq!(lines, [(wu.person, more())], "nothing goes to the account of the dead");

    let heir = registered(&office.executor, 8).await;
    let name = NameHeir {
        deceased: chen.person,
        heir,
        address: office.address(heir, 8).await,
        basis: "公证书".to_owned(),
        approver: "hu".to_owned(),
    };
    office.pay.name_heir(&office.by("chen"), &name).await.unwrap();
    let plan = office.calculated(3, RunType::BackPay).await;
    let part = office.part(&plan).await;
    // Wu's February was never run: it is back-pay as well, and no business of the heir's.
    let of_chen = part.lines.iter().filter(|line| line.person == chen.person);
    let lines: Vec<_> = of_chen.map(|line| (line.address, line.gross)).collect();
    assert_eq!(lines, [(name.address, more())], "once, and to the heir");
}

#[tokio::test]
async fn the_difference_of_a_rise_is_back_pay_and_no_exception() {
    let (office, _) = raised_after_a_death().await;
    office.calculated(2, RunType::Normal).await;
    let plan = office.calculated(3, RunType::BackPay).await;
    let compared = office.pay.compare(&office.by("hu"), &plan).await.unwrap().result;
    assert_eq!((compared.back_paid, compared.exceptions), (1, 0));
}

#[tokio::test]
async fn of_many_adjustments_the_one_beyond_the_bounds_is_refused_alone() {
    let office = Office::new().await;
    let payees = [office.payee(1).await, office.payee(2).await];
    let rows = [
        rise(&payees[0], Money::parse("30000.01").unwrap()),
        rise(&payees[1], Money::parse("3300.00").unwrap()),
    ];
    let adjusted = office.benefits.adjust_grants(&office.by("registrar"), &rows).await.unwrap();
    let refused: Vec<_> = adjusted.refused().map(|(row, why)| (row, why.code.as_str())).collect();
    assert_eq!(refused, [(0, "GRANT_OUT_OF_BOUNDS")]);
    let (grant, _) = office.executor.load::<Grant>(payees[1].grant).await.unwrap();
    let now = grant.amounts_for(month(1)).unwrap();
    assert_eq!(now[0].amount, Money::parse("3300.00").unwrap());
}
