//! What is wrong with accounts, and when it is put right (DISBURSEMENT 4.3, 4.9, 4.11, 4.12).

use shared::{Date, Money, Month, ReturnReason};

use super::cast::{Cast, day, month};
use crate::group::Group;
use crate::resident::Mark;
use crate::{Resident, StoryError};

/// A payment that comes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returned {
    pub who: u32,
    pub month: Month,
    pub reason: ReturnReason,
    /// When the payee's account is put right; never for those that stay open.
    pub corrected: Option<Date>,
    /// The run that pays it again.
    pub reissued: Option<Date>,
    pub mend: Mend,
}

/// How an account is put right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mend {
    /// The card's financial function is activated: the same account.
    Activated,
    /// Another account at the same bank.
    Account(String),
    /// The bank renewed the card and nobody had told the bureau.
    Renewed(String),
    /// The same account under the name as the bank spells it.
    Name(String),
}

/// A card that was renewed, and whose account was re-pointed in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renewal {
    pub who: u32,
    pub number: String,
    pub on: Date,
}

/// A returned payment of before the cut-over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldReturn {
    pub who: u32,
    pub month: Month,
    pub reason: ReturnReason,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accounts {
    pub returns: Vec<Returned>,
    pub renewals: Vec<Renewal>,
    pub old: Vec<OldReturn>,
    /// Somebody with 「䶮」 at a bank that cannot write it: where he is paid from then on.
    pub rare: Option<RareName>,
    /// Three people with the account of the first one.
    pub shared: Vec<u32>,
    /// Seven payees with one phone.
    pub one_phone: Vec<u32>,
    /// January's line of which its bank says nothing until February.
    pub silent: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RareName {
    pub who: u32,
    /// An account at a bank that takes every character.
    pub account: String,
    pub moved: Date,
}

/// The reissue runs: on the 25th, or the working day before; and one at the quarter's end.
pub const REISSUES: [(i8, Date); 4] =
    [(1, day(1, 23)), (2, day(2, 25)), (3, day(3, 25)), (3, day(3, 31))];
/// The addresses of renewed cards that were told in time: before February is frozen.
const RENEWED: Date = day(2, 4);

/// How many come back in a month, and why. February's R03 are the renewed cards of one bank.
struct Row {
    month: i8,
    /// Among 20,000 people.
    count: u32,
    reason: ReturnReason,
}

const fn row(month: i8, count: u32, reason: ReturnReason) -> Row {
    Row { month, count, reason }
}

/// 24, 36 and 27, with one of January's whose name has another dot at its bank.
const ROWS: &[Row] = &[
    row(1, 16, ReturnReason::CardNotActive),
    row(1, 3, ReturnReason::AccountClosed),
    row(1, 2, ReturnReason::AccountFrozen),
    row(1, 2, ReturnReason::NoSuchAccount),
    row(2, 3, ReturnReason::CardNotActive),
    row(2, 1, ReturnReason::AccountFrozen),
    row(2, 1, ReturnReason::NoSuchAccount),
    row(3, 15, ReturnReason::CardNotActive),
    row(3, 6, ReturnReason::AccountClosed),
    row(3, 4, ReturnReason::NoSuchAccount),
    row(3, 2, ReturnReason::AccountFrozen),
];

/// The bank that renews cards, and in how many of its lines one is not re-pointed, at least: the
/// rate of the orange warning.
pub const RENEWING_BANK: &str = "CMB";
const RENEWED_CARDS: (u32, u32) = (29, 31);
const ORANGE_PER_10K: u32 = 205;

const PENSIONERS: &[Group] = &[Group::EmployeePensioner, Group::InstitutionPensioner];

pub(super) fn accounts(cast: &mut Cast<'_>) -> Result<Accounts, StoryError> {
    let at_bank = |one: &Resident| one.card.bank.as_str() == RENEWING_BANK;
    let elsewhere = |one: &Resident| !at_bank(one);
    let count = cast.scaled(RENEWED_CARDS.0);
    let told = cast.payees_who(PENSIONERS, count, at_bank)?;
    cast.take(&told);
    let renewals = told
        .into_iter()
        .map(|who| Renewal { who, number: cast.new_card(who), on: RENEWED })
        .collect();
    let mut returns = Vec::new();
    let untold = cast.payees_who(PENSIONERS, untold(cast), at_bank)?;
    cast.take(&untold);
    for who in untold {
        let mend = Mend::Renewed(cast.new_card(who));
        returns.push(returned(who, month(2), ReturnReason::AccountClosed, mend));
    }
    for row in ROWS {
        let people = cast.payees_who(PENSIONERS, cast.scaled(row.count), elsewhere)?;
        cast.take(&people);
        for who in people {
            let mend = match row.reason {
                ReturnReason::CardNotActive => Mend::Activated,
                _ => Mend::Account(cast.new_card(who)),
            };
            returns.push(returned(who, month(row.month), row.reason, mend));
        }
    }
    if let Some(who) = cast.marked(Mark::DottedName).first().copied() {
        let name = cast.city.residents()[who as usize].name.replace('·', "•");
        let mend = Mend::Name(name);
        returns.push(returned(who, month(1), ReturnReason::NameMismatch, mend));
    }
    schedule(&mut returns);
    let people = cast.payees(Group::EmployeePensioner, cast.scaled(3))?;
    cast.take(&people);
    let november = cast.city.plan().month.plus(-2);
    let old = people.into_iter().map(|who| OldReturn {
        who,
        month: november,
        reason: ReturnReason::AccountClosed,
    });
    let old = old.collect();
    let rare = cast.marked(Mark::RareCharacter).first().copied().map(|who| RareName {
        who,
        account: cast.new_card(who),
        moved: day(1, 14),
    });
    let shared = cast.payees(Group::ResidentPensioner, 3)?;
    cast.take(&shared);
    let silent = cast.payees_who(&[Group::EmployeePensioner], 1, elsewhere)?;
    cast.take(&silent);
    let (one_phone, silent) = (cast.marked(Mark::SharedPhone), silent[0]);
    Ok(Accounts { returns, renewals, old, rare, shared, one_phone, silent })
}

/// 31 of 20,000 people: so many in any city that the bank's rate is above the line of orange.
fn untold(cast: &Cast<'_>) -> u32 {
    let city = cast.city;
    let february = month(2);
    let lines: usize = city
        .grants()
        .iter()
        .filter(|grant| {
            grant.covers(february) && city.account(grant).bank.as_str() == RENEWING_BANK
        })
        .map(|grant| grant.components.len())
        .sum();
    let lines = u32::try_from(lines).unwrap_or(u32::MAX);
    cast.scaled(RENEWED_CARDS.1).max((lines * ORANGE_PER_10K).div_ceil(10_000))
}

fn returned(who: u32, month: Month, reason: ReturnReason, mend: Mend) -> Returned {
    Returned { who, month, reason, corrected: None, reissued: None, mend }
}

/// The run of the 25th pays four in five of the month's again, and what the month before left; the
/// last run all of the rest but two.
fn schedule(returns: &mut [Returned]) {
    for of in 1..=3_i8 {
        let places: Vec<usize> =
            (0..returns.len()).filter(|place| returns[*place].month == month(of)).collect();
        let first = cleared(places.len());
        for (index, place) in places.iter().enumerate() {
            let Some((corrected, reissued)) = when(of, index, first, places.len()) else {
                continue;
            };
            returns[*place].corrected = Some(corrected);
            returns[*place].reissued = Some(reissued);
        }
    }
}

/// Four in five, rounded.
#[must_use]
pub fn cleared(returned: usize) -> usize {
    (returned * 8 + 5) / 10
}

/// How many stay open at the end of March, of so many returned in it.
#[must_use]
pub fn left_open(returned: usize) -> usize {
    (returned - cleared(returned)).min(2)
}

fn when(of: i8, index: usize, first: usize, all: usize) -> Option<(Date, Date)> {
    // Corrected after the reply and before the run is prepared; the others before the next freeze.
    let own = [day(1, 19), day(2, 24), day(3, 19)][usize::try_from(of - 1).ok()?];
    let after = [day(1, 28), day(2, 27), day(3, 27)][usize::try_from(of - 1).ok()?];
    if index < first {
        return Some((own, REISSUES[usize::try_from(of - 1).ok()?].1));
    }
    match of {
        3 if index >= all - left_open(all) => None,
        _ => Some((after, REISSUES[usize::try_from(of).ok()?].1)),
    }
}

impl Returned {
    /// The bank's account and what it says of it, from the month's file on and until it is right.
    #[must_use]
    pub fn wrong(&self) -> (Date, Date) {
        let until = self.corrected.unwrap_or(Date::MAX);
        (self.month.first_day(), until)
    }
}

impl OldReturn {
    /// What November owed.
    #[must_use]
    pub fn amount(&self, city: &crate::City) -> Money {
        let grants = city.grants().iter();
        grants.filter(|grant| grant.resident == self.who).map(crate::Grant::amount).sum()
    }
}
