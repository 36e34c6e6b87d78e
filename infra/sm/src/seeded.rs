//! Repeatable bytes for the demo and the simulations: SM3 in counter mode over a seed.
//!
//! **Never for real data**: who knows the seed knows every key, and a second process with the same
//! seed repeats the nonces of the first.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::{Randomness, sm3};

/// Block n is SM3(SM3(seed) ‖ n as eight bytes, big-endian); each call of `fill` starts at a fresh
/// block. The same calls in the same order give the same bytes.
#[derive(Debug)]
pub struct SeededRandomness {
    seed: [u8; 32],
    next_block: AtomicU64,
}

impl SeededRandomness {
    pub fn new(seed: &[u8]) -> Self {
        Self { seed: sm3(seed), next_block: AtomicU64::new(0) }
    }
}

impl Randomness for SeededRandomness {
    fn fill(&self, bytes: &mut [u8]) {
        let blocks = bytes.len().div_ceil(32) as u64;
        let first = self.next_block.fetch_add(blocks, Ordering::Relaxed);
        for (piece, block) in bytes.chunks_mut(32).zip(first..) {
            let mut input = [0; 40];
            input[..32].copy_from_slice(&self.seed);
            input[32..].copy_from_slice(&block.to_be_bytes());
            piece.copy_from_slice(&sm3(&input)[..piece.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_bytes_and_never_the_same_block_twice() {
        let take = |randomness: &SeededRandomness| {
            let mut bytes = [0; 70];
            randomness.fill(&mut bytes);
            bytes
        };
        let (one, other) = (SeededRandomness::new(b"city"), SeededRandomness::new(b"city"));
        let first = take(&one);
        assert_eq!(first, take(&other));
        assert_eq!(take(&one), take(&other));
        assert_ne!(first, take(&one));
        assert_ne!(first[..32], first[32..64]);
        assert_ne!(first, take(&SeededRandomness::new(b"town")));
    }
}
