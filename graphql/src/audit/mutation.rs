//! What a person does about a command of a process that a rule refused.

use async_graphql::ID;
use commands::processes::inbox;
use uuid::Uuid;

use crate::fault::Fault;
use crate::outcome::{inputs, mutations, payloads};

inputs! {
    /// 处理被拒操作 / Closes a refused command without carrying it out.
    InboxResolveInput {
        /// 被拒操作的编号 / The refused command.
        refused_command_id: ID,
        /// 处理说明 / What was done about it.
        note: String,
    }
    /// 重试被拒操作 / Has a refused command tried again.
    InboxRetryInput {
        /// 被拒操作的编号 / The refused command.
        refused_command_id: ID,
    }
}

payloads! {
    /// 处理被拒操作的结果 / What came of resolving.
    InboxResolvePayload(()) {
        ;
        /// 是否已处理 / Whether it is dealt with.
        resolved: bool => |()| true,
    }
    /// 重试被拒操作的结果 / What came of trying again.
    InboxRetryPayload(()) {
        ;
        /// 是否已办理 / Whether it was carried out.
        carried_out: bool => |()| true,
    }
}

fn refused(id: &ID) -> Result<Uuid, Fault> {
    Uuid::try_parse(&id.0).map_err(|_| Fault::bad_input("不是操作编号 / not a command's id"))
}

mutations! { InboxMutation {
    /// 处理被拒操作 / Closes a refused command with a note, without carrying it out.
    inbox_resolve(InboxResolveInput) -> InboxResolvePayload = |app, envelope, input| {
        let refused = refused(&input.refused_command_id)?;
        inbox::resolve(&app.executor, envelope, refused, &input.note).await
    },
    /// 重试被拒操作 / Has a refused command tried again; refused again, it stays.
    inbox_retry(InboxRetryInput) -> InboxRetryPayload = |app, envelope, input| {
        let refused = refused(&input.refused_command_id)?;
        app.processes.retry(envelope, refused).await
    },
} }
