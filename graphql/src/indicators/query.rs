//! Indicators are searched, asked and explained.

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use definitions::Indicator as Defined;
use definitions::indicator::evaluate::Query;
use projections::indicators::answer::{Asked, answer};
use projections::indicators::explain::{Explained, explain};
use projections::indicators::read::StoredFacts;
use projections::indicators::restated::closed_at;

use super::words::{CompareWith, Indicator, IndicatorFilterInput, Question, Shown, Step};
use super::words::{catalogue, shown};
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::request::request;
use crate::scalars::{Date, Position};
use crate::view::int;

const PARTS_MAX: i32 = 1_000;

/// 一个事件贡献的部分 / What one event adds to a figure.
#[derive(Debug, Clone, SimpleObject)]
pub struct IndicatorPart {
    /// 事件 / The event.
    event_id: ID,
    /// 事件位置 / Where it stands in the log.
    position: Position,
    /// 首个业务日 / The first business date of its facts.
    first_day: Date,
    /// 最后业务日 / The last one.
    last_day: Date,
    /// 事实数 / How many of its facts are in the figure.
    facts: i32,
    /// 贡献值 / Its part, in the indicator's unit; none where the measure picks one of many.
    part: Option<String>,
}

/// 数的来历 / How a figure is put together.
#[derive(Debug, Clone, SimpleObject)]
pub struct IndicatorExplanation {
    /// 合计 / The figure that the parts add up to.
    figure: Option<String>,
    /// 各事件的部分 / The parts, by position.
    parts: Vec<IndicatorPart>,
    /// 下一页从此位置之后 / The next page begins behind this position; none on the last.
    next_after: Option<Position>,
    /// 由这些指标算得，须分别查看 / It is made of these indicators: explain each of them.
    indicators: Vec<String>,
}

#[derive(Default)]
pub struct AnswerQuery;

