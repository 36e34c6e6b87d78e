//! Who lives in the city: groups of people and their sizes.

use crate::plan::Plan;

/// Why somebody is in the city. A group stands together in the order of the residents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// The sample group: one for each real settlement sheet (A1, marked).
    PensionSheet,
    /// Draws A1; some also C1, C2, C3 or C4.
    EmployeePensioner,
    /// Draws A2; the oldest also C5.
    InstitutionPensioner,
    /// Draws A3.
    ResidentPensioner,
    /// Draws A5.
    Unemployed,
    /// Draws A6, the first of them also A7.
    Injured,
    /// Draws A6 for a worker who died.
    Dependant,
    /// Cares for a ward; draws nothing himself.
    Guardian,
    /// Died on a day that is known; the cause of A4 and of A6 for dependants.
    Deceased,
    /// Draws A4, once.
    Relative,
    /// Draws A8, once.
    InjuredOnce,
    /// Draws B1.
    Borrower,
    /// Draws B2, once.
    Trainee,
    /// Hired lately: the cause of B3.
    Hired,
    /// Draws B4, once.
    Founder,
    /// Draws B5.
    HardToPlace,
    /// Draws B6.
    Graduate,
    /// Draws B7.
    WelfarePost,
    /// Draws B8 in the fourth quarter.
    Student,
    /// Draws B9, himself or through the employer.
    Intern,
    /// Draws B10, once.
    SkillTrainee,
    /// Draws B11, once.
    SkillUpgraded,
    /// Employed, draws nothing.
    Worker,
    /// Children, homemakers and everybody else.
    Other,
}

/// How many of an item or group there are among 20,000 people. A1 to C5: DISBURSEMENT 4.1; the
/// rest is ours.
pub(crate) struct Count(pub(crate) u32);

impl Count {
    pub(crate) const A1: Count = Count(2_600);
    pub(crate) const A2: Count = Count(330);
    pub(crate) const A3: Count = Count(3_200);
    pub(crate) const A5: Count = Count(140);
    pub(crate) const A6: Count = Count(60);
    pub(crate) const A7: Count = Count(18);
    pub(crate) const C1: Count = Count(45);
    pub(crate) const C2: Count = Count(30);
    pub(crate) const C3: Count = Count(14);
    pub(crate) const C4: Count = Count(26);
    pub(crate) const C5: Count = Count(9);
    pub(crate) const NEW_RETIREES: Count = Count(12);

    /// For this many people, rounded, and one at least.
    pub(crate) fn among(&self, people: u32) -> u32 {
        let scaled = (u64::from(self.0) * u64::from(people) + 10_000) / 20_000;
        u32::try_from(scaled).expect("no group is larger than the city").max(1)
    }
}

/// What a figure among 20,000 people is in a city of this many: rounded, and one at least.
#[must_use]
pub fn among(people: u32, figure: u32) -> u32 {
    Count(figure).among(people)
}

/// The groups in their order, each with its size; they fill the city.
///
/// `None` when the groups need more people than there are.
pub(crate) fn sizes(plan: &Plan, sheets: u32) -> Option<Vec<(Group, u32)>> {
    let people = plan.people;
    let of = |base: u32| Count(base).among(people);
    let monthly = |base: u32| of(base) * plan.months;
    let a6 = Count::A6.among(people);
    let dependants = a6 / 4;
    let mut sizes = vec![
        (Group::PensionSheet, sheets),
        (Group::EmployeePensioner, Count::A1.among(people)),
        (Group::InstitutionPensioner, Count::A2.among(people)),
        (Group::ResidentPensioner, Count::A3.among(people)),
        (Group::Unemployed, Count::A5.among(people)),
        (Group::Injured, a6 - dependants),
        (Group::Dependant, dependants),
        (
            Group::Guardian,
            wards(Group::ResidentPensioner) + dependants.min(wards(Group::Dependant)),
        ),
        (Group::Deceased, dependants + monthly(5)),
        (Group::Relative, monthly(5)),
        (Group::InjuredOnce, monthly(3)),
        (Group::Borrower, of(12)),
        (Group::Trainee, monthly(16)),
        (Group::Hired, of(24)),
        (Group::Founder, monthly(6)),
        (Group::HardToPlace, of(60)),
        (Group::Graduate, of(25)),
        (Group::WelfarePost, of(40)),
        (Group::Student, of(20)),
        (Group::Intern, of(14)),
        (Group::SkillTrainee, monthly(18)),
        (Group::SkillUpgraded, monthly(22)),
    ];
    let rest = people.checked_sub(sizes.iter().map(|(_, size)| size).sum())?;
    let others = rest / 4;
    sizes.extend([(Group::Worker, rest - others), (Group::Other, others)]);
    Some(sizes)
}

/// How many at the head of a group stand under a guardian: two old people and two orphans.
pub(crate) const fn wards(group: Group) -> u32 {
    if matches!(group, Group::ResidentPensioner | Group::Dependant) { 2 } else { 0 }
}
