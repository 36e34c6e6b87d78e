//! People are registered, corrected, cared for, reported dead, merged.

use async_graphql::{ID, InputObject};
use commands::personal::Clear;
use commands::registry::{
    AssignGuardian, ChangeContact, ConfirmDeath, ContactInput, CorrectPerson, ErasePerson,
    MergePersons, NumberInput, RegisterPerson, ReleaseGuardian, ReportDeath, SplitPersons,
    WithdrawDeath,
};
use projections::{ReadSession, people};
use registry::person::GroupId;
use shared::PersonId;

use crate::fault::Fault;
use crate::global_id::Kind;
use crate::outcome::{coded, inputs, mutations, payloads};
use crate::registry::Person;
use crate::registry::words::{DeathSource, IdentityKind, Sex, of_word};
use crate::request::Request;
use crate::scalars::{Date, DivisionCode};

/// 证件号码 / An identity number as it is typed.
#[derive(Clone, InputObject)]
pub struct IdentityNumberInput {
    /// 证件种类，默认居民身份证 / What sort; a resident number unless given.
    kind: Option<IdentityKind>,
    /// 国家或地区，三位字母，外国证件须填 / ISO 3166-1 letters, for a foreign document.
    country: Option<String>,
    /// 号码 / The number.
    text: String,
}

/// 联系方式；未给出的不变 / How somebody is reached; what is absent stays as it was.
#[derive(Clone, Default, InputObject)]
pub struct PersonContactInput {
    /// 手机号码 / A mobile number.
    phone: Option<String>,
    /// 户籍地址 / The registered address.
    registered_address: Option<String>,
    /// 常住地址 / The usual address.
    usual_address: Option<String>,
    /// 常住区县 / Where he lives.
    usual_county: Option<DivisionCode>,
}

impl IdentityNumberInput {
    fn number(self) -> Result<NumberInput, Fault> {
        match self.kind {
            None | Some(IdentityKind::ResidentId) => Ok(NumberInput::resident(self.text)),
            Some(kind) => Ok(NumberInput::Foreign {
                document: of_word(kind.code())?,
                country: self.country.unwrap_or_default(),
                text: Clear::from(self.text),
            }),
        }
    }
}

impl PersonContactInput {
    fn contact(self) -> ContactInput {
        ContactInput {
            phone: self.phone.map(Clear::from),
            registered_address: self.registered_address.map(Clear::from),
            usual_address: self.usual_address.map(Clear::from),
            usual_county: self.usual_county.map(|county| county.0),
        }
    }
}

inputs! {
    /// 登记人员 / Registers a person.
    PersonRegisterInput {
        /// 姓名 / The name.
        name: String,
        /// 证件号码 / The identity number.
        number: IdentityNumberInput,
        /// 性别，号码已含时可省略 / Sex, where the number does not say it.
        sex: Option<Sex>,
        /// 出生日期，号码已含时可省略 / Birth date, where the number does not say it.
        birth: Option<Date>,
        /// 户籍区县 / Where the household is registered.
        county: DivisionCode,
        /// 联系方式 / How he is reached.
        contact: Option<PersonContactInput>,
    }
    /// 更正人员信息；未给出的不变 / Corrects a person; what is absent stays as it was.
    PersonCorrectInput {
        /// 人员 / The person.
        person_id: ID,
        /// 姓名 / The name.
        name: Option<String>,
        /// 证件号码 / The identity number.
        number: Option<IdentityNumberInput>,
        /// 性别 / Sex.
        sex: Option<Sex>,
        /// 出生日期 / Birth date.
        birth: Option<Date>,
        /// 户籍区县 / Where the household is registered.
        county: Option<DivisionCode>,
        /// 原因 / Why.
        reason: String,
        /// 双改复核人 / Who confirmed a change of name and number in one step.
        second: Option<String>,
    }
    /// 变更联系方式 / Changes how a person is reached.
    PersonChangeContactInput {
        /// 人员 / The person.
        person_id: ID,
        /// 联系方式 / How he is reached.
        contact: PersonContactInput,
    }
    /// 指定监护人 / Assigns a guardian.
    PersonAssignGuardianInput {
        /// 人员 / The person.
        person_id: ID,
        /// 监护人 / The guardian.
        guardian_id: ID,
        /// 自何日 / From this day.
        from: Option<Date>,
        /// 依据 / The document behind it.
        basis: String,
    }
    /// 解除监护 / Releases a guardian.
    PersonReleaseGuardianInput {
        /// 人员 / The person.
        person_id: ID,
        /// 何日 / On this day.
        on: Option<Date>,
        /// 原因 / Why.
        reason: String,
    }
    /// 合并人员 / Merges two ids of one human.
    PersonMergeInput {
        /// 保留的编号 / The id that stays.
        into_id: ID,
        /// 并入的编号 / The id that is given up.
        from_id: ID,
        /// 原因 / Why.
        reason: String,
    }
    /// 拆分人员 / Splits an id off again.
    PersonSplitInput {
        /// 曾并入的编号 / The id that was given up.
        person_id: ID,
        /// 原因 / Why.
        reason: String,
    }
    /// 依法删除个人信息 / Destroys the keys of every id of one human.
    PersonEraseInput {
        /// 人员 / The person.
        person_id: ID,
        /// 原因 / Why.
        reason: String,
        /// 法律依据 / The provision that it rests on.
        basis: String,
    }
    /// 报告死亡 / Reports a death.
    DeathReportInput {
        /// 人员 / The person.
        person_id: ID,
        /// 死亡日期 / When he died.
        died_on: Date,
        /// 报告日期 / When it was reported.
        reported_on: Option<Date>,
        /// 来源 / Who says so.
        source: DeathSource,
        /// 核实期限 / The last day to verify it.
        verify_by: Option<Date>,
    }
    /// 确认死亡 / Confirms a death.
    DeathConfirmInput {
        /// 人员 / The person.
        person_id: ID,
        /// 死亡日期 / When he died.
        died_on: Date,
        /// 确认日期 / When it was confirmed.
        confirmed_on: Option<Date>,
        /// 来源 / Who says so.
        source: DeathSource,
    }
    /// 撤销死亡 / Withdraws a death.
    DeathWithdrawInput {
        /// 人员 / The person.
        person_id: ID,
        /// 何日 / On this day.
        on: Option<Date>,
        /// 原因 / Why.
        reason: String,
        /// 审批人，已确认的须有 / Who approved it: needed once the death was confirmed.
        approver: Option<String>,
    }
}

