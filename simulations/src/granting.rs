//! Making the grants from the residents.

use shared::{FundCode, GrantId, ItemId, Month, Payee};

use crate::amounts::{self, Case};
use crate::dice::Dice;
use crate::employer::Employer;
use crate::grant::{Grant, PaidTo};
use crate::group::{Count, Group};
use crate::ids;
use crate::people::{pension_from, sheet};
use crate::plan::Plan;
use crate::resident::{Mark, Resident};
use crate::special;

/// The item, the book that pays it, and how long it lasts.
struct Kind {
    item: &'static str,
    fund: &'static str,
    term: Term,
}

/// How the months of a grant follow from the plan.
#[derive(Clone, Copy)]
enum Term {
    /// From retirement on, for life.
    Pension,
    /// For life, since up to this many months before the plan.
    Since(u32),
    /// So many months in all, and running in the plan's first month.
    Lasting(u32),
    /// One of the plan's months, in turn.
    Once,
    /// In the year's fourth quarter.
    FourthQuarter,
}

struct Maker<'a> {
    plan: &'a Plan,
    residents: &'a [Resident],
    employers: &'a [Employer],
    /// The first of the deceased.
    deceased: usize,
    grants: Vec<Grant>,
}

/// Every grant, in the order of the residents; a second item follows the first.
pub(crate) fn grants(plan: &Plan, residents: &[Resident], employers: &[Employer]) -> Vec<Grant> {
    let deceased = residents.partition_point(|one| one.group < Group::Deceased);
    let mut maker = Maker { plan, residents, employers, deceased, grants: Vec::new() };
    let (mut group, mut position) = (None, 0);
    for resident in residents {
        position = if group == Some(resident.group) { position + 1 } else { 0 };
        group = Some(resident.group);
        maker.resident(resident, position);
    }
    maker.grants
}

const fn kind(item: &'static str, fund: &'static str, term: Term) -> Kind {
    Kind { item, fund, term }
}

impl Maker<'_> {
    fn resident(&mut self, one: &Resident, position: u32) {
        let people = self.plan.people;
        for kind in kinds(one.group, position, people) {
            self.grant(one, position, &kind);
        }
    }

    fn grant(&mut self, one: &Resident, position: u32, kind: &Kind) {
        let index = u32::try_from(self.grants.len()).expect("a few grants for each resident");
        let mut dice = Dice::new(self.plan.seed, "grant", index);
        let arises_from = self.cause(one, position).map(|index| self.residents[index].id);
        let sample = one.group == Group::PensionSheet;
        let (from, to) = self.months(&mut dice, one, position, kind.term);
        let lesser = one.group == Group::Dependant || kind.fund == "resident-pension";
        let age = self.plan.month.first_day().year() - one.birth.year();
        let case = Case { age: u32::try_from(age).unwrap_or_default(), lesser };
        let components = if sample {
            let total = sheet(position).official_total;
            vec![(shared::Component::whole(), total)]
        } else {
            amounts::components(&mut dice, kind.item, case)
        };
        let (payee, paid_to, address) = self.payee(one, position, kind.item);
        self.grants.push(Grant {
            index,
            id: GrantId::from_uuid(ids::uuid(self.plan, "grant", index)),
            item: ItemId::parse(kind.item).expect("the items of this module"),
            resident: one.index,
            person: one.id,
            arises_from,
            components,
            from,
            to,
            payee,
            paid_to,
            address,
            fund: FundCode::parse(kind.fund).expect("the funds of this module"),
            county: one.county,
            basis: format!("演示核定〔{}〕{:06}号", from.year(), index + 1),
            sample,
        });
    }

    /// The place of the deceased behind a survivor's grant. The dependants' workers stand first.
    fn cause(&self, one: &Resident, position: u32) -> Option<usize> {
        match one.group {
            Group::Dependant => Some(self.deceased + position as usize),
            Group::Relative => {
                let dependants = Count::A6.among(self.plan.people) / 4;
                Some(self.deceased + (dependants + position) as usize)
            }
            _ => None,
        }
    }

    fn months(
        &self,
        dice: &mut Dice,
        one: &Resident,
        position: u32,
        term: Term,
    ) -> (Month, Option<Month>) {
        let first = self.plan.month;
        let back = |months: u32| -i32::try_from(months).expect("a few years");
        match term {
            // The sample group is paid from the first month on, also those who retire later in the
            // year: its total is to be compared with the sheets.
            Term::Pension if one.group == Group::PensionSheet => {
                (sheet(position).retired.next().min(first), None)
            }
            Term::Pension if one.mark == Some(Mark::NewRetiree) => (first, None),
            // Who is no new retiree began earlier.
            Term::Pension => (pension_from(one, first.previous()), None),
            Term::Since(months) => (first.plus(back(dice.between(1, months))), None),
            Term::Lasting(months) => {
                let from = first.plus(back(dice.below(months.min(6))));
                let to = from.plus(i32::try_from(months).expect("a few years") - 1);
                // Everybody of the plan is still entitled in its last month.
                (from, Some(to.max(self.last_month())))
            }
            Term::Once => {
                let month = first.plus(i32::try_from(position % self.plan.months).unwrap_or(0));
                (month, Some(month))
            }
            Term::FourthQuarter => {
                let october = Month::new(first.year(), 10).expect("October of a year");
                (october, Some(october.plus(2)))
            }
        }
    }

    fn last_month(&self) -> Month {
        self.plan.month.plus(i32::try_from(self.plan.months).expect("at most 12") - 1)
    }

    fn payee(
        &self,
        one: &Resident,
        position: u32,
        item: &str,
    ) -> (Payee, PaidTo, shared::PayAddressId) {
        let own_firm = one.employer.map(|index| &self.employers[index as usize]);
        if let (true, Some(firm)) = (paid_to_firm(item, position), own_firm) {
            let payee = Payee::Employer { employer: firm.id };
            return (payee, PaidTo::Employer(firm.index), firm.account.address);
        }
        if let Some(guardian) = one.guardian.map(|index| &self.residents[index as usize]) {
            let payee = Payee::Guardian { person: guardian.id };
            return (payee, PaidTo::Resident(guardian.index), guardian.card.address);
        }
        let payee = match one.group {
            Group::Relative => Payee::Relative { person: one.id },
            _ => Payee::Person { person: one.id },
        };
        (payee, PaidTo::Resident(one.index), one.card.address)
    }
}

