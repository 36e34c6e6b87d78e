//! A warning as an object of the schema, and its life.

use async_graphql::{ComplexObject, Context, ID, Result, SimpleObject};
use projections::warnings::{self as view, WarningRow};

use super::words::{WarningChannel, WarningHandling, WarningLevel, WarningStage};
use crate::batches::load;
use crate::global_id::Kind;
use crate::reads::WarningStepsOf;
use crate::scalars::{Date, DateTime, DivisionCode, Long};
use crate::tags::SubjectKind;
use crate::view::{int, view};

view! {
    /// 一件预警 / A warning.
    complex struct Warning of row: WarningRow {
        /// 全局编号 / The global id.
        id: ID = Kind::Warning.id(row.warning),
        /// 规则编号；人工录入则为空 / The rule; none where it was entered.
        rule: Option<String> = row.rule.clone(),
        /// 规则版本 / The version that last noticed something.
        version: Option<i32> = row.version.map(int),
        /// 渠道 / Where it comes from.
        channel: WarningChannel = WarningChannel::stored(row.channel.code()),
        /// 分类 / Its class.
        class: String = row.class.clone(),
        /// 对象种类 / The kind of subject.
        subject_kind: Option<SubjectKind> = SubjectKind::of(&row.about_kind),
        /// 对象编号 / The subject's id.
        subject: String = row.about.clone(),
        /// 属地 / Where it is worked on.
        division: Option<DivisionCode> = row.division.map(DivisionCode),
        /// 级别 / Its level.
        level: WarningLevel = WarningLevel::stored(row.level.code()),
        /// 环节 / How far it is.
        stage: WarningStage = WarningStage::stored(row.stage.code()),
        /// 环节名称 / The stage in Chinese.
        stage_zh: String = row.stage.zh().to_owned(),
        /// 在办 / Whether somebody still has to do something.
        open: bool = row.open,
        /// 本环节期限 / The last day of this step.
        due_on: Option<Date> = row.due_on.map(Date),
        /// 本环节时限（红色）/ The instant by which a red one is due.
        due_at: Option<DateTime> = row.due_at.map(DateTime::from),
        /// 该年放假安排未公布，期限待定 / The days of this year are not published.
        due_unknown_year: Option<i32> = row.due_unknown,
        /// 计时已暂停 / Whether the clock of this step is stopped.
        clock_stopped: bool = row.clock_stopped,
        /// 超期 / Whether the step is late.
        late: bool = row.late,
        /// 升级次数 / How often it was escalated.
        escalations: i32 = int(row.escalated),
        /// 分派岗位 / To which role it was dispatched.
        assigned_role: Option<String> = row.assigned_role.clone(),
        /// 分派区划 / In which division.
        assigned_division: Option<DivisionCode> = row.assigned_division.map(DivisionCode),
        /// 分派人员 / To which person.
        assigned_person: Option<String> = row.assigned_person.clone(),
        /// 处置方式 / How it was handled.
        handled: Vec<WarningHandling>
            = row.handled.iter().map(|kind| WarningHandling::stored(kind.code())).collect(),
        /// 信号数 / How many signals it has.
        signals: i32 = int(row.signals),
        /// 重开次数 / How often it was reopened.
        reopened: i32 = int(row.reopened),
        /// 发生日 / When it was raised.
        raised_on: Date = Date(row.raised_on),
        /// 办结日 / When it was closed.
        closed_on: Option<Date> = row.closed_on.map(Date),
        /// 版本号，用于 ifRevision / Its revision, for `ifRevision`.
        revision: Long = Long(row.revision.0),
    }
}

#[ComplexObject]
impl Warning {
    /// 经过 / Its life, step by step.
    async fn steps(&self, ctx: &Context<'_>) -> Result<Vec<WarningStep>> {
        let steps = load(ctx, WarningStepsOf(self.row.warning)).await?;
        Ok(steps.into_iter().map(WarningStep::from).collect())
    }
}

/// What a live list compares: a row as it was folded.
impl PartialEq for Warning {
    fn eq(&self, other: &Self) -> bool {
        self.row == other.row
    }
}

/// 预警经过的一步 / One step in the life of a warning.
#[derive(Clone, SimpleObject)]
pub struct WarningStep {
    /// 事件编号 / The event.
    event_id: ID,
    /// 事件类型 / Its type.
    what: String,
    /// 办理人 / Who did it.
    by: String,
    /// 日期 / On which day.
    on: Date,
    /// 事件内容（JSON）/ What it says, as JSON.
    data: String,
}

impl From<view::StepRow> for WarningStep {
    fn from(row: view::StepRow) -> Self {
        Self {
            event_id: Kind::Event.id(row.event),
            what: row.what,
            by: row.by,
            on: Date(row.on_day),
            data: row.data,
        }
    }
}
