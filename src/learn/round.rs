//! Figures for people: as few digits as they need, and bounds that give no row away.

/// A number with at most this many significant digits, without an exponent.
pub fn significant(x: f64, digits: i32) -> String {
    if x == 0.0 || !x.is_finite() {
        return "0".to_owned();
    }
    let places = digits - 1 - libm::floor(libm::log10(x.abs())) as i32;
    let rounded = match places {
        0..=300 => (x * 10_f64.powi(places)).round() / 10_f64.powi(places),
        _ => (x / 10_f64.powi(-places)).round() * 10_f64.powi(-places),
    };
    // Rust writes floats in full, with as many digits as tell it from the next one.
    format!("{rounded}")
}

/// `12.3%`
pub fn percent(share: f64) -> String {
    format!("{}%", significant(share * 100.0, 3))
}

/// The shortest ratio that gives exactly this many rows again; `None` when none does.
pub fn ratio(rows: u64, parents: u64) -> Option<String> {
    if parents == 0 {
        return None;
    }
    let exact = rows as f64 / parents as f64;
    (1..=17)
        .map(|digits| significant(exact, digits))
        .find(|text| text.parse::<f64>().is_ok_and(|ratio| (ratio * parents as f64).round() == rows as f64))
}

/// The steps that bounds are rounded to: 1, 2 or 5 times a power of ten, at most a tenth of the width.
///
/// A bound of a histogram is a value of a row. Rounded outward to this grid it says how far the values reach and no more, except where whole
/// numbers span ten or less: there, no coarser grid would still describe them.
pub fn step(width: f64, whole: bool) -> f64 {
    if !(width.is_finite() && width > 0.0) {
        return if whole { 1.0 } else { 0.0 };
    }
    let power = 10_f64.powi(libm::floor(libm::log10(width / 10.0)) as i32);
    let step = [5.0, 2.0, 1.0].into_iter().map(|n| n * power).find(|step| *step <= width / 10.0).unwrap_or(power);
    if whole { step.max(1.0) } else { step }
}

/// Bounds rounded outward to the grid of their width; a single value is rounded to one digit.
pub fn outward(low: f64, high: f64, whole: bool) -> (f64, f64) {
    let width = if high > low { high - low } else { low.abs().max(1.0) };
    let step = step(width, whole);
    // Steps below 1 are no exact floats, their inverses are: 0.3 rather than 0.30000000000000004.
    let on_grid = |n: f64| if step < 1.0 { n / (1.0 / step).round() } else { n * step };
    (on_grid((low / step).floor()), on_grid((high / step).ceil()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn figures_keep_the_digits_that_count() {
        assert_eq!(significant(0.303_666, 3), "0.304");
        assert_eq!(significant(1_234_567.0, 3), "1230000");
        assert_eq!(significant(2.0, 4), "2");
        assert_eq!(percent(0.123_456), "12.3%");
        assert_eq!(significant(f64::NAN, 3), "0");
    }

    #[test]
    fn ratios_are_as_short_as_they_can_be() {
        assert_eq!(ratio(911, 3000).as_deref(), Some("0.3037"));
        assert_eq!(ratio(6000, 3000).as_deref(), Some("2"));
        assert_eq!(ratio(5, 0), None);
    }

    #[test]
    fn bounds_are_coarse() {
        assert_eq!(outward(3.0, 997.0, true), (0.0, 1000.0));
        assert_eq!(outward(18.0, 93.0, true), (15.0, 95.0));
        assert_eq!(outward(1.0, 5.0, true), (1.0, 5.0));
        assert_eq!(outward(0.31, 0.98, false), (0.3, 1.0));
        assert_eq!(outward(1234.0, 1234.0, true), (1200.0, 1300.0));
    }

    proptest! {
        #[test]
        fn a_ratio_comes_out_at_the_same_count(rows in 0_u64..10_000_000_000, parents in 1_u64..1_000_000_000) {
            let text = ratio(rows, parents).unwrap();
            let (read, ..) = crate::scenario::quantity::ratio(&format!("{text} per t")).unwrap();
            prop_assert_eq!((read * parents as f64).round() as u64, rows);
        }

        #[test]
        fn bounds_hold_what_they_were_made_of(a in -1e9..1e9, b in -1e9..1e9, whole: bool) {
            let (a, b) = if whole { (f64::round(a), f64::round(b)) } else { (a, b) };
            let (low, high) = outward(f64::min(a, b), f64::max(a, b), whole);
            prop_assert!(low <= f64::min(a, b) + 1e-6 && high >= f64::max(a, b) - 1e-6);
        }
    }
}
