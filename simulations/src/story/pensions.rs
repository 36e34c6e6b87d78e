//! What changes in grants: late approvals, two pensions, the rise, certifications, a number keyed
//! wrongly, one human under two numbers (DISBURSEMENT 4.4, 4.7, 4.8, 4.11, 4.12, 4.13).

use shared::{Component, Date, GrantId, Money, Month, ResidentId};

use super::cast::{Cast, day, month};
use crate::group::Group;
use crate::resident::{Identity, Mark};
use crate::{StoryError, amounts, ids};

/// Retired last autumn, approved in January.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateApproval {
    /// By place in [`crate::City::grants`].
    pub grant: u32,
    pub who: u32,
    pub from: Month,
    pub approved: Date,
}

/// Drew the resident pension, and is granted the employee pension from an earlier month on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoubleDrawer {
    pub who: u32,
    /// His A1, registered late.
    pub grant: u32,
    /// His A3, which stands from the start and should not.
    pub resident_grant: GrantId,
    pub components: Vec<(Component, Money)>,
}

/// One human who stands in the register twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Twin {
    pub kept: u32,
    pub given_up: u32,
    /// The 15 digits that the second entry has, of an older division.
    pub old_number: String,
    pub merged: Date,
}

/// Whose certification was due at the end of January.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certification {
    pub done: Vec<u32>,
    pub stopped: Vec<Stopped>,
    /// When the last day had passed.
    pub checked: Date,
    pub stopped_on: Date,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    pub who: u32,
    pub grant: u32,
    /// When he was certified after all.
    pub certified: Option<Date>,
    pub died: bool,
}

/// Twelve months keyed into one, in February.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyed {
    pub who: u32,
    pub grant: u32,
    pub right: Money,
    pub wrong: Money,
    pub month: Month,
    pub keyed: Date,
}

/// Claimed the same course from two funds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondClaim {
    pub who: u32,
    /// The first one, B11.
    pub grant: u32,
    pub asked: Date,
}

pub const RISE_ON: Date = day(3, 2);
/// What the basic pension rises by, a month.
pub const RISE: Money = Money::from_fen(1_500);
pub const DOUBLE_FOUND: Date = day(1, 21);
/// After the merge of January's and February's payments.
const MERGED: Date = day(2, 26);

/// The last new retirees, with two, three and four months behind.
pub(super) fn late_approvals(cast: &mut Cast<'_>) -> Vec<LateApproval> {
    let retirees = cast.marked(Mark::NewRetiree);
    let start = retirees.len().saturating_sub(3);
    let late = retirees[start..].to_vec();
    cast.take(&late);
    let first = cast.city.plan().month;
    let approvals = (2..).zip(late).map(|(months, who): (i32, u32)| LateApproval {
        grant: cast.grant_of(who),
        who,
        from: first.plus(-months),
        approved: day(1, 4),
    });
    approvals.collect()
}

pub(super) fn double_drawers(cast: &mut Cast<'_>) -> Result<Vec<DoubleDrawer>, StoryError> {
    let count = cast.scaled(4);
    let people = cast.payees(Group::EmployeePensioner, count)?;
    cast.take(&people);
    let plan = cast.city.plan();
    let drawers = (0..).zip(people).map(|(index, who)| {
        let mut dice = crate::Dice::new(plan.seed, "second-pension", index);
        let case = amounts::Case { age: 66, lesser: false };
        DoubleDrawer {
            who,
            grant: cast.grant_of(who),
            resident_grant: GrantId::from_uuid(ids::uuid(plan, "second-pension", index)),
            components: amounts::components(&mut dice, "A3", case),
        }
    });
    Ok(drawers.collect())
}

/// As many residents draw nothing as draw two pensions: A3 has the figure of the plan.
pub(super) fn without_grant(cast: &mut Cast<'_>, count: usize) -> Result<Vec<u32>, StoryError> {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    let people = cast.payees(Group::ResidentPensioner, count)?;
    cast.take(&people);
    Ok(people.into_iter().map(|who| cast.grant_of(who)).collect())
}

pub(super) fn twin(cast: &mut Cast<'_>) -> Result<Twin, StoryError> {
    let citizen = |one: &crate::Resident| matches!(&one.identity, Identity::Citizen(id) if id.to_15().is_some());
    let people = cast.payees_who(&[Group::ResidentPensioner], 2, citizen)?;
    cast.take(&people);
    let residents = cast.city.residents();
    let (kept, given_up) = (people[0], people[1]);
    let Identity::Citizen(number) = &residents[kept as usize].identity else {
        return Err(StoryError::TooFewPeople { people: cast.city.plan().people });
    };
    let old_number = cast
        .older_number(number)
        .ok_or(StoryError::TooFewPeople { people: cast.city.plan().people })?;
    Ok(Twin { kept, given_up, old_number, merged: MERGED })
}

impl Cast<'_> {
    /// Fifteen digits of another division of that time, that nobody has.
    fn older_number(&self, number: &ResidentId) -> Option<String> {
        let digits = number.to_15()?;
        let rest = digits.as_str().get(6..)?;
        let on = self.city.plan().month.first_day();
        let taken = |id: &ResidentId| {
            let residents = self.city.residents().iter();
            residents.map(|one| one.identity.number()).any(|other| other == id.as_str())
        };
        ["320621", "320622", "320623", "320624", "320625", "320626"]
            .iter()
            .filter(|code| !digits.as_str().starts_with(**code))
            .map(|code| format!("{code}{rest}"))
            .find(|text| {
                ResidentId::from_15(text, on, shared::Divisions::bundled())
                    .is_ok_and(|id| !taken(&id))
            })
    }
}

pub(super) fn certification(cast: &mut Cast<'_>) -> Result<Certification, StoryError> {
    let done = cast.payees(Group::ResidentPensioner, cast.scaled(140))?;
    cast.take(&done);
    let mut stopped = Vec::new();
    for (count, certified, died) in
        [(15, Some(day(3, 3)), false), (4, None, false), (1, None, true)]
    {
        let count = if died { 1 } else { cast.scaled(count) };
        let people = cast.payees(Group::EmployeePensioner, count)?;
        cast.take(&people);
        for who in people {
            stopped.push(Stopped { who, grant: cast.grant_of(who), certified, died });
        }
    }
    Ok(Certification { done, stopped, checked: day(2, 2), stopped_on: day(2, 3) })
}

pub(super) fn keyed(cast: &mut Cast<'_>) -> Result<Keyed, StoryError> {
    let people = cast.payees(Group::Unemployed, 1)?;
    cast.take(&people);
    let who = people[0];
    let right = Money::from_fen(318_455);
    let wrong = right.checked_mul_int(12).expect("a year of it is a small sum");
    let grant = cast.grant_of(who);
    Ok(Keyed { who, grant, right, wrong, month: month(2), keyed: day(2, 5) })
}

pub(super) fn second_claim(cast: &mut Cast<'_>) -> Option<SecondClaim> {
    let item = |grant: &&crate::Grant| {
        grant.item.as_str() == "B11" && grant.from == cast.city.plan().month
    };
    let grant = cast.city.grants().iter().find(item)?;
    let (who, grant) = (grant.resident, grant.index);
    cast.take(&[who]);
    Some(SecondClaim { who, grant, asked: day(1, 21) })
}
