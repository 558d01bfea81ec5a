//! How many children parents have: the shape that would give the most common parents as many as they have, and leave as many without.
//!
//! ANALYZE tells three things of a foreign key's column: how many different parents its rows have, how many rows the most common of them
//! have, and (from the parent's own count) how many parents there are. A shape predicts all three: the children of the parent of each
//! rank, largest first, scaled to the number of children that there are.

use super::{least, normal_quantile};

/// What the statistics say about a reference.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Observed {
    /// Rows of the table referenced.
    pub parents: f64,
    /// Rows that reference one.
    pub children: f64,
    /// Parents that have children.
    pub distinct: Option<f64>,
    /// Children of the parents that have most, the largest first.
    pub top: Vec<f64>,
    /// `top` holds every parent with children.
    pub complete: bool,
}

/// Children per parent.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// As equal as whole numbers allow.
    Even,
    Range {
        low: u64,
        high: u64,
    },
    /// Every child chose by itself.
    Poisson,
    Lognormal {
        sigma: f64,
        min: u64,
        max: Option<u64>,
    },
    Zipf {
        exponent: f64,
        /// Where the first rank would have more than any parent has.
        max: Option<u64>,
    },
    /// A share of the parents has `large` children, all others `rest`.
    TwoClasses {
        share: f64,
        large: (u64, u64),
        rest: (u64, u64),
    },
}

/// The shape that comes nearest.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    pub shape: Shape,
    /// Typical factor, as a logarithm, between predicted and seen numbers of children.
    pub error: f64,
}

/// What each figure of a shape must gain, in squared logarithms: a parameter that changes nothing by more than 2% is not worth a word.
const WORTH: f64 = 0.0004;
/// How much the number of parents with children counts beside the children of the largest: it is what the planner divides by.
const OF_DISTINCT: f64 = 3.0;
/// Rows that ANALYZE reads with the default statistics target of 100.
const SAMPLE: f64 = 30_000.0;

/// The shape of a reference. Never fails: of nothing but row counts, children that chose by themselves are the least surprising.
pub fn fit(observed: &Observed) -> Fit {
    let plain = |shape| Fit { shape, error: 0.0 };
    if observed.parents < 1.0 || observed.children < 1.0 {
        return plain(Shape::Poisson);
    }
    let one_each = observed.top.is_empty() && observed.distinct.is_some_and(|distinct| distinct >= observed.children * 0.98);
    if one_each && observed.children <= observed.parents * 1.005 {
        return plain(if observed.children >= observed.parents * 0.995 { Shape::Even } else { Shape::Range { low: 0, high: 1 } });
    }
    if observed.top.is_empty() && observed.distinct.is_none() {
        return plain(Shape::Poisson);
    }
    let ranks = Ranks::of(observed.parents);
    let mut best: Option<(f64, Fit)> = None;
    for (shape, figures) in candidates(observed, &ranks) {
        let Some(counts) = ranks.children(&shape, observed.children) else { continue };
        let cost = ranks.cost(&counts, observed);
        let judged = cost + WORTH * f64::from(figures);
        if cost.is_finite() && best.as_ref().is_none_or(|(least, _)| judged < *least) {
            best = Some((judged, Fit { shape, error: cost.sqrt() }));
        }
    }
    best.map_or_else(|| plain(Shape::Poisson), |(_, fit)| fit)
}

/// Shapes worth trying, with the number of their figures.
fn candidates(observed: &Observed, ranks: &Ranks) -> Vec<(Shape, u32)> {
    let mean = observed.children / observed.parents;
    let largest = observed.top.first().map(|largest| largest.round().max(mean.ceil()) as u64);
    let everybody = observed.distinct.is_some_and(|distinct| distinct >= observed.parents * 0.995);
    let smallest = observed.top.last().filter(|_| observed.complete && everybody).map(|least| least.round().max(1.0) as u64);
    let min = smallest.unwrap_or(u64::from(everybody)).min(mean as u64);
    let mut shapes = vec![(Shape::Even, 0), (Shape::Poisson, 0)];
    // Any number up to the largest as likely gives half of it on average; a range far wider is a skewed shape by another name.
    if let Some(high) = largest.filter(|high| *high as f64 > mean && *high as f64 <= 4.0 * mean.max(1.0)) {
        shapes.push((Shape::Range { low: min, high }, 2));
    }
    // With a child for everybody, be it one too many for some, the few large ones have room for their shape.
    let least_children = if min == 0 && mean >= 2.0 { vec![0, 1] } else { vec![min] };
    for min in least_children {
        let (sigma, _) = least(0.05, 4.0, |sigma| {
            let counts = ranks.children(&Shape::Lognormal { sigma, min, max: largest }, observed.children);
            counts.map_or(f64::MAX, |counts| ranks.cost(&counts, observed))
        });
        shapes.push((Shape::Lognormal { sigma, min, max: largest }, 3));
    }
    if observed.top.len() >= 3 {
        for max in [None, largest] {
            let (exponent, _) = least(0.05, 3.0, |exponent| {
                let counts = ranks.children(&Shape::Zipf { exponent, max }, observed.children);
                counts.map_or(f64::MAX, |counts| ranks.cost(&counts, observed))
            });
            shapes.push((Shape::Zipf { exponent, max }, if max.is_some() { 2 } else { 1 }));
        }
    }
    shapes.extend(two_classes(observed, min).map(|shape| (shape, 5)));
    shapes
}

