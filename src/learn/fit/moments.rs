//! How moments lie in their span: denser towards its end when a service grows, and in the hours when people use it.

use std::ops::RangeInclusive;

use super::{Quantiles, least};

/// Logarithm of the density at the end of the span over that at its start, when the density grows by the same factor in each week.
/// Below 0 for what gets rarer.
pub fn growth(quantiles: &Quantiles) -> f64 {
    let (start, end) = (quantiles.min(), quantiles.max());
    if end <= start {
        return 0.0;
    }
    let inner: Vec<(f64, f64)> = quantiles.inner().map(|(share, x)| (share, (x - start) / (end - start))).collect();
    let cost = |growth: f64| inner.iter().map(|(share, x)| (share_below(growth, *x) - share).powi(2)).sum::<f64>();
    least(-12.0, 12.0, cost).0
}

/// Share of the rows in the first part `x` (0 to 1) of the span.
fn share_below(growth: f64, x: f64) -> f64 {
    if growth.abs() < 1e-6 { x } else { libm::expm1(growth * x) / libm::expm1(growth) }
}

/// How much busier an hour of the peak is; what a scenario's `peak:` means.
const PEAK: f64 = 3.0;

/// Hours of the day that are three times as busy as the others, the end left out; `None` when no span of hours shows it clearly.
///
/// `hours` are a fair sample of moments, as hours of the day from 0 to 24.
pub fn peak(hours: &[f64]) -> Option<RangeInclusive<u8>> {
    // Fewer say nothing: 60 hours at random leave no span with so clear a likelihood.
    if hours.len() < 60 {
        return None;
    }
    let mut best: Option<(f64, RangeInclusive<u8>)> = None;
    for from in 0..22_u8 {
        for to in from + 2..=(from + 10).min(23) {
            let inside = hours.iter().filter(|hour| (f64::from(from)..f64::from(to)).contains(hour)).count() as f64;
            let width = f64::from(to - from);
            let each = 24.0 / (24.0 + (PEAK - 1.0) * width);
            // Logarithm of how much likelier the sample is than without a peak.
            let likelier = hours.len() as f64 * libm::log(each) + inside * libm::log(PEAK);
            if best.as_ref().is_none_or(|(most, _)| likelier > *most) {
                best = Some((likelier, from..=to));
            }
        }
    }
    // About 150 spans are tried; e^9 is 50 times as many.
    best.filter(|(likelier, _)| *likelier > 9.0).map(|(_, hours)| hours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_found_again() {
        for wanted in [-3.0, 0.0, 0.5, 4.0] {
            let quantile = |p: f64| if wanted == 0.0 { p } else { (p * f64::exp_m1(wanted)).ln_1p() / wanted };
            let bounds = (0..=100).map(|i| 1e15 + 3e13 * quantile(f64::from(i) / 100.0)).collect();
            let found = growth(&Quantiles::new(&[], &[(1.0, bounds)], 0.0).unwrap());
            assert!((found - wanted).abs() < 0.05, "{wanted}: {found}");
        }
    }

    #[test]
    fn a_peak_is_seen_and_none_is_made_up() {
        let even: Vec<f64> = (0..100).map(|i| f64::from(i) * 0.24).collect();
        assert_eq!(peak(&even), None);
        // 18h to 23h three times as busy: 15 of 34 parts.
        let busy = |i: u32| {
            let part = f64::from(i) * 0.34;
            if part < 18.0 {
                part
            } else if part < 33.0 {
                18.0 + (part - 18.0) / 3.0
            } else {
                part - 10.0
            }
        };
        let peak = peak(&(0..100).map(busy).collect::<Vec<_>>()).unwrap();
        assert!(peak.start().abs_diff(18) <= 1 && peak.end().abs_diff(23) <= 1, "{peak:?}");
    }
}
