//! What an error of the database means for what was asked.

use sqlx::Error;
use sqlx::postgres::{PgDatabaseError, PgSeverity};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The connection is no more, or the server is not there.
    Gone,
    /// A UNIQUE index objected.
    Taken,
    /// The server cannot store this, whoever asks and however often: a text with a NUL, a key
    /// longer than an index takes.
    Unfit,
    /// The server takes no writes: disk full, read only, no right.
    Closed,
    /// Not now: a time limit, a lock, no memory.
    Busy,
}

pub(crate) fn of(error: &Error) -> Trouble {
    let Error::Database(database) = error else { return Trouble::Gone };
    let Some(database) = database.try_downcast_ref::<PgDatabaseError>() else {
        return Trouble::Gone;
    };
    let fatal = matches!(database.severity(), PgSeverity::Fatal | PgSeverity::Panic);
    let code = database.code();
    match code {
        _ if fatal => Trouble::Gone,
        "57P01" | "57P02" | "57P03" | "57P05" | "25P03" => Trouble::Gone,
        "23505" => Trouble::Taken,
        // Disk full, a configured limit, read only, no privilege.
        "53100" | "53400" | "25006" | "42501" => Trouble::Closed,
        _ if code.starts_with("08") => Trouble::Gone,
        _ if ["22", "23", "54"].iter().any(|class| code.starts_with(class)) => Trouble::Unfit,
        _ => Trouble::Busy,
    }
}

/// Whether a COMMIT that ended so has certainly stored nothing. A session that was ended may have
/// been ended just after.
pub(crate) fn surely_rolled_back(error: &Error) -> bool {
    match of(error) {
        Trouble::Taken | Trouble::Unfit | Trouble::Closed => true,
        Trouble::Gone | Trouble::Busy => false,
    }
}

/// Whether the same may go well later: the server was away, full, read only or busy.
pub(crate) fn passes(error: &Error) -> bool {
    match of(error) {
        Trouble::Gone => !matches!(
            error,
            Error::ColumnDecode { .. } | Error::Decode(_) | Error::Encode(_) | Error::Protocol(_)
        ),
        Trouble::Closed => true,
        Trouble::Taken | Trouble::Unfit => false,
        // A statement that is wrong stays wrong.
        Trouble::Busy => !error
            .as_database_error()
            .and_then(|error| error.code())
            .is_some_and(|code| code.starts_with("42")),
    }
}
