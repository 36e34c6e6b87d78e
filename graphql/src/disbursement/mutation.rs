//! The steps of a pay clerk's month, each as one mutation.

use async_graphql::{Context, ID, Object, Result};
use commands::disbursement::{BookKey, Calculated, Composed, OpenRun, ReplyApplied};
use commands::ports::get;
use commands::{CommandError, Done};
use shared::{ArtefactId, ReplyId};

use super::batch::{Batch, Reply};
use super::book::Book;
use super::certificate::Certificate;
use super::period::Period;
use super::plan::Plan;
use super::statement::Statement;
use super::steps::{self, Of};
use super::words::RunType;
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::outcome::{Outcome, inputs, payloads};
use crate::request::{Request, request};
use crate::scalars::{Date, Money, YearMonth};
use crate::view::int;

/// A reply of a large bank holds some 50,000 lines of 200 bytes.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

inputs! {
    /// 建立发放计划 / Opens a run.
    RunOpenInput {
        /// 项目编号 / The pay item's id.
        item_code: String,
        /// 月份 / The month.
        month: YearMonth,
        /// 统筹区 / The pooling area.
        area: String,
        /// 批次类型 / Why it is made.
        run: RunType,
        /// 经办机构 / The agency.
        agency: String,
        /// 发放日；默认按日历 / The pay day; by the calendar unless given.
        pay_day: Option<Date>,
        /// 上月未关而开启的原因 / Why it opens although the month before is open.
        exception: Option<String>,
    }

    /// 冻结名单 / Freezes a plan's population.
    PlanFreezeInput {
        /// 发放计划 / The plan.
        plan_id: ID,
    }

    /// 核算 / Calculates a plan.
    PlanCalculateInput {
        /// 发放计划 / The plan.
        plan_id: ID,
    }

    /// 提交 / Submits a plan.
    PlanSubmitInput {
        /// 发放计划 / The plan.
        plan_id: ID,
    }

    /// 审核通过 / Reviews a plan.
    PlanReviewInput {
        /// 发放计划 / The plan.
        plan_id: ID,
        /// 以何岗位 / In which role.
        role: String,
    }

    /// 退回 / Sends a plan back.
    PlanSendBackInput {
        /// 发放计划 / The plan.
        plan_id: ID,
        /// 以何岗位 / In which role.
        role: String,
        /// 原因 / Why.
        reason: String,
    }

    /// 预留资金 / Reserves a plan's funds.
    PlanReserveInput {
        /// 发放计划 / The plan.
        plan_id: ID,
    }

    /// 报盘 / Composes a plan's bank files.
    PlanComposeInput {
        /// 发放计划 / The plan.
        plan_id: ID,
    }

    /// 建账 / Opens a book.
    BookOpenInput {
        /// 基金 / The fund.
        fund: String,
        /// 统筹区 / The pooling area.
        area: String,
        /// 经办机构 / The agency.
        agency: String,
        /// 年度 / The year.
        year: i32,
        /// 上年结转现金 / The cash that the year before left.
        opening: Money,
    }

    /// 登记拨款 / Records money that came into a book.
    BookAppropriateInput {
        /// 账套 / The book.
        book_id: ID,
        /// 金额 / How much.
        amount: Money,
        /// 依据 / The document behind it.
        reference: String,
    }

    /// 签发 / Signs a batch with one of two keys.
    BatchSignInput {
        /// 报盘批次 / The batch.
        batch_id: ID,
        /// 以何岗位 / In which role.
        role: String,
    }

    /// 发送 / Sends a batch to its bank.
    BatchSendInput {
        /// 报盘批次 / The batch.
        batch_id: ID,
    }

    /// 登记银行受理 / The bank has taken a batch.
    BatchAcknowledgeInput {
        /// 报盘批次 / The batch.
        batch_id: ID,
        /// 银行受理号 / The bank's reference.
        reference: String,
    }

    /// 登记银行拒收 / The bank refuses a batch.
    BatchRejectInput {
        /// 报盘批次 / The batch.
        batch_id: ID,
        /// 原因 / Why.
        reason: String,
    }

    /// 撤回 / Takes a batch back before it goes out.
    BatchWithdrawInput {
        /// 报盘批次 / The batch.
        batch_id: ID,
        /// 原因 / Why.
        reason: String,
    }

    /// 登记结果未知 / Nobody knows whether a batch arrived.
    BatchLoseOutcomeInput {
        /// 报盘批次 / The batch.
        batch_id: ID,
        /// 原因 / Why.
        reason: String,
    }

    /// 登记扣款回单 / Records the bank's debit slip.
    BatchDebitInput {
        /// 报盘批次 / The batch.
        batch_id: ID,
        /// 回单号 / The slip.
        slip: String,
        /// 金额 / How much.
        amount: Money,
        /// 扣款日 / When.
        debited_on: Date,
    }

    /// 接收回盘 / Takes a reply file.
    ReplyReceiveInput {
        /// 银行 / The bank.
        bank: String,
        /// 文件名 / What the bank called the file.
        file_name: String,
        /// 已上传文件的编号 / The id that `POST /files` answered.
        artefact_id: ID,
    }

    /// 处理回盘 / Applies a reply.
    ReplyApplyInput {
        /// 报盘批次 / The batch.
        batch_id: ID,
        /// 回盘 / The reply.
        reply_id: ID,
    }

    /// 导入对账单 / Imports a bank's statement.
    StatementImportInput {
        /// 银行 / The bank.
        bank: String,
        /// 账套 / The book whose account it is of.
        book_id: ID,
        /// 文件名 / What the bank called the file.
        file_name: String,
        /// 已上传文件的编号 / The id that `POST /files` answered.
        artefact_id: ID,
    }

    /// 核证 / Draws up the certificate of an item-period.
    PeriodCertifyInput {
        /// 账期 / The item-period.
        period_id: ID,
        /// 所凭对账单 / The statements that it rests on.
        statement_ids: Vec<ID>,
    }

    /// 关闭账期 / Closes an item-period.
    PeriodCloseInput {
        /// 账期 / The item-period.
        period_id: ID,
    }
}

