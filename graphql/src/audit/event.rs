//! Events as they were recorded. Sealed fields stay sealed.

use std::collections::BTreeSet;

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use kernel::{Limit, Recorded, Revision, StreamName};
use projections::{Value, subjects};
use uuid::Uuid;

use crate::connection::{self, By, Page, Paging, Total, connection, finish};
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::request::{Request, request};
use crate::scalars::{self, Date, DateTime, Long};

/// 一条事件 / An event of the log.
#[derive(Debug, Clone, SimpleObject)]
pub struct Event {
    /// 全局编号 / The global id.
    pub id: ID,
    /// 日志位置 / Where it lies.
    pub position: scalars::Position,
    /// 事件流 / Its stream.
    pub stream: String,
    /// 流内序号 / Its place in the stream, from 1.
    pub revision: Long,
    /// 类型 / Its type.
    pub type_name: String,
    /// 登记时刻 / When we knew.
    pub recorded_at: DateTime,
    /// 业务日期 / When it is true.
    pub business_date: Date,
    /// 经办人 / Who.
    pub actor: String,
    /// 机构 / For which organisation.
    pub organisation: Option<String>,
    /// 操作编号 / The command that wrote it.
    pub command_id: String,
    /// 同一业务链的首个操作 / The first command of its chain.
    pub correlation: String,
    /// 所应答的事件 / The event that it answers.
    pub causation: Option<ID>,
    /// 内容（JSON），密封字段保持密封 / Its content as JSON; sealed fields stay sealed.
    pub data: String,
}

impl Event {
    /// # Errors
    /// When its meta does not read: a fault.
    pub fn of(request: &Request, recorded: &Recorded) -> std::result::Result<Self, Fault> {
        let meta = recorded.meta()?;
        Ok(Self {
            id: Kind::Event.id(recorded.id),
            position: request.token(recorded.position),
            stream: recorded.stream.to_string(),
            revision: Long(recorded.revision.0),
            type_name: recorded.type_name.clone(),
            recorded_at: recorded.recorded_at.into(),
            business_date: meta.business_date.into(),
            actor: meta.actor,
            organisation: meta.organisation,
            command_id: meta.command.to_string(),
            correlation: meta.correlation.to_string(),
            causation: meta.causation.map(|event| Kind::Event.id(event)),
            data: recorded.data.clone(),
        })
    }
}

connection!("事件", "events": EventConnection EventEdge of Event);

#[derive(Default)]
pub struct EventQuery;

#[Object]
impl EventQuery {
    /// 一条事件 / An event.
    async fn event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "编号 / Its id.")] id: ID,
    ) -> Result<Option<Event>> {
        let id: Uuid = Kind::Event.parse(&id)?;
        Ok(one(ctx, id).await?)
    }

    /// 按登记顺序的事件 / Events in the order of recording.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "仅此事件流 / Of this stream only.")] stream: Option<String>,
        #[graphql(desc = "在此位置之后 / Behind this position.")] behind: Option<scalars::Position>,
        #[graphql(desc = "前几条，1–100 / How many from the start.")] first: Option<i32>,
        #[graphql(desc = "在此之后 / After this cursor.")] after: Option<String>,
        #[graphql(desc = "后几条，1–100 / How many from the end.")] last: Option<i32>,
        #[graphql(desc = "在此之前 / Before this cursor.")] before: Option<String>,
    ) -> Result<Option<EventConnection>> {
        let request = request(ctx);
        let behind = behind.map(|token| request.position(token)).transpose()?;
        let stream = stream.map(StreamName::stored);
        let paging = Paging::new(first, after, last, before);
        let (page, total) = match stream {
            Some(stream) => {
                if !visible(ctx, &stream).await? {
                    return Ok(None);
                }
                of_stream(request, &stream, behind, &paging).await?
            }
            // Whoever sees some divisions only would be shown how much happens in the others.
            None if request.scope.divisions.is_some() => {
                let zh = "须给出事件流";
                return Err(Fault::new("FORBIDDEN", format!("{zh} / name a stream")).into());
            }
            None => of_all(request, behind.unwrap_or_default(), &paging).await?,
        };
        Ok(Some(EventConnection::new(page, total)))
    }
}

