//! Every list that may leave, one entry each: of money here, of warnings and tags in [`rules`].

use super::{Cell, Column, List, ListOf, Narrowing};
use crate::books::{
    BalanceRow, BookRow, EntryRow, StatementLineRow, StatementMatchRow, StatementRow, VoucherRow,
};
use crate::feeds::{FeedRow, FeedRunRow};
use crate::grants::GrantRow;
use crate::lists::{By, Only};
use crate::payments::{LineRow, LineState, OpeningObligationRow, OpeningRow};
use crate::quality::{BankMonthRow, PromptRow};
use crate::runs::{
    ActRow, BatchActRow, BatchRow, CertificateRow, PeriodRow, PlanRow, ReopeningRow, ReplyRow,
};

/// `"name" "中文" "English": Row by [order] within [Narrowing "column"] where Only { "列" "column" =
/// |row| …, }`.
macro_rules! lists {
    ($(
        $name:literal $zh:literal $en:literal: $row:ty,
        by [$($order:literal),+],
        within [$($by:ident $narrow:literal),*]
        $(, only $only:expr)?
        => { $($title_zh:literal $title_en:literal = |$var:ident| $cell:expr,)+ }
    )+) => {
        pub static LISTS: &[&dyn List] = &[$(&ListOf::<$row> {
            name: $name,
            zh: $zh,
            en: $en,
            only: lists!(@only $($only)?),
            order: &[$(By::up($order)),+],
            narrow: &[$((Narrowing::$by, $narrow)),*],
            columns: &[$(Column {
                zh: $title_zh,
                en: $title_en,
                cell: |$var: &$row| Cell::from($cell),
            },)+],
        },)+];
    };
    (@only) => { Only::everything };
    (@only $only:expr) => { || $only };
}

pub mod rules;

