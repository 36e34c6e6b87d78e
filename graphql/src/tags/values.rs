//! The tags of one subject, and who has a tag on which day as known at which position.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use projections::tags::{self as view, TagRow};

use super::words::SubjectKind;
use crate::connection::{self, By, Paging, connection};
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::outcome::coded;
use crate::request::{Request, request};
use crate::scalars::{Date, DateTime, DivisionCode, Position};
use crate::view::int;

connection!("标签值", "values of a tag": TagValueConnection TagValueEdge of TagValue);

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
    event_id: Option<ID>,
    /// 来源事件类型 / The type of that event.
    source: String,
}

/// 对象的一个标签值 / A value of a tag, in both times.
#[derive(Clone, PartialEq, SimpleObject)]
pub struct TagValue {
    /// 标签编号 / The tag's id.
    tag: String,
    /// 对象种类 / The kind of subject.
    subject_kind: SubjectKind,
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
    /// 人工设置，依据中有规则算得的值 / Set by hand: what the rule says stands in the evidence.
    by_hand: bool,
    /// 依据 / What it rests on.
    evidence: Vec<TagEvidence>,
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
pub struct ValueQuery;

#[Object]
impl ValueQuery {
    /// 一个对象的标签及依据 / The tags of one subject, with what each rests on.
    async fn tags(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "对象种类 / The kind of subject.")] kind: SubjectKind,
        #[graphql(desc = "对象编号 / Its id.")] subject: String,
        #[graphql(desc = "双时间条件 / On which date, as known when.")] times: Option<
            TagTimesInput,
        >,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Vec<TagValue>>> {
        let _ = at_least;
        let request = request(ctx);
        let kind = coded(kind.code(), "对象种类", "a kind of subject")?;
        let times = times_of(request, times)?;
        let session = request.session(ctx).await?;
        let rows = view::tags_of(&session, &request.scope, (kind, &subject), times);
        Ok(Some(rows.map_err(Fault::from)?.into_iter().map(|row| shown(request, row)).collect()))
    }

    /// 具有某标签的对象 / Who has a tag, by subject.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn subjects(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "标签编号 / The tag's id.")] tag: String,
        #[graphql(desc = "只看此值 / Only with this value.")] value: Option<String>,
        #[graphql(desc = "双时间条件 / On which date, as known when.")] as_of: Option<
            TagTimesInput,
        >,
        #[graphql(desc = "前几条，1–100 / How many from the start.")] first: Option<i32>,
        #[graphql(desc = "在此之后 / After this cursor.")] after: Option<String>,
        #[graphql(desc = "后几条，1–100 / How many from the end.")] last: Option<i32>,
        #[graphql(desc = "在此之前 / Before this cursor.")] before: Option<String>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<TagValueConnection>> {
        let _ = at_least;
        let request = request(ctx);
        let wanted = view::SubjectFilter { times: times_of(request, as_of)?, value };
        let session = request.session(ctx).await?;
        let only = wanted.only(&tag);
        let paging = Paging::new(first, after, last, before);
        let order = [By::up("subject"), By::up("kind"), By::up("tag"), By::up("place")];
        let page = connection::page::<TagRow>(request, &session, &only, &order, &paging)?;
        let page = page.map(|row| shown(request, row));
        let total = connection::total::<TagRow>(request, session, only);
        Ok(Some(TagValueConnection::new(page, total)))
    }
}

pub(super) fn times_of(
    request: &Request,
    times: Option<TagTimesInput>,
) -> std::result::Result<view::TagFilter, Fault> {
    let TagTimesInput { valid_on, known_at } = times.unwrap_or_default();
    let known_at = known_at.map(|token| request.position(token)).transpose()?;
    Ok(view::TagFilter { valid_on: valid_on.map(|date| date.0), known_at })
}

pub(super) fn shown(request: &Request, row: view::TagRow) -> TagValue {
    let evidence = row.evidence.into_iter().map(|one| TagEvidence {
        name: one.name,
        tag: one.tag,
        value: one.value,
        from: one.from.map(Date),
        event_id: one.event.map(|event| Kind::Event.id(event)),
        source: one.source,
    });
    TagValue {
        tag: row.tag,
        subject_kind: SubjectKind::stored(row.kind.code()),
        subject: row.subject,
        county: row.county.map(DivisionCode),
        value: row.value,
        missing: row.missing,
        valid_from: Date(row.valid_from),
        valid_to: row.valid_to.map(Date),
        known_from: request.token(row.known_from),
        known_to: row.known_to.map(|position| request.token(position)),
        known_at: row.known_from_at.into(),
        version: int(row.version),
        by_hand: row.by_hand,
        evidence: evidence.collect(),
    }
}
