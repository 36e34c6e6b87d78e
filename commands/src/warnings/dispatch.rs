//! A confirmed case goes by itself to those whom its rule names for its level: the town or grid, the
//! county team, the city team, where its subject belongs.
//!
//! A case without a division waits for a person, and so does one that was sent back.

use std::sync::Arc;

use definitions::Catalogue;
use definitions::kinds::warning::{Route, Warning};
use kernel::Decider;
use kernel::log::Answer;
use shared::DivisionCode;
use uuid::Uuid;
use warnings::case::{Act, Assignment, Record};
use warnings::{Case, Stage};

use super::case::step;
use crate::disbursement::Rules;
use crate::error::CommandError;
use crate::processes::{Issued, Process, Reaction};
use crate::unit::Unit;

pub struct Dispatcher {
    rules: Arc<dyn Rules>,
}

impl Dispatcher {
    #[must_use]
    pub fn new(rules: Arc<dyn Rules>) -> Self {
        Self { rules }
    }

    async fn dispatch(&self, unit: &Unit, warning: Uuid) -> Result<(), CommandError> {
        let catalogue = self.rules.on(unit.business_date())?;
        let (case, _) = unit.guard::<Case>(warning).await?;
        // Somebody may have been faster.
        let waiting = case.record().filter(|record| record.stage == Stage::Confirmed);
        let to = waiting.and_then(|record| route(&catalogue, record));
        drop(case);
        match to {
            Some(to) => step(unit, warning, None, Act::Dispatch { to }).await,
            None => Ok(()),
        }
    }
}

impl Process for Dispatcher {
    fn name(&self) -> &'static str {
        "warning-dispatch"
    }

    fn interested(&self, type_name: &str) -> bool {
        type_name.starts_with("warning.confirmed.")
    }

    fn react<'a>(&'a self, reaction: &'a mut Reaction) -> Answer<'a, Result<(), CommandError>> {
        Box::pin(async move {
            let stream = &reaction.event().stream;
            if stream.category() != Case::CATEGORY {
                return Ok(());
            }
            let warning: Uuid = stream.id().parse().map_err(CommandError::fault)?;
            let _: Issued<()> = reaction
                .issue("warning.dispatch", &warning, async |unit: Unit| {
                    self.dispatch(&unit, warning).await
                })
                .await?;
            Ok(())
        })
    }
}

/// To whom the rule sends a case of its level; one that was entered by hand goes by the rule of its
/// class.
pub(super) fn route(catalogue: &Catalogue, record: &Record) -> Option<Assignment> {
    let rules = catalogue.all::<Warning>();
    let rule = match &record.rule {
        Some((rule, _)) => rules.get(rule),
        None => rules.values().find(|rule| rule.class.word() == record.class),
    }?;
    let to = rule.dispatch.iter().find(|to| to.level.word() == record.level.code())?;
    let division = territory(record.division?, to.route);
    let (role, division) = (to.role.clone(), Some(division));
    Some(Assignment { role, division, organisation: None, person: None })
}

/// Where the team of a route works: never below the division of the case.
fn territory(of: DivisionCode, route: Route) -> DivisionCode {
    match route {
        Route::Town => of,
        Route::County => of.county().unwrap_or(of),
        Route::City => of.city().unwrap_or(of),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_leads_up_from_the_division_of_the_case() {
        let code = |text: &str| DivisionCode::parse(text).unwrap();
        for (of, route, to) in [
            ("320602001", Route::Town, "320602001"),
            ("320602001", Route::County, "320602"),
            ("320602", Route::County, "320602"),
            ("320602", Route::City, "320600"),
            ("320600", Route::County, "320600"),
            ("320000", Route::City, "320000"),
        ] {
            assert_eq!(territory(code(of), route), code(to), "{of} {route:?}");
        }
    }
}
