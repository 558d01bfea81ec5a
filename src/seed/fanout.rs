//! Children per parent: the shape from the scenario, the sum exactly as many as the table has rows.
//!
//! Each shape draws one number per parent and is then fitted to the total inside its own bounds, so that neither the mean that
//! the row counts demand nor the bounds that the scenario promises are broken. Parents are visited in a permuted order wherever
//! rank matters: large parents are scattered over the table as they are in life.

use crate::scenario::model::{Fanout, FanoutClass};

use super::permutation::Permutation;
use super::rng::Key;

/// Why a fan-out cannot be laid.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FanoutProblem {
    #[error("{total} rows need parents, but there are none")]
    NoParents { total: u64 },
    #[error(
        "{total} rows cannot be laid on {parents} parents: this fan-out needs at least {smallest}; raise `rows` or lower the smallest number of children"
    )]
    TooFew { total: u64, parents: u64, smallest: u64 },
    #[error(
        "{total} rows cannot be laid on {parents} parents: this fan-out holds at most {largest}; lower `rows` or raise the largest number of children"
    )]
    TooMany { total: u64, parents: u64, largest: u64 },
    #[error("the fan-out's shape is impossible: {0}")]
    Shape(String),
}

/// The number of children of each of `parents` parents; they sum to `total`.
///
/// # Errors
/// [`FanoutProblem`] when the bounds of the shape leave no way to reach the total.
pub fn children(shape: &Fanout, parents: u64, total: u64, key: Key) -> Result<Vec<u64>, FanoutProblem> {
    if parents == 0 {
        return if total == 0 { Ok(Vec::new()) } else { Err(FanoutProblem::NoParents { total }) };
    }
    match shape {
        Fanout::Even => Ok(even(parents, total, key)),
        Fanout::Range(range) => classes(&[FanoutClass { share: 1.0, children: range.clone() }], parents, total, key),
        Fanout::Lognormal { sigma, min, max } => lognormal(*sigma, *min, max.unwrap_or(total), parents, total, key),
        Fanout::Poisson => Ok(poisson(parents, total, key)),
        Fanout::Zipf { exponent } => zipf(*exponent, parents, total, key),
        Fanout::Classes(list) => classes(list, parents, total, key),
    }
}

fn even(parents: u64, total: u64, key: Key) -> Vec<u64> {
    let order = Permutation::new(key, parents);
    let (each, left) = (total / parents, total % parents);
    (0..parents).map(|parent| each + u64::from(order.at(parent) < left)).collect()
}

/// Every child chooses a parent by itself, which is a Poisson number of children per parent given their sum.
fn poisson(parents: u64, total: u64, key: Key) -> Vec<u64> {
    let mut counts = vec![0; parents as usize];
    for child in 0..total {
        counts[key.below(child, parents) as usize] += 1;
    }
    counts
}

fn zipf(exponent: f64, parents: u64, total: u64, key: Key) -> Result<Vec<u64>, FanoutProblem> {
    if !(exponent.is_finite() && exponent > 0.0) {
        return Err(FanoutProblem::Shape(format!("a zipf exponent is above 0, not {exponent}")));
    }
    let share = |rank: u64| libm::pow((rank + 1) as f64, -exponent);
    let sum: f64 = (0..parents).map(share).sum();
    let by_rank = rounded((0..parents).map(|rank| share(rank) / sum * total as f64), total);
    let order = Permutation::new(key, parents);
    Ok((0..parents).map(|parent| by_rank[order.at(parent) as usize]).collect())
}

