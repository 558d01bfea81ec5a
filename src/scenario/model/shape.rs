//! Shapes: how many children parents have, and which rows are chosen how often.

use std::ops::RangeInclusive;

/// Children per parent. Where the table has `rows`, they decide the mean and this the shape, fitted so that the sum is exact; where it
/// has none, [`Fanout::own_mean`] gives the sum.
#[derive(Debug, Clone, PartialEq)]
pub enum Fanout {
    /// `fanout: even`: as equal as whole numbers allow. With as many children as parents: exactly one each.
    Even,
    /// `fanout: 1-5`, or `fanout: 3` for the same number each.
    Range(RangeInclusive<u64>),
    /// `fanout: {lognormal: {sigma: 0.8, min: 5, max: 250}}`
    Lognormal { sigma: f64, center: Option<Center>, min: u64, max: Option<u64> },
    /// `fanout: {pareto: {shape: 1.5, min: 1, max: 500}}`: a share of (min / x)^shape has more than x children.
    Pareto { shape: f64, mean: Option<f64>, min: Option<u64>, max: Option<u64> },
    /// `fanout: poisson`, `fanout: {poisson: 3}`
    Poisson { mean: Option<f64> },
    /// `fanout: {zipf: 1.1}`: the parent of rank r gets a share proportional to 1 / r^s; ranks are scattered over the rows.
    Zipf { exponent: f64, mean: Option<f64>, min: u64, max: Option<u64> },
    /// `fanout: {1%: 20-30, rest: 1-5}`: shares sum to 1 (`rest` is filled in).
    Classes(Vec<FanoutClass>),
}

/// Where a log-normal number of children lies, when the fan-out says it itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Center {
    /// Of the children laid, bounds and all.
    Mean(f64),
    /// Before the bounds cut it.
    Median(f64),
}

/// A share of the parents and how many children each of them has.
#[derive(Debug, Clone, PartialEq)]
pub struct FanoutClass {
    /// 0 to 1.
    pub share: f64,
    pub children: RangeInclusive<u64>,
}

impl Fanout {
    /// Children per parent on average, if the fan-out determines it by itself. Times the parents and rounded once, this is the number of
    /// rows of a table that says none.
    pub fn own_mean(&self) -> Option<f64> {
        let middle = |range: &RangeInclusive<u64>| (*range.start() as f64 + *range.end() as f64) / 2.0;
        match self {
            Fanout::Even => None,
            Fanout::Range(range) => Some(middle(range)),
            Fanout::Lognormal { center: Some(Center::Mean(mean)), .. } => Some(*mean),
            Fanout::Lognormal { sigma, center: Some(Center::Median(median)), min, max } => {
                Some(lognormal_mean(*median, *sigma, *min as f64, max.map_or(f64::INFINITY, |max| max as f64)))
            }
            Fanout::Lognormal { center: None, .. } => None,
            Fanout::Pareto { mean: Some(mean), .. } => Some(*mean),
            Fanout::Pareto { shape, mean: None, min, max } => {
                let min = min.filter(|min| *min > 0)? as f64;
                pareto_mean(min, *shape, max.map_or(f64::INFINITY, |max| max as f64))
            }
            Fanout::Poisson { mean } | Fanout::Zipf { mean, .. } => *mean,
            Fanout::Classes(classes) => {
                let shares: f64 = classes.iter().map(|class| class.share).sum();
                Some(classes.iter().map(|class| class.share * middle(&class.children)).sum::<f64>() / shares)
            }
        }
    }
}

/// Mean of a log-normal number that is moved to `min` or `max` when it lies outside: the two tails at the bounds, and the partial
/// expectation between them (Johnson, Kotz and Balakrishnan, "Continuous Univariate Distributions", 1994, chapter 14).
fn lognormal_mean(median: f64, sigma: f64, min: f64, max: f64) -> f64 {
    let below = |x: f64, shift: f64| match x {
        x if x <= 0.0 => 0.0,
        x if x.is_infinite() => 1.0,
        x => libm::erfc(-(libm::log(x / median) / sigma - shift) * std::f64::consts::FRAC_1_SQRT_2) / 2.0,
    };
    let between = median * libm::exp(sigma * sigma / 2.0) * (below(max, sigma) - below(min, sigma));
    let above = if max.is_finite() { max * (1.0 - below(max, 0.0)) } else { 0.0 };
    min * below(min, 0.0) + between + above
}

