//! Recoveries: opened, demanded, agreed, and each way in which a debt gets smaller.

use async_graphql::{ID, InputObject};
use disbursement::recovery::{About, Instalment};
use shared::ObligationId;

use super::super::{about, told};
use super::recovery;
use crate::disbursement::cases::{NotOwedReason, Recovery, RepaymentAccount};
use crate::disbursement::steps::Of;
use crate::global_id::Kind;
use crate::outcome::{inputs, mutations, payloads};
use crate::registry::of_word;
use crate::scalars::{Date, Money};

/// 一期还款 / One instalment.
#[derive(Clone, InputObject)]
pub struct InstalmentInput {
    /// 应还日期 / When it is due.
    due: Date,
    /// 金额 / How much.
    amount: Money,
}

inputs! {
    /// 追回立案 / Opens a recovery.
    RecoveryOpenInput {
        /// 多发的明细 / The line that was overpaid.
        line_id: ID,
    }
    /// 转入期初追回 / Carries a recovery over from before the system.
    RecoveryCarryInput {
        /// 多发的义务编号 / The obligation, as A1/2025-12/whole/0/<person>.
        line_id: ID,
        /// 账套 / The book that paid it.
        book_id: ID,
        /// 基金 / The fund.
        fund: String,
        /// 尚欠金额 / What was still owed.
        amount: Money,
        /// 原因 / Why it was not owed.
        reason: NotOwedReason,
        /// 发现日期 / When it was found.
        found_on: Date,
    }
    /// 书面追回通知 / Demands a repayment in writing.
    RecoveryDemandInput {
        /// 追回 / The recovery.
        recovery_id: ID,
        /// 通知文号 / The notice.
        notice: String,
        /// 还款期限 / By when.
        due: Date,
    }
    /// 分期协议 / Agrees instalments.
    RecoveryAgreeInput {
        /// 追回 / The recovery.
        recovery_id: ID,
        /// 协议编号 / The agreement.
        agreement: String,
        /// 各期，合计须等于尚欠 / The instalments: together what is owed.
        instalments: Vec<InstalmentInput>,
    }
    /// 登记还款 / Records a repayment.
    RecoveryReceiveInput {
        /// 追回 / The recovery.
        recovery_id: ID,
        /// 银行流水号 / The receipt's serial.
        serial: String,
        /// 金额 / How much.
        amount: Money,
        /// 入账账户 / Where it arrived.
        account: RepaymentAccount,
    }
    /// 抵扣 / Sets what a deduction kept against a debt.
    RecoveryOffsetInput {
        /// 追回 / The recovery.
        recovery_id: ID,
        /// 扣款 / The deduction that kept it back.
        deduction_id: ID,
        /// 从哪笔发放扣留 / The line that was paid less.
        against_line_id: ID,
        /// 金额 / How much.
        amount: Money,
    }
    /// 移送法院 / Sends a recovery to court.
    RecoverySendToCourtInput {
        /// 追回 / The recovery.
        recovery_id: ID,
        /// 法院 / The court.
        court: String,
        /// 案号 / Its case number.
        court_case: String,
    }
    /// 核销 / Writes a debt off.
    RecoveryWriteOffInput {
        /// 追回 / The recovery.
        recovery_id: ID,
        /// 外部批准文号 / The outside approval.
        approval: String,
        /// 批准机关 / Who gave it.
        authority: String,
        /// 金额 / How much.
        amount: Money,
    }
    /// 撤销追回 / Withdraws a recovery.
    RecoveryWithdrawInput {
        /// 追回 / The recovery.
        recovery_id: ID,
        /// 原因 / Why.
        reason: String,
    }
}

payloads! {
    /// 追回立案的结果 / What came of opening a recovery.
    RecoveryOpenPayload(Of<()>) {
        /// 追回 / The recovery.
        recovery: Recovery = recovery,
    }
    /// 转入期初追回的结果 / What came of carrying a recovery over.
    RecoveryCarryPayload(Of<()>) {
        /// 追回 / The recovery.
        recovery: Recovery = recovery,
    }
    /// 书面追回通知的结果 / What came of a demand.
    RecoveryDemandPayload(Of<()>) {
        /// 追回 / The recovery.
        recovery: Recovery = recovery,
    }
    /// 分期协议的结果 / What came of an agreement.
    RecoveryAgreePayload(Of<()>) {
        /// 追回 / The recovery.
        recovery: Recovery = recovery,
    }
    /// 登记还款的结果 / What came of a repayment.
    RecoveryReceivePayload(Of<()>) {
        /// 追回 / The recovery.
        recovery: Recovery = recovery,
    }
    /// 抵扣的结果 / What came of an offset.
    RecoveryOffsetPayload(Of<()>) {
        /// 追回 / The recovery.
        recovery: Recovery = recovery,
    }
    /// 移送法院的结果 / What came of going to court.
    RecoverySendToCourtPayload(Of<()>) {
        /// 追回 / The recovery.
        recovery: Recovery = recovery,
    }
    /// 核销的结果 / What came of a write-off.
    RecoveryWriteOffPayload(Of<()>) {
        /// 追回 / The recovery.
        recovery: Recovery = recovery,
    }
    /// 撤销追回的结果 / What came of a withdrawal.
    RecoveryWithdrawPayload(Of<()>) {
        /// 追回 / The recovery.
        recovery: Recovery = recovery,
    }
}