/// Log-normal weights, scaled by the one factor for which the numbers, held between `min` and `max`, sum to the total.
fn lognormal(sigma: f64, min: u64, max: u64, parents: u64, total: u64, key: Key) -> Result<Vec<u64>, FanoutProblem> {
    if !(sigma.is_finite() && sigma >= 0.0) {
        return Err(FanoutProblem::Shape(format!("sigma is 0 or more, not {sigma}")));
    }
    within(parents, total, parents.saturating_mul(min), parents.saturating_mul(max.max(min)))?;
    let (low, high) = (min as f64, max as f64);
    let weights: Vec<f64> = (0..parents).map(|parent| libm::exp(sigma * key.stream(parent).normal())).collect();
    let sum = |log_factor: f64| {
        let factor = libm::exp(log_factor);
        weights.iter().map(|weight| (weight * factor).clamp(low, high)).sum::<f64>()
    };
    let factor = libm::exp(bisect(-60.0, 60.0, |log_factor| sum(log_factor) < total as f64));
    let mut counts = rounded(weights.iter().map(|weight| (weight * factor).clamp(low, high)), total);
    settle(&mut counts, total, key, |_| (min, max));
    Ok(counts)
}

/// Parents fall into classes; within one, the numbers of a range are equally likely except for the tilt that the total needs.
fn classes(list: &[FanoutClass], parents: u64, total: u64, key: Key) -> Result<Vec<u64>, FanoutProblem> {
    let members = members(list, parents)?;
    let bounds = |class: usize| (*list[class].children.start(), *list[class].children.end());
    let sum = |end: fn(&FanoutClass) -> u64| {
        members.iter().zip(list).fold(0_u64, |sum, (count, class)| sum.saturating_add(count.saturating_mul(end(class))))
    };
    within(parents, total, sum(|class| *class.children.start()), sum(|class| *class.children.end()))?;

    let expected = |tilt: f64| {
        members.iter().zip(list).map(|(&count, class)| count as f64 * TiltedRange::new(class, tilt).mean()).sum::<f64>()
    };
    let tilt = bisect(-700.0, 700.0, |tilt| expected(tilt) < total as f64);

    let order = Permutation::new(key, parents);
    let class_of_rank = |rank: u64| {
        let mut end = 0;
        members.iter().position(|count| {
            end += count;
            rank < end
        })
    };
    let class_of: Vec<u8> = (0..parents).map(|parent| class_of_rank(order.at(parent)).unwrap_or(0) as u8).collect();
    let tilted: Vec<TiltedRange> = list.iter().map(|class| TiltedRange::new(class, tilt)).collect();
    let draws = key.part(1);
    let mut counts: Vec<u64> =
        class_of.iter().zip(0..).map(|(&class, parent)| tilted[class as usize].at(draws.unit(parent))).collect();
    settle(&mut counts, total, key, |parent| bounds(class_of[parent as usize] as usize));
    Ok(counts)
}

/// Parents per class, in order, summing to `parents`.
fn members(list: &[FanoutClass], parents: u64) -> Result<Vec<u64>, FanoutProblem> {
    let shares: f64 = list.iter().map(|class| class.share).sum();
    if list.is_empty() || list.len() > 255 || !shares.is_finite() || shares <= 0.0 {
        return Err(FanoutProblem::Shape("between 1 and 255 classes, with shares above 0, are needed".into()));
    }
    if let Some(class) = list.iter().find(|class| class.share < 0.0 || class.children.is_empty()) {
        return Err(FanoutProblem::Shape(format!(
            "{}-{} children for a share of {} of the parents",
            class.children.start(),
            class.children.end(),
            class.share
        )));
    }
    Ok(rounded(list.iter().map(|class| class.share / shares * parents as f64), parents))
}

/// The whole numbers of a range with probabilities that grow by a constant factor, the flattest way to give them a mean.
struct TiltedRange {
    low: u64,
    /// Numbers in the range.
    width: f64,
    /// Logarithm of the factor between the first and the last number, spread over the width.
    tilt: f64,
}

impl TiltedRange {
    fn new(class: &FanoutClass, tilt: f64) -> TiltedRange {
        TiltedRange { low: *class.children.start(), width: (class.children.end() - class.children.start()) as f64 + 1.0, tilt }
    }

