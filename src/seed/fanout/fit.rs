//! Whole numbers that sum to a total, inside of bounds.

use super::FanoutProblem;
use crate::seed::permutation::Permutation;
use crate::seed::rng::Key;

/// # Errors
/// When the bounds of all parents together do not hold the total.
pub fn within(parents: u64, total: u64, smallest: u64, largest: u64) -> Result<(), FanoutProblem> {
    if total < smallest {
        Err(FanoutProblem::TooFew { total, parents, smallest })
    } else if total > largest {
        Err(FanoutProblem::TooMany { total, parents, largest })
    } else {
        Ok(())
    }
}

/// The smallest number in `low..high` that is no longer `too_small`, which must be monotone.
pub fn bisect(mut low: f64, mut high: f64, too_small: impl Fn(f64) -> bool) -> f64 {
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

/// Takes away what is more than `total`, spread over the counts; their sum must be at least as much.
pub fn trimmed(counts: &mut [u64], total: u64, key: Key) {
    let most = counts.to_vec();
    settle(counts, total, key, |place| (0, most[place as usize]));
}

/// Spreads what is missing or too much over the parents that have room, which [`within`] has proven to be enough.
pub fn settle(counts: &mut [u64], total: u64, key: Key, bounds: impl Fn(u64) -> (u64, u64)) {
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
