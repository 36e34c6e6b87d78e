//! Where the words of a sub-command go: to the terminal, or through a socket to where it was typed.

use std::fmt;
use std::io::{self, Write as _};
use std::os::unix::net::UnixStream;
use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use clap::ValueEnum;
use indicatif::ProgressBar;
use serde::{Deserialize, Serialize};

/// The languages in which errors are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Chinese
    Zh,
    /// English
    En,
    /// Chinese, then English
    Both,
}

impl Lang {
    /// What the locale of the environment asks for, by the order of POSIX; both where it says
    /// neither.
    #[must_use]
    pub fn of_locale() -> Self {
        let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set);
        Self::of(locale.as_deref().unwrap_or_default())
    }

    fn of(locale: &str) -> Self {
        match locale.split(['_', '.', '-', '@']).next() {
            Some("zh") => Self::Zh,
            Some("en") => Self::En,
            _ => Self::Both,
        }
    }

    /// The texts that are told, in order.
    pub fn pick<'a>(self, zh: &'a str, en: &'a str) -> impl Iterator<Item = &'a str> {
        let (zh, en) = match self {
            Self::Zh => (Some(zh), None),
            Self::En => (None, Some(en)),
            Self::Both => (Some(zh), Some(en)),
        };
        zh.into_iter().chain(en)
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Zh => "zh",
            Self::En => "en",
            Self::Both => "both",
        })
    }
}

/// One thing that a sub-command says, as it crosses the socket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// Lines of the answer.
    Out(String),
    /// Lines about what went wrong.
    Err(String),
    /// So many rows are done.
    Step(u64),
    /// The exit code; nothing comes after it.
    End(u8),
}

pub enum Voice {
    Terminal(Terminal),
    /// The socket; blocking, with a time limit for a reader that has stopped.
    Wire(UnixStream),
}

/// Standard output and standard error, with a spinner while rows are taken.
#[derive(Default)]
pub struct Terminal {
    spinner: Mutex<Option<ProgressBar>>,
}

/// Enough was read, as by `renshe events | head`: nothing is wrong.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("nobody reads the answer any more")]
pub struct Unread;

impl Voice {
    #[must_use]
    pub fn terminal() -> Self {
        Self::Terminal(Terminal::default())
    }

    /// # Errors
    /// [`Unread`], and what else keeps words from being written.
    pub fn say(&self, said: &Said) -> Result<()> {
        let written = match self {
            Self::Terminal(terminal) => terminal.say(said),
            Self::Wire(socket) => {
                let mut line = serde_json::to_vec(said)?;
                line.push(b'\n');
                (&mut &*socket).write_all(&line)
            }
        };
        match written {
            Err(fault) if fault.kind() == io::ErrorKind::BrokenPipe => Err(Unread.into()),
            written => Ok(written?),
        }
    }
}

impl Terminal {
    fn say(&self, said: &Said) -> io::Result<()> {
        let mut spinner = self.spinner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Said::Step(rows) = said {
            spinner.get_or_insert_with(ProgressBar::new_spinner).set_position(*rows);
            return Ok(());
        }
        if let Some(spinner) = spinner.take() {
            spinner.finish_and_clear();
        }
        match said {
            Said::Out(text) => writeln!(io::stdout().lock(), "{text}"),
            Said::Err(text) => writeln!(io::stderr().lock(), "{text}"),
            Said::Step(_) | Said::End(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locale_chooses_the_language() {
        for (locale, lang) in [
            ("zh_CN.UTF-8", Lang::Zh),
            ("zh", Lang::Zh),
            ("en_GB.UTF-8", Lang::En),
            ("en-US", Lang::En),
            ("C.UTF-8", Lang::Both),
            ("POSIX", Lang::Both),
            ("", Lang::Both),
            ("enm_XX", Lang::Both),
        ] {
            assert_eq!(Lang::of(locale), lang, "{locale}");
        }
        assert_eq!(Lang::Both.pick("一", "one").collect::<Vec<_>>(), ["一", "one"]);
        assert_eq!(Lang::Zh.pick("一", "one").collect::<Vec<_>>(), ["一"]);
    }
}
