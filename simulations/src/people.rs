//! Making the residents: who they are, how old, and with which numbers.

use jiff::ToSpan;
use shared::{CardId, Date, DivisionCode, Month, PayAddressId, PersonId, Phone, Sex};

use crate::account::{self, Card, CardState, GBK_BANK, PayingBank, SILENT_BANK, UTF8_BANK};
use crate::dice::Dice;
use crate::employer::Employer;
use crate::group::{Count, Group, wards};
use crate::ids;
use crate::names;
use crate::numbers::Numbers;
use crate::pension_sheets::PensionSheet;
use crate::place;
use crate::plan::Plan;
use crate::resident::{Identity, Mark, Resident};
use crate::special::{self, FOREIGN_PENSIONERS};
use crate::story::banks::THROUGH_SILENT_BANK;

/// What every resident is made with.
struct Maker<'a> {
    plan: &'a Plan,
    numbers: &'a mut Numbers,
    towns: Vec<(DivisionCode, Vec<DivisionCode>)>,
    /// Running totals of the employers' head counts.
    jobs: Vec<u32>,
}

/// One resident's place in the city.
struct Seat {
    index: u32,
    group: Group,
    position: u32,
    mark: Option<(Mark, u32)>,
}

pub(crate) fn residents(
    plan: &Plan,
    numbers: &mut Numbers,
    sizes: &[(Group, u32)],
    employers: &[Employer],
) -> Vec<Resident> {
    let jobs = employers.iter().scan(0_u32, |total, employer| {
        *total += employer.head_count;
        Some(*total)
    });
    let jobs = jobs.collect();
    let mut maker = Maker { plan, numbers, towns: place::towns(), jobs };
    let seats = sizes.iter().flat_map(|(group, size)| (0..*size).map(|at| (*group, at)));
    let mut residents: Vec<Resident> =
        (0_u32..).zip(seats).map(|(index, (group, at))| maker.resident(index, group, at)).collect();
    give_guardians(&mut residents);
    residents
}

