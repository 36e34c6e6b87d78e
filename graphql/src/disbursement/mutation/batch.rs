//! A batch under two keys, to its bank and back.

use async_graphql::ID;
use commands::disbursement::LateReturn;
use disbursement::batch::Answer;

use super::about;
use crate::disbursement::batch::Batch;
use crate::disbursement::steps::{self, Of};
use crate::disbursement::words::{BankAnswer, ReturnReason};
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::outcome::{coded, inputs, mutations, payloads};
use crate::scalars::{Date, Money};

inputs! {
    /// 签发 / Signs a batch with one of two keys.
    BatchSignInput {
        /// 报盘批次 / The batch.
        batch_id: ID,
        /// 以何岗位 / In which role.
        role: String,
    }

    /// 发送 / Sends a batch to its bank.
    BatchSendInput {
        /// 报盘批次 / The batch.
        batch_id: ID,
    }

    /// 登记银行受理 / The bank has taken a batch.
    BatchAcknowledgeInput {
        /// 报盘批次 / The batch.
        batch_id: ID,
        /// 银行受理号 / The bank's reference.
        reference: String,
    }

    /// 登记银行拒收 / The bank refuses a batch.
    BatchRejectInput {
        /// 报盘批次 / The batch.
        batch_id: ID,
        /// 原因 / Why.
        reason: String,
    }

    /// 撤回 / Takes a batch back before it goes out.
    BatchWithdrawInput {
        /// 报盘批次 / The batch.
        batch_id: ID,
        /// 原因 / Why.
        reason: String,
    }

    /// 登记结果未知 / Nobody knows whether a batch arrived.
    BatchLoseOutcomeInput {
        /// 报盘批次 / The batch.
        batch_id: ID,
        /// 原因 / Why.
        reason: String,
    }

    /// 登记查询答复 / Records what the bank answered when it was asked for a batch.
    BatchQueryInput {
        /// 报盘批次 / The batch.
        batch_id: ID,
        /// 答复 / What it says.
        answer: BankAnswer,
        /// 银行受理号，已受理时必填 / The bank's reference, where it has the file.
        reference: Option<String>,
        /// 原因，未受理时必填 / Why, where it does not carry it out.
        reason: Option<String>,
    }

    /// 登记成功后退票 / Records that a line which was paid came back.
    BatchReturnLateInput {
        /// 报盘批次 / The batch.
        batch_id: ID,
        /// 行号，从1起 / Its number in the bank file, from 1.
        sequence: i32,
        /// 退票原因 / Why.
        reason: ReturnReason,
        /// 银行通知编号 / The bank's notice.
        reference: String,
    }

    /// 登记扣款回单 / Records the bank's debit slip.
    BatchDebitInput {
        /// 报盘批次 / The batch.
        batch_id: ID,
        /// 回单号 / The slip.
        slip: String,
        /// 金额 / How much.
        amount: Money,
        /// 扣款日 / When.
        debited_on: Date,
    }
}

payloads! {
    /// 签发的结果 / What came of signing.
    BatchSignPayload(Of<()>) {
        /// 报盘批次 / The batch.
        batch: Batch = steps::batch,
    }
    /// 发送的结果 / What came of sending.
    BatchSendPayload(Of<()>) {
        /// 报盘批次 / The batch.
        batch: Batch = steps::batch,
    }
    /// 登记受理的结果 / What came of an acknowledgement.
    BatchAcknowledgePayload(Of<()>) {
        /// 报盘批次 / The batch.
        batch: Batch = steps::batch,
    }
    /// 登记拒收的结果 / What came of a refusal by the bank.
    BatchRejectPayload(Of<()>) {
        /// 报盘批次 / The batch.
        batch: Batch = steps::batch,
    }
    /// 撤回的结果 / What came of a withdrawal.
    BatchWithdrawPayload(Of<()>) {
        /// 报盘批次 / The batch.
        batch: Batch = steps::batch,
    }
    /// 登记结果未知的结果 / What came of losing an outcome.
    BatchLoseOutcomePayload(Of<()>) {
        /// 报盘批次 / The batch.
        batch: Batch = steps::batch,
    }
    /// 登记查询答复的结果 / What came of the bank's answer.
    BatchQueryPayload(Of<()>) {
        /// 报盘批次 / The batch.
        batch: Batch = steps::batch,
    }
    /// 登记成功后退票的结果 / What came of a late return.
    BatchReturnLatePayload(Of<()>) {
        /// 报盘批次 / The batch.
        batch: Batch = steps::batch,
    }
    /// 登记回单的结果 / What came of a debit slip.
    BatchDebitPayload(Of<()>) {
        /// 报盘批次 / The batch.
        batch: Batch = steps::batch,
    }
}

