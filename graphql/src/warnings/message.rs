//! What people were told of warnings: their reminders, until they have seen them.

use async_graphql::{Context, ID, Object, Result};
use projections::warnings::MessageRow;

use super::words::{WarningLevel, WarningNotice, WarningSending};
use crate::conditions::{filter, one_of};
use crate::connection::{self, By, Paging, connection};
use crate::global_id::Kind;
use crate::request::request;
use crate::scalars::{Date, DivisionCode, Position};
use crate::view::view;

connection!(
    "预警消息", "messages about warnings": WarningMessageConnection WarningMessageEdge
        of WarningMessage
);

view! {
    /// 预警消息 / What somebody was told of a warning.
    struct WarningMessage of row: MessageRow {
        /// 消息编号 / Its id.
        message: String = row.message.to_string(),
        /// 预警 / The warning.
        warning_id: ID = Kind::Warning.id(row.warning),
        /// 发送渠道 / Through what.
        through: WarningSending = WarningSending::stored(row.through.code()),
        /// 事由 / About what.
        notice: WarningNotice = WarningNotice::stored(row.notice.code()),
        /// 级别 / The level of the warning then.
        level: WarningLevel = WarningLevel::stored(row.level.code()),
        /// 接收岗位 / To which role.
        role: String = row.role,
        /// 区划 / In which division.
        division: Option<DivisionCode> = row.division.map(DivisionCode),
        /// 接收人 / To which person.
        person: Option<String> = row.person,
        /// 内容 / What it says.
        text: String = row.text,
        /// 发送日 / When.
        sent_on: Date = Date(row.sent_on),
        /// 已阅 / Whether it was seen.
        seen: bool = row.seen,
        /// 阅读人 / By whom.
        seen_by: Option<String> = row.seen_by,
        /// 阅读日 / When.
        seen_on: Option<Date> = row.seen_on.map(Date),
    }
}

filter! {
    /// 预警消息条件 / Which messages.
    WarningMessageWhere {
        /// 预警 / About this warning.
        warning: ID => |id| { let id: uuid::Uuid = Kind::Warning.parse(id)?; Only::equal("warning", &id) },
        /// 接收岗位 / To this role.
        role: String => |role| Only::equal("role", role),
        /// 接收人 / To this person.
        person: String => |person| Only::equal("person", person),
        /// 区划及其下级 / Within this division.
        division: DivisionCode => |area| Only::Within("division", area.0),
        /// 发送渠道 / Through one of these.
        through: Vec<WarningSending>
            => |through| one_of("through", through.iter().map(|one| one.code())),
        /// 已阅 / Seen or not.
        seen: bool => |seen| Only::equal("seen", seen),
    }
}

#[derive(Default)]
pub struct MessageQuery;

#[Object]
impl MessageQuery {
    /// 预警消息，最近在前 / Messages about warnings, the newest first.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn warning_messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "条件 / Which messages.")] r#where: Option<WarningMessageWhere>,
        #[graphql(desc = "前几条，1–100 / How many from the start.")] first: Option<i32>,
        #[graphql(desc = "在此之后 / After this cursor.")] after: Option<String>,
        #[graphql(desc = "后几条，1–100 / How many from the end.")] last: Option<i32>,
        #[graphql(desc = "在此之前 / Before this cursor.")] before: Option<String>,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<WarningMessageConnection>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        let only = r#where.unwrap_or_default().only()?;
        let paging = Paging::new(first, after, last, before);
        let order = [By::down("position"), By::up("message")];
        let page = connection::page::<MessageRow>(request, &session, &only, &order, &paging)?;
        let total = connection::total::<MessageRow>(request, session, only);
        Ok(Some(WarningMessageConnection::new(page, total)))
    }
}
