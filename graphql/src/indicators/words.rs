//! Indicators, figures and questions as the schema writes them.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_graphql::{Enum, InputObject, SimpleObject};
use definitions::indicator::Condition;
use definitions::indicator::evaluate::{Figure as Evaluated, Key, quotient};
use definitions::word::Word;
use definitions::{
    Better as OfBetter, Catalogue, Compared, Grain, Grouping, Indicator as Defined, Span, Unit,
};
use projections::indicators::answer::{Answer, AskError, Asked, Cell as Answered, answer};
use projections::indicators::read::StoredFacts;
use projections::{ReadSession, rulebook};

use crate::fault::Fault;
use crate::request::Request;
use crate::scalars::{Date, Position};
use crate::view::int;

/// 双语文本 / A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct Wording {
    /// 中文 / Chinese.
    pub zh: String,
    /// 英文 / English.
    pub en: String,
}

impl From<&definitions::Name> for Wording {
    fn from(name: &definitions::Name) -> Self {
        Self { zh: name.zh.clone(), en: name.en.clone() }
    }
}

/// 越大越好，还是越小越好 / Which direction is the good one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum Better {
    /// 越大越好 / The higher the better.
    Higher,
    /// 越小越好 / The lower the better.
    Lower,
    /// 无所谓好坏 / Neither.
    Neither,
}

/// 时间步长 / Into what a period is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum Step {
    /// 日 / Days.
    Day,
    /// 月 / Months.
    Month,
    /// 季 / Quarters.
    Quarter,
    /// 年 / Years.
    Year,
}

/// 与何时比较 / With what it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum CompareWith {
    /// 环比：前一同长期间 / The period of the same length before it.
    Previous,
    /// 同比：上年同期 / The same period a year before.
    YearBefore,
}

/// 指标定义 / An indicator as it is defined.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
#[graphql(name = "IndicatorDefinition")]
pub struct Indicator {
    /// 编号 / Its id.
    pub code: String,
    /// 名称 / Its name.
    pub name: Wording,
    /// 回答的问题 / What it answers.
    pub question: Wording,
    /// 出处 / The seed that names it.
    pub source: String,
    /// 附录 A 编号 / Its numbers in the catalogue of indicators.
    pub numbers: Vec<i32>,
    /// 单位代码 / Its unit.
    pub unit: String,
    /// 单位名称 / The unit's name in Chinese.
    pub unit_zh: String,
    /// 方向 / Which direction is the good one.
    pub better: Better,
    /// 可用的分组 / By what it can be grouped and filtered, with what that rolls up to.
    pub groupings: Vec<String>,
    /// 已可出数 / Whether it gives figures.
    pub live: bool,
    /// 等待的业务域 / The context whose facts it awaits.
    pub awaiting: Option<String>,
    /// 人数低于此值的分组不显示 / Groups smaller than this are not shown.
    pub hidden_below: i32,
}

/// 一个数 / One figure.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
#[graphql(name = "IndicatorFigure")]
pub struct Figure {
    /// 数值：元为两位小数，比率为万分点 / The value: yuan with two decimals, ratios in basis points.
    pub value: Option<String>,
    /// 无数原因代码 / The code of why there is none.
    pub missing: Option<String>,
    /// 无数原因 / Why there is none.
    pub because: Option<Wording>,
    /// 数据截至 / The day of the last fact, where the measure takes the last one.
    pub reaches: Option<Date>,
}

/// 分组取值 / One group of a cell.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct IndicatorGroup {
    /// 分组维度 / By what it is grouped.
    pub by: String,
    /// 取值 / The group; empty where the fact has none.
    pub value: String,
}

/// 一格 / One cell.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct IndicatorCell {
    /// 期间 / The period.
    pub period: String,
    /// 分组 / Its groups.
    pub groups: Vec<IndicatorGroup>,
    /// 数 / The figure.
    pub figure: Figure,
    /// 对比期的数 / The figure it is compared with.
    pub compared: Option<Figure>,
    /// 变动，万分点 / The change against it, basis points.
    pub change: Option<Figure>,
    /// 目标 / What is wanted of this period, where it has no groups.
    pub target: Option<String>,
    /// 完成率，万分点 / How much of it is reached, basis points.
    pub completion: Option<Figure>,
}