#[Object]
impl AnswerQuery {
    /// 查找指标，中英文均可 / Indicators by words of their names and questions, in either language.
    async fn indicators(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "关键词，空格隔开 / Words, all of which are found.")] search: Option<
            String,
        >,
        #[graphql(desc = "是否已可出数 / Whether it gives figures.")] live: Option<bool>,
    ) -> Result<Vec<Indicator>> {
        let request = request(ctx);
        let today = request.app().executor.today().map_err(Fault::from)?;
        let catalogue = request.app().rules.on(today).map_err(Fault::from)?;
        let words: Vec<String> =
            search.iter().flat_map(|text| text.split_whitespace()).map(str::to_lowercase).collect();
        let found = catalogue.all::<Defined>().values().filter(|one| {
            let text = [
                one.id.as_str(),
                &one.name.zh,
                &one.name.en,
                &one.question.zh,
                &one.question.en,
                &one.source,
            ];
            let text = text.join(" ").to_lowercase();
            let is_number =
                |word: &String| word.parse().is_ok_and(|number: i64| one.numbers.contains(&number));
            live.is_none_or(|live| live == one.is_live())
                && words.iter().all(|word| text.contains(word) || is_number(word))
        });
        Ok(found.map(Indicator::from).collect())
    }

    /// 一项指标 / What an indicator says of a period.
    #[expect(clippy::too_many_arguments, reason = "the arguments of one question of the schema")]
    async fn indicator(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "编号 / Its id.")] code: String,
        #[graphql(desc = "期间：2026-01-05、2026-01、2026-Q1、2026 或以 .. 相连 / The period.")]
        period: String,
        #[graphql(desc = "分组 / Grouped by these.")] by: Option<Vec<String>>,
        #[graphql(desc = "筛选 / Under these conditions.")] filter: Option<
            Vec<IndicatorFilterInput>,
        >,
        #[graphql(desc = "时间步长 / Cut into these.")] steps: Option<Step>,
        #[graphql(desc = "对比 / Compared with.")] compare_with: Option<CompareWith>,
        #[graphql(desc = "当时所知：此位置（含） / As it was known at this position.")]
        as_of: Option<Position>,
        #[graphql(
            desc = "结账时的数：期间结束时所知 / As it was known when the period was closed.",
            default
        )]
        frozen: bool,
        #[graphql(desc = "定义版本 / The version of the definition.")] version: Option<i32>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Shown> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let (by, filter) = (by.unwrap_or_default(), filter.unwrap_or_default());
        let question = Question { period, by, filter, steps, compare: compare_with };
        let (catalogue, version) = catalogue(request, &session, &code, version)?;
        let asked = question.asked()?;
        let as_of = match (as_of, frozen) {
            (Some(_), true) => {
                let told = "asOf 与 frozen 只给一个 / give one of asOf and frozen";
                return Err(Fault::bad_input(told).into());
            }
            (Some(token), false) => Some(request.position(token)?),
            (None, false) => None,
            (None, true) => {
                let closed = closed_at(&session, asked.span.last_month()).map_err(Fault::from)?;
                let open = || Fault::bad_input("该期间尚未结束 / the period is not closed yet");
                Some(closed.ok_or_else(open)?)
            }
        };
        let facts = StoredFacts { session: &session, scope: &request.scope, as_of };
        Ok(shown(request, &facts, (&catalogue, version), &code, &asked)?)
    }

    /// 数的来历 / The events behind one cell of an indicator, by position, page by page.
    #[expect(clippy::too_many_arguments, reason = "the arguments of one question of the schema")]
    async fn explain(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "编号 / Its id.")] code: String,
        #[graphql(desc = "期间 / The period.")] period: String,
        #[graphql(desc = "格的分组取值 / The groups of the cell.")] cell: Option<
            Vec<IndicatorFilterInput>,
        >,
        #[graphql(desc = "当时所知 / As it was known at this position.")] as_of: Option<Position>,
        #[graphql(desc = "在此位置之后 / Behind this position.")] after: Option<Position>,
        #[graphql(desc = "条数，至多 1000 / So many parts, 1000 at most.", default = 100)]
        first: i32,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<IndicatorExplanation> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let (by, filter) = (Vec::new(), cell.unwrap_or_default());
        let question = Question { period, by, filter, steps: None, compare: None };
        let (catalogue, _) = catalogue(request, &session, &code, None)?;
        let as_of = as_of.map(|token| request.position(token)).transpose()?;
        let facts = StoredFacts { session: &session, scope: &request.scope, as_of };
        let asked: Asked = question.asked()?;
        let all = catalogue.all::<Defined>();
        let Some(indicator) = all.get(&code) else {
            return Err(Fault::bad_input(code).into());
        };
        let told = answer(&facts, indicator, all, &asked).map_err(Fault::from)?;
        let figure = told.total.map(|cell| cell.figure);
        let hidden = figure.as_ref().and_then(|figure| figure.missing.as_ref());
        if hidden.is_some_and(|missing| missing.code() == "small-group") {
            return Err(Fault::bad_input("人数过少，不予显示 / too few to be shown").into());
        }
        let limit = u32::try_from(first.clamp(1, PARTS_MAX)).unwrap_or(1);
        let query = Query { span: asked.span, by: &[], conditions: &asked.conditions };
        let from = after.map(|token| request.position(token)).transpose()?.unwrap_or_default();
        let explained = explain(&facts, indicator, query, from, limit).map_err(Fault::from)?;
        let (parts, indicators) = match explained {
            Explained::Parts(parts) => (parts, Vec::new()),
            Explained::Indicators(ids) => (Vec::new(), ids),
            Explained::Nothing => (Vec::new(), Vec::new()),
        };
        let full = u32::try_from(parts.len()).is_ok_and(|found| found == limit);
        let next_after = parts.last().filter(|_| full).map(|part| request.token(part.position));
        let unit = indicator.unit;
        let show = |part: i128| i64::try_from(part).ok().map(|part| unit.show(part));
        Ok(IndicatorExplanation {
            figure: figure.and_then(|figure| figure.value).map(|value| unit.show(value)),
            parts: parts
                .into_iter()
                .map(|part| IndicatorPart {
                    event_id: Kind::Event.id(part.event),
                    position: request.token(part.position),
                    first_day: part.first_day.into(),
                    last_day: part.last_day.into(),
                    facts: int(part.facts),
                    part: part.part.and_then(show),
                })
                .collect(),
            next_after,
            indicators,
        })
    }
}
