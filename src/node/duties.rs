//! What a serving node does by itself: days open, timers fire, processes react, feeds are taken,
//! banks are looked at.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use commands::disbursement::Handed;
use commands::processes::dead_payees::DeadPayees;
use commands::processes::guardians::Guardians;
use commands::processes::lives::Lives;
use commands::processes::recoveries::Recoveries;
use commands::processes::waiting_replies::WaitingReplies;
use commands::tags::TagQueries;
use commands::timers::Timers;
use commands::warnings::{Dispatcher, Notifier, Raiser, Reminders, WarningFacts, Warnings};
use commands::{CommandError, Envelope, Executor, Runner};
use tokio::sync::watch;

use super::Node;
use super::messages::MessageFolders;
use super::query_facts::ViewQueries;
use super::warning_facts::ViewSignals;

/// How often the banks' servers are looked at.
const BANKS_LOOK: Duration = Duration::from_secs(30);
/// How often it is written down who called what.
const CALLS_WRITE: Duration = Duration::from_secs(60);
/// How often the calendar and the timers are looked at.
const LOOK: Duration = Duration::from_secs(1);
/// How often the folder of the feeds is looked at: its runs come once a day.
const FEED_LOOK: Duration = Duration::from_secs(30);
/// Who takes what arrived there.
const FEED_ACTOR: &str = "process:feed";
/// Who follows files to the banks, and takes what they left.
const BANKS_ACTOR: &str = "process:banks";

impl Node {
    /// The processes of this program.
    #[must_use]
    pub fn processes(&self) -> Runner {
        Runner::new(
            self.executor.clone(),
            vec![
                Box::new(DeadPayees::new(self.facts.clone())),
                Box::new(commands::processes::erasures::Erasures),
                Box::new(Lives::new(self.rules.clone())),
                Box::new(WaitingReplies::new(self.disbursement.clone())),
                Box::new(Recoveries::new(self.disbursement.clone())),
                Box::new(Guardians::new(self.rules.clone())),
                Box::new(TagQueries::new(
                    Arc::clone(&self.rules),
                    Arc::new(ViewQueries(self.train.clone())),
                )),
                Box::new(Reminders::new(self.warning_facts())),
                Box::new(Dispatcher::new(Arc::clone(&self.rules))),
                Box::new(Notifier::new(Arc::new(MessageFolders::new(self.dir.join("messages"))))),
            ],
        )
    }

    /// Reads what the rules of warnings noticed, and opens cases.
    #[must_use]
    pub fn raiser(&self) -> Raiser {
        let warnings = Warnings::new(self.executor.clone(), Arc::clone(&self.rules));
        Raiser::new(warnings, self.warning_facts())
    }

    fn warning_facts(&self) -> Arc<dyn WarningFacts> {
        Arc::new(ViewSignals::new(self.train.clone()))
    }

    /// Runs until `ended` says so.
    ///
    /// # Errors
    /// When the cursors of the processes cannot be read.
    pub async fn duties(&self, ended: watch::Receiver<bool>) -> Result<()> {
        let runner = self.processes();
        let mut over = ended.clone();
        let reacting = runner.run(async move {
            // A sender that is gone ends it as well.
            let _gone = over.wait_for(|ended| *ended).await;
        });
        let mut silent = ended.clone();
        let raiser = self.raiser();
        let raising = raiser.run(async move {
            let _gone = silent.wait_for(|ended| *ended).await;
        });
        let feeding = every(FEED_LOOK, ended.clone(), async || feed(self).await);
        let exchanging = every(BANKS_LOOK, ended.clone(), async || exchange(self).await);
        let counting = every(CALLS_WRITE, ended.clone(), async || write_calls(self).await);
        let mut timers = Timers::default();
        let looking = every(LOOK, ended, async || {
            if let Err(fault) = look(&self.executor, &mut timers).await {
                tracing::warn!(code = fault.code(), "days or timers wait: {fault}");
            }
        });
        let (reacted, raised, (), (), (), ()) =
            tokio::join!(reacting, raising, looking, feeding, exchanging, counting);
        write_calls(self).await;
        // Payments do not wait for warnings: what was not raised is read again after a restart.
        if let Err(fault) = raised {
            tracing::error!(code = fault.code(), "no warning is raised until a restart: {fault}");
        }
        Ok(reacted?)
    }
}

/// Looks at once and then as often as this, until `ended` says so.
async fn every(period: Duration, mut ended: watch::Receiver<bool>, mut look: impl AsyncFnMut()) {
    let mut tick = tokio::time::interval(period);
    loop {
        tokio::select! {
            _ = ended.wait_for(|ended| *ended) => return,
            _ = tick.tick() => {}
        }
        look().await;
    }
}

async fn write_calls(node: &Node) {
    let written = match node.executor.today() {
        Ok(today) => node.access.write_calls(today).await,
        Err(fault) => return tracing::warn!(code = fault.code(), "calls stay counted: {fault}"),
    };
    if let Err(fault) = written {
        tracing::warn!("calls stay counted: {fault}");
    }
}

/// What is refused lies in the folder with its reason; names may be anybody's and are not told.
async fn feed(node: &Node) {
    match node.take_feed(FEED_ACTOR).await {
        Ok(taken) => {
            for one in taken {
                match one.outcome {
                    Ok(run) => {
                        tracing::info!(feed = run.feed, run = run.sequence, "a run is taken")
                    }
                    Err(error) => {
                        tracing::warn!(code = error.code(), "a file of a feed is refused")
                    }
                }
            }
        }
        Err(fault) => tracing::warn!(code = fault.code(), "feeds wait: {fault}"),
    }
}

/// As with feeds: what is refused lies there with its reason, and names are not told.
async fn exchange(node: &Node) {
    let envelope = Envelope::new(node.executor.ids().next(), BANKS_ACTOR);
    let all = match node.disbursement.exchange(&envelope, None).await {
        Ok(all) => all,
        Err(fault) => return tracing::warn!(code = fault.code(), "banks wait: {fault}"),
    };
    for one in all {
        for (batch, handed) in one.sent {
            match handed {
                Ok(Handed::Over(_)) => tracing::info!(batch, "a file is its bank's"),
                Ok(Handed::Unknown) => tracing::warn!(batch, "its bank is to be asked for a file"),
                Ok(Handed::Settled) => {}
                Err(fault) => tracing::warn!(batch, code = fault.code(), "a file waits: {fault}"),
            }
        }
        for file in one.taken {
            match file.outcome {
                Ok(_) => tracing::info!(bank = %one.bank, "a file of a bank is taken"),
                Err(error) => {
                    tracing::warn!(bank = %one.bank, code = error.code(), "a bank's file is refused");
                }
            }
        }
        if let Some(fault) = one.unreachable {
            tracing::warn!(bank = %one.bank, code = fault.code(), "a bank's server waits: {fault}");
        }
    }
}

async fn look(executor: &Executor, timers: &mut Timers) -> Result<(), CommandError> {
    let today = executor.today()?;
    if executor.business_day().await? < today {
        commands::day::open_days(executor, today).await?;
    }
    timers.fire_due(executor).await?;
    Ok(())
}