payloads! {
    /// 建立发放计划的结果 / What came of opening a run.
    RunOpenPayload(String) {
        /// 发放计划 / The plan.
        plan: Plan = steps::plan,
    }
    /// 冻结名单的结果 / What came of freezing a population.
    PlanFreezePayload(Of<u32>) {
        /// 发放计划 / The plan.
        plan: Plan = steps::plan,
        ;
        /// 名单待遇数 / Grants in the population.
        grants: i32 => |of| int(of.told),
    }
    /// 核算的结果 / What came of calculating.
    PlanCalculatePayload(Of<Calculated>) {
        /// 发放计划 / The plan.
        plan: Plan = steps::plan,
        ;
        /// 笔数 / Lines.
        line_count: i32 => |of| int(of.told.lines),
        /// 实发 / Net.
        net: Money => |of| Money(of.told.net),
        /// 剔除数 / Grants left out.
        excluded: i32 => |of| int(of.told.excluded),
    }
    /// 提交的结果 / What came of a submission.
    PlanSubmitPayload(Of<()>) {
        /// 发放计划 / The plan.
        plan: Plan = steps::plan,
    }
    /// 审核的结果 / What came of a review.
    PlanReviewPayload(Of<bool>) {
        /// 发放计划 / The plan.
        plan: Plan = steps::plan,
        ;
        /// 是否已最终批准 / Whether that was the last level.
        approved: bool => |of| of.told,
    }
    /// 退回的结果 / What came of sending back.
    PlanSendBackPayload(Of<()>) {
        /// 发放计划 / The plan.
        plan: Plan = steps::plan,
    }
    /// 预留资金的结果 / What came of reserving.
    PlanReservePayload(Of<()>) {
        /// 发放计划 / The plan.
        plan: Plan = steps::plan,
    }
    /// 报盘的结果 / What came of composing.
    PlanComposePayload(Of<Composed>) {
        /// 发放计划 / The plan.
        plan: Plan = steps::plan,
        /// 报盘批次 / Its batches.
        batches: Vec<Batch> = steps::plan_batches,
        ;
        /// 报盘金额 / Instructed.
        instructed: Money => |of| Money(of.told.instructed),
        /// 暂扣笔数 / Lines held.
        held_lines: i32 => |of| int(of.told.held_lines),
        /// 暂扣金额 / Held.
        held: Money => |of| Money(of.told.held),
    }
    /// 建账的结果 / What came of opening a book.
    BookOpenPayload(String) {
        /// 账套 / The book.
        book: Book = steps::book,
    }
    /// 登记拨款的结果 / What came of an appropriation.
    BookAppropriatePayload(Of<()>) {
        /// 账套 / The book.
        book: Book = steps::book,
    }
    /// 签发的结果 / What came of signing.
    BatchSignPayload(Of<()>) {
        /// 报盘批次 / The batch.
        batch: Batch = steps::batch,
    }
    /// 发送的结果 / What came of sending.
    BatchSendPayload(Of<()>) {
        /// 报盘批次 / The batch.
        batch: Batch = steps::batch,
    }
    /// 登记受理的结果 / What came of an acknowledgement.
    BatchAcknowledgePayload(Of<()>) {
        /// 报盘批次 / The batch.
        batch: Batch = steps::batch,
    }
    /// 登记拒收的结果 / What came of a refusal by the bank.
    BatchRejectPayload(Of<()>) {
        /// 报盘批次 / The batch.
        batch: Batch = steps::batch,
    }
    /// 撤回的结果 / What came of a withdrawal.
    BatchWithdrawPayload(Of<()>) {
        /// 报盘批次 / The batch.
        batch: Batch = steps::batch,
    }
    /// 登记结果未知的结果 / What came of losing an outcome.
    BatchLoseOutcomePayload(Of<()>) {
        /// 报盘批次 / The batch.
        batch: Batch = steps::batch,
    }
    /// 登记回单的结果 / What came of a debit slip.
    BatchDebitPayload(Of<()>) {
        /// 报盘批次 / The batch.
        batch: Batch = steps::batch,
    }
    /// 接收回盘的结果 / What came of a reply file.
    ReplyReceivePayload(Of<(ReplyId, u32, bool)>) {
        /// 报盘批次 / The batch that it answers.
        batch: Batch = steps::batch,
        /// 回盘 / Its receipt.
        reply: Reply = steps::received,
        ;
        /// 行数 / Rows.
        row_count: i32 => |of| int(of.told.1),
        /// 此前已收到同一文件 / The same file came before.
        before: bool => |of| of.told.2,
    }
    /// 处理回盘的结果 / What came of applying a reply.
    ReplyApplyPayload(Of<ReplyApplied>) {
        /// 报盘批次 / The batch.
        batch: Batch = steps::batch,
        ;
        /// 成功笔数 / Lines paid.
        paid_lines: i32 => |of| int(of.told.paid_lines),
        /// 成功金额 / Paid.
        paid: Money => |of| Money(of.told.paid),
        /// 退票笔数 / Lines returned.
        returned_lines: i32 => |of| int(of.told.returned_lines),
        /// 退票金额 / Returned.
        returned: Money => |of| Money(of.told.returned),
        /// 重复笔数 / Lines that were said again.
        duplicates: i32 => |of| int(of.told.duplicates),
        /// 前后矛盾笔数 / Lines that were said otherwise before.
        contradictions: i32 => |of| int(of.told.contradictions),
        /// 不属本批次笔数 / Lines that are none of ours.
        strangers: i32 => |of| int(of.told.strangers),
        /// 未回笔数 / Lines not replied yet.
        unreplied_lines: i32 => |of| int(of.told.unreplied_lines),
    }
    /// 导入对账单的结果 / What came of a statement.
    StatementImportPayload(Of<(u32, u32)>) {
        /// 对账单 / The statement.
        statement: Statement = steps::statement,
        ;
        /// 已匹配 / Lines matched.
        matched: i32 => |of| int(of.told.0),
        /// 差异 / Differences.
        differences: i32 => |of| int(of.told.1),
    }
    /// 核证的结果 / What came of a certificate.
    PeriodCertifyPayload(Of<()>) {
        /// 账期 / The item-period.
        period: Period = steps::period,
        /// 核证表 / The certificate.
        certificate: Certificate = steps::certificate,
    }
    /// 关闭账期的结果 / What came of closing.
    PeriodClosePayload(Of<()>) {
        /// 账期 / The item-period.
        period: Period = steps::period,
    }
}

