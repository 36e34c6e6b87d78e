//! SM2 signatures (GB/T 32918.2-2016, GM/T 0003.5 recommended curve) in DER.

use std::fmt;

use sm2::dsa::signature::{RandomizedSigner, Verifier};
use sm2::dsa::{self, Signature};
use sm2::{Scalar, SecretKey};
use zeroize::Zeroizing;

use crate::randomness::Source;
use crate::{Randomness, hex};

/// The signer's id that GM/T 0009-2012, section 10, sets where parties agreed on no other.
pub const SIGNER_ID: &str = "1234567812345678";

/// Why a key or a signature was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    #[error("not a private key of SM2: it must be a number from 1 to n - 2 in 32 bytes")]
    PrivateKey,
    #[error("not a public key of SM2: it must be a point of the curve in SEC1 form")]
    PublicKey,
    #[error("not a DER signature of SM2")]
    Encoding,
    #[error("the signature is not of this key over these bytes")]
    Mismatch,
}

/// A private key that signs checkpoints and bank files.
#[derive(Clone)]
pub struct SigningKey(dsa::SigningKey);

impl SigningKey {
    pub fn generate(randomness: &dyn Randomness) -> Self {
        loop {
            let mut secret = Zeroizing::new([0; 32]);
            randomness.fill(secret.as_mut());
            // One number in four thousand million lies above the order: draw again, never reduce.
            if let Ok(key) = Self::from_bytes(&secret) {
                return key;
            }
        }
    }

    /// `secret`: big-endian, 1 ≤ d ≤ n - 2.
    pub fn from_bytes(secret: &[u8; 32]) -> Result<Self, SignatureError> {
        let secret = SecretKey::from_slice(secret).map_err(|_| SignatureError::PrivateKey)?;
        // With d = n - 1 the signature's (1 + d)⁻¹ does not exist.
        if *secret.to_nonzero_scalar() == -Scalar::ONE {
            return Err(SignatureError::PrivateKey);
        }
        let key =
            dsa::SigningKey::new(SIGNER_ID, &secret).map_err(|_| SignatureError::PrivateKey)?;
        Ok(Self(key))
    }

    /// The private key itself, for sealing.
    pub(crate) fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes().into())
    }

    pub fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey(self.0.verifying_key().clone())
    }

    /// A DER signature over `message` under [`SIGNER_ID`]. The nonce is derived as in RFC 6979
    /// from key and message, mixed with `randomness`: a weak generator does not reveal the key.
    pub fn sign(&self, message: &[u8], randomness: &dyn Randomness) -> Vec<u8> {
        loop {
            // Fails only where the nonce gives r = 0, s = 0 or r + k = n, once in 2²⁵⁵ draws.
            if let Ok(signature) = self.0.try_sign_with_rng(&mut Source(randomness), message) {
                return signature.to_der().to_vec();
            }
        }
    }
}

/// Shows the public half only.
impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SigningKey").field(&self.verifying_key()).finish()
    }
}

/// The public half.
#[derive(Clone)]
pub struct VerifyingKey(dsa::VerifyingKey);

impl VerifyingKey {
    /// From a point in SEC1 form, compressed or not.
    pub fn from_sec1(point: &[u8]) -> Result<Self, SignatureError> {
        dsa::VerifyingKey::from_sec1_bytes(SIGNER_ID, point)
            .map(Self)
            .map_err(|_| SignatureError::PublicKey)
    }

    /// 65 bytes: 04 ‖ x ‖ y.
    pub fn to_sec1(&self) -> Vec<u8> {
        self.0.to_sec1_bytes().into_vec()
    }

    /// Whether `signature` (DER) is of this key over `message`.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
        let signature = Signature::from_der(signature).map_err(|_| SignatureError::Encoding)?;
        self.0.verify(message, &signature).map_err(|_| SignatureError::Mismatch)
    }
}

impl PartialEq for VerifyingKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_affine() == other.0.as_affine()
    }
}

