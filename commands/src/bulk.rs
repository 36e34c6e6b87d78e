//! Many rows of one kind: several hundred per append, and a refused row never blocks the others.
//!
//! **Invariant** rows are decided in the order given, so of two rows that contest a key the first
//! has it; asked again with the same id and rows, every piece answers what it answered first.

use std::collections::HashMap;

use kernel::append::Held;
use kernel::process::chunk_id;
use kernel::{Claim, Position};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::canonical;
use crate::envelope::Envelope;
use crate::error::{CommandError, Refused};
use crate::execute::Executor;
use crate::taken;
use crate::unit::Unit;

/// Rows of one append.
const ROWS_MAX: usize = 500;
/// How often a piece is decided anew because somebody else took one of its keys meanwhile.
const RACES_MAX: u32 = 8;

/// What became of the rows, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bulk<Id> {
    pub rows: Vec<Row<Id>>,
    /// Reading at this position shows all that was written.
    pub position: Position,
}

/// Stored as `{"done": …}` or `{"refused": …}`: ids only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Row<Id> {
    Done(Id),
    Refused(RowRefused),
}

/// A row's refusal as it is kept with the result of its piece.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowRefused {
    pub code: String,
    pub zh: String,
    pub en: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The facts of the message by name; `holder` is who has a contested key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub params: Vec<(String, String)>,
}

impl<Id> Bulk<Id> {
    /// The rows that were refused, with their places from 0.
    pub fn refused(&self) -> impl Iterator<Item = (usize, &RowRefused)> {
        self.rows.iter().enumerate().filter_map(|(place, row)| match row {
            Row::Done(_) => None,
            Row::Refused(refused) => Some((place, refused)),
        })
    }

    /// What the accepted rows became, in order.
    pub fn done(&self) -> impl Iterator<Item = &Id> {
        self.rows.iter().filter_map(|row| match row {
            Row::Done(id) => Some(id),
            Row::Refused(_) => None,
        })
    }
}

impl RowRefused {
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

impl From<&CommandError> for RowRefused {
    fn from(error: &CommandError) -> Self {
        let params = error.params().into_iter();
        Self {
            code: error.code().to_owned(),
            zh: error.zh(),
            en: error.en(),
            field: error.field().map(str::to_owned),
            params: params.map(|(name, value)| (name.to_owned(), value)).collect(),
        }
    }
}

/// Turns a row's refusal into its outcome; a fault stays a fault of the whole.
pub(crate) fn row<Id>(outcome: Result<Id, CommandError>) -> Result<Row<Id>, CommandError> {
    match outcome {
        Ok(id) => Ok(Row::Done(id)),
        Err(error) if error.is_refusal() => Ok(Row::Refused(RowRefused::from(&error))),
        Err(error) => Err(error),
    }
}

/// Keys that a piece takes: asked once for all rows, and remembered while the rows are decided.
#[derive(Default)]
pub(crate) struct Claims(HashMap<String, Held>);

impl Claims {
    /// Looks up who holds any of `keys` now.
    pub(crate) async fn look_up(unit: &Unit, keys: Vec<String>) -> Result<Self, CommandError> {
        let held = unit.log().claims(&keys).await?;
        let held = keys.into_iter().zip(held);
        Ok(Self(held.filter_map(|(key, held)| Some((key, held?))).collect()))
    }

    /// # Errors
    /// When one of `keys` is held, by somebody before or by an earlier row.
    pub(crate) fn free(&self, keys: &[String]) -> Result<(), Refused> {
        self.free_but_of(keys, None)
    }

    /// # Errors
    /// When one of `keys` is held by somebody else than `predecessor`, who hands them over.
    pub(crate) fn free_but_of(
        &self,
        keys: &[String],
        predecessor: Option<&str>,
    ) -> Result<(), Refused> {
        let against =
            |key: &String| self.0.get(key).filter(|held| Some(held.holder.as_str()) != predecessor);
        match keys.iter().find_map(|key| Some((key, against(key)?))) {
            Some((key, held)) => Err(taken::by(key, held)),
            None => Ok(()),
        }
    }

    /// Takes `keys` for `holder`; all of them are free.
    pub(crate) fn take(&mut self, unit: &Unit, keys: Vec<String>, holder: &str) {
        let position = unit.log().head();
        for Claim { key, holder } in
            keys.into_iter().map(|key| Claim { key, holder: holder.to_owned() })
        {
            unit.take(&key, &holder);
            self.0.insert(key, Held { holder, position });
        }
    }
}

/// Carries out `rows`, a piece at a time, each as one append under the id (command, piece).
pub(crate) async fn in_pieces<'a, T, Id, F, P>(
    executor: &Executor,
    envelope: &Envelope,
    operation: &str,
    rows: &'a [T],
    plan: F,
) -> Result<Bulk<Id>, CommandError>
where
    T: Serialize,
    Id: Serialize + DeserializeOwned,
    F: Fn(Unit, &'a [T]) -> P,
    P: Future<Output = Result<Vec<Row<Id>>, CommandError>>,
{
    let mut bulk = Bulk { rows: Vec::with_capacity(rows.len()), position: Position::START };
    for (index, piece) in (0_u32..).zip(rows.chunks(ROWS_MAX)) {
        let step = envelope.step(chunk_id(envelope.command_id, index));
        let bytes = canonical::bytes_as_declared(operation, &piece).map_err(CommandError::fault)?;
        let digest = executor.keys().mac(&bytes);
        let mut races = 0;
        let done = loop {
            match executor.run_digested(&step, digest, |unit| plan(unit, piece)).await {
                // Whoever took a key first is seen now, and that row alone is refused.
                Err(CommandError::Conflict(conflicts))
                    if !conflicts.claims.is_empty() && races < RACES_MAX =>
                {
                    races += 1;
                }
                outcome => break outcome?,
            }
        };
        bulk.position = bulk.position.max(done.position);
        bulk.rows.extend(done.result);
    }
    Ok(bulk)
}
