//! A histogram in one word: `█▅▃▁`.

use super::model::FanoutBucket;

/// From few to many.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// The same for screens that know only ASCII.
const ASCII_BARS: [char; 8] = ['_', '.', ':', '-', '=', '+', '*', '#'];

/// One character per bucket, as high as its share of the fullest; a blank for an empty one.
pub fn sparkline(histogram: &[FanoutBucket], ascii: bool) -> String {
    let heights: Vec<f64> = histogram.iter().map(|bucket| bucket.parents as f64).collect();
    heights_line(&heights, ascii)
}

/// One character per height, from zero to the highest; a blank for zero and for what is no height.
pub fn heights_line(heights: &[f64], ascii: bool) -> String {
    let usable = |height: f64| height.is_finite() && height > 0.0;
    let most = heights.iter().copied().filter(|height| usable(*height)).fold(0.0, f64::max);
    let bars = if ascii { ASCII_BARS } else { BARS };
    let bar = |height: &f64| match usable(*height) {
        false => ' ',
        true => bars[((height / most * 8.0).ceil() as usize).clamp(1, 8) - 1],
    };
    heights.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_high_as_their_share_and_never_gone() {
        let buckets = [800, 400, 0, 1, 100].map(|parents| FanoutBucket { from: 1, to: 1, parents });
        assert_eq!(sparkline(&buckets, false), "█▄ ▁▁");
        assert_eq!(sparkline(&buckets, true), "#- __");
        assert_eq!(sparkline(&[], false), "");
    }
}
