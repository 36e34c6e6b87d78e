//! The access log as auditors read it: who looked at which personal values, and took which files.

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use commands::access::{Event, Record, Usage};
use kernel::{Micros, Position};
use projections::Value;

use crate::connection::{self, By, Paging, connection, finish};
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::request::{Request, request};
use crate::scalars::{Date, DateTime, Long};
use crate::view::{coded, int};

coded! {
    /// 查阅类型 / What sort of access it was.
    AccessKind {
        /// 查看明文 / Clear values were shown.
        Looked "looked",
        /// 导出文件 / A file left.
        Exported "exported",
        /// 调用计数 / How often who called what, written down together.
        Called "called",
    }
}

/// 一条查阅记录 / One record of the access log.
#[derive(Debug, Clone, SimpleObject)]
pub struct AccessRecord {
    /// 编号 / Its id.
    pub id: ID,
    /// 类型 / What sort.
    pub kind: AccessKind,
    /// 查阅人 / Who.
    pub actor: String,
    /// 网络地址 / From where.
    pub client: Option<String>,
    /// 以何职能 / In which function.
    pub function: String,
    /// 事由 / Why, as he says.
    pub purpose: Option<String>,
    /// 查询名称 / The operation, as its document names it.
    pub operation: Option<String>,
    /// 所见日志位置 / The position of the business log that was shown, as a token.
    pub shown_position: Option<String>,
    /// 被查看对象 / Whom it was about.
    pub subjects: Vec<AccessSubject>,
    /// 导出文件 / The file that left.
    pub artefact_id: Option<ID>,
    /// 调用次数 / How many calls it counts.
    pub calls: Option<Long>,
    /// 时刻 / When.
    pub at: DateTime,
}

/// 被查看的对象与字段 / A subject and the fields of it that were shown in clear.
#[derive(Debug, Clone, SimpleObject)]
pub struct AccessSubject {
    /// 对象编号（不含类型） / The id of the person, employer or cell, without its kind.
    pub subject: String,
    /// 字段 / The fields, like person.name.
    pub fields: Vec<String>,
}

connection!("查阅记录", "access records": AccessRecordConnection AccessRecordEdge of AccessRecord);

impl From<Record> for AccessRecord {
    fn from(record: Record) -> Self {
        let Record { id, position, at, actor, client, event } = record;
        let base = Self {
            id: Kind::AccessRecord.id(format!("{}/{id}", position.0)),
            kind: AccessKind::Looked,
            actor,
            client,
            function: String::new(),
            purpose: None,
            operation: None,
            shown_position: None,
            subjects: Vec::new(),
            artefact_id: None,
            calls: None,
            at: at.into(),
        };
        match event {
            Event::Looked(looked) => Self {
                function: looked.function,
                purpose: looked.purpose,
                operation: looked.operation,
                shown_position: Some(looked.position),
                subjects: looked
                    .subjects
                    .into_iter()
                    .map(|(subject, fields)| AccessSubject { subject: subject.to_string(), fields })
                    .collect(),
                ..base
            },
            Event::Exported(exported) => Self {
                kind: AccessKind::Exported,
                function: exported.function,
                purpose: exported.purpose,
                artefact_id: Some(Kind::Artefact.id(exported.artefact)),
                ..base
            },
            Event::Called { calls } => Self {
                kind: AccessKind::Called,
                calls: Some(Long(calls.iter().map(|one| one.calls).sum())),
                ..base
            },
        }
    }
}

/// 一个接口用户的调用 / An interface user, with what he called counted.
#[derive(Debug, Clone, SimpleObject)]
pub struct InterfaceUser {
    /// 用户 / Who.
    pub actor: String,
    /// 调用次数：查询、办理、订阅与取走的文件 / How many calls: operations of any kind, and files taken.
    pub calls: Long,
    /// 占全部调用的万分点 / Their share of all calls, in basis points.
    pub share: i32,
    /// 最近一次 / The last one.
    pub last_at: DateTime,
    /// 各接口 / By interface.
    pub interfaces: Vec<InterfaceCalls>,
}

/// 一个接口的调用 / Calls of one interface.
#[derive(Debug, Clone, SimpleObject)]
pub struct InterfaceCalls {
    /// 以何职能 / In which function.
    pub function: String,
    /// 查询名称；文件没有 / The operation, as its document names it; a file has none.
    pub operation: Option<String>,
    /// 调用次数 / How many operations.
    pub calls: Long,
    /// 明文查看次数 / Looks at clear values.
    pub looks: Long,
    /// 取走文件数 / Files taken.
    pub exports: Long,
    /// 被查看的人次 / How many were shown in clear, counted each time.
    pub subjects: Long,
}

