//! Figures that change while somebody looks.

use async_graphql::{Context, Result, SimpleObject, Subscription};
use futures_util::{Stream, StreamExt};
use projections::indicators::read::StoredFacts;

use super::words::{IndicatorCell, Question, catalogue, shown};
use crate::live::live;
use crate::scalars::Position;

/// 指标的变化 / An indicator's figures as they stand now.
#[derive(SimpleObject)]
pub struct IndicatorChange {
    /// 到此位置 / At this position.
    position: Position,
    /// 合计 / The whole period.
    total: IndicatorCell,
    /// 各格 / By group.
    cells: Vec<IndicatorCell>,
}

#[derive(Default)]
pub struct IndicatorSubscription;

#[Subscription]
impl IndicatorSubscription {
    /// 指标的变化 / An indicator, whenever what it says of a period changes.
    async fn indicator_changed<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "编号 / Its id.")] code: String,
        #[graphql(desc = "期间 / The period.")] period: String,
        #[graphql(desc = "分组 / Grouped by these.")] by: Option<Vec<String>>,
        #[graphql(desc = "在此位置之后 / From behind this position.")] after: Option<Position>,
    ) -> Result<impl Stream<Item = Result<IndicatorChange>> + use<'a>> {
        let (by, filter) = (by.unwrap_or_default(), Vec::new());
        let asked = Question { period, by, filter, steps: None, compare: None }.asked()?;
        let answers = live(ctx, after, move |request, session| {
            let (catalogue, version) = catalogue(request, session, &code, None)?;
            let facts = StoredFacts { session, scope: &request.scope, as_of: None };
            let told = shown(request, &facts, (&catalogue, version), &code, &asked)?;
            Ok((told.total, told.cells))
        })?;
        Ok(answers.map(|answer| {
            answer.map(|(position, (total, cells))| IndicatorChange { position, total, cells })
        }))
    }
}
