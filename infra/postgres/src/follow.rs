//! How a node hears of what other nodes wrote: a notification as a hint, and the counter itself
//! asked for at intervals, for what a lost notification did not tell.

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::PgListener;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use crate::queries::Reader;
use crate::writer::advance;

pub(crate) async fn poll(reader: Reader, head: Arc<watch::Sender<u64>>, every: Duration) {
    let mut ticks = interval(every.max(Duration::from_millis(1)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match reader.head().await {
            Ok(stored) => advance(&head, stored),
            Err(error) => tracing::debug!(%error, "the head of the log could not be asked for"),
        }
    }
}

pub(crate) async fn listen(
    reader: Reader,
    head: Arc<watch::Sender<u64>>,
    channel: String,
    every: Duration,
) {
    let mut ticks = interval(every.max(Duration::from_millis(1)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = hear(&reader, &head, &channel).await {
            tracing::debug!(%error, "notifications of the log are not heard");
        }
    }
}

/// Returns when the connection is lost; meanwhile the polling goes on.
async fn hear(
    reader: &Reader,
    head: &watch::Sender<u64>,
    channel: &str,
) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(&reader.pool).await?;
    listener.listen(channel).await?;
    loop {
        let notification = listener.recv().await?;
        if let Ok(told) = notification.payload().parse() {
            advance(head, told);
        }
    }
}