    /// Of the truncated geometric distribution.
    fn mean(&self) -> f64 {
        let width = self.width;
        let offset = if self.tilt.abs() < 1e-3 {
            (width - 1.0) / 2.0 + self.tilt * (width * width - 1.0) / (12.0 * width)
        } else {
            // Mean of q^0 … q^(w-1): 1 / (q^-1 - 1) - w / (q^-w - 1), with q = e^(tilt / w).
            1.0 / libm::expm1(-self.tilt / width) - width / libm::expm1(-self.tilt)
        };
        self.low as f64 + offset.clamp(0.0, width - 1.0)
    }

    /// The number at a quantile in [0, 1).
    fn at(&self, quantile: f64) -> u64 {
        let fraction = if self.tilt.abs() < 1e-9 { quantile } else { libm::log1p(quantile * libm::expm1(self.tilt)) / self.tilt };
        self.low + (fraction * self.width).clamp(0.0, self.width - 1.0) as u64
    }
}

fn within(parents: u64, total: u64, smallest: u64, largest: u64) -> Result<(), FanoutProblem> {
    if total < smallest {
        Err(FanoutProblem::TooFew { total, parents, smallest })
    } else if total > largest {
        Err(FanoutProblem::TooMany { total, parents, largest })
    } else {
        Ok(())
    }
}

/// The smallest number in `low..high` that is no longer `too_small`, which must be monotone.
fn bisect(mut low: f64, mut high: f64, too_small: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..64 {
        let middle = (low + high) / 2.0;
        if too_small(middle) { low = middle } else { high = middle }
    }
    high
}

/// Whole numbers that sum to `total`, each at most 1 away from its share: what rounding takes from one it gives to the next.
pub fn rounded(shares: impl Iterator<Item = f64>, total: u64) -> Vec<u64> {
    let (mut sum, mut given) = (0.0_f64, 0_u64);
    let mut counts: Vec<u64> = shares
        .map(|share| {
            sum += share;
            let reached = (sum.round() as u64).clamp(given, total);
            let count = reached - given;
            given = reached;
            count
        })
        .collect();
    // Floating point may leave the last step undone.
    if let Some(count) = counts.iter_mut().rev().find(|count| **count > 0) {
        *count += total - given;
    } else if let Some(count) = counts.last_mut() {
        *count += total - given;
    }
    counts
}

