//! Which distribution a column of numbers follows.
//!
//! Every candidate is cut off at the smallest and the largest value seen, as a seeded column with `min` and `max` is, and judged by how far its
//! distribution function lies from the column's. Simpler shapes win near ties: a normal wide enough looks uniform.

use super::{Quantiles, least, line, normal_quantile, normal_share};

/// A distribution, before it is cut off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shape {
    Uniform,
    Normal {
        mean: f64,
        deviation: f64,
    },
    Lognormal {
        median: f64,
        sigma: f64,
    },
    /// Over the smallest value.
    Exponential {
        mean: f64,
    },
}

/// The shape that comes nearest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    pub shape: Shape,
    pub min: f64,
    pub max: f64,
    /// The largest share of the rows by which shape and column differ at any value, 0 to 1.
    pub distance: f64,
}

/// How much nearer a shape of more figures must come, in shares of the rows: what a histogram of 100 bins leaves open, and what chance does
/// to a few rows (about `0.87 / sqrt(rows)` for a shape that is the true one).
fn worth(rows: f64) -> f64 {
    (0.87 / rows.clamp(1.0, 30_000.0).sqrt()).max(0.012)
}

/// The shape of a distribution that so many rows have.
pub fn fit(quantiles: &Quantiles, rows: f64) -> Fit {
    let column = Column::new(quantiles);
    let mut best = column.judged(Shape::Uniform);
    let candidates = [column.exponential(), column.normal(), column.lognormal()];
    for candidate in candidates.into_iter().flatten() {
        // Between shapes of two figures each, nearer is better; against the uniform, only what is worth the figures.
        let handicap = if best.shape == Shape::Uniform { worth(rows) } else { 0.0 };
        if candidate.distance + handicap < best.distance {
            best = candidate;
        }
    }
    best
}

struct Column<'a> {
    quantiles: &'a Quantiles,
    /// Shares and values, evenly spaced.
    inner: Vec<(f64, f64)>,
    min: f64,
    max: f64,
}