fn person(
    request: &Request,
    session: &ReadSession,
    id: &PersonId,
) -> Result<Option<Person>, Fault> {
    Ok(people::person(session, &request.scope, *id)?.map(Person::from))
}

/// A group is named after the id that absorbed first.
fn survivor(
    request: &Request,
    session: &ReadSession,
    group: &GroupId,
) -> Result<Option<Person>, Fault> {
    person(request, session, &PersonId::from_uuid(group.0))
}

payloads! {
    /// 登记人员的结果 / What came of a registration.
    PersonRegisterPayload(PersonId) {
        /// 人员 / The person.
        person: Person = person,
    }
    /// 更正人员的结果 / What came of a correction.
    PersonCorrectPayload(PersonId) {
        /// 人员 / The person.
        person: Person = person,
    }
    /// 变更联系方式的结果 / What came of a change of contact.
    PersonChangeContactPayload(PersonId) {
        /// 人员 / The person.
        person: Person = person,
    }
    /// 指定监护人的结果 / What came of assigning a guardian.
    PersonAssignGuardianPayload(PersonId) {
        /// 人员 / The person.
        person: Person = person,
    }
    /// 解除监护的结果 / What came of releasing a guardian.
    PersonReleaseGuardianPayload(PersonId) {
        /// 人员 / The person.
        person: Person = person,
    }
    /// 合并人员的结果 / What came of a merge.
    PersonMergePayload(GroupId) {
        /// 首个保留的人员 / The person who leads the group.
        person: Person = survivor,
    }
    /// 拆分人员的结果 / What came of a split.
    PersonSplitPayload(PersonId) {
        /// 原保留的人员 / The person from whom it was split.
        person: Person = person,
    }
    /// 删除个人信息的结果 / What came of an erasure.
    PersonErasePayload(Vec<PersonId>) {
        ;
        /// 已删除的全部编号 / Every id whose keys are destroyed.
        person_ids: Vec<ID> => |people| {
            people.iter().map(|person| Kind::Person.id(person)).collect()
        },
    }
    /// 报告死亡的结果 / What came of a report.
    DeathReportPayload(PersonId) {
        /// 人员 / The person.
        person: Person = person,
    }
    /// 确认死亡的结果 / What came of a confirmation.
    DeathConfirmPayload(PersonId) {
        /// 人员 / The person.
        person: Person = person,
    }
    /// 撤销死亡的结果 / What came of a withdrawal.
    DeathWithdrawPayload(PersonId) {
        /// 人员 / The person.
        person: Person = person,
    }
}

fn sex(sex: Option<Sex>) -> Result<Option<shared::Sex>, Fault> {
    sex.map(|sex| coded(sex.code(), "性别", "a sex")).transpose()
}

