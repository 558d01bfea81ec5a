//! Where numbers become text: the terminal and the report both speak through here, so that one figure reads the same everywhere.
//!
//! Every function takes any number (also zero, negative, infinite or not a number) and returns something that can be printed. Bytes
//! are counted as PostgreSQL's `pg_size_pretty` counts them (1 kB is 1,024 bytes), so that `\di+` shows what the report says.

/// A whole number with thousands separators: `1,292,269`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A measured quantity at the precision that a reader can use: `25,890`, `104.7`, `2.6`, `0.17`, `0.009`, `<0.001`.
pub fn figure(x: f64) -> String {
    if !x.is_finite() {
        return "unknown".to_owned();
    }
    if x < 0.0 {
        return format!("-{}", figure(-x));
    }
    match x {
        0.0 => "0".to_owned(),
        x if x < 0.0005 => "<0.001".to_owned(),
        x if x < 0.0995 => format!("{x:.3}"),
        x if x < 0.995 => format!("{x:.2}"),
        x if x < 999.95 => format!("{x:.1}"),
        x => whole(x),
    }
}

/// Milliseconds: `104.7 ms`.
pub fn ms(x: f64) -> String {
    format!("{} ms", figure(x))
}

/// A limit as its author gave it, without decimals that nobody wrote: `20`, `0.5`.
pub fn limit(x: f64) -> String {
    let text = figure(x);
    if text.contains('.') && !text.starts_with('<') { trimmed(text) } else { text }
}

/// A limit in milliseconds: `20 ms`.
pub fn limit_ms(x: f64) -> String {
    format!("{} ms", limit(x))
}

/// From one to the other, the unit said once: `44.3 → 0.17 ms`.
pub fn ms_change(before: f64, after: f64) -> String {
    format!("{} → {}", figure(before), ms(after))
}

/// A span of seconds: `1 ms`, `0.25 s`, `1.2 s`, `110 s`, `3 min 5 s`.
pub fn seconds(s: f64) -> String {
    match s {
        s if !s.is_finite() => "unknown".to_owned(),
        s if s < 0.0 => format!("-{}", seconds(-s)),
        0.0 => "0 s".to_owned(),
        s if s < 0.00095 => "under 1 ms".to_owned(),
        s if s < 0.0095 => format!("{:.0} ms", s * 1000.0),
        s if s < 0.995 => format!("{s:.2} s"),
        s if s < 99.95 => format!("{s:.1} s"),
        s if s < 119.5 => format!("{s:.0} s"),
        s => {
            let whole_seconds = s.round();
            format!("{} min {:.0} s", whole((whole_seconds / 60.0).floor()), whole_seconds % 60.0)
        }
    }
}

/// A size in PostgreSQL's units: `512 bytes`, `88 kB`, `52.8 MB`, `1.2 GB`.
pub fn bytes(n: u64) -> String {
    const KILO: f64 = 1024.0;
    let exact = n as f64;
    if exact < KILO {
        return counted(n, "byte", "bytes");
    }
    // The next unit takes over where this one would round up to 1,024.
    let (mut size, mut unit) = (exact / KILO, "kB");
    for larger in ["MB", "GB", "TB", "PB"] {
        if size < 1023.5 {
            break;
        }
        (size, unit) = (size / KILO, larger);
    }
    if unit == "kB" || size >= 99.95 { format!("{} {unit}", whole(size)) } else { format!("{size:.1} {unit}") }
}

/// A share between 0 and 1 as a percentage: `99%`, `99.6%`, `0.4%`, `<0.1%`. It says 0% and 100% only of nothing and of all.
pub fn percent(share: f64) -> String {
    let p = share * 100.0;
    match p {
        p if !p.is_finite() => "unknown".to_owned(),
        p if p < 0.0 => format!("-{}", percent(-share)),
        0.0 => "0%".to_owned(),
        p if p < 0.05 => "<0.1%".to_owned(),
        p if p < 0.95 => format!("{p:.1}%"),
        p if (99.5..99.95).contains(&p) => format!("{p:.1}%"),
        p if (99.95..100.0).contains(&p) => ">99.9%".to_owned(),
        p => format!("{}%", whole(p)),
    }
}

