//! Returns: the payee is told, and the next attempt gets an account.

use async_graphql::ID;
use commands::disbursement::{CorrectReturn, NotifyReturn};
use shared::AttemptId;

use super::super::about;
use super::return_case;
use crate::disbursement::cases::ReturnCase;
use crate::disbursement::steps::Of;
use crate::global_id::Kind;
use crate::outcome::{inputs, mutations, payloads};

inputs! {
    /// 登记退票通知 / The payee was told of a return.
    ReturnNotifyInput {
        /// 退票 / The return case.
        return_case_id: ID,
        /// 通知方式，如 sms、phone、visit、letter / How: sms, phone, visit, letter.
        channel: String,
    }
    /// 更正退票账户 / Gives a return its next account.
    ReturnCorrectInput {
        /// 退票 / The return case.
        return_case_id: ID,
        /// 下次发放的账户，须已核验 / The pay address of the next attempt, verified.
        pay_address_id: ID,
    }
}

payloads! {
    /// 登记退票通知的结果 / What came of a notice.
    ReturnNotifyPayload(Of<()>) {
        /// 退票 / The return case.
        return_case: ReturnCase = return_case,
    }
    /// 更正退票账户的结果 / What came of a correction.
    ReturnCorrectPayload(Of<()>) {
        /// 退票 / The return case.
        return_case: ReturnCase = return_case,
    }
}

mutations! { ReturnMutation {
    /// 登记退票通知 / Records that the payee was told of a return.
    return_notify(ReturnNotifyInput) -> ReturnNotifyPayload = |app, envelope, input| {
        let case: AttemptId = Kind::ReturnCase.parse(&input.return_case_id)?;
        let AttemptId { obligation, number: attempt } = case;
        let asked = NotifyReturn { obligation, attempt, channel: input.channel };
        about(&case.to_string(), app.disbursement.notify_return(envelope, &asked).await)
    },
    /// 更正退票账户，此后可列入重发 / Gives a return its next account: a reissue run may take it.
    return_correct(ReturnCorrectInput) -> ReturnCorrectPayload = |app, envelope, input| {
        let case: AttemptId = Kind::ReturnCase.parse(&input.return_case_id)?;
        let AttemptId { obligation, number: attempt } = case;
        let address = Kind::PayAddress.parse(&input.pay_address_id)?;
        let asked = CorrectReturn { obligation, attempt, address };
        about(&case.to_string(), app.disbursement.correct_return(envelope, &asked).await)
    },
} }
