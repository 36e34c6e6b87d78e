//! One node: every port with its adapter. Nowhere else is an adapter named.
//!
//! ```text
//! <data-dir>/log/        the event log, or the note which one in PostgreSQL it is
//! <data-dir>/access/     who looked at what: a log of its own
//! <data-dir>/views/      the read models, one file per generation, unless in PostgreSQL
//! <data-dir>/keys/       the key folder: without it no personal field can be read
//! <data-dir>/artefacts/  bank files, replies, uploads: sealed, named by their digest
//! <data-dir>/banks/      the banks' file servers: what goes to each and comes back
//! <data-dir>/feed/       runs that another system paid: in, taken, refused
//! <data-dir>/messages/   what simulated gateways of messages took
//! ```

mod access;
mod bank_files;
mod duties;
mod facts;
mod messages;
mod query_facts;
mod retention;
mod signer;
mod stores;
mod warning_facts;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use commands::benefits::Benefits;
use commands::cards::Cards;
use commands::disbursement::{BankServers, Disbursement, PayFacts, PayPorts, Rules, Taken};
use commands::registry::Registry;
use commands::rulebook::Rulebook;
use commands::{Artefacts, Clock, CommandError, Executor, Ids, Keys, Ports};
pub use files::DiskServers;
use files::{DiskArtefacts, DiskFeed, RandomIds, Sm4Pieces, SmKeys, SystemClock};
use kernel::ports::SeededIds;
use kernel::{EventLog, Position};
use projections::engine::{Train, TrainHandle};
use sm::{FileKeys, OsRandomness, Randomness, Sealer};

use self::bank_files::LayoutFiles;
use self::facts::{ViewFacts, ViewRules};
use self::signer::BureauSigner;
pub use self::stores::{Address, Databases, raise_epoch};
use self::stores::{Opened, open_log, open_views};

/// How long a node waits for its read models before it says that they are behind.
pub const CATCH_UP: Duration = Duration::from_secs(120);

/// Everything that a sub-command works with.
#[derive(Clone)]
pub struct Node {
    pub dir: PathBuf,
    pub log: Arc<dyn EventLog>,
    opened: Opened,
    pub executor: Executor,
    pub access: commands::access::Access,
    pub keys: Arc<dyn Keys>,
    pub artefacts: Arc<dyn Artefacts>,
    pub rules: Arc<dyn Rules>,
    pub facts: Arc<dyn PayFacts>,
    pub train: TrainHandle,
    pub registry: Registry,
    pub cards: Cards,
    pub benefits: Benefits,
    pub rulebook: Rulebook,
    pub disbursement: Disbursement,
}

/// What time it is, and where ids and chance come from: the machine's, or a seed's.
pub struct World {
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub randomness: Arc<dyn Randomness>,
    /// What stands elsewhere than in the data directory.
    pub databases: Databases,
    /// The banks' file servers, where they are not folders in the data directory.
    pub servers: Option<Arc<dyn BankServers>>,
}

impl World {
    #[must_use]
    pub fn real() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            ids: Arc::new(RandomIds),
            randomness: Arc::new(OsRandomness),
            databases: Databases::default(),
            servers: None,
        }
    }

    /// The same seed gives the same ids. Keys and nonces stay random: they change no bank file.
    #[must_use]
    pub fn seeded(clock: Arc<dyn Clock>, seed: u64) -> Self {
        Self { clock, ids: Arc::new(SeededIds::new(seed)), ..Self::real() }
    }

    #[must_use]
    pub fn on(self, databases: Databases) -> Self {
        Self { databases, ..self }
    }
}

