//! Random bits as a pure function of (seed, table, column, row number).
//!
//! No generator carries state from one row to the next, so any thread may make any row. The mixing is our own few lines
//! (SplitMix64: Steele, Lea and Flood, OOPSLA 2014, with Stafford's thirteenth finalizer) because data that is stored and
//! hashed must never change with the version of a library.

/// 2^64 divided by the golden ratio, the step of SplitMix64.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// A bijection of 64-bit numbers in which every input bit moves about half of the output bits.
#[inline]
pub fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

/// Names one purpose within one seed: usually a column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key(u64);

impl Key {
    /// A key from the scenario's seed and the names that lead to the purpose; `["ab", "c"]` and `["a", "bc"]` differ.
    pub fn new(seed: u64, names: &[&str]) -> Key {
        let mut state = mix(seed ^ STEP);
        for name in names {
            for byte in name.bytes() {
                state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
            }
            state = mix(state ^ (name.len() as u64).wrapping_mul(STEP));
        }
        Key(mix(state))
    }

    /// A key for another purpose of the same column.
    pub fn part(self, number: u64) -> Key {
        Key(mix(self.0 ^ mix(number.wrapping_add(1).wrapping_mul(STEP))))
    }

    /// 64 random bits for a row.
    #[inline]
    pub fn bits(self, row: u64) -> u64 {
        mix(self.0.wrapping_add(row.wrapping_mul(STEP)))
    }

    /// A number in `0..n` for a row; 0 when `n` is 0. The bias is below n / 2^64.
    #[inline]
    pub fn below(self, row: u64, n: u64) -> u64 {
        scaled(self.bits(row), n)
    }

    /// A number in [0, 1) for a row.
    #[inline]
    pub fn unit(self, row: u64) -> f64 {
        unit(self.bits(row))
    }

    /// As many random numbers as a row needs.
    #[inline]
    pub fn stream(self, row: u64) -> Stream {
        Stream { state: self.bits(row) }
    }
}

#[inline]
fn scaled(bits: u64, n: u64) -> u64 {
    ((u128::from(bits) * u128::from(n)) >> 64) as u64
}

#[inline]
fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
}

/// The random numbers of one row, one after the other.
#[derive(Debug, Clone)]
pub struct Stream {
    state: u64,
}

impl Stream {
    #[inline]
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(STEP);
        mix(self.state)
    }

    /// In `0..n`; 0 when `n` is 0.
    #[inline]
    pub fn below(&mut self, n: u64) -> u64 {
        scaled(self.bits(), n)
    }

    /// In `low..=high`; `low` when the bounds are the wrong way round.
    #[inline]
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        match high.checked_sub(low) {
            Some(u64::MAX) => self.bits(),
            Some(width) => low + self.below(width + 1),
            None => low,
        }
    }

    /// In [0, 1).
    #[inline]
    pub fn unit(&mut self) -> f64 {
        unit(self.bits())
    }

    /// Standard normal, by Box and Muller (1958). `libm` rather than the platform's own functions, whose last bit differs
    /// between machines.
    pub fn normal(&mut self) -> f64 {
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.unit()));
        radius * libm::cos(std::f64::consts::TAU * self.unit())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_by_every_name_and_where_one_ends() {
        let keys = [
            Key::new(1, &["ab", "c"]),
            Key::new(1, &["a", "bc"]),
            Key::new(2, &["ab", "c"]),
            Key::new(1, &["ab"]),
            Key::new(1, &["ab", "c"]).part(0),
            Key::new(1, &["ab", "c"]).part(1),
        ];
        for (i, a) in keys.iter().enumerate() {
            for b in &keys[i + 1..] {
                assert_ne!(a, b);
            }
        }
    }

    /// Stored data depends on these bits: a change here changes every data set that was ever seeded.
    #[test]
    fn the_bits_of_a_row_never_change() {
        let key = Key::new(42, &["songs", "song_name"]);
        assert_eq!([key.bits(0), key.bits(1), key.stream(7).bits()], GOLDEN);
    }

    const GOLDEN: [u64; 3] = [16_947_895_916_812_281_704, 10_580_038_015_681_504_595, 3_519_319_993_833_749_492];

    #[test]
    fn numbers_fill_their_range_evenly() {
        let key = Key::new(7, &["t", "c"]);
        let mut seen = [0_u32; 10];
        for row in 0..100_000 {
            seen[key.below(row, 10) as usize] += 1;
        }
        assert!(seen.iter().all(|&count| (9_600..10_400).contains(&count)), "{seen:?}");
        assert_eq!(key.below(3, 0), 0);
    }

    #[test]
    fn normal_numbers_have_mean_zero_and_deviation_one() {
        let key = Key::new(7, &["t", "c"]);
        let draws: Vec<f64> = (0..50_000).map(|row| key.stream(row).normal()).collect();
        let mean = draws.iter().sum::<f64>() / draws.len() as f64;
        let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / draws.len() as f64;
        assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.03, "{mean} {variance}");
    }
}
