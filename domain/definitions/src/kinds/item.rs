//! Pay items: what is paid, to whom, from which fund, when, and through which review
//! (DISBURSEMENT section 3).

use std::collections::BTreeMap;

use serde::Serialize;
use shared::{Component, FundCode, ItemId, Money, PayClass, RunType};

use super::account::{Account, Ledger, Side};
use super::fund::{Fund, FundKind};
use super::parameter::{Parameter, ValueType};
use super::posting::{Book, Posting};
use super::{Critic, Definitions, Kind, Listed};
use crate::block::{Block, Name};
use crate::mistake::Fault;
use crate::word::words;

words! {
    /// How obligations of an item gather into runs.
    pub enum Cycle {
        /// One obligation for each month.
        Monthly = "monthly",
        Quarterly = "quarterly",
        Yearly = "yearly",
        /// One-off claims, paid together once a week.
        WeeklyRun = "weekly-run",
        /// One-off claims, paid together once a month.
        MonthlyRun = "monthly-run",
        /// Claims after a class has ended, paid once a month.
        AfterClass = "after-class",
    }
}

words! {
    pub enum Payee {
        /// The person who is entitled.
        Self_ = "self",
        /// An approved guardian: no warning "payee ≠ insured".
        Guardian = "guardian",
        /// An heir, by a case, for months up to the month of death.
        Heir = "heir",
        /// A surviving relative, in his own right.
        Relative = "relative",
        Dependant = "dependant",
        Employer = "employer",
        Student = "student",
        Intern = "intern",
    }
}

words! {
    /// The person whose state gives rise to the claim.
    pub enum ArisesFrom {
        /// The beneficiary.
        Self_ = "self",
        Deceased = "deceased",
        Intern = "intern",
        /// Workers whom the employer hired.
        Hired = "hired",
    }
}

words! {
    /// Of what there can be only one, beyond one obligation per person, month and component.
    pub enum OnePer {
        Obligation = "obligation",
        /// One grant for each deceased, whoever claims (DISBURSEMENT 2.4).
        Deceased = "deceased",
        /// Once in a lifetime.
        Person = "person",
        PersonAndYear = "person-and-year",
    }
}

words! {
    pub enum Weekday {
        Monday = "monday",
        Tuesday = "tuesday",
        Wednesday = "wednesday",
        Thursday = "thursday",
        Friday = "friday",
    }
}

words! {
    enum PayDayRule {
        DayOfMonth = "day-of-month",
        DayOfWeek = "day-of-week",
        Dated = "dated",
    }
}

/// When an item is paid. A pay day on a holiday moves earlier; swap working Saturdays count
/// (DISBURSEMENT 2.6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "rule", rename_all = "kebab-case")]
pub enum PayDay {
    /// 1–28.
    DayOfMonth {
        day: i8,
    },
    DayOfWeek {
        weekday: Weekday,
    },
    /// The pay date of the year stands in this parameter, of type `date`.
    Dated {
        parameter: String,
    },
}

/// The least and most that one line may hold; a line outside is excluded with a reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bounds {
    pub min: Money,
    pub max: Money,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    pub id: ItemId,
    pub name: Name,
    pub source: String,
    pub class: PayClass,
    /// The books that may pay it; the obligation says which (DISBURSEMENT 2.11). More than one only
    /// where another person's insurance decides.
    pub funds: Vec<FundCode>,
    /// Paid from a trust book.
    pub trust: bool,
    pub cycle: Cycle,
    /// The months, 1–12, in which the item runs.
    pub months: Vec<i64>,
    pub pay_day: PayDay,
    pub payees: Vec<Payee>,
    /// Who may draw in a payee's place: approved guardians, heirs up to the month of death.
    pub stand_ins: Vec<Payee>,
    pub arises_from: ArisesFrom,
    pub one_per: OnePer,
    pub bounds: Bounds,
    /// Basis points of last month's amount; a larger change goes on the comparison list.
    pub change_threshold: i64,
    /// The chain of every run type that `chains` does not name.
    pub chain: String,
    pub chains: BTreeMap<RunType, String>,
    pub posting: String,
    /// The components in the order in which they are listed, each with its expense account.
    pub components: Vec<ItemComponent>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ItemComponent {
    pub component: Component,
    pub name: Name,
    pub expense_account: String,
}

impl Item {
    /// The book that pays it, or the usual one where there are several.
    ///
    /// # Panics
    /// Never: an item without a fund does not load.
    #[must_use]
    pub fn fund(&self) -> FundCode {
        *self.funds.first().expect("an item without a fund does not load")
    }

    /// The id of the review chain for a run of this type.
    #[must_use]
    pub fn chain_id(&self, run: RunType) -> &str {
        self.chains.get(&run).unwrap_or(&self.chain)
    }

    /// The account that a component's spending is booked on.
    #[must_use]
    pub fn expense_account(&self, component: Component) -> Option<&str> {
        let of = |part: &&ItemComponent| part.component == component;
        self.components.iter().find(of).map(|part| part.expense_account.as_str())
    }

