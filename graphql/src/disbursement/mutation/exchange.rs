//! Files to the banks and from them, at once instead of at the server's next look.

use async_graphql::{ComplexObject, Context, ID, Result, SimpleObject};
use commands::disbursement::{Exchanged, Handed, Said, TakenFile};
use commands::{CommandError, Done};

use crate::batches::load;
use crate::disbursement::batch::Batch;
use crate::disbursement::statement::Statement;
use crate::disbursement::words::HandoverState;
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::outcome::{DomainError, coded, inputs, mutations, payloads};
use crate::reads::{BatchOf, StatementOf};
use crate::request::Request;

inputs! {
    /// 与银行交换文件 / Exchanges files with the banks.
    BankExchangeInput {
        /// 银行；不填为全部银行 / One bank; all of them unless given.
        bank: Option<String>,
    }
}

payloads! {
    /// 文件交换的结果 / What came of an exchange.
    BankExchangePayload(Vec<Exchanged>) {
        /// 各银行 / Bank by bank.
        banks: Vec<BankExchanged> = exchanged,
    }
}

/// 与一家银行交换的结果 / What an exchange did with one bank.
#[derive(SimpleObject)]
pub struct BankExchanged {
    /// 银行 / The bank.
    bank: String,
    /// 在途的报盘文件，一次至多1000份 / Files that were on their way to it, up to 1,000 at a time.
    sent: Vec<BatchHandover>,
    /// 取回的文件，一次至多1000份 / Files of the bank that were read, up to 1,000 at a time.
    taken: Vec<BankFile>,
    /// 尚未传完整的文件 / Files that are not whole yet; they count among the thousand.
    halves: Vec<String>,
    /// 文件服务器无法访问的原因 / Why its file server could not be reached.
    unreachable: Option<DomainError>,
}

/// 在途的报盘文件 / A batch on its way to its bank.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct BatchHandover {
    /// 报盘批次 / The batch.
    batch_id: ID,
    /// 状态 / How it stands with the bank's server.
    state: HandoverState,
    /// 仍在等待的原因 / Why it still waits.
    reason: Option<DomainError>,
    #[graphql(skip)]
    code: String,
}

#[ComplexObject]
impl BatchHandover {
    /// 报盘批次 / The batch.
    async fn batch(&self, ctx: &Context<'_>) -> Result<Option<Batch>> {
        Ok(batch(ctx, &self.code).await?)
    }
}

/// 银行送来的文件 / A file that a bank left.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct BankFile {
    /// 文件名 / Its name.
    name: String,
    /// 是否有新内容；同一文件只计一次 / Whether it said anything new: the same bytes count once.
    new: bool,
    /// 未被接受的原因 / Why it was not taken; it then lies in the folder of refused files.
    refusal: Option<DomainError>,
    #[graphql(skip)]
    batch: Option<String>,
    #[graphql(skip)]
    statement: Option<String>,
}

#[ComplexObject]
impl BankFile {
    /// 所回的报盘批次；对账单为空 / The batch that it answers; none for a statement.
    async fn batch(&self, ctx: &Context<'_>) -> Result<Option<Batch>> {
        match &self.batch {
            Some(code) => Ok(batch(ctx, code).await?),
            None => Ok(None),
        }
    }

    /// 对账单；回盘为空 / The statement; none for a reply.
    async fn statement(&self, ctx: &Context<'_>) -> Result<Option<Statement>> {
        let Some(id) = &self.statement else { return Ok(None) };
        let rows = load(ctx, StatementOf(id.clone())).await?;
        Ok(rows.into_iter().next().map(Statement::from))
    }
}

async fn batch(ctx: &Context<'_>, code: &str) -> Result<Option<Batch>, Fault> {
    let rows = load(ctx, BatchOf(code.to_owned())).await?;
    Ok(rows.into_iter().next().map(Batch::from))
}

fn exchanged(
    request: &Request,
    _: &projections::ReadSession,
    all: &[Exchanged],
) -> Result<Option<Vec<BankExchanged>>, Fault> {
    let reason = |error: &CommandError| DomainError::of(error, request.language);
    let handover = |(code, handed): &(String, Result<Handed, CommandError>)| BatchHandover {
        batch_id: Kind::Batch.id(code),
        state: match handed {
            Ok(Handed::Over(_)) => HandoverState::HandedOver,
            Ok(Handed::Unknown) => HandoverState::Unknown,
            Ok(Handed::Settled) => HandoverState::Settled,
            Err(_) => HandoverState::Waits,
        },
        reason: handed.as_ref().err().map(reason),
        code: code.clone(),
    };
    let file = |TakenFile { name, outcome }: &TakenFile| {
        let said = outcome.as_ref().ok();
        BankFile {
            name: name.clone(),
            new: said.is_some_and(Said::is_new),
            refusal: outcome.as_ref().err().map(reason),
            batch: said.and_then(Said::reply_to).map(str::to_owned),
            statement: said.and_then(Said::statement).map(str::to_owned),
        }
    };
    let of_bank = |one: &Exchanged| BankExchanged {
        bank: one.bank.to_string(),
        sent: one.sent.iter().map(handover).collect(),
        taken: one.taken.iter().map(file).collect(),
        halves: one.halves.clone(),
        unreachable: one.unreachable.as_ref().map(reason),
    };
    Ok(Some(all.iter().map(of_bank).collect()))
}

mutations! { ExchangeMutation {
    /// 与银行交换文件 / Follows what is on its way to the banks, and takes what they left; the server
    /// does so by itself every half minute.
    bank_exchange(BankExchangeInput) -> BankExchangePayload = |app, envelope, input| {
        if envelope.dry_run {
            return Err(Fault::bad_input(
                "文件交换不能试算 / an exchange moves files and cannot be tried",
            ).into());
        }
        let only = input.bank.as_deref().map(|bank| coded(bank, "银行", "a bank")).transpose()?;
        let done = app.disbursement.exchange(envelope, only).await;
        done.map(|result| Done {
            result,
            position: app.executor.log().head(),
            replayed: false,
            dry_run: false,
            revision: None,
            planned: Vec::new(),
        })
    },
} }
