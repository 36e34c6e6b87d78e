//! The decider: a rule in three functions, [`Default`], `decide` and `evolve`.

use crate::event::Event;

/// One consistency boundary. Pure: time, ids and facts from elsewhere arrive in the command.
pub trait Decider: Default + Clone + Send + Sync + 'static {
    /// The first part of the stream name; stored for ever.
    const CATEGORY: &'static str;

    type Command;
    type Event: Event;
    type Error: std::error::Error + Send + Sync + 'static;

    /// What happens if this command is carried out now. No event: nothing changes, and that is fine.
    ///
    /// # Errors
    /// The rule that forbids it, with the facts.
    fn decide(&self, command: Self::Command) -> Result<Vec<Self::Event>, Self::Error>;

    /// The state after an event. It happened, so this never fails.
    #[must_use]
    fn evolve(self, event: &Self::Event) -> Self;

    /// Roughly how many bytes this state keeps, for the bounded cache of folded states.
    fn weight(&self) -> usize {
        size_of_val(self)
    }
}

/// The state that a history leads to.
pub fn fold<'a, D: Decider>(events: impl IntoIterator<Item = &'a D::Event>) -> D {
    events.into_iter().fold(D::default(), D::evolve)
}