/// A command's end, with the id of what it was about.
fn of<R, T>(
    request: &Request,
    id: &str,
    done: std::result::Result<Done<R>, CommandError>,
    told: impl FnOnce(R) -> T,
) -> std::result::Result<Outcome<Of<T>>, Fault> {
    let done = done.map(|done| Done {
        result: Of { id: id.to_owned(), told: told(done.result) },
        position: done.position,
        replayed: done.replayed,
        dry_run: done.dry_run,
        revision: done.revision,
        planned: done.planned,
    });
    Outcome::of(request, done)
}

fn coded<T: std::str::FromStr>(text: &str, zh: &str, en: &str) -> std::result::Result<T, Fault> {
    text.parse().map_err(|_| Fault::bad_input(format!("{zh}不正确 / not {en}")))
}

/// `employee-pension-320600-NT01-2026`: the fund and the agency may hold hyphens, so the book's own
/// row tells its parts where it is open.
fn book_key(id: &ID) -> std::result::Result<BookKey, Fault> {
    let code = Kind::Book.local(id)?;
    let wrong = || Fault::bad_input("账套编号不正确 / not the id of a book");
    let (rest, year) = code.rsplit_once('-').ok_or_else(wrong)?;
    let words: Vec<&str> = rest.split('-').collect();
    let area = words.iter().position(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
    let area = area.ok_or_else(wrong)?;
    Ok(BookKey {
        fund: words[..area].join("-").parse().map_err(|_| wrong())?,
        area: words[area].parse().map_err(|_| wrong())?,
        agency: words[area + 1..].join("-").parse().map_err(|_| wrong())?,
        year: year.parse().map_err(|_| wrong())?,
    })
}

async fn file(request: &Request, id: &ID) -> std::result::Result<Vec<u8>, Fault> {
    let artefact: ArtefactId = Kind::Artefact.parse(id)?;
    Ok(get(&*request.app().artefacts, artefact, FILE_BYTES_MAX).await?)
}

#[derive(Default)]
pub struct PlanMutation;

macro_rules! on_plan {
    ($ctx:ident, $input:ident, $payload:ident, |$d:ident, $envelope:ident, $plan:ident| $call:expr) => {{
        let request = request($ctx);
        let $envelope = &$input.command.envelope(request)?;
        let id = Kind::Plan.local(&$input.plan_id)?;
        let ($d, $plan) = (&request.app().disbursement, id.as_str());
        let done = $call.await;
        Ok($payload(of(request, &id, done, |told| told)?))
    }};
}

macro_rules! on_batch {
    ($ctx:ident, $input:ident, $payload:ident, |$d:ident, $envelope:ident, $batch:ident| $call:expr) => {{
        let request = request($ctx);
        let $envelope = &$input.command.envelope(request)?;
        let id = Kind::Batch.local(&$input.batch_id)?;
        let ($d, $batch) = (&request.app().disbursement, id.as_str());
        let done = $call.await;
        Ok($payload(of(request, &id, done, |told| told)?))
    }};
}

#[Object]
impl PlanMutation {
    /// 建立发放计划 / Opens a run, and its item-period if it is the first one.
    async fn run_open(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / What is asked.")] input: RunOpenInput,
    ) -> Result<RunOpenPayload> {
        let request = request(ctx);
        let envelope = input.command.envelope(request)?;
        let asked = OpenRun {
            item: coded(&input.item_code, "项目编号", "the id of a pay item")?,
            month: input.month.0,
            area: coded(&input.area, "统筹区", "a pooling area")?,
            run: coded(input.run.code(), "批次类型", "a run type")?,
            agency: coded(&input.agency, "经办机构", "an agency")?,
            fund: None,
            pay_day: input.pay_day.map(|day| day.0),
            exception: input.exception,
        };
        let done = request.app().disbursement.open_run(&envelope, &asked).await;
        Ok(RunOpenPayload(Outcome::of(request, done)?))
    }

    /// 冻结名单 / Freezes a plan's population.
    async fn plan_freeze(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / What is asked.")] input: PlanFreezeInput,
    ) -> Result<PlanFreezePayload> {
        on_plan!(ctx, input, PlanFreezePayload, |d, envelope, plan| d.freeze(envelope, plan))
    }

    /// 核算 / Calculates a plan.
    async fn plan_calculate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / What is asked.")] input: PlanCalculateInput,
    ) -> Result<PlanCalculatePayload> {
        on_plan!(ctx, input, PlanCalculatePayload, |d, envelope, plan| d.calculate(envelope, plan))
    }

    /// 提交审核 / Submits a plan for review.
    async fn plan_submit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / What is asked.")] input: PlanSubmitInput,
    ) -> Result<PlanSubmitPayload> {
        on_plan!(ctx, input, PlanSubmitPayload, |d, envelope, plan| d.submit(envelope, plan))
    }

    /// 审核通过 / One level of review; the last one approves.
    async fn plan_review(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / What is asked.")] input: PlanReviewInput,
    ) -> Result<PlanReviewPayload> {
        on_plan!(ctx, input, PlanReviewPayload, |d, envelope, plan| {
            d.review(envelope, plan, &input.role)
        })
    }

    /// 退回 / Sends a plan back to be calculated anew.
    async fn plan_send_back(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / What is asked.")] input: PlanSendBackInput,
    ) -> Result<PlanSendBackPayload> {
        on_plan!(ctx, input, PlanSendBackPayload, |d, envelope, plan| {
            d.send_back(envelope, plan, &input.role, &input.reason)
        })
    }

    /// 预留资金 / Reserves what an approved plan needs.
    async fn plan_reserve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / What is asked.")] input: PlanReserveInput,
    ) -> Result<PlanReservePayload> {
        on_plan!(ctx, input, PlanReservePayload, |d, envelope, plan| d.reserve(envelope, plan))
    }

    /// 报盘 / Composes every batch of a funded plan.
    async fn plan_compose(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / What is asked.")] input: PlanComposeInput,
    ) -> Result<PlanComposePayload> {
        on_plan!(ctx, input, PlanComposePayload, |d, envelope, plan| d.compose(envelope, plan))
    }
}

