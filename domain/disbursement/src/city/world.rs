//! Who and what is in the city, and words that every move needs.

use shared::{
    AgencyCode, AreaCode, ArtefactId, BankCode, Component, Date, DivisionCode, FundCode, GrantId,
    ItemId, Money, Month, PayAddressId, PersonId, RunType,
};
use uuid::Uuid;

use crate::ledger::{Entry, Ledger, Voucher};
use crate::line::{Line, Workings};
use crate::plan::{Header, Step};

pub(crate) const PEOPLE: u128 = 8;
pub(crate) const STAFF: [&str; 7] = ["hu", "chen", "shen", "kuai", "chu", "ke", "wang"];
pub(crate) const PARTS: u16 = 2;

/// Cash, fiscal account, in transit, returned, spending, owed to third parties.
pub(crate) const CASH: &str = "1004";
pub(crate) const FISCAL: &str = "1003";
pub(crate) const TRANSIT: &str = "1101.01";
pub(crate) const RETURNED: &str = "1101.02";
pub(crate) const SPENT: &str = "5001";
pub(crate) const DEDUCTED: &str = "2001.02";

pub(crate) fn item(which: usize) -> ItemId {
    ItemId::parse(["A1", "B1"][which]).unwrap()
}

pub(crate) fn fund(item: ItemId) -> FundCode {
    let name = if item.as_str() == "A1" { "employee-pension" } else { "employment-subsidy" };
    FundCode::parse(name).unwrap()
}

pub(crate) fn book(fund: FundCode) -> String {
    format!("{fund}-320600-NT01-2026")
}

pub(crate) fn area() -> AreaCode {
    AreaCode::parse("320600").unwrap()
}

pub(crate) fn agency() -> AgencyCode {
    AgencyCode::parse("NT01").unwrap()
}

pub(crate) fn bank(which: usize) -> BankCode {
    BankCode::parse(["BOC", "JSBANK"][which]).unwrap()
}

pub(crate) fn month(number: i8) -> Month {
    Month::new(2026, number).unwrap()
}

pub(crate) fn day() -> Date {
    Date::constant(2026, 1, 15)
}

pub(crate) fn yuan(yuan: i64) -> Money {
    Money::from_fen(yuan * 100)
}

pub(crate) fn person(number: u128) -> PersonId {
    PersonId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn grant(number: u128) -> GrantId {
    GrantId::from_uuid(Uuid::from_u128(0x100 + number))
}

pub(crate) fn artefact(number: u32) -> ArtefactId {
    let mut digest = [0; 32];
    digest[..4].copy_from_slice(&number.to_be_bytes());
    ArtefactId::from_digest(digest)
}

/// Few banks and few sums, so that lines are easily taken for one another.
pub(crate) fn line(number: u128) -> Line {
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
        bank: bank((number % 2) as usize),
        county: DivisionCode::parse("320602").unwrap(),
        gross: yuan(if number == 7 { 2_000 } else { 1_000 }),
        deductions: yuan(if number == 3 { 50 } else { 0 }),
        workings: Workings { grant_revision: 1, amount_from: month(1) },
    }
}

pub(crate) fn header(item: ItemId, month: Month, number: u16) -> Header {
    let step =
        |role: &str, above: Option<i64>| Step { role: role.to_owned(), above: above.map(yuan) };
    Header {
        item,
        month,
        area: area(),
        run: RunType::Normal,
        number,
        fund: fund(item),
        agency: agency(),
        pay_day: day(),
        chain: vec![
            step("checker", None),
            step("section-head", Some(8_000)),
            step("accountant", None),
        ],
        amount_min: yuan(1),
        amount_max: yuan(5_000),
        pinned: vec![],
    }
}

/// Dr the first of each pair, Cr the second.
pub(crate) fn voucher(
    occurrence: &str,
    about: Option<ItemId>,
    moves: &[(Ledger, &str, &str, Money)],
) -> Voucher {
    let entry = |ledger, account: &str, debit, credit| Entry {
        ledger,
        account: account.to_owned(),
        item: about,
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
        reference: String::new(),
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
