//! Definitions that are tried before they hold: the catalogue as a draft would have it, and the one
//! place where a trial reads the whole log.

use definitions::{Catalogue, Source};
use projections::tags::{Trial, TrialError};
use tokio::sync::Semaphore;

use crate::fault::Fault;
use crate::request::Request;

/// Trials read the whole log: so many at once, and whoever comes later is told so.
static TRIALS: Semaphore = Semaphore::const_new(2);

/// A draft is a file of definitions; larger ones go through the command line.
const DRAFT_MAX: usize = 64 * 1024;

/// What is in force today, with the draft in it where there is one.
///
/// # Errors
/// `BAD_INPUT` with every mistake of the draft.
pub fn catalogue(request: &Request, draft: Option<String>) -> Result<Catalogue, Fault> {
    let today = request.app().executor.today()?;
    let current = request.app().rules.on(today)?;
    let Some(text) = draft else { return Ok(Catalogue::clone(&current)) };
    if text.len() > DRAFT_MAX {
        return Err(Fault::bad_input("草稿至多 64 KiB / a draft has at most 64 KiB"));
    }
    current.amended(&Source::new("draft", text)).map_err(|mistakes| {
        let told = mistakes.iter().map(|one| format!("{}：{} / {one}", one.code, one.zh));
        Fault::bad_input(told.collect::<Vec<_>>().join("\n"))
    })
}

/// A trial over everything that the log holds now.
///
/// # Errors
/// `BUSY` while as many as may are read; when the log cannot be read.
pub async fn over(request: &Request, trial: Trial) -> Result<Trial, Fault> {
    let Ok(_held) = TRIALS.try_acquire() else {
        let text = "正在进行的试算过多，请稍后再试 / too many trials run: try again later";
        return Err(Fault::new("BUSY", text));
    };
    let log = request.app().executor.log();
    trial.over(log).await.map_err(Fault::from)
}

impl From<TrialError> for Fault {
    fn from(error: TrialError) -> Self {
        match error {
            TrialError::NoSuchRule(id) => {
                Self::bad_input(format!("没有规则 {id} / there is no rule {id}"))
            }
            TrialError::Log(error) => error.into(),
            TrialError::Mistaken(_) | TrialError::Fold(_) | TrialError::Cut => {
                Self::internal(error)
            }
        }
    }
}
