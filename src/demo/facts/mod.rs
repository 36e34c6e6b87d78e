//! The sixteen facts of the demo city (DISBURSEMENT section 4), each looked at in what the system
//! shows afterwards, not in what the demo did.
//!
//! | facts | file |
//! |---|---|
//! | 1, 2, 3 | [`payees`] |
//! | 4, 7, 8 | [`grants`] |
//! | 5, 6 | [`lives`] |
//! | 9 | [`returns`] |
//! | 10, 13 | [`money`] |
//! | 11, 12 | [`people`] |
//! | 14, 15 | [`notices`] |
//! | 16 | [`closing`] |
//! | what is read, from read models or from streams | [`seen`] |
//!
//! In a city of another size the figures are scaled as the story's tables are.

mod closing;
mod grants;
mod lives;
mod money;
mod notices;
mod payees;
mod people;
mod returns;
mod seen;

use std::collections::BTreeMap;
use std::fmt::Display;

use anyhow::{Context as _, Result};
use commands::disbursement::BookKey;
use serde::Serialize;

use self::seen::Seen;
use super::office::Office;

/// A fact with what was found of it.
#[derive(Debug, Clone, Serialize)]
pub struct Checked {
    pub number: u8,
    pub zh: &'static str,
    pub en: &'static str,
    pub figures: Vec<Figure>,
}

/// One figure of a fact.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    pub what: String,
    pub found: String,
    pub expected: String,
}

impl Checked {
    #[must_use]
    pub fn holds(&self) -> bool {
        self.figures.iter().all(Figure::holds)
    }
}

impl Figure {
    #[must_use]
    pub fn holds(&self) -> bool {
        self.found == self.expected
    }
}

/// The figures of a fact as they are gathered.
#[derive(Default)]
struct Figures(Vec<Figure>);

impl Figures {
    fn equal(&mut self, what: impl Display, found: impl Display, expected: impl Display) {
        let (found, expected) = (found.to_string(), expected.to_string());
        self.0.push(Figure { what: what.to_string(), found, expected });
    }

    fn holds(&mut self, what: impl Display, holds: bool) {
        self.equal(what, if holds { "yes" } else { "no" }, "yes");
    }
}

/// Number, Chinese and English of each fact.
const FACTS: [(u8, &str, &str); 16] = [
    (1, "领取人数与各项目发放日历", "payees of every item, each item by its own calendar"),
    (2, "发放日遇假日提前", "pay days on holidays move earlier"),
    (
        3,
        "四家银行与期初余额、期初退票",
        "four banks, one of them GBK only; opening balances and returns",
    ),
    (
        4,
        "新退休人员与逾期核定补发",
        "new retirees, late approvals with back-pay, the comparison list",
    ),
    (5, "死亡与多发追回", "deaths by when they became known, and what comes back"),
    (6, "误报死亡与报盘后死亡", "a false death report; a death after the file was sent"),
    (7, "城乡居民基础养老金调整", "the basic pension rises from 1 January"),
    (8, "资格认证", "certification: stopped, certified with back-pay, still waiting"),
    (9, "退票与重发", "returns, renewed cards, reissue"),
    (10, "银行超时与异常回盘", "a time-out, odd replies, movements without a batch"),
    (11, "生僻字、间隔号与录入错误", "rare characters, a dot, twelve months keyed into one"),
    (12, "重复享受与共用账户", "competing pensions, shared accounts and phones, one human twice"),
    (
        13,
        "代发资金晚到、补贴重复申领",
        "an agency item's money comes late; a second subsidy refused",
    ),
    (14, "网格预警", "the grid's warnings of the quarter"),
    (15, "失业保险基金当期赤字", "the unemployment fund's deficits"),
    (16, "重开账期与月末结账", "January reopened by two persons; March closes"),
];

/// Looks at all sixteen.
///
/// # Errors
/// When something cannot be read.
pub async fn check(
    office: &Office<'_>,
    statements: &BTreeMap<BookKey, Vec<String>>,
) -> Result<Vec<Checked>> {
    let seen = Seen::new(office)?;
    let mut facts = Vec::with_capacity(FACTS.len());
    for (number, zh, en) in FACTS {
        let figures = match number {
            1 => payees::calendars(&seen)?,
            2 => payees::pay_days(&seen)?,
            3 => payees::opening(&seen).await?,
            4 => grants::approvals(&seen).await?,
            5 => lives::deaths(&seen).await?,
            6 => lives::reports(&seen).await?,
            7 => grants::rise(&seen).await?,
            8 => grants::certification(&seen).await?,
            9 => returns::returns(&seen).await?,
            10 => money::banks(&seen)?,
            11 => people::names(&seen).await?,
            12 => people::doubles(&seen).await?,
            13 => money::late_money(&seen).await?,
            14 => notices::grid(&seen)?,
            15 => notices::deficits(&seen)?,
            _ => closing::books(&seen, statements).await?,
        };
        facts.push(Checked { number, zh, en, figures: figures.0 });
    }
    Ok(facts)
}

fn one<T>(of: Option<T>, what: impl Display) -> Result<T> {
    of.with_context(|| format!("{what} is not there"))
}