lists! {
    "periods" "项目账期" "item-periods": PeriodRow,
    by ["month", "period"], within [Month "month", Item "item"] => {
        "账期" "item-period" = |row| &row.period,
        "项目" "item" = |row| row.item,
        "月份" "month" = |row| row.month,
        "统筹区" "area" = |row| row.area,
        "状态" "stage" = |row| &row.stage,
        "例外原因" "exception" = |row| row.exception.clone(),
        "核证次数" "certificates" = |row| row.certificate,
        "申请重开次数" "reopenings" = |row| row.reopenings,
        "关闭人" "closed by" = |row| row.closed_by.clone(),
    }
    "plans" "发放计划" "plans": PlanRow,
    by ["month", "plan"], within [Month "month", Item "item", Book "account"] => {
        "计划" "plan" = |row| &row.plan,
        "账期" "item-period" = |row| &row.period,
        "项目" "item" = |row| row.item,
        "月份" "month" = |row| row.month,
        "批次类型" "run type" = |row| row.run,
        "基金" "fund" = |row| row.fund,
        "发放日" "pay day" = |row| row.pay_day,
        "状态" "stage" = |row| &row.stage,
        "待办岗位" "waits for" = |row| row.waits_for.clone(),
        "笔数" "lines" = |row| row.lines,
        "应发" "gross" = |row| row.gross,
        "扣发" "deductions" = |row| row.deductions,
        "实发" "net" = |row| row.net(),
        "剔除" "excluded" = |row| row.excluded,
        "报盘笔数" "instructed lines" = |row| row.instructed_lines,
        "报盘金额" "instructed" = |row| row.instructed,
        "暂扣笔数" "held lines" = |row| row.held_lines,
        "暂扣金额" "held" = |row| row.held,
    }
    "plan-acts" "计划经办记录" "acts on plans": ActRow,
    by ["plan", "revision"], within [] => {
        "计划" "plan" = |row| &row.plan,
        "序号" "revision" = |row| row.revision,
        "动作" "act" = |row| &row.act,
        "岗位" "role" = |row| row.role.clone(),
        "经办人" "actor" = |row| &row.actor,
        "原因" "reason" = |row| row.reason.clone(),
        "时刻" "at" = |row| row.at,
    }
    "lines" "发放明细" "payment lines": LineRow,
    by ["obligation"], within [Month "run_month", Item "item", Bank "bank"] => {
        "应付义务" "obligation" = |row| row.obligation,
        "计划" "plan" = |row| &row.plan,
        "人员编号" "person" = |row| row.person,
        "项目" "item" = |row| row.item,
        "待遇月份" "month" = |row| row.month,
        "发放月份" "run month" = |row| row.run_month,
        "待遇构成" "component" = |row| row.component,
        "区划" "county" = |row| row.county,
        "银行" "bank" = |row| row.bank,
        "应发" "gross" = |row| row.gross,
        "扣发" "deductions" = |row| row.deductions,
        "实发" "net" = |row| row.net,
        "状态" "state" = |row| row.state,
        "原因" "reason" = |row| row.reason.clone(),
        "批次" "batch" = |row| row.batch.clone(),
        "行号" "sequence" = |row| row.seq,
        "银行流水号" "bank serial" = |row| row.serial.clone(),
    }
    "returns" "退票明细" "returned lines": LineRow,
    by ["obligation"], within [Month "run_month", Item "item", Bank "bank"],
    only Only::equal("state", &LineState::Returned) => {
        "应付义务" "obligation" = |row| row.obligation,
        "计划" "plan" = |row| &row.plan,
        "人员编号" "person" = |row| row.person,
        "发放月份" "run month" = |row| row.run_month,
        "银行" "bank" = |row| row.bank,
        "实发" "net" = |row| row.net,
        "状态" "state" = |row| row.state,
        "原因" "reason" = |row| row.reason.clone(),
        "批次" "batch" = |row| row.batch.clone(),
    }
    "batches" "报盘批次" "batches": BatchRow,
    by ["month", "batch"],
    within [Month "month", Item "item", Bank "bank", Book "account"] => {
        "批次" "batch" = |row| &row.batch,
        "计划" "plan" = |row| &row.plan,
        "银行" "bank" = |row| row.bank,
        "项目" "item" = |row| row.item,
        "月份" "month" = |row| row.month,
        "账套" "book" = |row| &row.account,
        "状态" "stage" = |row| &row.stage,
        "笔数" "lines" = |row| row.lines,
        "金额" "total" = |row| row.total,
        "文件" "file" = |row| row.file.clone(),
        "文件摘要" "digest" = |row| row.digest,
        "扣款金额" "debited" = |row| row.debited,
        "扣款日" "debited on" = |row| row.debited_on,
        "回单号" "slip" = |row| row.slip.clone(),
        "成功笔数" "paid lines" = |row| row.paid_lines,
        "成功金额" "paid" = |row| row.paid,
        "退票笔数" "returned lines" = |row| row.returned_lines,
        "退票金额" "returned" = |row| row.returned,
        "未回笔数" "unreplied lines" = |row| row.unreplied_lines(),
        "退回款" "money returned" = |row| row.money_returned,
    }
    "batch-acts" "批次经办记录" "acts on batches": BatchActRow,
    by ["batch", "revision"], within [] => {
        "批次" "batch" = |row| &row.batch,
        "序号" "revision" = |row| row.revision,
        "动作" "act" = |row| &row.act,
        "岗位" "role" = |row| row.role.clone(),
        "经办人" "actor" = |row| &row.actor,
        "原因" "reason" = |row| row.reason.clone(),
        "凭据" "reference" = |row| row.reference.clone(),
        "金额" "amount" = |row| row.amount,
        "时刻" "at" = |row| row.at,
    }
    "replies" "回盘" "replies": ReplyRow, by ["batch", "reply"], within [] => {
        "回盘" "reply" = |row| row.reply,
        "批次" "batch" = |row| &row.batch,
        "文件" "file" = |row| &row.file,
        "摘要" "digest" = |row| row.digest,
        "行数" "rows" = |row| row.rows_count,
        "接收时刻" "received at" = |row| row.at,
    }
    "certificates" "核证表" "certificates": CertificateRow, by ["period", "number"], within [] => {
        "账期" "item-period" = |row| &row.period,
        "序号" "number" = |row| row.number,
        "核证人" "drawn by" = |row| &row.by,
        "核证时刻" "drawn at" = |row| row.at,
        "摘要" "digest" = |row| &row.digest,
        "签名" "signature" = |row| row.signature.clone(),
        "据以关闭" "closed by" = |row| row.closed_by.clone(),
        "内容" "content" = |row| &row.body,
    }
    "reopenings" "账期重开" "reopenings": ReopeningRow, by ["period", "number"], within [] => {
        "账期" "item-period" = |row| &row.period,
        "序号" "number" = |row| row.number,
        "申请人" "asked by" = |row| &row.asked_by,
        "申请时刻" "asked at" = |row| row.asked_at,
        "原因" "reason" = |row| &row.reason,
        "批准人" "reopened by" = |row| row.reopened_by.clone(),
        "批准时刻" "reopened at" = |row| row.reopened_at,
        "原核证表" "certificate" = |row| row.certificate,
    }
    "books" "账套" "books": BookRow, by ["book"], within [Book "book"] => {
        "账套" "book" = |row| &row.book,
        "基金" "fund" = |row| row.fund,
        "统筹区" "area" = |row| row.area,
        "经办机构" "agency" = |row| row.agency,
        "年度" "year" = |row| row.year,
        "期初" "opening" = |row| row.opening,
        "余额" "cash" = |row| row.cash,
        "已预留" "reserved" = |row| row.reserved,
        "凭证数" "vouchers" = |row| row.vouchers,
        "上年账套" "carried from" = |row| row.carried_from.clone(),
        "下年账套" "carried into" = |row| row.carried_into.clone(),
    }
    "balances" "科目余额" "account balances": BalanceRow,
    by ["book", "ledger", "account"], within [Book "book"] => {
        "账套" "book" = |row| &row.book,
        "账簿" "ledger" = |row| &row.ledger,
        "科目" "account" = |row| &row.account,
        "借方" "debit" = |row| row.debit,
        "贷方" "credit" = |row| row.credit,
        "余额" "balance" = |row| row.debit - row.credit,
    }
    "vouchers" "记账凭证" "vouchers": VoucherRow, by ["book", "number"], within [Book "book"] => {
        "账套" "book" = |row| &row.book,
        "凭证号" "number" = |row| row.number,
        "业务" "occurrence" = |row| &row.occurrence,
        "依据" "reference" = |row| &row.reference,
        "记账日" "posted on" = |row| row.posted_on,
        "金额" "amount" = |row| row.amount,
        "记账人" "posted by" = |row| &row.by,
    }
    "journal" "会计分录" "journal entries": EntryRow,
    by ["book", "posted_on", "number", "place"],
    within [Month "month", Item "item", Bank "bank", Book "book"] => {
        "账套" "book" = |row| &row.book,
        "记账日" "posted on" = |row| row.posted_on,
        "凭证号" "number" = |row| row.number,
        "行次" "place" = |row| row.place,
        "账簿" "ledger" = |row| &row.ledger,
        "科目" "account" = |row| &row.account,
        "项目" "item" = |row| row.item,
        "月份" "month" = |row| row.month,
        "批次" "batch" = |row| row.batch.clone(),
        "银行" "bank" = |row| row.bank,
        "往来" "party" = |row| row.party.clone(),
        "借方" "debit" = |row| row.debit,
        "贷方" "credit" = |row| row.credit,
    }
    "statements" "银行对账单" "bank statements": StatementRow,
    by ["statement"], within [Bank "bank", Book "book"] => {
        "对账单" "statement" = |row| &row.statement,
        "银行" "bank" = |row| row.bank,
        "账套" "book" = |row| &row.book,
        "日期" "day" = |row| row.posted_on,
        "期初" "opening" = |row| row.opening,
        "付出" "debits" = |row| row.debits,
        "收入" "credits" = |row| row.credits,
        "期末" "closing" = |row| row.closing,
        "行数" "lines" = |row| row.lines,
        "已匹配" "matched" = |row| row.matched,
        "未了结差异" "open differences" = |row| row.differences,
        "文件摘要" "digest" = |row| row.digest,
    }
    "statement-lines" "对账单明细" "statement lines": StatementLineRow,
    by ["statement", "serial"], within [Bank "bank", Book "book"] => {
        "对账单" "statement" = |row| &row.statement,
        "流水号" "serial" = |row| &row.serial,
        "日期" "day" = |row| row.posted_on,
        "方向" "direction" = |row| &row.direction,
        "金额" "amount" = |row| row.amount,
        "余额" "balance" = |row| row.balance,
        "附言" "reference" = |row| row.reference.clone(),
        "状态" "state" = |row| &row.state,
        "匹配方式" "settled" = |row| row.settled.clone(),
        "匹配批次" "batch" = |row| row.batch.clone(),
    }
    "statement-matches" "对账匹配" "statement matches": StatementMatchRow,
    by ["statement", "serial", "place"], within [] => {
        "对账单" "statement" = |row| &row.statement,
        "流水号" "serial" = |row| &row.serial,
        "批次" "batch" = |row| row.batch.clone(),
        "凭证号" "voucher" = |row| row.voucher,
        "金额" "amount" = |row| row.amount,
    }
    "differences" "对账差异" "differences": StatementLineRow,
    by ["found_on", "statement", "serial"], within [Bank "bank", Book "book"],
    only Only::Null("found_on", false) => {
        "对账单" "statement" = |row| &row.statement,
        "流水号" "serial" = |row| &row.serial,
        "账套" "book" = |row| &row.book,
        "银行" "bank" = |row| row.bank,
        "发现日" "found on" = |row| row.found_on,
        "方向" "direction" = |row| &row.direction,
        "金额" "amount" = |row| row.amount,
        "原因" "reason" = |row| row.reason.clone(),
        "责任人" "owner" = |row| row.owner.clone(),
        "状态" "state" = |row| &row.state,
        "挂账凭证" "booked voucher" = |row| row.booked,
        "了结方式" "settled" = |row| row.settled.clone(),
        "了结日" "settled on" = |row| row.settled_on,
        "了结人" "settled by" = |row| row.resolved_by.clone(),
        "冲回流水" "cleared by" = |row| row.cleared_by.clone(),
        "说明" "note" = |row| row.note.clone(),
    }
    "feeds" "外部发放回流" "feeds": FeedRow, by ["feed"], within [Item "item"] => {
        "回流" "feed" = |row| &row.feed,
        "来源" "source" = |row| &row.source,
        "项目" "item" = |row| row.item,
        "统筹区" "area" = |row| row.area,
        "首批序号" "first" = |row| row.first,
        "下批序号" "next" = |row| row.next,
        "已到" "received" = |row| row.received,
        "已入账" "entered" = |row| row.entered,
        "缺号数" "missing" = |row| row.missing(),
    }
    "feed-runs" "外部发放批次" "external runs": FeedRunRow,
    by ["feed", "sequence"], within [Month "month"] => {
        "回流" "feed" = |row| &row.feed,
        "序号" "sequence" = |row| row.sequence,
        "来源编号" "reference" = |row| &row.reference,
        "月份" "month" = |row| row.month,
        "批次类型" "run type" = |row| row.run,
        "发放日" "paid on" = |row| row.paid_on,
        "笔数" "lines" = |row| row.lines,
        "金额" "total" = |row| row.total,
        "摘要" "digest" = |row| &row.digest,
        "状态" "state" = |row| &row.state,
        "计划" "plan" = |row| row.plan.clone(),
    }
    "openings" "期初" "openings": OpeningRow, by ["opening"], within [Item "item"] => {
        "期初" "opening" = |row| &row.opening,
        "项目" "item" = |row| row.item,
        "统筹区" "area" = |row| row.area,
        "截止日" "as of" = |row| row.as_of,
        "人数" "people" = |row| row.people,
        "人次" "payments" = |row| row.payments,
        "金额" "money" = |row| row.money,
        "状态" "stage" = |row| &row.stage,
        "已结清笔数" "settled" = |row| row.settled,
        "已结清金额" "settled money" = |row| row.settled_money,
        "待重发笔数" "returned" = |row| row.returned,
        "待重发金额" "returned money" = |row| row.returned_money,
    }
    "opening-obligations" "期初应付" "obligations of openings": OpeningObligationRow,
    by ["obligation"], within [Month "month", Item "item"] => {
        "应付义务" "obligation" = |row| row.obligation,
        "项目" "item" = |row| row.item,
        "月份" "month" = |row| row.month,
        "人员编号" "person" = |row| row.person,
        "金额" "amount" = |row| row.amount,
        "退票原因" "returned" = |row| row.returned,
    }
    "bank-quality" "银行代发质量" "bank quality": BankMonthRow,
    by ["month", "bank", "area"], within [Month "month", Bank "bank"] => {
        "月份" "month" = |row| row.month,
        "银行" "bank" = |row| row.bank,
        "统筹区" "area" = |row| row.area,
        "文件数" "files" = |row| row.files,
        "拒收文件数" "rejected files" = |row| row.rejected_files,
        "结果未知次数" "unknown outcomes" = |row| row.unknown_outcomes,
        "查询次数" "queries" = |row| row.queries,
        "笔数" "lines" = |row| row.lines,
        "金额" "instructed" = |row| row.instructed,
        "成功笔数" "paid lines" = |row| row.paid_lines,
        "退票笔数" "returned lines" = |row| row.returned_lines,
        "成功后退票笔数" "late lines" = |row| row.late_lines,
        "回盘文件数" "replied files" = |row| row.replied_files,
        "回盘天数合计" "days to reply" = |row| row.days_to_reply,
        "最长回盘天数" "longest" = |row| row.days_to_reply_max,
        "重复行" "duplicates" = |row| row.duplicates,
        "矛盾行" "contradictions" = |row| row.contradictions,
        "陌生行" "strangers" = |row| row.strangers,
    }
    "promptness" "按时足额发放" "paid in full by the pay day": PromptRow,
    by ["month", "plan"], within [Month "month", Item "item"] => {
        "计划" "plan" = |row| &row.plan,
        "项目" "item" = |row| row.item,
        "月份" "month" = |row| row.month,
        "批次类型" "run type" = |row| row.run,
        "发放日" "pay day" = |row| row.pay_day,
        "应发笔数" "due lines" = |row| row.due_lines,
        "应发金额" "due" = |row| row.due,
        "按时笔数" "prompt lines" = |row| row.prompt_lines,
        "按时金额" "prompt" = |row| row.prompt,
        "逾期笔数" "late lines" = |row| row.late_lines,
        "逾期金额" "late" = |row| row.late,
    }
    "grants" "待遇资格" "grants": GrantRow, by ["grant_id"], within [Item "item"] => {
        "待遇" "grant" = |row| row.grant_id,
        "人员编号" "person" = |row| row.person,
        "项目" "item" = |row| row.item,
        "基金" "fund" = |row| row.fund,
        "统筹区" "area" = |row| row.area,
        "区划" "county" = |row| row.county,
        "依据" "basis" = |row| &row.basis,
        "起始月" "from" = |row| row.from_month,
        "终止月" "to" = |row| row.last_month,
        "暂停自" "stopped from" = |row| row.stopped_from,
    }
}