/// A few parents apart from all others: where the next one has not even half as many children.
fn two_classes(observed: &Observed, min: u64) -> Option<Shape> {
    let top = &observed.top;
    let gaps = top.windows(2).enumerate().map(|(i, pair)| (i + 1, pair[0] / pair[1].max(1.0)));
    let (large, ratio) = gaps.max_by(|a, b| a.1.total_cmp(&b.1))?;
    if ratio < 2.0 {
        return None;
    }
    let of_large = (top[large - 1].round() as u64, top[0].round() as u64);
    let left = (observed.children - top[..large].iter().sum::<f64>()) / (observed.parents - large as f64);
    let rest = (min.min(left as u64), (top[large].round() as u64).max(left.ceil() as u64));
    Some(Shape::TwoClasses { share: large as f64 / observed.parents, large: of_large, rest })
}

/// Ranks of parents, the largest first: each of the first hundred, then ever more of them as one.
struct Ranks {
    /// The rank in the middle of each group, from 1, and the number of parents in it.
    groups: Vec<(f64, f64)>,
    parents: f64,
}

impl Ranks {
    fn of(parents: f64) -> Ranks {
        let parents = parents.round().max(1.0);
        let (mut groups, mut next) = (Vec::new(), 1.0);
        while next <= parents {
            let width = if next <= 100.0 { 1.0 } else { (next * 0.03_f64).floor().max(1.0).min(parents - next + 1.0) };
            groups.push((next + (width - 1.0) / 2.0, width));
            next += width;
        }
        Ranks { groups, parents }
    }

    /// Children of the parents of each group; `None` when the shape cannot hold that many.
    fn children(&self, shape: &Shape, total: f64) -> Option<Vec<f64>> {
        let mean = total / self.parents;
        match shape {
            Shape::Even => Some(self.by_share(|share| (mean + share).floor())),
            Shape::Poisson => Some(self.by_share(|share| poisson_quantile(mean, share))),
            Shape::Range { low, high } => Some(self.by_share(Tilted::with_mean(*low, *high, mean)?)),
            Shape::Zipf { exponent, max } => {
                self.scaled(total, (0.0, max.map_or(f64::MAX, |max| max as f64)), |rank| libm::pow(rank, -exponent))
            }
            Shape::Lognormal { sigma, min, max } => {
                let bounds = (*min as f64, max.map_or(f64::MAX, |max| max as f64));
                self.scaled(total, bounds, |rank| libm::exp(sigma * normal_quantile(1.0 - (rank - 0.5) / self.parents)))
            }
            Shape::TwoClasses { share, large, rest } => {
                let members = (share * self.parents).round();
                let of_large = members * (large.0 + large.1) as f64 / 2.0;
                let rest = Tilted::with_mean(rest.0, rest.1, (total - of_large) / (self.parents - members))?;
                let of = |rank: f64| {
                    if rank <= members {
                        large.1 as f64 - (large.1 - large.0) as f64 * (rank - 0.5) / members
                    } else {
                        rest(1.0 - (rank - members - 0.5) / (self.parents - members))
                    }
                };
                Some(self.groups.iter().map(|(rank, _)| of(*rank)).collect())
            }
        }
    }

    fn by_share(&self, of: impl Fn(f64) -> f64) -> Vec<f64> {
        self.groups.iter().map(|(rank, _)| of(1.0 - (rank - 0.5) / self.parents)).collect()
    }

