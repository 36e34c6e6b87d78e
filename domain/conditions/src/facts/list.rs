//! Every word, by subject.

use shared::ReturnReason;

use super::{AGE_BANDS, Declared, Subject, UNIT_BANDS, Window};
use crate::value::{Type, Value};

pub(super) fn list() -> Vec<Declared> {
    use Subject::{Bank, Channel, Division, Employer, Fund, Person, Project};
    use Window::{Month, Standing};
    let flag = || Some(Value::Flag(false));
    let none = || Some(Value::Number(0));
    let empty = || Some(Value::Words(Vec::new()));
    let fact = |subject, name, kind, window, (zh, en), absent, source| Declared {
        subject,
        name,
        kind,
        window,
        zh,
        en,
        absent,
        ids_of: None,
        source,
    };
    let said = |subject, name, kind, words, absent, source| {
        fact(subject, name, kind, Standing, words, absent, source)
    };
    let ids = |kind, name, words, source| Declared {
        ids_of: Some(kind),
        ..said(Person, name, Type::words([]), words, empty(), source)
    };
    let monthly =
        |subject, name, kind, words, source| fact(subject, name, kind, Month, words, None, source);
    let life = Type::word(["alive", "death_reported", "dead"]);
    let sex = Type::word(["male", "female"]);
    let bands = Type::word(AGE_BANDS.map(|(_, band)| band));
    let unit_bands = Type::word(UNIT_BANDS.map(|(_, band)| band));
    let card = Type::word(["none", "made", "delivered", "issued", "lost", "replaced", "cancelled"]);
    let reasons = Type::words(ReturnReason::CODES.iter().copied());
    let unit = Type::word([
        "enterprise",
        "public_agency",
        "institution",
        "social_organisation",
        "sole_trader",
        "other",
    ]);
    let late = ("死亡后多少天才获知", "days between a death and the first report of it");
    let after =
        ("死亡次月起仍已报盘的月数", "months after the month of death that were instructed");
    vec![
        said(Person, "life", life, ("生存状态", "life"), None, "person, death"),
        said(Person, "died_on", Type::Date, ("死亡日期", "day of death"), None, "death"),
        said(Person, "death_late_days", Type::Number, late, None, "death"),
        said(Person, "paid_after_death", Type::Number, after, none(), "batch, death"),
        said(Person, "sex", sex, ("性别", "sex"), None, "person"),
        said(Person, "born", Type::Month, ("出生年月", "month of birth"), None, "person"),
        said(Person, "age_band", bands, ("年龄段", "age band"), None, "person"),
        said(Person, "county", Type::Text, ("户籍区县", "county of registration"), None, "person"),
        said(Person, "guarded", Type::Flag, ("有监护人", "has a guardian"), flag(), "person"),
        said(
            Person,
            "merged",
            Type::Flag,
            ("已并入他号", "merged into another id"),
            flag(),
            "person",
        ),
        said(
            Person,
            "double_corrections",
            Type::Number,
            ("姓名证件同时更正次数", "corrections of name and number in one step"),
            none(),
            "person",
        ),
        ids("item", "items", ("在享待遇项目", "items drawn"), "grant"),
        ids("stop", "stops", ("暂停原因", "standing stops"), "grant"),
        said(
            Person,
            "drawn_by_others",
            Type::Number,
            ("由他人代领的待遇数", "grants drawn by somebody else"),
            none(),
            "grant",
        ),
        said(
            Person,
            "guardian_payees",
            Type::Number,
            ("由监护人代领的待遇数", "grants drawn by a guardian"),
            none(),
            "grant",
        ),
        said(Person, "holds", Type::Number, ("暂扣笔数", "lines held"), none(), "obligation"),
        said(Person, "returns", Type::Number, ("退票次数", "returned lines"), none(), "obligation"),
        said(Person, "return_reasons", reasons, ("退票原因", "why"), empty(), "obligation"),
        said(
            Person,
            "card",
            card,
            ("社保卡状态", "card"),
            Some(Value::Text("none".to_owned())),
            "card",
        ),
        said(
            Person,
            "card_pays",
            Type::Flag,
            ("金融账户已激活", "the card's account is active"),
            flag(),
            "card",
        ),
        said(
            Person,
            "accounts_frozen",
            Type::Number,
            ("冻结的发放账户", "frozen pay addresses"),
            none(),
            "pay-address",
        ),
        said(
            Person,
            "accounts_failed",
            Type::Number,
            ("验证失败的发放账户", "pay addresses that failed"),
            none(),
            "pay-address",
        ),
        monthly(
            Person,
            "instructed",
            Type::Money,
            ("当月报盘金额", "instructed in the month"),
            "batch",
        ),
        monthly(
            Person,
            "instructed_change",
            Type::BasisPoints,
            ("报盘金额环比", "change of it against the month before"),
            "batch",
        ),
        said(
            Person,
            "account_sharers",
            Type::Number,
            ("共用同一账户的人数", "people with the same account"),
            None,
            "observation",
        ),
        said(
            Person,
            "phone_sharers",
            Type::Number,
            ("共用同一手机号的人数", "people with the same phone"),
            None,
            "observation",
        ),
        said(
            Person,
            "certification_overdue_days",
            Type::Number,
            ("资格认证逾期天数", "days since certification was due"),
            None,
            "observation",
        ),
        said(
            Person,
            "insured_months_36",
            Type::Number,
            ("近36个月缴费月数", "months paid of 36"),
            None,
            "",
        ),
        said(
            Person,
            "employers_12",
            Type::Number,
            ("近12个月单位个数", "employers in 12 months"),
            None,
            "",
        ),
        said(
            Person,
            "employment",
            Type::word(["employed", "unemployed", "out"]),
            ("就业状态", "employment"),
            None,
            "",
        ),
        said(Person, "hard_to_place", Type::Flag, ("就业困难人员", "hard to place"), None, ""),
        said(
            Person,
            "skill_level",
            Type::word(["5", "4", "3", "2", "1"]),
            ("技能级别", "skill level"),
            None,
            "",
        ),
        said(
            Person,
            "title_level",
            Type::word(["junior", "middle", "senior"]),
            ("职称级别", "title level"),
            None,
            "",
        ),
        said(Employer, "kind", unit, ("单位类型", "kind of unit"), None, "employer"),
        said(
            Employer,
            "industry",
            Type::Text,
            ("行业代码", "industry, GB/T 4754"),
            None,
            "employer",
        ),
        said(Employer, "county", Type::Text, ("所在区县", "county"), None, "employer"),
        said(
            Employer,
            "age_band",
            unit_bands,
            ("成立年限", "years since registration"),
            None,
            "employer",
        ),
        said(Employer, "closed", Type::Flag, ("已注销", "deregistered"), flag(), "employer"),
        said(
            Employer,
            "virtual",
            Type::Flag,
            ("虚拟单位", "a roster that no unit employs"),
            flag(),
            "employer",
        ),
        said(Employer, "heads", Type::Number, ("参保人数", "insured heads"), None, ""),
        monthly(
            Employer,
            "heads_drop",
            Type::BasisPoints,
            ("参保人数降幅", "fall of insured heads against the month before"),
            "",
        ),
        monthly(
            Employer,
            "contributions_drop",
            Type::BasisPoints,
            ("缴费降幅", "fall of contributions against the month before"),
            "",
        ),
        monthly(Employer, "arrears", Type::Flag, ("欠缴", "contributions in arrears"), ""),
        monthly(
            Employer,
            "wage_complaints",
            Type::Number,
            ("欠薪投诉人数", "people who complained of unpaid wages"),
            "",
        ),
        monthly(
            Employer,
            "group_visits",
            Type::Number,
            ("集访人次", "people of a group visit"),
            "",
        ),
        said(
            Employer,
            "child_labour",
            Type::Number,
            ("童工人数", "children found at work"),
            None,
            "",
        ),
        monthly(Employer, "layoffs", Type::Number, ("裁员人数", "people laid off"), ""),
        monthly(Employer, "layoff_share", Type::BasisPoints, ("裁员比例", "share laid off"), ""),
        monthly(
            Employer,
            "without_contract",
            Type::Number,
            ("未签合同人数", "people without a contract after a month"),
            "",
        ),
        monthly(Employer, "uninsured", Type::Number, ("未参保人数", "people not insured"), ""),
        monthly(
            Employer,
            "overtime_hours",
            Type::Number,
            ("月加班小时", "overtime hours a month"),
            "",
        ),
        monthly(
            Employer,
            "power_drop",
            Type::BasisPoints,
            ("用电降幅", "fall of power used against the month before"),
            "",
        ),
        said(
            Employer,
            "arbitration_cases",
            Type::Number,
            ("仲裁案件数", "arbitration cases"),
            None,
            "",
        ),
        said(
            Employer,
            "inspection_cases",
            Type::Number,
            ("监察案件数", "inspection cases"),
            None,
            "",
        ),
        said(Employer, "injuries", Type::Number, ("工伤次数", "injuries"), None, ""),
        monthly(Bank, "answered", Type::Number, ("当月回盘笔数", "lines answered"), "batch"),
        monthly(Bank, "returned", Type::Number, ("当月退票笔数", "lines returned"), "batch"),
        monthly(Bank, "return_rate", Type::BasisPoints, ("当月退票率", "return rate"), "batch"),
        monthly(
            Bank,
            "contradictions",
            Type::Number,
            ("当月矛盾回盘笔数", "contradictory lines"),
            "batch",
        ),
        monthly(
            Bank,
            "strangers",
            Type::Number,
            ("当月不明回盘笔数", "lines nobody sent"),
            "batch",
        ),
        said(
            Bank,
            "unknown_days",
            Type::Number,
            ("最早未回盘批次天数", "days of the oldest unanswered batch"),
            none(),
            "batch, calendar",
        ),
        said(
            Bank,
            "unknown_batches",
            Type::Number,
            ("未回盘批次数", "unanswered batches"),
            none(),
            "batch",
        ),
        monthly(Fund, "surplus", Type::Money, ("当月收支结余", "surplus of the month"), "figure"),
        monthly(Fund, "payable_months", Type::Number, ("静态可支付月数", "months payable"), ""),
        said(Project, "contractor", Type::Text, ("总包单位", "main contractor"), None, ""),
        monthly(
            Project,
            "paid_share",
            Type::BasisPoints,
            ("实发人数比例", "paid heads of attendance"),
            "",
        ),
        monthly(
            Project,
            "unpaid_months",
            Type::Number,
            ("连续未发月数", "months unpaid in a row"),
            "",
        ),
        monthly(
            Division,
            "unemployed_change",
            Type::BasisPoints,
            ("失业登记环比", "change of registered unemployed"),
            "",
        ),
        said(
            Channel,
            "gap_hours",
            Type::Number,
            ("交换中断小时", "hours without exchange"),
            None,
            "observation",
        ),
        said(
            Channel,
            "failures",
            Type::Number,
            ("当日失败次数", "failures of the day"),
            None,
            "observation",
        ),
    ]
}