/// How many times: `260×`, `14×`, `1.4×`, `1.04×`.
pub fn times(ratio: f64) -> String {
    match ratio {
        r if !r.is_finite() => "unknown".to_owned(),
        r if r < 0.0 => format!("-{}", times(-r)),
        r if r < 1.095 => format!("{r:.2}×"),
        r if r < 9.95 => format!("{r:.1}×"),
        r => format!("{}×", whole(r)),
    }
}

/// An average of things that are counted: `12`, `67.6`, `0.3`, `919,039`.
pub fn amount(x: f64) -> String {
    match x {
        x if !x.is_finite() => "unknown".to_owned(),
        x if x < 0.0 => format!("-{}", amount(-x)),
        0.0 => "0".to_owned(),
        x if x < 0.005 => "<0.01".to_owned(),
        x if x < 0.995 => trimmed(format!("{x:.2}")),
        x if x < 99.95 => trimmed(format!("{x:.1}")),
        x => whole(x),
    }
}

/// An average of things that are counted, in at most six characters up to 10^15: `12`, `67.6`, `85.5k`, `919k`, `1.29M`, `12.9G`.
pub fn short_amount(x: f64) -> String {
    if !x.is_finite() || x.abs() < 9_999.5 {
        return amount(x);
    }
    // The next unit takes over where this one would round up to 1,000.
    let (mut size, mut unit) = (x / 1e3, "k");
    for larger in ["M", "G", "T"] {
        if size.abs() < 999.5 {
            break;
        }
        (size, unit) = (size / 1e3, larger);
    }
    let digits = match size.abs() {
        n if n < 9.995 => format!("{size:.2}"),
        n if n < 99.95 => format!("{size:.1}"),
        _ => whole(size.max(0.0)),
    };
    format!("{}{unit}", if digits.contains('.') { trimmed(digits) } else { digits })
}

