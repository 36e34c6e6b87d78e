//! The steps of a case: entered, reviewed, dispatched, handled, closed; its clocks; rules muted.

use async_graphql::ID;
use commands::warnings::{Enter, Mute, Warnings};
use projections::ReadSession;
use projections::warnings as view;
use shared::OrganisationId;
use uuid::Uuid;
use warnings::case::{About, Act, Assignment};

use super::one;
use super::warning::Warning;
use super::words::{WarningChannel, WarningHandling, WarningLevel};
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::outcome::{coded, inputs, mutations, payloads};
use crate::request::Request;
use crate::scalars::{Date, DivisionCode};
use crate::tags::SubjectKind;

inputs! {
    /// 人工录入预警 / Enters a warning from the grid or another channel.
    WarningEnterInput {
        /// 预警编号（UUID），由调用者给出 / Its id, a UUID that the caller makes.
        warning_id: ID,
        /// 渠道 / Where it comes from; a rule enters nothing by hand.
        channel: WarningChannel,
        /// 适用规则：分类、时限和处置方式依此 / The rule whose class, clocks and handling apply.
        rule: String,
        /// 级别 / Its level.
        level: WarningLevel,
        /// 对象种类 / The kind of subject.
        subject_kind: SubjectKind,
        /// 对象编号 / The subject's id.
        subject: String,
        /// 属地 / Where it is worked on.
        division: Option<DivisionCode>,
        /// 内容，不含姓名号码 / What was seen, without names and numbers.
        content: String,
    }
    /// 审核通过 / Confirms a warning.
    WarningConfirmInput {
        /// 预警 / The warning.
        warning_id: ID,
        /// 投诉登记表 / The registered complaint form.
        complaint: Option<String>,
        /// 工单 / The work order.
        work_order: Option<String>,
    }
    /// 分派 / Dispatches it.
    WarningDispatchInput {
        /// 预警 / The warning.
        warning_id: ID,
        /// 岗位 / To this role.
        role: String,
        /// 区划 / In this division.
        division: Option<DivisionCode>,
        /// 机构 / In this organisation.
        organisation_id: Option<ID>,
        /// 人员 / To this person.
        person: Option<String>,
    }
    /// 改派 / Gives it to somebody else.
    WarningReassignInput {
        /// 预警 / The warning.
        warning_id: ID,
        /// 岗位 / To this role.
        role: String,
        /// 区划 / In this division.
        division: Option<DivisionCode>,
        /// 机构 / In this organisation.
        organisation_id: Option<ID>,
        /// 人员 / To this person.
        person: Option<String>,
        /// 原因 / Why.
        reason: String,
    }
    /// 处置 / Handles it.
    WarningHandleInput {
        /// 预警 / The warning.
        warning_id: ID,
        /// 处置方式 / One of the seven kinds.
        how: WarningHandling,
        /// 说明 / A note.
        note: String,
    }
    /// 反馈 / Feeds back.
    WarningFeedbackInput {
        /// 预警 / The warning.
        warning_id: ID,
        /// 内容 / What came of it.
        text: String,
        /// 已解决 / Whether it is done.
        done: bool,
    }
    /// 合并 / Merges it into another one that is open.
    WarningMergeInput {
        /// 预警 / The warning.
        warning_id: ID,
        /// 并入 / Into this one.
        into_id: ID,
    }
    /// 调整级别 / Moves its level.
    WarningMoveLevelInput {
        /// 预警 / The warning.
        warning_id: ID,
        /// 级别 / To this level.
        to: WarningLevel,
        /// 原因 / Why.
        reason: String,
    }
    /// 延期 / Gives the present step more time.
    WarningExtendInput {
        /// 预警 / The warning.
        warning_id: ID,
        /// 增加的工作日，红色为小时 / So many working days more, hours for a red one.
        by: i32,
        /// 批准人，不得为经办人本人 / Who approves it: not the acting person.
        approver: String,
        /// 原因 / Why.
        reason: String,
    }
    /// 附说明的办理 / A step with a text: why, or what was found.
    WarningTextInput {
        /// 预警 / The warning.
        warning_id: ID,
        /// 说明 / The reason, the finding or the case number.
        text: String,
    }
    /// 无需说明的办理 / A step without a text.
    WarningPlainInput {
        /// 预警 / The warning.
        warning_id: ID,
    }
    /// 批量解除 / Releases several.
    WarningReleaseInput {
        /// 各件预警 / The warnings.
        warning_ids: Vec<ID>,
        /// 原因 / Why.
        reason: String,
    }
    /// 静默 / Mutes a rule for a while.
    WarningMuteInput {
        /// 静默编号（UUID）/ The suppression's id, a UUID.
        suppression: ID,
        /// 规则 / The rule.
        rule: String,
        /// 对象编号或 * / The subject's id, or *.
        subject: String,
        /// 原因 / Why.
        reason: String,
        /// 最后一日 / The last day.
        until: Date,
    }
    /// 已阅 / A message was seen.
    WarningMessageSeeInput {
        /// 消息编号 / The message.
        message: ID,
    }
    /// 取消静默 / Ends a suppression before its day.
    WarningUnmuteInput {
        /// 静默编号（UUID）/ The suppression's id, a UUID.
        suppression: ID,
    }
}

