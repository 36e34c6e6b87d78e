//! Connecting: which server it is, and the mistakes that are told, in both languages.

use std::io;
use std::time::Duration;

use kernel::Position;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection as _, Row as _};
use thiserror::Error;
use uuid::Uuid;

/// PostgreSQL 14 mended snapshots for many connections; older ones are not tested.
const SERVER_MIN: i32 = 140_000;

#[derive(Debug, Error)]
pub enum OpenError {
    #[error(
        "the address of the database cannot be read; it looks like postgres://user@host:5432/database"
    )]
    Url(#[source] sqlx::Error),
    #[error("no connection to {server}")]
    Connect {
        /// Host, port and database; never the password.
        server: String,
        #[source]
        source: sqlx::Error,
    },
    #[error("the server is PostgreSQL {found}, renshe needs {} or newer", version(SERVER_MIN))]
    ServerTooOld { found: String },
    #[error("the database stores its texts in {found}: create one with ENCODING 'UTF8'")]
    Encoding { found: String },
    #[error("{name:?} cannot be a schema of renshe: small letters, digits and _, at most 50")]
    SchemaName { name: String },
    #[error("{name:?} cannot be the name of a node: letters, digits and ._:-, at most 100")]
    NodeName { name: String },
    #[error("there is no log in schema {schema} yet")]
    Missing { schema: String },
    #[error("there is a log in schema {schema} already")]
    Exists { schema: String },
    #[error("schema {schema} holds a table {table} that is not of renshe: choose another schema")]
    Foreign { schema: String, table: String },
    #[error(
        "the tables have schema version {found}, this program knows up to {known}: use a newer program"
    )]
    NewerSchema { found: i64, known: i64 },
    #[error(
        "schema {schema} holds log {found}, not {expected}: two installations share a database"
    )]
    OtherLog { schema: String, expected: Uuid, found: Uuid },
    #[error("the server takes no writes (a standby, or set to read only)")]
    ReadOnlyServer,
    #[error("the log is damaged at position {position}: {what}; restore the last good backup")]
    Damaged { position: Position, what: String },
    #[error("another process folds the read models of schema {schema}: {holder}")]
    Folded {
        schema: String,
        /// What the server knows of it: its name, process and address.
        holder: String,
    },
    #[error("the tables cannot be opened")]
    Database(#[from] sqlx::Error),
    #[error("the threads of the database cannot be started")]
    Threads(#[source] io::Error),
}

impl OpenError {
    /// What is wrong, in Chinese; the facts stand in the English text.
    #[must_use]
    pub fn zh(&self) -> &'static str {
        match self {
            Self::Url(_) => "数据库地址无法识别，应为 postgres://用户@主机:5432/数据库",
            Self::Connect { .. } => "无法连接数据库服务器",
            Self::ServerTooOld { .. } => "PostgreSQL 版本过低",
            Self::Encoding { .. } => "数据库编码必须为 UTF8",
            Self::SchemaName { .. } => "模式名称不合规定",
            Self::NodeName { .. } => "节点名称不合规定",
            Self::Missing { .. } => "该模式中还没有事件日志",
            Self::Exists { .. } => "该模式中已有事件日志",
            Self::Foreign { .. } => "该模式被其他程序的表占用，请换一个模式",
            Self::NewerSchema { .. } => "数据库结构比本程序新，请使用更新的程序",
            Self::OtherLog { .. } => "该模式属于另一套安装，两套安装不能共用",
            Self::ReadOnlyServer => "数据库服务器只读，不能写入",
            Self::Damaged { .. } => "事件日志已损坏，请恢复最近一次完好的备份",
            Self::Folded { .. } => "另一个进程正在使用这些读模型",
            Self::Database(_) => "数据库无法打开",
            Self::Threads(_) => "无法启动数据库线程",
        }
    }
}

/// A connection to a server that renshe can work with.
pub(crate) async fn connect(
    session: &PgConnectOptions,
    patience: Duration,
) -> Result<PgConnection, OpenError> {
    let server = || {
        let place = match session.get_socket() {
            Some(socket) => socket.display().to_string(),
            None => session.get_host().to_owned(),
        };
        let database = session.get_database().unwrap_or("its default database");
        format!("{place}, port {}, {database}", session.get_port())
    };
    let connecting = tokio::time::timeout(patience, PgConnection::connect_with(session));
    let mut connection = match connecting.await {
        Ok(connected) => {
            connected.map_err(|source| OpenError::Connect { server: server(), source })?
        }
        Err(_) => {
            let source = sqlx::Error::Io(io::ErrorKind::TimedOut.into());
            return Err(OpenError::Connect { server: server(), source });
        }
    };
    let row = sqlx::query(
        "SELECT current_setting('server_version_num')::int, current_setting('server_encoding')",
    )
    .fetch_one(&mut connection)
    .await?;
    supported(row.try_get(0)?)?;
    let encoding: String = row.try_get(1)?;
    if encoding != "UTF8" {
        return Err(OpenError::Encoding { found: encoding });
    }
    Ok(connection)
}

fn supported(version_number: i32) -> Result<(), OpenError> {
    if version_number < SERVER_MIN {
        return Err(OpenError::ServerTooOld { found: version(version_number) });
    }
    Ok(())
}

fn version(number: i32) -> String {
    format!("{}.{}", number / 10_000, number % 10_000)
}

/// Tells a server that takes no writes from other trouble.
pub(crate) fn refused(error: sqlx::Error) -> OpenError {
    match error.as_database_error().and_then(|error| error.code()).as_deref() {
        Some("25006") => OpenError::ReadOnlyServer,
        Some(_) | None => OpenError::Database(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_server_is_refused() {
        assert!(supported(150_013).is_ok());
        let error = supported(130_011).unwrap_err().to_string();
        assert!(error.contains("13.11") && error.contains("14.0"), "{error}");
    }
}
