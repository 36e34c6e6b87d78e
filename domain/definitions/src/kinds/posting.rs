//! Posting policies: double entry as data. For every occurrence in the life of a payment the
//! policy names the legs in ledger F (money) and M (obligations).
//!
//! **Invariant** the legs of an occurrence balance in each ledger, whatever the sums are: the
//! terms are compared as linear forms, with gross = net + deducted + offset.

use std::collections::BTreeMap;

use serde::Serialize;

use super::account::{Account, Ledger, Side, plain_id};
use super::{Critic, Definitions, Kind, Listed};
use crate::block::{Block, Name};
use crate::mistake::{Code, Fault};
use crate::word::words;

words! {
    pub enum Book {
        Insurance = "insurance",
        Trust = "trust",
    }
}

words! {
    /// What happened, as the ledger sees it (DISBURSEMENT 2.7–2.13).
    pub enum Occurs {
        OpeningBalance = "opening_balance",
        PlanApproved = "plan_approved",
        /// An approved obligation is cancelled before it is paid.
        ObligationCancelled = "obligation_cancelled",
        /// From 财政专户, or from the entrusting unit.
        AppropriationReceived = "appropriation_received",
        /// From the higher-level agency, under provincial pooling.
        HigherAppropriationReceived = "higher_appropriation_received",
        FundsReserved = "funds_reserved",
        ReservationReleased = "reservation_released",
        /// The bank's debit slip for a batch.
        BatchDebited = "batch_debited",
        BatchRejected = "batch_rejected",
        LinePaid = "line_paid",
        /// Deductions and offsets eat the whole line: nothing is sent to a bank.
        LineNetted = "line_netted",
        LineReturned = "line_returned",
        /// The bank's debit slip for lines that were returned before, where the policy keeps their
        /// money in a suspense account.
        ReissueDebited = "reissue_debited",
        /// One credit for a batch's returned lines.
        ReturnMoneyReceived = "return_money_received",
        /// A paid line comes back in a later period; its money follows as one credit.
        LateReturn = "late_return",
        /// A deduction goes on to the third party.
        DeductionRemitted = "deduction_remitted",
        OverpaymentFound = "overpayment_found",
        /// Nobody was overpaid after all.
        OverpaymentWithdrawn = "overpayment_withdrawn",
        /// Into the income account 收入户.
        RecoveryReceived = "recovery_received",
        /// Straight into the fiscal account 财政专户.
        RecoveryReceivedInFiscalAccount = "recovery_received_in_fiscal_account",
        /// What was kept back from a payment of the same fund clears it.
        RecoveryOffset = "recovery_offset",
        RecoveryWrittenOff = "recovery_written_off",
        UnidentifiedCredit = "unidentified_credit",
        UnidentifiedCreditReturned = "unidentified_credit_returned",
        UnidentifiedDebit = "unidentified_debit",
        UnidentifiedDebitReversed = "unidentified_debit_reversed",
        /// What is left of a trust source's money goes back.
        RemainderReturned = "remainder_returned",
    }
}

words! {
    pub enum Effect {
        /// Posted at once.
        Post = "post",
        /// Entered as pending: it binds the balance and is not yet in it.
        Reserve = "reserve",
        /// Turns the pending entry (or the batch's part of it) into a posted one.
        Settle = "settle",
        /// Takes the pending entry away.
        Void = "void",
        /// This policy enters nothing when it occurs.
        Nothing = "nothing",
    }
}

words! {
    /// Which sum a leg takes. A leg of 0.00 is not posted.
    pub enum Term {
        /// The whole sum of the occurrence: a plan, an appropriation, a batch, a credit.
        Total = "total",
        /// What is owed on a line: net + deducted + offset.
        Gross = "gross",
        /// What the bank is told to pay.
        Net = "net",
        /// What is kept for third parties.
        Deducted = "deducted",
        /// What clears an overpayment of the same fund.
        Offset = "offset",
    }
}

words! {
    /// Where a leg goes when its account is not fixed by the policy.
    enum Placeholder {
        /// The expense account of the line's item and component.
        Expense = "expense",
    }
}

