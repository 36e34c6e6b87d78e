//! What a rule would have raised over the whole log, before it may raise anything.

use async_graphql::{Context, Object, Result, SimpleObject};
use commands::warnings::Tried;
use definitions::Catalogue;
use definitions::kinds::warning::Warning as Rule;
use projections::tags::backtest::{Backtest, WouldBe};
use projections::tags::try_warning;

use super::mutation::warnings;
use super::words::WarningLevel;
use crate::drafts;
use crate::fault::Fault;
use crate::outcome::{Outcome, inputs, payloads};
use crate::request::{Request, request};
use crate::scalars::{Date, DivisionCode, Long, Position, YearMonth};
use crate::tags::{SubjectKind, page};
use crate::view::int;

/// 回测：规则若一直有效将产生的预警 / What a rule would have raised, had it always held.
#[derive(SimpleObject)]
pub struct WarningBacktest {
    /// 规则 / The rule.
    rule: String,
    /// 读到的日志位置 / The log was read up to here.
    position: Position,
    /// 件数 / How many warnings.
    warnings: Long,
    /// 对象数 / On how many subjects.
    subjects: Long,
    /// 被更严重的相关预警抑制的信号数 / Signals that a worse case of an inhibiting rule said already.
    inhibited: Long,
    /// 启用须再次确认的上限 / More than so many must be accepted.
    limit: i32,
    /// 超过上限 / Whether there are more.
    over_limit: bool,
    /// 各级别件数 / By worst level.
    levels: Vec<WarningLevelCount>,
    /// 各月件数 / When: by month and worst level.
    months: Vec<WarningMonthCount>,
    /// 各件，最严重的在前 / On whom: the worst first, those within the reader's divisions.
    cases: Vec<WouldBeWarning>,
}

/// 某级别的件数 / How many of a level.
#[derive(SimpleObject)]
pub struct WarningLevelCount {
    /// 级别 / The level.
    level: WarningLevel,
    /// 件数 / How many.
    warnings: Long,
}

/// 某月某级别的件数 / How many of a level in a month.
#[derive(SimpleObject)]
pub struct WarningMonthCount {
    /// 月份 / The month.
    month: YearMonth,
    /// 级别 / The level.
    level: WarningLevel,
    /// 件数 / How many.
    warnings: Long,
}

/// 回测中的一件 / A warning that would have been.
#[derive(SimpleObject)]
pub struct WouldBeWarning {
    /// 对象种类 / The kind of subject.
    subject_kind: SubjectKind,
    /// 对象编号 / The subject's id.
    subject: String,
    /// 区县 / Its county.
    county: Option<DivisionCode>,
    /// 期间 / The period, where there is one warning for each.
    period: Option<String>,
    /// 发生日 / When it would have been raised.
    on: Date,
    /// 由此位置的事件引起 / The event that it follows from.
    position: Position,
    /// 最高级别 / Its worst level.
    level: WarningLevel,
    /// 指标值 / The metric then: fen, basis points or a count.
    value: String,
    /// 阈值 / The threshold that it reached.
    threshold: String,
    /// 信号数 / How many signals.
    signals: i32,
    /// 自动消除日 / When it would have cleared by itself.
    cleared_on: Option<Date>,
}

#[derive(Default)]
pub struct TrialQuery;

#[Object]
impl TrialQuery {
    /// 回测一条规则，可带未发布的草稿 / Tries a rule over the whole log; with a draft, as it would be.
    async fn warning_backtest(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "规则编号 / The rule.")] rule: String,
        #[graphql(desc = "未发布的定义（TOML） / Definitions that are not published, as TOML.")]
        draft: Option<String>,
        #[graphql(desc = "列出几件，1–100 / How many to list.", default = 50)] first: i32,
    ) -> Result<Option<WarningBacktest>> {
        let request = request(ctx);
        let limit = page(first)?;
        let catalogue = drafts::catalogue(request, draft)?;
        let (rule, found) = backtest(request, &catalogue, &rule).await?;
        Ok(Some(shown(request, rule, &found, limit)))
    }
}

