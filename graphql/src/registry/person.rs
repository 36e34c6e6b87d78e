//! A natural person, and how one is found.

use async_graphql::{ComplexObject, Context, ID, Object, Result, SimpleObject};
use commands::personal::Clear;
use commands::registry::NumberInput;
use commands::{CommandError, Refused};
use projections::people::{self, PersonRow};
use shared::{Divisions, NumberError, PersonId, Phone, ResidentId};

use super::words::{DeathSource, IdentityKind, LifeState, Sex, word};
use crate::batches::load;
use crate::benefits::Grant;
use crate::cards::{Card, PayAddress};
use crate::conditions::filter;
use crate::connection::{self, By, Paging, connection};
use crate::disbursement::cases::{
    HeirsCase, HeirsOf, RecoveriesOf, Recovery, ReturnCase, ReturnsOf, Stop, StopsOfPerson,
};
use crate::disbursement::{LineConnection, LineWhere, lines_of};
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::outcome::DomainError;
use crate::personal::{Mask, shown};
use crate::reads::{CardsOf, GrantsOf};
use crate::request::{Request, request};
use crate::scalars::{Date, DateTime, DivisionCode, Long, Position, YearMonth};
use crate::scratch::{AsOfInput, entity};
use crate::view::{Viewed, int, view};

view! {
    /// 人员 / A natural person.
    complex struct Person of row: PersonRow {
        /// 全局编号 / The global id.
        id: ID = Kind::Person.id(row.person),
        /// 性别 / Sex.
        sex: Sex = Sex::stored(row.sex.code()),
        /// 出生年月 / Birth month.
        birth: YearMonth = row.birth.into(),
        /// 户籍区县 / Where the household is registered.
        county: DivisionCode = row.county.into(),
        /// 常住区县 / Where he lives.
        usual_county: Option<DivisionCode> = row.usual_county.map(DivisionCode),
        /// 生存状态 / Whether he lives.
        life: LifeState = LifeState::stored(row.life.code()),
        /// 死亡日期 / When he died.
        died_on: Option<Date> = row.died_on.map(Date),
        /// 死亡信息来源 / Who says so.
        death_source: Option<DeathSource> =
            row.death_source.as_ref().and_then(|source| DeathSource::of(&word(source))),
        /// 核实期限 / The last day to verify a reported death.
        verify_by: Option<Date> = row.verify_by.map(Date),
        /// 证件种类 / What sort of identity number.
        number_kind: IdentityKind = IdentityKind::stored(&word(&row.number_kind)),
        /// 已并入 / The id that he was merged into.
        merged_into_id: Option<ID> = row.merged_into.map(|into| Kind::Person.id(into)),
        /// 并入的编号数 / How many ids were merged into this one.
        member_count: i32 = int(row.members),
        /// 监护人编号 / The guardian's id.
        guardian_id: Option<ID> = row.guardian.map(|guardian| Kind::Person.id(guardian)),
        /// 登记日期 / When he was registered.
        registered_on: Date = row.registered_on.into(),
        /// 登记时刻 / When we wrote it.
        registered_at: DateTime = row.registered_at.into(),
        /// 版本 / His revision, for `ifRevision`.
        revision: Long = Long(row.revision.0),
    }
}

connection!("人员", "people": PersonConnection PersonEdge of Person);

