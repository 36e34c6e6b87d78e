//! What waits for somebody: plans, batches, replies, differences, and refused process commands.

use std::collections::BTreeSet;

use async_graphql::{Context, ID, Object, Result, SimpleObject, Subscription};
use commands::Language;
use definitions::Stage;
use futures_util::{Stream, StreamExt};
use kernel::StreamName;
use projections::inbox::{InboxState, refused_commands};
use projections::{ReadSession, books, runs, subjects};

use crate::disbursement::cases::waits;
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::live::live;
use crate::request::{Request, request};
use crate::scalars::{DateTime, Money, Position, YearMonth};
use crate::view::coded;

/// More than this nobody works off in a day.
const SHOWN_MAX: u32 = 500;

coded! {
    /// 待办类型 / What waits.
    InboxKind {
        /// 发放计划待办 / A plan waits for a step or a role.
        Plan "plan",
        /// 批次待签发 / A batch waits for a key.
        BatchKey "batch_key",
        /// 批次待发送 / A signed batch waits to be sent.
        BatchSend "batch_send",
        /// 批次待登记回单 / A batch waits for its debit slip.
        BatchDebit "batch_debit",
        /// 批次结果未知 / A batch whose outcome is not known.
        BatchUnknown "batch_unknown",
        /// 回盘待处理 / A reply waits to be applied.
        Reply "reply",
        /// 对账差异待处理 / A difference waits for its owner.
        Difference "difference",
        /// 退票待通知 / A payee is to be told of a return.
        ReturnNotify "return_notify",
        /// 退票待更正账户 / A return waits for an account.
        ReturnCorrect "return_correct",
        /// 多发待书面追回 / An overpayment is to be demanded.
        RecoveryDemand "recovery_demand",
        /// 比对异常待处理 / Exceptions wait for a decision.
        ExceptionDecide "exception_decide",
        /// 暂扣核实逾期 / The deadline of a hold has passed.
        HoldOverdue "hold_overdue",
        /// 待确定继承人 / What a dead person was owed waits for an heir.
        HeirName "heir_name",
        /// 流程操作被拒 / A process's command was refused.
        RefusedCommand "refused_command",
    }
}

/// 一项待办 / One thing that waits.
#[derive(Debug, Clone, PartialEq, SimpleObject)]
pub struct InboxItem {
    /// 类型 / What sort.
    kind: InboxKind,
    /// 对象编号 / The global id of what waits.
    subject_id: ID,
    /// 被拒操作的编号，用于处理或重试 / The refused command, to resolve it or to try it again.
    command_id: Option<ID>,
    /// 岗位或环节 / The role or step that it waits for.
    role: Option<String>,
    /// 说明 / What it is, in the caller's language.
    title: String,
    /// 月份 / Of which month.
    month: Option<YearMonth>,
    /// 金额 / How much money waits.
    amount: Option<Money>,
    /// 自何时 / Since when.
    since: Option<DateTime>,
}

/// 待办的变化 / The inbox as it is now.
#[derive(SimpleObject)]
pub struct InboxChange {
    /// 到此位置 / At this position.
    position: Position,
    /// 各项待办 / What waits.
    items: Vec<InboxItem>,
}

#[derive(Default)]
pub struct InboxQuery;

#[Object]
impl InboxQuery {
    /// 待办：等我办理的事项 / What waits for me.
    async fn inbox(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "岗位；不给则为全部 / For this role; all unless given.")] role: Option<
            String,
        >,
        #[graphql(desc = "至少到此位置 / Covering this position.")] at_least: Option<Position>,
    ) -> Result<Option<Vec<InboxItem>>> {
        let _ = at_least;
        let request = request(ctx);
        let session = request.session(ctx).await?;
        Ok(Some(waiting(request, &session, role.as_deref())?))
    }
}

#[derive(Default)]
pub struct InboxSubscription;

#[Subscription]
impl InboxSubscription {
    /// 待办的变化 / The inbox, whenever it changes.
    async fn inbox_changed<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(desc = "岗位；不给则为全部 / For this role; all unless given.")] role: Option<
            String,
        >,
        #[graphql(desc = "在此位置之后 / From behind this position.")] after: Option<Position>,
    ) -> Result<impl Stream<Item = Result<InboxChange>> + use<'a>> {
        let rows =
            live(ctx, after, move |request, session| waiting(request, session, role.as_deref()))?;
        Ok(rows.map(|row| row.map(|(position, items)| InboxChange { position, items })))
    }
}

/// Who holds keys at the banks, and who works with what banks say: as today's chains have it.
struct Roles {
    keys: BTreeSet<&'static str>,
    bank: BTreeSet<&'static str>,
    /// Who works cases off.
    cases: BTreeSet<&'static str>,
}