mutations! { PersonMutation {
    /// 登记人员 / Registers a person.
    person_register(PersonRegisterInput) -> PersonRegisterPayload = |app, envelope, input| {
        let asked = RegisterPerson {
            person: None,
            name: Clear::from(input.name),
            number: input.number.number()?,
            sex: sex(input.sex)?,
            birth: input.birth.map(|birth| birth.0),
            county: input.county.0,
            contact: input.contact.unwrap_or_default().contact(),
        };
        app.registry.register_person(envelope, &asked).await
    },
    /// 更正人员信息 / Corrects a person.
    person_correct(PersonCorrectInput) -> PersonCorrectPayload = |app, envelope, input| {
        let asked = CorrectPerson {
            person: Kind::Person.parse(&input.person_id)?,
            name: input.name.map(Clear::from),
            number: input.number.map(IdentityNumberInput::number).transpose()?,
            sex: sex(input.sex)?,
            birth: input.birth.map(|birth| birth.0),
            county: input.county.map(|county| county.0),
            reason: input.reason,
            second: input.second,
        };
        app.registry.correct_person(envelope, &asked).await
    },
    /// 变更联系方式 / Changes how a person is reached.
    person_change_contact(PersonChangeContactInput) -> PersonChangeContactPayload
        = |app, envelope, input| {
        let person = Kind::Person.parse(&input.person_id)?;
        let asked = ChangeContact { person, contact: input.contact.contact() };
        app.registry.change_contact(envelope, &asked).await
    },
    /// 指定监护人 / Assigns a guardian.
    person_assign_guardian(PersonAssignGuardianInput) -> PersonAssignGuardianPayload
        = |app, envelope, input| {
        let asked = AssignGuardian {
            person: Kind::Person.parse(&input.person_id)?,
            guardian: Kind::Person.parse(&input.guardian_id)?,
            from: input.from.map(|day| day.0),
            basis: input.basis,
        };
        app.registry.assign_guardian(envelope, &asked).await
    },
    /// 解除监护 / Releases a guardian.
    person_release_guardian(PersonReleaseGuardianInput) -> PersonReleaseGuardianPayload
        = |app, envelope, input| {
        let asked = ReleaseGuardian {
            person: Kind::Person.parse(&input.person_id)?,
            on: input.on.map(|day| day.0),
            reason: input.reason,
        };
        app.registry.release_guardian(envelope, &asked).await
    },
    /// 合并人员 / Merges two ids of one human.
    person_merge(PersonMergeInput) -> PersonMergePayload = |app, envelope, input| {
        let asked = MergePersons {
            into: Kind::Person.parse(&input.into_id)?,
            from: Kind::Person.parse(&input.from_id)?,
            reason: input.reason,
        };
        app.registry.merge_persons(envelope, &asked).await
    },
    /// 拆分人员 / Splits an id off again.
    person_split(PersonSplitInput) -> PersonSplitPayload = |app, envelope, input| {
        let person = Kind::Person.parse(&input.person_id)?;
        let asked = SplitPersons { person, reason: input.reason };
        app.registry.split_persons(envelope, &asked).await
    },
    /// 依法删除个人信息 / Destroys the keys of every id of one human; refused while the law keeps data.
    person_erase(PersonEraseInput) -> PersonErasePayload = |app, envelope, input| {
        let person = Kind::Person.parse(&input.person_id)?;
        let asked = ErasePerson { person, reason: input.reason, basis: input.basis };
        app.registry.erase_person(envelope, &asked).await
    },
} }

mutations! { DeathMutation {
    /// 报告死亡 / Reports a death: payments are held until it is verified.
    death_report(DeathReportInput) -> DeathReportPayload = |app, envelope, input| {
        let asked = ReportDeath {
            person: Kind::Person.parse(&input.person_id)?,
            died_on: input.died_on.0,
            reported_on: input.reported_on.map(|day| day.0),
            source: of_word(input.source.code())?,
            verify_by: input.verify_by.map(|day| day.0),
        };
        app.registry.report_death(envelope, &asked).await
    },
    /// 确认死亡 / Confirms a death.
    death_confirm(DeathConfirmInput) -> DeathConfirmPayload = |app, envelope, input| {
        let asked = ConfirmDeath {
            person: Kind::Person.parse(&input.person_id)?,
            died_on: input.died_on.0,
            confirmed_on: input.confirmed_on.map(|day| day.0),
            source: of_word(input.source.code())?,
        };
        app.registry.confirm_death(envelope, &asked).await
    },
    /// 撤销死亡 / Withdraws a death.
    death_withdraw(DeathWithdrawInput) -> DeathWithdrawPayload = |app, envelope, input| {
        let asked = WithdrawDeath {
            person: Kind::Person.parse(&input.person_id)?,
            on: input.on.map(|day| day.0),
            reason: input.reason,
            approver: input.approver,
        };
        app.registry.withdraw_death(envelope, &asked).await
    },
} }