payloads! {
    /// 预警办理的结果 / What came of a step.
    WarningPayload(Uuid) {
        /// 预警 / The warning.
        warning: Warning = loaded,
    }
    /// 批量解除的结果 / What came of a release.
    WarningReleasePayload(Vec<Uuid>) {
        /// 各件预警 / The warnings.
        warnings: Vec<Warning> = all_loaded,
    }
    /// 已阅的结果 / What came of it.
    WarningMessagePayload(()) {}
    /// 静默的结果 / What came of it.
    WarningMutePayload(()) {}
}

fn loaded(request: &Request, session: &ReadSession, id: &Uuid) -> Result<Option<Warning>, Fault> {
    one(request, session, *id)
}

fn all_loaded(
    request: &Request,
    session: &ReadSession,
    ids: &[Uuid],
) -> Result<Option<Vec<Warning>>, Fault> {
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.extend(view::warning(session, &request.scope, *id)?.map(Warning::from));
    }
    Ok(Some(found))
}

pub(super) fn warnings(app: &crate::App) -> Warnings {
    Warnings::new(app.executor.clone(), app.rules.clone())
}

fn id_of(id: &ID) -> Result<Uuid, Fault> {
    Kind::Warning.parse(id)
}

fn assignment(
    role: String,
    division: Option<DivisionCode>,
    organisation: Option<ID>,
    person: Option<String>,
) -> Result<Assignment, Fault> {
    let organisation: Option<OrganisationId> =
        organisation.map(|id| Kind::Organisation.parse(&id)).transpose()?;
    Ok(Assignment { role, division: division.map(|division| division.0), organisation, person })
}

