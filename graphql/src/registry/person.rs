//! A natural person, and how one is found.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, ID, Object, Result};
use commands::personal::Clear;
use commands::registry::NumberInput;
use kernel::StreamName;
use projections::people::{self, PersonRow};
use projections::{cards, grants};
use shared::{Divisions, NumberError, PersonId, Phone, ResidentId};

use super::words::{DeathSource, IdentityKind, LifeState, Sex, word};
use crate::benefits::Grant;
use crate::cards::{Card, PayAddress};
use crate::conditions::{Conditions, filter};
use crate::connection::{self, By, Paging, connection};
use crate::disbursement::{LineConnection, LineWhere, lines_of};
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::personal::{Mask, shown};
use crate::request::{Request, request};
use crate::scalars::{Date, DateTime, DivisionCode, Long, Position, YearMonth};
use crate::scratch::{AsOfInput, Scratch};
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
        Ok(shown(request(ctx), subject, &self.row.name, "person.name", Mask::Name)?)
    }

    /// 证件号码；无权时为掩码 / The identity number; masked without the right to it.
    async fn number(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let subject = self.row.person.uuid();
        Ok(shown(request(ctx), subject, &self.row.number, "person.number", Mask::Number)?)
    }

    /// 电话；无权时为掩码 / The phone number; masked without the right to it.
    async fn phone(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let Some(sealed) = &self.row.phone else { return Ok(None) };
        let subject = self.row.person.uuid();
        Ok(shown(request(ctx), subject, sealed, "person.phone", Mask::Phone)?)
    }

    /// 户籍地址；无权时为掩码 / The registered address; masked without the right to it.
    async fn registered_address(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let Some(sealed) = &self.row.registered_address else { return Ok(None) };
        let subject = self.row.person.uuid();
        Ok(shown(request(ctx), subject, sealed, "person.address", Mask::All)?)
    }

    /// 常住地址；无权时为掩码 / The usual address; masked without the right to it.
    async fn usual_address(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let Some(sealed) = &self.row.usual_address else { return Ok(None) };
        let subject = self.row.person.uuid();
        Ok(shown(request(ctx), subject, sealed, "person.address", Mask::All)?)
    }

    /// 社保卡 / His cards.
    async fn cards(&self, ctx: &Context<'_>) -> Result<Vec<Card>> {
        self.present_only()?;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let rows = cards::cards_of(&session, &request.scope, &[self.row.person]);
        Ok(rows.map_err(Fault::from)?.into_iter().map(Card::from).collect())
    }

    /// 发放账户 / The places that he is paid to.
    async fn pay_addresses(&self, ctx: &Context<'_>) -> Result<Vec<PayAddress>> {
        self.present_only()?;
        Ok(crate::cards::addresses_of(ctx, self.row.person.uuid()).await?)
    }

    /// 待遇 / What he is entitled to.
    async fn grants(&self, ctx: &Context<'_>) -> Result<Vec<Grant>> {
        self.present_only()?;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let rows = grants::grants_of(&session, &request.scope, &[self.row.person]);
        Ok(rows.map_err(Fault::from)?.into_iter().map(Grant::from).collect())
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
        self.present_only()?;
        let only = LineWhere { person: Some(self.id.clone()), ..LineWhere::default() };
        let paging = Paging::new(first, after, last, before);
        Ok(lines_of(ctx, Some(only), &[], &paging).await?)
    }
}