    /// Whether the item runs in this month of the year, 1–12.
    #[must_use]
    pub fn runs_in(&self, month: i8) -> bool {
        self.months.contains(&i64::from(month))
    }
}

impl Kind for Item {
    const WORD: &'static str = "item";
    type Id = ItemId;

    fn read(block: &Block<'_>) -> Option<(ItemId, Self)> {
        let (id, name, source) = block.head(|text| text.parse::<ItemId>().ok());
        let class = block.word("class");
        let funds = block
            .references("funds", "fund")
            .and_then(|funds| funds.iter().map(|fund| FundCode::parse(fund).ok()).collect());
        let trust = block.flag("trust");
        let cycle = block.word("cycle");
        let months = block.integers("months", 1, 12);
        let pay_day = block.table("pay_day", read_pay_day);
        let payees = block.words("payees");
        let stand_ins = block.words_or_none_if_any("stand_ins");
        let arises_from = block.word_or("arises_from", ArisesFrom::Self_);
        let one_per = block.word_or("one_per", OnePer::Obligation);
        let bounds = block.table("bounds", read_bounds);
        let change_threshold = block.integer("change_threshold", 0, 1_000_000);
        let chain = block.reference("chain", "chain");
        let chains = block.references_by_if_any("chains", "chain");
        let posting = block.reference("posting", "posting");
        let components = block.tables("component", |part| {
            let component = part.parsed("id", COMPONENT, |text| Component::parse(text).ok());
            let name = part.table("name", Name::read);
            let expense_account = part.reference("expense_account", "account");
            Some(ItemComponent {
                component: component?,
                name: name?,
                expense_account: expense_account?,
            })
        });
        let id = id?;
        Some((
            id,
            Self {
                id,
                name: name?,
                source: source?,
                class: class?,
                funds: funds?,
                trust: trust?,
                cycle: cycle?,
                months: months?,
                pay_day: pay_day?,
                payees: payees?,
                stand_ins: stand_ins?,
                arises_from: arises_from?,
                one_per: one_per?,
                bounds: bounds?,
                change_threshold: change_threshold?,
                chain: chain?,
                chains: chains?,
                posting: posting?,
                components: components?,
            },
        ))
    }

    fn check(&self, among: &Definitions, critic: &Critic<'_>) {
        for fund in self.funds.iter().filter_map(|code| Fund::list(among).get(code)) {
            if (fund.kind == FundKind::Trust) != self.trust {
                let (id, is, says) = (fund.id, fund.kind, self.trust);
                critic.note(
                    "trust",
                    Fault::contradiction(
                        format!("基金 {id} 属于 {is},与 trust = {says} 不符"),
                        format!("fund {id} is {is}, but trust is {says}"),
                    ),
                );
            }
        }
        if let Some(posting) = Posting::list(among).get(&self.posting)
            && (posting.book == Book::Trust) != self.trust
        {
            let book = posting.book;
            critic.note(
                "posting",
                Fault::contradiction(
                    format!("记账规则 {} 用于 {book} 账套", self.posting),
                    format!("posting {} is for {book} books", self.posting),
                ),
            );
        }
        if let PayDay::Dated { parameter } = &self.pay_day
            && let Some(found) = Parameter::list(among).get(parameter)
            && found.value_type != ValueType::Date
        {
            critic.note(
                "pay_day.parameter",
                Fault::contradiction(
                    format!("参数 {parameter} 不是日期"),
                    format!("parameter {parameter} is no date"),
                ),
            );
        }
        for part in &self.components {
            if let Some(account) = Account::list(among).get(&part.expense_account)
                && (account.ledger != Ledger::Fund || account.side != Side::Debit)
            {
                critic.note(
                    "component.expense_account",
                    Fault::contradiction(
                        format!("科目 {} 不是支出科目", account.id),
                        format!("account {} holds no spending", account.id),
                    ),
                );
            }
        }
    }
}

const COMPONENT: (&str, &str) =
    ("项目组成部分的代码(如 basic-pension)", "a component's code such as basic-pension");

fn read_pay_day(block: &Block<'_>) -> Option<PayDay> {
    match block.word("rule") {
        // The 29th does not exist in every month.
        Some(PayDayRule::DayOfMonth) => {
            let day = block.integer("day", 1, 28)?;
            i8::try_from(day).ok().map(|day| PayDay::DayOfMonth { day })
        }
        Some(PayDayRule::DayOfWeek) => {
            block.word("weekday").map(|weekday| PayDay::DayOfWeek { weekday })
        }
        Some(PayDayRule::Dated) => {
            block.reference("parameter", "parameter").map(|parameter| PayDay::Dated { parameter })
        }
        None => {
            block.skip::<()>("day");
            block.skip::<()>("weekday");
            block.skip("parameter")
        }
    }
}

fn read_bounds(block: &Block<'_>) -> Option<Bounds> {
    let (min, max) = (block.money("min"), block.money("max"));
    let (min, max) = (min?, max?);
    if min > max {
        return block.refuse(
            "min",
            Fault::contradiction(
                format!("下限 {min} 大于上限 {max}"),
                format!("the least, {min}, is above the most, {max}"),
            ),
        );
    }
    Some(Bounds { min, max })
}