#[ComplexObject]
impl Person {
    /// 姓名；无权时为掩码 / The name; masked where the reader has no right to it.
    async fn name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let subject = self.row.person.uuid();
        Ok(shown(ctx, subject, &self.row.name, "person.name", Mask::Name).await?)
    }

    /// 证件号码；无权时为掩码 / The identity number; masked without the right to it.
    async fn number(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let subject = self.row.person.uuid();
        Ok(shown(ctx, subject, &self.row.number, "person.number", Mask::Number).await?)
    }

    /// 电话；无权时为掩码 / The phone number; masked without the right to it.
    async fn phone(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let Some(sealed) = &self.row.phone else { return Ok(None) };
        let subject = self.row.person.uuid();
        Ok(shown(ctx, subject, sealed, "person.phone", Mask::Phone).await?)
    }

    /// 户籍地址；无权时为掩码 / The registered address; masked without the right to it.
    async fn registered_address(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let Some(sealed) = &self.row.registered_address else { return Ok(None) };
        let subject = self.row.person.uuid();
        Ok(shown(ctx, subject, sealed, "person.address", Mask::All).await?)
    }

    /// 常住地址；无权时为掩码 / The usual address; masked without the right to it.
    async fn usual_address(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let Some(sealed) = &self.row.usual_address else { return Ok(None) };
        let subject = self.row.person.uuid();
        Ok(shown(ctx, subject, sealed, "person.address", Mask::All).await?)
    }

    /// 社保卡 / His cards.
    async fn cards(&self, ctx: &Context<'_>) -> Result<Vec<Card>> {
        self.present_only(request(ctx))?;
        let rows = load(ctx, CardsOf(self.row.person)).await?;
        Ok(rows.into_iter().map(Card::from).collect())
    }

    /// 发放账户 / The places that he is paid to.
    async fn pay_addresses(&self, ctx: &Context<'_>) -> Result<Vec<PayAddress>> {
        self.present_only(request(ctx))?;
        Ok(crate::cards::addresses_of(ctx, self.row.person.uuid()).await?)
    }

    /// 待遇 / What he is entitled to.
    async fn grants(&self, ctx: &Context<'_>) -> Result<Vec<Grant>> {
        self.present_only(request(ctx))?;
        let rows = load(ctx, GrantsOf(self.row.person)).await?;
        Ok(rows.into_iter().map(Grant::from).collect())
    }

    /// 停发 / The stops of his grants.
    async fn stops(&self, ctx: &Context<'_>) -> Result<Vec<Stop>> {
        self.present_only(request(ctx))?;
        let rows = load(ctx, StopsOfPerson(self.row.person)).await?;
        Ok(rows.into_iter().map(Stop::from).collect())
    }

    /// 退票 / His returned attempts.
    async fn return_cases(&self, ctx: &Context<'_>) -> Result<Vec<ReturnCase>> {
        self.present_only(request(ctx))?;
        let rows = load(ctx, ReturnsOf(self.row.person)).await?;
        Ok(rows.into_iter().map(ReturnCase::from).collect())
    }

    /// 追回 / What he was overpaid.
    async fn recoveries(&self, ctx: &Context<'_>) -> Result<Vec<Recovery>> {
        self.present_only(request(ctx))?;
        let rows = load(ctx, RecoveriesOf(self.row.person)).await?;
        Ok(rows.into_iter().map(Recovery::from).collect())
    }

    /// 继承人领取；在世为空 / What is left to his heirs; nothing while he lives.
    async fn heirs_case(&self, ctx: &Context<'_>) -> Result<Option<HeirsCase>> {
        self.present_only(request(ctx))?;
        let rows = load(ctx, HeirsOf(self.row.person)).await?;
        Ok(rows.into_iter().next().map(HeirsCase::from))
    }

    /// 发放明细 / What he was and is to be paid.
    async fn lines(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "前几条，1–100 / How many from the start.")] first: Option<i32>,
        #[graphql(desc = "在此之后 / After this cursor.")] after: Option<String>,
        #[graphql(desc = "后几条，1–100 / How many from the end.")] last: Option<i32>,
        #[graphql(desc = "在此之前 / Before this cursor.")] before: Option<String>,
    ) -> Result<LineConnection> {
        self.present_only(request(ctx))?;
        let only = LineWhere { person: Some(self.id.clone()), ..LineWhere::default() };
        let paging = Paging::new(first, after, last, before);
        Ok(lines_of(ctx, Some(only), &[], &paging).await?)
    }
}

filter! {
    /// 人员条件 / Which people.
    PersonWhere {
        /// 户籍（含下级） / Registered within this division.
        county: DivisionCode => |area| Only::Within("county", area.0),
        /// 性别 / Of this sex.
        sex: Sex => |sex| Only::equal("sex", &sex.code().to_owned()),
        /// 生存状态 / Who live, or do not.
        life: LifeState => |life| Only::equal("life", &life.code().to_owned()),
        /// 出生不早于 / Born in this month or later.
        born_from: YearMonth => |month| Only::at_least("birth", &month.0),
        /// 出生不晚于 / Born in this month or earlier.
        born_to: YearMonth => |month| Only::at_most("birth", &month.0),
        /// 监护人 / Whose guardian this is.
        guardian: ID => |id| Only::equal("guardian", &Kind::Person.parse::<PersonId>(id)?),
        /// 是否已并入他人 / Whether they were merged into another id.
        merged: bool => |merged| {
            Only::Null("merged_into", !*merged)
        },
    }
}

#[derive(Default)]
pub struct PersonQuery;