/// Spreads what is missing or too much over the parents that have room, which [`within`] has proven to be enough.
fn settle(counts: &mut [u64], total: u64, key: Key, bounds: impl Fn(u64) -> (u64, u64)) {
    let parents = counts.len() as u64;
    for (parent, count) in counts.iter_mut().enumerate() {
        let (low, high) = bounds(parent as u64);
        *count = (*count).clamp(low, high);
    }
    let order = Permutation::new(key.part(2), parents);
    let sum = counts.iter().sum::<u64>();
    let (mut left, add) = (total.abs_diff(sum), sum < total);
    while left > 0 {
        let before = left;
        for i in 0..parents {
            let parent = order.at(i);
            let (low, high) = bounds(parent);
            let count = &mut counts[parent as usize];
            let room = if add { high - *count } else { *count - low };
            let step = left.div_ceil(parents - i).min(room);
            *count = if add { *count + step } else { *count - step };
            left -= step;
        }
        if left == before {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(seed: u64) -> Key {
        Key::new(seed, &["t", "c"])
    }

    proptest! {
        #[test]
        fn a_range_keeps_its_bounds_and_its_total(seed: u64, parents in 1_u64..400, low in 0_u64..20, width in 0_u64..300, at in 0.0..=1.0) {
            let high = low + width;
            let total = parents * low + ((parents * width) as f64 * at) as u64;
            let counts = children(&Fanout::Range(low..=high), parents, total, key(seed)).unwrap();
            prop_assert_eq!(counts.iter().sum::<u64>(), total);
            prop_assert!(counts.iter().all(|count| (low..=high).contains(count)));
        }

        #[test]
        fn a_lognormal_keeps_its_bounds_and_its_total(
            seed: u64, parents in 1_u64..400, sigma in 0.0..3.0, min in 0_u64..9, width in 0_u64..300, at in 0.0..=1.0
        ) {
            let max = min + width;
            let total = parents * min + ((parents * width) as f64 * at) as u64;
            let counts = children(&Fanout::Lognormal { sigma, min, max: Some(max) }, parents, total, key(seed)).unwrap();
            prop_assert_eq!(counts.iter().sum::<u64>(), total);
            prop_assert!(counts.iter().all(|count| (min..=max).contains(count)));
        }

        #[test]
        fn unbounded_shapes_keep_their_total(seed: u64, parents in 1_u64..400, total in 0_u64..5_000, exponent in 0.1..3.0) {
            for shape in [Fanout::Even, Fanout::Poisson, Fanout::Zipf { exponent }, Fanout::Lognormal { sigma: 1.0, min: 0, max: None }] {
                let counts = children(&shape, parents, total, key(seed)).unwrap();
                prop_assert_eq!(counts.len() as u64, parents);
                prop_assert_eq!(counts.iter().sum::<u64>(), total);
            }
        }

        #[test]
        fn rounding_moves_no_share_by_a_whole(shares in prop::collection::vec(0.0..50.0_f64, 1..100)) {
            let total = shares.iter().sum::<f64>().round() as u64;
            let counts = rounded(shares.iter().copied(), total);
            prop_assert_eq!(counts.iter().sum::<u64>(), total);
            prop_assert!(counts.iter().zip(&shares).all(|(count, share)| (*count as f64 - share).abs() < 1.01));
        }
    }

    #[test]
    fn the_music_users_keep_their_two_classes() {
        let shape =
            Fanout::Classes(vec![FanoutClass { share: 0.01, children: 20..=30 }, FanoutClass { share: 0.99, children: 1..=5 }]);
        let counts = children(&shape, 911, 3000, key(42)).unwrap();
        let hoarders = counts.iter().filter(|count| (20..=30).contains(*count)).count();
        assert_eq!(hoarders, 9);
        assert_eq!(counts.iter().filter(|count| (1..=5).contains(*count)).count(), 902);
        assert_eq!(counts.iter().sum::<u64>(), 3000);
        for lists in 1..=5 {
            let share = counts.iter().filter(|count| **count == lists).count() as f64 / 902.0;
            assert!((0.1..0.3).contains(&share), "{lists}: {share}");
        }
    }

    #[test]
    fn an_impossible_total_says_what_is_possible() {
        let shape = Fanout::Range(1..=5);
        assert_eq!(children(&shape, 10, 51, key(1)), Err(FanoutProblem::TooMany { total: 51, parents: 10, largest: 50 }));
        assert_eq!(children(&shape, 10, 9, key(1)), Err(FanoutProblem::TooFew { total: 9, parents: 10, smallest: 10 }));
        assert_eq!(children(&shape, 0, 1, key(1)), Err(FanoutProblem::NoParents { total: 1 }));
        assert!(matches!(children(&Fanout::Zipf { exponent: 0.0 }, 3, 3, key(1)), Err(FanoutProblem::Shape(_))));
    }

    #[test]
    fn even_with_as_many_children_as_parents_gives_one_each() {
        assert!(children(&Fanout::Even, 3000, 3000, key(1)).unwrap().iter().all(|count| *count == 1));
        let counts = children(&Fanout::Even, 7, 23, key(1)).unwrap();
        assert!(counts.iter().all(|count| (3..=4).contains(count)));
    }

    #[test]
    fn the_largest_zipf_parents_are_scattered() {
        let counts = children(&Fanout::Zipf { exponent: 1.0 }, 1000, 100_000, key(3)).unwrap();
        let mut ranked: Vec<(u64, usize)> = counts.iter().copied().zip(0..).collect();
        ranked.sort_unstable_by(|a, b| b.cmp(a));
        assert!(ranked[0].0 > 10_000, "the first has a share of 1 / H(1000)");
        assert!(ranked[..5].windows(2).all(|pair| pair[0].1.abs_diff(pair[1].1) > 1), "{:?}", &ranked[..5]);
    }
}
