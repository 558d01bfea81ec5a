//! What a cell of a table is worth when its column is sorted.

/// Spellings of units, with what one of them is of the smallest of its kind. A column holds one kind.
const UNITS: [(&str, f64); 19] = [
    ("", 1.0),
    ("%", 1.0),
    ("×", 1.0),
    ("bytes", 1.0),
    ("byte", 1.0),
    ("B", 1.0),
    ("kB", 1024.0),
    ("MB", 1024.0 * 1024.0),
    ("GB", 1024.0 * 1024.0 * 1024.0),
    ("TB", 1024.0 * 1024.0 * 1024.0 * 1024.0),
    ("ns", 1e-6),
    ("µs", 1e-3),
    ("ms", 1.0),
    ("s", 1e3),
    ("min", 6e4),
    ("h", 3.6e6),
    ("k", 1e3),
    ("M", 1e6),
    ("G", 1e9),
];

/// The keys of a column's cells, when most of what stands in it are figures; none of a column of words.
pub(super) fn keys(cells: &[&str]) -> Vec<Option<f64>> {
    let ratios = cells.iter().any(|cell| cell.contains('×'));
    let keys: Vec<Option<f64>> = cells.iter().map(|cell| key(cell).or_else(|| even(cell).filter(|_| ratios))).collect();
    let filled = cells.iter().filter(|cell| !cell.trim().is_empty()).count();
    let figures = keys.iter().flatten().count();
    if figures > 0 && figures * 2 >= filled { keys } else { vec![None; cells.len()] }
}

/// A verdict without a ratio is one of 1.
fn even(cell: &str) -> Option<f64> {
    ["within noise", "no change", "the same", "same", "as before"].iter().any(|word| cell.trim().starts_with(word)).then_some(1.0)
}

/// The figure of a cell: of a change the later one, of a range its beginning, of a slowdown the inverse.
fn key(cell: &str) -> Option<f64> {
    let last = cell.rsplit('→').next().unwrap_or_default().trim();
    let (first, mut rest) = figure(last)?;
    if let Some(range) = rest.strip_prefix('–').and_then(figure) {
        rest = range.1;
    }
    let unit: String = rest.chars().take_while(|c| c.is_alphabetic() || "%×".contains(*c)).collect();
    let size = UNITS.iter().find(|(name, _)| *name == unit)?.1;
    let mut value = first * size;
    let after = &rest[unit.len()..];
    if unit == "min" {
        value += figure(after).map_or(0.0, |(seconds, _)| seconds * 1e3);
    } else if unit.is_empty() && !after.is_empty() {
        return None;
    }
    Some(if after.contains("slower") && value > 0.0 { 1.0 / value } else { value })
}

/// The number that the text begins with, and what follows it. `<0.1` is a little less than 0.1.
fn figure(text: &str) -> Option<(f64, &str)> {
    let text = text.trim_start();
    let (bound, text) = match text.chars().next()? {
        '<' => (0.999, &text[1..]),
        '>' => (1.001, &text[1..]),
        '~' | '+' => (1.0, &text[1..]),
        '-' => (-1.0, &text[1..]),
        '−' => (-1.0, &text['−'.len_utf8()..]),
        _ => (1.0, text),
    };
    let end = text.find(|c: char| !c.is_ascii_digit() && c != ',' && c != '.').unwrap_or(text.len());
    let digits: String = text[..end].chars().filter(|c| *c != ',').collect();
    let number: f64 = digits.parse().ok()?;
    Some((number * bound, text[end..].trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn figures_are_read_with_their_units() {
        let cells = [
            "1,292,816",
            "10.1 MB",
            "~7",
            "0.44 s",
            "5.3 → 7.9",
            "1.5× faster, still over 20 ms",
            "1.2× slower",
            "3 min 5 s",
            "-2",
        ];
        let expected = [1_292_816.0, 10.1 * 1_048_576.0, 7.0, 440.0, 7.9, 1.5, 1.0 / 1.2, 185_000.0, -2.0];
        for (cell, expected) in cells.iter().zip(expected) {
            assert_eq!(key(cell), Some(expected), "{cell}");
        }
        assert!(key("<0.1%").unwrap() < key("0.1%").unwrap());
        assert_eq!(key("0.96–1.06×"), Some(0.96));
        assert_eq!(["too few", "", "< 20: met", "25.9 per playlists", "1074 apples", "."].map(key), [None; 6]);
    }

    #[test]
    fn a_column_of_words_has_no_keys() {
        assert_eq!(keys(&["2", "25.9 per playlists", "1 per lists", "words"]), [None; 4]);
        assert_eq!(keys(&["12× faster", "within noise", "", "too few"]), [Some(12.0), Some(1.0), None, None]);
    }

    proptest! {
        #[test]
        fn any_text_has_a_key_or_none(text in "\\PC{0,20}") {
            prop_assert!(key(&text).is_none_or(|key| !key.is_nan()));
        }
    }
}
