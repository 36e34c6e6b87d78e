//! Tags with their evidence, who has one on which day as known at which position, and observed facts.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use commands::tags::{Observe, Tags};
use conditions::Subject;
use projections::tags as view;

use crate::fault::Fault;
use crate::outcome::{coded, inputs, mutations, payloads};
use crate::request::request;
use crate::scalars::{Date, DateTime, DivisionCode, Long, Position};

/// More than this a page does not hold.
const PAGE_MAX: i32 = 100;

/// 标签的一项依据 / One thing behind a tag's value.
#[derive(Clone, PartialEq, SimpleObject)]
pub struct TagEvidence {
    /// 事实或标签 / The fact or tag that was read.
    name: String,
    /// 所读标签；可再查其依据 / The tag that was read; its own evidence stands under it.
    tag: Option<String>,
    /// 值；空即缺失 / Its value; absent where it is missing.
    value: Option<String>,
    /// 自何日起 / Since which date.
    from: Option<Date>,
    /// 事件编号 / The event that said it.
    event_id: Option<String>,
    /// 来源事件类型 / The type of that event.
    source: String,
}

/// 对象的一个标签值 / A value of a tag, in both times.
#[derive(Clone, PartialEq, SimpleObject)]
pub struct TagValue {
    /// 标签编号 / The tag's id.
    tag: String,
    /// 对象种类 / The kind of subject.
    subject_kind: String,
    /// 对象编号 / The subject's id.
    subject: String,
    /// 区县 / The county.
    county: Option<DivisionCode>,
    /// 值；空即未知 / The value; absent where it is unknown.
    value: Option<String>,
    /// 缺少的事实 / What is missing, where it is unknown.
    missing: Vec<String>,
    /// 生效日 / True from this date.
    valid_from: Date,
    /// 失效日（不含）/ Until before this date.
    valid_to: Option<Date>,
    /// 获知位置 / Known from this position.
    known_from: Position,
    /// 更正位置 / Until before this position.
    known_to: Option<Position>,
    /// 获知时间 / When it became known.
    known_at: DateTime,
    /// 规则版本 / The rule's version.
    version: i32,
    /// 依据 / What it rests on.
    evidence: Vec<TagEvidence>,
}

/// 标签目录中的一项 / A tag in force.
#[derive(SimpleObject)]
pub struct TagInForce {
    /// 标签编号 / Its id.
    id: String,
    /// 版本 / Its version.
    version: i32,
    /// 自此位置生效 / It holds from this position.
    position: Position,
    /// 各值人数；少于5的不显示 / How many subjects have each value; few are hidden.
    counts: Vec<TagCount>,
}

/// 一个值的对象数 / How many subjects have a value.
#[derive(SimpleObject)]
pub struct TagCount {
    /// 值；空即未知 / The value; absent: unknown.
    value: Option<String>,
    /// 对象数；空即过少不显示 / How many; absent where they are too few to show.
    subjects: Option<Long>,
}

/// 双时间条件 / On which date, as known at which position.
#[derive(Clone, Default, InputObject)]
pub struct TagTimesInput {
    /// 业务日期 / True on this date; any unless given.
    valid_on: Option<Date>,
    /// 当时所知的位置 / As known at this position; now unless given.
    known_at: Option<Position>,
}

#[derive(Default)]
pub struct TagQuery;

