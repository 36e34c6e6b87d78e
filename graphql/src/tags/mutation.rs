//! Facts observed, tags set by hand or disputed, and segments frozen.

use async_graphql::{ID, InputObject};
use commands::tags::{ByHand, Freeze, Observe, TagOf, Tags};
use projections::tags::{self as view, SubjectFilter, TagFilter};
use uuid::Uuid;

use super::segment::{SegmentSnapshot, snapshot};
use super::words::SubjectKind;
use crate::fault::Fault;
use crate::outcome::{Outcome, coded, inputs, mutations, payloads};
use crate::request::request;
use crate::scalars::Date;

/// 一条观测数据 / One observed fact.
#[derive(Clone, InputObject)]
pub struct ObservationInput {
    /// 对象种类 / The kind of subject.
    kind: SubjectKind,
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

/// 某对象的某标签 / A tag of a subject.
#[derive(Clone, InputObject)]
pub struct TagOfInput {
    /// 对象种类 / The kind of subject.
    kind: SubjectKind,
    /// 对象编号 / Its id or code.
    subject: String,
    /// 标签 / The tag.
    tag: String,
}

impl TagOfInput {
    fn of(self) -> Result<TagOf, Fault> {
        let kind = coded(self.kind.code(), "对象种类", "a kind of subject")?;
        Ok(TagOf { kind, subject: self.subject, tag: self.tag })
    }
}

inputs! {
    /// 登记观测数据 / Records observed facts.
    ObservationRecordInput {
        /// 各条数据，一次办理 / The facts, all or none.
        observations: Vec<ObservationInput>,
    }
    /// 人工设置标签 / Sets a tag by hand.
    TagOverrideInput {
        /// 哪个标签 / Which tag of whom.
        of: TagOfInput,
        /// 值 / The value, as a definition writes it.
        value: String,
        /// 原因 / Why.
        reason: String,
        /// 批准人，不得为经办人本人 / Who approves it: not the acting person.
        approver: String,
        /// 最后一日 / The last day on which it stands.
        until: Date,
    }
    /// 结束人工标签 / Lets the rule count again.
    TagOverrideEndInput {
        /// 哪个标签 / Which tag of whom.
        of: TagOfInput,
    }
    /// 对标签提出异议 / Objects to a tag.
    TagDisputeInput {
        /// 哪个标签 / Which tag of whom.
        of: TagOfInput,
        /// 理由 / Why.
        reason: String,
    }
    /// 答复异议 / Answers an objection.
    TagDisputeAnswerInput {
        /// 哪个标签 / Which tag of whom.
        of: TagOfInput,
        /// 是否成立 / Whether it is upheld.
        upheld: bool,
        /// 答复 / The answer.
        answer: String,
    }
    /// 冻结分组 / Freezes who belongs to a segment.
    SegmentFreezeInput {
        /// 快照编号（UUID），由调用者给出 / The snapshot's id, a UUID that the caller makes.
        snapshot: ID,
        /// 分组标签 / The tag whose holders belong to it.
        segment: String,
        /// 值 / The value that they hold.
        value: String,
        /// 哪一日的成员 / Who belongs to it on this day.
        valid_on: Date,
        /// 用途 / What it is for.
        purpose: String,
    }
}

payloads! {
    /// 登记观测数据的结果 / What came of it.
    ObservationRecordPayload(()) {}
    /// 标签办理的结果 / What came of it.
    TagPayload(()) {}
    /// 冻结分组的结果 / What came of it.
    SegmentFreezePayload(Uuid) {
        /// 快照 / The snapshot.
        snapshot: SegmentSnapshot = snapshot,
    }
}

fn tags(app: &crate::App) -> Tags {
    Tags::new(app.executor.clone(), app.rules.clone())
}

mutations! { AssignMutation {
    /// 登记观测数据 / Records observed facts that no context records yet.
    observation_record(ObservationRecordInput) -> ObservationRecordPayload
        = |app, envelope, input| {
        let observed: Result<Vec<Observe>, Fault> = input
            .observations
            .into_iter()
            .map(|one| {
                Ok(Observe {
                    kind: coded(one.kind.code(), "对象种类", "a kind of subject")?,
                    subject: one.subject,
                    fact: one.fact,
                    from: one.from.0,
                    value: one.value,
                    source: one.source,
                })
            })
            .collect();
        tags(app).observe(envelope, &observed?).await
    },
    /// 人工设置标签，须另一人批准 / Sets a tag by hand for a time, approved by somebody else.
    tag_override(TagOverrideInput) -> TagPayload = |app, envelope, input| {
        let (value, reason, approver) = (input.value, input.reason, input.approver);
        let of = input.of.of()?;
        let set = ByHand { of, value, reason, approver, until: input.until.0 };
        tags(app).set_by_hand(envelope, &set).await
    },
    /// 结束人工标签 / Lets the rule count again from the business date on.
    tag_override_end(TagOverrideEndInput) -> TagPayload = |app, envelope, input| {
        tags(app).end_by_hand(envelope, &input.of.of()?).await
    },
    /// 对标签提出异议 / Objects to a tag.
    tag_dispute(TagDisputeInput) -> TagPayload = |app, envelope, input| {
        tags(app).dispute(envelope, &input.of.of()?, &input.reason).await
    },
    /// 答复异议 / Answers an objection to a tag.
    tag_dispute_answer(TagDisputeAnswerInput) -> TagPayload = |app, envelope, input| {
        let of = input.of.of()?;
        tags(app).answer_dispute(envelope, &of, input.upheld, &input.answer).await
    },
} }

#[derive(Default)]
pub struct FreezeMutation;

#[async_graphql::Object]
impl FreezeMutation {
    /// 冻结分组成员 / Freezes who belongs to a segment, within the reader's divisions, as known now.
    async fn segment_freeze(
        &self,
        ctx: &async_graphql::Context<'_>,
        #[graphql(desc = "输入 / What is asked.")] input: SegmentFreezeInput,
    ) -> async_graphql::Result<SegmentFreezePayload> {
        let request = request(ctx);
        let envelope = input.command.envelope(request)?;
        let id = Uuid::try_parse(&input.snapshot)
            .map_err(|_| Fault::bad_input("编号须为 UUID / an id is a UUID"))?;
        let session = request.session(ctx).await?;
        let times = TagFilter { valid_on: Some(input.valid_on.0), known_at: None };
        let wanted = SubjectFilter { times, value: Some(input.value.clone()) };
        let members = view::members(&session, &request.scope, &input.segment, &wanted);
        let members = members.map_err(Fault::from)?;
        let version = view::version(&session, &input.segment).map_err(Fault::from)?;
        let freeze = Freeze {
            snapshot: id,
            segment: input.segment,
            value: input.value,
            version: version.unwrap_or_default(),
            valid_on: input.valid_on.0,
            known_at: session.position().0,
            purpose: input.purpose,
        };
        let app = request.app();
        let done = tags(app).freeze(&envelope, &*app.artefacts, &freeze, &members).await;
        Ok(SegmentFreezePayload(Outcome::of(request, done)?))
    }
}

/// All that is said of subjects by people.
#[derive(async_graphql::MergedObject, Default)]
pub struct TagMutation(AssignMutation, FreezeMutation);