#[derive(Default)]
pub struct BookMutation;

#[Object]
impl BookMutation {
    /// 建账 / Opens a book.
    async fn book_open(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / What is asked.")] input: BookOpenInput,
    ) -> Result<BookOpenPayload> {
        let request = request(ctx);
        let envelope = input.command.envelope(request)?;
        let key = BookKey {
            fund: coded(&input.fund, "基金代码", "a fund")?,
            area: coded(&input.area, "统筹区", "a pooling area")?,
            agency: coded(&input.agency, "经办机构", "an agency")?,
            year: i16::try_from(input.year)
                .ok()
                .filter(|year| (1949..=9999).contains(year))
                .ok_or_else(|| Fault::bad_input("年度不正确 / not a year"))?,
        };
        let done = request.app().disbursement.open_book(&envelope, key, input.opening.0).await;
        Ok(BookOpenPayload(Outcome::of(request, done)?))
    }

    /// 登记拨款 / Records money that came into a book.
    async fn book_appropriate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / What is asked.")] input: BookAppropriateInput,
    ) -> Result<BookAppropriatePayload> {
        let request = request(ctx);
        let envelope = input.command.envelope(request)?;
        let key = book_key(&input.book_id)?;
        let done = request
            .app()
            .disbursement
            .receive_appropriation(&envelope, key, input.amount.0, &input.reference)
            .await;
        Ok(BookAppropriatePayload(of(request, &key.to_string(), done, |told| told)?))
    }

    /// 导入对账单 / Imports a bank's statement and matches its lines.
    async fn statement_import(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / What is asked.")] input: StatementImportInput,
    ) -> Result<StatementImportPayload> {
        let request = request(ctx);
        let envelope = input.command.envelope(request)?;
        let bank = coded(&input.bank, "银行", "a bank")?;
        let key = book_key(&input.book_id)?;
        let bytes = file(request, &input.artefact_id).await?;
        let done = request
            .app()
            .disbursement
            .import_statement(&envelope, bank, key, &input.file_name, &bytes)
            .await;
        let id = done.as_ref().map(|done| done.result.statement.clone()).unwrap_or_default();
        let told =
            |told: commands::disbursement::StatementMatched| (told.matched, told.differences);
        Ok(StatementImportPayload(of(request, &id, done, told)?))
    }
}

