//! What many parents of one operation ask is read at once: never a query per row.
//!
//! Siblings of one list ask in the same turn of the executor. Each leaves its key and yields once;
//! the first that runs again reads for all of them.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use async_graphql::Context;
use projections::{ReadSession, Scope};

use crate::fault::Fault;
use crate::request::request;

/// A key by which something is read, and what is read by many of them.
pub trait Many: Clone + Eq + Hash + Send + 'static {
    type Answer: Clone + Default + Send + 'static;

    /// # Errors
    /// When the read model cannot be read.
    fn read(
        session: &ReadSession,
        scope: &Scope,
        keys: &[Self],
    ) -> Result<HashMap<Self, Self::Answer>, Fault>;
}

/// The keys that wait and the answers that are known, by the type of the key.
#[derive(Default)]
pub struct Batches(Mutex<HashMap<TypeId, Box<dyn Any + Send>>>);

struct Batch<K: Many> {
    waiting: Vec<K>,
    known: HashMap<K, K::Answer>,
}

impl<K: Many> Default for Batch<K> {
    fn default() -> Self {
        Self { waiting: Vec::new(), known: HashMap::new() }
    }
}

impl Batches {
    /// Another look is opened: nothing of the last one may be shown with it.
    pub fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn with<K: Many, T>(&self, work: impl FnOnce(&mut Batch<K>) -> T) -> T {
        let mut batches = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let batch = batches
            .entry(TypeId::of::<K>())
            .or_insert_with(|| Box::new(Batch::<K>::default()))
            .downcast_mut()
            .expect("a batch lies under the type of its own key");
        work(batch)
    }
}

/// What is read under `key`, together with what its siblings ask; nothing where there is nothing.
///
/// # Errors
/// When the read model cannot be read.
pub async fn load<K: Many>(ctx: &Context<'_>, key: K) -> Result<K::Answer, Fault> {
    let request = request(ctx);
    let session = request.session(ctx).await?;
    let known = request.batches.with::<K, _>(|batch| {
        let known = batch.known.get(&key).cloned();
        if known.is_none() {
            batch.waiting.push(key.clone());
        }
        known
    });
    if let Some(known) = known {
        return Ok(known);
    }
    tokio::task::yield_now().await;
    request.batches.with::<K, _>(|batch| {
        if let Some(known) = batch.known.get(&key) {
            return Ok(known.clone());
        }
        let mut keys = std::mem::take(&mut batch.waiting);
        // It is gone where an earlier read of the batch failed.
        if !keys.contains(&key) {
            keys.push(key.clone());
        }
        let mut found = K::read(&session, &request.scope, &keys)?;
        for key in keys {
            let answer = found.remove(&key);
            batch.known.entry(key).or_insert_with(|| answer.unwrap_or_default());
        }
        Ok(batch.known.get(&key).cloned().unwrap_or_default())
    })
}

/// Declares keys whose answers are the rows of one table:
/// `rows_of! { /// doc \n CardsOf(PersonId): CardRow by "person" in ["made_on", "card"] => |row| row.person; }`
macro_rules! rows_of {
    ($(
        $(#[$meta:meta])*
        $name:ident($key:ty): $row:ty, by $column:literal in [$($order:literal),+]
            => |$var:ident| $of:expr;
    )*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub struct $name(pub $key);

        impl $crate::batches::Many for $name {
            type Answer = Vec<$row>;

            fn read(
                session: &projections::ReadSession,
                scope: &projections::Scope,
                keys: &[Self],
            ) -> Result<std::collections::HashMap<Self, Vec<$row>>, $crate::fault::Fault> {
                use projections::lists::{By, of_many};
                let wanted = keys.iter().map(|key| key.0.clone().into());
                let order = [$(By::up($order)),+];
                let rows = of_many::<$row>(session, scope, $column, wanted, &order)?;
                let mut found = std::collections::HashMap::<Self, Vec<$row>>::new();
                for $var in rows {
                    found.entry(Self($of.clone())).or_default().push($var);
                }
                Ok(found)
            }
        }
    )*};
}

pub(crate) use rows_of;
