//! Chance from a seed: the same seed, label and index give the same throws on every machine.
//!
//! **Invariant** a subject's throws depend on nothing but its own key, so that one more person or
//! one more throw elsewhere changes nobody else.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use sm3::{Digest, Sm3};

/// One subject's source of chance. Not for keys or nonces.
pub struct Dice(ChaCha8Rng);

impl Dice {
    /// The dice of subject `index` for the purpose `label`.
    #[must_use]
    pub fn new(seed: u64, label: &str, index: u32) -> Self {
        Self::of_text(seed, label, &index.to_string())
    }

    /// The dice of the subject that the text names, such as a batch.
    #[must_use]
    pub fn of_text(seed: u64, label: &str, subject: &str) -> Self {
        let mut key = Sm3::new();
        key.update(seed.to_le_bytes());
        key.update(label.as_bytes());
        key.update([0]);
        key.update(subject.as_bytes());
        Self(ChaCha8Rng::from_seed(key.finalize().into()))
    }

    /// 0 up to `sides`, which is not counted; 0 for no sides. The unevenness, at most
    /// `sides` / 2³², is far below what a city shows.
    pub fn below(&mut self, sides: u32) -> u32 {
        let wide = u64::from(self.0.next_u32()) * u64::from(sides);
        u32::try_from(wide >> 32).expect("a product of two u32 shifted by 32 fits in one")
    }

    /// Both ends counted.
    pub fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// True so many times in ten thousand.
    pub fn chance(&mut self, per_10k: u32) -> bool {
        self.below(10_000) < per_10k
    }

    /// # Panics
    /// On an empty slice.
    pub fn pick<'a, T>(&mut self, among: &'a [T]) -> &'a T {
        let sides = u32::try_from(among.len()).expect("tables are short");
        &among[self.below(sides) as usize]
    }

    /// One of the rows, each as often as its weight says.
    ///
    /// # Panics
    /// On an empty slice.
    pub fn weighted<'a, T>(&mut self, among: &'a [(T, u32)]) -> &'a T {
        let total = among.iter().map(|(_, weight)| weight).sum();
        let mut left = self.below(total);
        for (value, weight) in among {
            match left.checked_sub(*weight) {
                Some(rest) => left = rest,
                None => return value,
            }
        }
        &among.last().expect("weighted tables are not empty").0
    }

    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill_bytes(&mut bytes);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::Dice;

    fn throws(mut dice: Dice) -> Vec<u32> {
        (0..64).map(|_| dice.below(1_000)).collect()
    }

    #[test]
    fn a_subject_has_its_own_throws_and_keeps_them() {
        assert_eq!(throws(Dice::new(7, "person", 3)), throws(Dice::new(7, "person", 3)));
        for other in [Dice::new(8, "person", 3), Dice::new(7, "card", 3), Dice::new(7, "person", 4)]
        {
            assert_ne!(throws(Dice::new(7, "person", 3)), throws(other));
        }
    }

    #[test]
    fn throws_stay_between_their_ends_and_reach_them() {
        let mut dice = Dice::new(1, "ends", 0);
        let seen: std::collections::BTreeSet<u32> = (0..500).map(|_| dice.between(3, 6)).collect();
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), [3, 4, 5, 6]);
        assert_eq!(dice.below(0), 0);
        assert!((0..100).all(|_| *dice.weighted(&[('a', 0), ('b', 5)]) == 'b'));
        assert!((0..100).all(|_| !dice.chance(0)) && (0..100).all(|_| dice.chance(10_000)));
    }

    #[test]
    fn the_throws_of_a_seed_are_the_same_for_ever() {
        // Every bank file of the demo hangs on these figures.
        assert_eq!(throws(Dice::new(2026, "person", 0))[..4], [600, 568, 512, 529]);
    }
}
