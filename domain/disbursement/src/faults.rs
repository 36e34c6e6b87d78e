//! Faults planted on purpose, to show that the laws find them. Only a test can switch one on.

#[cfg(test)]
pub(crate) use switch::{planted, with};

/// One broken rule each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A voucher whose debits are not its credits is posted.
    BalanceUnchecked,
    /// A reservation goes beyond the cash.
    OverdraftAllowed,
    /// A voucher of another fund is posted.
    OtherFundAccepted,
    /// A line that was paid is paid again by the next reply.
    DuplicateSettles,
    /// What contradicts an earlier reply is taken for the truth.
    ContradictionOverwrites,
    /// One person turns both keys.
    BothKeysByOnePerson,
    /// Another amount than the file's is debited.
    AnyDebitAccepted,
    /// A closed item-period takes another certificate.
    ClosedPeriodAccepts,
    /// Grants without a line vanish from the frozen population.
    ExcludedNotCounted,
    /// A held line goes to the bank.
    HeldStillPayable,
    /// A reply's sequence numbers are taken as counting from 0.
    SequenceOffByOne,
    /// A part's lines for a bank are instructed twice.
    InstructedTwice,
    /// More money comes back than was returned.
    AnyCreditTaken,
    /// A certificate is issued unread.
    CertificateUnchecked,
    /// What no bank returned is given to the next run as if it had been.
    UnknownReissued,
    /// A return case is reissued to the account that the bank refused.
    SameAccountReissued,
    /// A month after the death goes to the heirs too.
    HeirsPaidForAll,
    /// A line that came back late comes back again.
    LateReturnTwice,
    /// An exception of the comparison list is passed over.
    ExceptionPassedOver,
    /// A line that deductions net to nothing goes to the bank.
    NettedInstructed,
    /// More comes back of an overpayment than was overpaid.
    OverRecovered,
    /// Recovered money enters the expenditure account.
    RecoveredIntoExpenditure,
    /// One fund's benefit pays what is owed to another.
    OffsetAcrossFunds,
    /// A write-off needs nobody's approval.
    WrittenOffUnapproved,
    /// A book takes a voucher of a closed item-period.
    ClosedItemPosts,
    /// A third party gets more than was kept for it.
    RemittedBeyondOwed,
    /// A statement line is shared among batches that do not add up to it.
    SharesUnchecked,
    /// An external run is taken although one before it is missing.
    GapPassedOver,
    /// An opening is entered although payments have begun.
    OpeningAfterRun,
    /// One person asks for a reopening and grants it.
    ReopenedByOne,
    /// A balance is lost on the way into the next year.
    BalanceNotCarried,
    /// A statement's day is imported a second time.
    DayTwice,
}

/// Nothing is planted in a program.
#[cfg(not(test))]
pub(crate) const fn planted(_: Fault) -> bool {
    false
}

#[cfg(test)]
impl Fault {
    pub(crate) const ALL: [Self; 14] = [
        Self::BalanceUnchecked,
        Self::OverdraftAllowed,
        Self::OtherFundAccepted,
        Self::DuplicateSettles,
        Self::ContradictionOverwrites,
        Self::BothKeysByOnePerson,
        Self::AnyDebitAccepted,
        Self::ClosedPeriodAccepts,
        Self::ExcludedNotCounted,
        Self::HeldStillPayable,
        Self::SequenceOffByOne,
        Self::InstructedTwice,
        Self::AnyCreditTaken,
        Self::CertificateUnchecked,
    ];
}

#[cfg(test)]
impl Fault {
    /// Those of cases, which the laws of each decider find.
    pub(crate) const OF_CASES: [Self; 6] = [
        Self::UnknownReissued,
        Self::SameAccountReissued,
        Self::HeirsPaidForAll,
        Self::LateReturnTwice,
        Self::ExceptionPassedOver,
        Self::NettedInstructed,
    ];
    /// Those of the money side, which the laws of the treasury find.
    pub(crate) const OF_MONEY: [Self; 12] = [
        Self::OverRecovered,
        Self::RecoveredIntoExpenditure,
        Self::OffsetAcrossFunds,
        Self::WrittenOffUnapproved,
        Self::ClosedItemPosts,
        Self::RemittedBeyondOwed,
        Self::SharesUnchecked,
        Self::GapPassedOver,
        Self::OpeningAfterRun,
        Self::ReopenedByOne,
        Self::BalanceNotCarried,
        Self::DayTwice,
    ];
}

#[cfg(test)]
mod switch {
    use std::cell::Cell;

    use super::Fault;

    thread_local! {
        static PLANTED: Cell<Option<Fault>> = const { Cell::new(None) };
    }

    pub(crate) fn planted(fault: Fault) -> bool {
        PLANTED.get() == Some(fault)
    }

    /// Runs `work` with one fault in place.
    pub(crate) fn with<T>(fault: Fault, work: impl FnOnce() -> T) -> T {
        PLANTED.set(Some(fault));
        let outcome = work();
        PLANTED.set(None);
        outcome
    }
}
