//! A death that is reported, confirmed or withdrawn, and two ids that turn out to be one human:
//! what becomes of everything that was to be paid (DISBURSEMENT 2.1).
//!
//! **Invariant** each obligation is one command: one that cannot be decided waits in the inbox and
//! stops no other.

use std::sync::Arc;

use benefits::grant::{self, Grant};
use definitions::Catalogue;
use kernel::log::Answer;
use kernel::timer::{self, Timer};
use kernel::{Micros, process::derived_id};
use registry::person::{self, Event, Person};
use shared::{Date, Month, ObligationId, PersonId};
use uuid::Uuid;

use super::{Process, Reaction};
use crate::day::ZONE;
use crate::disbursement::{Rules, lives, raised};
use crate::error::{CommandError, Refused};
use crate::unit::Unit;

/// Why what a false death took is given back; it stands in events.
const FALSE_DEATH: &str = "死亡报告已撤销 / the death report was withdrawn";

pub struct Lives {
    rules: Arc<dyn Rules>,
}

impl Lives {
    #[must_use]
    pub fn new(rules: Arc<dyn Rules>) -> Self {
        Self { rules }
    }

    fn rules(&self, on: Date) -> Result<Arc<Catalogue>, CommandError> {
        self.rules.on(on).map_err(CommandError::fault)
    }

    async fn obligations(
        &self,
        looks: &Unit,
        person: PersonId,
        from: Month,
    ) -> Result<Vec<ObligationId>, CommandError> {
        let rules = self.rules(looks.business_date())?;
        let mut found = Vec::new();
        for grant in lives::grants_of(looks, &rules, person).await? {
            let on = looks.business_date();
            found.extend(lives::obligations_of(looks, &rules, &grant, from, on).await?);
        }
        Ok(found)
    }

    async fn reported(
        &self,
        reaction: &mut Reaction,
        person: PersonId,
        verify_by: Date,
    ) -> Result<(), CommandError> {
        let looks = looks(reaction).await?;
        let from = lives::first_month(looks.business_date());
        for id in self.obligations(&looks, person, from).await? {
            reaction
                .issue("line.hold-reported", &(id, verify_by), async |unit: Unit| {
                    lives::reported(&unit, id, verify_by).await
                })
                .await?;
        }
        let (timer, due) = (deadline(person, verify_by), end_of(verify_by)?);
        reaction
            .issue("death.set-deadline", &(person, verify_by), async |unit: Unit| {
                let (state, _) = unit.load::<Timer>(timer).await?;
                if *state == Timer::Unset {
                    let about = format!("person-{person}");
                    unit.decide::<Timer>(timer, timer::Command::Set { due, about }).await?;
                }
                Ok(())
            })
            .await?;
        Ok(())
    }

    async fn confirmed(
        &self,
        reaction: &mut Reaction,
        person: PersonId,
        died_on: Date,
    ) -> Result<(), CommandError> {
        let looks = looks(reaction).await?;
        let rules = self.rules(looks.business_date())?;
        let from = lives::first_month(died_on);
        for id in self.obligations(&looks, person, from).await? {
            reaction
                .issue("line.of-the-dead", &(id, died_on), async |unit: Unit| {
                    lives::confirmed(&unit, id, person, died_on).await
                })
                .await?;
        }
        for grant in lives::grants_of(&looks, &rules, person).await? {
            reaction
                .issue("grant.never-planned", &(grant.grant, died_on), async |unit: Unit| {
                    lives::never_planned(&unit, &rules, &grant, died_on).await
                })
                .await?;
            reaction
                .issue("grant.end-by-death", &(grant.grant, died_on), async |unit: Unit| {
                    lives::end_grant(&unit, &grant, died_on).await
                })
                .await?;
        }
        Ok(())
    }

    async fn withdrawn(
        &self,
        reaction: &mut Reaction,
        person: PersonId,
    ) -> Result<(), CommandError> {
        let looks = looks(reaction).await?;
        let rules = self.rules(looks.business_date())?;
        let from = lives::first_month(looks.business_date());
        for id in self.obligations(&looks, person, from).await? {
            reaction
                .issue("line.of-the-living", &id, async |unit: Unit| {
                    lives::withdrawn(&unit, id, FALSE_DEATH).await
                })
                .await?;
        }
        reaction
            .issue("heirs.withdraw", &person, async |unit: Unit| {
                lives::heirs_withdrawn(&unit, &rules, person, FALSE_DEATH).await
            })
            .await?;
        for grant in lives::grants_of(&looks, &rules, person).await? {
            reaction
                .issue("grant.reinstate", &grant.grant, async |unit: Unit| {
                    lives::reinstate_grant(&unit, &grant, FALSE_DEATH).await
                })
                .await?;
        }
        Ok(())
    }

