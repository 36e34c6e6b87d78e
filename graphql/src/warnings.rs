//! Warnings as cases: the list, one with its life, counts, the steps of people, and the live list.

mod mutation;

use async_graphql::{Context, InputObject, Object, Result, SimpleObject, Subscription};
use futures_util::{Stream, StreamExt};
use projections::ReadSession;
use projections::warnings::{self as view, By};
use uuid::Uuid;
use warnings::Level;

use crate::fault::Fault;
use crate::live::live;
use crate::outcome::coded;
use crate::request::{Request, request};
use crate::scalars::{Date, DateTime, DivisionCode, Long, Position};
use crate::tags::page;

/// 一件预警 / A warning.
#[derive(Clone, PartialEq, SimpleObject)]
pub struct Warning {
    /// 编号 / Its id.
    id: String,
    /// 规则编号；人工录入则为空 / The rule; none where it was entered.
    rule: Option<String>,
    /// 规则版本 / The version that last noticed something.
    version: Option<i32>,
    /// 渠道 / Where it comes from.
    channel: String,
    /// 分类 / Its class.
    class: String,
    /// 对象种类 / The kind of subject.
    subject_kind: String,
    /// 对象编号 / The subject's id.
    subject: String,
    /// 属地 / Where it is worked on.
    division: Option<DivisionCode>,
    /// 级别：notice、yellow、orange、red / Its level.
    level: String,
    /// 环节 / How far it is.
    stage: String,
    /// 环节名称 / The stage in Chinese.
    stage_zh: String,
    /// 在办 / Whether somebody still has to do something.
    open: bool,
    /// 本环节期限 / The last day of this step.
    due_on: Option<Date>,
    /// 本环节时限（红色）/ The instant by which a red one is due.
    due_at: Option<DateTime>,
    /// 该年放假安排未公布，期限待定 / The days of this year are not published.
    due_unknown_year: Option<i32>,
    /// 超期 / Whether the step is late.
    late: bool,
    /// 升级次数 / How often it was escalated.
    escalations: i32,
    /// 分派岗位 / To which role it was dispatched.
    assigned_role: Option<String>,
    /// 处置方式 / How it was handled.
    handled: Vec<String>,
    /// 信号数 / How many signals it has.
    signals: i32,
    /// 重开次数 / How often it was reopened.
    reopened: i32,
    /// 发生日 / When it was raised.
    raised_on: Date,
    /// 办结日 / When it was closed.
    closed_on: Option<Date>,
    /// 版本号 / Its revision.
    revision: Long,
}

/// 预警经过的一步 / One step in the life of a warning.
#[derive(SimpleObject)]
pub struct WarningStep {
    /// 事件编号 / The event.
    event_id: String,
    /// 事件类型 / Its type.
    what: String,
    /// 办理人 / Who did it.
    by: String,
    /// 日期 / On which day.
    on: Date,
    /// 事件内容（JSON）/ What it says, as JSON.
    data: String,
}

/// 分组计数 / How many, by group and level.
#[derive(SimpleObject)]
pub struct WarningCount {
    /// 分组 / The group.
    group: String,
    /// 级别 / The level.
    level: String,
    /// 件数 / How many.
    warnings: Long,
}

/// 预警的变化 / The warnings as they are now.
#[derive(SimpleObject)]
pub struct WarningChange {
    /// 到此位置 / At this position.
    position: Position,
    /// 各件预警 / The warnings.
    warnings: Vec<Warning>,
}

/// 预警条件 / Which warnings are asked for; what is absent does not narrow.
#[derive(Clone, Default, InputObject)]
pub struct WarningFilterInput {
    /// 属地及其下级 / Within this division.
    division: Option<DivisionCode>,
    /// 级别 / Of this level.
    level: Option<String>,
    /// 环节 / In this stage.
    stage: Option<String>,
    /// 在办 / Open or closed.
    open: Option<bool>,
    /// 规则 / Of this rule.
    rule: Option<String>,
    /// 分类 / Of this class.
    class: Option<String>,
    /// 渠道 / From this channel.
    channel: Option<String>,
    /// 超期 / Late or not.
    late: Option<bool>,
}

impl WarningFilterInput {
    fn filter(self) -> std::result::Result<view::WarningFilter, Fault> {
        let word = |text: Option<String>, zh, en| -> std::result::Result<Option<Level>, Fault> {
            text.map(|text| coded(&text, zh, en)).transpose()
        };
        let level = word(self.level, "级别", "a level")?;
        let stage = self.stage.map(|text| coded(&text, "环节", "a stage")).transpose()?;
        let channel = self.channel.map(|text| coded(&text, "渠道", "a channel")).transpose()?;
        Ok(view::WarningFilter {
            division: self.division.map(|division| division.0),
            level,
            stage,
            open: self.open,
            rule: self.rule,
            class: self.class,
            channel,
            late: self.late,
        })
    }
}

pub use mutation::WarningMutation;

#[derive(Default)]
pub struct WarningQuery;