#[derive(Default)]
pub struct BatchMutation;

#[Object]
impl BatchMutation {
    /// 签发 / Signs a batch with one of two keys.
    async fn batch_sign(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / What is asked.")] input: BatchSignInput,
    ) -> Result<BatchSignPayload> {
        on_batch!(ctx, input, BatchSignPayload, |d, envelope, batch| {
            d.sign(envelope, batch, &input.role)
        })
    }

    /// 发送 / Sends a batch to its bank.
    async fn batch_send(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / What is asked.")] input: BatchSendInput,
    ) -> Result<BatchSendPayload> {
        on_batch!(ctx, input, BatchSendPayload, |d, envelope, batch| d.send(envelope, batch))
    }

    /// 登记银行受理 / The bank has taken a batch.
    async fn batch_acknowledge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / What is asked.")] input: BatchAcknowledgeInput,
    ) -> Result<BatchAcknowledgePayload> {
        on_batch!(ctx, input, BatchAcknowledgePayload, |d, envelope, batch| {
            d.acknowledge(envelope, batch, &input.reference)
        })
    }

    /// 登记银行拒收 / The bank refuses a batch; its lines wait for another one.
    async fn batch_reject(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / What is asked.")] input: BatchRejectInput,
    ) -> Result<BatchRejectPayload> {
        on_batch!(ctx, input, BatchRejectPayload, |d, envelope, batch| {
            d.reject(envelope, batch, &input.reason)
        })
    }

    /// 撤回 / Takes a batch back before it goes out.
    async fn batch_withdraw(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / What is asked.")] input: BatchWithdrawInput,
    ) -> Result<BatchWithdrawPayload> {
        on_batch!(ctx, input, BatchWithdrawPayload, |d, envelope, batch| {
            d.withdraw(envelope, batch, &input.reason)
        })
    }

    /// 登记结果未知 / Nobody knows whether a batch arrived: it is never sent again blindly.
    async fn batch_lose_outcome(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / What is asked.")] input: BatchLoseOutcomeInput,
    ) -> Result<BatchLoseOutcomePayload> {
        on_batch!(ctx, input, BatchLoseOutcomePayload, |d, envelope, batch| {
            d.lose_outcome(envelope, batch, &input.reason)
        })
    }

    /// 登记扣款回单 / Records the bank's debit slip.
    async fn batch_debit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / What is asked.")] input: BatchDebitInput,
    ) -> Result<BatchDebitPayload> {
        on_batch!(ctx, input, BatchDebitPayload, |d, envelope, batch| {
            d.debit(envelope, batch, &input.slip, input.amount.0, input.debited_on.0)
        })
    }

    /// 接收回盘 / Takes a reply file: checked as a whole, nothing applied yet.
    async fn reply_receive(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / What is asked.")] input: ReplyReceiveInput,
    ) -> Result<ReplyReceivePayload> {
        let request = request(ctx);
        let envelope = input.command.envelope(request)?;
        let bank = coded(&input.bank, "银行", "a bank")?;
        let bytes = file(request, &input.artefact_id).await?;
        let disbursement = &request.app().disbursement;
        let done = disbursement.receive_reply(&envelope, bank, &input.file_name, &bytes).await;
        let id = done.as_ref().map(|done| done.result.batch.clone()).unwrap_or_default();
        let told =
            |told: commands::disbursement::ReplyReceipt| (told.reply, told.rows, told.before);
        Ok(ReplyReceivePayload(of(request, &id, done, told)?))
    }

    /// 处理回盘 / Applies a reply to its batch.
    async fn reply_apply(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / What is asked.")] input: ReplyApplyInput,
    ) -> Result<ReplyApplyPayload> {
        let reply: ReplyId = Kind::Reply.parse(&input.reply_id)?;
        on_batch!(ctx, input, ReplyApplyPayload, |d, envelope, batch| {
            d.apply_reply(envelope, batch, reply)
        })
    }
}

#[derive(Default)]
pub struct PeriodMutation;

#[Object]
impl PeriodMutation {
    /// 核证 / Draws up the certificate of an item-period.
    async fn period_certify(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / What is asked.")] input: PeriodCertifyInput,
    ) -> Result<PeriodCertifyPayload> {
        let request = request(ctx);
        let envelope = input.command.envelope(request)?;
        let id = Kind::Period.local(&input.period_id)?;
        let statements: Vec<String> = input
            .statement_ids
            .iter()
            .map(|id| Kind::Statement.local(id))
            .collect::<std::result::Result<_, _>>()?;
        let done = request.app().disbursement.certify(&envelope, &id, &statements).await;
        Ok(PeriodCertifyPayload(of(request, &id, done, |_| ())?))
    }

    /// 关闭账期 / Closes an item-period on its certificate.
    async fn period_close(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "输入 / What is asked.")] input: PeriodCloseInput,
    ) -> Result<PeriodClosePayload> {
        let request = request(ctx);
        let envelope = input.command.envelope(request)?;
        let id = Kind::Period.local(&input.period_id)?;
        let done = request.app().disbursement.close(&envelope, &id).await;
        Ok(PeriodClosePayload(of(request, &id, done, |told| told)?))
    }
}
