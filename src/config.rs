//! Settings: defaults, then `renshe.toml`, then `RENSHE_…` variables, then flags.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use figment::Figment;
use figment::providers::{Env, Format as _, Serialized, Toml};
use serde::{Deserialize, Serialize};

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
    /// What is logged: a `tracing` filter.
    pub log: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("renshe-data"),
            listen: "127.0.0.1:8080".to_owned(),
            hosts: Vec::new(),
            log: "info".to_owned(),
        }
    }
}

impl Config {
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
