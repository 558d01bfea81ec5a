//! Shapes in which every parent has a weight: log-normal, Pareto, Zipf.

use super::FanoutProblem;
use super::fit::{bisect, rounded, settle, within};
use crate::seed::permutation::Permutation;
use crate::seed::rng::Key;

/// The smallest and the largest number of children.
type Bounds = (u64, u64);

/// Numbers proportional to 1 / rank^exponent, ranks scattered.
pub fn zipf(
    exponent: f64,
    (min, max): (u64, Option<u64>),
    parents: u64,
    total: u64,
    key: Key,
) -> Result<Vec<u64>, FanoutProblem> {
    if !(exponent.is_finite() && exponent > 0.0) {
        return Err(FanoutProblem::Shape(format!("a zipf exponent is above 0, not {exponent}")));
    }
    let share = |rank: u64| libm::pow((rank + 1) as f64, -exponent);
    let order = Permutation::new(key, parents);
    if (min, max) != (0, None) {
        let weights: Vec<f64> = (0..parents).map(|parent| share(order.at(parent))).collect();
        return fitted(&weights, (min, max.unwrap_or(total)), WIDE, total, key);
    }
    let sum: f64 = (0..parents).map(share).sum();
    let by_rank = rounded((0..parents).map(|rank| share(rank) / sum * total as f64), total);
    Ok((0..parents).map(|parent| by_rank[order.at(parent) as usize]).collect())
}

/// Log-normal weights.
pub fn lognormal(sigma: f64, bounds: Bounds, parents: u64, total: u64, key: Key) -> Result<Vec<u64>, FanoutProblem> {
    if !(sigma.is_finite() && sigma >= 0.0) {
        return Err(FanoutProblem::Shape(format!("sigma is 0 or more, not {sigma}")));
    }
    let weights: Vec<f64> = (0..parents).map(|parent| libm::exp(sigma * key.stream(parent).normal())).collect();
    fitted(&weights, bounds, 60.0, total, key)
}

/// Pareto weights: a share of x^-shape exceeds x.
pub fn pareto(shape: f64, bounds: Bounds, parents: u64, total: u64, key: Key) -> Result<Vec<u64>, FanoutProblem> {
    if !(shape.is_finite() && shape > 0.0) {
        return Err(FanoutProblem::Shape(format!("a pareto shape is above 0, not {shape}")));
    }
    let weights: Vec<f64> = (0..parents).map(|parent| libm::pow(1.0 - key.unit(parent), -1.0 / shape)).collect();
    fitted(&weights, bounds, WIDE, total, key)
}

/// Logarithms of factors beyond which floating point ends.
const WIDE: f64 = 700.0;

/// Weights scaled by the one factor for which the numbers, held between the bounds, sum to the total. The factor's logarithm is looked
/// for between `-wide` and `wide`.
fn fitted(weights: &[f64], (min, max): Bounds, wide: f64, total: u64, key: Key) -> Result<Vec<u64>, FanoutProblem> {
    let parents = weights.len() as u64;
    within(parents, total, parents.saturating_mul(min), parents.saturating_mul(max.max(min)))?;
    let (low, high) = (min as f64, max as f64);
    let sum = |log_factor: f64| {
        let factor = libm::exp(log_factor);
        weights.iter().map(|weight| (weight * factor).clamp(low, high)).sum::<f64>()
    };
    let factor = libm::exp(bisect(-wide, wide, |log_factor| sum(log_factor) < total as f64));
    let mut counts = rounded(weights.iter().map(|weight| (weight * factor).clamp(low, high)), total);
    settle(&mut counts, total, key, |_| (min, max));
    Ok(counts)
}
