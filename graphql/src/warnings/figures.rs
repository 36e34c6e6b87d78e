//! How warnings come, how they are handled and how they come back: each field one question.

use std::sync::Arc;

use async_graphql::{Context, Object, Result, SimpleObject};
use projections::ReadSession;
use projections::lists::Only;
use projections::warnings::figures::{self, By};

use super::words::{WarningChannel, WarningGrouping, WarningHandling, WarningLevel};
use crate::fault::Fault;
use crate::request::{Request, request};
use crate::scalars::{DivisionCode, Long, YearMonth};
use crate::view::int;

/// 分组件数 / How many, by group and level.
#[derive(SimpleObject)]
pub struct WarningCount {
    /// 分组取值；空即无 / The group; empty where there is none.
    group: String,
    /// 级别 / The level.
    level: WarningLevel,
    /// 件数 / How many.
    warnings: Long,
}

/// 某月某渠道的件数 / How many were raised in a month through a channel.
#[derive(SimpleObject)]
pub struct WarningTrend {
    /// 月份 / The month.
    month: YearMonth,
    /// 渠道 / The channel.
    channel: WarningChannel,
    /// 级别 / The level that they have now.
    level: WarningLevel,
    /// 件数 / How many.
    warnings: Long,
}

/// 某渠道的件数 / How many came through a channel.
#[derive(SimpleObject)]
pub struct WarningChannelShare {
    /// 渠道 / The channel.
    channel: WarningChannel,
    /// 件数 / How many.
    warnings: Long,
}

/// 办理到某环节的件数 / How many came so far.
#[derive(SimpleObject)]
pub struct WarningFunnelStep {
    /// 环节事件类型 / The type of the event of this step.
    what: String,
    /// 件数 / How many warnings had it at least once.
    warnings: Long,
}

/// 某处置方式的件数 / How many were handled in a way.
#[derive(SimpleObject)]
pub struct WarningHandlingCount {
    /// 处置方式 / The way.
    how: WarningHandling,
    /// 件数 / How many warnings it was used on.
    warnings: Long,
}

/// 区县完成率 / How much of its warnings a county has closed.
#[derive(SimpleObject)]
pub struct WarningRank {
    /// 区县；空即无属地 / The county; none where they belong to no division.
    county: Option<DivisionCode>,
    /// 件数 / How many it had.
    warnings: Long,
    /// 已办结 / How many are closed.
    closed: Long,
    /// 超期 / How many are open and late.
    late: Long,
    /// 完成率，基点 / The share closed, basis points.
    completion: Option<i32>,
}

/// 处置时长，自然日 / How long closed ones took, in calendar days.
#[derive(SimpleObject)]
pub struct WarningDuration {
    /// 已办结件数 / How many are closed.
    closed: Long,
    /// 平均，十分之一日 / The average, in tenths of a day.
    average_tenths: Option<Long>,
    /// 中位数 / Half of them took no longer.
    median_days: Option<Long>,
    /// 最长 / The longest.
    longest_days: Option<Long>,
}

/// 重复预警 / How often the same comes back.
#[derive(SimpleObject)]
pub struct WarningRepeats {
    /// 件数 / How many there are.
    warnings: Long,
    /// 同一对象同类预警再次发生 / Those after the first of the same class on the same subject.
    repeated: Long,
    /// 重开 / Those that were opened again.
    reopened: Long,
    /// 重复率，基点 / The share repeated, basis points.
    rate: Option<i32>,
}

/// 规则质量 / What became of the warnings of a rule.
#[derive(SimpleObject)]
pub struct WarningRuleQuality {
    /// 规则 / The rule.
    rule: String,
    /// 命中件数 / How many it raised.
    warnings: Long,
    /// 审核不通过 / How many were rejected.
    rejected: Long,
    /// 自动消除 / How many cleared by themselves.
    cleared: Long,
    /// 误报率，基点 / The share rejected, basis points.
    false_alarms: Option<i32>,
}

/// 预警统计 / How warnings come, are handled and come back.
pub struct WarningFigures {
    pub session: Arc<ReadSession>,
    pub only: Only,
}

/// 预警统计 / How warnings come, are handled and come back.
#[Object]
impl WarningFigures {
    /// 预警趋势：月份、渠道、级别 / By month, channel and level.
    async fn trend(&self, ctx: &Context<'_>) -> Result<Vec<WarningTrend>> {
        let by = [By::Month, By::Channel, By::Level];
        let mut trend = Vec::new();
        for (group, warnings) in self.counted(ctx, &by)? {
            let [month, channel, level] = group.as_slice() else { continue };
            trend.push(WarningTrend {
                month: YearMonth(month.parse().map_err(Fault::internal)?),
                channel: WarningChannel::stored(channel),
                level: WarningLevel::stored(level),
                warnings: Long(warnings),
            });
        }
        Ok(trend)
    }

    /// 渠道占比 / By channel.
    async fn channels(&self, ctx: &Context<'_>) -> Result<Vec<WarningChannelShare>> {
        let channels = self.counted(ctx, &[By::Channel])?.into_iter();
        let channels = channels.map(|(group, warnings)| WarningChannelShare {
            channel: WarningChannel::stored(&group[0]),
            warnings: Long(warnings),
        });
        Ok(channels.collect())
    }

