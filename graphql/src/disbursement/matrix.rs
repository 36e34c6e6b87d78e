//! The payment matrix 发放矩阵: money and payments by any of its dimensions.
//!
//! **Invariant** people are counted in every group from the lines and never added up: one person
//! stands in several items and months.

use std::collections::BTreeMap;

use async_graphql::{Enum, SimpleObject};
use projections::ReadSession;
use projections::payments::{self, CellRow, Dimension, PeopleBy};
use shared::{ItemId, Month};

use super::batch::share;
use super::words::PayClass;
use crate::fault::Fault;
use crate::request::Request;
use crate::scalars::{Decimal, DivisionCode, Long, Money, YearMonth};

/// 24 months of twenty items at ten banks in ten counties, and room above it.
const LEAVES_MAX: usize = 100_000;

/// 矩阵维度 / What the matrix is broken down by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Enum)]
pub enum MatrixDimension {
    /// 月份 / Month.
    Month,
    /// 项目大类 / Class of item.
    Class,
    /// 项目 / Item.
    Item,
    /// 基金 / Fund.
    Fund,
    /// 银行 / Bank.
    Bank,
    /// 区县 / County.
    Division,
}

/// 矩阵指标 / What the matrix shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum MatrixMeasure {
    /// 人数（去重） / Distinct people.
    People,
    /// 应发 / Planned.
    Planned,
    /// 暂扣 / Held.
    Held,
    /// 报盘 / Instructed.
    Instructed,
    /// 成功 / Paid.
    Paid,
    /// 退票 / Returned.
    Returned,
    /// 未回 / Not replied yet.
    Unreplied,
}

/// 笔数与金额 / Payments and money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, SimpleObject)]
pub struct MatrixSum {
    /// 人次 / Payments.
    pub lines: Long,
    /// 金额 / Money.
    pub amount: Money,
}

/// 矩阵的一格或合计 / One group of the matrix, or its total.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct MatrixCell {
    /// 月份 / The month.
    pub month: Option<YearMonth>,
    /// 项目大类 / The class.
    pub class: Option<PayClass>,
    /// 项目编号 / The pay item's id.
    pub item_code: Option<String>,
    /// 基金 / The fund.
    pub fund: Option<String>,
    /// 银行 / The bank.
    pub bank: Option<String>,
    /// 区县 / The county.
    pub division: Option<DivisionCode>,
    /// 人数（去重，不可相加） / Distinct people: never added up.
    pub people: Option<Long>,
    /// 应发总额 / Gross, before deductions.
    pub gross: Option<Money>,
    /// 应发净额 / Planned, net of deductions.
    pub planned: Option<MatrixSum>,
    /// 暂扣 / Held.
    pub held: Option<MatrixSum>,
    /// 报盘 / Instructed.
    pub instructed: Option<MatrixSum>,
    /// 成功 / Paid.
    pub paid: Option<MatrixSum>,
    /// 退票 / Returned.
    pub returned: Option<MatrixSum>,
    /// 未回 / Not replied yet.
    pub unreplied: Option<MatrixSum>,
    /// 成功率，按笔数 / The share of instructed lines that was paid.
    pub success_rate: Option<Decimal>,
}

/// 发放矩阵 / The payment matrix.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct Matrix {
    /// 各组 / Its groups, in the order of their keys.
    pub cells: Vec<MatrixCell>,
    /// 合计 / All of them together.
    pub total: MatrixCell,
}

/// What is asked of the matrix.
#[derive(Debug, Clone)]
pub struct Asked {
    pub from: Month,
    pub to: Month,
    pub by: Vec<MatrixDimension>,
    pub measures: Vec<MatrixMeasure>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    gross: i128,
    planned: (u64, i128),
    held: (u64, i128),
    instructed: (u64, i128),
    paid: (u64, i128),
    returned: (u64, i128),
}

/// The value of each dimension asked for, as text, in the order asked.
type Group = Vec<String>;

/// # Errors
/// `BAD_INPUT` for a range that is reversed or too wide; when the read model cannot be read.
pub fn matrix(request: &Request, session: &ReadSession, asked: &Asked) -> Result<Matrix, Fault> {
    if asked.from > asked.to || asked.from.months_until(asked.to) >= 36 {
        return Err(Fault::bad_input(
            "月份区间须在 36 个月以内 / the months lie in order and within 36",
        ));
    }
    let cells = payments::cells(session, &request.scope, asked.from, asked.to)?;
    let classes = classes(request, asked, &cells)?;
    let mut groups: BTreeMap<Group, Sums> = BTreeMap::new();
    let mut whole = Sums::default();
    for cell in &cells {
        let key = asked.by.iter().map(|by| value(*by, cell, &classes)).collect();
        groups.entry(key).or_default().add(cell);
        whole.add(cell);
    }
    let wants_people = asked.measures.contains(&MatrixMeasure::People);
    let people = if wants_people { people(request, session, asked, &classes)? } else { None };
    let count = |key: Option<&Group>| {
        people.as_ref().map(|(by_group, all)| match key {
            Some(key) => Long(by_group.get(key).copied().unwrap_or_default()),
            None => Long(*all),
        })
    };
    let cells = groups
        .iter()
        .map(|(key, sums)| sums.show(asked, Some(key), count(Some(key))))
        .collect::<Result<_, _>>()?;
    Ok(Matrix { cells, total: whole.show(asked, None, count(None))? })
}