impl Maker<'_> {
    fn resident(&mut self, index: u32, group: Group, position: u32) -> Resident {
        let mark = special::mark(self.plan.people, group, position);
        let seat = Seat { index, group, position, mark };
        let mut dice = Dice::new(self.plan.seed, "person", index);
        let county = place::county(&mut dice);
        let sex = self.sex(&mut dice, &seat);
        let birth = self.birth(&mut dice, &seat, sex);
        let died = self.died(&mut dice, &seat);
        let (name, identity, nationality) = self.identity(&mut dice, &seat, county, sex, birth);
        let town = self.town(&mut dice, county);
        let phone = self.phone(&mut dice, &seat);
        let card = self.card(&mut dice, &seat);
        let employer = self.employer(&mut dice, group);
        let id = PersonId::from_uuid(ids::uuid(self.plan, "person", index));
        let mark = mark.map(|(mark, _)| mark);
        let guardian = None;
        Resident {
            index,
            id,
            group,
            name,
            identity,
            sex,
            birth,
            nationality,
            county,
            town,
            phone,
            card,
            employer,
            guardian,
            died,
            mark,
        }
    }

    fn sex(&self, dice: &mut Dice, seat: &Seat) -> Sex {
        let women_per_10k = match (seat.mark, seat.group) {
            (Some((Mark::DottedName, turn)), _) => return names::dotted(turn).1,
            (Some((Mark::ForeignDocument, turn)), group) => {
                return names::foreign(foreigner(group, turn)).1;
            }
            (Some((Mark::NewRetiree, _)), _) => return Sex::Male,
            (_, Group::PensionSheet) => return sheet(seat.position).sex,
            // Widows; the wards at the head are children of either sex.
            (None, Group::Dependant) => return Sex::Female,
            (_, Group::EmployeePensioner) => 5_400,
            (_, Group::ResidentPensioner) => 5_600,
            (_, Group::Injured | Group::InjuredOnce) => 2_500,
            _ => 5_000,
        };
        if dice.chance(women_per_10k) { Sex::Female } else { Sex::Male }
    }

    fn birth(&self, dice: &mut Dice, seat: &Seat, sex: Sex) -> Date {
        let month = match (seat.mark, seat.group) {
            (_, Group::PensionSheet) => Some(sheet(seat.position).birth),
            // A man born in September 1965 retired at 60 and 3 months, in December 2025
            // (国务院关于渐进式延迟法定退休年龄的办法), and draws from January 2026 on.
            (Some((Mark::NewRetiree, _)), _) => Some(self.plan.month.plus(-(60 * 12 + 4))),
            _ => None,
        };
        if let Some(month) = month {
            let day = dice.below(u32::from(month.last_day().day().unsigned_abs()));
            return month.first_day().saturating_add(i64::from(day).days());
        }
        let (low, high) = ages(seat, sex, self.plan.people);
        // There are more of the younger among the old.
        let age = match seat.group {
            Group::EmployeePensioner | Group::InstitutionPensioner | Group::ResidentPensioner => {
                dice.between(low, high).min(dice.between(low, high))
            }
            _ => dice.between(low, high),
        };
        let days = dice.below(365);
        let first = self.plan.month.first_day();
        first.saturating_sub(i64::from(age).years()).saturating_sub((i64::from(days) + 1).days())
    }

    /// The workers behind dependants died in the years before; those behind A4 in the month before
    /// the grant.
    fn died(&self, dice: &mut Dice, seat: &Seat) -> Option<Date> {
        if seat.group != Group::Deceased {
            return None;
        }
        let dependants = Count::A6.among(self.plan.people) / 4;
        let months = match seat.position.checked_sub(dependants) {
            Some(of_a4) => i64::from(of_a4 % self.plan.months) - 1,
            None => -i64::from(dice.between(12, 96)),
        };
        let month = self.plan.month.plus(i32::try_from(months).expect("at most eight years"));
        Some(month.first_day().saturating_add(i64::from(dice.below(28)).days()))
    }

    fn identity(
        &mut self,
        dice: &mut Dice,
        seat: &Seat,
        county: DivisionCode,
        sex: Sex,
        birth: Date,
    ) -> (String, Identity, &'static str) {
        if let Some((Mark::ForeignDocument, turn)) = seat.mark {
            let (name, _, country) = names::foreign(foreigner(seat.group, turn));
            let document = self.numbers.passport(country, seat.index);
            return (name.to_owned(), Identity::Foreign(document), "00");
        }
        let number = self.numbers.resident(dice, county, birth, sex);
        let number = match seat.mark {
            Some((Mark::OldNumber, _)) => self.numbers.as_old(&number).unwrap_or(number),
            _ => number,
        };
        let (name, nationality) = match seat.mark {
            Some((Mark::DottedName, turn)) => {
                let (name, _, nationality) = names::dotted(turn);
                (name.to_owned(), nationality)
            }
            Some((Mark::RareCharacter, _)) => (format!("王{}", names::RARE_CHARACTER), "01"),
            _ => (names::chinese(dice, sex), "01"),
        };
        (name, Identity::Citizen(number), nationality)
    }

    fn town(&self, dice: &mut Dice, county: DivisionCode) -> Option<DivisionCode> {
        let (_, towns) = self.towns.iter().find(|(of, _)| *of == county)?;
        place::town(dice, towns)
    }

    /// Families share a phone: one child in five, one old person in a hundred has the neighbour's.
    fn phone(&self, dice: &mut Dice, seat: &Seat) -> Phone {
        let shared_per_10k = match seat.group {
            Group::Other => 2_000,
            Group::ResidentPensioner => 100,
            _ => 0,
        };
        let of = match seat.mark {
            Some((Mark::SharedPhone, turn)) => seat.index - turn,
            _ if dice.chance(shared_per_10k) => seat.index - 1,
            _ => seat.index,
        };
        self.numbers.phone(&mut Dice::new(self.plan.seed, "phone", of), of)
    }

    fn card(&self, dice: &mut Dice, seat: &Seat) -> Card {
        let bank = match seat.mark {
            Some((Mark::RareCharacter, _)) if self.plan.hard_names => account::bank_of(GBK_BANK),
            Some((Mark::RareCharacter, _)) => account::bank_of(UTF8_BANK),
            _ => self.paying_bank(dice, seat),
        };
        let state = match seat.group {
            Group::Deceased => CardState::Cancelled,
            Group::Worker | Group::Other => *dice.weighted(&[
                (CardState::Active, 72),
                (CardState::SocialOnly, 18),
                (CardState::Delivered, 8),
                (CardState::ReportedLost, 2),
            ]),
            // A payee's card is active, or lost, which stops no payment.
            _ => *dice.weighted(&[(CardState::Active, 499), (CardState::ReportedLost, 1)]),
        };
        Card {
            id: CardId::from_uuid(ids::uuid(self.plan, "card", seat.index)),
            bank: bank.bank(),
            number: self.numbers.card(bank.prefix(dice), seat.index),
            state,
            address: PayAddressId::from_uuid(ids::uuid(self.plan, "address", seat.index)),
        }
    }

    /// One of the four; the unemployed go to the bank that will time out by their count.
    fn paying_bank(&self, dice: &mut Dice, seat: &Seat) -> &'static PayingBank {
        if seat.group != Group::Unemployed {
            return account::bank(dice);
        }
        let silent = account::bank_of(SILENT_BANK);
        if seat.position < Count(THROUGH_SILENT_BANK).among(self.plan.people) {
            return silent;
        }
        loop {
            let bank = account::bank(dice);
            if bank.bank() != silent.bank() {
                return bank;
            }
        }
    }

    /// Large employers have more of the city's workers.
    fn employer(&self, dice: &mut Dice, group: Group) -> Option<u32> {
        if !matches!(
            group,
            Group::Worker
                | Group::Hired
                | Group::Intern
                | Group::SkillUpgraded
                | Group::InjuredOnce
        ) {
            return None;
        }
        let job = dice.below(*self.jobs.last()?);
        let employer = self.jobs.partition_point(|total| *total <= job);
        u32::try_from(employer).ok()
    }
}