    /// 办理情况漏斗 / How many came to each step, in the order of a case's life.
    async fn funnel(&self, ctx: &Context<'_>) -> Result<Vec<WarningFunnelStep>> {
        const LIFE: [&str; 9] = [
            "raised",
            "entered",
            "confirmed",
            "dispatched",
            "accepted",
            "site-verified",
            "handled",
            "feedback-given",
            "released",
        ];
        let scope = &request(ctx).scope;
        let reached = figures::reached(&self.session, scope, &self.only).map_err(Fault::from)?;
        let steps = LIFE.map(|step| {
            let what = format!("warning.{step}.v1");
            let warnings = Long(reached.get(&what).copied().unwrap_or_default());
            WarningFunnelStep { what, warnings }
        });
        Ok(steps.into())
    }

    /// 处置方式 / By way of handling.
    async fn handling(&self, ctx: &Context<'_>) -> Result<Vec<WarningHandlingCount>> {
        let scope = &request(ctx).scope;
        let kinds = figures::handled(&self.session, scope, &self.only).map_err(Fault::from)?;
        let kinds = kinds.into_iter().map(|(kind, warnings)| WarningHandlingCount {
            how: WarningHandling::stored(&kind),
            warnings: Long(warnings),
        });
        Ok(kinds.collect())
    }

    /// 各区完成率排名 / The counties by the share that they have closed.
    async fn ranking(&self, ctx: &Context<'_>) -> Result<Vec<WarningRank>> {
        let scope = &request(ctx).scope;
        let ranked = figures::ranking(&self.session, scope, &self.only).map_err(Fault::from)?;
        let ranked = ranked.into_iter().map(|of| WarningRank {
            county: of.county.parse().ok().map(DivisionCode),
            warnings: Long(of.warnings),
            closed: Long(of.closed),
            late: Long(of.late),
            completion: of.completion.map(int),
        });
        Ok(ranked.collect())
    }

    /// 处置时长 / How long closed ones took.
    async fn time_to_handle(&self, ctx: &Context<'_>) -> Result<WarningDuration> {
        let scope = &request(ctx).scope;
        let took =
            figures::time_to_handle(&self.session, scope, &self.only).map_err(Fault::from)?;
        Ok(WarningDuration {
            closed: Long(took.closed),
            average_tenths: took.average_tenths.map(Long),
            median_days: took.median_days.map(Long),
            longest_days: took.longest_days.map(Long),
        })
    }

    /// 重复率 / How often the same comes back.
    async fn repeats(&self, ctx: &Context<'_>) -> Result<WarningRepeats> {
        let scope = &request(ctx).scope;
        let again = figures::repeats(&self.session, scope, &self.only).map_err(Fault::from)?;
        Ok(WarningRepeats {
            warnings: Long(again.warnings),
            repeated: Long(again.repeated),
            reopened: Long(again.reopened),
            rate: again.rate.map(int),
        })
    }

    /// 在办超期，按环节和级别 / Those that are open and late, by stage and level.
    async fn overdue(&self, ctx: &Context<'_>) -> Result<Vec<WarningCount>> {
        let late = Only::equal("open", &true).and(Only::equal("late", &true));
        let only = self.only.clone().and(late);
        Ok(counts(request(ctx), &self.session, &only, WarningGrouping::Stage)?)
    }

    /// 预警条件命中与质量 / The rules, the one that hits most first.
    async fn rules(&self, ctx: &Context<'_>) -> Result<Vec<WarningRuleQuality>> {
        let scope = &request(ctx).scope;
        let rules = figures::quality(&self.session, scope, &self.only).map_err(Fault::from)?;
        let rules = rules.into_iter().map(|of| WarningRuleQuality {
            rule: of.rule,
            warnings: Long(of.warnings),
            rejected: Long(of.rejected),
            cleared: Long(of.cleared),
            false_alarms: of.false_alarms.map(int),
        });
        Ok(rules.collect())
    }
}

impl WarningFigures {
    fn counted(
        &self,
        ctx: &Context<'_>,
        by: &[By],
    ) -> std::result::Result<Vec<figures::Group>, Fault> {
        Ok(figures::counted(&self.session, &request(ctx).scope, &self.only, by)?)
    }
}

pub fn counts(
    request: &Request,
    session: &ReadSession,
    only: &Only,
    by: WarningGrouping,
) -> std::result::Result<Vec<WarningCount>, Fault> {
    let by = match by {
        WarningGrouping::Division => By::Division,
        WarningGrouping::County => By::County,
        WarningGrouping::Class => By::Class,
        WarningGrouping::Stage => By::Stage,
        WarningGrouping::Rule => By::Rule,
        WarningGrouping::Channel => By::Channel,
        WarningGrouping::Month => By::Month,
        WarningGrouping::Day => By::Day,
    };
    let groups = figures::counted(session, &request.scope, only, &[by, By::Level])?;
    let counts = groups.into_iter().map(|(group, warnings)| WarningCount {
        level: WarningLevel::stored(&group[1]),
        group: group.into_iter().next().unwrap_or_default(),
        warnings: Long(warnings),
    });
    Ok(counts.collect())
}