impl Node {
    /// Opens the node in `dir`, making it on first use, and publishes the bundled definitions once.
    ///
    /// # Errors
    /// When another process holds the folder, or a store does not open.
    pub async fn open(dir: &Path, world: World) -> Result<Self> {
        let World { clock, ids, randomness, databases, servers } = world;
        std::fs::create_dir_all(dir)
            .with_context(|| format!("cannot make the data directory {}", dir.display()))?;
        let opened = open_log(dir, &databases, Arc::clone(&clock), &*ids).await?;
        let log = opened.log();
        let access = access::open(dir, &*log, Arc::clone(&clock))?;
        let folder = FileKeys::open_or_create(&dir.join("keys"), Arc::clone(&randomness))
            .context("the key folder does not open")?;
        let folder = Arc::new(folder);
        let signing = folder.signing_key("bureau").context("the bureau's key does not open")?;
        let artefact_key = sm::MasterKey::mac(&*folder, b"renshe artefact store v1");
        let sealer = Sealer::new(
            log.identity().log_id.0,
            Arc::clone(&folder) as Arc<dyn sm::SubjectKeys>,
            Arc::clone(&randomness),
        );
        let keys: Arc<dyn Keys> = Arc::new(SmKeys::new(
            Arc::clone(&folder) as Arc<dyn sm::MasterKey>,
            folder,
            Arc::new(sealer),
        ));
        let artefacts: Arc<dyn Artefacts> = Arc::new(
            DiskArtefacts::open(
                dir.join("artefacts"),
                Arc::new(Sm4Pieces::new(artefact_key)),
                Arc::clone(&randomness),
            )
            .context("the artefact store does not open")?,
        );
        let stores = open_views(dir, &databases, log.identity())?;
        let train = Train::start(Arc::clone(&log), stores, projections::all())
            .context("the read models do not start")?;
        let executor =
            Executor::new(Ports { log: Arc::clone(&log), keys: Arc::clone(&keys), clock, ids });
        let rules: Arc<dyn Rules> = Arc::new(ViewRules::new(train.clone()));
        let facts: Arc<dyn PayFacts> = Arc::new(ViewFacts::new(train.clone()));
        let disbursement = Disbursement::new(
            executor.clone(),
            PayPorts {
                facts: Arc::clone(&facts),
                rules: Arc::clone(&rules),
                files: Arc::new(LayoutFiles),
                servers: servers.unwrap_or_else(|| Arc::new(DiskServers::new(dir.join("banks")))),
                signer: Arc::new(BureauSigner::new(signing, randomness)),
                artefacts: Arc::clone(&artefacts),
            },
        );
        let node = Self {
            dir: dir.to_owned(),
            log,
            opened,
            access,
            keys,
            artefacts,
            registry: Registry::new(executor.clone())
                .with_retention(Arc::new(retention::ViewRetention(train.clone()))),
            train,
            cards: Cards::new(executor.clone()),
            benefits: Benefits::new(executor.clone(), Arc::clone(&rules)),
            rulebook: Rulebook::new(executor.clone()),
            executor,
            rules,
            facts,
            disbursement,
        };
        node.rulebook.first_start().await?;
        node.caught_up().await?;
        Ok(node)
    }

    /// Waits until every read model covers what is written now.
    ///
    /// # Errors
    /// When one is behind for too long, naming it.
    pub async fn caught_up(&self) -> Result<Position> {
        let head = self.log.head();
        let deadline = tokio::time::Instant::now() + CATCH_UP;
        self.train
            .wait_for(head, deadline)
            .await
            .with_context(|| format!("the read models did not reach position {head}"))
    }

    /// Takes what arrived in the folder of the feeds, as `actor`.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn take_feed(&self, actor: &str) -> std::result::Result<Vec<Taken>, CommandError> {
        let folder = DiskFeed::new(self.dir.join("feed"));
        self.disbursement.take_feed(actor, &folder).await
    }

    /// Resolves when the log takes no writes any more, with the reason.
    pub async fn log_failed(&self) -> String {
        self.opened.failed().await
    }

    /// Ends the read models; the log is closed with its last holder.
    pub fn stop(&self) {
        self.train.stop();
    }
}
