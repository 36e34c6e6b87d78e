//! One employer of the city.

use std::sync::OnceLock;

use shared::{BankCode, CreditCode, DivisionCode, EmployerId, PayAddressId};

use crate::account::{self, UnitAccount};
use crate::dice::Dice;
use crate::ids;
use crate::numbers::Numbers;
use crate::plan::Plan;
use crate::table::rows;
use crate::{names, place};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Employer {
    /// From 0; the place in [`crate::City::employers`].
    pub index: u32,
    pub id: EmployerId,
    pub name: String,
    pub credit_code: CreditCode,
    pub county: DivisionCode,
    /// A class of GB/T 4754-2017, like `C3731`.
    pub industry: &'static str,
    pub industry_name: &'static str,
    /// Everybody on the payroll as reported, not only residents of the city.
    pub head_count: u32,
    pub account: UnitAccount,
}

struct Industry {
    code: &'static str,
    name: &'static str,
    trade: &'static str,
    /// 1 small to 8 large.
    size: u32,
}

pub(crate) fn employers(plan: &Plan, numbers: &Numbers) -> Vec<Employer> {
    (0..plan.employers).map(|index| employer(plan, numbers, index)).collect()
}

fn employer(plan: &Plan, numbers: &Numbers, index: u32) -> Employer {
    let mut dice = Dice::new(plan.seed, "employer", index);
    let industry = dice.weighted(industries());
    let county = place::county(&mut dice);
    let own = names::firm(&mut dice);
    // Two firms may share a style in life; a number in the middle keeps demo names apart.
    let name = format!("南通{own}{}{}有限公司", serial(index), industry.trade);
    let bank = account::bank(&mut dice);
    let head_count = head_count(&mut dice, industry.size);
    Employer {
        index,
        id: EmployerId::from_uuid(ids::uuid(plan, "employer", index)),
        name,
        credit_code: numbers.credit_code(county, index),
        county,
        industry: industry.code,
        industry_name: industry.name,
        head_count,
        account: account_of(plan, numbers, &mut dice, bank.bank(), index),
    }
}

fn account_of(
    plan: &Plan,
    numbers: &Numbers,
    dice: &mut Dice,
    bank: BankCode,
    index: u32,
) -> UnitAccount {
    let prefix = format!("{:06}", dice.between(320_100, 999_999));
    UnitAccount {
        bank,
        number: numbers.unit_account(&prefix, index),
        address: PayAddressId::from_uuid(ids::uuid(plan, "employer-address", index)),
    }
}

/// Many small ones, few large: each throw that comes up doubles the figure.
fn head_count(dice: &mut Dice, size: u32) -> u32 {
    let mut count = dice.between(3, 12) * size;
    while dice.chance(4_500) && count < 4_000 {
        count *= 2;
    }
    count
}

/// A number in Chinese figures, as in `南通华源二三家纺有限公司`.
fn serial(index: u32) -> String {
    const FIGURES: [char; 10] = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    index.to_string().bytes().map(|digit| FIGURES[usize::from(digit - b'0')]).collect()
}

fn industries() -> &'static [(Industry, u32)] {
    static INDUSTRIES: OnceLock<Vec<(Industry, u32)>> = OnceLock::new();
    INDUSTRIES.get_or_init(|| {
        rows(include_str!("../data/industries.csv"))
            .map(|[code, name, trade, share, size]| {
                let number = |text: &str| text.parse().expect("the committed table holds figures");
                (Industry { code, name, trade, size: number(size) }, number(share))
            })
            .collect()
    })
}

impl Employer {
    /// Everything in one line, for the digest of the city.
    pub(crate) fn line(&self) -> String {
        let Self {
            index,
            id,
            name,
            credit_code,
            county,
            industry,
            industry_name,
            head_count,
            account: UnitAccount { bank, number, address },
        } = self;
        format!(
            "{index}|{id}|{name}|{credit_code}|{county}|{industry}|{industry_name}|{head_count}|\
             {bank}|{number}|{address}\n"
        )
    }
}
