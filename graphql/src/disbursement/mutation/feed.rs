//! Runs that another system paid: their feeds are opened, their files taken and entered.

use async_graphql::ID;
use commands::disbursement::Mirrored;

use super::{file, told};
use crate::disbursement::feed::Feed;
use crate::disbursement::plan::Plan;
use crate::disbursement::steps::{self, Of};
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::outcome::{coded, inputs, mutations, payloads};
use crate::request::Request;
use crate::view::int;

inputs! {
    /// 建立回流 / Opens a feed.
    FeedOpenInput {
        /// 来源 / Who pays and feeds back.
        source: String,
        /// 项目编号 / The pay item's id.
        item_code: String,
        /// 统筹区 / The pooling area.
        area: String,
        /// 首批序号：期初之后的第一批 / The first run that counts: the one after the opening's.
        first_sequence: i32,
    }

    /// 导入外部发放批次 / Takes the file of an external run.
    FeedImportInput {
        /// 文件名 / What the source called it.
        file_name: String,
        /// 已上传文件的编号 / The id that `POST /files` answered.
        artefact_id: ID,
    }

    /// 外部发放批次入账 / Enters a run that is here.
    FeedApplyInput {
        /// 回流 / The feed.
        feed_id: ID,
        /// 序号 / The run's sequence number.
        sequence: i32,
    }
}

payloads! {
    /// 建立回流的结果 / What came of opening a feed.
    FeedOpenPayload(String) {
        /// 回流 / The feed.
        feed: Feed = steps::feed,
    }
    /// 导入批次的结果 / What came of a run's file.
    FeedImportPayload(Of<Mirrored>) {
        /// 回流 / The feed.
        feed: Feed = steps::feed,
        /// 入账形成的计划；前面缺号时为空 / The plan that it became; none while runs before it are missing.
        plan: Plan = became,
        ;
        /// 序号 / The run's sequence number.
        sequence: i32 => |of| int(of.told.sequence),
        /// 缺号 / Runs that are missing.
        missing: Vec<i32> => |of| of.told.missing.iter().map(|run| int(*run)).collect(),
        /// 等待的批次 / Runs that are here and wait.
        waiting: Vec<i32> => |of| of.told.waiting.iter().map(|run| int(*run)).collect(),
    }
    /// 入账的结果 / What came of entering a run.
    FeedApplyPayload(String) {
        /// 发放计划 / The plan that it became.
        plan: Plan = steps::plan,
    }
}

fn became(
    request: &Request,
    session: &projections::ReadSession,
    of: &Of<Mirrored>,
) -> Result<Option<Plan>, Fault> {
    match &of.told.plan {
        Some(plan) => steps::plan(request, session, plan),
        None => Ok(None),
    }
}

fn sequence(number: i32) -> Result<u32, Fault> {
    u32::try_from(number).map_err(|_| Fault::bad_input("序号不正确 / not a sequence number"))
}

mutations! { FeedMutation {
    /// 建立回流 / Opens a feed at the first run that counts here.
    feed_open(FeedOpenInput) -> FeedOpenPayload = |app, envelope, input| {
        let item = coded(&input.item_code, "项目编号", "the id of a pay item")?;
        let area = coded(&input.area, "统筹区", "a pooling area")?;
        let first = sequence(input.first_sequence)?;
        app.disbursement.open_feed(envelope, &input.source, item, area, first).await
    },
    /// 导入外部发放批次 / Takes an external run, and enters it and what waited for it.
    feed_import(FeedImportInput) -> FeedImportPayload = |app, envelope, input| {
        let bytes = file(app, &input.artefact_id).await?;
        let pay = &app.disbursement;
        let done = pay.import_external_run(envelope, &input.file_name, &bytes).await;
        told(done, |mirrored| (mirrored.feed.clone(), mirrored))
    },
    /// 外部发放批次入账 / Enters a run that is here, if it is the next one.
    feed_apply(FeedApplyInput) -> FeedApplyPayload = |app, envelope, input| {
        let feed = Kind::Feed.local(&input.feed_id)?;
        let number = sequence(input.sequence)?;
        app.disbursement.apply_external_run(envelope, &feed, number).await
    },
} }