/// 指标的回答 / What an indicator says.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
#[graphql(name = "IndicatorAnswer")]
pub struct Shown {
    /// 指标 / The indicator.
    pub indicator: Indicator,
    /// 定义版本 / The version of its definition; none before it is published.
    pub version: Option<i32>,
    /// 期间 / The period.
    pub period: String,
    /// 期间已结束 / Whether the period is over.
    pub complete: bool,
    /// 覆盖到的日志位置 / The position of the log that it covers.
    pub position: Position,
    /// 合计 / The whole period without groups.
    pub total: IndicatorCell,
    /// 各格 / By step and group.
    pub cells: Vec<IndicatorCell>,
}

/// 筛选条件 / A condition: one of these groups.
#[derive(Debug, Clone, InputObject)]
pub struct IndicatorFilterInput {
    /// 分组维度 / By what.
    pub by: String,
    /// 取值之一 / One of these.
    pub is: Vec<String>,
}

impl From<&Defined> for Indicator {
    fn from(indicator: &Defined) -> Self {
        let allowed = Grouping::ALL.iter().filter(|(_, by)| indicator.allows(*by));
        Self {
            code: indicator.id.clone(),
            name: (&indicator.name).into(),
            question: (&indicator.question).into(),
            source: indicator.source.clone(),
            numbers: indicator.numbers.iter().map(|number| int(*number)).collect(),
            unit: indicator.unit.word().to_owned(),
            unit_zh: indicator.unit.zh().to_owned(),
            better: match indicator.better {
                OfBetter::Higher => Better::Higher,
                OfBetter::Lower => Better::Lower,
                OfBetter::Neither => Better::Neither,
            },
            groupings: allowed.map(|(word, _)| (*word).to_owned()).collect(),
            live: indicator.is_live(),
            awaiting: indicator.awaiting.clone(),
            hidden_below: int(indicator.hide_below),
        }
    }
}

impl From<Step> for Grain {
    fn from(step: Step) -> Self {
        match step {
            Step::Day => Self::Day,
            Step::Month => Self::Month,
            Step::Quarter => Self::Quarter,
            Step::Year => Self::Year,
        }
    }
}

impl From<CompareWith> for Compared {
    fn from(with: CompareWith) -> Self {
        match with {
            CompareWith::Previous => Self::Previous,
            CompareWith::YearBefore => Self::YearBefore,
        }
    }
}

impl Figure {
    pub(super) fn of(figure: &Evaluated, unit: Unit) -> Self {
        let missing = figure.missing.as_ref();
        Self {
            value: figure.value.map(|value| unit.show(value)),
            missing: missing.map(|missing| missing.code().to_owned()),
            because: missing.map(|missing| Wording { zh: missing.zh(), en: missing.to_string() }),
            reaches: figure.reaches.map(Date),
        }
    }
}

/// What is asked of an indicator, in the schema's words.
#[derive(Debug, Clone)]
pub struct Question {
    pub period: String,
    pub by: Vec<String>,
    pub filter: Vec<IndicatorFilterInput>,
    pub steps: Option<Step>,
    pub compare: Option<CompareWith>,
}

impl Question {
    /// # Errors
    /// `BAD_INPUT` with what is allowed.
    pub fn asked(&self) -> Result<Asked, Fault> {
        let span = span(&self.period)?;
        let by = self.by.iter().map(|by| grouping(by)).collect::<Result<_, _>>()?;
        let condition = |filter: &IndicatorFilterInput| {
            Ok(Condition { by: grouping(&filter.by)?, is: filter.is.clone() })
        };
        let conditions = self.filter.iter().map(condition).collect::<Result<_, Fault>>()?;
        let (steps, compare) = (self.steps.map(Grain::from), self.compare.map(Compared::from));
        Ok(Asked { span, steps, by, conditions, compare })
    }
}

/// # Errors
/// `BAD_INPUT`.
pub fn span(text: &str) -> Result<Span, Fault> {
    text.parse().map_err(|no| {
        Fault::bad_input(format!("期间写作 2026-01-05、2026-01、2026-Q1、2026 或以 .. 相连 / {no}"))
    })
}

fn grouping(word: &str) -> Result<Grouping, Fault> {
    Grouping::from_word(word).ok_or_else(|| {
        let allowed = Grouping::words().join(", ");
        Fault::bad_input(format!("没有分组 {word} / no grouping {word} (allowed: {allowed})"))
    })
}