impl Eq for VerifyingKey {}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({})", hex(self.to_sec1()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use sm2::elliptic_curve::PrimeField;
    use sm2::elliptic_curve::ops::Reduce;
    use sm2::elliptic_curve::point::AffineCoordinates;
    use sm2::{NonZeroScalar, ProjectivePoint};

    use super::*;
    use crate::{OsRandomness, SeededRandomness, sm3};

    struct Standard(Value);

    impl Standard {
        fn read() -> Self {
            let text = include_str!("../tests/data/sm2_standard_signature.json");
            Self(serde_json::from_str(text).unwrap())
        }

        fn number(&self, name: &str) -> [u8; 32] {
            hex::decode(self.0[name].as_str().unwrap()).unwrap().try_into().unwrap()
        }

        fn message(&self) -> &[u8] {
            self.0["message"].as_str().unwrap().as_bytes()
        }
    }

    fn key() -> SigningKey {
        SigningKey::generate(&SeededRandomness::new(b"signing"))
    }

    #[test]
    fn the_signature_of_the_standard_verifies() {
        let standard = Standard::read();
        assert_eq!(standard.0["id"], SIGNER_ID);
        let key = SigningKey::from_bytes(&standard.number("d")).unwrap().verifying_key();
        let point = [&[4][..], &standard.number("px"), &standard.number("py")].concat();
        assert_eq!(key.to_sec1(), point);
        assert_eq!(key, VerifyingKey::from_sec1(&point).unwrap());
        let signature = Signature::from_scalars(standard.number("r"), standard.number("s"))
            .unwrap()
            .to_der()
            .to_vec();
        assert_eq!(key.verify(standard.message(), &signature), Ok(()));
        assert_eq!(key.verify(b"message digesT", &signature), Err(SignatureError::Mismatch));
    }

    /// The crate takes no k from outside, so its arithmetic is put through the standard's steps
    /// (GB/T 32918.2, 6.1): e, k and d of the example must give r and s.
    #[test]
    fn the_nonce_of_the_standard_gives_its_signature() {
        let standard = Standard::read();
        let scalar = |name: &str| Scalar::from_repr(standard.number(name).into()).unwrap();
        let (d, k) = (scalar("d"), scalar("k"));
        // The identity's digest: length of the id in bits, id, a, b, generator, public point.
        let identity = sm3(&[
            &128u16.to_be_bytes()[..],
            SIGNER_ID.as_bytes(),
            &curve(),
            &standard.number("px"),
            &standard.number("py"),
        ]
        .concat());
        let digest = sm3(&[&identity[..], standard.message()].concat());
        assert_eq!(digest, standard.number("e"));
        let x = (ProjectivePoint::GENERATOR * k).to_affine().x();
        let r = scalar("e") + <Scalar as Reduce<sm2::FieldBytes>>::reduce(&x);
        let s = (d + Scalar::ONE).invert().unwrap() * (k - r * d);
        assert_eq!((r, s), (scalar("r"), scalar("s")));
        assert!(bool::from(NonZeroScalar::new(s).is_some()));
    }

    /// a ‖ b ‖ x ‖ y of the recommended curve (GB/T 32918.5-2017).
    fn curve() -> Vec<u8> {
        hex::decode(concat!(
            "fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc",
            "28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93",
            "32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7",
            "bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0",
        ))
        .unwrap()
    }

    #[test]
    fn what_is_signed_verifies_and_nothing_else_does() {
        let signature = key().sign(b"root", &OsRandomness);
        let public = key().verifying_key();
        assert_eq!(public.verify(b"root", &signature), Ok(()));
        assert_eq!(public.verify(b"roof", &signature), Err(SignatureError::Mismatch));
        let other = SigningKey::generate(&OsRandomness).verifying_key();
        assert_eq!(other.verify(b"root", &signature), Err(SignatureError::Mismatch));
        for index in 0..signature.len() {
            let mut flipped = signature.clone();
            flipped[index] ^= 1;
            assert!(public.verify(b"root", &flipped).is_err(), "byte {index}");
        }
        let longer = [&signature[..], &[0]].concat();
        assert_eq!(public.verify(b"root", &longer), Err(SignatureError::Encoding));
    }

    #[test]
    fn the_same_seed_signs_alike_and_other_randomness_does_not() {
        let signed = |seed: &[u8]| key().sign(b"root", &SeededRandomness::new(seed));
        assert_eq!(signed(b"a"), signed(b"a"));
        assert_ne!(signed(b"a"), signed(b"b"));
    }

    #[test]
    fn numbers_outside_the_range_are_no_keys() {
        let order = "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123";
        let mut last: [u8; 32] = hex::decode(order).unwrap().try_into().unwrap();
        assert_eq!(SigningKey::from_bytes(&last).err(), Some(SignatureError::PrivateKey));
        last[31] -= 1; // n - 1
        assert_eq!(SigningKey::from_bytes(&last).err(), Some(SignatureError::PrivateKey));
        last[31] -= 1; // n - 2
        assert!(SigningKey::from_bytes(&last).is_ok());
        assert_eq!(SigningKey::from_bytes(&[0; 32]).err(), Some(SignatureError::PrivateKey));
        assert_eq!(VerifyingKey::from_sec1(&[4; 65]).err(), Some(SignatureError::PublicKey));
    }

    #[test]
    fn debug_shows_the_public_half_only() {
        let shown = format!("{:?}", key());
        assert!(shown.contains(&hex(key().verifying_key().to_sec1())));
        assert!(!shown.contains(&hex(key().to_bytes())));
    }
}
