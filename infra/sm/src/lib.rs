//! The ciphers of renshe and the sealing of personal data.
//!
//! - [`sm3()`], [`Sm3Writer`], [`hmac_sm3`]: digests (GB/T 32905).
//! - [`SigningKey`], [`VerifyingKey`]: SM2 signatures (GB/T 32918.2), and [`note`]: signed
//!   checkpoints of the log in C2SP signed-note form.
//! - [`Sealer`], [`Envelope`]: a personal field sealed with SM4-GCM (RFC 8998) under the key of
//!   its subject, bound to log, subject, event and field.
//! - [`keys`]: the ports [`MasterKey`] (an HSM) and [`SubjectKeys`], with the adapters [`FileKeys`]
//!   and [`MemoryKeys`].
//!
//! **Invariant** a subject's key is durable before anything is sealed under it, and once it is
//! destroyed no envelope of that subject opens again.
//!
//! **Limits** a copy of the key folder made before an erasure still holds the key: erasures must
//! be applied again (`destroy` is idempotent) after a restore. Overwriting in place does not reach
//! old blocks of a copy-on-write or flash medium: there the folder belongs on an encrypted volume.
//! The length of a sealed text is the length of the clear one.

mod digest;
mod envelope;
mod gcm;
pub mod keys;
pub mod note;
mod randomness;
mod sealer;
pub mod seeded;
mod signing;

pub use digest::{Sm3Writer, hex, hmac_sm3, sm3};
pub use envelope::{Envelope, Malformed};
pub use keys::{FileKeys, MasterKey, MemoryKeys, Standing, SubjectKeys};
pub use randomness::{OsRandomness, Randomness};
pub use sealer::{Error, Sealer};
pub use seeded::SeededRandomness;
pub use signing::{SIGNER_ID, SignatureError, SigningKey, VerifyingKey};
