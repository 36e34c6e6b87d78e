//! A small schema for tests and the demo server: one query of each kind that the transport
//! treats differently.

use std::{pin::Pin, task::Poll};

use async_graphql::{
    Context, Data, Error, ErrorExtensions, ID, Interface, Object, Schema, SimpleObject,
    Subscription,
};
use futures_util::{Stream, stream};
use transport::{Code, Incoming, Refusal, RequestData, Row};

pub type Demo = Schema<Query, Mutation, Events>;

/// Who asks, from the header or the `connection_init` member `actor`.
pub struct Actor(pub String);

/// Makes the request's data: refuses the actor `nobody`.
pub struct Owner;

/// A code of the schema's own.
pub static OWN_CODES: [Row; 1] = [Row {
    code: "BAD_CURSOR",
    status: 400,
    status_always: false,
    retryable: false,
    zh: "游标无效",
    en: "the cursor is not valid",
    action_zh: "从第一页重新查询",
    action_en: "start again from the first page",
}];

impl transport::Context for Owner {
    fn request_data(&self, incoming: &Incoming<'_>) -> Result<RequestData, Refusal> {
        let from_init = incoming.init.and_then(|init| init.get("actor")?.as_str());
        let header = incoming.parts.headers.get("x-actor");
        let from_header = header.and_then(|value| value.to_str().ok());
        let actor = from_init.or(from_header).unwrap_or("clerk");
        if actor == "nobody" {
            return Err(Code::Unauthenticated.into());
        }
        let mut data = Data::default();
        data.insert(Actor(actor.to_owned()));
        let extensions = || vec![("position", "42".into())];
        let version = incoming.parts.headers.get("x-version");
        let version = version.and_then(|value| value.to_str().ok()).map(str::to_owned);
        Ok(RequestData { data, extensions: Some(Box::new(extensions)), version })
    }

    fn codes(&self) -> &'static [Row] {
        &OWN_CODES
    }
}

pub fn schema() -> Demo {
    Schema::build(Query, Mutation, Events).finish()
}

/// Anything with a global id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "&ID", desc = "The global id."))]
pub enum Node {
    Number(Number),
}

/// A whole number.
#[derive(SimpleObject, Clone)]
pub struct Number {
    /// The global id.
    id: ID,
    /// The number itself.
    value: i32,
}

/// A page of numbers.
#[derive(SimpleObject)]
pub struct NumberConnection {
    /// The numbers of this page.
    edges: Vec<NumberEdge>,
    /// Where this page lies.
    page_info: PageInfo,
    /// How many numbers there are.
    total_count: i32,
}

/// A number and its place.
#[derive(SimpleObject)]
pub struct NumberEdge {
    /// The number.
    node: Number,
    /// Its place.
    cursor: String,
}

/// Where a page lies.
#[derive(SimpleObject)]
pub struct PageInfo {
    /// Whether there is a page before.
    has_previous_page: bool,
    /// Whether there is a page after.
    has_next_page: bool,
    /// The place of the first row.
    start_cursor: Option<String>,
    /// The place of the last row.
    end_cursor: Option<String>,
}

fn number(value: i32) -> Number {
    Number { id: ID(format!("number:{value}")), value }
}

pub struct Query;

/// What can be asked.
#[Object]
impl Query {
    /// Any node by its id.
    async fn node(&self, #[graphql(desc = "Its global id.")] id: ID) -> Option<Node> {
        let value = id.strip_prefix("number:")?.parse().ok()?;
        Some(Node::Number(number(value)))
    }

    /// Greets whoever asks.
    async fn greeting(&self, ctx: &Context<'_>) -> Option<String> {
        ctx.data_opt::<Actor>().map(|actor| format!("hello {}", actor.0))
    }

    /// The numbers from 0 up.
    async fn numbers(
        &self,
        #[graphql(desc = "How many from the start.")] first: Option<i32>,
        #[graphql(desc = "After which cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end.")] last: Option<i32>,
        #[graphql(desc = "Before which cursor.")] before: Option<String>,
    ) -> Result<NumberConnection, Error> {
        let (Some(first), None, None) = (first, last, before) else {
            return Err(Error::new("only forward pages")
                .extend_with(|_, values| values.set("code", "BAD_INPUT")));
        };
        let from = match after.as_deref().map(str::parse::<i32>) {
            None => 0,
            Some(Ok(last)) => last + 1,
            Some(Err(_)) => {
                return Err(Error::new("the cursor is not valid")
                    .extend_with(|_, values| values.set("code", "BAD_CURSOR")));
            }
        };
        let edges = (from..from + first)
            .map(|value| NumberEdge { node: number(value), cursor: value.to_string() })
            .collect::<Vec<_>>();
        let page_info = PageInfo {
            has_previous_page: from > 0,
            has_next_page: true,
            start_cursor: edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: edges.last().map(|edge| edge.cursor.clone()),
        };
        Ok(NumberConnection { edges, page_info, total_count: i32::MAX })
    }

    /// Fails with text that nobody outside may read.
    async fn broken(&self) -> Option<Result<i32, Error>> {
        Some(Err(Error::new("password=hunter2")))
    }

    /// Fails so that no data is left.
    async fn broken_whole(&self) -> Result<i32, Error> {
        Err(Error::new("password=hunter2"))
    }

    /// Panics.
    async fn panicking(&self) -> Option<i32> {
        let nothing: Option<i32> = None;
        nothing.map_or_else(|| panic!("as asked"), Some)
    }

    /// Never answers.
    async fn stuck(&self) -> Option<i32> {
        std::future::pending().await
    }
}

pub struct Mutation;

/// What can be changed.
#[Object]
impl Mutation {
    /// Gives the number back.
    async fn number_echo(&self, #[graphql(desc = "The number.")] value: i32) -> Option<Number> {
        Some(number(value))
    }
}

pub struct Events;

/// What can be followed.
#[Subscription]
impl Events {
    /// Counts down to 0, at once.
    async fn countdown(
        &self,
        #[graphql(desc = "Where to begin.")] from: i32,
    ) -> impl Stream<Item = i32> {
        stream::iter((0..from).rev())
    }

    /// Never sends anything.
    async fn silence(&self) -> impl Stream<Item = i32> {
        stream::pending()
    }

    /// Sends without end, a kilobyte each time.
    async fn flood(&self) -> impl Stream<Item = String> {
        Flood
    }

    /// Cannot be opened.
    async fn locked(&self) -> Result<stream::Empty<i32>, Error> {
        Err(Error::new("the cursor is not valid")
            .extend_with(|_, values| values.set("code", "BAD_CURSOR")))
    }
}

/// Always ready.
struct Flood;

impl Stream for Flood {
    type Item = String;

    fn poll_next(self: Pin<&mut Self>, _: &mut std::task::Context<'_>) -> Poll<Option<String>> {
        Poll::Ready(Some("x".repeat(1024)))
    }
}