fn given(text: Option<String>, zh: &str, en: &str) -> Result<String, Fault> {
    text.filter(|text| !text.trim().is_empty())
        .ok_or_else(|| Fault::bad_input(format!("{zh} / {en}")))
}

mutations! { BatchMutation {
    /// 签发 / Signs a batch with one of two keys.
    batch_sign(BatchSignInput) -> BatchSignPayload = |app, envelope, input| {
        let batch = Kind::Batch.local(&input.batch_id)?;
        about(&batch, app.disbursement.sign(envelope, &batch, &input.role).await)
    },
    /// 发送 / Sends a batch to its bank.
    batch_send(BatchSendInput) -> BatchSendPayload = |app, envelope, input| {
        let batch = Kind::Batch.local(&input.batch_id)?;
        about(&batch, app.disbursement.send(envelope, &batch).await)
    },
    /// 登记银行受理 / The bank has taken a batch.
    batch_acknowledge(BatchAcknowledgeInput) -> BatchAcknowledgePayload = |app, envelope, input| {
        let batch = Kind::Batch.local(&input.batch_id)?;
        about(&batch, app.disbursement.acknowledge(envelope, &batch, &input.reference).await)
    },
    /// 登记银行拒收 / The bank refuses a batch; its lines wait for another one.
    batch_reject(BatchRejectInput) -> BatchRejectPayload = |app, envelope, input| {
        let batch = Kind::Batch.local(&input.batch_id)?;
        about(&batch, app.disbursement.reject(envelope, &batch, &input.reason).await)
    },
    /// 撤回 / Takes a batch back before it goes out.
    batch_withdraw(BatchWithdrawInput) -> BatchWithdrawPayload = |app, envelope, input| {
        let batch = Kind::Batch.local(&input.batch_id)?;
        about(&batch, app.disbursement.withdraw(envelope, &batch, &input.reason).await)
    },
    /// 登记结果未知 / Nobody knows whether a batch arrived: it is never sent again blindly.
    batch_lose_outcome(BatchLoseOutcomeInput) -> BatchLoseOutcomePayload = |app, envelope, input| {
        let batch = Kind::Batch.local(&input.batch_id)?;
        about(&batch, app.disbursement.lose_outcome(envelope, &batch, &input.reason).await)
    },
    /// 登记查询答复 / Records what the bank answered; a file that it does not have frees its lines.
    batch_query(BatchQueryInput) -> BatchQueryPayload = |app, envelope, input| {
        let batch = Kind::Batch.local(&input.batch_id)?;
        let answer = match input.answer {
            BankAnswer::Received => Answer::Received {
                reference: given(input.reference, "已受理须填受理号", "received needs a reference")?,
            },
            BankAnswer::Refused => Answer::Refused {
                reason: given(input.reason, "未受理须填原因", "refused needs a reason")?,
            },
            BankAnswer::Unknown => Answer::Unknown,
        };
        about(&batch, app.disbursement.query_batch(envelope, &batch, &answer).await)
    },
    /// 登记成功后退票 / A line that was paid came back: it is owed again, in the month that is open.
    batch_return_late(BatchReturnLateInput) -> BatchReturnLatePayload = |app, envelope, input| {
        let batch = Kind::Batch.local(&input.batch_id)?;
        let late = LateReturn {
            batch: batch.clone(),
            seq: u32::try_from(input.sequence)
                .map_err(|_| Fault::bad_input("行号不正确 / not the number of a line"))?,
            reason: coded(input.reason.code(), "退票原因", "a reason")?,
            reference: input.reference,
        };
        about(&batch, app.disbursement.late_return(envelope, &late).await)
    },
    /// 登记扣款回单 / Records the bank's debit slip.
    batch_debit(BatchDebitInput) -> BatchDebitPayload = |app, envelope, input| {
        let batch = Kind::Batch.local(&input.batch_id)?;
        let (slip, amount, on) = (&input.slip, input.amount.0, input.debited_on.0);
        about(&batch, app.disbursement.debit(envelope, &batch, slip, amount, on).await)
    },
} }
