//! What every sub-command has at hand: the installation, where its words go, and who acts.

use std::path::{Path, PathBuf};

use ::commands::{Done, Envelope};
use anyhow::{Result, anyhow};
use serde::Serialize;
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::failed::Unusable;
use super::voice::{Lang, Said, Voice};
use super::{Common, control};
use crate::config::Config;
use crate::node::{Databases, Node, World};

/// One sub-command's desk.
///
/// **Invariant** only a node that was opened here is ended here: a served one goes on.
pub struct Desk {
    pub(super) common: Common,
    pub(super) config: Config,
    pub(super) lang: Lang,
    voice: Voice,
    /// Where it was typed: relative names of files are taken from here.
    folder: PathBuf,
    /// The id of this command, if the command line gives none.
    command: Uuid,
    node: Source,
}

enum Source {
    /// Opened when it is first asked for.
    Own(OnceCell<Node>),
    /// Of the process that serves it, and the address where it does.
    Served { node: Node, address: String },
}

/// What comes with a command that was typed beside the serving process.
pub struct Typed {
    pub lang: Lang,
    pub folder: PathBuf,
    pub command: Uuid,
    pub voice: Voice,
}

impl Desk {
    /// A desk at the terminal.
    pub fn here(common: Common, config: Config) -> Result<Self> {
        let lang = common.lang.or(config.lang).unwrap_or_else(Lang::of_locale);
        Ok(Self {
            lang,
            voice: Voice::terminal(),
            folder: std::env::current_dir()?,
            command: control::new_id(),
            common,
            config,
            node: Source::Own(OnceCell::new()),
        })
    }

    /// A desk in the serving process, for somebody beside it.
    pub fn beside(common: Common, config: Config, node: Node, address: &str, by: Typed) -> Self {
        let Typed { lang, folder, command, voice } = by;
        let node = Source::Served { node, address: address.to_owned() };
        Self { common, config, lang, voice, folder, command, node }
    }

    pub fn data_dir(&self) -> PathBuf {
        match &self.node {
            Source::Own(_) => {
                self.common.data_dir.clone().unwrap_or_else(|| self.config.data_dir.clone())
            }
            Source::Served { node, .. } => node.dir.clone(),
        }
    }

    /// What stands elsewhere than in the data directory.
    pub fn databases(&self) -> Databases {
        let Databases { log, views } = self.config.databases();
        Databases {
            log: self.common.log.clone().or(log),
            views: self.common.views.clone().or(views),
        }
    }

    /// A file as its name was typed.
    pub fn file(&self, named: &Path) -> PathBuf {
        self.folder.join(named)
    }

    /// Where it was typed.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The address at which the installation is served, if it is.
    pub fn served_at(&self) -> Option<&str> {
        match &self.node {
            Source::Own(_) => None,
            Source::Served { address, .. } => Some(address),
        }
    }

    /// The installation; it is made on first use.
    pub async fn node(&self) -> Result<Node> {
        match &self.node {
            Source::Own(node) => {
                let dir = self.data_dir();
                let world = || World::real().on(self.databases());
                let node = node.get_or_try_init(|| Node::open(&dir, world())).await;
                node.cloned().map_err(|error| error.context(Unusable::Installation))
            }
            Source::Served { node, .. } => Ok(node.clone()),
        }
    }

    /// An installation that is there already: reading never makes one.
    pub async fn existing(&self) -> Result<Node> {
        let dir = self.data_dir();
        if !dir.join("log").exists() {
            return Err(anyhow!("there is no installation in {}", dir.display())
                .context(Unusable::Installation));
        }
        self.node().await
    }

    /// Ends what was opened here.
    pub fn close(&self) {
        if let Source::Own(node) = &self.node
            && let Some(node) = node.get()
        {
            node.stop();
        }
    }

    pub fn envelope(&self) -> Envelope {
        let id = self.common.command_id.unwrap_or(self.command);
        let envelope = Envelope::new(id, self.common.actor.clone());
        match self.common.on {
            Some(day) => envelope.on(day),
            None => envelope,
        }
    }

    /// Who acts.
    pub fn actor(&self) -> &str {
        &self.common.actor
    }

    pub fn json(&self) -> bool {
        self.common.json
    }

    /// Lines of the answer.
    pub fn out(&self, text: &str) -> Result<()> {
        self.voice.say(&Said::Out(text.to_owned()))
    }

    /// Lines about what is wrong.
    pub fn err(&self, text: &str) -> Result<()> {
        self.voice.say(&Said::Err(text.to_owned()))
    }

    /// So many rows are done.
    pub fn step(&self, rows: u64) -> Result<()> {
        self.voice.say(&Said::Step(rows))
    }

    /// Says what another process said for it.
    pub fn pass_on(&self, said: &Said) -> Result<()> {
        self.voice.say(said)
    }

    /// Tells a mistake in the languages that are read here, after the place where it stands.
    pub fn mistake(&self, place: &str, zh: &str, en: &str) -> Result<()> {
        self.lang.pick(zh, en).try_for_each(|text| self.err(&format!("{place}{text}")))
    }

    /// Prints an answer: as JSON for programs, else as `text` says.
    pub fn say<T: Serialize>(&self, answer: &T, text: impl FnOnce() -> String) -> Result<()> {
        if self.json() {
            self.out(&serde_json::to_string_pretty(answer)?)
        } else {
            self.out(&text())
        }
    }

    /// Prints what came of a command.
    pub fn done<R: Serialize>(
        &self,
        done: &Done<R>,
        text: impl FnOnce(&R) -> String,
    ) -> Result<()> {
        #[derive(Serialize)]
        struct Answer<'a, R> {
            result: &'a R,
            position: u64,
            replayed: bool,
        }
        let Done { result, position, replayed, .. } = done;
        let answer = Answer { result, position: position.0, replayed: *replayed };
        self.say(&answer, || {
            let before = if *replayed { " (done before)" } else { "" };
            format!("{}{before}", text(result))
        })
    }
}