/// Hiring awards, and every third internship, whose employer paid the intern in advance.
fn paid_to_firm(item: &str, position: u32) -> bool {
    match item {
        "B3" => true,
        "B9" => position % 3 == 2,
        _ => false,
    }
}

/// What somebody of the group draws. Funds as `definitions` has them, one for each item but A4,
/// which the fund of the deceased pays.
fn kinds(group: Group, position: u32, people: u32) -> Vec<Kind> {
    let subsidy = "employment-subsidy";
    match group {
        Group::PensionSheet => vec![kind("A1", "employee-pension", Term::Pension)],
        Group::EmployeePensioner => {
            let second = special::second_item(people, position);
            [Some(kind("A1", "employee-pension", Term::Pension)), second.map(beside_pension)]
                .into_iter()
                .flatten()
                .collect()
        }
        Group::InstitutionPensioner => {
            let pension = kind("A2", "institution-pension", Term::Pension);
            if position < Count::C5.among(people) {
                vec![pension, kind("C5", "retired-cadres", Term::Since(60))]
            } else {
                vec![pension]
            }
        }
        Group::ResidentPensioner => vec![kind("A3", "resident-pension", Term::Pension)],
        Group::Unemployed => vec![kind("A5", "unemployment", Term::Lasting(18))],
        Group::Injured => {
            let periodic = kind("A6", "injury", Term::Since(120));
            let injured = Count::A6.among(people) - Count::A6.among(people) / 4;
            if position < Count::A7.among(people).min(injured) {
                vec![periodic, kind("A7", "injury", Term::Since(120))]
            } else {
                vec![periodic]
            }
        }
        Group::Dependant => vec![kind("A6", "injury", Term::Since(11))],
        Group::Relative if position % 3 == 2 => vec![kind("A4", "resident-pension", Term::Once)],
        Group::Relative => vec![kind("A4", "employee-pension", Term::Once)],
        Group::InjuredOnce => vec![kind("A8", "injury", Term::Once)],
        Group::Borrower => vec![kind("B1", "interest-subsidy", Term::Lasting(36))],
        Group::Trainee => vec![kind("B2", "public-training", Term::Once)],
        Group::Hired => vec![kind("B3", subsidy, Term::Lasting(12))],
        Group::Founder => vec![kind("B4", subsidy, Term::Once)],
        Group::HardToPlace => vec![kind("B5", subsidy, Term::Lasting(36))],
        Group::Graduate => vec![kind("B6", subsidy, Term::Lasting(24))],
        Group::WelfarePost => vec![kind("B7", subsidy, Term::Lasting(36))],
        Group::Student => vec![kind("B8", subsidy, Term::FourthQuarter)],
        Group::Intern => vec![kind("B9", subsidy, Term::Lasting(12))],
        Group::SkillTrainee => vec![kind("B10", subsidy, Term::Once)],
        Group::SkillUpgraded => vec![kind("B11", "unemployment", Term::Once)],
        Group::Guardian | Group::Deceased | Group::Worker | Group::Other => Vec::new(),
    }
}

fn beside_pension(item: &'static str) -> Kind {
    let fund = match item {
        "C1" => "institution-gap",
        "C2" => "ex-officer",
        "C3" => "model-worker",
        _ => "soe-teachers",
    };
    kind(item, fund, Term::Since(60))
}
