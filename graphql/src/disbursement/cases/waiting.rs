//! What of the cases waits for somebody, for the inbox of a role.

use projections::ReadSession;
use projections::cases::{ComparisonRow, ObligationRow, RecoveryRow, ReturnRow};
use projections::lists::{self, By, Only, Page, Seen};
use shared::{Date, Money, Month};

use crate::audit::InboxKind;
use crate::conditions::one_of;
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::request::Request;

/// One thing that waits.
pub struct Waits {
    pub kind: InboxKind,
    pub subject: async_graphql::ID,
    pub zh: String,
    pub en: String,
    pub month: Option<Month>,
    pub amount: Option<Money>,
}

/// Returns to notify or to correct, recoveries to demand, exceptions to decide, holds whose deadline
/// has passed, dues without an heir: at most `limit` of each.
///
/// # Errors
/// When the read model cannot be read.
pub fn waits(
    request: &Request,
    session: &ReadSession,
    today: Date,
    limit: u32,
) -> Result<Vec<Waits>, Fault> {
    let look = Look { request, session, limit };
    let mut found = Vec::new();
    let open = one_of("stage", ["open", "notified"].into_iter());
    for row in look.rows::<ReturnRow>(&open, &[By::up("returned_on"), By::up("case_id")])? {
        let told = row.stage == disbursement::return_case::Stage::Notified;
        let (zh, en) = match told {
            false => ("待通知", "is to be notified"),
            true => ("待更正账户", "waits for an account"),
        };
        found.push(Waits {
            kind: if told { InboxKind::ReturnCorrect } else { InboxKind::ReturnNotify },
            subject: Kind::ReturnCase.id(row.case_id),
            zh: format!("退票{}（{}）{zh}", row.case_id, row.reason.zh()),
            en: format!("return {} ({}) {en}", row.case_id, row.reason.code()),
            month: Some(row.month),
            amount: Some(row.amount),
        });
    }
    let found_only = Only::equal("stage", &"found".to_owned());
    for row in look.rows::<RecoveryRow>(&found_only, &[By::up("found_on"), By::up("obligation")])? {
        found.push(Waits {
            kind: InboxKind::RecoveryDemand,
            subject: Kind::Recovery.id(row.obligation),
            zh: format!("多发{}尚未发出书面追回通知", row.obligation),
            en: format!("the overpayment {} is to be demanded", row.obligation),
            month: Some(row.month),
            amount: Some(row.owed),
        });
    }
    let late = Only::equal("stage", &"held".to_owned())
        .and(Only::at_most("verify_by", &today.yesterday().unwrap_or(today)));
    for row in look.rows::<ObligationRow>(&late, &[By::up("verify_by"), By::up("obligation")])? {
        let last = row.verify_by.map(|day| day.to_string()).unwrap_or_default();
        found.push(Waits {
            kind: InboxKind::HoldOverdue,
            subject: Kind::Obligation.id(row.obligation),
            zh: format!("暂扣{}应于{last}前核实，已逾期", row.obligation),
            en: format!("the hold on {} was to be verified by {last}", row.obligation),
            month: Some(row.month),
            amount: Some(row.amount),
        });
    }
    let undecided = Only::at_least("undecided", &1_u32);
    for row in look.rows::<ComparisonRow>(&undecided, &[By::up("plan")])? {
        found.push(Waits {
            kind: InboxKind::ExceptionDecide,
            subject: Kind::Comparison.id(&row.plan),
            zh: format!("发放计划{}的比对清单有{}条异常待处理", row.plan, row.undecided),
            en: format!("{} exceptions of plan {} wait for a decision", row.undecided, row.plan),
            month: None,
            amount: None,
        });
    }
    let unnamed = Only::Null("heir", true).and(Only::Null("withdrawn_on", true));
    let order = [By::up("died_on"), By::up("deceased")];
    for row in look.rows::<projections::cases::HeirsRow>(&unnamed, &order)? {
        found.push(Waits {
            kind: InboxKind::HeirName,
            subject: Kind::HeirsCase.id(row.deceased),
            zh: format!("应付继承人{}笔，尚未确定领取人", row.obligations),
            en: format!("{} obligations of a dead person wait for an heir", row.obligations),
            month: None,
            amount: Some(row.owed),
        });
    }
    Ok(found)
}

struct Look<'a> {
    request: &'a Request,
    session: &'a ReadSession,
    limit: u32,
}

impl Look<'_> {
    fn rows<R: Seen>(&self, only: &Only, order: &[By]) -> Result<Vec<R>, Fault> {
        let limit = self.limit;
        let page = Page { only, order, after: None, before: None, backward: false, limit };
        Ok(lists::page(self.session, &self.request.scope, &page)?)
    }
}