/// Each a step of one case: the act that its input says.
macro_rules! steps {
    ($(
        $(#[$meta:meta])*
        $name:ident($input:ty) = |$asked:ident| $act:expr,
    )*) => {
        mutations! { StepMutation { $(
            $(#[$meta])*
            $name($input) -> WarningPayload = |app, envelope, input| {
                let warning = id_of(&input.warning_id)?;
                let $asked = input;
                let act = $act;
                warnings(app).act(envelope, warning, None, act).await
            },
        )* } }
    };
}

steps! {
    /// 审核通过 / Confirms a warning.
    warning_confirm(WarningConfirmInput) = |input| {
        let (complaint, work_order) = (input.complaint, input.work_order);
        Act::Confirm { complaint, work_order }
    },
    /// 审核不通过 / Rejects a warning.
    warning_reject(WarningTextInput) = |input| Act::Reject { reason: input.text },
    /// 合并 / Merges a warning into another.
    warning_merge(WarningMergeInput) = |input| {
        let (case, into) = (id_of(&input.warning_id)?, id_of(&input.into_id)?);
        Act::Merge { case, into }
    },
    /// 调整级别 / Moves the level of a warning.
    warning_move_level(WarningMoveLevelInput) = |input| {
        let to = coded(input.to.code(), "级别", "a level")?;
        Act::MoveLevel { to, reason: input.reason }
    },
    /// 分派 / Dispatches a warning.
    warning_dispatch(WarningDispatchInput) = |input| Act::Dispatch {
        to: assignment(input.role, input.division, input.organisation_id, input.person)?,
    },
    /// 退回分派 / Sends a dispatch back.
    warning_return_dispatch(WarningTextInput) = |input| Act::ReturnDispatch { reason: input.text },
    /// 改派 / Gives a warning to somebody else.
    warning_reassign(WarningReassignInput) = |input| Act::Reassign {
        to: assignment(input.role, input.division, input.organisation_id, input.person)?,
        reason: input.reason,
    },
    /// 签收 / Accepts a warning.
    warning_accept(WarningPlainInput) = |_input| Act::Accept,
    /// 现场核实 / Verifies on the site.
    warning_verify(WarningTextInput) = |input| Act::Verify { finding: input.text },
    /// 处置 / Handles a warning.
    warning_handle(WarningHandleInput) = |input| {
        let how = coded(input.how.code(), "处置方式", "a kind of handling")?;
        Act::Handle { how, note: input.note }
    },
    /// 反馈 / Feeds back what came of it.
    warning_feedback(WarningFeedbackInput) = |input| {
        Act::GiveFeedback { text: input.text, done: input.done }
    },
    /// 预立案 / Hands it to the inspectors.
    warning_pre_file(WarningTextInput) = |input| Act::PreFile { case_number: input.text },
    /// 撤销解除 / Undoes a release.
    warning_undo_release(WarningTextInput) = |input| Act::UndoRelease { reason: input.text },
    /// 撤回误报 / Lifts a mistaken entry.
    warning_lift(WarningTextInput) = |input| Act::Lift { reason: input.text },
    /// 异议重开 / Reopens it upon an objection.
    warning_object(WarningTextInput) = |input| Act::Object { reason: input.text },
    /// 归档 / Archives it.
    warning_archive(WarningPlainInput) = |_input| Act::Archive,
    /// 暂停计时 / Stops the clock of the present step.
    warning_clock_stop(WarningTextInput) = |input| Act::StopClock { reason: input.text },
    /// 恢复计时 / Lets the clock run again.
    warning_clock_resume(WarningPlainInput) = |_input| Act::ResumeClock,
    /// 延期 / Gives the present step more time, approved by somebody else.
    warning_clock_extend(WarningExtendInput) = |input| Act::ExtendClock {
        by: more(input.by)?,
        approver: input.approver,
        reason: input.reason,
    },
}

mutations! { EntryMutation {
    /// 人工录入预警 / Enters a warning.
    warning_enter(WarningEnterInput) -> WarningPayload = |app, envelope, input| {
        if input.channel == WarningChannel::Automatic {
            let text = "自动预警由规则产生 / only a rule raises automatic ones";
            return Err(Fault::bad_input(text).into());
        }
        let entered = Enter {
            warning: id_of(&input.warning_id)?,
            channel: coded(input.channel.code(), "渠道", "a channel")?,
            rule: input.rule,
            level: coded(input.level.code(), "级别", "a level")?,
            about: About { kind: input.subject_kind.code().to_owned(), id: input.subject },
            division: input.division.map(|division| division.0),
            content: input.content,
        };
        warnings(app).enter(envelope, &entered).await
    },
    /// 解除，可批量 / Releases one or several, all or none.
    warning_release(WarningReleaseInput) -> WarningReleasePayload = |app, envelope, input| {
        let ids: Result<Vec<Uuid>, Fault> = input.warning_ids.iter().map(id_of).collect();
        warnings(app).release_all(envelope, &ids?, None, &input.reason).await
    },
    /// 静默规则 / Mutes a rule.
    warning_mute(WarningMuteInput) -> WarningMutePayload = |app, envelope, input| {
        let asked = Mute {
            suppression: uuid(&input.suppression)?,
            rule: input.rule,
            subject: input.subject,
            reason: input.reason,
            until: input.until.0,
        };
        warnings(app).mute(envelope, &asked).await
    },
    /// 标记消息已阅 / Says that a message was seen.
    warning_message_see(WarningMessageSeeInput) -> WarningMessagePayload = |app, envelope, input| {
        warnings(app).see(envelope, uuid(&input.message)?).await
    },
    /// 取消静默 / Ends a suppression.
    warning_unmute(WarningUnmuteInput) -> WarningMutePayload = |app, envelope, input| {
        warnings(app).unmute(envelope, uuid(&input.suppression)?).await
    },
} }

/// All that is done with warnings.
#[derive(async_graphql::MergedObject, Default)]
pub struct CaseMutation(StepMutation, EntryMutation);

fn uuid(id: &ID) -> Result<Uuid, Fault> {
    Uuid::try_parse(id).map_err(|_| Fault::bad_input("编号须为 UUID / an id is a UUID"))
}

fn more(by: i32) -> Result<u32, Fault> {
    let more = u32::try_from(by).ok().filter(|more| (1..=90).contains(more));
    more.ok_or_else(|| Fault::bad_input("延期 1 至 90 / an extension is from 1 to 90"))
}
