//! The rules about an employer, as sentences.

use kernel::given;
use shared::{CreditCode, Date, DivisionCode, EmployerId};
use uuid::Uuid;

use super::*;

const MILL: EmployerId = EmployerId::from_uuid(Uuid::from_u128(1));
const DYER: EmployerId = EmployerId::from_uuid(Uuid::from_u128(2));

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn code() -> CreditCode {
    CreditCode::parse("91350100M000100Y43").unwrap()
}

fn details(name: &str) -> Details {
    Details {
        name: name.to_owned(),
        kind: Kind::Enterprise,
        county: DivisionCode::parse("320612").unwrap(),
        industry: None,
        address: None,
        legal_representative: None,
        contact: None,
    }
}

fn registered() -> Event {
    Event::Registered {
        employer: MILL,
        code: code(),
        details: details("纺织厂"),
        on: day("2026-01-05"),
    }
}

fn virtual_registered() -> Event {
    Event::VirtualRegistered {
        employer: MILL,
        details: details("代办户"),
        purpose: "灵活就业代缴".to_owned(),
        on: day("2026-01-05"),
    }
}

fn merge(into: EmployerId, on: &str) -> Command {
    Command::Merge { into, on: day(on), reason: "吸收合并".to_owned() }
}

#[test]
fn an_employer_is_registered_once_and_has_a_name() {
    let register = |name| Command::Register {
        employer: MILL,
        code: code(),
        details: details(name),
        on: day("2026-01-05"),
    };
    given::<Employer>([]).when(register("纺织厂")).then([registered()]);
    given::<Employer>([]).when(register("  ")).then_refused(Error::NoName);
    given::<Employer>([virtual_registered()])
        .when(register("纺织厂"))
        .then_refused(Error::AlreadyRegistered);
}

#[test]
fn a_virtual_employer_never_gets_a_credit_code() {
    let change = |code| Command::Change { code, details: details("新"), on: day("2026-01-06") };
    given::<Employer>([virtual_registered()])
        .when(change(Some(code())))
        .then_refused(Error::VirtualHasNoCode);
    given::<Employer>([virtual_registered()]).when(change(None)).then([Event::Changed {
        code: None,
        details: details("新"),
        on: day("2026-01-06"),
    }]);
}

#[test]
fn what_is_so_already_is_not_changed() {
    given::<Employer>([registered()])
        .when(Command::Change {
            code: Some(code()),
            details: details("纺织厂"),
            on: day("2026-01-06"),
        })
        .then_nothing();
}

#[test]
fn a_merged_or_deregistered_employer_changes_no_more() {
    let (on, reason) = (day("2026-03-02"), "吸收合并".to_owned());
    let cases = [
        (Event::Merged { into: DYER, on, reason }, Error::Merged { into: DYER, on }),
        (Event::Deregistered { on, reason: "注销".to_owned() }, Error::Deregistered { on }),
    ];
    for (end, refusal) in cases {
        let commands = [
            merge(DYER, "2026-03-03"),
            Command::Absorb { employer: DYER, on: day("2026-03-03") },
            Command::Change { code: None, details: details("新"), on: day("2026-03-03") },
            Command::Deregister { on: day("2026-03-03"), reason: "注销".to_owned() },
        ];
        for command in commands {
            given::<Employer>([registered(), end.clone()])
                .when(command)
                .then_refused(refusal.clone());
        }
    }
}

#[test]
fn an_employer_is_merged_into_another_and_absorbed_once() {
    given::<Employer>([registered()])
        .when(merge(MILL, "2026-03-02"))
        .then_refused(Error::IntoItself);
    let absorb = Command::Absorb { employer: DYER, on: day("2026-03-02") };
    given::<Employer>([registered()])
        .when(absorb.clone())
        .then([Event::Absorbed { employer: DYER, on: day("2026-03-02") }])
        .when(absorb)
        .then_refused(Error::AlreadyAbsorbed { employer: DYER });
}

#[test]
fn nothing_happens_before_the_last_change() {
    let (on, since) = (day("2026-01-04"), day("2026-01-05"));
    given::<Employer>([registered()])
        .when(merge(DYER, "2026-01-04"))
        .then_refused(Error::BeforeLastChange { on, since });
}