/// The wards of both groups get the guardians in turn.
fn give_guardians(residents: &mut [Resident]) {
    let is = |mark| move |one: &&mut Resident| one.mark == Some(mark);
    let guardians: Vec<u32> =
        residents.iter().filter(|one| one.group == Group::Guardian).map(|one| one.index).collect();
    for (ward, guardian) in residents.iter_mut().filter(is(Mark::Ward)).zip(guardians) {
        ward.guardian = Some(guardian);
    }
}

/// Ages in full years on the first day of the plan, youngest and oldest.
fn ages(seat: &Seat, sex: Sex, people: u32) -> (u32, u32) {
    let retired = |woman| if sex == Sex::Female { woman } else { 60 };
    match seat.group {
        Group::PensionSheet => (50, 62),
        // Numbers of 15 digits were given until 1999.
        Group::EmployeePensioner => (retired(50), 88),
        // 离休: joined before October 1949.
        Group::InstitutionPensioner if seat.position < Count::C5.among(people) => (92, 98),
        Group::InstitutionPensioner => (retired(55), 90),
        Group::ResidentPensioner if seat.position < wards(seat.group) => (80, 95),
        Group::ResidentPensioner => (60, 95),
        Group::Dependant if seat.position < wards(seat.group) => (6, 15),
        Group::Dependant => (55, 80),
        Group::Deceased if seat.position < Count::A6.among(people) / 4 => (44, 66),
        Group::Deceased => (62, 92),
        Group::Injured => (28, 70),
        Group::Unemployed => (22, 57),
        Group::Guardian | Group::Relative => (35, 60),
        Group::HardToPlace | Group::WelfarePost => {
            if sex == Sex::Female {
                (40, 49)
            } else {
                (50, 59)
            }
        }
        Group::Graduate | Group::Student | Group::Intern => (21, 24),
        Group::Borrower | Group::Founder => (23, 48),
        Group::InjuredOnce
        | Group::Trainee
        | Group::Hired
        | Group::SkillTrainee
        | Group::SkillUpgraded => (20, 50),
        Group::Worker => (18, 59),
        Group::Other => (0, 30),
    }
}

fn foreigner(group: Group, turn: u32) -> u32 {
    if group == Group::Worker { FOREIGN_PENSIONERS + turn } else { turn }
}

/// The sheet of the one at this position of the sample group.
pub(crate) fn sheet(position: u32) -> &'static PensionSheet {
    &PensionSheet::all()[position as usize]
}

/// The month in which a pensioner of this group began to draw, by the ages before 2025 and not
/// after `latest`. Residents draw from 60, since July 2011 (国发〔2011〕18号).
pub(crate) fn pension_from(one: &Resident, latest: Month) -> Month {
    let (woman, earliest) = match one.group {
        Group::ResidentPensioner => (60, Month::new(2011, 7).expect("a month")),
        Group::InstitutionPensioner => (55, Month::MIN),
        _ => (50, Month::MIN),
    };
    let age = if one.sex == Sex::Female { woman } else { 60 };
    Month::of(one.birth).plus(age * 12 + 1).max(earliest).min(latest)
}
