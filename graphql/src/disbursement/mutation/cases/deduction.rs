//! Deductions: ordered, ended, and passed on to the third party.

use async_graphql::ID;
use commands::disbursement::OrderDeduction;

use super::super::{about, told};
use super::deduction;
use crate::disbursement::book_key;
use crate::disbursement::cases::{Deduction, DeductionKind};
use crate::disbursement::steps::Of;
use crate::global_id::Kind;
use crate::outcome::{coded, inputs, mutations, payloads};
use crate::registry::of_word;
use crate::scalars::{Money, YearMonth};

inputs! {
    /// 登记扣款 / Orders a deduction.
    DeductionOrderInput {
        /// 种类 / What it is for.
        kind: DeductionKind,
        /// 项目编号 / The pay item's id.
        item_code: String,
        /// 人员 / From whose pay.
        person_id: ID,
        /// 第三方；互助与司法扣划须填 / Whom the money is owed to: for mutual aid and courts.
        third_party_id: Option<ID>,
        /// 每月最多 / The most that a month gives up.
        per_month: Option<Money>,
        /// 合计；超额扣减与特殊退发须填 / In all: for excess and special refunds.
        total: Option<Money>,
        /// 起始月 / The first month.
        from_month: YearMonth,
        /// 末月 / The last month.
        to_month: Option<YearMonth>,
        /// 依据 / The document.
        basis: String,
        /// 审批人，须为另一人 / Who approved it: another person.
        approver: String,
    }
    /// 终止扣款 / Ends a deduction.
    DeductionEndInput {
        /// 扣款 / The deduction.
        deduction_id: ID,
        /// 原因 / Why.
        reason: String,
    }
    /// 转付扣款 / Passes kept money on.
    DeductionRemitInput {
        /// 扣款 / The deduction.
        deduction_id: ID,
        /// 账套 / The book that kept it.
        book_id: ID,
        /// 金额 / How much.
        amount: Money,
        /// 依据 / The document behind it.
        reference: String,
    }
}

payloads! {
    /// 登记扣款的结果 / What came of ordering a deduction.
    DeductionOrderPayload(Of<()>) {
        /// 扣款 / The deduction.
        deduction: Deduction = deduction,
    }
    /// 终止扣款的结果 / What came of ending a deduction.
    DeductionEndPayload(Of<()>) {
        /// 扣款 / The deduction.
        deduction: Deduction = deduction,
    }
    /// 转付扣款的结果 / What came of passing money on.
    DeductionRemitPayload(Of<()>) {
        /// 扣款 / The deduction.
        deduction: Deduction = deduction,
    }
}

mutations! { DeductionMutation {
    /// 登记扣款 / Orders that something is kept back from what a person is paid.
    deduction_order(DeductionOrderInput) -> DeductionOrderPayload = |app, envelope, input| {
        let third = input.third_party_id.as_ref().map(|id| Kind::Organisation.parse(id));
        let asked = OrderDeduction {
            kind: of_word(input.kind.code())?,
            item: coded(&input.item_code, "项目编号", "the id of a pay item")?,
            person: Kind::Person.parse(&input.person_id)?,
            third_party: third.transpose()?,
            per_month: input.per_month.map(|money| money.0),
            total: input.total.map(|money| money.0),
            from: input.from_month.0,
            to: input.to_month.map(|month| month.0),
            basis: input.basis,
            approver: input.approver,
        };
        told(app.disbursement.order_deduction(envelope, &asked).await, |id| (id, ()))
    },
    /// 终止扣款 / Ends a deduction.
    deduction_end(DeductionEndInput) -> DeductionEndPayload = |app, envelope, input| {
        let id = Kind::Deduction.local(&input.deduction_id)?;
        about(&id, app.disbursement.end_deduction(envelope, &id, &input.reason).await)
    },
    /// 转付扣款给第三方 / Passes on to the third party what an order kept.
    deduction_remit(DeductionRemitInput) -> DeductionRemitPayload = |app, envelope, input| {
        let id = Kind::Deduction.local(&input.deduction_id)?;
        let key = book_key(&input.book_id)?;
        let (pay, amount) = (&app.disbursement, input.amount.0);
        about(&id, pay.remit_deduction(envelope, key, &id, amount, &input.reference).await)
    },
} }