    /// Weights times the one factor for which they, held between bounds, sum to the total.
    fn scaled(&self, total: f64, (low, high): (f64, f64), weight: impl Fn(f64) -> f64) -> Option<Vec<f64>> {
        let weights: Vec<f64> = self.groups.iter().map(|(rank, _)| weight(*rank)).collect();
        let held = |log: f64| weights.iter().map(move |weight| (weight * libm::exp(log)).clamp(low, high));
        let sum = |log: f64| held(log).zip(&self.groups).map(|(count, (_, width))| count * width).sum::<f64>();
        let (mut below, mut above) = (-60.0, 60.0);
        for _ in 0..60 {
            let middle = (below + above) / 2.0;
            if sum(middle) < total { below = middle } else { above = middle }
        }
        ((sum(above) / total - 1.0).abs() < 0.02).then(|| held(above).collect())
    }

    /// Parents with children, as ANALYZE would report them: in a sample it misses many who have few, and makes up for some of that by
    /// the estimator of Haas and Stokes ("Sampling-based estimation of the number of distinct values of an attribute", 1995; Duj1 of
    /// `compute_scalar_stats` in PostgreSQL's analyze.c).
    fn distinct_reported(&self, counts: &[f64], children: f64) -> f64 {
        let sample = children.min(SAMPLE);
        let (taken, left) = (sample / children, 1.0 - sample / children);
        let (mut seen, mut once) = (0.0, 0.0);
        for (count, (_, width)) in counts.iter().zip(&self.groups) {
            // What is less than a child is one for some parents and none for others.
            let (parents, count) = (width * count.min(1.0), count.max(1.0));
            seen += parents * (1.0 - libm::pow(left, count));
            once += parents * count * taken * libm::pow(left, count - 1.0);
        }
        if left <= 0.0 { seen } else { sample * seen / (sample - once + once * taken).max(1e-9) }
    }

    /// How far predicted children lie from those seen, as a mean square of logarithms, and the parents with children likewise.
    fn cost(&self, counts: &[f64], observed: &Observed) -> f64 {
        let (mut sum, mut weights) = (0.0, 0.0);
        for ((rank, _), count) in self.groups.iter().zip(counts) {
            let Some(seen) = observed.top.get(rank.round() as usize - 1) else { break };
            // Of a count of k in a sample, the logarithm is off by about 1 / sqrt(k).
            let in_sample = if observed.children <= SAMPLE { *seen } else { seen * SAMPLE / observed.children };
            let weight = if observed.children <= SAMPLE { 1.0 } else { (in_sample / 20.0).min(1.0) };
            sum += weight * libm::log(count.max(0.5) / seen.max(0.5)).powi(2);
            weights += weight;
        }
        let of_top = if weights > 0.0 { sum / weights } else { 0.0 };
        let Some(distinct) = observed.distinct else { return of_top };
        let with_children = self.distinct_reported(counts, observed.children);
        let of_distinct = libm::log(with_children.max(0.5) / distinct.clamp(0.5, self.parents.max(0.5))).powi(2);
        of_top + OF_DISTINCT * of_distinct
    }
}

/// The number of children below which a share of the parents lies when each has `mean` by chance.
fn poisson_quantile(mean: f64, share: f64) -> f64 {
    if mean > 200.0 {
        return (mean + mean.sqrt() * normal_quantile(share)).max(0.0).round();
    }
    let (mut count, mut probability) = (0.0, libm::exp(-mean));
    let mut sum = probability;
    while sum < share && count < 2_000.0 {
        count += 1.0;
        probability *= mean / count;
        sum += probability;
    }
    count
}

/// Whole numbers of a range with probabilities that grow or shrink by a constant factor, as the seeding lays a range.
struct Tilted;

