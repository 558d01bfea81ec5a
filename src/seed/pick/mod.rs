//! Choosing one of n rows, again and again.

mod skew;

use crate::scenario::model::Pick;

pub use skew::Skew;

use super::permutation::Permutation;
use super::rng::{Key, Stream};

/// Why a way of picking does not fit the rows.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PickProblem {
    #[error("there is no row to pick from")]
    NoRows,
    #[error("a zipf exponent is above 0, not {0}")]
    Exponent(f64),
    #[error("{weights} weights for {rows} rows; give one weight per row, in the order of the rows")]
    Weights { weights: usize, rows: u64 },
    #[error("a sigma is 0 or more, a pareto shape over 1, and some class has rows and choices")]
    Skew,
    #[error("weights are 0 or more and at least one is above 0")]
    NoWeight,
    #[error("`repeat: 0` picks nothing; give the number of different rows")]
    NoRepeat,
}

/// A way to pick one of `0..n`, as a function of the number of the draw.
#[derive(Debug, Clone)]
pub enum Picker {
    Uniform { key: Key, n: u64 },
    Zipf { key: Key, zipf: Zipf, ranks: Permutation },
    Skewed { key: Key, skew: Skew, ranks: Permutation },
    Weighted { key: Key, weights: Weights },
    Repeat { different: u64, rows: Permutation },
}

impl Picker {
    /// # Errors
    /// [`PickProblem`] when there are no rows or the figures make no distribution over them.
    pub fn new(pick: &Pick, n: u64, key: Key) -> Result<Picker, PickProblem> {
        if n == 0 {
            return Err(PickProblem::NoRows);
        }
        Ok(match pick {
            Pick::Uniform => Picker::Uniform { key, n },
            Pick::Zipf { exponent } => {
                let zipf = Zipf::new(n, *exponent).ok_or(PickProblem::Exponent(*exponent))?;
                Picker::Zipf { key, zipf, ranks: Permutation::new(key.part(0), n) }
            }
            Pick::Lognormal { .. } | Pick::Pareto { .. } | Pick::Classes(_) => {
                let skew = Skew::new(pick, n).ok_or(PickProblem::Skew)?;
                Picker::Skewed { key, skew, ranks: Permutation::new(key.part(0), n) }
            }
            Pick::Weights(weights) if weights.len() as u64 != n => {
                return Err(PickProblem::Weights { weights: weights.len(), rows: n });
            }
            Pick::Weights(weights) => {
                Picker::Weighted { key, weights: Weights::new(weights.iter().copied()).ok_or(PickProblem::NoWeight)? }
            }
            Pick::Repeat(0) => return Err(PickProblem::NoRepeat),
            Pick::Repeat(different) => Picker::Repeat { different: (*different).min(n), rows: Permutation::new(key.part(0), n) },
        })
    }

    /// The row of a draw.
    #[inline]
    pub fn at(&self, draw: u64) -> u64 {
        match self {
            Picker::Uniform { key, n } => key.below(draw, *n),
            Picker::Zipf { key, zipf, ranks } => ranks.at(zipf.rank(&mut key.stream(draw)) - 1),
            Picker::Skewed { key, skew, ranks } => ranks.at(skew.rank(ranks.len(), &mut key.stream(draw))),
            Picker::Weighted { key, weights } => weights.index(key.bits(draw)) as u64,
            Picker::Repeat { different, rows } => rows.at(draw % different),
        }
    }
}

/// Ranks 1 to n with probabilities proportional to 1 / rank^s, in constant time for any n: rejection-inversion (Hörmann and
/// Derflinger, "Rejection-inversion to generate variates from monotone discrete distributions", 1996).
#[derive(Debug, Clone)]
pub struct Zipf {
    n: f64,
    exponent: f64,
    area_first: f64,
    area_all: f64,
    certain: f64,
}

impl Zipf {
    /// `None` unless `n` is at least 1 and the exponent is a number above 0.
    pub fn new(n: u64, exponent: f64) -> Option<Zipf> {
        if n == 0 || !(exponent.is_finite() && exponent > 0.0) {
            return None;
        }
        let mut zipf = Zipf { n: n as f64, exponent, area_first: 0.0, area_all: 0.0, certain: 0.0 };
        zipf.area_first = zipf.area(1.5) - 1.0;
        zipf.area_all = zipf.area(n as f64 + 0.5);
        zipf.certain = 2.0 - zipf.area_inverse(zipf.area(2.5) - zipf.height(2.0));
        Some(zipf)
    }

    /// A rank, 1 to n.
    #[inline]
    pub fn rank(&self, stream: &mut Stream) -> u64 {
        loop {
            let u = self.area_all + stream.unit() * (self.area_first - self.area_all);
            let x = self.area_inverse(u);
            let rank = (x + 0.5).floor().clamp(1.0, self.n);
            if rank - x <= self.certain || u >= self.area(rank + 0.5) - self.height(rank) {
                return rank as u64;
            }
        }
    }

    fn height(&self, x: f64) -> f64 {
        libm::exp(-self.exponent * libm::log(x))
    }

    /// Integral of the height from 1 to x.
    fn area(&self, x: f64) -> f64 {
        let log = libm::log(x);
        let y = (1.0 - self.exponent) * log;
        // (e^y - 1) / y, which is 1 at 0.
        log * if y.abs() > 1e-8 { libm::expm1(y) / y } else { 1.0 + y / 2.0 }
    }

    fn area_inverse(&self, area: f64) -> f64 {
        let y = (area * (1.0 - self.exponent)).max(-1.0);
        // log(1 + y) / y, which is 1 at 0.
        libm::exp(area * if y.abs() > 1e-8 { libm::log1p(y) / y } else { 1.0 - y / 2.0 })
    }
}