/// The definitions in force today, or with one indicator at a version of its own.
///
/// # Errors
/// `BAD_INPUT` where there is no such indicator or version.
pub fn catalogue(
    request: &Request,
    session: &ReadSession,
    code: &str,
    version: Option<i32>,
) -> Result<(Arc<Catalogue>, Option<i32>), Fault> {
    let today = request.app().executor.today()?;
    let now = request.app().rules.on(today)?;
    let unknown = || Fault::bad_input(format!("没有指标 {code} / there is no indicator {code}"));
    let rows = rulebook::definitions(session, &request.scope, Some("indicator"), Some(code))?;
    let Some(version) = version else {
        if now.definition("indicator", code).is_none() {
            return Err(unknown());
        }
        let latest = rows.iter().rev().find(|row| row.from_day <= today);
        return Ok((now, latest.map(|row| int(row.version))));
    };
    let row = rows.iter().find(|row| int(row.version) == version).ok_or_else(unknown)?;
    let text = definitions::to_toml(&row.kind, &row.body).ok_or_else(unknown)?;
    let source = definitions::Source::new(format!("indicator/{code} version {version}"), text);
    // What an old version is made of may have been retired since.
    let amended = now.amended(&source).map_err(|_| unknown())?;
    Ok((Arc::new(amended), Some(version)))
}

/// One indicator's answer.
///
/// # Errors
/// `BAD_INPUT` for a grouping that the indicator does not have, or too many steps.
pub fn shown(
    request: &Request,
    facts: &StoredFacts<'_>,
    (catalogue, version): (&Catalogue, Option<i32>),
    code: &str,
    asked: &Asked,
) -> Result<Shown, Fault> {
    let all: &BTreeMap<String, Defined> = catalogue.all::<Defined>();
    let indicator = all.get(code).ok_or_else(|| {
        Fault::bad_input(format!("没有指标 {code} / there is no indicator {code}"))
    })?;
    let Answer { cells, total } = answer(facts, indicator, all, asked)?;
    let target = |cell: &Answered| indicator.target(cell.span).filter(|_| cell.key.is_empty());
    let completion = |cell: &Answered, target: i64| {
        let wanted = Evaluated::of(i128::from(target));
        quotient(Some(&cell.figure), Some(&wanted), Unit::BasisPoints)
    };
    let cell = |cell: &Answered, by: &[Grouping]| IndicatorCell {
        target: target(cell).map(|target| indicator.unit.show(target)),
        completion: target(cell)
            .map(|target| Figure::of(&completion(cell, target), Unit::BasisPoints)),
        period: cell.span.to_string(),
        groups: groups(by, &cell.key),
        figure: Figure::of(&cell.figure, indicator.unit),
        compared: cell.compared.as_ref().map(|figure| Figure::of(figure, indicator.unit)),
        change: cell.change.as_ref().map(|figure| Figure::of(figure, Unit::BasisPoints)),
    };
    let none = Answered {
        span: asked.span,
        key: Key::new(),
        figure: indicator.of_nothing(),
        compared: None,
        change: None,
    };
    Ok(Shown {
        indicator: indicator.into(),
        version,
        period: asked.span.to_string(),
        complete: indicator.complete(asked.span, request.app().executor.today()?),
        position: request.token(facts.as_of.unwrap_or_else(|| facts.session.position())),
        total: cell(total.as_ref().unwrap_or(&none), &[]),
        cells: cells.iter().map(|one| cell(one, &asked.by)).collect(),
    })
}

pub(super) fn groups(by: &[Grouping], key: &Key) -> Vec<IndicatorGroup> {
    let pairs = by.iter().zip(key);
    pairs
        .map(|(by, value)| IndicatorGroup { by: by.word().to_owned(), value: value.clone() })
        .collect()
}

impl From<AskError> for Fault {
    fn from(error: AskError) -> Self {
        match error {
            AskError::View(error) => error.into(),
            AskError::NotGroupable { ref by, ref allowed, .. } => {
                let allowed = allowed.join(", ");
                Self::bad_input(format!("不能按 {by} 分组 / {error} (allowed: {allowed})"))
            }
            AskError::TooManySteps { asked } => {
                Self::bad_input(format!("步数 {asked} 过多 / {error}"))
            }
        }
    }
}
