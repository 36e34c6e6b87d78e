//! Settings: defaults, then `renshe.toml`, then `RENSHE_…` variables, then flags.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use figment::Figment;
use figment::providers::{Env, Format as _, Serialized, Toml};
use serde::{Deserialize, Serialize};

use crate::cli::Lang;
use crate::node::{Address, Databases};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where everything lies.
    pub data_dir: PathBuf,
    /// Loopback only until identity lands.
    pub listen: String,
    /// Names besides `localhost` and loopback addresses that the endpoint answers to.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// What is told on standard error while serving: a `tracing` filter.
    pub trace: String,
    /// The log in PostgreSQL instead of the data directory.
    #[serde(default, skip_serializing)]
    log: Option<Address>,
    /// The read models in PostgreSQL instead of the data directory.
    #[serde(default, skip_serializing)]
    views: Option<Address>,
    /// The language of errors: `zh`, `en` or `both`; absent: by the locale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<Lang>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("renshe-data"),
            listen: "127.0.0.1:8080".to_owned(),
            hosts: Vec::new(),
            trace: "info".to_owned(),
            log: None,
            views: None,
            lang: None,
        }
    }
}

impl Config {
    /// What stands elsewhere than in the data directory.
    #[must_use]
    pub fn databases(&self) -> Databases {
        Databases { log: self.log.clone(), views: self.views.clone() }
    }

    /// Reads `file`, or `renshe.toml` in the current directory if there is one.
    ///
    /// # Errors
    /// When a given file is not there, or a setting is unknown or of the wrong kind.
    pub fn read(file: Option<&Path>) -> Result<Self> {
        let mut figment = Figment::from(Serialized::defaults(Self::default()));
        figment = match file {
            Some(file) => figment.merge(Toml::file_exact(file)),
            None => figment.merge(Toml::file("renshe.toml")),
        };
        figment.merge(Env::prefixed("RENSHE_")).extract().context("the settings cannot be read")
    }
}
