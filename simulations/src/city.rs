//! The whole city.

use definitions::Catalogue;
use shared::{BankCode, Month, PayAddressId};
use sm3::{Digest, Sm3};

use crate::calendar::{self, CalendarError};
use crate::employer::{Employer, employers};
use crate::grant::{Grant, PaidTo};
use crate::granting;
use crate::group::{Group, sizes};
use crate::numbers::Numbers;
use crate::pension_sheets::PensionSheet;
use crate::people;
use crate::plan::{Plan, PlanError};
use crate::resident::Resident;

/// Residents, employers and grants of one plan. 20,000 people take a few dozen megabytes.
pub struct City {
    plan: Plan,
    residents: Vec<Resident>,
    employers: Vec<Employer>,
    grants: Vec<Grant>,
    /// The groups in their order, with their sizes.
    groups: Vec<(Group, u32)>,
}

/// An account and the name that the bank knows it under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account<'a> {
    pub bank: BankCode,
    pub number: &'a str,
    pub name: &'a str,
    pub address: PayAddressId,
}

impl City {
    /// # Errors
    /// When the plan is too small or too large.
    pub fn new(plan: Plan) -> Result<Self, PlanError> {
        plan.check()?;
        let sheets = u32::try_from(PensionSheet::all().len()).expect("91");
        let groups = sizes(&plan, sheets).ok_or(PlanError::TooFewPeople { people: plan.people })?;
        let mut numbers = Numbers::new(plan.seed, plan.month.first_day());
        let employers = employers(&plan, &numbers);
        let residents = people::residents(&plan, &mut numbers, &groups, &employers);
        let grants = granting::grants(&plan, &residents, &employers);
        Ok(Self { plan, residents, employers, grants, groups })
    }

    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    #[must_use]
    pub fn residents(&self) -> &[Resident] {
        &self.residents
    }

    /// The residents of one group, in their order.
    #[must_use]
    pub fn group(&self, group: Group) -> &[Resident] {
        let start = self.residents.partition_point(|one| one.group < group);
        let end = self.residents.partition_point(|one| one.group <= group);
        &self.residents[start..end]
    }

    #[must_use]
    pub fn groups(&self) -> &[(Group, u32)] {
        &self.groups
    }

    #[must_use]
    pub fn employers(&self) -> &[Employer] {
        &self.employers
    }

    #[must_use]
    pub fn grants(&self) -> &[Grant] {
        &self.grants
    }

    /// The grants to be paid for a month: those that cover it, of items that run in it.
    ///
    /// # Errors
    /// When the pay date of a dated item is not known for the year.
    pub fn due(&self, catalogue: &Catalogue, month: Month) -> Result<Vec<&Grant>, CalendarError> {
        let mut running = Vec::new();
        for item in catalogue.items().values() {
            if calendar::due_in(catalogue, item, month)? {
                running.push(item.id);
            }
        }
        let due = |grant: &&Grant| grant.covers(month) && running.contains(&grant.item);
        Ok(self.grants.iter().filter(due).collect())
    }

    /// Where the money of a grant goes.
    #[must_use]
    pub fn account(&self, grant: &Grant) -> Account<'_> {
        match grant.paid_to {
            PaidTo::Resident(index) => {
                let Resident { card, name, .. } = &self.residents[index as usize];
                let (bank, number, address) = (card.bank, card.number.as_str(), card.address);
                Account { bank, number, name, address }
            }
            PaidTo::Employer(index) => {
                let Employer { account, name, .. } = &self.employers[index as usize];
                let (bank, number) = (account.bank, account.number.as_str());
                Account { bank, number, name, address: account.address }
            }
        }
    }

    /// SM3 over everything in the city, hexadecimal: equal digests, equal cities.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut sum = Sm3::new();
        self.residents.iter().for_each(|one| sum.update(one.line()));
        self.employers.iter().for_each(|one| sum.update(one.line()));
        self.grants.iter().for_each(|one| sum.update(one.line()));
        hex::encode(sum.finalize())
    }
}