mutations! { RecoveryMutation {
    /// 追回立案；认定多发后自动办理 / Opens a recovery: it follows by itself when one is found.
    recovery_open(RecoveryOpenInput) -> RecoveryOpenPayload = |app, envelope, input| {
        let id: ObligationId = Kind::Line.parse(&input.line_id)?;
        told(app.disbursement.open_recovery(envelope, id).await, |id| (id, ()))
    },
    /// 转入期初追回，须在首次发放前 / Carries a recovery over, before the first run.
    recovery_carry(RecoveryCarryInput) -> RecoveryCarryPayload = |app, envelope, input| {
        let id: ObligationId = Kind::Line.parse(&input.line_id)?;
        let carried = About {
            obligation: id,
            person: id.person,
            item: id.item,
            month: id.month,
            component: id.component,
            fund: crate::outcome::coded(&input.fund, "基金代码", "a fund")?,
            book: Kind::Book.local(&input.book_id)?,
            amount: input.amount.0,
            reason: input.reason.code().to_owned(),
            found_on: input.found_on.0,
            carried: true,
        };
        about(&id.to_string(), app.disbursement.carry_recovery(envelope, &carried).await)
    },
    /// 书面追回通知 / The written notice that asks for the money.
    recovery_demand(RecoveryDemandInput) -> RecoveryDemandPayload = |app, envelope, input| {
        let id: ObligationId = Kind::Recovery.parse(&input.recovery_id)?;
        let (notice, due) = (&input.notice, input.due.0);
        about(&id.to_string(), app.disbursement.demand_recovery(envelope, id, notice, due).await)
    },
    /// 分期协议，替换此前的协议 / Instalments: they take the place of the agreement before.
    recovery_agree(RecoveryAgreeInput) -> RecoveryAgreePayload = |app, envelope, input| {
        let id: ObligationId = Kind::Recovery.parse(&input.recovery_id)?;
        let part = |one: &InstalmentInput| Instalment { due: one.due.0, amount: one.amount.0 };
        let parts: Vec<Instalment> = input.instalments.iter().map(part).collect();
        let pay = &app.disbursement;
        about(&id.to_string(), pay.agree_instalments(envelope, id, &input.agreement, &parts).await)
    },
    /// 移送法院 / Sends a recovery to court.
    recovery_send_to_court(RecoverySendToCourtInput) -> RecoverySendToCourtPayload
        = |app, envelope, input| {
        let id: ObligationId = Kind::Recovery.parse(&input.recovery_id)?;
        let (court, case) = (&input.court, &input.court_case);
        about(&id.to_string(), app.disbursement.send_to_court(envelope, id, court, case).await)
    },
} }

mutations! { RecoveryMoveMutation {
    /// 登记还款，入收入户或财政专户 / Money came back: into the income or the fiscal account.
    recovery_receive(RecoveryReceiveInput) -> RecoveryReceivePayload = |app, envelope, input| {
        let id: ObligationId = Kind::Recovery.parse(&input.recovery_id)?;
        let (serial, amount) = (&input.serial, input.amount.0);
        let into = of_word(input.account.code())?;
        let pay = &app.disbursement;
        about(&id.to_string(), pay.receive_repayment(envelope, id, serial, amount, into).await)
    },
    /// 抵扣，限同一基金 / An offset, inside one fund only.
    recovery_offset(RecoveryOffsetInput) -> RecoveryOffsetPayload = |app, envelope, input| {
        let id: ObligationId = Kind::Recovery.parse(&input.recovery_id)?;
        let deduction = Kind::Deduction.local(&input.deduction_id)?;
        let against: ObligationId = Kind::Line.parse(&input.against_line_id)?;
        let (pay, amount) = (&app.disbursement, input.amount.0);
        let done = pay.offset_recovery(envelope, id, &deduction, against, amount).await;
        about(&id.to_string(), done)
    },
    /// 核销，须外部批准文号 / A write-off, with an outside approval.
    recovery_write_off(RecoveryWriteOffInput) -> RecoveryWriteOffPayload
        = |app, envelope, input| {
        let id: ObligationId = Kind::Recovery.parse(&input.recovery_id)?;
        let (approval, authority) = (&input.approval, &input.authority);
        let (pay, amount) = (&app.disbursement, input.amount.0);
        let done = pay.write_off_recovery(envelope, id, approval, authority, amount).await;
        about(&id.to_string(), done)
    },
    /// 撤销追回：系误认定 / It was found by mistake.
    recovery_withdraw(RecoveryWithdrawInput) -> RecoveryWithdrawPayload
        = |app, envelope, input| {
        let id: ObligationId = Kind::Recovery.parse(&input.recovery_id)?;
        about(&id.to_string(), app.disbursement.withdraw_recovery(envelope, id, &input.reason).await)
    },
} }
