//! Employers are registered, changed, merged, deregistered.

use async_graphql::{ID, InputObject};
use commands::personal::Clear;
use commands::registry::{
    ChangeEmployer, DeregisterEmployer, EmployerDetails, MergeEmployers, RegisterEmployer,
    RegisterVirtualEmployer,
};
use projections::{ReadSession, employers};
use shared::EmployerId;

use crate::fault::Fault;
use crate::global_id::Kind;
use crate::outcome::{inputs, mutations, payloads};
use crate::registry::Employer;
use crate::registry::words::{EmployerKind, of_word};
use crate::request::Request;
use crate::scalars::{Date, DivisionCode};

/// 单位信息 / What is registered of an employer.
#[derive(Clone, InputObject)]
pub struct EmployerDetailsInput {
    /// 名称 / Its name.
    name: String,
    /// 类型 / What sort.
    kind: EmployerKind,
    /// 区县 / Its county.
    county: DivisionCode,
    /// 行业 / Its industry.
    industry: Option<String>,
    /// 地址 / Its address.
    address: Option<String>,
    /// 法定代表人 / The legal representative.
    legal_representative: Option<String>,
    /// 联系方式 / How it is reached.
    contact: Option<String>,
}

impl EmployerDetailsInput {
    fn details(self) -> Result<EmployerDetails, Fault> {
        Ok(EmployerDetails {
            name: self.name,
            kind: of_word(self.kind.code())?,
            county: self.county.0,
            industry: self.industry,
            address: self.address,
            legal_representative: self.legal_representative.map(Clear::from),
            contact: self.contact.map(Clear::from),
        })
    }
}

inputs! {
    /// 登记单位 / Registers an employer.
    EmployerRegisterInput {
        /// 统一社会信用代码 / The credit code.
        credit_code: String,
        /// 单位信息 / What is registered of it.
        details: EmployerDetailsInput,
        /// 登记日期 / On this day.
        on: Option<Date>,
    }
    /// 登记虚拟单位 / Registers a virtual employer.
    EmployerRegisterVirtualInput {
        /// 用途 / What it is for.
        purpose: String,
        /// 单位信息 / What is registered of it.
        details: EmployerDetailsInput,
        /// 登记日期 / On this day.
        on: Option<Date>,
    }
    /// 变更单位；未给出的不变 / Changes an employer; what is absent stays as it was.
    EmployerChangeInput {
        /// 单位 / The employer.
        employer_id: ID,
        /// 统一社会信用代码 / The credit code.
        credit_code: Option<String>,
        /// 名称 / Its name.
        name: Option<String>,
        /// 类型 / What sort.
        kind: Option<EmployerKind>,
        /// 区县 / Its county.
        county: Option<DivisionCode>,
        /// 行业 / Its industry.
        industry: Option<String>,
        /// 地址 / Its address.
        address: Option<String>,
        /// 法定代表人 / The legal representative.
        legal_representative: Option<String>,
        /// 联系方式 / How it is reached.
        contact: Option<String>,
        /// 变更日期 / On this day.
        on: Option<Date>,
    }
    /// 合并单位 / Merges two employers.
    EmployerMergeInput {
        /// 保留的单位 / The one that stays.
        into_id: ID,
        /// 并入的单位 / The one that is given up.
        from_id: ID,
        /// 合并日期 / On this day.
        on: Option<Date>,
        /// 原因 / Why.
        reason: String,
    }
    /// 注销单位 / Deregisters an employer.
    EmployerDeregisterInput {
        /// 单位 / The employer.
        employer_id: ID,
        /// 注销日期 / On this day.
        on: Option<Date>,
        /// 原因 / Why.
        reason: String,
    }
}

fn employer(
    request: &Request,
    session: &ReadSession,
    id: &EmployerId,
) -> Result<Option<Employer>, Fault> {
    Ok(employers::employer(session, &request.scope, *id)?.map(Employer::from))
}

payloads! {
    /// 登记单位的结果 / What came of a registration.
    EmployerRegisterPayload(EmployerId) {
        /// 单位 / The employer.
        employer: Employer = employer,
    }
    /// 登记虚拟单位的结果 / What came of a registration.
    EmployerRegisterVirtualPayload(EmployerId) {
        /// 单位 / The employer.
        employer: Employer = employer,
    }
    /// 变更单位的结果 / What came of a change.
    EmployerChangePayload(EmployerId) {
        /// 单位 / The employer.
        employer: Employer = employer,
    }
    /// 合并单位的结果 / What came of a merge.
    EmployerMergePayload(EmployerId) {
        /// 单位 / The employer.
        employer: Employer = employer,
    }
    /// 注销单位的结果 / What came of deregistering.
    EmployerDeregisterPayload(EmployerId) {
        /// 单位 / The employer.
        employer: Employer = employer,
    }
}

mutations! { EmployerMutation {
    /// 登记单位 / Registers an employer.
    employer_register(EmployerRegisterInput) -> EmployerRegisterPayload
        = |app, envelope, input| {
        let asked = RegisterEmployer {
            employer: None,
            code: input.credit_code,
            details: input.details.details()?,
            on: input.on.map(|day| day.0),
        };
        app.registry.register_employer(envelope, &asked).await
    },
    /// 登记虚拟单位 / Registers a virtual employer.
    employer_register_virtual(EmployerRegisterVirtualInput) -> EmployerRegisterVirtualPayload
        = |app, envelope, input| {
        let asked = RegisterVirtualEmployer {
            employer: None,
            details: input.details.details()?,
            purpose: input.purpose,
            on: input.on.map(|day| day.0),
        };
        app.registry.register_virtual_employer(envelope, &asked).await
    },
    /// 变更单位 / Changes an employer.
    employer_change(EmployerChangeInput) -> EmployerChangePayload = |app, envelope, input| {
        let asked = ChangeEmployer {
            employer: Kind::Employer.parse(&input.employer_id)?,
            code: input.credit_code,
            name: input.name,
            kind: input.kind.map(|kind| of_word(kind.code())).transpose()?,
            county: input.county.map(|county| county.0),
            industry: input.industry,
            address: input.address,
            legal_representative: input.legal_representative.map(Clear::from),
            contact: input.contact.map(Clear::from),
            on: input.on.map(|day| day.0),
        };
        app.registry.change_employer(envelope, &asked).await
    },
    /// 合并单位 / Merges two employers.
    employer_merge(EmployerMergeInput) -> EmployerMergePayload = |app, envelope, input| {
        let asked = MergeEmployers {
            into: Kind::Employer.parse(&input.into_id)?,
            from: Kind::Employer.parse(&input.from_id)?,
            on: input.on.map(|day| day.0),
            reason: input.reason,
        };
        app.registry.merge_employers(envelope, &asked).await
    },
    /// 注销单位 / Deregisters an employer.
    employer_deregister(EmployerDeregisterInput) -> EmployerDeregisterPayload
        = |app, envelope, input| {
        let asked = DeregisterEmployer {
            employer: Kind::Employer.parse(&input.employer_id)?,
            on: input.on.map(|day| day.0),
            reason: input.reason,
        };
        app.registry.deregister_employer(envelope, &asked).await
    },
} }
