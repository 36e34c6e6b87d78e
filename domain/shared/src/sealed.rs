//! A personal value under its subject's key: the only form in which an event may hold one.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The self-describing envelope of a sealed name, number, contact or account: key version, event
/// id, field path, nonce and cipher text (DESIGN, section 6). Only the write side makes one and
/// only a recorded look opens one; here it is carried. `Debug` shows its length alone, because logs
/// hold personal data neither clear nor sealed.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(pub String);

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}
