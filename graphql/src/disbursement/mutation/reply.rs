//! What a bank says of the lines: first a receipt, then applied.

use async_graphql::ID;
use commands::disbursement::{ReplyApplied, ReplyReceipt};
use shared::ReplyId;

use super::{about, file, told};
use crate::disbursement::batch::{Batch, Reply};
use crate::disbursement::steps::{self, Of};
use crate::global_id::Kind;
use crate::outcome::{coded, inputs, mutations, payloads};
use crate::scalars::Money;
use crate::view::int;

inputs! {
    /// 接收回盘 / Takes a reply file.
    ReplyReceiveInput {
        /// 银行 / The bank.
        bank: String,
        /// 文件名 / What the bank called the file.
        file_name: String,
        /// 已上传文件的编号 / The id that `POST /files` answered.
        artefact_id: ID,
    }

    /// 处理回盘 / Applies a reply.
    ReplyApplyInput {
        /// 报盘批次 / The batch.
        batch_id: ID,
        /// 回盘 / The reply.
        reply_id: ID,
    }
}

payloads! {
    /// 接收回盘的结果 / What came of a reply file.
    ReplyReceivePayload(Of<(ReplyId, u32, bool)>) {
        /// 报盘批次 / The batch that it answers.
        batch: Batch = steps::batch,
        /// 回盘 / Its receipt.
        reply: Reply = steps::received,
        ;
        /// 行数 / Rows.
        row_count: i32 => |of| int(of.told.1),
        /// 此前已收到同一文件 / The same file came before.
        before: bool => |of| of.told.2,
    }
    /// 处理回盘的结果 / What came of applying a reply.
    ReplyApplyPayload(Of<ReplyApplied>) {
        /// 报盘批次 / The batch.
        batch: Batch = steps::batch,
        ;
        /// 成功笔数 / Lines paid.
        paid_lines: i32 => |of| int(of.told.paid_lines),
        /// 成功金额 / Paid.
        paid: Money => |of| Money(of.told.paid),
        /// 退票笔数 / Lines returned.
        returned_lines: i32 => |of| int(of.told.returned_lines),
        /// 退票金额 / Returned.
        returned: Money => |of| Money(of.told.returned),
        /// 重复笔数 / Lines that were said again.
        duplicates: i32 => |of| int(of.told.duplicates),
        /// 前后矛盾笔数 / Lines that were said otherwise before.
        contradictions: i32 => |of| int(of.told.contradictions),
        /// 不属本批次笔数 / Lines that are none of ours.
        strangers: i32 => |of| int(of.told.strangers),
        /// 未回笔数 / Lines not replied yet.
        unreplied_lines: i32 => |of| int(of.told.unreplied_lines),
    }
}

mutations! { ReplyMutation {
    /// 接收回盘 / Takes a reply file: checked as a whole, nothing applied yet.
    reply_receive(ReplyReceiveInput) -> ReplyReceivePayload = |app, envelope, input| {
        let bank = coded(&input.bank, "银行", "a bank")?;
        let bytes = file(app, &input.artefact_id).await?;
        let pay = &app.disbursement;
        let done = pay.receive_reply(envelope, bank, &input.file_name, &bytes).await;
        told(done, |receipt: ReplyReceipt| {
            (receipt.batch, (receipt.reply, receipt.rows, receipt.before))
        })
    },
    /// 处理回盘 / Applies a reply to its batch.
    reply_apply(ReplyApplyInput) -> ReplyApplyPayload = |app, envelope, input| {
        let reply: ReplyId = Kind::Reply.parse(&input.reply_id)?;
        let batch = Kind::Batch.local(&input.batch_id)?;
        about(&batch, app.disbursement.apply_reply(envelope, &batch, reply).await)
    },
} }
