//! What the law keeps about somebody, as the read models have it.

use commands::CommandError;
use commands::registry::{Retained, Retention};
use kernel::Position;
use kernel::log::Answer;
use projections::engine::{TrainHandle, ViewError};
use projections::{Scope, cards, grants, payments};
use shared::PersonId;

use super::CATCH_UP;

pub struct ViewRetention(pub TrainHandle);

impl Retention for ViewRetention {
    fn of<'a>(
        &'a self,
        people: &'a [PersonId],
        at_least: Position,
    ) -> Answer<'a, Result<(Retained, Position), CommandError>> {
        Box::pin(async move {
            let deadline = tokio::time::Instant::now() + CATCH_UP;
            self.0.wait_for(at_least, deadline).await.map_err(|_| unavailable())?;
            let session = self.0.session().map_err(|_| unavailable())?;
            let retained = retained(&session, people).map_err(|_| unavailable())?;
            Ok((retained, session.position()))
        })
    }
}

fn retained(
    session: &projections::ReadSession,
    people: &[PersonId],
) -> Result<Retained, ViewError> {
    let scope = Scope::everything("system");
    let owners: Vec<_> =
        people.iter().map(|person| ::cards::address::Owner::Person { person: *person }).collect();
    let mut pay_lines = 0;
    for person in people {
        let of = payments::LineFilter { person: Some(*person), ..Default::default() };
        pay_lines += payments::line_totals(session, &scope, &of)?.0;
    }
    Ok(Retained {
        grants: grants::grants_of(session, &scope, people)?.len() as u64,
        pay_lines,
        cards: cards::cards_of(session, &scope, people)?.len() as u64,
        pay_addresses: cards::addresses_of(session, &scope, &owners)?.len() as u64,
    })
}

fn unavailable() -> CommandError {
    CommandError::Unavailable { what: "the read models are behind".to_owned(), retryable: true }
}
