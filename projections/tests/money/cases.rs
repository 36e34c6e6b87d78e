//! Cases beside what their own deciders fold: over any history, every row says what its stream says,
//! and a county sees its own.

mod compare;

use benefits::grant::{self, ComponentAmount, Grant, Registration};
use disbursement::comparison::{self, Comparison, Counts, Decision, Entry, Kind};
use disbursement::deduction::{self, Deduction, Order};
use disbursement::heirs::{self, Heirs, Named};
use disbursement::obligation::{self, NotOwed, Obligation, Overpayment};
use disbursement::part::Hold;
use disbursement::recovery::{self, About, How, Instalment, Place, Recovery};
use disbursement::return_case::{self, Opened, Outcome, ReturnCase};
use jiff::ToSpan;
use projections::cases::{
    self, ComparisonEntryRow, ComparisonRow, DeductionKeptRow, DeductionRow, HeirsDueRow, HeirsRow,
    InstalmentRow, ObligationRow, RecoveryRow, RecoveryStepRow, ReturnRow,
};
use projections::lists::{self, By, Only};
use projections::{ReadSession, Value};
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any, proptest};
use shared::{Component, Date, DivisionCode, Money, ObligationId, Payee, ReturnReason};

use crate::steps::plan_id;
use crate::town::{Asked, Town};
use crate::world::*;

pub use self::compare::compare;

const PEOPLE: u8 = 4;

proptest! {
    #![proptest_config(ProptestConfig { cases: kernel::conformance::times(12), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_case_is_its_stream_and_rebuilt_equals_live(
        rolls in vec(any::<[u8; 6]>(), 100..300),
    ) {
        let mut town = settled();
        let mut happened = 0_u32;
        for roll in rolls {
            happened += u32::from(town.case_step(roll).is_ok());
        }
        assert!(happened > 20, "almost everything was refused");
        compare(&town);
        town.rebuilt_equals_live();
    }
}

/// The odd numbers have a grant, and so a county.
pub fn settled() -> Town {
    let mut town = Town::new();
    for number in (1..=u128::from(PEOPLE)).step_by(2) {
        let whole = line(number);
        let registration = Registration {
            grant: whole.grant,
            person: whole.person,
            arises_from: None,
            item: item(),
            components: vec![ComponentAmount {
                component: Component::whole(),
                amount: yuan(1_000),
            }],
            from: month(1),
            to: None,
            payee: Payee::Person { person: whole.person },
            fund: fund(),
            area: area(),
            county: DivisionCode::parse(HERE).unwrap(),
            address: whole.address,
            basis: "granted".to_owned(),
        };
        let register = grant::Command::Register(registration);
        let id = whole.grant.to_string();
        town.unit("hu", |unit| unit.ask::<Grant>(&id, register)).unwrap();
    }
    town
}

fn text() -> String {
    "a reason".to_owned()
}

fn later(roll: u8) -> Date {
    day().saturating_add(i32::from(roll % 40).days())
}

fn small(roll: u8) -> Money {
    yuan(1 + i64::from(roll % 20))
}

