//! The distribution of a column of numbers, put together from its most common values and its histogram.

/// A distribution of numbers, piece by piece.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantiles {
    /// Values in order, each with the share of the rows that lie at or below it; linear between them.
    points: Vec<(f64, f64)>,
}

impl Quantiles {
    /// From values with their shares, and histograms with theirs; shares need not sum to 1. A `step` above 0 spreads each value over that
    /// width, so that whole numbers (step 1) look like what they are rounded from. `None` without any value.
    pub fn new(common: &[(f64, f64)], histograms: &[(f64, Vec<f64>)], step: f64) -> Option<Quantiles> {
        let half = step / 2.0;
        // From, to, share.
        let mut pieces: Vec<(f64, f64, f64)> = common.iter().map(|(value, share)| (value - half, value + half, *share)).collect();
        for (share, bounds) in histograms {
            let bins = bounds.len().saturating_sub(1).max(1) as f64;
            for pair in bounds.windows(2) {
                pieces.push((pair[0] - half, pair[1] + half, share / bins));
            }
        }
        pieces.retain(|(from, to, share)| from.is_finite() && to.is_finite() && *share > 0.0);
        let total: f64 = pieces.iter().map(|(_, _, share)| share).sum();
        if pieces.is_empty() || total <= 0.0 {
            return None;
        }
        Some(Quantiles { points: accumulated(&pieces, total) })
    }

    pub fn min(&self) -> f64 {
        self.points[0].0
    }

    pub fn max(&self) -> f64 {
        self.points[self.points.len() - 1].0
    }

    /// The value below which a share of the rows lies.
    pub fn at(&self, share: f64) -> f64 {
        let place = self.points.partition_point(|(_, below)| *below < share);
        match (place.checked_sub(1).map(|before| self.points[before]), self.points.get(place).copied()) {
            (Some((x0, p0)), Some((x1, p1))) if p1 > p0 => (x0 + (x1 - x0) * (share - p0) / (p1 - p0)).clamp(x0, x1),
            (_, Some((x, _))) | (Some((x, _)), None) => x,
            (None, None) => 0.0,
        }
    }

    /// The mean of what is there.
    pub fn mean(&self) -> f64 {
        (0..GRID).map(|i| self.at((f64::from(i) + 0.5) / f64::from(GRID))).sum::<f64>() / f64::from(GRID)
    }

    /// The largest difference of shares to another distribution function (Kolmogorov and Smirnov's distance), 0 to 1.
    pub fn distance(&self, share_below: impl Fn(f64) -> f64) -> f64 {
        let shares = (1..GRID).map(|i| f64::from(i) / f64::from(GRID));
        shares.map(|share| (share_below(self.at(share)) - share).abs()).fold(0.0, f64::max)
    }

    /// Pairs of share and value to fit a line through, the outermost hundredths left out: the ends of a sample say least.
    pub fn inner(&self) -> impl Iterator<Item = (f64, f64)> + Clone + '_ {
        (1..100).map(|i| f64::from(i) / 100.0).map(|share| (share, self.at(share)))
    }
}

/// Places at which a distribution is compared.
const GRID: u32 = 200;

/// Running sums of the pieces at all of their ends.
fn accumulated(pieces: &[(f64, f64, f64)], total: f64) -> Vec<(f64, f64)> {
    // What starts and what ends at each place, as densities; points of no width are steps.
    let mut events: Vec<(f64, f64, f64)> = Vec::with_capacity(pieces.len() * 2);
    for (from, to, share) in pieces {
        let share = share / total;
        if to > from {
            let density = share / (to - from);
            events.push((*from, density, 0.0));
            events.push((*to, -density, 0.0));
        } else {
            events.push((*from, 0.0, share));
        }
    }
    events.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut points, mut sum, mut density) = (Vec::<(f64, f64)>::new(), 0.0_f64, 0.0_f64);
    for (x, change, step) in events {
        if let Some((last, _)) = points.last() {
            sum += density.max(0.0) * (x - last);
        }
        points.push((x, sum.min(1.0)));
        if step > 0.0 {
            sum += step;
            points.push((x, sum.min(1.0)));
        }
        density += change;
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_histogram_is_even_between_its_bounds() {
        let quantiles = Quantiles::new(&[], &[(1.0, vec![0.0, 10.0, 30.0])], 0.0).unwrap();
        assert_eq!((quantiles.min(), quantiles.max()), (0.0, 30.0));
        assert!((quantiles.at(0.25) - 5.0).abs() < 1e-9 && (quantiles.at(0.75) - 20.0).abs() < 1e-9);
    }

    #[test]
    fn common_values_are_steps_between_the_bounds() {
        let quantiles = Quantiles::new(&[(5.0, 0.5)], &[(0.5, vec![0.0, 10.0])], 0.0).unwrap();
        assert_eq!(quantiles.at(0.4), 5.0);
        assert!((quantiles.at(0.125) - 2.5).abs() < 1e-9);
        assert_eq!(Quantiles::new(&[], &[], 0.0), None);
        assert_eq!(Quantiles::new(&[(f64::NAN, 1.0)], &[], 0.0), None);
    }

    #[test]
    fn whole_numbers_are_spread_over_their_width() {
        let dice: Vec<(f64, f64)> = (1..=6).map(|eyes| (f64::from(eyes), 1.0 / 6.0)).collect();
        let quantiles = Quantiles::new(&dice, &[], 1.0).unwrap();
        assert!(quantiles.distance(|x| ((x - 0.5) / 6.0).clamp(0.0, 1.0)) < 1e-6);
        assert!((quantiles.mean() - 3.5).abs() < 1e-3);
    }

    proptest! {
        #[test]
        fn any_statistics_make_a_rising_function(
            common in prop::collection::vec((-1e6..1e6, 0.0..1.0), 0..20),
            mut bounds in prop::collection::vec(-1e6..1e6, 0..50),
            step in prop::sample::select(vec![0.0, 1.0]),
        ) {
            bounds.sort_by(f64::total_cmp);
            if let Some(quantiles) = Quantiles::new(&common, &[(0.5, bounds)], step) {
                let values: Vec<f64> = (0..=100).map(|i| quantiles.at(f64::from(i) / 100.0)).collect();
                prop_assert!(values.is_sorted() && values.iter().all(|value| value.is_finite()));
                prop_assert!(values[0] >= quantiles.min() && values[100] <= quantiles.max());
            }
        }
    }
}
