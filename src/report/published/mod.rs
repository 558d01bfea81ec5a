//! Published figures beside those of the run: which of ours is the counterpart of each, and what the numbers say together.
//!
//! Nothing here knows a write-up; what is said of one follows from its figures and ours alone.

mod loads;
mod parts;
mod remarks;
mod rows;
mod times;

pub use loads::{LoadBeside, loads};
pub use remarks::remarks;
pub use rows::{RowsBeside, rows};
pub use times::{TimeBeside, by_plans, times};

use crate::units;

/// A figure as it was published, all its digits kept: `65.261`, `25,890.4`, `2809`.
fn exact(figure: f64) -> String {
    let text = figure.to_string();
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), None), |(whole, fraction)| (whole, Some(fraction)));
    let whole = whole.parse::<u64>().map_or_else(|_| whole.to_owned(), units::count);
    fraction.map_or_else(|| whole.clone(), |fraction| format!("{whole}.{fraction}"))
}

/// Times as fast, where both are known and above nothing.
fn gain(before: Option<f64>, after: Option<f64>) -> Option<f64> {
    let positive = |figure: Option<f64>| figure.filter(|figure| figure.is_finite() && *figure > 0.0);
    Some(positive(before)? / positive(after)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_figures_keep_their_digits() {
        let shown = [65.261, 25_890.4, 2_809.0, 0.65, 102.8].map(exact);
        assert_eq!(shown, ["65.261", "25,890.4", "2,809", "0.65", "102.8"]);
    }

    #[test]
    fn a_gain_needs_both_ends() {
        assert_eq!(gain(Some(10.0), Some(2.0)), Some(5.0));
        assert_eq!((gain(None, Some(2.0)), gain(Some(10.0), Some(0.0)), gain(Some(10.0), None)), (None, None, None));
    }
}
