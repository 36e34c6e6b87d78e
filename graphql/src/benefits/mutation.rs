//! Grants are registered, adjusted, stopped, resumed, ended.

use async_graphql::{ID, InputObject};
use benefits::grant::ComponentAmount;
use commands::benefits::{
    AdjustGrant, ChangePayee, EndGrant, RegisterGrant, ResumeGrant, SuspendGrant,
};
use projections::{ReadSession, grants};
use shared::{GrantId, Payee};

use super::Grant;
use super::words::{EndReason, PayeeKind};
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::outcome::{coded, inputs, mutations, payloads};
use crate::registry::of_word;
use crate::request::Request;
use crate::scalars::{DivisionCode, Money, YearMonth};

/// 组成项月金额 / What a component pays a month.
#[derive(Clone, InputObject)]
pub struct ComponentAmountInput {
    /// 组成项，默认 whole / The component; `whole` unless given.
    component: Option<String>,
    /// 月金额 / Its amount a month.
    amount: Money,
}

/// 领取人 / Who draws.
#[derive(Clone, InputObject)]
pub struct PayeeInput {
    /// 类别 / In which capacity.
    kind: PayeeKind,
    /// 人员或单位 / The person, or the employer.
    id: ID,
}

impl ComponentAmountInput {
    fn amount(self) -> Result<ComponentAmount, Fault> {
        let component = self.component.as_deref().unwrap_or("whole");
        Ok(ComponentAmount {
            component: coded(component, "组成项", "a component")?,
            amount: self.amount.0,
        })
    }
}

impl PayeeInput {
    fn payee(&self) -> Result<Payee, Fault> {
        let person = || Kind::Person.parse(&self.id);
        Ok(match self.kind {
            PayeeKind::Person => Payee::Person { person: person()? },
            PayeeKind::Guardian => Payee::Guardian { person: person()? },
            PayeeKind::Heir => Payee::Heir { person: person()? },
            PayeeKind::Relative => Payee::Relative { person: person()? },
            PayeeKind::Employer => Payee::Employer { employer: Kind::Employer.parse(&self.id)? },
        })
    }
}

inputs! {
    /// 登记待遇 / Registers a grant.
    GrantRegisterInput {
        /// 受益人 / The beneficiary.
        person_id: ID,
        /// 所源于的人员 / The person that it arises from.
        arises_from_id: Option<ID>,
        /// 项目编号 / The pay item's id.
        item_code: String,
        /// 组成项月金额 / What its components pay a month.
        components: Vec<ComponentAmountInput>,
        /// 起始月 / The first month.
        from_month: YearMonth,
        /// 末月 / The last month, when it is known.
        to_month: Option<YearMonth>,
        /// 领取人，默认本人 / Who draws; the beneficiary unless given.
        payee: Option<PayeeInput>,
        /// 基金，默认项目首个基金 / The fund; the item's usual one unless given.
        fund: Option<String>,
        /// 统筹区 / The pooling area.
        area: String,
        /// 区县 / The county.
        county: DivisionCode,
        /// 发放账户 / The pay address.
        pay_address_id: ID,
        /// 核定依据 / The document that granted it.
        basis: String,
    }
    /// 调整待遇 / Adjusts a grant from a month on.
    GrantAdjustInput {
        /// 待遇 / The grant.
        grant_id: ID,
        /// 自 / From this month.
        from_month: YearMonth,
        /// 组成项月金额 / What its components pay a month.
        components: Vec<ComponentAmountInput>,
        /// 原因 / Why.
        reason: String,
    }
    /// 暂停待遇 / Suspends a grant.
    GrantSuspendInput {
        /// 待遇 / The grant.
        grant_id: ID,
        /// 自 / From this month.
        from_month: YearMonth,
        /// 原因代码，见 stopReasons / Why, by a code of `stopReasons`.
        reason: String,
    }
    /// 续发待遇 / Resumes a grant.
    GrantResumeInput {
        /// 待遇 / The grant.
        grant_id: ID,
        /// 自 / From this month.
        from_month: YearMonth,
        /// 停发月份应补发 / Whether the missed months are owed.
        owed: bool,
        /// 原因 / Why.
        reason: String,
    }
    /// 终止待遇 / Ends a grant.
    GrantEndInput {
        /// 待遇 / The grant.
        grant_id: ID,
        /// 末月 / The last month.
        last_month: YearMonth,
        /// 原因 / Why.
        reason: EndReason,
    }
}

fn reason(text: &str) -> Result<shared::StopReason, Fault> {
    text.parse().map_err(|fault| Fault::bad_input(format!("不是暂停原因代码 / {fault}")))
}

fn grant(request: &Request, session: &ReadSession, id: &GrantId) -> Result<Option<Grant>, Fault> {
    Ok(grants::grant(session, &request.scope, *id)?.map(Grant::from))
}

