//! Who plays which part: ordinary payees of the city, each with one part at most.

use std::collections::{BTreeMap, BTreeSet};

use shared::{Month, WorkingDays};

use crate::account::CardState;
use crate::city::City;
use crate::group::{Count, Group};
use crate::numbers::Numbers;
use crate::resident::{Mark, Resident};
use crate::{Date, StoryError};

/// Hands out the city's people. The counts of the tables are those among 20,000 people: in another
/// city each row is scaled, rounded, and at least one.
pub(super) struct Cast<'a> {
    pub city: &'a City,
    numbers: Numbers,
    cards: u32,
    taken: BTreeSet<u32>,
    /// How many grants each resident has.
    grants: BTreeMap<u32, u32>,
}

impl<'a> Cast<'a> {
    pub fn new(city: &'a City) -> Self {
        let mut grants = BTreeMap::new();
        for grant in city.grants() {
            *grants.entry(grant.resident).or_insert(0) += 1;
        }
        let plan = city.plan();
        let numbers = Numbers::new(plan.seed, plan.month.first_day());
        Self { city, numbers, cards: 0, taken: BTreeSet::new(), grants }
    }

    /// A count of a table, in this city.
    pub fn scaled(&self, count: u32) -> u32 {
        Count(count).among(self.city.plan().people)
    }

    /// The next people of a group who have one grant, an active card and nothing special.
    pub fn payees(&mut self, group: Group, count: u32) -> Result<Vec<u32>, StoryError> {
        self.payees_who(&[group], count, |_| true)
    }

    /// Of several groups, the first one first, who are so.
    pub fn payees_who(
        &mut self,
        groups: &[Group],
        count: u32,
        fits: impl Fn(&Resident) -> bool,
    ) -> Result<Vec<u32>, StoryError> {
        let one_grant = |one: &Resident| self.grants.get(&one.index) == Some(&1);
        self.choose(groups, count, |one| one_grant(one) && fits(one))
    }

    /// Grown-up workers with an account: who inherits, and who buries.
    pub fn relatives(&mut self, count: u32) -> Result<Vec<u32>, StoryError> {
        self.choose(&[Group::Worker], count, |one| one.birth < Date::constant(1996, 1, 1))
    }

    /// Everybody with this mark, in their order.
    pub fn marked(&self, mark: Mark) -> Vec<u32> {
        let residents = self.city.residents().iter();
        residents.filter(|one| one.mark == Some(mark)).map(|one| one.index).collect()
    }

    /// The place of the one grant of a resident.
    pub fn grant_of(&self, resident: u32) -> u32 {
        let found = self.city.grants().iter().find(|grant| grant.resident == resident);
        found.map_or(0, |grant| grant.index)
    }

    /// A card number of a bank that nobody has.
    pub fn new_card(&mut self, resident: u32) -> String {
        let bank = self.city.residents()[resident as usize].card.bank;
        let index = self.city.plan().people + self.cards;
        self.cards += 1;
        let mut dice = crate::Dice::new(self.city.plan().seed, "new-card", index);
        let prefix = crate::account::bank_of(bank.as_str()).prefix(&mut dice);
        self.numbers.card(prefix, index).as_str().to_owned()
    }

    fn choose(
        &self,
        groups: &[Group],
        count: u32,
        fits: impl Fn(&Resident) -> bool,
    ) -> Result<Vec<u32>, StoryError> {
        let ordinary = |one: &&Resident| {
            one.mark.is_none()
                && one.guardian.is_none()
                && one.card.state == CardState::Active
                && !self.taken.contains(&one.index)
        };
        let all = groups.iter().flat_map(|group| self.city.group(*group));
        let of = all.filter(ordinary).filter(|one| fits(one));
        let chosen: Vec<u32> = of.map(|one| one.index).take(count as usize).collect();
        if chosen.len() < count as usize {
            return Err(StoryError::TooFewPeople { people: self.city.plan().people });
        }
        Ok(chosen)
    }

    /// From now on these have their part.
    pub fn take(&mut self, people: &[u32]) {
        self.taken.extend(people);
    }
}

/// The `index`th day from `first` on, in turn over so many days; the working day after it where it
/// is none.
pub(super) fn spread(first: Date, days: u32, index: u32) -> Date {
    let days = i64::from(index % days.max(1));
    let day = first.saturating_add(jiff::Span::new().days(days));
    working(day)
}

/// The day itself, or the next working day.
pub(super) fn working(day: Date) -> Date {
    let calendar = WorkingDays::bundled();
    match calendar.is_working_day(day) {
        Ok(false) => calendar.add_working_days(day, 1).unwrap_or(day),
        Ok(true) | Err(_) => day,
    }
}

/// A month of 2026.
pub(super) fn month(month: i8) -> Month {
    Month::new(2026, month).expect("a month of 2026")
}

/// A day of 2026.
pub(super) const fn day(month: i8, day: i8) -> Date {
    Date::constant(2026, month, day)
}
