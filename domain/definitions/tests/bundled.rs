//! The files that are built into the program: whole, balanced, and as DISBURSEMENT lists them.

use std::collections::BTreeSet;

use definitions::{
    AmountFormat, Catalogue, Charset, Cycle, DigestPlace, Effect, Field, Fund, Occurs, PayDay,
    Payee, Posting, Role, Stage, Value,
};
use shared::{Date, FundCode, ItemId, Money, PayClass, RunType};

fn bundled() -> Catalogue {
    Catalogue::bundled().unwrap_or_else(|mistakes| {
        let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        panic!("{}", lines.join("\n"))
    })
}

fn item(id: &str) -> ItemId {
    id.parse().unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// Id, 名称, fund, trust book, cycle, payees.
type Row = (&'static str, &'static str, &'static str, bool, Cycle, &'static [Payee]);

#[test]
fn the_24_items_are_those_of_the_table() {
    use Cycle::{AfterClass, Monthly, MonthlyRun, Quarterly, WeeklyRun, Yearly};
    use Payee::{Dependant, Employer, Guardian, Intern, Relative, Self_, Student};
    let st = "employment-subsidy";
    let table: [Row; 24] = [
        ("A1", "企业职工基本养老金", "employee-pension", false, Monthly, &[Self_]),
        ("A2", "机关事业单位基本养老金", "institution-pension", false, Monthly, &[Self_]),
        ("A3", "城乡居民养老金", "resident-pension", false, Monthly, &[Self_]),
        ("A4", "养老丧葬补助金和抚恤金", "employee-pension", false, WeeklyRun, &[Relative]),
        ("A5", "失业保险金", "unemployment", false, Monthly, &[Self_, Relative]),
        ("A6", "工伤定期待遇", "injury", false, Monthly, &[Self_, Dependant, Guardian]),
        ("A7", "工伤护理费", "injury", false, Monthly, &[Self_]),
        ("A8", "工伤一次性待遇", "injury", false, WeeklyRun, &[Self_, Relative]),
        ("B1", "创业贷款补贴", "interest-subsidy", true, Quarterly, &[Self_]),
        ("B2", "公共实训补贴", "public-training", true, AfterClass, &[Self_]),
        ("B3", "企业招聘奖励", st, true, Quarterly, &[Employer]),
        ("B4", "一次性创业补贴", st, true, MonthlyRun, &[Self_]),
        ("B5", "就业困难人员灵活就业社保补贴", st, true, Quarterly, &[Self_]),
        ("B6", "离校1年内高校毕业生灵活就业社保补贴", st, true, Quarterly, &[Self_]),
        ("B7", "公益性岗位岗位补贴", st, true, Monthly, &[Self_]),
        ("B8", "求职创业补贴", st, true, Yearly, &[Student]),
        ("B9", "就业见习补贴", st, true, Monthly, &[Intern, Employer]),
        ("B10", "就业技能培训补贴", st, true, MonthlyRun, &[Self_]),
        ("B11", "失业保险技能提升补贴", "unemployment", false, MonthlyRun, &[Self_]),
        ("C1", "事转企差额补贴", "institution-gap", true, Monthly, &[Self_]),
        ("C2", "军转补贴", "ex-officer", true, Monthly, &[Self_]),
        ("C3", "劳模津贴", "model-worker", true, Monthly, &[Self_]),
        ("C4", "国企职教幼教差额", "soe-teachers", true, Monthly, &[Self_]),
        ("C5", "离休干部春节慰问", "retired-cadres", true, Yearly, &[Self_]),
    ];
    let catalogue = bundled();
    let found: Vec<String> = catalogue.items().keys().map(ToString::to_string).collect();
    assert_eq!(found, table.map(|row| row.0), "as staff list them: B2 before B10");
    for (id, zh, fund, trust, cycle, payees) in table {
        let found = catalogue.item(item(id)).unwrap();
        assert_eq!(found.name.zh, zh);
        assert_eq!(found.fund(), fund.parse::<FundCode>().unwrap(), "{id}");
        assert_eq!((found.trust, found.cycle), (trust, cycle), "{id}");
        assert_eq!(found.payees, payees, "{id}");
        let class = match id.as_bytes()[0] {
            b'A' => PayClass::SocialInsurance,
            b'B' => PayClass::EmploymentSubsidy,
            _ => PayClass::Agency,
        };
        assert_eq!(found.class, class, "{id}");
    }
}

#[test]
fn an_items_parts_months_and_days_are_its_own() {
    let catalogue = bundled();
    let a3 = catalogue.item(item("A3")).unwrap();
    let parts: Vec<&str> = a3.components.iter().map(|part| part.name.zh.as_str()).collect();
    assert_eq!(parts, ["基础养老金", "个人账户养老金"]);
    let basic = a3.components[0].component;
    assert_eq!(a3.expense_account(basic), Some("5001.02"));
    assert!(catalogue.items().values().all(|item| item.id == a3.id || item.components.len() == 1));

    let in_march_only = ["B1", "B3", "B5"];
    for id in in_march_only {
        let runs: Vec<i8> =
            (1..=3).filter(|m| catalogue.item(item(id)).unwrap().runs_in(*m)).collect();
        assert_eq!(runs, [3], "{id}");
    }
    assert!((1..=3).all(|month| !catalogue.item(item("B8")).unwrap().runs_in(month)));

    let PayDay::Dated { parameter } = &catalogue.item(item("C5")).unwrap().pay_day else {
        panic!("C5 is paid on a date of its own");
    };
    let pay_date = catalogue.parameter(parameter).unwrap().date_on(day("2026-01-20"));
    assert_eq!(pay_date, Ok(day("2026-02-06")));
}

#[test]
fn the_funds_are_five_of_insurance_and_eight_of_trust() {
    let catalogue = bundled();
    let of = |kind| catalogue.all::<Fund>().values().filter(|fund| fund.kind == kind).count();
    assert_eq!((of(definitions::FundKind::Insurance), of(definitions::FundKind::Trust)), (5, 8));
    assert!(
        catalogue
            .funds()
            .values()
            .all(|fund| { fund.provider.is_some() == (fund.kind == definitions::FundKind::Trust) })
    );
    let used: BTreeSet<_> = catalogue.items().values().flat_map(|item| &item.funds).collect();
    assert_eq!(used.len(), 13, "every fund pays something");
}

#[test]
fn the_four_layouts_differ_and_hold_what_a_payment_needs() {
    let catalogue = bundled();
    let layouts: Vec<_> = catalogue.layouts().values().collect();
    let banks: Vec<String> = layouts.iter().map(|layout| layout.id.to_string()).collect();
    assert_eq!(banks, ["BOC", "BOCOM", "CMB", "JSB"]);
    let separators: BTreeSet<char> = layouts.iter().map(|layout| layout.separator).collect();
    assert_eq!(separators.len(), 4);
    let orders: BTreeSet<_> =
        layouts.iter().map(|layout| layout.instruction.line.clone()).collect();
    assert_eq!(orders.len(), 4);
    assert!(layouts.iter().any(|layout| layout.amount == AmountFormat::Fen));
    assert!(layouts.iter().any(|layout| layout.digest == DigestPlace::ReadyMark));
    let gbk = layouts.iter().filter(|layout| layout.charset == Charset::Gbk);
    assert_eq!(gbk.map(|layout| layout.id.to_string()).collect::<Vec<_>>(), ["JSB"]);
    for layout in &layouts {
        assert!(layout.instruction.line.contains(&Field::Attempt), "{}", layout.id);
        let known: BTreeSet<_> = layout.reply.reasons.values().collect();
        assert_eq!(known.len(), 13, "{} says every reason", layout.id);
        let in_prefix_table = shared::bank_name(layout.prefix_bank).unwrap();
        assert!(in_prefix_table.ends_with(&layout.name.zh), "{in_prefix_table}");
    }
}

#[test]
fn a_higher_sum_and_a_main_run_add_levels() {
    let catalogue = bundled();
    let roles = |id: &str, run, total: &str| -> Vec<Role> {
        let steps = catalogue.chain_for(item(id), run, Money::parse(total).unwrap()).unwrap();
        steps.iter().map(|step| step.role).collect()
    };
    use Role::{Accountant, Approver, Cashier, Checker, DeputyDirector, Handler, SectionHead};
    assert_eq!(
        roles("A2", RunType::Normal, "5000000.00"),
        [Handler, Checker, Approver, Accountant, Cashier]
    );
    assert_eq!(
        roles("A2", RunType::Normal, "5000000.01"),
        [Handler, Checker, Approver, SectionHead, Accountant, Cashier]
    );
    for main in ["A1", "A3"] {
        assert_eq!(
            roles(main, RunType::Normal, "1.00"),
            [Handler, Checker, Approver, SectionHead, Accountant, Cashier]
        );
        assert!(roles(main, RunType::Normal, "60000000.00").contains(&DeputyDirector));
        assert_eq!(
            roles(main, RunType::Reissue, "1.00"),
            [Handler, Checker, Approver, Accountant, Cashier]
        );
    }
    let steps = catalogue.chain_for(item("A1"), RunType::Normal, Money::default()).unwrap();
    assert_eq!(steps[0].stage, Stage::Submit);
}

#[test]
fn a_policy_covers_the_life_of_a_payment() {
    let catalogue = bundled();
    let always = [
        Occurs::OpeningBalance,
        Occurs::PlanApproved,
        Occurs::ObligationCancelled,
        Occurs::AppropriationReceived,
        Occurs::FundsReserved,
        Occurs::ReservationReleased,
        Occurs::BatchDebited,
        Occurs::BatchRejected,
        Occurs::LinePaid,
        Occurs::LineNetted,
        Occurs::LineReturned,
        Occurs::ReturnMoneyReceived,
        Occurs::LateReturn,
        Occurs::DeductionRemitted,
        Occurs::OverpaymentFound,
        Occurs::RecoveryReceived,
        Occurs::RecoveryOffset,
        Occurs::RecoveryWrittenOff,
        Occurs::UnidentifiedCredit,
        Occurs::UnidentifiedCreditReturned,
        Occurs::UnidentifiedDebit,
        Occurs::UnidentifiedDebitReversed,
    ];
    for (id, posting) in catalogue.all::<Posting>() {
        for occurs in always {
            assert!(posting.on(occurs).is_some(), "{id} says nothing about {occurs}");
        }
    }
    let insurance = catalogue.posting("insurance-expense-on-paid").unwrap();
    let legs = |occurs| -> Vec<String> {
        let legs = &insurance.on(occurs).unwrap().legs;
        let spell = |leg: &definitions::Leg| {
            let account = leg.account.as_deref().unwrap_or("expense");
            format!("{} {} {account} {}", leg.ledger, leg.side, leg.amount)
        };
        legs.iter().map(spell).collect()
    };
    assert_eq!(legs(Occurs::LineReturned), ["F debit 1101.02 net", "F credit 1101.01 net"]);
    assert_eq!(legs(Occurs::ReturnMoneyReceived), ["F debit 1004 total", "F credit 1101.02 total"]);
    assert_eq!(insurance.on(Occurs::FundsReserved).unwrap().effect, Effect::Reserve);
    assert_eq!(insurance.on(Occurs::BatchDebited).unwrap().effect, Effect::Settle);
    let recovered = insurance.on(Occurs::RecoveryReceived).unwrap();
    let into_1004 = recovered.legs.iter().any(|leg| leg.account.as_deref() == Some("1004"));
    assert!(!into_1004, "recovered money never enters the expenditure account");
}

#[test]
fn a_parameter_goes_by_business_date() {
    let catalogue = bundled();
    let minimum = catalogue.parameter("resident-pension-basic-minimum").unwrap();
    assert_eq!(minimum.money_on(day("2024-12-31")), Ok(Money::parse("123.00").unwrap()));
    assert_eq!(minimum.money_on(day("2025-01-01")), Ok(Money::parse("143.00").unwrap()));
    assert_eq!(
        minimum.on(day("2009-08-31")).unwrap_err().to_string(),
        "parameter resident-pension-basic-minimum has no value on 2009-08-31: the first is known \
         from 2009-09-01"
    );
    let festival = catalogue.parameter("pay-date-spring-festival-grant").unwrap();
    assert_eq!(
        festival.on(day("2027-01-01")).unwrap_err().to_string(),
        "parameter pay-date-spring-festival-grant has no value on 2027-01-01: the last one before \
         ended on 2026-12-31"
    );
    let bands = catalogue.parameter("return-ageing-bands").unwrap();
    assert_eq!(bands.on(day("2026-03-01")), Ok(&Value::Integers(vec![7, 30, 90])));
    assert!(bands.money_on(day("2026-03-01")).is_err());
    let years = catalogue.parameter("pension-minimum-contribution").unwrap();
    assert_eq!(years.integer_on(day("2039-06-01")), Ok(240));
}