#[Object]
impl TagQuery {
    /// 一个对象的标签及依据 / The tags of one subject, with what each rests on.
    async fn tags(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "对象种类，如 person / The kind of subject, like person.")] kind: String,
        #[graphql(desc = "对象编号 / Its id.")] subject: String,
        #[graphql(desc = "双时间条件 / On which date, as known when.")] times: Option<
            TagTimesInput,
        >,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Vec<TagValue>>> {
        let _ = at_least;
        let request = request(ctx);
        let kind = coded::<Subject>(&kind, "对象种类", "a kind of subject")?;
        let times = times_of(request, times)?;
        let session = request.session(ctx).await?;
        let rows = view::tags_of(&session, &request.scope, (kind, &subject), times);
        Ok(Some(rows.map_err(Fault::from)?.into_iter().map(|row| shown(request, row)).collect()))
    }

    /// 具有某标签的对象 / Who has a tag, by subject.
    #[expect(clippy::too_many_arguments, reason = "the arguments of one question of the schema")]
    async fn subjects(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "标签编号 / The tag's id.")] tag: String,
        #[graphql(desc = "只看此值 / Only with this value.")] value: Option<String>,
        #[graphql(desc = "双时间条件 / On which date, as known when.")] as_of: Option<
            TagTimesInput,
        >,
        #[graphql(desc = "在此对象之后 / After this subject.")] after: Option<String>,
        #[graphql(desc = "条数，1至100 / How many, 1 to 100.", default = 50)] first: i32,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Vec<TagValue>>> {
        let _ = at_least;
        let request = request(ctx);
        let wanted = view::SubjectFilter { times: times_of(request, as_of)?, value };
        let session = request.session(ctx).await?;
        let limit = page(first)?;
        let rows =
            view::subjects_with(&session, &request.scope, &tag, &wanted, after.as_deref(), limit);
        Ok(Some(rows.map_err(Fault::from)?.into_iter().map(|row| shown(request, row)).collect()))
    }

    /// 标签目录及人数 / The tags in force, with how many subjects have each value.
    async fn tag_catalogue(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "日期，默认今日 / On this date; today unless given.")] on: Option<Date>,
    ) -> Result<Option<Vec<TagInForce>>> {
        let request = request(ctx);
        let on = match on {
            Some(date) => date.0,
            None => request.app().executor.today().map_err(Fault::from)?,
        };
        let session = request.session(ctx).await?;
        let read = view::catalogue(&session, &request.scope, on).map_err(Fault::from)?;
        let (rules, counted) = read;
        let in_force = rules.into_iter().map(|rule| TagInForce {
            counts: counted
                .iter()
                .filter(|one| one.tag == rule.id)
                .map(|one| TagCount {
                    value: one.value.clone(),
                    subjects: one.subjects.map(Long::from),
                })
                .collect(),
            id: rule.id,
            version: i32::try_from(rule.version).unwrap_or(i32::MAX),
            position: request.token(rule.position),
        });
        Ok(Some(in_force.collect()))
    }
}

pub(crate) fn page(first: i32) -> std::result::Result<u32, Fault> {
    let fits = (1..=PAGE_MAX).contains(&first);
    let limit = u32::try_from(first).ok().filter(|_| fits);
    limit.ok_or_else(|| Fault::bad_input("first 须在 1 至 100 之间 / first is from 1 to 100"))
}

fn times_of(
    request: &crate::request::Request,
    times: Option<TagTimesInput>,
) -> std::result::Result<view::TagFilter, Fault> {
    let TagTimesInput { valid_on, known_at } = times.unwrap_or_default();
    let known_at = known_at.map(|token| request.position(token)).transpose()?;
    Ok(view::TagFilter { valid_on: valid_on.map(|date| date.0), known_at })
}

fn shown(request: &crate::request::Request, row: view::TagRow) -> TagValue {
    let evidence = row.evidence.into_iter().map(|one| TagEvidence {
        name: one.name,
        tag: one.tag,
        value: one.value,
        from: one.from.map(Date),
        event_id: one.event.map(|event| event.to_string()),
        source: one.source,
    });
    TagValue {
        tag: row.tag,
        subject_kind: row.kind.to_string(),
        subject: row.subject,
        county: row.county.map(DivisionCode),
        value: row.value,
        missing: row.missing,
        valid_from: Date(row.valid_from),
        valid_to: row.valid_to.map(Date),
        known_from: request.token(row.known_from),
        known_to: row.known_to.map(|position| request.token(position)),
        known_at: row.known_from_at.into(),
        version: i32::try_from(row.version).unwrap_or(i32::MAX),
        evidence: evidence.collect(),
    }
}

/// 一条观测数据 / One observed fact.
#[derive(Clone, InputObject)]
pub struct ObservationInput {
    /// 对象种类 / The kind of subject.
    kind: String,
    /// 对象编号 / Its id or code.
    subject: String,
    /// 事实 / A word of the vocabulary.
    fact: String,
    /// 自何日起；月度数据为当月1日 / From this date; the first of the month for a monthly figure.
    from: Date,
    /// 值 / Its value, as a definition writes it.
    value: String,
    /// 来源 / Who published or saw it.
    source: String,
}

inputs! {
    /// 登记观测数据 / Records observed facts.
    ObservationRecordInput {
        /// 各条数据，一次办理 / The facts, all or none.
        observations: Vec<ObservationInput>,
    }
}

payloads! {
    /// 登记观测数据的结果 / What came of it.
    ObservationRecordPayload(()) {}
}

mutations! { TagMutation {
    /// 登记观测数据 / Records observed facts that no context records yet.
    observation_record(ObservationRecordInput) -> ObservationRecordPayload
        = |app, envelope, input| {
        let observed: std::result::Result<Vec<Observe>, Fault> = input
            .observations
            .into_iter()
            .map(|one| {
                Ok(Observe {
                    kind: coded(&one.kind, "对象种类", "a kind of subject")?,
                    subject: one.subject,
                    fact: one.fact,
                    from: one.from.0,
                    value: one.value,
                    source: one.source,
                })
            })
            .collect();
        Tags::new(app.executor.clone()).observe(envelope, &observed?).await
    },
} }