#[Object]
impl WarningQuery {
    /// 预警清单 / Warnings, by id.
    async fn warnings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "条件 / Which ones.")] filter: Option<WarningFilterInput>,
        #[graphql(desc = "在此编号之后 / After this id.")] after: Option<String>,
        #[graphql(desc = "条数，1至100 / How many, 1 to 100.", default = 50)] first: i32,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Vec<Warning>>> {
        let _ = at_least;
        let request = request(ctx);
        let filter = filter.unwrap_or_default().filter()?;
        let after = after.map(|id| id_of(&id)).transpose()?;
        let (limit, session) = (page(first)?, request.session(ctx).await?);
        let rows = view::warnings(&session, &request.scope, &filter, after, limit);
        Ok(Some(rows.map_err(Fault::from)?.into_iter().map(Warning::from).collect()))
    }

    /// 一件预警 / One warning.
    async fn warning(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "编号 / Its id.")] id: String,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Warning>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        Ok(one(request, &session, &id_of(&id)?)?)
    }

    /// 一件预警的经过 / The life of one warning.
    async fn warning_steps(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "编号 / Its id.")] id: String,
    ) -> Result<Option<Vec<WarningStep>>> {
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let rows = view::steps(&session, &request.scope, id_of(&id)?).map_err(Fault::from)?;
        let steps = rows.into_iter().map(|row| WarningStep {
            event_id: row.event.to_string(),
            what: row.what,
            by: row.by,
            on: Date(row.on_day),
            data: row.data,
        });
        Ok(Some(steps.collect()))
    }

    /// 预警件数，按区划、分类、环节、规则或渠道 / Counts by division, class, stage, rule or channel.
    async fn warning_counts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "division、class、stage、rule、channel")] by: String,
        #[graphql(desc = "条件 / Which ones.")] filter: Option<WarningFilterInput>,
    ) -> Result<Option<Vec<WarningCount>>> {
        let request = request(ctx);
        let by = match by.as_str() {
            "division" => By::Division,
            "class" => By::Class,
            "stage" => By::Stage,
            "rule" => By::Rule,
            "channel" => By::Channel,
            _ => {
                let allowed = "division, class, stage, rule, channel";
                return Err(Fault::bad_input(format!("by: {allowed}")).into());
            }
        };
        let filter = filter.unwrap_or_default().filter()?;
        let session = request.session(ctx).await?;
        let rows = view::counted(&session, &request.scope, by, &filter).map_err(Fault::from)?;
        let counts = rows.into_iter().map(|(group, level, number)| WarningCount {
            group,
            level: level.code().to_owned(),
            warnings: Long::from(number),
        });
        Ok(Some(counts.collect()))
    }
}

#[derive(Default)]
pub struct WarningSubscription;

#[Subscription]
impl WarningSubscription {
    /// 在办预警的变化 / The warnings that a filter finds, whenever they change.
    async fn warning_changed<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "条件 / Which ones.")] filter: Option<WarningFilterInput>,
        #[graphql(desc = "在此位置之后 / From behind this position.")] after: Option<Position>,
    ) -> Result<impl Stream<Item = Result<WarningChange>> + use<'a>> {
        let filter = filter.unwrap_or_default().filter()?;
        let rows = live(ctx, after, move |request: &Request, session: &ReadSession| {
            let rows = view::warnings(session, &request.scope, &filter, None, 100)?;
            Ok(rows.into_iter().map(Warning::from).collect::<Vec<_>>())
        })?;
        Ok(rows.map(|row| row.map(|(position, warnings)| WarningChange { position, warnings })))
    }
}

fn id_of(text: &str) -> std::result::Result<Uuid, Fault> {
    Uuid::try_parse(text).map_err(|_| Fault::bad_input("编号须为 UUID / an id is a UUID"))
}

fn one(
    request: &Request,
    session: &ReadSession,
    id: &Uuid,
) -> std::result::Result<Option<Warning>, Fault> {
    Ok(view::warning(session, &request.scope, *id)?.map(Warning::from))
}

impl From<view::WarningRow> for Warning {
    fn from(row: view::WarningRow) -> Self {
        let small = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
        Self {
            id: row.warning.to_string(),
            rule: row.rule,
            version: row.version.map(small),
            channel: row.channel.code().to_owned(),
            class: row.class,
            subject_kind: row.about_kind,
            subject: row.about,
            division: row.division.map(DivisionCode),
            level: row.level.code().to_owned(),
            stage: row.stage.code().to_owned(),
            stage_zh: row.stage.zh().to_owned(),
            open: row.open,
            due_on: row.due_on.map(Date),
            due_at: row.due_at.map(DateTime::from),
            due_unknown_year: row.due_unknown,
            late: row.late,
            escalations: small(row.escalated),
            assigned_role: row.assigned_role,
            handled: row.handled.iter().map(|kind| kind.code().to_owned()).collect(),
            signals: small(row.signals),
            reopened: small(row.reopened),
            raised_on: Date(row.raised_on),
            closed_on: row.closed_on.map(Date),
            revision: Long::from(row.revision.0),
        }
    }
}
