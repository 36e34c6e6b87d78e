//! Who and what is in the town.

use disbursement::plan::{Header, Step};
use disbursement::{Entry, Ledger, Line, Voucher, Workings};
use projections::Scope;
use shared::{
    AgencyCode, AreaCode, ArtefactId, BankCode, Component, Date, DivisionCode, FundCode, GrantId,
    ItemId, Money, Month, ObligationId, PayAddressId, PersonId, RunType,
};
use uuid::Uuid;

/// Cash, fiscal account, in transit, returned, spending, owed to third parties.
pub const CASH: &str = "1004";
pub const FISCAL: &str = "1003";
pub const TRANSIT: &str = "1101.01";
pub const RETURNED: &str = "1101.02";
pub const SPENT: &str = "5001";
pub const DEDUCTED: &str = "2001.02";

pub const BOOK: &str = "employee-pension-320600-NT01-2026";
/// One county of the area each; `HERE` has the odd numbers.
pub const HERE: &str = "320602";
pub const THERE: &str = "320612";

pub fn item() -> ItemId {
    ItemId::parse("A1").unwrap()
}

pub fn fund() -> FundCode {
    FundCode::parse("employee-pension").unwrap()
}

pub fn area() -> AreaCode {
    AreaCode::parse("320600").unwrap()
}

pub fn agency() -> AgencyCode {
    AgencyCode::parse("NT01").unwrap()
}

pub fn bank(which: usize) -> BankCode {
    BankCode::parse(["BOC", "JSBANK"][which % 2]).unwrap()
}

pub fn month(number: i8) -> Month {
    Month::new(2026, number).unwrap()
}

pub fn day() -> Date {
    Date::constant(2026, 1, 15)
}

pub fn yuan(yuan: i64) -> Money {
    Money::from_fen(yuan * 100)
}

pub fn person(number: u128) -> PersonId {
    PersonId::from_uuid(Uuid::from_u128(number))
}

pub fn grant(number: u128) -> GrantId {
    GrantId::from_uuid(Uuid::from_u128(0x100 + number))
}

pub fn obligation(number: u128, of: Month) -> ObligationId {
    line(number).obligation(item(), of)
}

pub fn artefact(number: u32) -> ArtefactId {
    let mut digest = [0; 32];
    digest[..4].copy_from_slice(&number.to_be_bytes());
    ArtefactId::from_digest(digest)
}

pub fn everything() -> Scope {
    Scope::everything("test")
}

pub fn within(division: &str) -> Scope {
    let division = DivisionCode::parse(division).unwrap();
    Scope { divisions: Some(vec![division]), ..everything() }
}

/// 1,000 yuan and a yuan for each number, of which every third keeps 50 back; numbers 1 and 2 are
/// paid by the first bank, 3 and 4 by the second, and so on.
pub fn line(number: u128) -> Line {
    let whole = i64::try_from(number).unwrap();
    Line {
        person: person(number),
        component: Component::whole(),
        month: None,
        adjustment: 0,
        attempt: 1,
        grant: grant(number),
        payee: None,
        address: PayAddressId::from_uuid(Uuid::from_u128(0x200 + number)),
        address_version: 1,
        bank: bank((whole as usize - 1) / 2),
        county: DivisionCode::parse(if number % 2 == 1 { HERE } else { THERE }).unwrap(),
        gross: yuan(1_000 + whole),
        deductions: yuan(if number.is_multiple_of(3) { 50 } else { 0 }),
        workings: Workings { grant_revision: 1, amount_from: month(1) },
    }
}

/// Above 7,000 yuan the section head sees it as well.
pub fn header(month: Month, number: u16) -> Header {
    let step =
        |role: &str, above: Option<i64>| Step { role: role.to_owned(), above: above.map(yuan) };
    Header {
        item: item(),
        month,
        area: area(),
        run: RunType::Normal,
        number,
        fund: fund(),
        agency: agency(),
        pay_day: day(),
        chain: vec![
            step("checker", None),
            step("section-head", Some(7_000)),
            step("accountant", None),
        ],
        amount_min: yuan(1),
        amount_max: yuan(5_000),
        pinned: vec![],
    }
}

/// Dr the first of each pair, Cr the second.
pub fn voucher(occurrence: &str, moves: &[(Ledger, &str, &str, Money)]) -> Voucher {
    let entry = |ledger, account: &str, debit, credit| Entry {
        ledger,
        account: account.to_owned(),
        item: Some(item()),
        month: None,
        batch: None,
        bank: None,
        party: None,
        debit,
        credit,
    };
    let entries = moves.iter().filter(|(.., amount)| amount.is_positive());
    Voucher {
        occurrence: occurrence.to_owned(),
        reference: format!("{occurrence} slip"),
        on: day(),
        entries: entries
            .flat_map(|(ledger, debit, credit, amount)| {
                [
                    entry(*ledger, debit, *amount, Money::ZERO),
                    entry(*ledger, credit, Money::ZERO, *amount),
                ]
            })
            .collect(),
    }
}
