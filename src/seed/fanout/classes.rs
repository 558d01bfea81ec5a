//! Ranges of children, and classes of them.

use super::FanoutProblem;
use super::fit::{bisect, rounded, settle, within};
use crate::scenario::model::FanoutClass;
use crate::seed::permutation::Permutation;
use crate::seed::rng::Key;

/// Parents fall into classes; within one, the numbers of a range are equally likely except for the tilt that the total needs.
pub fn classes(list: &[FanoutClass], parents: u64, total: u64, key: Key) -> Result<Vec<u64>, FanoutProblem> {
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
