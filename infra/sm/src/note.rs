//! Checkpoints of the log as C2SP signed notes (c2sp.org/signed-note, c2sp.org/tlog-checkpoint).
//!
//! ```text
//! renshe/0190…/3                    origin: names log and epoch
//! 1048576                           size: leaves in the tree, decimal
//! 5Jk…=                             root: base64 of the 32 bytes
//!                                   an empty line
//! — bureau.example/log 8Fh…=        signer's name, base64 of key id ‖ DER signature
//! ```
//!
//! The signature covers the three lines with their line ends. SM2 has no type byte of its own, so
//! the type is `ff` followed by the identifier `renshe/sm2-sm3`, and the four bytes of the key id
//! are SM3, not SHA-256, over name, line end, type and public key: the specification recommends
//! the digest and needs only that the id is hard to hit by accident.
//!
//! **Invariant** a note that parses prints as the same bytes.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::{Randomness, SignatureError, SigningKey, VerifyingKey, hex, sm3};

/// Type byte and identifier of SM2 with SM3 in key ids and verifier keys.
const SIGNATURE_TYPE: &[u8] = b"\xffrenshe/sm2-sm3";
/// The specification asks verifiers to bound the signatures of a note, and to accept 16.
const SIGNATURES_MAX: usize = 64;

/// Why a note was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("line {line} of the note is not {expected}")]
    Malformed { line: usize, expected: &'static str },
    #[error("a note holds at most {SIGNATURES_MAX} signatures")]
    TooManySignatures,
    #[error("the origin of a checkpoint is one line without control characters")]
    Origin,
    #[error("a signer's name has no spaces, no plus sign and is not empty")]
    Name,
    #[error("a verifier key is <name>+<key id>+<base64 of type and public key>, of SM2")]
    VerifierKey,
    #[error("the note has no signature of {name} with the key {key_id}")]
    Unsigned { name: String, key_id: String },
    #[error("the note has a false signature of {name}")]
    False { name: String, source: SignatureError },
}

/// What the log says of itself: the tree's size in leaves and its root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// One line naming the log and its epoch.
    pub origin: String,
    pub size: u64,
    pub root: [u8; 32],
}

/// The text that is signed.
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, BASE64.encode(self.root))
    }
}

/// A checkpoint with the signatures over it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedNote {
    checkpoint: Checkpoint,
    signatures: Vec<Signature>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Signature {
    name: String,
    key_id: [u8; 4],
    /// DER where the key is one of ours; other signers may have their own form.
    bytes: Vec<u8>,
}

impl SignedNote {
    /// Signs `checkpoint` as `name`, by custom a URL without its scheme.
    pub fn sign(
        checkpoint: Checkpoint,
        name: &str,
        key: &SigningKey,
        randomness: &dyn Randomness,
    ) -> Result<Self, Error> {
        if checkpoint.origin.is_empty() || checkpoint.origin.chars().any(char::is_control) {
            return Err(Error::Origin);
        }
        let mut note = Self { checkpoint, signatures: Vec::new() };
        note.cosign(name, key, randomness)?;
        Ok(note)
    }

    /// Adds the signature of another signer, a witness for instance.
    pub fn cosign(
        &mut self,
        name: &str,
        key: &SigningKey,
        randomness: &dyn Randomness,
    ) -> Result<(), Error> {
        check_name(name)?;
        if self.signatures.len() == SIGNATURES_MAX {
            return Err(Error::TooManySignatures);
        }
        self.signatures.push(Signature {
            name: name.to_owned(),
            key_id: key_id(name, &key.verifying_key()),
            bytes: key.sign(self.checkpoint.to_string().as_bytes(), randomness),
        });
        Ok(())
    }

    /// The checkpoint, once a signature of `name` with `key` stands and none of them is false.
    /// Signatures of other keys are passed over, as the specification asks.
    pub fn verify(&self, name: &str, key: &VerifyingKey) -> Result<&Checkpoint, Error> {
        let key_id = key_id(name, key);
        let text = self.checkpoint.to_string();
        let mut signed = false;
        for signature in &self.signatures {
            if signature.name == name && signature.key_id == key_id {
                key.verify(text.as_bytes(), &signature.bytes)
                    .map_err(|source| Error::False { name: name.to_owned(), source })?;
                signed = true;
            }
        }
        if signed {
            Ok(&self.checkpoint)
        } else {
            Err(Error::Unsigned { name: name.to_owned(), key_id: hex(key_id) })
        }
    }

