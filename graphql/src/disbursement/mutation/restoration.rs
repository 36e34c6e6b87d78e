//! The log came back from a backup: banks are heard, and two persons release the sending.

use async_graphql::{ID, InputObject};
use commands::disbursement::{BankHeard, ReceivedFile};
use shared::{ArtefactId, BankCode};

use crate::fault::Fault;
use crate::global_id::Kind;
use crate::outcome::{coded, inputs, mutations, payloads};
use crate::view::int;

/// 银行收到的一个文件 / A file that a bank received.
#[derive(Debug, Clone, InputObject)]
pub struct ReceivedFileInput {
    /// 批次 / The batch.
    batch: String,
    /// 文件的 SM3 摘要，十六进制 / SM3 of its bytes, in hex.
    digest: String,
}

inputs! {
    /// 核对一家银行已收文件 / Holds a bank's list against the log.
    RestorationHearInput {
        /// 银行 / The bank.
        bank: String,
        /// 银行清单原件，已上传文件的编号 / The list as the bank gave it: the id that `POST /files` answered.
        artefact_id: ID,
        /// 清单所列文件，可为空 / The files that it names; none where it received none.
        files: Vec<ReceivedFileInput>,
    }

    /// 交代一个缺失批次 / Accounts for a batch that only the bank knows.
    RestorationExplainInput {
        /// 银行 / The bank.
        bank: String,
        /// 批次 / The batch.
        batch: String,
        /// 处理方式 / What was done.
        reason: String,
    }

    /// 申请放行发送 / Asks for the release of sending.
    RestorationAskInput {}

    /// 放行发送 / Releases the sending, as another person.
    RestorationReleaseInput {}
}

payloads! {
    /// 核对的结果 / What came of a bank's list.
    RestorationHearPayload(BankHeard) {
        ;
        /// 文件数 / How many files it names.
        files: i32 => |heard| int(heard.files),
        /// 补记为已发送的批次数 / How many batches are recorded as sent now.
        found: i32 => |heard| int(heard.found),
        /// 银行已收而日志没有的批次 / Batches that only the bank knows.
        lost: Vec<String> => |heard| heard.lost.clone(),
    }
    /// 交代的结果 / What came of it.
    RestorationExplainPayload(()) {}
    /// 申请的结果 / What came of asking.
    RestorationAskPayload(()) {}
    /// 放行的结果 / What came of releasing.
    RestorationReleasePayload(()) {}
}

fn listed(input: &ReceivedFileInput) -> Result<ReceivedFile, Fault> {
    let digest = coded(&input.digest, "摘要", "a digest in hex")?;
    Ok(ReceivedFile { batch: input.batch.clone(), digest })
}

mutations! { RestorationMutation {
    /// 核对一家银行自备份以来收到的文件 / Holds what a bank received since the backup against the log.
    restoration_hear(RestorationHearInput) -> RestorationHearPayload = |app, envelope, input| {
        let bank: BankCode = coded(&input.bank, "银行", "a bank")?;
        let list: ArtefactId = Kind::Artefact.parse(&input.artefact_id)?;
        let files = input.files.iter().map(listed).collect::<Result<Vec<_>, _>>()?;
        app.disbursement.hear_bank(envelope, bank, list, &files).await
    },
    /// 交代银行已收而日志没有的批次 / Says what was done about a batch that only the bank knows.
    restoration_explain(RestorationExplainInput) -> RestorationExplainPayload = |app, envelope, input| {
        let bank: BankCode = coded(&input.bank, "银行", "a bank")?;
        app.disbursement.explain_lost(envelope, bank, &input.batch, &input.reason).await
    },
    /// 各行已核对，申请放行发送 / Every bank was heard: asks for the release of sending.
    restoration_ask(RestorationAskInput) -> RestorationAskPayload = |app, envelope, input|
        app.disbursement.ask_sending(envelope).await,
    /// 放行发送，须与申请人不同 / Releases the sending, as another person than who asked.
    restoration_release(RestorationReleaseInput) -> RestorationReleasePayload = |app, envelope, input|
        app.disbursement.release_sending(envelope).await,
} }
