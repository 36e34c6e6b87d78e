//! Heirs are named, overpayments found, special payments ordered.

use async_graphql::ID;
use commands::disbursement::{FindOverpayment, NameHeir, OrderPayment};
use shared::{ObligationId, PersonId};

use super::super::{about, told};
use super::{heirs_case, obligation};
use crate::disbursement::cases::{HeirsCase, NotOwedReason, Obligation};
use crate::disbursement::steps::Of;
use crate::global_id::Kind;
use crate::outcome::{coded, inputs, mutations, payloads};
use crate::registry::of_word;
use crate::scalars::{Money, YearMonth};

inputs! {
    /// 确定继承人 / Names who draws what a dead person was owed.
    HeirNameInput {
        /// 死者 / The dead person.
        deceased_id: ID,
        /// 继承人 / Who draws it.
        heir_id: ID,
        /// 继承人的发放账户 / A pay address of his.
        pay_address_id: ID,
        /// 依据，如公证书 / The document, like a notarial deed.
        basis: String,
        /// 审批人，须为另一人 / Who approved it: another person.
        approver: String,
    }
    /// 认定多发 / Finds an overpayment.
    OverpaymentFindInput {
        /// 发放明细 / The line that was paid.
        line_id: ID,
        /// 多发金额，默认全部 / How much; all of it unless given.
        amount: Option<Money>,
        /// 原因 / Why it is not owed.
        reason: NotOwedReason,
    }
    /// 特殊补发 / Orders a special payment.
    PaymentOrderInput {
        /// 项目编号 / The pay item's id.
        item_code: String,
        /// 人员 / The beneficiary.
        person_id: ID,
        /// 所属月 / For this month.
        month: YearMonth,
        /// 组成项，默认 whole / The component; `whole` unless given.
        component: Option<String>,
        /// 金额 / How much.
        amount: Money,
        /// 统筹区 / The pooling area.
        area: String,
        /// 基金 / The fund.
        fund: String,
        /// 原因 / Why.
        reason: String,
        /// 审批人，须为另一人 / Who approved it: another person.
        approver: String,
    }
}

payloads! {
    /// 确定继承人的结果 / What came of naming an heir.
    HeirNamePayload(Of<()>) {
        /// 继承人领取 / The case.
        heirs_case: HeirsCase = heirs_case,
    }
    /// 认定多发的结果 / What came of finding an overpayment.
    OverpaymentFindPayload(Of<()>) {
        /// 应付义务 / The obligation.
        obligation: Obligation = obligation,
    }
    /// 特殊补发的结果 / What came of ordering a payment.
    PaymentOrderPayload(Of<()>) {
        /// 应付义务 / The obligation that the next run pays.
        obligation: Obligation = obligation,
    }
}

mutations! { OwedMutation {
    /// 确定继承人 / Names who draws what a dead person was still owed.
    heir_name(HeirNameInput) -> HeirNamePayload = |app, envelope, input| {
        let deceased: PersonId = Kind::Person.parse(&input.deceased_id)?;
        let asked = NameHeir {
            deceased,
            heir: Kind::Person.parse(&input.heir_id)?,
            address: Kind::PayAddress.parse(&input.pay_address_id)?,
            basis: input.basis,
            approver: input.approver,
        };
        about(&deceased.to_string(), app.disbursement.name_heir(envelope, &asked).await)
    },
    /// 认定多发：已付而不应付 / Something was paid that is not owed: its recovery opens by itself.
    overpayment_find(OverpaymentFindInput) -> OverpaymentFindPayload = |app, envelope, input| {
        let obligation: ObligationId = Kind::Line.parse(&input.line_id)?;
        let amount = input.amount.map(|amount| amount.0);
        let reason = of_word(input.reason.code())?;
        let asked = FindOverpayment { obligation, amount, reason };
        about(&obligation.to_string(), app.disbursement.find_overpayment(envelope, &asked).await)
    },
    /// 特殊补发，由下一零星或补发计划发放 / A special payment, which the next odd run pays.
    payment_order(PaymentOrderInput) -> PaymentOrderPayload = |app, envelope, input| {
        let component = input.component.map(|text| coded(&text, "组成项", "a component"));
        let asked = OrderPayment {
            item: coded(&input.item_code, "项目编号", "the id of a pay item")?,
            person: Kind::Person.parse(&input.person_id)?,
            month: input.month.0,
            component: component.transpose()?,
            amount: input.amount.0,
            area: coded(&input.area, "统筹区", "a pooling area")?,
            fund: coded(&input.fund, "基金代码", "a fund")?,
            reason: input.reason,
            approver: input.approver,
        };
        told(app.disbursement.order_payment(envelope, &asked).await, |id| (id, ()))
    },
} }