#[Object]
impl PersonQuery {
    /// 人员 / A person.
    async fn person(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "编号 / The id.")] id: ID,
        #[graphql(desc = "历史时点 / As it stood then.")] as_of: Option<AsOfInput>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Person>> {
        let _ = at_least;
        entity!(ctx, PersonRow, Person, people::People, Kind::Person, "person", id, as_of)
    }

    /// 按证件号码查人 / The person with this identity number.
    async fn person_by_number(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "居民身份证号码，15 或 18 位 / A resident number.")] number: String,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<PersonLookup>> {
        let _ = at_least;
        let request = request(ctx);
        let day = request.app().executor.today().map_err(Fault::from)?;
        if let Err(wrong) = ResidentId::parse_either(&number, day, Divisions::bundled()) {
            return Ok(Some(PersonLookup::refused(request, "number", &wrong)));
        }
        let registry = &request.app().registry;
        let found = registry.people_by_number(&NumberInput::resident(number)).await;
        Ok(Some(PersonLookup::of(ctx, "number", found).await?))
    }

    /// 按电话查人 / People with this phone number.
    async fn persons_by_phone(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "手机号码 / A mobile number.")] phone: String,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<PersonLookup>> {
        let _ = at_least;
        let request = request(ctx);
        if let Err(wrong) = Phone::parse(&phone) {
            return Ok(Some(PersonLookup::refused(request, "phone", &wrong)));
        }
        let found = request.app().registry.people_by_phone(&Clear::from(phone)).await;
        Ok(Some(PersonLookup::of(ctx, "phone", found).await?))
    }

    /// 按姓名查人，须全名 / People of exactly this name.
    async fn persons_by_name(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "姓名全名 / The whole name.")] name: String,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<PersonLookup>> {
        let _ = at_least;
        let found = request(ctx).app().registry.people_by_name(&Clear::from(name)).await;
        Ok(Some(PersonLookup::of(ctx, "name", found).await?))
    }

    /// 各人员 / People.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn persons(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "条件 / Which people.")] r#where: Option<PersonWhere>,
        #[graphql(desc = "前几条，1–100 / How many from the start.")] first: Option<i32>,
        #[graphql(desc = "在此之后 / After this cursor.")] after: Option<String>,
        #[graphql(desc = "后几条，1–100 / How many from the end.")] last: Option<i32>,
        #[graphql(desc = "在此之前 / Before this cursor.")] before: Option<String>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<PersonConnection>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let only = r#where.unwrap_or_default().only()?;
        let paging = Paging::new(first, after, last, before);
        let order = [By::up("person")];
        let page = connection::page::<PersonRow>(request, &session, &only, &order, &paging)?;
        let total = connection::total::<PersonRow>(request, session, only);
        Ok(Some(PersonConnection::new(page, total)))
    }
}

/// The rows of these people, in one query; an id that the read model does not have yet is left out.
async fn known(ctx: &Context<'_>, ids: &[PersonId]) -> std::result::Result<Vec<PersonRow>, Fault> {
    let request: &Request = request(ctx);
    let session = request.session(ctx).await?;
    Ok(people::many(&session, &request.scope, ids)?)
}

/// 查人结果 / Who was found, or what is wrong with what was asked.
#[derive(Clone, Default, SimpleObject)]
pub struct PersonLookup {
    /// 找到的人员 / Who was found, in the order of their ids.
    persons: Vec<Person>,
    /// 所查内容的错误，不含所查内容 / What is wrong with what was asked, without what was asked.
    errors: Vec<DomainError>,
}

impl PersonLookup {
    fn refused(request: &Request, argument: &'static str, wrong: &NumberError) -> Self {
        let refused = Refused::new(wrong.code(), wrong.zh(), wrong.en());
        Self::wrong(request, argument, &refused.into())
    }

    fn wrong(request: &Request, argument: &str, error: &CommandError) -> Self {
        let mut error = DomainError::of(error, request.language);
        error.field = Some(vec![argument.to_owned()]);
        Self { persons: Vec::new(), errors: vec![error] }
    }

    async fn of(
        ctx: &Context<'_>,
        argument: &str,
        found: std::result::Result<Vec<PersonId>, CommandError>,
    ) -> std::result::Result<Self, Fault> {
        match found {
            Ok(found) => {
                let rows = known(ctx, &found).await?;
                let persons = rows.into_iter().map(Person::from).collect();
                Ok(Self { persons, errors: Vec::new() })
            }
            Err(error) if error.is_refusal() => Ok(Self::wrong(request(ctx), argument, &error)),
            Err(error) => Err(error.into()),
        }
    }
}
