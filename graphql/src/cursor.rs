//! Cursors: the sort key of a row, which list and order it belongs to, and the position at which it
//! was given, under a MAC. Whoever changes one gets `BAD_CURSOR`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use commands::Keys;
use kernel::{Identity, Position, Token};
use projections::Value;
use serde::{Deserialize, Serialize};

use crate::fault::Fault;

const MAC_BYTES: usize = 16;

#[derive(Serialize, Deserialize)]
struct Inside {
    /// The values of the sort key, in order.
    k: Vec<Key>,
    /// The list and its order.
    s: String,
    /// Where it was given.
    p: String,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Key {
    Int(i64),
    Text(String),
    Null(()),
}

/// Writes and reads the cursors of one list in one order.
pub struct Cursors<'a> {
    pub keys: &'a dyn Keys,
    pub here: Identity,
    pub sort: String,
}

impl Cursors<'_> {
    /// # Errors
    /// When a sort key is neither a number nor text: a fault of the program.
    pub fn write(&self, key: &[Value], position: Position) -> Result<String, Fault> {
        let keys: Option<Vec<Key>> = key
            .iter()
            .map(|value| match value {
                Value::Int(number) => Some(Key::Int(*number)),
                Value::Text(text) => Some(Key::Text(text.clone())),
                Value::Null => Some(Key::Null(())),
                Value::Blob(_) => None,
            })
            .collect();
        let k = keys.ok_or_else(|| Fault::internal("a list cannot be ordered by bytes"))?;
        let p = self.here.token(position).to_string();
        let inside = Inside { k, s: self.sort.clone(), p };
        let mut bytes = serde_json::to_vec(&inside).map_err(Fault::internal)?;
        let mac = self.mac(&bytes);
        bytes.extend_from_slice(&mac);
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// # Errors
    /// `BAD_CURSOR`, and `POSITION_OF_OTHER_EPOCH` for one that was given before a restore.
    pub fn read(&self, cursor: &str, columns: usize) -> Result<Vec<Value>, Fault> {
        let bad = || Fault::new("BAD_CURSOR", "");
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| bad())?;
        let at = bytes.len().checked_sub(MAC_BYTES).ok_or_else(bad)?;
        let (inside, mac) = bytes.split_at(at);
        // Every byte is looked at whatever the first ones say.
        let differing =
            self.mac(inside).iter().zip(mac).fold(0, |sum, (one, other)| sum | (one ^ other));
        if differing != 0 {
            return Err(bad());
        }
        let inside: Inside = serde_json::from_slice(inside).map_err(|_| bad())?;
        if inside.s != self.sort || inside.k.len() != columns {
            return Err(bad());
        }
        let token: Token = inside.p.parse().map_err(|_| bad())?;
        token.position_in(self.here)?;
        let values = inside.k.into_iter().map(|key| match key {
            Key::Int(number) => Value::Int(number),
            Key::Text(text) => Value::Text(text),
            Key::Null(()) => Value::Null,
        });
        Ok(values.collect())
    }

    fn mac(&self, inside: &[u8]) -> [u8; MAC_BYTES] {
        let whole = self.keys.mac(&[b"cursor v1\0", inside].concat());
        let mut short = [0; MAC_BYTES];
        short.copy_from_slice(&whole[..MAC_BYTES]);
        short
    }
}
