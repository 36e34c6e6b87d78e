//! Who was erased has no key any more: done by the command itself, and again by this process, for the
//! day on which the machine stopped between the event and the key.

use kernel::log::Answer;
use registry::person::Event;
use uuid::Uuid;

use super::{Process, Reaction};
use crate::error::CommandError;

#[derive(Debug, Default)]
pub struct Erasures;

impl Process for Erasures {
    fn name(&self) -> &'static str {
        "erasures"
    }

    fn interested(&self, type_name: &str) -> bool {
        type_name.starts_with("person.erased.")
    }

    fn react<'a>(&'a self, reaction: &'a mut Reaction) -> Answer<'a, Result<(), CommandError>> {
        Box::pin(async move {
            let Event::Erased(erasure) = reaction.event().decode()? else { return Ok(()) };
            let subjects: Vec<Uuid> = erasure.people.iter().map(|person| person.uuid()).collect();
            reaction.executor().keys().erase(&subjects).await?;
            Ok(())
        })
    }
}