    /// What the note claims, before any signature was looked at.
    pub fn unverified(&self) -> &Checkpoint {
        &self.checkpoint
    }
}

impl fmt::Display for SignedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.checkpoint)?;
        for Signature { name, key_id, bytes } in &self.signatures {
            writeln!(f, "\u{2014} {name} {}", BASE64.encode([&key_id[..], bytes].concat()))?;
        }
        Ok(())
    }
}

impl FromStr for SignedNote {
    type Err = Error;

    /// Strict: exactly three lines of text, no extension lines (our logs write none).
    fn from_str(note: &str) -> Result<Self, Error> {
        let malformed = |line, expected| Error::Malformed { line, expected };
        let body = note.strip_suffix('\n').ok_or(malformed(1, "ended by a line feed"))?;
        let mut lines = body.split('\n');
        let mut next = || lines.next().unwrap_or_default();

        let origin = next();
        if origin.is_empty() || origin.chars().any(char::is_control) {
            return Err(malformed(1, "an origin"));
        }
        let digits = next();
        let size: u64 = digits.parse().map_err(|_| malformed(2, "a size"))?;
        if size.to_string() != digits {
            return Err(malformed(2, "a size without sign or leading zeros"));
        }
        let root = BASE64.decode(next()).ok().and_then(|bytes| bytes.try_into().ok());
        let root = root.ok_or(malformed(3, "the base64 of 32 bytes"))?;
        if !next().is_empty() {
            return Err(malformed(4, "empty"));
        }
        let mut signatures = Vec::new();
        for (number, line) in (5..).zip(lines) {
            if signatures.len() == SIGNATURES_MAX {
                return Err(Error::TooManySignatures);
            }
            let signature = read_signature(line);
            signatures.push(signature.ok_or(malformed(number, "a signature line"))?);
        }
        if signatures.is_empty() {
            return Err(malformed(5, "a signature line"));
        }
        let checkpoint = Checkpoint { origin: origin.to_owned(), size, root };
        Ok(Self { checkpoint, signatures })
    }
}

/// The text that a verifier is given beforehand: `<name>+<key id>+<base64 of type ‖ public key>`.
pub fn verifier_key(name: &str, key: &VerifyingKey) -> Result<String, Error> {
    check_name(name)?;
    let public = BASE64.encode([SIGNATURE_TYPE, &key.to_sec1()].concat());
    Ok(format!("{name}+{}+{public}", hex(key_id(name, key))))
}

/// Name and key of a text made by [`verifier_key`].
pub fn read_verifier_key(text: &str) -> Result<(String, VerifyingKey), Error> {
    let parts = || {
        let (name, rest) = text.split_once('+')?;
        let (id, public) = rest.split_once('+')?;
        let public = BASE64.decode(public).ok()?;
        let key = VerifyingKey::from_sec1(public.strip_prefix(SIGNATURE_TYPE)?).ok()?;
        (hex(key_id(name, &key)) == id).then(|| (name.to_owned(), key))
    };
    let (name, key) = parts().ok_or(Error::VerifierKey)?;
    check_name(&name)?;
    Ok((name, key))
}

fn key_id(name: &str, key: &VerifyingKey) -> [u8; 4] {
    let digest = sm3(&[name.as_bytes(), b"\n", SIGNATURE_TYPE, &key.to_sec1()].concat());
    [digest[0], digest[1], digest[2], digest[3]]
}

fn check_name(name: &str) -> Result<(), Error> {
    let allowed = |c: char| c != '+' && !c.is_whitespace() && !c.is_control();
    if name.is_empty() || !name.chars().all(allowed) { Err(Error::Name) } else { Ok(()) }
}

fn read_signature(line: &str) -> Option<Signature> {
    let (name, signature) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
    check_name(name).ok()?;
    let bytes = BASE64.decode(signature).ok()?;
    let (key_id, bytes) = bytes.split_first_chunk::<4>()?;
    Some(Signature { name: name.to_owned(), key_id: *key_id, bytes: bytes.to_vec() })
}