inputs! {
    /// 变更领取人 / Lets somebody else draw a grant.
    GrantChangePayeeInput {
        /// 待遇 / The grant.
        grant_id: ID,
        /// 领取人，如登记在册的监护人 / Who draws it now, like the registered guardian.
        payee: PayeeInput,
        /// 领取人的发放账户 / A pay address of his.
        pay_address_id: ID,
        /// 依据 / The document behind it.
        basis: String,
    }
}

payloads! {
    /// 变更领取人的结果 / What came of changing the payee.
    GrantChangePayeePayload(GrantId) {
        /// 待遇 / The grant.
        grant: Grant = grant,
    }
    /// 登记待遇的结果 / What came of a registration.
    GrantRegisterPayload(GrantId) {
        /// 待遇 / The grant.
        grant: Grant = grant,
    }
    /// 调整待遇的结果 / What came of an adjustment.
    GrantAdjustPayload(GrantId) {
        /// 待遇 / The grant.
        grant: Grant = grant,
    }
    /// 暂停待遇的结果 / What came of a suspension.
    GrantSuspendPayload(GrantId) {
        /// 待遇 / The grant.
        grant: Grant = grant,
    }
    /// 续发待遇的结果 / What came of resuming.
    GrantResumePayload(GrantId) {
        /// 待遇 / The grant.
        grant: Grant = grant,
    }
    /// 终止待遇的结果 / What came of ending.
    GrantEndPayload(GrantId) {
        /// 待遇 / The grant.
        grant: Grant = grant,
    }
}

fn amounts(components: Vec<ComponentAmountInput>) -> Result<Vec<ComponentAmount>, Fault> {
    components.into_iter().map(ComponentAmountInput::amount).collect()
}

mutations! { GrantMutation {
    /// 登记待遇 / Registers a grant.
    grant_register(GrantRegisterInput) -> GrantRegisterPayload = |app, envelope, input| {
        let asked = RegisterGrant {
            grant: None,
            person: Kind::Person.parse(&input.person_id)?,
            arises_from: input.arises_from_id.map(|id| Kind::Person.parse(&id)).transpose()?,
            item: coded(&input.item_code, "项目编号", "the id of a pay item")?,
            components: amounts(input.components)?,
            from: input.from_month.0,
            to: input.to_month.map(|month| month.0),
            payee: input.payee.map(|payee| payee.payee()).transpose()?,
            fund: input.fund.map(|fund| coded(&fund, "基金代码", "a fund")).transpose()?,
            area: coded(&input.area, "统筹区", "a pooling area")?,
            county: input.county.0,
            address: Kind::PayAddress.parse(&input.pay_address_id)?,
            basis: input.basis,
        };
        app.benefits.register_grant(envelope, &asked).await
    },
    /// 调整待遇 / Adjusts a grant from a month on.
    grant_adjust(GrantAdjustInput) -> GrantAdjustPayload = |app, envelope, input| {
        let asked = AdjustGrant {
            grant: Kind::Grant.parse(&input.grant_id)?,
            from: input.from_month.0,
            components: amounts(input.components)?,
            reason: input.reason,
        };
        app.benefits.adjust_grant(envelope, &asked).await
    },
    /// 暂停待遇 / Suspends a grant.
    grant_suspend(GrantSuspendInput) -> GrantSuspendPayload = |app, envelope, input| {
        let asked = SuspendGrant {
            grant: Kind::Grant.parse(&input.grant_id)?,
            from: input.from_month.0,
            reason: reason(&input.reason)?,
        };
        app.benefits.suspend_grant(envelope, &asked).await
    },
    /// 续发待遇 / Resumes a grant.
    grant_resume(GrantResumeInput) -> GrantResumePayload = |app, envelope, input| {
        let asked = ResumeGrant {
            grant: Kind::Grant.parse(&input.grant_id)?,
            from: input.from_month.0,
            owed: input.owed,
            reason: input.reason,
        };
        app.benefits.resume_grant(envelope, &asked).await
    },
    /// 变更领取人，如监护人接管 / Somebody else draws it, as when a guardian takes over.
    grant_change_payee(GrantChangePayeeInput) -> GrantChangePayeePayload
        = |app, envelope, input| {
        let asked = ChangePayee {
            grant: Kind::Grant.parse(&input.grant_id)?,
            payee: input.payee.payee()?,
            address: Kind::PayAddress.parse(&input.pay_address_id)?,
            basis: input.basis,
        };
        app.benefits.change_payee(envelope, &asked).await
    },
    /// 终止待遇 / Ends a grant.
    grant_end(GrantEndInput) -> GrantEndPayload = |app, envelope, input| {
        let asked = EndGrant {
            grant: Kind::Grant.parse(&input.grant_id)?,
            last: input.last_month.0,
            reason: of_word(input.reason.code())?,
        };
        app.benefits.end_grant(envelope, &asked).await
    },
} }