/// Relative weights of a few choices.
#[derive(Debug, Clone)]
pub struct Weights {
    /// `ends[i]`: the share of choices up to and including `i`, of 2^64.
    ends: Vec<u64>,
}

impl Weights {
    /// `None` when a weight is negative or not a number, or none is above 0.
    pub fn new(weights: impl Iterator<Item = f64> + Clone) -> Option<Weights> {
        let sum: f64 = weights.clone().sum();
        if !(sum.is_finite() && sum > 0.0) || weights.clone().any(|weight| weight < 0.0) {
            return None;
        }
        let mut reached = 0.0;
        let mut ends: Vec<u64> = weights
            .clone()
            .map(|weight| {
                reached += weight;
                // Saturates at the top.
                (reached / sum * 18_446_744_073_709_551_616.0) as u64
            })
            .collect();
        let last = weights.enumerate().filter(|(_, weight)| *weight > 0.0).map(|(index, _)| index).last()?;
        ends.truncate(last + 1);
        Some(Weights { ends })
    }

    /// The share of all weight that one choice has.
    pub fn share(&self, choice: usize) -> f64 {
        let end = |choice: usize| self.ends.get(choice).map_or(1.0, |end| *end as f64 / 18_446_744_073_709_551_616.0);
        // The choices behind the last that weighs anything are not kept.
        if choice >= self.ends.len() { 0.0 } else { end(choice) - if choice == 0 { 0.0 } else { end(choice - 1) } }
    }

    /// The choice that 64 random bits make.
    #[inline]
    pub fn index(&self, bits: u64) -> usize {
        self.ends.partition_point(|end| *end <= bits).min(self.ends.len() - 1)
    }
}

/// The `nth` choice (from 0) of a sequence of different ones: weights without replacement, from the stream's start.
/// `n` choices are at least `nth + 1`; those that weigh nothing come last.
pub fn without_replacement(weights: &[f64], nth: u64, stream: &mut Stream) -> u64 {
    let mut taken: Vec<usize> = Vec::with_capacity(nth as usize + 1);
    loop {
        let open = |index: &usize| !taken.contains(index);
        let left: f64 = (0..weights.len()).filter(open).map(|index| weights[index]).sum();
        let mut at = stream.unit() * left;
        let mut chosen = None;
        for index in (0..weights.len()).filter(open) {
            chosen = chosen.or(Some(index));
            if weights[index] > 0.0 {
                chosen = Some(index);
                at -= weights[index];
                if at < 0.0 {
                    break;
                }
            }
        }
        let chosen = chosen.unwrap_or(0);
        if taken.len() as u64 >= nth {
            return chosen as u64;
        }
        taken.push(chosen);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(picker: &Picker, n: usize, draws: u64) -> Vec<u64> {
        let mut counts = vec![0; n];
        for draw in 0..draws {
            counts[picker.at(draw) as usize] += 1;
        }
        counts
    }

    fn key() -> Key {
        Key::new(5, &["t", "c"])
    }

    #[test]
    fn zipf_ranks_follow_their_law() {
        for exponent in [0.5, 1.0, 1.05, 2.0] {
            let zipf = Zipf::new(1000, exponent).unwrap();
            let mut seen = vec![0_u64; 1001];
            for draw in 0..200_000 {
                seen[zipf.rank(&mut key().stream(draw)) as usize] += 1;
            }
            let sum: f64 = (1..=1000).map(|rank| (rank as f64).powf(-exponent)).sum();
            for rank in [1, 2, 3, 10] {
                let expected = 200_000.0 * (rank as f64).powf(-exponent) / sum;
                let off = (seen[rank] as f64 - expected).abs() / expected.sqrt();
                assert!(off < 4.5, "s {exponent}, rank {rank}: {} instead of {expected:.0}", seen[rank]);
            }
        }
    }

    #[test]
    fn weights_and_repeats_are_kept() {
        let weighted = Picker::new(&Pick::Weights(vec![8.0, 0.0, 1.0, 0.0]), 4, key()).unwrap();
        let seen = counts(&weighted, 4, 90_000);
        assert!(seen[1] == 0 && seen[3] == 0 && (79_000..81_000).contains(&seen[0]), "{seen:?}");
        let repeated = Picker::new(&Pick::Repeat(3), 1000, key()).unwrap();
        let seen = counts(&repeated, 1000, 9);
        assert_eq!(seen.iter().filter(|count| **count == 3).count(), 3);
    }

    #[test]
    fn what_makes_no_distribution_is_refused() {
        let refused = |pick: Pick, n| Picker::new(&pick, n, key()).unwrap_err();
        assert_eq!(refused(Pick::Uniform, 0), PickProblem::NoRows);
        assert_eq!(refused(Pick::Weights(vec![1.0]), 2), PickProblem::Weights { weights: 1, rows: 2 });
        assert_eq!(refused(Pick::Weights(vec![1.0, -1.0]), 2), PickProblem::NoWeight);
        assert_eq!(refused(Pick::Zipf { exponent: -1.0 }, 2), PickProblem::Exponent(-1.0));
        assert_eq!(refused(Pick::Repeat(0), 2), PickProblem::NoRepeat);
    }

    #[test]
    fn without_replacement_never_repeats_and_prefers_the_heavy() {
        let weights = [8.0, 1.0, 0.0];
        let mut first = [0; 3];
        for group in 0..9_000 {
            let order: Vec<u64> = (0..3).map(|nth| without_replacement(&weights, nth, &mut key().stream(group))).collect();
            let mut sorted = order.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, [0, 1, 2]);
            assert_eq!(order[2], 2, "what weighs nothing comes last");
            first[order[0] as usize] += 1;
        }
        assert!((7_800..8_200).contains(&first[0]), "{first:?}");
    }
}
