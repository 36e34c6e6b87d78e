//! The steps of a case.

use commands::warnings::{Mute, Warnings};
use uuid::Uuid;
use warnings::Handling;
use warnings::case::{Act, Assignment};

use super::id_of;
use crate::fault::Fault;
use crate::outcome::{coded, inputs, mutations, payloads};
use crate::scalars::{Date, DivisionCode};

inputs! {
    /// 审核通过 / Confirms a warning.
    WarningConfirmInput {
        /// 预警 / The warning.
        warning: String,
        /// 投诉登记表 / The registered complaint form.
        complaint: Option<String>,
        /// 工单 / The work order.
        work_order: Option<String>,
    }
    /// 分派 / Dispatches it.
    WarningDispatchInput {
        /// 预警 / The warning.
        warning: String,
        /// 岗位 / To this role.
        role: String,
        /// 区划 / In this division.
        division: Option<DivisionCode>,
        /// 人员 / To this person.
        person: Option<String>,
    }
    /// 处置 / Handles it.
    WarningHandleInput {
        /// 预警 / The warning.
        warning: String,
        /// 处置方式 / One of the seven kinds.
        how: String,
        /// 说明 / A note.
        note: String,
    }
    /// 反馈 / Feeds back.
    WarningFeedbackInput {
        /// 预警 / The warning.
        warning: String,
        /// 内容 / What came of it.
        text: String,
        /// 已解决 / Whether it is done.
        done: bool,
    }
    /// 附说明的办理 / A step with a text: why, or what was found.
    WarningTextInput {
        /// 预警 / The warning.
        warning: String,
        /// 说明 / The reason, the finding or the case number.
        text: String,
    }
    /// 无需说明的办理 / A step without a text.
    WarningPlainInput {
        /// 预警 / The warning.
        warning: String,
    }
    /// 批量解除 / Releases several.
    WarningReleaseAllInput {
        /// 各件预警 / The warnings.
        warnings: Vec<String>,
        /// 原因 / Why.
        reason: String,
    }
    /// 静默 / Mutes a rule for a while.
    WarningMuteInput {
        /// 静默编号（UUID）/ The suppression's id, a UUID.
        suppression: String,
        /// 规则 / The rule.
        rule: String,
        /// 对象编号或 * / The subject's id, or *.
        subject: String,
        /// 原因 / Why.
        reason: String,
        /// 最后一日 / The last day.
        until: Date,
    }
}

payloads! {
    /// 预警办理的结果 / What came of a step.
    WarningPayload(()) {}
}

fn warnings(app: &crate::App) -> Warnings {
    Warnings::new(app.executor.clone(), app.rules.clone())
}

mutations! { WarningMutation {
    /// 审核通过 / Confirms a warning.
    warning_confirm(WarningConfirmInput) -> WarningPayload = |app, envelope, input| {
        let (complaint, work_order) = (input.complaint, input.work_order);
        let act = Act::Confirm { complaint, work_order };
        warnings(app).act(envelope, id_of(&input.warning)?, None, act).await
    },
    /// 审核不通过 / Rejects a warning.
    warning_reject(WarningTextInput) -> WarningPayload = |app, envelope, input| {
        let act = Act::Reject { reason: input.text };
        warnings(app).act(envelope, id_of(&input.warning)?, None, act).await
    },
    /// 分派 / Dispatches a warning.
    warning_dispatch(WarningDispatchInput) -> WarningPayload = |app, envelope, input| {
        let division = input.division.map(|division| division.0);
        let (role, person) = (input.role, input.person);
        let act = Act::Dispatch { to: Assignment { role, division, organisation: None, person } };
        warnings(app).act(envelope, id_of(&input.warning)?, None, act).await
    },
    /// 退回分派 / Sends a dispatch back.
    warning_return_dispatch(WarningTextInput) -> WarningPayload = |app, envelope, input| {
        let act = Act::ReturnDispatch { reason: input.text };
        warnings(app).act(envelope, id_of(&input.warning)?, None, act).await
    },
    /// 签收 / Accepts a warning.
    warning_accept(WarningPlainInput) -> WarningPayload = |app, envelope, input| {
        warnings(app).act(envelope, id_of(&input.warning)?, None, Act::Accept).await
    },
    /// 现场核实 / Verifies on the site.
    warning_verify(WarningTextInput) -> WarningPayload = |app, envelope, input| {
        let act = Act::Verify { finding: input.text };
        warnings(app).act(envelope, id_of(&input.warning)?, None, act).await
    },
    /// 处置 / Handles a warning.
    warning_handle(WarningHandleInput) -> WarningPayload = |app, envelope, input| {
        let how = coded::<Handling>(&input.how, "处置方式", "a kind of handling")?;
        let act = Act::Handle { how, note: input.note };
        warnings(app).act(envelope, id_of(&input.warning)?, None, act).await
    },
    /// 反馈 / Feeds back what came of it.
    warning_feedback(WarningFeedbackInput) -> WarningPayload = |app, envelope, input| {
        let act = Act::GiveFeedback { text: input.text, done: input.done };
        warnings(app).act(envelope, id_of(&input.warning)?, None, act).await
    },
    /// 预立案 / Hands it to the inspectors.
    warning_pre_file(WarningTextInput) -> WarningPayload = |app, envelope, input| {
        let act = Act::PreFile { case_number: input.text };
        warnings(app).act(envelope, id_of(&input.warning)?, None, act).await
    },
    /// 解除（可批量）/ Releases one or several, all or none.
    warning_release(WarningReleaseAllInput) -> WarningPayload = |app, envelope, input| {
        let ids: std::result::Result<Vec<Uuid>, Fault> =
            input.warnings.iter().map(|id| id_of(id)).collect();
        warnings(app).release_all(envelope, &ids?, None, &input.reason).await
    },
    /// 撤销解除 / Undoes a release.
    warning_undo_release(WarningTextInput) -> WarningPayload = |app, envelope, input| {
        let act = Act::UndoRelease { reason: input.text };
        warnings(app).act(envelope, id_of(&input.warning)?, None, act).await
    },
    /// 撤回误报 / Lifts a mistaken entry.
    warning_lift(WarningTextInput) -> WarningPayload = |app, envelope, input| {
        let act = Act::Lift { reason: input.text };
        warnings(app).act(envelope, id_of(&input.warning)?, None, act).await
    },
    /// 异议重开 / Reopens it upon an objection.
    warning_object(WarningTextInput) -> WarningPayload = |app, envelope, input| {
        let act = Act::Object { reason: input.text };
        warnings(app).act(envelope, id_of(&input.warning)?, None, act).await
    },
    /// 归档 / Archives it.
    warning_archive(WarningPlainInput) -> WarningPayload = |app, envelope, input| {
        warnings(app).act(envelope, id_of(&input.warning)?, None, Act::Archive).await
    },
    /// 静默规则 / Mutes a rule.
    warning_mute(WarningMuteInput) -> WarningPayload = |app, envelope, input| {
        let asked = Mute {
            suppression: id_of(&input.suppression)?,
            rule: input.rule,
            subject: input.subject,
            reason: input.reason,
            until: input.until.0,
        };
        warnings(app).mute(envelope, &asked).await
    },
} }
