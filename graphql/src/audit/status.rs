//! How the log and the read models stand.

use async_graphql::{Context, Object, Result, SimpleObject, Subscription};
use futures_util::{Stream, StreamExt};
use projections::engine::{self, ViewStatus};

use crate::live::live;
use crate::request::{Request, request};
use crate::scalars::{Long, Position};
use crate::view::int;

/// 系统状态 / How the log and the read models stand.
#[derive(Debug, Clone, SimpleObject)]
pub struct SystemStatus {
    /// 日志编号 / Which log this is.
    log_id: String,
    /// 恢复次数 / How often it was restored.
    epoch: i32,
    /// 日志末位置 / Its last position.
    head: Position,
    /// 全部查询数据到达的位置 / What every read model has folded.
    reached: Position,
    /// 日志是否可读 / Whether the log can be read.
    readable: bool,
    /// 各查询数据 / The read models.
    views: Vec<ReadModelStatus>,
    /// 正在进行的重建 / Rebuilds under way.
    rebuilds: Vec<RebuildStatus>,
}

/// 一项查询数据的状态 / How one read model stands.
#[derive(Debug, Clone, PartialEq, SimpleObject)]
pub struct ReadModelStatus {
    /// 名称 / Its name.
    name: String,
    /// 版本 / Its version.
    version: i32,
    /// 代次 / Its generation.
    generation: i32,
    /// 位置 / What it has folded.
    position: Position,
    /// 滞后事件数 / Events that it has not folded.
    lag_events: Long,
    /// 滞后秒数 / Seconds between the head and what it has folded.
    lag_seconds: Long,
    /// 搁置事件数 / Events that it went past.
    parked: i32,
    /// 已离队 / Whether it has left the train by a fault.
    faulted: bool,
}

/// 一次重建的状态 / How a rebuild stands.
#[derive(Debug, Clone, PartialEq, SimpleObject)]
pub struct RebuildStatus {
    /// 名称 / The read model.
    name: String,
    /// 已到位置 / What it has folded.
    done: Position,
}

impl SystemStatus {
    fn of(request: &Request, status: engine::Status) -> Self {
        let here = request.identity();
        Self {
            log_id: here.log_id.0.to_string(),
            epoch: int(here.epoch.0),
            head: request.token(status.head),
            reached: request.token(status.reached),
            readable: status.log_error.is_none(),
            views: status.views.iter().map(|view| ReadModelStatus::of(request, view)).collect(),
            rebuilds: status
                .rebuilds
                .iter()
                .map(|build| RebuildStatus {
                    name: build.view.to_owned(),
                    done: request.token(build.done),
                })
                .collect(),
        }
    }
}

impl ReadModelStatus {
    fn of(request: &Request, view: &ViewStatus) -> Self {
        Self {
            name: view.name.to_owned(),
            version: int(view.version),
            generation: int(view.generation),
            position: request.token(view.position),
            lag_events: Long(view.lag_events),
            lag_seconds: Long(view.lag_seconds.max(0).cast_unsigned()),
            parked: int(view.parked),
            faulted: view.fault.is_some(),
        }
    }
}

/// 系统状态的变化 / The status as it is now.
#[derive(SimpleObject)]
pub struct StatusChange {
    /// 到此位置 / At this position.
    position: Position,
    /// 系统状态 / The status.
    status: SystemStatus,
}

#[derive(Default)]
pub struct StatusQuery;

#[Object]
impl StatusQuery {
    /// 系统状态 / How the log and the read models stand.
    async fn status(&self, ctx: &Context<'_>) -> Result<Option<SystemStatus>> {
        let request = request(ctx);
        let status = request.app().train.status().await;
        request.shows(status.reached);
        Ok(Some(SystemStatus::of(request, status)))
    }
}

#[derive(Default)]
pub struct StatusSubscription;

#[Subscription]
impl StatusSubscription {
    /// 系统状态的变化 / The status, whenever the read models move.
    async fn status_changed<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "在此位置之后 / From behind this position.")] after: Option<Position>,
    ) -> Result<impl Stream<Item = Result<StatusChange>> + use<'a>> {
        let request = request(ctx);
        let moves = live(ctx, after, |_, session| Ok(session.position()))?;
        Ok(moves.then(move |moved| async move {
            let (position, _) = moved?;
            let status = SystemStatus::of(request, request.app().train.status().await);
            Ok(StatusChange { position, status })
        }))
    }
}
