//! Numbers in a text: `1,292,816`, `48.3 MB`, `<0.001`, `260×`, `99%`, `nine`, `third`, `21st`.

/// A number as it is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numeral {
    /// Bytes of the text.
    pub start: usize,
    pub end: usize,
    /// Without its unit: `48.3`, `<0.001`, `nine`.
    pub core: String,
    /// `MB`, `%`, `×`, `ms`; empty where none follows.
    pub unit: String,
}

impl Numeral {
    /// With its unit, as the page has it.
    pub fn shown(&self) -> String {
        match self.unit.as_str() {
            "" => self.core.clone(),
            unit @ ("%" | "×" | "k" | "M" | "G" | "T" | "st" | "nd" | "rd" | "th") => format!("{}{unit}", self.core),
            unit => format!("{} {unit}", self.core),
        }
    }
}

/// Numbers up to twelve as words; `one` and `no` are more often no numbers than numbers.
const WORDS: [&str; 11] = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
const ORDINALS: [&str; 11] =
    ["second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"];
/// Units behind a blank.
const SPACED: [&str; 9] = ["ms", "s", "min", "bytes", "byte", "kB", "MB", "GB", "TB"];
/// Units without one.
const GLUED: [&str; 10] = ["%", "×", "k", "M", "G", "T", "st", "nd", "rd", "th"];

/// All of them, in order. What is part of a name (`p95`, `$1`, `a1b2`) is none.
pub fn numerals(text: &str) -> Vec<Numeral> {
    let mut found: Vec<Numeral> = Vec::new();
    let mut at = 0;
    while let Some(letter) = text[at..].chars().next() {
        let word_start = !text[..at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '\u{ad}'));
        let (end, numeral) = match letter {
            '0'..='9' if word_start => digits(text, at),
            c if c.is_alphanumeric() || c == '_' => word(text, at),
            c => (at + c.len_utf8(), None),
        };
        found.extend(numeral);
        at = end;
    }
    inherit(text, &mut found);
    found
}

/// The number that starts at `at`, and where to go on.
fn digits(text: &str, at: usize) -> (usize, Option<Numeral>) {
    let bytes = text.as_bytes();
    let is_digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    let mut end = at;
    while is_digit(end) || (matches!(bytes.get(end), Some(b',' | b'.')) && is_digit(end + 1)) {
        end += 1;
    }
    let (start, sign) = signed(text, at);
    let core = format!("{sign}{}", &text[at..end]);
    let rest = &text[end..];
    let glued: String = rest.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '%' | '×' | '_')).collect();
    if glued.is_empty() {
        let unit =
            rest.strip_prefix([' ', '\u{a0}']).map(|rest| rest.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default());
        let unit = unit.filter(|unit| SPACED.contains(unit)).unwrap_or_default();
        let end =
            if unit.is_empty() { end } else { end + rest.len() - rest.trim_start_matches([' ', '\u{a0}']).len() + unit.len() };
        return (end, Some(Numeral { start, end, core, unit: unit.to_owned() }));
    }
    let after = end + glued.len();
    if glued.chars().count() > 3 && !glued.starts_with(['%', '×']) {
        return (after, None);
    }
    let unit = GLUED.iter().find(|unit| glued == **unit).copied().unwrap_or_default();
    (after, Some(Numeral { start, end: after, core, unit: unit.to_owned() }))
}

/// What stands before the digits and belongs to them: `<`, `>`, a sign.
fn signed(text: &str, at: usize) -> (usize, &'static str) {
    let before = &text[..at];
    for (written, sign) in [("&lt;", "<"), ("&gt;", ">"), ("<", "<"), (">", ">")] {
        if before.ends_with(written) {
            return (at - written.len(), sign);
        }
    }
    let alone = before.strip_suffix('-').filter(|rest| rest.is_empty() || rest.ends_with([' ', '|', '(']));
    if alone.is_some() { (at - 1, "-") } else { (at, "") }
}

/// The word that starts at `at`.
fn word(text: &str, at: usize) -> (usize, Option<Numeral>) {
    let len = text[at..].find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len() - at);
    let (end, lower) = (at + len, text[at..at + len].to_lowercase());
    let is_number = WORDS.contains(&lower.as_str())
        || (ORDINALS.contains(&lower.as_str()) && !text[..at].ends_with("per ") && !text[..at].ends_with("by "));
    (end, is_number.then_some(Numeral { start: at, end, core: lower, unit: String::new() }))
}

/// `1.5–1.6×`: the unit is said once, behind the second.
fn inherit(text: &str, found: &mut [Numeral]) {
    for place in (1..found.len()).rev() {
        let between = text.get(found[place - 1].end..found[place].start).unwrap_or_default();
        if matches!(between, "–" | "-" | " → " | " to ") && found[place - 1].unit.is_empty() {
            found[place - 1].unit = found[place].unit.clone();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_text_has_numbers_or_none(text in "[0-9a-zµ×%.,<>&;|→–() \u{ad}-]{0,40}") {
            for found in numerals(&text) {
                prop_assert!(text.get(found.start..found.end).is_some() && !found.shown().is_empty());
            }
        }
    }

    fn read(text: &str) -> Vec<String> {
        numerals(text).iter().map(Numeral::shown).collect()
    }

    #[test]
    fn numbers_have_their_units() {
        assert_eq!(read("eight indexes (48.3 MB, built in 1.8 s)"), ["eight", "48.3 MB", "1.8 s"]);
        assert_eq!(
            read("12× faster (95% interval 5.0–7.5×), 44.3 → 0.17 ms"),
            ["12×", "95%", "5.0×", "7.5×", "44.3 ms", "0.17 ms"]
        );
        assert_eq!(read("| 1,292,816 | <0.1% | &lt; 20: met | ~77,803 |"), ["1,292,816", "<0.1%", "20", "77,803"]);
        assert_eq!(read("the third of 3 min 5 s, 1.29M rows per second"), ["third", "3 min", "5 s", "1.29M"]);
    }

    #[test]
    fn names_are_no_numbers() {
        assert_eq!(read("p95 of $1, a1, 0001fb0fbaccdd40, x_2, utf8"), Vec::<String>::new());
        assert_eq!(read("template {hex:25}, 365d, 15.18"), ["25", "365", "15.18"]);
    }
}