/// Mean of a Pareto number of at least `min` that is moved to `max` when it lies above: the integral of (min / x)^shape. `None`: it is
/// infinite.
fn pareto_mean(min: f64, shape: f64, max: f64) -> Option<f64> {
    let log = libm::log(max / min);
    Some(match max.is_finite() {
        false if shape > 1.0 => min * shape / (shape - 1.0),
        false => return None,
        true if (shape - 1.0).abs() < 1e-9 => min * (1.0 + log),
        true => min * (1.0 + libm::expm1((1.0 - shape) * log) / (1.0 - shape)),
    })
}

/// How one of n rows is chosen: for foreign keys (`pick:` of a column) and for parameters (`pick:` of an endpoint).
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Pick {
    #[default]
    Uniform,
    /// `pick: {zipf: 1.05}`: the row of rank r is chosen with a probability proportional to 1 / r^s; ranks are scattered.
    Zipf { exponent: f64 },
    /// `pick: {lognormal: 0.8}`: rows have log-normal weights of this sigma; ranks are scattered.
    Lognormal { sigma: f64 },
    /// `pick: {pareto: 1.5}`: rows have Pareto weights of this shape, over 1; ranks are scattered. 1.16 is "80% to 20%".
    Pareto { shape: f64 },
    /// `pick: {1%: 50%, rest: 50%}`: shares of the rows and of the choices, each of both summing to 1; classes are scattered.
    Classes(Vec<PickClass>),
    /// `pick: {weights: [8, 1]}`: by row number; as many weights as rows.
    Weights(Vec<f64>),
    /// `pick: {repeat: 11}`: only this many different rows, in turn.
    Repeat(u64),
}

/// A share of the rows and the share of the choices that falls on them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PickClass {
    /// 0 to 1.
    pub rows: f64,
    /// 0 to 1.
    pub choices: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The average over a million quantiles, moved into the bounds.
    fn averaged(quantile: impl Fn(f64) -> f64, min: f64, max: f64) -> f64 {
        let draws = 1_000_000;
        (0..draws).map(|i| quantile((f64::from(i) + 0.5) / f64::from(draws)).clamp(min, max)).sum::<f64>() / f64::from(draws)
    }

    #[test]
    fn a_pareto_has_the_mean_of_its_quantiles() {
        for (shape, max) in [(1.5, 500), (1.0, 500), (0.8, 90), (3.0, 10)] {
            let own = Fanout::Pareto { shape, mean: None, min: Some(2), max: Some(max) }.own_mean().unwrap();
            let counted = averaged(|u| 2.0 * (1.0 - u).powf(-1.0 / shape), 2.0, max as f64);
            assert!((own / counted - 1.0).abs() < 1e-3, "{shape}: {own} {counted}");
        }
        assert_eq!(Fanout::Pareto { shape: 1.0, mean: None, min: Some(1), max: None }.own_mean(), None, "infinite");
        assert_eq!(Fanout::Pareto { shape: 3.0, mean: None, min: Some(4), max: None }.own_mean(), Some(6.0));
    }

    #[test]
    fn a_lognormal_has_the_mean_of_its_quantiles() {
        let median = |max| Fanout::Lognormal { sigma: 0.8, center: Some(Center::Median(20.0)), min: 5, max };
        // A sum over normal quantiles by their density, fine enough for three digits.
        let counted = |max: f64| {
            let density = |z: f64| (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt() * 1e-3;
            (-8_000..8_000)
                .map(|i| f64::from(i) * 1e-3)
                .map(|z| density(z) * (20.0 * (0.8 * z).exp()).clamp(5.0, max))
                .sum::<f64>()
        };
        for max in [Some(30), Some(250), None] {
            let (own, counted) = (median(max).own_mean().unwrap(), counted(max.map_or(f64::INFINITY, |max| max as f64)));
            assert!((own / counted - 1.0).abs() < 1e-3, "{max:?}: {own} {counted}");
        }
    }

    #[test]
    fn what_determines_itself_says_its_mean() {
        let classes = vec![FanoutClass { share: 0.01, children: 20..=30 }, FanoutClass { share: 0.99, children: 1..=5 }];
        assert!((Fanout::Classes(classes).own_mean().unwrap() - 3.22).abs() < 1e-9);
        assert_eq!(Fanout::Range(1..=4).own_mean(), Some(2.5));
        assert_eq!(Fanout::Poisson { mean: Some(3.0) }.own_mean(), Some(3.0));
        for open in [
            Fanout::Even,
            Fanout::Poisson { mean: None },
            Fanout::Zipf { exponent: 1.1, mean: None, min: 0, max: None },
            Fanout::Lognormal { sigma: 1.0, center: None, min: 0, max: Some(9) },
            Fanout::Pareto { shape: 2.0, mean: None, min: None, max: Some(9) },
        ] {
            assert_eq!(open.own_mean(), None);
        }
    }
}