async fn backtest<'a>(
    request: &Request,
    catalogue: &'a Catalogue,
    rule: &str,
) -> std::result::Result<(&'a Rule, Backtest), Fault> {
    let trial = drafts::over(request, try_warning(catalogue, rule)?).await?;
    let rule = catalogue.all::<Rule>().get(rule);
    let rule = rule.ok_or_else(|| Fault::internal("a rule that was tried is gone"))?;
    Ok((rule, Backtest::of(&trial)))
}

fn shown(request: &Request, rule: &Rule, found: &Backtest, first: u32) -> WarningBacktest {
    let level = |level: warnings::Level| WarningLevel::stored(level.code());
    let levels = found
        .levels()
        .into_iter()
        .map(|(of, number)| WarningLevelCount { level: level(of), warnings: Long(number) });
    let months = found.months().into_iter().map(|((month, of), number)| WarningMonthCount {
        month: YearMonth(month),
        level: level(of),
        warnings: Long(number),
    });
    let seen = |case: &&WouldBe| match case.county {
        Some(county) => request.scope.covers(county),
        None => request.scope.divisions.is_none(),
    };
    let mut cases: Vec<&WouldBe> = found.cases.iter().filter(seen).collect();
    cases.sort_by_key(|case| std::cmp::Reverse(case.worst));
    let cases = cases.into_iter().take(first as usize).map(|case| WouldBeWarning {
        subject_kind: SubjectKind::stored(case.kind.code()),
        subject: case.subject.clone(),
        county: case.county.map(DivisionCode),
        period: case.period.clone(),
        on: Date(case.on),
        position: request.token(case.position),
        level: level(case.worst),
        value: case.value.to_string(),
        threshold: case.threshold.to_string(),
        signals: int(case.signals),
        cleared_on: case.cleared_on.map(Date),
    });
    let warnings = found.cases.len() as u64;
    WarningBacktest {
        rule: rule.id.clone(),
        position: request.token(found.position),
        warnings: Long(warnings),
        subjects: Long(found.subjects() as u64),
        inhibited: Long(found.inhibited),
        limit: int(rule.limit),
        over_limit: i64::try_from(warnings).is_ok_and(|warnings| warnings > rule.limit),
        levels: levels.collect(),
        months: months.collect(),
        cases: cases.collect(),
    }
}

inputs! {
    /// 登记回测，规则自此可产生预警 / Tries the version in force and records it: then it may raise.
    WarningRuleTryInput {
        /// 规则 / The rule; its version in force is tried.
        rule: String,
        /// 件数超过上限时的再次确认 / Said where it would have raised more than its limit.
        accept: bool,
    }
}

payloads! {
    /// 登记回测的结果 / What came of it.
    WarningRuleTryPayload(()) {}
}

#[derive(Default)]
pub struct TrialMutation;

#[Object]
impl TrialMutation {
    /// 回测并启用规则 / Tries a rule over the whole log, after which it may raise warnings.
    async fn warning_rule_try(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / What is asked.")] input: WarningRuleTryInput,
    ) -> Result<WarningRuleTryPayload> {
        let request = request(ctx);
        let envelope = input.command.envelope(request)?;
        let catalogue = drafts::catalogue(request, None)?;
        let (rule, found) = backtest(request, &catalogue, &input.rule).await?;
        let defined = catalogue.definition("warning", &rule.id);
        let digest = defined.map_or("", |defined| defined.digest.as_str());
        let outcome = found.outcome(&rule.id, digest, &request.scope.actor);
        let limit = u32::try_from(rule.limit).unwrap_or(u32::MAX);
        let tried = Tried { outcome, limit, accepted: input.accept };
        let done = warnings(request.app()).tried(&envelope, &tried).await;
        Ok(WarningRuleTryPayload(Outcome::of(request, done)?))
    }
}