impl Roles {
    fn today(request: &Request) -> std::result::Result<Self, Fault> {
        let rules = request.app().rules.on(request.app().executor.today()?)?;
        let steps = || rules.chains().values().flat_map(|chain| &chain.steps);
        let of = |stages: &[Stage]| {
            let steps = steps().filter(|step| stages.contains(&step.stage));
            steps.map(|step| step.role.word()).collect()
        };
        Ok(Self {
            keys: of(&[Stage::Finance, Stage::Key]),
            bank: of(&[Stage::Finance]),
            cases: of(&[Stage::Submit]),
        })
    }
}

fn waiting(
    request: &Request,
    session: &ReadSession,
    role: Option<&str>,
) -> std::result::Result<Vec<InboxItem>, Fault> {
    let zh = request.language == Language::Zh;
    let say = |chinese: String, english: String| if zh { chinese } else { english };
    let roles = Roles::today(request)?;
    let concerns = |roles: &BTreeSet<&'static str>| role.is_none_or(|role| roles.contains(role));
    let mut items = Vec::new();
    let filter = runs::PlanFilter { waits_for: role.map(str::to_owned), ..Default::default() };
    for plan in runs::plans(session, &request.scope, &filter, None, SHOWN_MAX)? {
        let Some(step) = plan.waits_for.clone() else { continue };
        items.push(InboxItem {
            command_id: None,
            kind: InboxKind::Plan,
            subject_id: Kind::Plan.id(&plan.plan),
            title: say(
                format!("发放计划{}等待：{step}", plan.plan),
                format!("plan {} waits for {step}", plan.plan),
            ),
            role: Some(step),
            month: Some(plan.month.into()),
            amount: Some(plan.net().into()),
            since: None,
        });
    }
    for (stage, kind, roles, chinese, english) in [
        ("composed", InboxKind::BatchKey, &roles.keys, "待签发", "waits for a key"),
        ("signed", InboxKind::BatchSend, &roles.keys, "待发送", "waits to be sent"),
        ("acknowledged", InboxKind::BatchDebit, &roles.bank, "待登记回单", "waits for its slip"),
        ("outcome_unknown", InboxKind::BatchUnknown, &roles.bank, "结果未知", "is not known"),
    ] {
        if !concerns(roles) {
            continue;
        }
        let filter = runs::BatchFilter { stage: Some(stage.to_owned()), ..Default::default() };
        for batch in runs::batches(session, &request.scope, &filter, None, SHOWN_MAX)? {
            if kind == InboxKind::BatchDebit && batch.debited.is_some() {
                continue;
            }
            items.push(InboxItem {
                command_id: None,
                kind,
                subject_id: Kind::Batch.id(&batch.batch),
                role: role.map(str::to_owned),
                title: say(
                    format!("批次{}{chinese}", batch.batch),
                    format!("batch {} {english}", batch.batch),
                ),
                month: Some(batch.month.into()),
                amount: Some(batch.total.into()),
                since: None,
            });
        }
    }
    if concerns(&roles.bank) {
        for reply in runs::replies(session, &request.scope, None)? {
            items.push(InboxItem {
                command_id: None,
                kind: InboxKind::Reply,
                subject_id: Kind::Reply.id(reply.reply),
                role: role.map(str::to_owned),
                title: say(
                    format!("批次{}的回盘待处理，{}行", reply.batch, reply.rows_count),
                    format!("a reply to {} of {} rows waits", reply.batch, reply.rows_count),
                ),
                month: None,
                amount: None,
                since: Some(reply.at.into()),
            });
        }
        for line in books::differences(session, &request.scope)? {
            items.push(InboxItem {
                command_id: None,
                kind: InboxKind::Difference,
                subject_id: Kind::Statement.id(&line.statement),
                role: line.owner.clone(),
                title: say(
                    format!("对账单{}流水{}有差异", line.statement, line.serial),
                    format!("line {} of {} differs", line.serial, line.statement),
                ),
                month: None,
                amount: Some(line.amount.into()),
                since: None,
            });
        }
    }
    if concerns(&roles.cases) {
        let today = request.app().executor.today()?;
        for one in waits(request, session, today, SHOWN_MAX)? {
            items.push(InboxItem {
                command_id: None,
                kind: one.kind,
                subject_id: one.subject,
                role: role.map(str::to_owned),
                title: say(one.zh, one.en),
                month: one.month.map(YearMonth),
                amount: one.amount.map(Money),
                since: None,
            });
        }
    }
    if role.is_none() {
        let rows =
            refused_commands(session, &request.scope, Some(InboxState::Open), None, SHOWN_MAX)?;
        let about = rows.iter().map(|row| StreamName::stored(&row.stream)).collect();
        let visible = subjects::seen(session, &request.scope, &about)?;
        for row in rows {
            if !visible.contains(&StreamName::stored(&row.stream)) {
                continue;
            }
            items.push(InboxItem {
                command_id: Some(ID(row.command.to_string())),
                kind: InboxKind::RefusedCommand,
                subject_id: Kind::Event.id(row.event),
                role: None,
                title: say(row.zh.clone(), row.en.clone()),
                month: None,
                amount: None,
                since: Some(row.refused_at.into()),
            });
        }
    }
    Ok(items)
}
