//! Warnings as cases: lists, one with its life, counts, the steps of people, trials, and the live list.

mod figures;
mod message;
mod mutation;
mod trial;
mod warning;
mod words;

use async_graphql::{Context, ID, MergedObject, Object, Result, SimpleObject, Subscription};
use futures_util::{Stream, StreamExt};
use projections::ReadSession;
use projections::warnings::{self as view, WarningRow};

use self::figures::{WarningCount, WarningFigures, counts};
use self::message::MessageQuery;
use self::mutation::CaseMutation;
use self::trial::{TrialMutation, TrialQuery};
pub use self::warning::Warning;
use self::words::{WarningChannel, WarningGrouping, WarningLevel, WarningStage};
use crate::conditions::{filter, one_of};
use crate::connection::{self, By, Paging, connection};
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::live::live;
use crate::request::{Request, request};
use crate::scalars::{Date, DivisionCode, Position};
use crate::tags::SubjectKind;

/// So many of the live list are looked at.
const LIVE_MAX: u32 = 100;

connection!("预警", "warnings": WarningConnection WarningEdge of Warning);

filter! {
    /// 预警条件 / Which warnings.
    WarningWhere {
        /// 属地及其下级 / Within this division.
        division: DivisionCode => |area| Only::Within("division", area.0),
        /// 级别 / Of one of these levels.
        level: Vec<WarningLevel> => |levels| one_of("level", levels.iter().map(|one| one.code())),
        /// 环节 / In one of these stages.
        stage: Vec<WarningStage> => |stages| one_of("stage", stages.iter().map(|one| one.code())),
        /// 渠道 / From one of these channels.
        channel: Vec<WarningChannel>
            => |channels| one_of("channel", channels.iter().map(|one| one.code())),
        /// 在办 / Open or closed.
        open: bool => |open| Only::equal("open", open),
        /// 超期 / Late or not.
        late: bool => |late| Only::equal("late", late),
        /// 规则 / Of this rule.
        rule: String => |rule| Only::equal("rule", rule),
        /// 分类 / Of this class.
        class: String => |class| Only::equal("class", class),
        /// 对象种类 / About this kind of subject.
        subject_kind: SubjectKind => |kind| Only::equal("about_kind", &kind.code().to_owned()),
        /// 对象编号 / About this subject.
        subject: String => |subject| Only::equal("about", subject),
        /// 分派岗位 / Dispatched to this role.
        role: String => |role| Only::equal("assigned_role", role),
        /// 发生不早于 / Raised on this day or later.
        raised_from: Date => |date| Only::at_least("raised_on", &date.0),
        /// 发生不晚于 / Raised on this day or before.
        raised_to: Date => |date| Only::at_most("raised_on", &date.0),
    }
}

/// 预警的变化 / The warnings as they are now.
#[derive(SimpleObject)]
pub struct WarningChange {
    /// 到此位置 / At this position.
    position: Position,
    /// 各件预警 / The warnings.
    warnings: Vec<Warning>,
}

/// What can be asked of warnings.
#[derive(MergedObject, Default)]
pub struct WarningQuery(CaseQuery, TrialQuery, MessageQuery);

/// What can be done with warnings and their rules.
#[derive(MergedObject, Default)]
pub struct WarningMutation(CaseMutation, TrialMutation);

#[derive(Default)]
pub struct CaseQuery;

#[Object]
impl CaseQuery {
    /// 预警清单 / Warnings.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn warnings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "条件 / Which warnings.")] r#where: Option<WarningWhere>,
        #[graphql(desc = "前几条，1–100 / How many from the start.")] first: Option<i32>,
        #[graphql(desc = "在此之后 / After this cursor.")] after: Option<String>,
        #[graphql(desc = "后几条，1–100 / How many from the end.")] last: Option<i32>,
        #[graphql(desc = "在此之前 / Before this cursor.")] before: Option<String>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<WarningConnection>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let only = r#where.unwrap_or_default().only()?;
        let paging = Paging::new(first, after, last, before);
        let order = [By::down("raised_on"), By::up("warning")];
        let page = connection::page::<WarningRow>(request, &session, &only, &order, &paging)?;
        let total = connection::total::<WarningRow>(request, session, only);
        Ok(Some(WarningConnection::new(page, total)))
    }

    /// 一件预警 / One warning.
    async fn warning(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "编号 / Its id.")] id: ID,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Warning>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        Ok(one(request, &session, Kind::Warning.parse(&id)?)?)
    }

    /// 预警件数，按口径和级别 / Counts by one grouping and by level.
    async fn warning_counts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "口径 / By what.")] by: WarningGrouping,
        #[graphql(desc = "条件 / Which warnings.")] r#where: Option<WarningWhere>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Vec<WarningCount>>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let only = r#where.unwrap_or_default().only()?;
        Ok(Some(counts(request, &session, &only, by)?))
    }

    /// 预警中心的统计 / How warnings come, are handled and come back.
    async fn warning_figures(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "条件 / Of which warnings.")] r#where: Option<WarningWhere>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<WarningFigures>> {
        let _ = at_least;
        let session = request(ctx).session(ctx).await?;
        let only = r#where.unwrap_or_default().only()?;
        Ok(Some(WarningFigures { session, only }))
    }
}

#[derive(Default)]
pub struct WarningSubscription;

#[Subscription]
impl WarningSubscription {
    /// 预警的变化 / The first hundred warnings that a condition finds, whenever they change.
    async fn warning_changed<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "条件 / Which warnings.")] r#where: Option<WarningWhere>,
        #[graphql(desc = "在此位置之后 / From behind this position.")] after: Option<Position>,
    ) -> Result<impl Stream<Item = Result<WarningChange>> + use<'a>> {
        let only = r#where.unwrap_or_default().only()?;
        let rows = live(ctx, after, move |request: &Request, session: &ReadSession| {
            let rows = view::warnings(session, &request.scope, &only, LIVE_MAX)?;
            Ok(rows.into_iter().map(Warning::from).collect::<Vec<_>>())
        })?;
        Ok(rows.map(|row| row.map(|(position, warnings)| WarningChange { position, warnings })))
    }
}

fn one(
    request: &Request,
    session: &ReadSession,
    id: uuid::Uuid,
) -> std::result::Result<Option<Warning>, Fault> {
    Ok(view::warning(session, &request.scope, id)?.map(Warning::from))
}