filter! {
    /// 人员条件 / Which people.
    PersonWhere {
        /// 户籍（含下级） / Registered within this division.
        county: DivisionCode => |area, c| c.within("county", area.0),
        /// 性别 / Of this sex.
        sex: Sex => |sex, c| c.test("sex =", &sex.code().to_owned()),
        /// 生存状态 / Who live, or do not.
        life: LifeState => |life, c| c.test("life =", &life.code().to_owned()),
        /// 出生不早于 / Born in this month or later.
        born_from: YearMonth => |month, c| c.test("birth >=", &month.0),
        /// 出生不晚于 / Born in this month or earlier.
        born_to: YearMonth => |month, c| c.test("birth <=", &month.0),
        /// 监护人 / Whose guardian this is.
        guardian: ID => |id, c| c.test("guardian =", &Kind::Person.parse::<PersonId>(id)?),
        /// 是否已并入他人 / Whether they were merged into another id.
        merged: bool => |merged, _c| {
            (if *merged { "merged_into IS NOT NULL" } else { "merged_into IS NULL" }).to_owned()
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
        let id: PersonId = Kind::Person.parse(&id)?;
        let request = request(ctx);
        let Some(at) = as_of else {
            let session = request.session(ctx).await?;
            let row = people::person(&session, &request.scope, id).map_err(Fault::from)?;
            return Ok(row.map(Person::from));
        };
        let streams = [StreamName::new("person", id)];
        let scratch = Scratch::fold(request, people::People::default(), &streams, at).await?;
        let row: Option<PersonRow> = scratch.get(&id)?;
        Ok(row.filter(|row| request.scope.covers(row.county)).map(|row| {
            let mut person = Person::from(row);
            person.ahead.past = Some(Arc::new(scratch));
            person
        }))
    }

    /// 按证件号码查人 / The person with this identity number.
    async fn person_by_number(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "居民身份证号码，15 或 18 位 / A resident number.")] number: String,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Person>> {
        let _ = at_least;
        let request = request(ctx);
        let day = request.app().executor.today().map_err(Fault::from)?;
        ResidentId::parse_either(&number, day, Divisions::bundled())
            .map_err(|wrong| wrong_number(&wrong))?;
        let registry = &request.app().registry;
        let found = registry.people_by_number(&NumberInput::resident(number)).await;
        let found = found.map_err(Fault::from)?;
        Ok(known(ctx, &found).await?.into_iter().next().map(Person::from))
    }

    /// 按电话查人 / People with this phone number.
    async fn persons_by_phone(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "手机号码 / A mobile number.")] phone: String,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Vec<Person>>> {
        let _ = at_least;
        Phone::parse(&phone).map_err(|wrong| wrong_number(&wrong))?;
        let registry = &request(ctx).app().registry;
        let found = registry.people_by_phone(&Clear::from(phone)).await.map_err(Fault::from)?;
        Ok(Some(known(ctx, &found).await?.into_iter().map(Person::from).collect()))
    }

    /// 按姓名查人，须全名 / People of exactly this name.
    async fn persons_by_name(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "姓名全名 / The whole name.")] name: String,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Vec<Person>>> {
        let _ = at_least;
        let registry = &request(ctx).app().registry;
        let found = registry.people_by_name(&Clear::from(name)).await.map_err(Fault::from)?;
        Ok(Some(known(ctx, &found).await?.into_iter().map(Person::from).collect()))
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
        let mut conditions = Conditions::scoped(&request.scope, "county");
        if let Some(only) = r#where {
            let part = only.text(&mut conditions)?;
            conditions.and(part);
        }
        let paging = Paging::new(first, after, last, before);
        let order = [By::up("person")];
        let page =
            connection::page::<PersonRow>(request, &session, conditions.clone(), &order, &paging)?;
        let total = connection::total::<PersonRow>(session, people::NAME, conditions);
        Ok(Some(PersonConnection::new(page, total)))
    }
}

/// The rows of these people, in one query; an id that the read model does not have yet is left out.
async fn known(ctx: &Context<'_>, ids: &[PersonId]) -> std::result::Result<Vec<PersonRow>, Fault> {
    let request: &Request = request(ctx);
    let session = request.session(ctx).await?;
    Ok(people::many(&session, &request.scope, ids)?)
}

/// What is wrong with a number, without the number.
fn wrong_number(wrong: &NumberError) -> Fault {
    Fault::bad_input(format!("{} / {} ({})", wrong.zh(), wrong.en(), wrong.code()))
}