    async fn merged(
        &self,
        reaction: &mut Reaction,
        from: PersonId,
        into: PersonId,
    ) -> Result<(), CommandError> {
        let looks = looks(reaction).await?;
        let first = lives::first_month(looks.business_date());
        for id in self.obligations(&looks, from, first).await? {
            reaction
                .issue("line.duplicate", &(id, into), async |unit: Unit| {
                    lives::merged(&unit, id, into).await
                })
                .await?;
        }
        Ok(())
    }

    /// A rise from an earlier month on, of somebody who has died since.
    async fn raised(
        &self,
        reaction: &mut Reaction,
        grant: &str,
        from: Month,
    ) -> Result<(), CommandError> {
        let (state, _) = reaction.executor().load::<Grant>(grant).await?;
        let Some(record) = state.record().cloned() else { return Ok(()) };
        drop(state);
        let (person, _) = reaction.executor().load::<Person>(record.person).await?;
        let Some(died_on) = person.died_on() else { return Ok(()) };
        drop(person);
        reaction
            .issue("grant.raised-after-death", &(record.grant, from), async |unit: Unit| {
                raised::passed_on(&unit, &record, from, died_on).await
            })
            .await?;
        Ok(())
    }

    /// Nobody verified the report in time: that is a person's work, the lines stay held.
    async fn overdue(&self, reaction: &mut Reaction, person: PersonId) -> Result<(), CommandError> {
        let (state, _) = reaction.executor().load::<Person>(person).await?;
        let Person::Registered(record) = &*state else { return Ok(()) };
        let person::Life::Reported(report) = &record.life else { return Ok(()) };
        let refused = Refused::new(
            "DEATH_VERIFICATION_OVERDUE",
            format!("死亡报告应于{}前核实，请确认或撤销，暂扣款项随之处理", report.verify_by),
            format!(
                "the report was to be verified by {}: confirm or withdraw it",
                report.verify_by
            ),
        )
        .param("person", person);
        drop(state);
        reaction.refuse("death.verify", refused).await?;
        Ok(())
    }
}

impl Process for Lives {
    fn name(&self) -> &'static str {
        "lives"
    }

    fn interested(&self, type_name: &str) -> bool {
        ["death.", "person.merged.", "timer.fired.", "obligation.returned.", "grant.adjusted."]
            .iter()
            .any(|of| type_name.starts_with(of))
    }

    fn react<'a>(&'a self, reaction: &'a mut Reaction) -> Answer<'a, Result<(), CommandError>> {
        Box::pin(async move {
            if reaction.event().type_name.starts_with("timer.") {
                let timer::Event::Fired { about, .. } = reaction.event().decode()? else {
                    return Ok(());
                };
                let person = about.strip_prefix("person-").and_then(|id| id.parse().ok());
                return match person {
                    Some(person) => self.overdue(reaction, person).await,
                    None => Ok(()),
                };
            }
            let id = reaction.event().stream.id().to_owned();
            if reaction.event().type_name.starts_with("grant.") {
                let grant::Event::Adjusted { from, .. } = reaction.event().decode()? else {
                    return Ok(());
                };
                return self.raised(reaction, &id, from).await;
            }
            if reaction.event().type_name.starts_with("obligation.") {
                let id: ObligationId = id.parse().map_err(CommandError::fault)?;
                let (state, _) = reaction.executor().load::<Person>(id.person).await?;
                let Some(died_on) = state.died_on() else { return Ok(()) };
                reaction
                    .issue("line.of-the-dead", &(id, died_on), async |unit: Unit| {
                        lives::confirmed(&unit, id, id.person, died_on).await
                    })
                    .await?;
                return Ok(());
            }
            let person: PersonId = id.parse().map_err(CommandError::fault)?;
            match reaction.event().decode()? {
                Event::DeathReported(report) => {
                    self.reported(reaction, person, report.verify_by).await
                }
                Event::DeathConfirmed { died_on, .. } => {
                    self.confirmed(reaction, person, died_on).await
                }
                Event::DeathReportWithdrawn { .. } => self.withdrawn(reaction, person).await,
                Event::Merged { into, .. } => self.merged(reaction, person, into).await,
                _ => Ok(()),
            }
        })
    }
}

/// What is looked at before anything is decided; each command looks again for itself.
async fn looks(reaction: &Reaction) -> Result<Unit, CommandError> {
    let on = reaction.executor().business_day().await?;
    let envelope = crate::Envelope::new(reaction.event().id, "process:lives");
    Ok(Unit::new(reaction.executor().clone(), &envelope, on))
}

fn deadline(person: PersonId, verify_by: Date) -> Uuid {
    derived_id("death", &[person.uuid().as_bytes(), verify_by.to_string().as_bytes()])
}

/// The first moment after a day of Asia/Shanghai.
fn end_of(day: Date) -> Result<Micros, CommandError> {
    let next = day.tomorrow().map_err(CommandError::fault)?;
    let begins = ZONE.to_timestamp(next.at(0, 0, 0, 0)).map_err(CommandError::fault)?;
    Ok(Micros(begins.as_microsecond()))
}
