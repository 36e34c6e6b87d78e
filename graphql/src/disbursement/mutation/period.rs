//! An item-period is certified, closed, and reopened by two persons.

use async_graphql::ID;

use super::{about, told};
use crate::disbursement::certificate::Certificate;
use crate::disbursement::period::Period;
use crate::disbursement::steps::{self, Of};
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::outcome::{inputs, mutations, payloads};

inputs! {
    /// 核证 / Draws up the certificate of an item-period.
    PeriodCertifyInput {
        /// 账期 / The item-period.
        period_id: ID,
        /// 所凭对账单 / The statements that it rests on.
        statement_ids: Vec<ID>,
    }

    /// 关闭账期 / Closes an item-period.
    PeriodCloseInput {
        /// 账期 / The item-period.
        period_id: ID,
    }

    /// 申请重开账期 / Asks to reopen a closed item-period.
    PeriodAskReopeningInput {
        /// 账期 / The item-period.
        period_id: ID,
        /// 原因 / Why.
        reason: String,
    }

    /// 批准重开账期 / Reopens an item-period that somebody else asked for.
    PeriodReopenInput {
        /// 账期 / The item-period.
        period_id: ID,
    }
}

payloads! {
    /// 核证的结果 / What came of a certificate.
    PeriodCertifyPayload(Of<()>) {
        /// 账期 / The item-period.
        period: Period = steps::period,
        /// 核证表 / The certificate.
        certificate: Certificate = steps::certificate,
    }
    /// 关闭账期的结果 / What came of closing.
    PeriodClosePayload(Of<()>) {
        /// 账期 / The item-period.
        period: Period = steps::period,
    }
    /// 申请重开的结果 / What came of asking.
    PeriodAskReopeningPayload(Of<()>) {
        /// 账期 / The item-period.
        period: Period = steps::period,
    }
    /// 批准重开的结果 / What came of reopening.
    PeriodReopenPayload(Of<()>) {
        /// 账期 / The item-period.
        period: Period = steps::period,
    }
}

mutations! { PeriodMutation {
    /// 核证 / Draws up the certificate of an item-period.
    period_certify(PeriodCertifyInput) -> PeriodCertifyPayload = |app, envelope, input| {
        let period = Kind::Period.local(&input.period_id)?;
        let ids = input.statement_ids.iter().map(|id| Kind::Statement.local(id));
        let statements: Vec<String> = ids.collect::<Result<_, Fault>>()?;
        let done = app.disbursement.certify(envelope, &period, &statements).await;
        told(done, |_| (period, ()))
    },
    /// 关闭账期 / Closes an item-period on its certificate.
    period_close(PeriodCloseInput) -> PeriodClosePayload = |app, envelope, input| {
        let period = Kind::Period.local(&input.period_id)?;
        about(&period, app.disbursement.close(envelope, &period).await)
    },
    /// 申请重开账期 / Asks to reopen a closed item-period; another person does it.
    period_ask_reopening(PeriodAskReopeningInput) -> PeriodAskReopeningPayload
        = |app, envelope, input| {
        let period = Kind::Period.local(&input.period_id)?;
        about(&period, app.disbursement.ask_reopening(envelope, &period, &input.reason).await)
    },
    /// 批准重开账期 / Reopens an item-period; the certificate that it was closed on stays.
    period_reopen(PeriodReopenInput) -> PeriodReopenPayload = |app, envelope, input| {
        let period = Kind::Period.local(&input.period_id)?;
        about(&period, app.disbursement.reopen(envelope, &period).await)
    },
} }
