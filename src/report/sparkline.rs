//! A histogram in one word: `█▅▃▁`.

use super::model::FanoutBucket;

/// From few to many.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// The same for screens that know only ASCII.
const ASCII_BARS: [char; 8] = ['_', '.', ':', '-', '=', '+', '*', '#'];

/// One character per bucket, as high as its share of the fullest; a blank for an empty one.
pub fn sparkline(histogram: &[FanoutBucket], ascii: bool) -> String {
    let most = histogram.iter().map(|bucket| bucket.parents).max().unwrap_or(0);
    let bars = if ascii { ASCII_BARS } else { BARS };
    let bar = |bucket: &FanoutBucket| match bucket.parents {
        0 => ' ',
        parents => bars[((parents as f64 / most as f64 * 8.0).ceil() as usize).clamp(1, 8) - 1],
    };
    histogram.iter().map(bar).collect()
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
