//! Movements that nothing explains: matched by hand, owned, held in the book, taken back, resolved.

use async_graphql::{ID, InputObject};
use commands::disbursement::Suspense;
use disbursement::statement::{Counter, Share};

use super::{about, told};
use crate::disbursement::statement::Statement;
use crate::disbursement::steps::{self, Of};
use crate::fault::Fault;
use crate::global_id::Kind;
use crate::outcome::{inputs, mutations, payloads};
use crate::scalars::{Long, Money};

/// 一个批次在一笔流水中的份额 / A batch's part of one movement.
#[derive(Debug, Clone, InputObject)]
pub struct ShareInput {
    /// 报盘批次 / The batch.
    pub batch_id: ID,
    /// 金额 / How much of the movement.
    pub amount: Money,
}

/// 一笔流水 / A movement: a line of a statement.
#[derive(Debug, Clone, InputObject)]
pub struct MovementInput {
    /// 对账单 / Its statement.
    pub bank_statement_id: ID,
    /// 银行流水号 / The bank's serial.
    pub serial: String,
}

inputs! {
    /// 人工匹配流水与批次 / Matches a movement with one batch, or with several whose shares add up to it.
    StatementMatchInput {
        /// 流水 / The movement.
        movement: MovementInput,
        /// 各批次份额 / The batches.
        shares: Vec<ShareInput>,
    }

    /// 人工匹配流水与凭证 / Matches a movement with a voucher that no batch stands behind.
    StatementMatchVoucherInput {
        /// 流水 / The movement.
        movement: MovementInput,
        /// 凭证号 / The voucher of the book.
        voucher_number: Long,
    }

    /// 移交差异 / Gives a difference to another person.
    DifferenceAssignInput {
        /// 流水 / The movement.
        movement: MovementInput,
        /// 新责任人 / Who owns it from now on.
        owner: String,
    }

    /// 差异挂账 / Holds a difference in a suspense account of the book.
    DifferenceBookInput {
        /// 流水 / The movement.
        movement: MovementInput,
    }

    /// 两笔流水互相冲回 / A later movement took an earlier one back.
    DifferenceClearInput {
        /// 原流水 / The movement.
        movement: MovementInput,
        /// 冲回的流水 / The one that took it back.
        counter: MovementInput,
    }

    /// 以文字了结差异 / Says in words what came of a difference.
    DifferenceResolveInput {
        /// 流水 / The movement.
        movement: MovementInput,
        /// 说明 / What came of it.
        note: String,
    }
}

payloads! {
    /// 人工匹配的结果 / What came of a match.
    StatementMatchPayload(Of<()>) {
        /// 对账单 / The statement.
        statement: Statement = steps::statement,
    }
    /// 匹配凭证的结果 / What came of a match with a voucher.
    StatementMatchVoucherPayload(Of<()>) {
        /// 对账单 / The statement.
        statement: Statement = steps::statement,
    }
    /// 移交差异的结果 / What came of handing a difference over.
    DifferenceAssignPayload(Of<()>) {
        /// 对账单 / The statement.
        statement: Statement = steps::statement,
    }
    /// 挂账的结果 / What came of holding a difference in the book.
    DifferenceBookPayload(Of<Suspense>) {
        /// 对账单 / The statement.
        statement: Statement = steps::statement,
        ;
        /// 凭证号 / The voucher that holds it.
        voucher_number: Long => |of| Long(of.told.voucher),
        /// 金额 / How much.
        amount: Money => |of| Money(of.told.amount),
    }
    /// 冲回的结果 / What came of clearing.
    DifferenceClearPayload(Of<()>) {
        /// 对账单 / The statement.
        statement: Statement = steps::statement,
    }
    /// 了结差异的结果 / What came of resolving.
    DifferenceResolvePayload(Of<()>) {
        /// 对账单 / The statement.
        statement: Statement = steps::statement,
    }
}

impl MovementInput {
    fn place(&self) -> Result<(String, &str), Fault> {
        Ok((Kind::Statement.local(&self.bank_statement_id)?, &self.serial))
    }

    fn counter(&self) -> Result<Counter, Fault> {
        let (statement, serial) = self.place()?;
        Ok(Counter { statement, serial: serial.to_owned() })
    }
}

mutations! { DifferenceMutation {
    /// 人工匹配流水与批次 / Matches a movement with one batch, or with several.
    statement_match(StatementMatchInput) -> StatementMatchPayload = |app, envelope, input| {
        let (statement, serial) = input.movement.place()?;
        let share = |share: &ShareInput| {
            let batch = Kind::Batch.local(&share.batch_id)?;
            Ok::<_, Fault>(Share { batch, amount: share.amount.0 })
        };
        let shares = input.shares.iter().map(share).collect::<Result<Vec<_>, _>>()?;
        let pay = &app.disbursement;
        about(&statement, pay.match_line(envelope, &statement, serial, &shares).await)
    },
    /// 人工匹配流水与凭证 / Matches a movement with a voucher.
    statement_match_voucher(StatementMatchVoucherInput) -> StatementMatchVoucherPayload
        = |app, envelope, input| {
        let (statement, serial) = input.movement.place()?;
        let number = input.voucher_number.0;
        let pay = &app.disbursement;
        about(&statement, pay.match_voucher(envelope, &statement, serial, number).await)
    },
    /// 移交差异 / Gives a difference to another person.
    difference_assign(DifferenceAssignInput) -> DifferenceAssignPayload = |app, envelope, input| {
        let (statement, serial) = input.movement.place()?;
        let pay = &app.disbursement;
        about(&statement, pay.assign_difference(envelope, &statement, serial, &input.owner).await)
    },
    /// 差异挂账 / Holds a difference in a suspense account until somebody knows what it was.
    difference_book(DifferenceBookInput) -> DifferenceBookPayload = |app, envelope, input| {
        let (statement, serial) = input.movement.place()?;
        let done = app.disbursement.book_difference(envelope, &statement, serial).await;
        told(done, |held| (statement.clone(), held))
    },
    /// 两笔流水互相冲回 / A later movement took an earlier one back: both are settled.
    difference_clear(DifferenceClearInput) -> DifferenceClearPayload = |app, envelope, input| {
        let (first, second) = (input.movement.counter()?, input.counter.counter()?);
        let done = app.disbursement.clear_difference(envelope, &first, &second).await;
        about(&first.statement, done)
    },
    /// 以文字了结差异 / Says in words what came of a difference.
    difference_resolve(DifferenceResolveInput) -> DifferenceResolvePayload
        = |app, envelope, input| {
        let (statement, serial) = input.movement.place()?;
        let pay = &app.disbursement;
        about(&statement, pay.resolve_difference(envelope, &statement, serial, &input.note).await)
    },
} }