/// The class of each item, as it was defined in the last month asked for.
fn classes(
    request: &Request,
    asked: &Asked,
    cells: &[CellRow],
) -> Result<BTreeMap<ItemId, PayClass>, Fault> {
    if !asked.by.contains(&MatrixDimension::Class) || cells.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rules = request.app().rules.on(asked.to.last_day())?;
    Ok(rules.items().iter().map(|(id, item)| (*id, PayClass::stored(item.class.code()))).collect())
}

fn value(by: MatrixDimension, cell: &CellRow, classes: &BTreeMap<ItemId, PayClass>) -> String {
    match by {
        MatrixDimension::Month => cell.month.to_string(),
        MatrixDimension::Class => {
            classes.get(&cell.item).map_or_else(String::new, |class| class.code().to_owned())
        }
        MatrixDimension::Item => cell.item.to_string(),
        MatrixDimension::Fund => cell.fund.to_string(),
        MatrixDimension::Bank => cell.bank.to_string(),
        MatrixDimension::Division => cell.county.to_string(),
    }
}

type People = Option<(BTreeMap<Group, u64>, u64)>;

/// Distinct people of every group and of the whole, each counted in one statement.
fn people(
    request: &Request,
    session: &ReadSession,
    asked: &Asked,
    classes: &BTreeMap<ItemId, PayClass>,
) -> Result<People, Fault> {
    let classes: Vec<(ItemId, &'static str)> =
        classes.iter().map(|(item, class)| (*item, class.code())).collect();
    let by: Vec<Dimension<'_>> = asked
        .by
        .iter()
        .map(|by| match by {
            MatrixDimension::Month => Dimension::Column(PeopleBy::Month),
            MatrixDimension::Class => Dimension::Class(&classes),
            MatrixDimension::Item => Dimension::Column(PeopleBy::Item),
            MatrixDimension::Fund => Dimension::Column(PeopleBy::Fund),
            MatrixDimension::Bank => Dimension::Column(PeopleBy::Bank),
            MatrixDimension::Division => Dimension::Column(PeopleBy::County),
        })
        .collect();
    let months = (asked.from, asked.to);
    let count = |by: &[Dimension<'_>]| {
        payments::people_in_groups(session, &request.scope, months, by, LEAVES_MAX)
    };
    let all = count(&[])?.first().map_or(0, |(_, count)| *count);
    if asked.by.is_empty() {
        return Ok(Some((BTreeMap::from([(Vec::new(), all)]), all)));
    }
    Ok(Some((count(&by)?.into_iter().collect(), all)))
}

impl Sums {
    fn add(&mut self, cell: &CellRow) {
        let net = cell.gross - cell.deductions;
        self.gross += i128::from(cell.gross.fen());
        for (sum, lines, amount) in [
            (&mut self.planned, cell.planned_lines, net),
            (&mut self.held, cell.held_lines, cell.held),
            (&mut self.instructed, cell.instructed_lines, cell.instructed),
            (&mut self.paid, cell.paid_lines, cell.paid),
            (&mut self.returned, cell.returned_lines, cell.returned),
        ] {
            sum.0 += u64::from(lines);
            sum.1 += i128::from(amount.fen());
        }
    }

    fn show(
        &self,
        asked: &Asked,
        key: Option<&Group>,
        people: Option<Long>,
    ) -> Result<MatrixCell, Fault> {
        let wants = |measure| asked.measures.contains(&measure);
        let sum = |measure, (lines, fen): (u64, i128)| {
            if !wants(measure) {
                return Ok(None);
            }
            Ok::<_, Fault>(Some(MatrixSum { lines: Long(lines), amount: money(fen)? }))
        };
        let unreplied = (
            self.instructed.0.saturating_sub(self.paid.0 + self.returned.0),
            self.instructed.1 - self.paid.1 - self.returned.1,
        );
        let rate = || {
            let part = u32::try_from(self.paid.0).ok()?;
            share(part, u32::try_from(self.instructed.0).ok()?)
        };
        let at = |by| {
            let place = asked.by.iter().position(|asked| *asked == by)?;
            key.map(|key| key[place].clone()).filter(|text| !text.is_empty())
        };
        Ok(MatrixCell {
            month: at(MatrixDimension::Month)
                .and_then(|text| shared::Month::parse(&text).ok())
                .map(YearMonth),
            class: at(MatrixDimension::Class).and_then(|text| PayClass::of(&text)),
            item_code: at(MatrixDimension::Item),
            fund: at(MatrixDimension::Fund),
            bank: at(MatrixDimension::Bank),
            division: at(MatrixDimension::Division)
                .and_then(|text| shared::DivisionCode::parse(&text).ok())
                .map(DivisionCode),
            people,
            gross: if wants(MatrixMeasure::Planned) { Some(money(self.gross)?) } else { None },
            planned: sum(MatrixMeasure::Planned, self.planned)?,
            held: sum(MatrixMeasure::Held, self.held)?,
            instructed: sum(MatrixMeasure::Instructed, self.instructed)?,
            paid: sum(MatrixMeasure::Paid, self.paid)?,
            returned: sum(MatrixMeasure::Returned, self.returned)?,
            unreplied: sum(MatrixMeasure::Unreplied, unreplied)?,
            success_rate: if wants(MatrixMeasure::Paid) { rate() } else { None },
        })
    }
}

fn money(fen: i128) -> Result<Money, Fault> {
    let fen = i64::try_from(fen).map_err(Fault::internal)?;
    Ok(Money(shared::Money::from_fen(fen)))
}
