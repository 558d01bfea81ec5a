//! Is B faster than A? From pairs of calls with the same parameters.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

use crate::report::model::Verdict;

/// Median of a ratio with its 95% confidence interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RatioEstimate {
    pub ratio: f64,
    pub low: f64,
    pub high: f64,
}

/// Fewest pairs a verdict can stand on: with 10 the interval of a median still lies inside the sample.
pub const FEWEST_PAIRS: usize = 10;
/// … unless every call of the one side is apart from every call of the other: of four pairs that happens by chance in 2 of the 70 ways
/// to part eight calls (Mann and Whitney, On a Test of Whether one of Two Random Variables is Stochastically Larger than the Other,
/// 1947), of three in 2 of 20.
pub const FEWEST_APART: usize = 4;
/// Changes below this share are not called: a copy of a database elsewhere on the disk moves a result by as much.
pub const SMALLEST_SHARE: f64 = 0.05;
/// Nor changes below this many milliseconds, the jitter of a scheduler's wake-up between two processes.
pub const SMALLEST_MS: f64 = 0.02;

const RESAMPLES: usize = 500;

/// Median of a slice, which it sorts; 0 when empty.
pub fn median(values: &mut [f64]) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 }
}

/// Ratio of the medians, after ÷ before, over pairs in milliseconds, with a percentile bootstrap that resamples whole pairs
/// (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13), so that what a parameter costs on both sides
/// stays together. Deterministic: the same pairs give the same interval.
pub fn ratio(pairs: &[(f64, f64)]) -> RatioEstimate {
    let point = ratio_of_medians(pairs.iter().copied());
    if pairs.len() < 2 {
        return RatioEstimate { ratio: point, low: point, high: point };
    }
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(pairs.len() as u64);
    let mut resampled: Vec<f64> = (0..RESAMPLES)
        .map(|_| ratio_of_medians((0..pairs.len()).map(|_| pairs[(rng.next_u64() % pairs.len() as u64) as usize])))
        .collect();
    resampled.sort_by(f64::total_cmp);
    let at = |share: f64| resampled[((RESAMPLES - 1) as f64 * share).round() as usize];
    RatioEstimate { ratio: point, low: at(0.025), high: at(0.975) }
}

fn ratio_of_medians(pairs: impl Iterator<Item = (f64, f64)>) -> f64 {
    let (mut before, mut after): (Vec<f64>, Vec<f64>) = pairs.unzip();
    let before = median(&mut before);
    if before <= 0.0 { 1.0 } else { median(&mut after) / before }
}

/// What the pairs prove.
pub fn verdict(pairs: &[(f64, f64)], estimate: RatioEstimate) -> Verdict {
    let (mut before, mut after): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    if pairs.len() < FEWEST_PAIRS && !(pairs.len() >= FEWEST_APART && (are_apart(&after, &before) || are_apart(&before, &after)))
    {
        return Verdict::NotEnoughData;
    }
    let moved_ms = (median(&mut after) - median(&mut before)).abs();
    if moved_ms < SMALLEST_MS {
        Verdict::WithinNoise
    } else if estimate.high < 1.0 - SMALLEST_SHARE {
        Verdict::Improved
    } else if estimate.low > 1.0 + SMALLEST_SHARE {
        Verdict::Regressed
    } else {
        Verdict::WithinNoise
    }
}

/// Every time of `quick` is below every one of `slow`, by more than what is not called.
fn are_apart(quick: &[f64], slow: &[f64]) -> bool {
    let slowest = quick.iter().copied().fold(0.0, f64::max);
    let quickest = slow.iter().copied().fold(f64::INFINITY, f64::min);
    slowest < quickest * (1.0 - SMALLEST_SHARE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(count: usize, factor: f64) -> Vec<(f64, f64)> {
        (0..count)
            .map(|i| {
                let before = 10.0 + (i * 7 % 5) as f64;
                (before, before * factor)
            })
            .collect()
    }

    #[test]
    fn the_same_is_within_noise() {
        let same = pairs(40, 1.0);
        assert_eq!(verdict(&same, ratio(&same)), Verdict::WithinNoise);
    }

    #[test]
    fn twice_as_fast_and_twice_as_slow_are_seen() {
        let faster = pairs(20, 0.5);
        assert_eq!(verdict(&faster, ratio(&faster)), Verdict::Improved);
        let slower = pairs(20, 2.0);
        assert_eq!(verdict(&slower, ratio(&slower)), Verdict::Regressed);
    }

    #[test]
    fn few_pairs_and_tiny_changes_prove_nothing() {
        let few = pairs(9, 0.8);
        assert_eq!(verdict(&few, ratio(&few)), Verdict::NotEnoughData, "the quickest before are as quick as the slowest after");
        let fewer = pairs(3, 0.1);
        assert_eq!(verdict(&fewer, ratio(&fewer)), Verdict::NotEnoughData);
        let apart = [pairs(4, 0.1), pairs(4, 10.0)];
        assert_eq!(apart.each_ref().map(|pairs| verdict(pairs, ratio(pairs))), [Verdict::Improved, Verdict::Regressed]);
        let tiny: Vec<(f64, f64)> = (0..50).map(|_| (0.05, 0.04)).collect();
        assert_eq!(verdict(&tiny, ratio(&tiny)), Verdict::WithinNoise);
    }

    #[test]
    fn a_wide_spread_widens_the_interval() {
        let spread: Vec<(f64, f64)> = (1..=20).map(|i| (f64::from(i), f64::from(21 - i))).collect();
        let estimate = ratio(&spread);
        assert!(estimate.low < 1.0 && estimate.high > 1.0, "{estimate:?}");
        assert_eq!(verdict(&spread, estimate), Verdict::WithinNoise);
    }

    #[test]
    fn no_time_before_is_no_change() {
        assert_eq!(ratio(&[(0.0, 1.0)]).ratio, 1.0);
    }
}
