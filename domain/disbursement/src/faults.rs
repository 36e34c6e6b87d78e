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