/// One leg. `account` is a code, or `None`: the expense account of the line's item and component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Leg {
    pub ledger: Ledger,
    pub side: Side,
    pub account: Option<String>,
    pub amount: Term,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Occurrence {
    pub effect: Effect,
    /// Empty only where an occurrence has no entry of its own ([`Effect::Void`],
    /// [`Effect::Nothing`]).
    pub legs: Vec<Leg>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Posting {
    pub id: String,
    pub name: Name,
    pub source: String,
    pub book: Book,
    /// What a book of this kind follows where its fund names no other for the year.
    pub usual: bool,
    pub occurrences: BTreeMap<Occurs, Occurrence>,
}

impl Posting {
    /// What to enter when this occurs; `None` when the policy has nothing to say about it.
    #[must_use]
    pub fn on(&self, occurs: Occurs) -> Option<&Occurrence> {
        self.occurrences.get(&occurs)
    }
}

impl Kind for Posting {
    const WORD: &'static str = "posting";
    type Id = String;

    fn read(block: &Block<'_>) -> Option<(String, Self)> {
        let (id, name, source) = block.head(plain_id);
        let book = block.word("book");
        let usual = block.flag_or("usual", false);
        let occurrences = block.tables("occurrence", read_occurrence);
        let occurrences = occurrences.and_then(|listed| once_each(block, listed));
        let id = id?;
        Some((
            id.clone(),
            Self {
                id,
                name: name?,
                source: source?,
                book: book?,
                usual: usual?,
                occurrences: occurrences?,
            },
        ))
    }

    fn check(&self, among: &Definitions, critic: &Critic<'_>) {
        let usual = |other: &&Self| other.usual && other.book == self.book && other.id != self.id;
        if self.usual
            && let Some(other) = Self::list(among).values().find(usual)
        {
            let (id, book) = (&other.id, self.book);
            critic.note(
                "usual",
                Fault::contradiction(
                    format!("{book} 账套已有默认记账规则 {id}"),
                    format!("{book} books have a usual policy already, {id}"),
                ),
            );
        }
        for (occurs, occurrence) in &self.occurrences {
            for leg in &occurrence.legs {
                let Some(code) = &leg.account else { continue };
                let Some(account) = Account::list(among).get(code) else {
                    continue;
                };
                if account.ledger != leg.ledger {
                    let (is, says) = (account.ledger, leg.ledger);
                    critic.note(
                        &format!("occurrence.{occurs}"),
                        Fault::contradiction(
                            format!("科目 {code} 属于账簿 {is},不属于 {says}"),
                            format!("account {code} is of ledger {is}, not {says}"),
                        ),
                    );
                }
            }
        }
    }
}

fn read_occurrence<'a>(block: &Block<'a>) -> Option<(Occurs, Occurrence)> {
    let on: Option<Occurs> = block.word("on");
    let effect = block.word_or("effect", Effect::Post);
    let legs = match effect {
        Some(Effect::Void | Effect::Nothing) => Some(Vec::new()),
        Some(Effect::Post | Effect::Reserve | Effect::Settle) | None => {
            block.tables("legs", read_leg)
        }
    };
    let (on, effect, legs) = (on?, effect?, legs?);
    for ledger in [Ledger::Fund, Ledger::Memo] {
        let (debit, credit) = (sum(&legs, ledger, Side::Debit), sum(&legs, ledger, Side::Credit));
        if debit != credit {
            let (debit, credit) =
                (spell(&legs, ledger, Side::Debit), spell(&legs, ledger, Side::Credit));
            return block.refuse(
                "legs",
                Fault::new(
                    Code::Unbalanced,
                    format!("{on} 在账簿 {ledger} 借贷不平:借 {debit},贷 {credit}"),
                    format!(
                        "{on} does not balance in ledger {ledger}: debit {debit}, credit {credit}"
                    ),
                ),
            );
        }
    }
    Some((on, Occurrence { effect, legs }))
}

fn read_leg(block: &Block<'_>) -> Option<Leg> {
    let ledger = block.word("ledger");
    let side = block.word("side");
    let account = match block.word_if_any::<Placeholder>("account_of") {
        Some(Placeholder::Expense) => Some(None),
        None => block.reference("account", "account").map(Some),
    };
    let amount = block.word("amount");
    Some(Leg { ledger: ledger?, side: side?, account: account?, amount: amount? })
}

fn once_each(
    block: &Block<'_>,
    listed: Vec<(Occurs, Occurrence)>,
) -> Option<BTreeMap<Occurs, Occurrence>> {
    let mut occurrences = BTreeMap::new();
    for (occurs, occurrence) in listed {
        if occurrences.insert(occurs, occurrence).is_some() {
            return block.refuse("occurrence", Fault::repeated(occurs.word()));
        }
    }
    let reserved = occurrences.values().find(|one| one.effect == Effect::Reserve);
    for (occurs, one) in &occurrences {
        let sound = match one.effect {
            Effect::Post | Effect::Reserve | Effect::Nothing => true,
            Effect::Void => reserved.is_some(),
            // What leaves the cash must be what was pending, or the balance would jump.
            Effect::Settle => reserved.is_some_and(|reserved| same_cash(reserved, one)),
        };
        if !sound {
            return block.refuse(
                "occurrence",
                Fault::new(
                    Code::Unbalanced,
                    format!("{occurs} 的分录与预留分录不一致"),
                    format!("the legs of {occurs} are not those of the reservation"),
                ),
            );
        }
    }
    Some(occurrences)
}

/// Whether both take the same sum out of the account that the reservation binds. For the bank a
/// batch's total is its net.
fn same_cash(reserved: &Occurrence, settled: &Occurrence) -> bool {
    let out = |leg: &&Leg| leg.ledger == Ledger::Fund && leg.side == Side::Credit;
    let Some(cash) = reserved.legs.iter().find(out).map(|leg| &leg.account) else { return false };
    let mut moves = settled.legs.iter().filter(|leg| &leg.account == cash);
    match (moves.next(), moves.next()) {
        (Some(leg), None) => out(&leg) && matches!(leg.amount, Term::Total | Term::Net),
        (None, _) | (Some(_), Some(_)) => false,
    }
}

/// How often (total, net, deducted, offset) stand on one side.
fn sum(legs: &[Leg], ledger: Ledger, side: Side) -> [i64; 4] {
    let mut sum = [0; 4];
    for leg in legs.iter().filter(|leg| leg.ledger == ledger && leg.side == side) {
        let form = match leg.amount {
            Term::Total => [1, 0, 0, 0],
            Term::Gross => [0, 1, 1, 1],
            Term::Net => [0, 1, 0, 0],
            Term::Deducted => [0, 0, 1, 0],
            Term::Offset => [0, 0, 0, 1],
        };
        for (total, part) in sum.iter_mut().zip(form) {
            *total += part;
        }
    }
    sum
}

fn spell(legs: &[Leg], ledger: Ledger, side: Side) -> String {
    let on_it = legs.iter().filter(|leg| leg.ledger == ledger && leg.side == side);
    let words: Vec<&str> = on_it.map(|leg| leg.amount.word()).collect();
    if words.is_empty() { "0".to_owned() } else { words.join(" + ") }
}
