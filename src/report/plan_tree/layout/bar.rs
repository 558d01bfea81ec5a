//! A share as a bar of letters.

/// Eighths of a letter.
const EIGHTHS: [char; 8] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];

/// The bar of a share (0 to 1) on `width` letters, padded to that width; what is above half of the smallest step is never gone.
pub(super) fn bar(share: f64, width: usize, ascii: bool) -> String {
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    let drawn: String = if ascii {
        "#".repeat((share * width as f64).round() as usize)
    } else {
        let eighths = (share * width as f64 * 8.0).round() as usize;
        let rest = (eighths % 8).checked_sub(1).map(|i| EIGHTHS[i]);
        std::iter::repeat_n('█', eighths / 8).chain(rest).collect()
    };
    format!("{drawn:<width$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_fill_their_width() {
        assert_eq!(
            [0.0, 0.02, 0.5, 0.99, 1.0, 7.0, f64::NAN].map(|share| bar(share, 4, false)),
            ["    ", "▏   ", "██  ", "████", "████", "████", "    "]
        );
        assert_eq!([0.1, 0.5, 1.0].map(|share| bar(share, 4, true)), ["    ", "##  ", "####"]);
    }
}
