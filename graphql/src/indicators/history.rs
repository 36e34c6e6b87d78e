//! What a figure said before it was changed, and what a draft would say otherwise.

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use definitions::Indicator as Defined;
use definitions::indicator::evaluate::Query;
use projections::indicators::answer::STEPS_MAX;
use projections::indicators::read::StoredFacts;
use projections::indicators::restated::restated;
use projections::indicators::simulate::{Differs, compare, groupings};

use super::words::{
    Figure, IndicatorFilterInput, IndicatorGroup, Question, Step, catalogue, groups,
};
use crate::drafts;
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::request::request;
use crate::scalars::{Long, Position};
use crate::tags::page;

/// 已结束期间的更正 / A figure of months that were over, before and after an event changed it.
#[derive(Debug, Clone, SimpleObject)]
pub struct IndicatorRestatement {
    /// 更正位置 / The position that changed it.
    position: Position,
    /// 更正事件 / The event that changed it.
    event_id: ID,
    /// 更正前 / As it was known just before.
    before: Figure,
    /// 更正后 / As it was known from then on.
    after: Figure,
}

/// 更正清单 / The changes of one figure, page by page.
#[derive(Debug, Clone, SimpleObject)]
pub struct IndicatorRestatements {
    /// 各次更正 / The changes, by position.
    restatements: Vec<IndicatorRestatement>,
    /// 下一页从此位置之后 / The next page begins behind this position; none on the last.
    next_after: Option<Position>,
}

/// 试算与现行版本的不同 / A row in which a draft differs from what is in force.
#[derive(Debug, Clone, SimpleObject)]
pub struct IndicatorDifference {
    /// 期间 / The period.
    period: String,
    /// 分组 / Its group.
    groups: Vec<IndicatorGroup>,
    /// 现行 / What is in force; none where it has no such row.
    now: Option<Figure>,
    /// 草稿 / The draft; none where it has no such row.
    draft: Option<Figure>,
}

/// 指标试算 / What a draft would say otherwise.
#[derive(Debug, Clone, SimpleObject)]
pub struct IndicatorSimulation {
    /// 比较的行数 / How many rows were compared.
    rows: Long,
    /// 不同的行数 / How many differ.
    differ: Long,
    /// 不同的行 / The first of those.
    differences: Vec<IndicatorDifference>,
}

#[derive(Default)]
pub struct HistoryQuery;

#[Object]
impl HistoryQuery {
    /// 已结束期间的更正，原值可查 / How a figure was changed after its months were over.
    #[expect(clippy::too_many_arguments, reason = "the arguments of one question of the schema")]
    async fn indicator_restatements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "编号 / Its id.")] code: String,
        #[graphql(desc = "期间 / The period.")] period: String,
        #[graphql(desc = "格的分组取值 / The groups of the cell.")] cell: Option<
            Vec<IndicatorFilterInput>,
        >,
        #[graphql(desc = "在此位置之后 / Behind this position.")] after: Option<Position>,
        #[graphql(desc = "查看几个事件，1至100 / So many events, 1 to 100.", default = 50)]
        first: i32,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<IndicatorRestatements>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let limit = page(first)?;
        let (by, filter) = (Vec::new(), cell.unwrap_or_default());
        let asked = Question { period, by, filter, steps: None, compare: None }.asked()?;
        let (catalogue, _) = catalogue(request, &session, &code, None)?;
        let all = catalogue.all::<Defined>();
        let indicator = all.get(&code).ok_or_else(|| Fault::bad_input(code))?;
        let query = Query { span: asked.span, by: &[], conditions: &asked.conditions };
        let after = after.map(|token| request.position(token)).transpose()?.unwrap_or_default();
        let of = (&*session, &request.scope);
        let found = restated(of, indicator, all, query, (after, limit)).map_err(Fault::from)?;
        let (changes, next) = found;
        let restatements = changes.into_iter().map(|change| IndicatorRestatement {
            position: request.token(change.position),
            event_id: Kind::Event.id(change.event),
            before: Figure::of(&change.before, indicator.unit),
            after: Figure::of(&change.after, indicator.unit),
        });
        let restatements = restatements.collect();
        let next_after = next.map(|position| request.token(position));
        Ok(Some(IndicatorRestatements { restatements, next_after }))
    }

    /// 试算指标草稿 / Compares a draft of an indicator with what is in force, row by row.
    async fn indicator_simulation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "编号 / Its id.")] code: String,
        #[graphql(desc = "未发布的定义（TOML） / Definitions that are not published, as TOML.")]
        draft: String,
        #[graphql(desc = "期间 / The period.")] period: String,
        #[graphql(desc = "时间步长 / Cut into these.")] steps: Option<Step>,
        #[graphql(desc = "列出几行，1至100 / How many rows to list, 1 to 100.", default = 50)]
        first: i32,
    ) -> Result<Option<IndicatorSimulation>> {
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let limit = page(first)? as usize;
        let (now, draft) =
            (drafts::catalogue(request, None)?, drafts::catalogue(request, Some(draft))?);
        let Some(drafted) = draft.all::<Defined>().get(&code) else {
            let told = format!("草稿中没有指标 {code} / the draft has no indicator {code}");
            return Err(Fault::bad_input(told).into());
        };
        let span = super::words::span(&period)?;
        let spans = steps.map_or_else(|| vec![span], |step| span.steps(step.into()));
        if spans.len() > STEPS_MAX {
            return Err(Fault::bad_input("步数过多 / too many steps").into());
        }
        let facts = StoredFacts { session: &session, scope: &request.scope, as_of: None };
        let (mut rows, mut differ, mut listed) = (0, 0, Vec::new());
        for span in spans {
            for by in groupings(&now, &draft, &code) {
                let compared = compare(&facts, (&now, &draft), &code, span, by);
                let compared = compared.map_err(Fault::from)?;
                rows += compared.rows;
                differ += compared.differs.len() as u64;
                let room = limit.saturating_sub(listed.len());
                listed.extend(compared.differs.into_iter().take(room));
            }
        }
        let unit = drafted.unit;
        let shown = |row: Differs| IndicatorDifference {
            period: row.span.to_string(),
            groups: groups(&row.by.into_iter().collect::<Vec<_>>(), &row.key),
            now: row.now.map(|figure| Figure::of(&figure, unit)),
            draft: row.draft.map(|figure| Figure::of(&figure, unit)),
        };
        let differences = listed.into_iter().map(shown).collect();
        Ok(Some(IndicatorSimulation { rows: Long(rows), differ: Long(differ), differences }))
    }
}