/// An event, if the thing that its stream is about may be seen.
///
/// # Errors
/// When the log or the read models cannot be read.
pub async fn one(ctx: &Context<'_>, id: Uuid) -> std::result::Result<Option<Event>, Fault> {
    let request = request(ctx);
    let Some(found) = request.app().executor.log().event(id).await? else { return Ok(None) };
    if !visible(ctx, &found.stream).await? {
        return Ok(None);
    }
    Event::of(request, &found).map(Some)
}

async fn visible(ctx: &Context<'_>, stream: &StreamName) -> std::result::Result<bool, Fault> {
    let request = request(ctx);
    if request.scope.divisions.is_none() {
        return Ok(true);
    }
    let session = request.session(ctx).await?;
    let streams = BTreeSet::from([stream.clone()]);
    Ok(!subjects::seen(&session, &request.scope, &streams)?.is_empty())
}

/// Positions have no gaps: both ends of a page follow by counting.
async fn of_all(
    request: &Request,
    behind: kernel::Position,
    paging: &Paging,
) -> std::result::Result<(Page<Event>, Total), Fault> {
    let window = paging.window()?;
    let cursors = connection::cursors(request, "event", &[By::up("position")]);
    let log = request.app().executor.log();
    let head = log.head();
    let (low, high) = connection::bounds(&cursors, paging, behind.0, head.0)?;
    let rows = (high - low).min(u64::from(window.size) + 1);
    let from = if window.backward { high - rows } else { low };
    let limit = Limit::events(usize::try_from(rows).unwrap_or(0));
    let mut events = Vec::new();
    // A page may be cut by bytes before it is cut by number.
    let mut at = kernel::Position(from);
    while (events.len() as u64) < rows {
        let page = log.read(at, limit).await?;
        let Some(last) = page.last() else { break };
        at = last.position;
        events.extend(page);
    }
    events.truncate(usize::try_from(rows).unwrap_or(0));
    if window.backward {
        events.reverse();
    }
    let page = paged(request, events, window, paging, &cursors, |event| event.position.0)?;
    let count = head.0.saturating_sub(behind.0);
    Ok((page, Box::new(move || Ok(count))))
}

async fn of_stream(
    request: &Request,
    stream: &StreamName,
    behind: Option<kernel::Position>,
    paging: &Paging,
) -> std::result::Result<(Page<Event>, Total), Fault> {
    let window = paging.window()?;
    let cursors = connection::cursors(request, stream.as_str(), &[By::up("revision")]);
    let log = request.app().executor.log();
    let mut all = Vec::new();
    let mut after = Revision::NONE;
    loop {
        let page = log.read_stream(stream, after, Limit::PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.revision;
        all.extend(page.into_iter().filter(|event| behind.is_none_or(|at| event.position > at)));
    }
    let count = all.len() as u64;
    let (low, high) = connection::bounds(&cursors, paging, 0, after.0)?;
    all.retain(|event| event.revision.0 > low && event.revision.0 <= high);
    if window.backward {
        all.reverse();
    }
    all.truncate(window.size as usize + 1);
    let page = paged(request, all, window, paging, &cursors, |event| event.revision.0)?;
    Ok((page, Box::new(move || Ok(count))))
}

fn paged(
    request: &Request,
    events: Vec<Recorded>,
    window: connection::Window,
    paging: &Paging,
    cursors: &crate::cursor::Cursors<'_>,
    number: fn(&Recorded) -> u64,
) -> std::result::Result<Page<Event>, Fault> {
    let head = request.app().executor.log().head();
    let key = |event: &Recorded| vec![Value::Int(number(event).cast_signed())];
    let page = finish(events, window, paging, cursors, head, key)?;
    let mut rows = Vec::with_capacity(page.rows.len());
    for (event, cursor) in &page.rows {
        rows.push((Event::of(request, event)?, cursor.clone()));
    }
    Ok(Page { rows, info: page.info })
}