/// With as many decimals as its neighbours in a column: `25,890`, `44.30`, `0.050`.
pub fn decimal(x: f64, places: usize) -> String {
    if !x.is_finite() || x.abs() >= 1e15 {
        return figure(x);
    }
    let text = format!("{:.places$}", x.abs());
    let (digits, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let sign = if x < 0.0 { "-" } else { "" };
    let point = if places > 0 { "." } else { "" };
    format!("{sign}{}{point}{fraction}", count(digits.parse().unwrap_or(0)))
}

/// The number and its noun: `1 index`, `1,204 rows`.
pub fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// The number and its noun, small numbers in words: `one index`, `nine indexes`, `17 endpoints`.
pub fn counted_in_words(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", in_words(n), if n == 1 { one } else { many })
}

/// Up to twelve a word, then figures: `nine`, `17`.
pub fn in_words(n: usize) -> String {
    const WORDS: [&str; 13] =
        ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    WORDS.get(n).map_or_else(|| count(n as u64), |word| (*word).to_owned())
}

/// Place in a row, counted from one: `first`, `sixth`, `21st`.
pub fn ordinal(n: usize) -> String {
    const WORDS: [&str; 12] =
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"];
    if let Some(word) = n.checked_sub(1).and_then(|i| WORDS.get(i)) {
        return (*word).to_owned();
    }
    let ending = match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{}{ending}", count(n as u64))
}

/// A list as English writes it: `a`, `a and b`, `a, b and c`.
pub fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

/// On one line and without control characters, which could speak to a terminal.
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The sentence with its first letter in upper case.
pub fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Rounded to a whole number; past 10^15, where digits stop meaning anything, in powers of ten.
fn whole(x: f64) -> String {
    if x < 1e15 { count(x.round() as u64) } else { format!("{x:.1e}") }
}

/// Without the zeros that a fixed number of decimals leaves behind.
fn trimmed(text: String) -> String {
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn milliseconds_keep_the_digits_that_matter() {
        let written = [25890.4, 999.96, 104.72, 2.64, 0.996, 0.173, 0.0996, 0.009, 0.0004, 0.0].map(ms);
        let read = ["25,890", "1,000", "104.7", "2.6", "1.0", "0.17", "0.10", "0.009", "<0.001", "0"].map(|x| format!("{x} ms"));
        assert_eq!(written, read);
        assert_eq!([20.0, 0.5, 1500.0, 12.5].map(limit_ms), ["20 ms", "0.5 ms", "1,500 ms", "12.5 ms"]);
        assert_eq!(ms_change(44.31, 0.168), "44.3 → 0.17 ms");
    }

    #[test]
    fn counts_have_separators() {
        assert_eq!([0, 7, 999, 1000, 85_515, 1_292_269].map(count), ["0", "7", "999", "1,000", "85,515", "1,292,269"]);
        assert_eq!(counted(1, "index", "indexes"), "1 index");
        assert_eq!(counted_in_words(9, "index", "indexes"), "nine indexes");
        assert_eq!(counted_in_words(17, "index", "indexes"), "17 indexes");
    }

    #[test]
    fn columns_have_one_precision_and_narrow_ones_few_digits() {
        assert_eq!([25_890.4, 44.3, 0.05].map(|x| decimal(x, 2)), ["25,890.40", "44.30", "0.05"]);
        assert_eq!([25_890.4, -1234.6].map(|x| decimal(x, 0)), ["25,890", "-1,235"]);
        assert_eq!(
            [0.3, 7.0, 9_999.0, 9_999.9, 85_515.0, 919_039.0, 999_600.0, 1_292_269.0, 12.94e9].map(short_amount),
            ["0.3", "7", "9,999", "10k", "85.5k", "919k", "1M", "1.29M", "12.9G"]
        );
    }

    #[test]
    fn sizes_are_postgresqls() {
        assert_eq!([1, 512, 90_112, 55_364_813, 1_073_741_823].map(bytes), ["1 byte", "512 bytes", "88 kB", "52.8 MB", "1.0 GB"]);
    }

    #[test]
    fn spans_of_time_change_their_unit() {
        let written = [0.0, 0.0002, 0.0012, 0.0099, 0.25, 0.999, 1.23, 47.41, 119.6, 185.2].map(seconds);
        assert_eq!(
            written,
            ["0 s", "under 1 ms", "1 ms", "0.01 s", "0.25 s", "1.0 s", "1.2 s", "47.4 s", "2 min 0 s", "3 min 5 s"]
        );
    }

    #[test]
    fn shares_do_not_round_to_all_or_nothing() {
        assert_eq!(
            [0.0, 0.0001, 0.004, 0.3, 0.992, 0.997, 0.9999, 1.0].map(percent),
            ["0%", "<0.1%", "0.4%", "30%", "99%", "99.7%", ">99.9%", "100%"]
        );
    }

    #[test]
    fn ratios_and_averages() {
        assert_eq!([260.4, 14.2, 9.97, 1.44, 1.04, 0.97].map(times), ["260×", "14×", "10×", "1.4×", "1.04×", "0.97×"]);
        assert_eq!([12.0, 67.63, 0.3, 919_039.2, 0.001].map(amount), ["12", "67.6", "0.3", "919,039", "<0.01"]);
    }

    #[test]
    fn words() {
        assert_eq!([1, 6, 13, 21, 111].map(ordinal), ["first", "sixth", "13th", "21st", "111th"]);
        assert_eq!(listed(&["a".into(), "b".into(), "c".into()]), "a, b and c");
        assert_eq!(capitalized("six are"), "Six are");
    }

    proptest! {
        #[test]
        fn every_number_has_a_short_text(x in proptest::num::f64::ANY, n: u64) {
            for text in [figure(x), ms(x), seconds(x), percent(x), times(x), amount(x), short_amount(x), decimal(x, 2), count(n), bytes(n)] {
                prop_assert!(!text.is_empty() && text.chars().count() < 40, "{text}");
            }
        }
    }
}
