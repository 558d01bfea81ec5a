//! Shuffling without a table: a keyed bijection of `0..n` that is computed, not stored.
//!
//! A Feistel network over the smallest power of two that holds `n`, walked until it lands inside (Black and Rogaway,
//! "Ciphers with Arbitrary Finite Domains", 2002). It replaces both the shuffled array, whose memory grows with the rows, and
//! the retries that unique values would need.

use super::rng::{Key, mix};

/// Enough for statistics; this is no cipher.
const ROUNDS: usize = 6;

/// A bijection of `0..n`.
#[derive(Debug, Clone)]
pub struct Permutation {
    n: u64,
    low_bits: u32,
    low_mask: u64,
    high_mask: u64,
    keys: [u64; ROUNDS],
}

impl Permutation {
    /// `n` of 0 is treated as 1.
    pub fn new(key: Key, n: u64) -> Permutation {
        let n = n.max(1);
        // At least two bits, so that both halves exist.
        let bits = (64 - (n - 1).leading_zeros()).max(2);
        let low_bits = bits.div_ceil(2);
        Permutation {
            n,
            low_bits,
            low_mask: (1 << low_bits) - 1,
            high_mask: (1 << (bits - low_bits)) - 1,
            keys: std::array::from_fn(|round| key.bits(round as u64)),
        }
    }

    /// How many numbers are permuted.
    pub fn len(&self) -> u64 {
        self.n
    }

    /// True when only 0 is permuted.
    pub fn is_empty(&self) -> bool {
        self.n <= 1
    }

    /// Where `i` goes; `i` must be below `n` (it is reduced to it otherwise).
    #[inline]
    pub fn at(&self, i: u64) -> u64 {
        let mut x = if i < self.n { i } else { i % self.n };
        loop {
            x = self.forward(x);
            if x < self.n {
                return x;
            }
        }
    }

    /// What goes to `i`: `inverse(at(i)) == i`.
    #[inline]
    pub fn inverse(&self, i: u64) -> u64 {
        let mut x = if i < self.n { i } else { i % self.n };
        loop {
            x = self.backward(x);
            if x < self.n {
                return x;
            }
        }
    }

    #[inline]
    fn forward(&self, x: u64) -> u64 {
        let (mut high, mut low) = (x >> self.low_bits, x & self.low_mask);
        for pair in self.keys.chunks_exact(2) {
            high ^= round(low, pair[0]) & self.high_mask;
            low ^= round(high, pair[1]) & self.low_mask;
        }
        (high << self.low_bits) | low
    }

    #[inline]
    fn backward(&self, x: u64) -> u64 {
        let (mut high, mut low) = (x >> self.low_bits, x & self.low_mask);
        for pair in self.keys.chunks_exact(2).rev() {
            low ^= round(high, pair[1]) & self.low_mask;
            high ^= round(low, pair[0]) & self.high_mask;
        }
        (high << self.low_bits) | low
    }
}

#[inline]
fn round(half: u64, key: u64) -> u64 {
    mix(half ^ key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_number_is_hit_once_and_found_back(seed: u64, n in 1_u64..3_000) {
            let permutation = Permutation::new(Key::new(seed, &["t"]), n);
            let mut hit = vec![false; n as usize];
            for i in 0..n {
                let to = permutation.at(i);
                prop_assert!(to < n);
                prop_assert!(!std::mem::replace(&mut hit[to as usize], true));
                prop_assert_eq!(permutation.inverse(to), i);
            }
        }

        #[test]
        fn large_spaces_are_found_back_too(seed: u64, n in 1_u64..=u64::MAX >> 1, i: u64) {
            let permutation = Permutation::new(Key::new(seed, &["t"]), n);
            let i = i % n;
            prop_assert_eq!(permutation.inverse(permutation.at(i)), i);
        }
    }

    #[test]
    fn neighbours_do_not_stay_neighbours() {
        let permutation = Permutation::new(Key::new(1, &["t"]), 100_000);
        let close = (0..99_999).filter(|&i| permutation.at(i).abs_diff(permutation.at(i + 1)) < 100).count();
        // Two random numbers of 100,000 are within 100 of each other about twice in a thousand.
        assert!((100..400).contains(&close), "{close}");
    }
}