impl Town {
    /// Moves one case on; a refusal is an answer as well.
    pub fn case_step(&mut self, roll: [u8; 6]) -> Asked {
        let number = u128::from(roll[1] % PEOPLE) + 1;
        let owed = obligation(number, month(1 + i8::try_from(roll[2] % 2).unwrap()));
        match roll[0] % 6 {
            0 | 1 => {
                let state = self.streams.obligations.get(&owed.to_string()).cloned();
                let command = for_obligation(&state.unwrap_or_default(), owed, roll);
                self.unit("hu", |unit| unit.ask::<Obligation>(&owed.to_string(), command))
            }
            2 => {
                let command = for_return(owed, number, roll);
                let id = owed.attempt(1).to_string();
                self.unit("hu", |unit| unit.ask::<ReturnCase>(&id, command))
            }
            3 => {
                let serial = format!("T-{}", self.next());
                let state = self.streams.recoveries.get(&owed.to_string()).cloned();
                let command = for_recovery(&state.unwrap_or_default(), owed, serial, roll);
                self.unit("hu", |unit| unit.ask::<Recovery>(&owed.to_string(), command))
            }
            4 => {
                let command = for_heirs(owed, roll);
                let id = owed.person.to_string();
                self.unit("hu", |unit| unit.ask::<Heirs>(&id, command))
            }
            _ if roll[3].is_multiple_of(2) => {
                let command = for_deduction(owed, roll);
                let id = format!("order-{}", roll[1] % 2);
                self.unit("hu", |unit| unit.ask::<Deduction>(&id, command))
            }
            _ => {
                let id = plan_id(month(1 + i8::try_from(roll[2] % 2).unwrap()), 1);
                let chunk = self.streams.comparisons.get(&id).map_or(0, |list| list.chunks);
                let command = for_comparison(chunk, roll);
                self.unit("hu", |unit| unit.ask::<Comparison>(&id, command))
            }
        }
    }
}

fn for_obligation(state: &Obligation, owed: ObligationId, roll: [u8; 6]) -> obligation::Command {
    use obligation::Command;
    let (by, reason) = ("hu".to_owned(), text());
    let (attempt, amount) = (state.due(), small(roll[4]));
    let part = format!("{}-{}", plan_id(month(1), 1), roll[5] % 2);
    let found = Overpayment {
        attempt,
        amount,
        person: owed.person,
        fund: fund(),
        book: BOOK.to_owned(),
        reason: NotOwed::AfterDeath,
        by: by.clone(),
    };
    match roll[3] % 13 {
        0 | 1 => {
            let reason = Hold::ALL[usize::from(roll[4]) % Hold::ALL.len()];
            Command::Hold { attempt, reason, amount, by, verify_by: Some(later(roll[5])) }
        }
        2 => Command::Release { by, reason, part: roll[4].is_multiple_of(2).then_some(part) },
        3 => {
            let reason = ReturnReason::AccountClosed;
            Command::Return { attempt, batch: "b".to_owned(), reason, amount }
        }
        4 | 5 => Command::Take { part, amount: state.waiting().unwrap_or(amount) },
        6 => Command::Free { part },
        7 => Command::PassOn { amount, died_in: owed.month },
        8 => Command::Cancel { reason: NotOwed::AfterDeath, by },
        9 => Command::Reinstate { by, reason },
        10 => Command::FindOverpayment(found),
        11 if roll[4].is_multiple_of(2) => Command::WithdrawOverpayment { by, reason },
        11 => Command::Order { amount, reason, by, approver: "chen".to_owned() },
        _ => {
            let other = ObligationId { person: person(9), ..owed };
            let paid = roll[4].is_multiple_of(2).then_some(found);
            Command::FindDuplicate { other, paid, by }
        }
    }
}

fn for_return(owed: ObligationId, number: u128, roll: [u8; 6]) -> return_case::Command {
    use return_case::Command;
    let (whole, on, by) = (line(number), later(roll[4]), "hu".to_owned());
    let part = format!("{}-{}", plan_id(month(1), 1), roll[5] % 2);
    match roll[3] % 7 {
        0 => Command::Open(Opened {
            obligation: owed,
            attempt: 1,
            batch: "b".to_owned(),
            bank: whole.bank,
            reason: ReturnReason::AccountClosed,
            amount: whole.net(),
            grant: whole.grant,
            person: whole.person,
            payee: None,
            address: whole.address,
            address_version: 1,
            returned_on: on,
            late: roll[5].is_multiple_of(2),
        }),
        1 => Command::Notify { by, channel: "sms".to_owned(), on },
        2 => Command::Correct { address: whole.address, version: 2, verified: true, by, on },
        3 => Command::Reissue { part },
        4 => Command::Free { part },
        5 => Command::Close { outcome: Outcome::Paid, on },
        _ => Command::Close { outcome: Outcome::PassedOn, on },
    }
}

