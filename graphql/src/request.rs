//! One operation: who asks, in which language, and the one look at the read models that answers it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_graphql::Context;
use async_graphql::parser::types::{FragmentDefinition, OperationType, Selection, SelectionSet};
use async_graphql::{Name, Positioned, Value, Variables};
use commands::{Language, access};
use kernel::{Identity, Position, Token};
use projections::{ReadSession, Scope};
use tokio::time::Instant;

use crate::App;
use crate::batches::Batches;
use crate::fault::Fault;
use crate::owner::State;
use crate::personal::Looks;
use crate::scalars;

/// How long an answer waits for the position that it must cover.
const REACH: Duration = Duration::from_secs(5);

/// The data of one operation, found by every resolver.
pub struct Request {
    pub state: Arc<State>,
    pub scope: Scope,
    pub language: Language,
    /// The client's network address, where it is known.
    pub client: Option<String>,
    /// Why the personal fields are looked at, as the caller says.
    pub purpose: Option<String>,
    open: Mutex<Option<Arc<ReadSession>>>,
    /// Held by whoever opens the look, so that one operation opens one.
    opening: tokio::sync::Mutex<()>,
    /// What is read for many parents at once.
    pub batches: Batches,
    /// Which clear values are recorded as seen.
    pub looks: Looks,
    /// What `extensions.position` says.
    shown: Shown,
}

/// The position of an answer, shared with whoever writes its extensions.
#[derive(Clone, Default)]
pub struct Shown(Arc<Mutex<Extent>>);

#[derive(Default)]
struct Extent {
    position: Position,
    /// The look that it is answered from, while it is open.
    look: Option<Arc<ReadSession>>,
}

impl Shown {
    pub fn get(&self) -> Position {
        self.extent().position
    }

    /// How many statements the answer took.
    pub fn statements(&self) -> u64 {
        self.extent().look.as_ref().map_or(0, |look| look.statements())
    }

    fn at_least(&self, position: Position) {
        let mut shown = self.extent();
        shown.position = shown.position.max(position);
    }

    fn extent(&self) -> MutexGuard<'_, Extent> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The request of a resolver.
pub fn request<'a>(ctx: &Context<'a>) -> &'a Request {
    ctx.data_unchecked::<Request>()
}

impl Request {
    pub fn new(
        state: Arc<State>,
        scope: Scope,
        language: Language,
        client: Option<String>,
        shown: Shown,
    ) -> Self {
        Self {
            state,
            scope,
            language,
            client,
            purpose: None,
            open: Mutex::default(),
            opening: tokio::sync::Mutex::default(),
            batches: Batches::default(),
            looks: Looks::default(),
            shown,
        }
    }

    pub fn app(&self) -> &App {
        &self.state.app
    }

    pub fn identity(&self) -> Identity {
        self.app().executor.log().identity()
    }

    /// What this answer covers so far.
    pub fn shown(&self) -> Position {
        self.shown.get()
    }

    /// Who looks, for the access log.
    ///
    /// # Errors
    /// When the clock shows no day.
    pub fn by(&self) -> Result<access::By, Fault> {
        Ok(access::By {
            actor: self.scope.actor.clone(),
            client: self.client.clone(),
            on: self.app().executor.today()?,
        })
    }

    /// A position as it leaves.
    pub fn token(&self, position: Position) -> scalars::Position {
        scalars::Position(self.identity().token(position))
    }

    /// A position as it comes back.
    ///
    /// # Errors
    /// `POSITION_OF_OTHER_EPOCH`.
    pub fn position(&self, token: scalars::Position) -> Result<Position, Fault> {
        Ok(token.0.position_in(self.identity())?)
    }

    /// The one look of this operation; opened by whoever asks first, at what any root of the
    /// document wants to be covered. A mutation opens another one behind what it has written.
    ///
    /// # Errors
    /// `NOT_REACHED` after five seconds.
    pub async fn session(&self, ctx: &Context<'_>) -> Result<Arc<ReadSession>, Fault> {
        if let Some(session) = self.opened() {
            return Ok(session);
        }
        let _turn = self.opening.lock().await;
        if let Some(session) = self.opened() {
            return Ok(session);
        }
        let session = self.look(self.wanted(ctx)?).await?;
        self.put(Some(Arc::clone(&session)));
        Ok(session)
    }

    /// A look that covers what a command wrote.
    ///
    /// # Errors
    /// `NOT_REACHED` after five seconds.
    pub async fn session_behind(&self, position: Position) -> Result<Arc<ReadSession>, Fault> {
        let _turn = self.opening.lock().await;
        if let Some(session) = self.opened()
            && session.position() >= position
        {
            return Ok(session);
        }
        let session = self.look(position).await?;
        self.put(Some(Arc::clone(&session)));
        Ok(session)
    }

    /// Ends the look: a live view takes another one for its next answer.
    pub fn release(&self) {
        self.put(None);
    }

    /// Without waiting: whoever waits in between may come too late for a batch.
    fn opened(&self) -> Option<Arc<ReadSession>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn put(&self, session: Option<Arc<ReadSession>>) {
        self.shown.extent().look.clone_from(&session);
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = session;
        self.batches.forget();
    }

    /// Says in the answer's extensions that it covers `position`.
    pub fn shows(&self, position: Position) {
        self.shown.at_least(position);
    }

    async fn look(&self, wanted: Position) -> Result<Arc<ReadSession>, Fault> {
        let train = &self.app().train;
        if wanted > Position::START {
            train
                .wait_for(wanted, Instant::now() + REACH)
                .await
                .map_err(|missing| Fault::not_reached(&missing, self.identity()))?;
        }
        let session = train.session()?;
        self.shows(session.position());
        Ok(Arc::new(session))
    }

    /// The highest `atLeast` of the document's roots.
    fn wanted(&self, ctx: &Context<'_>) -> Result<Position, Fault> {
        let env = ctx.query_env;
        if env.operation.node.ty == OperationType::Mutation {
            return Ok(Position::START);
        }
        let mut found = Vec::new();
        let fragment = |name: &Name| env.fragments.get(name);
        let root = &env.operation.node.selection_set.node;
        at_least(root, &fragment, &env.variables, &mut found);
        let mut wanted = Position::START;
        for value in found {
            // What does not parse is refused where the argument is read.
            if let Value::String(text) = value
                && let Ok(token) = text.parse::<Token>()
            {
                wanted = wanted.max(token.position_in(self.identity())?);
            }
        }
        Ok(wanted)
    }
}

fn at_least<'a>(
    selected: &'a SelectionSet,
    fragment: &impl Fn(&Name) -> Option<&'a Positioned<FragmentDefinition>>,
    variables: &Variables,
    found: &mut Vec<Value>,
) {
    for selection in &selected.items {
        match &selection.node {
            Selection::Field(field) => {
                let given = field.node.get_argument("atLeast").map(|value| value.node.clone());
                let known = given.and_then(|value| {
                    let known = |name| variables.get(&name).cloned().ok_or(());
                    value.into_const_with(known).ok()
                });
                found.extend(known);
            }
            Selection::InlineFragment(inline) => {
                at_least(&inline.node.selection_set.node, fragment, variables, found);
            }
            // The transport has refused a fragment that spreads itself.
            Selection::FragmentSpread(spread) => {
                if let Some(definition) = fragment(&spread.node.fragment_name.node) {
                    at_least(&definition.node.selection_set.node, fragment, variables, found);
                }
            }
        }
    }
}
