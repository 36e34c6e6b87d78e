//! Live views: the query run again when the train has moved, at most four times a second, and sent
//! only where it answers something else.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::Context;
use futures_util::{Stream, stream};
use kernel::Position;
use projections::ReadSession;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};

use crate::fault::Fault;
use crate::request::Request;
use crate::scalars;

const PACE: Duration = Duration::from_millis(250);
/// Nobody waits for ever for a log that stands still: after this the loop looks around.
const PATIENCE: Duration = Duration::from_secs(15);

struct Live<T> {
    reached: Position,
    sent: Option<T>,
    ticks: Interval,
}

/// The answers of `read`, first as it stands (behind `after`, if given), then whenever it differs.
///
/// # Errors
/// `POSITION_OF_OTHER_EPOCH`.
pub fn live<'a, T, F>(
    ctx: &Context<'a>,
    after: Option<scalars::Position>,
    read: F,
) -> Result<
    impl Stream<Item = async_graphql::Result<(scalars::Position, T)>> + Send + use<'a, T, F>,
    Fault,
>
where
    T: Clone + PartialEq + Send + 'a,
    F: Fn(&Request, &ReadSession) -> Result<T, Fault> + Send + Sync + 'a,
{
    let request = ctx.data_unchecked::<Request>();
    let reached = after.map(|token| request.position(token)).transpose()?.unwrap_or_default();
    let mut ticks = interval(PACE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let read = Arc::new(read);
    Ok(stream::unfold(Some(Live { reached, sent: None, ticks }), move |live| {
        let read = Arc::clone(&read);
        async move {
            let mut live = live?;
            match live.next(request, &*read).await {
                Ok(answer) => {
                    live.sent = Some(answer.clone());
                    Some((Ok((request.token(live.reached), answer)), Some(live)))
                }
                Err(fault) => Some((Err(fault.into()), None)),
            }
        }
    }))
}

impl<T: PartialEq> Live<T> {
    async fn next(
        &mut self,
        request: &Request,
        read: &(impl Fn(&Request, &ReadSession) -> Result<T, Fault> + Send + Sync),
    ) -> Result<T, Fault> {
        loop {
            // A look holds a read transaction: none while nothing happens.
            request.release();
            self.ticks.tick().await;
            let train = &request.app().train;
            let first = self.sent.is_none();
            let wanted = if first { self.reached } else { Position(self.reached.0 + 1) };
            let waited = train.wait_for(wanted, Instant::now() + PATIENCE).await;
            match waited {
                Err(missing) if first && wanted > Position::START => {
                    return Err(Fault::not_reached(&missing, request.identity()));
                }
                // It stands still, or one has left the train: the ticks bound how often we look.
                Err(_) if !first => continue,
                Ok(_) | Err(_) => {}
            }
            let session = request.session_behind(Position::START).await?;
            self.reached = session.position();
            let now = read(request, &session)?;
            if self.sent.as_ref() != Some(&now) {
                return Ok(now);
            }
        }
    }
}