fn for_recovery(
    state: &Recovery,
    owed: ObligationId,
    serial: String,
    roll: [u8; 6],
) -> recovery::Command {
    use recovery::Command;
    let (on, by, left) = (later(roll[4]), "hu".to_owned(), state.owed());
    let amount = small(roll[5]).min(left);
    match roll[3] % 10 {
        0 | 1 => Command::Open(About {
            obligation: owed,
            person: owed.person,
            item: owed.item,
            month: owed.month,
            component: owed.component,
            fund: fund(),
            book: BOOK.to_owned(),
            amount: yuan(50),
            reason: NotOwed::Mistake.code().to_owned(),
            found_on: on,
            carried: false,
        }),
        2 | 3 => Command::Demand { notice: text(), on, due: on, by },
        4 => {
            let first = small(roll[5]).min(left);
            let parts = [(on, first), (on, left - first)];
            let instalments = parts
                .map(|(due, amount)| Instalment { due, amount })
                .into_iter()
                .filter(|part| part.amount.is_positive());
            Command::Agree { agreement: text(), on, instalments: instalments.collect(), by }
        }
        5 => Command::Receive { serial, amount, into: Place::IncomeAccount, on },
        6 => {
            let against = ObligationId { month: month(3), ..owed };
            Command::Offset { against, fund: fund(), amount, on }
        }
        7 => Command::GoToCourt { court: text(), case: text(), on, by },
        8 => Command::WriteOff { approval: text(), authority: text(), amount, on, by },
        _ => Command::Withdraw { reason: text(), on, by },
    }
}

fn for_heirs(owed: ObligationId, roll: [u8; 6]) -> heirs::Command {
    use heirs::Command;
    match roll[3] % 5 {
        0..=2 => Command::Add {
            deceased: owed.person,
            died_on: Date::constant(2026, 2, 10),
            obligation: owed,
            amount: small(roll[4]),
        },
        3 => Command::Name {
            named: Named {
                heir: person(9),
                address: line(9).address,
                basis: text(),
                by: "hu".to_owned(),
                approver: "chen".to_owned(),
            },
            alive: true,
        },
        _ => Command::Withdraw { reason: text() },
    }
}

fn for_deduction(owed: ObligationId, roll: [u8; 6]) -> deduction::Command {
    use deduction::Command;
    let part = format!("p-{}", roll[5] % 3);
    match roll[4] % 6 {
        0 => Command::Order(Order {
            kind: deduction::Kind::Excess,
            item: owed.item,
            person: owed.person,
            third_party: None,
            per_month: None,
            total: Some(yuan(100)),
            from: owed.month,
            to: None,
            basis: text(),
            by: "hu".to_owned(),
            approver: "chen".to_owned(),
        }),
        1..=3 => Command::Keep { part, amount: small(roll[5]) },
        4 => Command::GiveBack { part },
        _ if roll[5].is_multiple_of(4) => Command::End { by: "hu".to_owned(), reason: text() },
        _ => Command::GiveBack { part },
    }
}

fn for_comparison(chunk: u32, roll: [u8; 6]) -> comparison::Command {
    use comparison::Command;
    let entry = |number: u8, kind| Entry {
        kind,
        grant: grant(u128::from(number)),
        person: person(u128::from(number)),
        before: Some(yuan(1_000)),
        now: Some(yuan(2_000)),
    };
    match roll[4] % 4 {
        0 => {
            let entries = vec![entry(1, Kind::Exception), entry(2, Kind::New)];
            Command::Draw { chunk, entries }
        }
        1 if roll[5].is_multiple_of(4) => {
            let counts = Counts { new: chunk, exceptions: chunk, ..Counts::default() };
            Command::Seal { previous: None, counts }
        }
        _ => Command::Decide {
            entries: vec![u32::from(roll[5] % 3) * 2],
            decision: if roll[5].is_multiple_of(2) {
                Decision::Accepted
            } else {
                Decision::Disputed
            },
            by: "hu".to_owned(),
            reason: text(),
        },
    }
}