/// Users in order, each with his interfaces.
fn users(usage: Vec<Usage>) -> Vec<InterfaceUser> {
    let all: u64 = usage.iter().map(|one| one.calls + one.exports).sum();
    let mut users: Vec<InterfaceUser> = Vec::new();
    for Usage { actor, function, operation, calls, looks, exports, subjects, last } in usage {
        let interface = InterfaceCalls {
            function,
            operation,
            calls: Long(calls),
            looks: Long(looks),
            exports: Long(exports),
            subjects: Long(subjects),
        };
        let calls = calls + exports;
        match users.last_mut() {
            Some(user) if user.actor == actor => {
                user.calls.0 += calls;
                user.last_at.0 = user.last_at.0.max(last);
                user.interfaces.push(interface);
            }
            _ => users.push(InterfaceUser {
                actor,
                calls: Long(calls),
                share: 0,
                last_at: last.into(),
                interfaces: vec![interface],
            }),
        }
    }
    for user in &mut users {
        user.share = int(user.calls.0 * 10_000 / all.max(1));
    }
    users
}

/// Where a day begins in Asia/Shanghai.
fn begins(day: shared::Date) -> std::result::Result<Micros, Fault> {
    let zone = jiff::tz::offset(8);
    let begins = zone.to_timestamp(day.at(0, 0, 0, 0));
    let begins = begins.map_err(|_| Fault::bad_input("日期超出范围 / the day is out of range"))?;
    Ok(Micros(begins.as_microsecond()))
}

/// The functions that may read the access log.
const AUDITORS: [&str; 2] = ["audit", "system"];

#[derive(Default)]
pub struct AccessQuery;

#[Object]
impl AccessQuery {
    /// 接口用户及其调用次数，仅供审计 / Interface users with their calls counted; for auditors only.
    async fn interface_users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "自该日起 / From this day on.")] from: Option<Date>,
        #[graphql(desc = "至该日止 / Up to and with this day.")] to: Option<Date>,
    ) -> Result<Option<Vec<InterfaceUser>>> {
        let request = request(ctx);
        if !AUDITORS.contains(&request.scope.function.as_str()) {
            return Err(Fault::new("FORBIDDEN", "").into());
        }
        let from = from.map_or(Ok(Micros(i64::MIN)), |day| begins(day.0))?;
        let until = match to.map(|day| day.0.tomorrow()) {
            None => Micros(i64::MAX),
            Some(Ok(day)) => begins(day)?,
            Some(Err(_)) => Micros(i64::MAX),
        };
        let (access, today) = (&request.app().access, request.app().executor.today());
        // What was counted up to now is told with the rest.
        access.write_calls(today.map_err(Fault::from)?).await.map_err(Fault::from)?;
        let usage = access.usage(from, until).await.map_err(Fault::from)?;
        Ok(Some(users(usage)))
    }

    /// 查阅记录，仅供审计 / Who looked at what in clear and took which files; for auditors only.
    async fn access_records(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "前几条，1–100 / How many from the start.")] first: Option<i32>,
        #[graphql(desc = "在此之后 / After this cursor.")] after: Option<String>,
        #[graphql(desc = "后几条，1–100 / How many from the end.")] last: Option<i32>,
        #[graphql(desc = "在此之前 / Before this cursor.")] before: Option<String>,
    ) -> Result<Option<AccessRecordConnection>> {
        let request = request(ctx);
        if !AUDITORS.contains(&request.scope.function.as_str()) {
            return Err(Fault::new("FORBIDDEN", "").into());
        }
        Ok(Some(records(request, &Paging::new(first, after, last, before)).await?))
    }
}

/// One record by its id, which says where it stands: for auditors, as the list.
pub async fn record_by_id(
    request: &Request,
    local: &str,
) -> std::result::Result<Option<AccessRecord>, Fault> {
    if !AUDITORS.contains(&request.scope.function.as_str()) {
        return Err(Fault::new("FORBIDDEN", ""));
    }
    let Some((position, id)) = local.split_once('/') else { return Ok(None) };
    let Some(before) = position.parse::<u64>().ok().and_then(|at| at.checked_sub(1)) else {
        return Ok(None);
    };
    let found = request.app().access.records(Position(before), 1).await?;
    Ok(found.into_iter().find(|record| record.id.to_string() == id).map(AccessRecord::from))
}

/// Positions of a log have no gaps: both ends of a page follow by counting.
async fn records(
    request: &Request,
    paging: &Paging,
) -> std::result::Result<AccessRecordConnection, Fault> {
    let window = paging.window()?;
    let cursors = connection::cursors(request, "access", &[By::up("position")]);
    let access = &request.app().access;
    let head = access.log().head();
    let (low, high) = connection::bounds(&cursors, paging, 0, head.0)?;
    let rows = (high - low).min(u64::from(window.size) + 1);
    let from = if window.backward { high - rows } else { low };
    let mut found =
        access.records(Position(from), usize::try_from(rows).unwrap_or_default()).await?;
    if window.backward {
        found.reverse();
    }
    let key = |record: &Record| vec![Value::Int(record.position.0.cast_signed())];
    let page = finish(found, window, paging, &cursors, request.shown(), key)?;
    let total: connection::Total = Box::new(move || Ok(head.0));
    Ok(AccessRecordConnection::new(page, total))
}
