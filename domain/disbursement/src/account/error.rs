//! Why a command about a book is refused.

use shared::{FundCode, ItemId, Money, Month};

use crate::ledger::{Ledger, VoucherFault};
use kernel::refusals;

refusals! {
    /// A rule about books that forbids a command.
    Error {
        AlreadyOpen = "BOOK_ALREADY_OPEN", "the book is open already", "该账套已建立";
        NotOpen = "BOOK_NOT_OPEN", "the book is not open", "该账套未建立，请先建账";
        Closed = "BOOK_CLOSED", "the book is closed", "该账套已结账";
        OtherFund { given: FundCode, book: FundCode } = "BOOK_OTHER_FUND",
            "fund {given} has no place in the book of {book}",
            "基金 {given} 不得记入 {book} 账套，各项基金须分账核算";
        EmptyVoucher = "BOOK_EMPTY_VOUCHER", "a voucher has entries", "凭证没有分录";
        OneSided = "BOOK_ONE_SIDED",
            "an entry has a debit or a credit above zero, not both",
            "每条分录只能有借方或贷方之一，且金额大于零";
        Unbalanced { ledger: Ledger, debit: Money, credit: Money } = "BOOK_UNBALANCED",
            "ledger {ledger:?} has {debit} debit and {credit} credit",
            "{ledger}借方合计 {debit} 元、贷方合计 {credit} 元，借贷不平", ledger = ledger.zh();
        NotEnough { wanted: Money, free: Money, cash: Money, reserved: Money } = "BOOK_NOT_ENOUGH",
            "{wanted} is wanted, {free} is free: {cash} in the account, {reserved} reserved",
            "需要 {wanted} 元，可用 {free} 元（支出户 {cash} 元，已预留 {reserved} 元），请先申请拨款";
        ReservedAlready(plan: String) = "BOOK_RESERVED_ALREADY",
            "plan {0} has a reservation already", "计划 {plan} 已预留资金";
        NoReservation(plan: String) = "BOOK_NO_RESERVATION",
            "plan {0} has no reservation", "计划 {plan} 没有可用的预留资金";
        BeyondReservation { wanted: Money, left: Money } = "BOOK_BEYOND_RESERVATION",
            "{wanted} is wanted of the {left} that are left of the reservation",
            "需要 {wanted} 元，预留资金只剩 {left} 元";
        PendingAlready(batch: String) = "BOOK_PENDING_ALREADY",
            "batch {0} has or had a pending entry already", "批次 {batch} 已登记过在途资金";
        NoPending(batch: String) = "BOOK_NO_PENDING",
            "batch {0} has no pending entry", "批次 {batch} 没有待入账的在途资金";
        PendingDiffers { pending: Money, cash: Money } = "BOOK_PENDING_DIFFERS",
            "the pending entry is {pending}, the voucher takes {cash} from the account",
            "在途登记 {pending} 元，凭证从支出户付出 {cash} 元，两者不符";
        NotPositive(amount: Money) = "BOOK_NOT_POSITIVE",
            "an amount lies above zero, not {0}", "金额须大于零，不能为 {amount} 元";
        ItemClosed { item: ItemId, month: Month } = "BOOK_ITEM_CLOSED",
            "the item-period {item} {month} is closed: post to an open one",
            "{item} {month} 账期已关闭，不得记账，请记入后续账期";
        NotKept { party: String, amount: Money, owed: Money } = "BOOK_NOT_KEPT",
            "{amount} for {party} is more than the {owed} that is kept for it",
            "拟转付 {party} {amount} 元，超过代扣余额 {owed} 元";
        OtherYear { year: i16, next: i16 } = "BOOK_OTHER_YEAR",
            "the book of {year} carries into the next year, not {next}",
            "{year} 年账套只能结转到下一年度，不能结转到 {next} 年";
        StillPending(entries: usize) = "BOOK_STILL_PENDING",
            "{0} pending entries and reservations stand in the way",
            "尚有 {entries} 笔在途或预留资金未了结，不能结账";
    }
}

impl From<VoucherFault> for Error {
    fn from(fault: VoucherFault) -> Self {
        match fault {
            VoucherFault::Empty => Self::EmptyVoucher,
            VoucherFault::OneSided => Self::OneSided,
            VoucherFault::Unbalanced { ledger, debit, credit } => {
                Self::Unbalanced { ledger, debit, credit }
            }
        }
    }
}
