//! Segments: who came in and went out between two looks, snapshots that were taken, and objections.
//! A segment is the holders of a value of a tag.

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use projections::ReadSession;
use projections::lists::{self, Only};
use projections::tags::{self as view, DisputeRow, SnapshotRow, SubjectFilter};
use uuid::Uuid;

use super::page;
use super::values::{TagTimesInput, times_of};
use super::words::SubjectKind;
use crate::conditions::filter;
use crate::connection::{self, By, Paging, connection};
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::request::{Request, request};
use crate::scalars::{Date, DivisionCode, Long, Position};
use crate::view::{int, view};

connection!("标签异议", "objections to tags": TagDisputeConnection TagDisputeEdge of TagDispute);
connection!(
    "分组快照", "snapshots of segments": SegmentSnapshotConnection SegmentSnapshotEdge
        of SegmentSnapshot
);

/// 分组的进出 / One who came into a segment or went out of it.
#[derive(SimpleObject)]
pub struct SegmentMove {
    /// 对象种类 / The kind of subject.
    subject_kind: SubjectKind,
    /// 对象编号 / Its id.
    subject: String,
    /// 进入，否则为退出 / Whether it came in; else it went out.
    entered: bool,
}

view! {
    /// 对标签的异议 / An objection to a tag.
    struct TagDispute of row: DisputeRow {
        /// 对象种类 / The kind of subject.
        subject_kind: SubjectKind = SubjectKind::stored(row.kind.code()),
        /// 对象编号 / Its id.
        subject: String = row.subject,
        /// 标签 / The tag.
        tag: String = row.tag,
        /// 区县 / The county.
        county: Option<DivisionCode> = row.county.map(DivisionCode),
        /// 理由 / Why.
        reason: String = row.reason,
        /// 提出人 / Who objects.
        disputed_by: String = row.disputed_by,
        /// 提出日 / When.
        disputed_on: Date = Date(row.disputed_on),
        /// 未答复 / Whether it waits for an answer.
        open: bool = row.open,
        /// 是否成立 / Whether it was upheld.
        upheld: Option<bool> = row.upheld,
        /// 答复 / The answer.
        answer: Option<String> = row.answer,
        /// 答复人 / Who answered.
        answered_by: Option<String> = row.answered_by,
        /// 答复日 / When.
        answered_on: Option<Date> = row.answered_on.map(Date),
    }
}

view! {
    /// 分组快照 / Who belonged to a segment on a day, frozen.
    struct SegmentSnapshot of row: SnapshotRow {
        /// 编号 / Its id.
        snapshot: String = row.snapshot.to_string(),
        /// 分组标签 / The tag whose holders they are.
        segment: String = row.segment,
        /// 值 / The value that they hold.
        value: String = row.value,
        /// 规则版本 / The version of the rule.
        version: i32 = int(row.version),
        /// 哪一日的成员 / Who belonged to it on this day.
        valid_on: Date = Date(row.valid_on),
        /// 成员数 / How many.
        members: Long = Long(row.members),
        /// 成员文件，用 fileLink 下载 / The file of their ids, for `fileLink`.
        file_id: ID = Kind::Artefact.id(row.file),
        /// 用途 / What it is for.
        purpose: String = row.purpose,
        /// 冻结人 / Who took it.
        frozen_by: String = row.frozen_by,
        /// 冻结日 / When.
        frozen_on: Date = Date(row.frozen_on),
    }
}

filter! {
    /// 异议条件 / Which objections.
    TagDisputeWhere {
        /// 标签 / To this tag.
        tag: String => |tag| Only::equal("tag", tag),
        /// 对象编号 / Of this subject.
        subject: String => |subject| Only::equal("subject", subject),
        /// 未答复 / Waiting for an answer.
        open: bool => |open| Only::equal("open", open),
    }
}

pub fn snapshot(
    request: &Request,
    session: &ReadSession,
    id: &Uuid,
) -> std::result::Result<Option<SegmentSnapshot>, Fault> {
    let row = lists::one::<SnapshotRow>(session, &request.scope, id)?;
    Ok(row.map(SegmentSnapshot::from))
}

#[derive(Default)]
pub struct SegmentQuery;

#[Object]
impl SegmentQuery {
    /// 两个时点之间分组的进出 / Who came into a segment and went out between two looks, by subject.
    #[expect(clippy::too_many_arguments, reason = "the arguments of one question of the schema")]
    async fn segment_moves(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "分组标签 / The tag whose holders belong to it.")] segment: String,
        #[graphql(desc = "值 / The value that they hold.")] value: String,
        #[graphql(desc = "前一时点 / The earlier look.")] earlier: TagTimesInput,
        #[graphql(desc = "后一时点 / The later look.")] later: TagTimesInput,
        #[graphql(desc = "在此对象之后 / After this subject.")] after: Option<String>,
        #[graphql(desc = "条数，1至100 / How many, 1 to 100.", default = 50)] first: i32,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Vec<SegmentMove>>> {
        let _ = at_least;
        let request = request(ctx);
        let limit = page(first)?;
        let look = |times| -> std::result::Result<SubjectFilter, Fault> {
            Ok(SubjectFilter { times: times_of(request, Some(times))?, value: Some(value.clone()) })
        };
        let (earlier, later) = (look(earlier)?, look(later)?);
        let session = request.session(ctx).await?;
        let looks = (&earlier, &later);
        let after = after.as_deref();
        let moves = view::moves(&session, &request.scope, &segment, looks, after, limit);
        let moves = moves.map_err(Fault::from)?.into_iter().map(|one| SegmentMove {
            subject_kind: SubjectKind::stored(one.kind.code()),
            subject: one.subject,
            entered: one.entered,
        });
        Ok(Some(moves.collect()))
    }

    /// 分组快照，最近在前 / Snapshots of segments, the newest first.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn segment_snapshots(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "分组标签 / Of this tag.")] segment: Option<String>,
        #[graphql(desc = "前几条，1–100 / How many from the start.")] first: Option<i32>,
        #[graphql(desc = "在此之后 / After this cursor.")] after: Option<String>,
        #[graphql(desc = "后几条，1–100 / How many from the end.")] last: Option<i32>,
        #[graphql(desc = "在此之前 / Before this cursor.")] before: Option<String>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<SegmentSnapshotConnection>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let only = segment.map_or(Only::everything(), |tag| Only::equal("segment", &tag));
        let paging = Paging::new(first, after, last, before);
        let order = [By::down("frozen_on"), By::up("snapshot")];
        let page = connection::page::<SnapshotRow>(request, &session, &only, &order, &paging)?;
        let total = connection::total::<SnapshotRow>(request, session, only);
        Ok(Some(SegmentSnapshotConnection::new(page, total)))
    }

    /// 对标签的异议 / Objections to tags, the newest first.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn tag_disputes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "条件 / Which objections.")] r#where: Option<TagDisputeWhere>,
        #[graphql(desc = "前几条，1–100 / How many from the start.")] first: Option<i32>,
        #[graphql(desc = "在此之后 / After this cursor.")] after: Option<String>,
        #[graphql(desc = "后几条，1–100 / How many from the end.")] last: Option<i32>,
        #[graphql(desc = "在此之前 / Before this cursor.")] before: Option<String>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<TagDisputeConnection>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let only = r#where.unwrap_or_default().only()?;
        let paging = Paging::new(first, after, last, before);
        let order = [By::down("position")];
        let page = connection::page::<DisputeRow>(request, &session, &only, &order, &paging)?;
        let total = connection::total::<DisputeRow>(request, session, only);
        Ok(Some(TagDisputeConnection::new(page, total)))
    }
}
