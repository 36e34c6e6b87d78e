//! How a payload reads back what a command wrote.

use projections::payments::OpeningRow;
use projections::{ReadSession, books, feeds, lists, runs};
use shared::ReplyId;

use super::batch::{Batch, Reply};
use super::book::Book;
use super::certificate::Certificate;
use super::feed::{Feed, Opening};
use super::period::Period;
use super::plan::Plan;
use super::statement::Statement;
use crate::fault::Fault;
use crate::request::Request;

pub fn plan(
    request: &Request,
    session: &ReadSession,
    id: &impl AsRef<str>,
) -> Result<Option<Plan>, Fault> {
    Ok(runs::plan(session, &request.scope, id.as_ref())?.map(Plan::from))
}

pub fn batch(
    request: &Request,
    session: &ReadSession,
    id: &impl AsRef<str>,
) -> Result<Option<Batch>, Fault> {
    Ok(runs::batch(session, &request.scope, id.as_ref())?.map(Batch::from))
}

pub fn book(
    request: &Request,
    session: &ReadSession,
    id: &impl AsRef<str>,
) -> Result<Option<Book>, Fault> {
    Ok(books::book(session, &request.scope, id.as_ref())?.map(Book::from))
}

pub fn period(
    request: &Request,
    session: &ReadSession,
    id: &impl AsRef<str>,
) -> Result<Option<Period>, Fault> {
    Ok(runs::period(session, &request.scope, id.as_ref())?.map(Period::from))
}

pub fn certificate(
    request: &Request,
    session: &ReadSession,
    id: &impl AsRef<str>,
) -> Result<Option<Certificate>, Fault> {
    let last = runs::certificates(session, &request.scope, id.as_ref())?.pop();
    last.map(Certificate::read).transpose()
}

pub fn statement(
    request: &Request,
    session: &ReadSession,
    id: &impl AsRef<str>,
) -> Result<Option<Statement>, Fault> {
    Ok(books::statement(session, &request.scope, id.as_ref())?.map(Statement::from))
}

pub fn feed(
    request: &Request,
    session: &ReadSession,
    id: &impl AsRef<str>,
) -> Result<Option<Feed>, Fault> {
    Ok(feeds::feed(session, &request.scope, id.as_ref())?.map(Feed::from))
}

pub fn opening(
    request: &Request,
    session: &ReadSession,
    id: &impl AsRef<str>,
) -> Result<Option<Opening>, Fault> {
    let id = id.as_ref().to_owned();
    Ok(lists::one::<OpeningRow>(session, &request.scope, &id)?.map(Opening::from))
}

/// A result that belongs to one plan, batch, …: its id, and what the command told.
#[derive(Clone)]
pub struct Of<R> {
    pub id: String,
    pub told: R,
}

impl<R> AsRef<str> for Of<R> {
    fn as_ref(&self) -> &str {
        &self.id
    }
}

pub fn plan_batches<R>(
    request: &Request,
    session: &ReadSession,
    of: &Of<R>,
) -> Result<Option<Vec<Batch>>, Fault> {
    let filter = runs::BatchFilter { plan: Some(of.id.clone()), ..Default::default() };
    let rows = runs::batches(session, &request.scope, &filter, None, 1_000)?;
    Ok(Some(rows.into_iter().map(Batch::from).collect()))
}

pub fn received(
    request: &Request,
    session: &ReadSession,
    of: &Of<(ReplyId, u32, bool)>,
) -> Result<Option<Reply>, Fault> {
    let row = lists::one::<runs::ReplyRow>(session, &request.scope, &of.told.0)?;
    Ok(row.map(Reply::from))
}