impl Tilted {
    /// The quantile function of the tilt with this mean; `None` when the mean lies outside.
    fn with_mean(low: u64, high: u64, mean: f64) -> Option<impl Fn(f64) -> f64> {
        let offset = mean - low as f64;
        let width = (high - low) as f64 + 1.0;
        if !(-1e-6..=width - 1.0 + 1e-6).contains(&offset) {
            return None;
        }
        let (mut below, mut above) = (-60.0, 60.0);
        for _ in 0..50 {
            let tilt: f64 = (below + above) / 2.0;
            // Mean of the continuous tilt over the width, half a step down for whole numbers.
            let at = if tilt.abs() < 1e-6 { 0.5 } else { 1.0 / -libm::expm1(-tilt) - 1.0 / tilt };
            if at * width - 0.5 < offset { below = tilt } else { above = tilt }
        }
        let tilt = above;
        let fraction = move |share: f64| if tilt.abs() < 1e-6 { share } else { libm::log1p(share * libm::expm1(tilt)) / tilt };
        Some(move |share: f64| low as f64 + (fraction(share) * width).floor().clamp(0.0, width - 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::model::{Fanout, FanoutClass};
    use crate::seed::fanout::children;
    use crate::seed::rng::Key;

    /// What ANALYZE would say of a table that was read as a whole.
    fn observed(shape: &Fanout, parents: u64, total: u64) -> Observed {
        let mut counts = children(shape, parents, total, Key::new(7, &["t", "c"])).unwrap();
        counts.retain(|count| *count > 0);
        counts.sort_unstable_by(|a, b| b.cmp(a));
        let distinct = Some(counts.len() as f64);
        let complete = counts.len() <= 100;
        // Values that come once are no most common ones.
        let top = counts.iter().take(100).filter(|count| **count > 1).map(|count| *count as f64).collect();
        Observed { parents: parents as f64, children: total as f64, distinct, top, complete }
    }

    fn fitted(shape: &Fanout, parents: u64, total: u64) -> Shape {
        fit(&observed(shape, parents, total)).shape
    }

    #[test]
    fn shapes_are_known_again() {
        assert_eq!(fitted(&Fanout::Even, 1000, 1000), Shape::Even);
        assert_eq!(fitted(&Fanout::Even, 1000, 3500), Shape::Even);
        assert_eq!(fitted(&Fanout::Range(0..=1), 1000, 600), Shape::Range { low: 0, high: 1 });
        assert_eq!(fitted(&Fanout::Poisson { mean: None }, 1000, 3000), Shape::Poisson);
        assert_eq!(fitted(&Fanout::Poisson { mean: None }, 2000, 500), Shape::Poisson);
        let Shape::Range { low: 1, high: 5 } = fitted(&Fanout::Range(1..=5), 1000, 3000) else { panic!() };
        for sigma in [0.5, 0.8, 1.6] {
            let shape = fitted(&Fanout::Lognormal { sigma, center: None, min: 1, max: None }, 3000, 25_000);
            let Shape::Lognormal { sigma: found, .. } = shape else { panic!("{sigma}: {shape:?}") };
            assert!((found / sigma - 1.0).abs() < 0.1, "{sigma}: {found}");
        }
        for exponent in [0.6, 1.05, 1.5] {
            let shape = fitted(&Fanout::Zipf { exponent, mean: None, min: 0, max: None }, 3000, 25_000);
            let Shape::Zipf { exponent: found, .. } = shape else { panic!("{exponent}: {shape:?}") };
            assert!((found - exponent).abs() < 0.05, "{exponent}: {found}");
        }
    }

    #[test]
    fn a_few_parents_far_ahead_are_a_class() {
        let classes =
            Fanout::Classes(vec![FanoutClass { share: 0.01, children: 20..=30 }, FanoutClass { share: 0.99, children: 1..=5 }]);
        let shape = fitted(&classes, 911, 3000);
        let Shape::TwoClasses { share, large, rest } = shape else { panic!("{shape:?}") };
        assert!((share - 0.01).abs() < 0.002, "{share}");
        assert!(large.0 >= 20 && large.1 <= 30 && rest == (1, 5), "{large:?} {rest:?}");
    }

    #[test]
    fn odd_statistics_have_a_shape_too() {
        let nothing = Observed::default();
        assert_eq!(fit(&nothing).shape, Shape::Poisson);
        let counts = Observed { parents: 10.0, children: 1e6, ..nothing.clone() };
        assert_eq!(fit(&counts).shape, Shape::Poisson);
        for (distinct, top) in [(Some(1.0), vec![1e6]), (Some(1e9), vec![]), (Some(10.0), vec![9e5, 3.0]), (None, vec![5.0, 5.0])]
        {
            let fit = fit(&Observed { distinct, top, ..counts.clone() });
            assert!(fit.error.is_finite(), "{fit:?}");
        }
        // Only how many parents have children is known, and it is few.
        let few = Observed { parents: 10_000.0, children: 40_000.0, distinct: Some(2_000.0), ..nothing };
        assert!(matches!(fit(&few).shape, Shape::Lognormal { sigma, .. } if sigma > 1.5), "{:?}", fit(&few));
    }
}