impl<'a> Column<'a> {
    fn new(quantiles: &'a Quantiles) -> Column<'a> {
        Column { quantiles, inner: quantiles.inner().collect(), min: quantiles.min(), max: quantiles.max() }
    }

    fn judged(&self, shape: Shape) -> Fit {
        let distance = self.quantiles.distance(|x| self.share_below(shape, x));
        Fit { shape, min: self.min, max: self.max, distance: if distance.is_finite() { distance } else { 1.0 } }
    }

    /// Of the shape cut off at both ends.
    fn share_below(&self, shape: Shape, x: f64) -> f64 {
        let whole = |x: f64| match shape {
            Shape::Uniform => (x - self.min) / (self.max - self.min),
            Shape::Normal { mean, deviation } => normal_share((x - mean) / deviation),
            Shape::Lognormal { median, sigma } if x > 0.0 => normal_share(libm::log(x / median) / sigma),
            Shape::Exponential { mean } => -libm::expm1(-(x - self.min) / mean),
            _ => 0.0,
        };
        let (low, high) = (whole(self.min), whole(self.max));
        if high > low { ((whole(x) - low) / (high - low)).clamp(0.0, 1.0) } else { f64::from(u8::from(x >= self.max)) }
    }

    /// Mean squared difference of the shares.
    fn cost(&self, shape: Shape) -> f64 {
        let cost = self.inner.iter().map(|(share, x)| (self.share_below(shape, *x) - share).powi(2)).sum::<f64>();
        if cost.is_finite() { cost } else { f64::MAX }
    }

    /// Figures near the first guess with the least cost, one after the other.
    fn refined(&self, mut place: f64, mut spread: f64, shape: impl Fn(f64, f64) -> Shape) -> Fit {
        for reach in [2.0, 0.7, 0.25] {
            place = least(place - reach * spread, place + reach * spread, |place| self.cost(shape(place, spread))).0;
            let width = |log: f64| spread * libm::exp(log);
            spread = width(least(-reach, reach, |log| self.cost(shape(place, width(log)))).0);
        }
        self.judged(shape(place, spread))
    }

    fn normal(&self) -> Option<Fit> {
        let (mean, deviation) = line(self.inner.iter().map(|(share, x)| (normal_quantile(*share), *x)))?;
        (deviation > 0.0).then(|| self.refined(mean, deviation, |mean, deviation| Shape::Normal { mean, deviation }))
    }

    fn lognormal(&self) -> Option<Fit> {
        let positive: Vec<(f64, f64)> = self.inner.iter().copied().filter(|(_, x)| *x > 0.0).collect();
        // Whole numbers reach half a step below their smallest.
        if self.min < -0.5 || positive.len() + 3 < self.inner.len() {
            return None;
        }
        let (log_median, sigma) = line(positive.iter().map(|(share, x)| (normal_quantile(*share), libm::log(*x))))?;
        // What a scenario takes.
        let wanted = |log: f64, sigma: f64| Shape::Lognormal { median: libm::exp(log), sigma: sigma.clamp(0.001, 10.0) };
        (sigma > 0.0).then(|| self.refined(log_median, sigma, wanted))
    }

    fn exponential(&self) -> Option<Fit> {
        let mean = self.quantiles.mean() - self.min;
        if mean.is_nan() || mean <= 0.0 {
            return None;
        }
        let at = |log: f64| Shape::Exponential { mean: mean * libm::exp(log) };
        Some(self.judged(at(least(-2.0, 2.0, |log| self.cost(at(log))).0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The histogram of 100 bins of a quantile function.
    fn of(quantile: impl Fn(f64) -> f64) -> Quantiles {
        let bounds = (0..=100).map(|i| quantile((f64::from(i) + 0.5) / 101.0)).collect();
        Quantiles::new(&[], &[(1.0, bounds)], 0.0).unwrap()
    }

    #[test]
    fn each_shape_is_known_again_with_its_figures() {
        let uniform = fit(&of(|p| 3.0 + 94.0 * p), 1e6);
        assert_eq!(uniform.shape, Shape::Uniform);
        let Shape::Normal { mean, deviation } = fit(&of(|p| 30.0 + 8.0 * normal_quantile(p)), 1e6).shape else { panic!() };
        assert!((mean - 30.0).abs() < 0.3 && (deviation - 8.0).abs() < 0.4, "{mean} {deviation}");
        let skewed = fit(&of(|p| 40.0 * (0.9 * normal_quantile(p)).exp()), 1e6).shape;
        let Shape::Lognormal { median, sigma } = skewed else { panic!("{skewed:?}") };
        assert!((median / 40.0 - 1.0).abs() < 0.03 && (sigma - 0.9).abs() < 0.05, "{median} {sigma}");
        let decaying = fit(&of(|p| -30.0 * (1.0 - p).ln()), 1e6).shape;
        let Shape::Exponential { mean } = decaying else { panic!("{decaying:?}") };
        assert!((mean - 30.0).abs() < 1.5, "{mean}");
    }

    #[test]
    fn a_shape_that_was_cut_off_keeps_the_figures_it_had_before() {
        // A normal of mean 30 and deviation 20, of which only 5 to 60 is left.
        let (low, high) = (normal_share((5.0 - 30.0) / 20.0), normal_share((60.0 - 30.0) / 20.0));
        let Shape::Normal { mean, deviation } = fit(&of(|p| 30.0 + 20.0 * normal_quantile(low + (high - low) * p)), 1e6).shape
        else {
            panic!()
        };
        assert!((mean - 30.0).abs() < 2.0 && (deviation - 20.0).abs() < 3.0, "{mean} {deviation}");
    }

    #[test]
    fn odd_statistics_have_a_shape_too() {
        for bounds in [vec![5.0, 5.0], vec![0.0, 0.0, 1.0], vec![-1e300, 1e300], vec![1.0, 1.0, 1.0, 1e9]] {
            let fitted = fit(&Quantiles::new(&[], &[(1.0, bounds.clone())], 0.0).unwrap(), 1e6);
            assert!((0.0..=1.0).contains(&fitted.distance), "{bounds:?} {fitted:?}");
        }
    }
}
