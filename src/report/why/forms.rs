//! All that the report could print of a value.

use super::numeral::numerals;
use crate::units;

/// What a number is, as far as its key and its origin tell; it decides how it may be printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Milliseconds,
    Seconds,
    Bytes,
    /// Whole: rows, calls, places.
    Count,
    /// 0 to 1.
    Share,
    /// One number by another.
    Ratio,
    Other,
}

impl Kind {
    /// Of a number under that key.
    pub fn of(key: &str, value: f64, whole: bool) -> Kind {
        match key.rsplit('_').next().unwrap_or(key) {
            "ms" => Kind::Milliseconds,
            "seconds" => Kind::Seconds,
            "bytes" => Kind::Bytes,
            "ratio" | "low" | "high" => Kind::Ratio,
            _ if whole => Kind::Count,
            _ if (0.0..=1.0).contains(&value) => Kind::Share,
            _ => Kind::Other,
        }
    }
}

/// A printed number without what it belongs to: core, unit, and what it is printed as.
pub type Form = (String, String, &'static str);

/// Every text that [`units`] makes of such a number, read back as the page is read.
pub fn forms(value: f64, kind: Kind) -> Vec<Form> {
    let mut forms: Vec<Form> = Vec::new();
    // "under 1 ms" says no number of its own.
    for (text, name) in texts(value, kind).into_iter().filter(|(text, _)| !text.starts_with("under")) {
        for numeral in numerals(&text) {
            let unit = if numeral.unit == "ms" { String::new() } else { numeral.unit };
            if !forms.iter().any(|(core, other, _)| *core == numeral.core && *other == unit) {
                forms.push((numeral.core, unit, name));
            }
        }
    }
    forms
}

fn texts(value: f64, kind: Kind) -> Vec<(String, &'static str)> {
    let mut texts = Vec::new();
    if kind == Kind::Ratio {
        texts.push((units::times(value), "factor"));
        texts.push((units::percent(value), "percentage"));
        if value > 0.0 {
            texts.push((units::times(1.0 / value), "factor, the other way round"));
        }
        return texts;
    }
    if kind == Kind::Count && value >= 0.0 {
        texts.push((units::count(value as u64), "count"));
    }
    texts.push((units::figure(value), "figure"));
    match kind {
        Kind::Milliseconds => texts.push((units::seconds(value / 1000.0), "seconds")),
        Kind::Seconds => texts.push((units::seconds(value), "seconds")),
        Kind::Share => texts.push((units::percent(value), "percentage")),
        Kind::Bytes if (0.0..9e15).contains(&value) => texts.push((units::bytes(value.round() as u64), "bytes")),
        _ => {}
    }
    if matches!(kind, Kind::Count | Kind::Other | Kind::Share | Kind::Bytes) {
        texts.push((units::amount(value), "average"));
        texts.push((units::short_amount(value), "short figure"));
    }
    if value.fract() == 0.0 && (0.0..9e15).contains(&value) {
        let whole = value as u64;
        texts.push((units::count(whole), "count"));
        if kind == Kind::Count && (2..=12).contains(&whole) {
            texts.push((units::in_words(whole as usize), "count in words"));
            texts.push((units::ordinal(whole as usize), "place in words"));
        }
    }
    if (value * 1000.0).fract() == 0.0 {
        texts.push((units::limit(value), "limit"));
    }
    texts.extend((0..=3).map(|places| (units::decimal(value, places), "rounded")));
    if value.abs() < 1e15 {
        texts.push((format!("{value}"), "as it is"));
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(value: f64, kind: Kind) -> Vec<(String, String)> {
        forms(value, kind).into_iter().map(|(core, unit, _)| (core, unit)).collect()
    }

    #[test]
    fn a_value_is_found_by_what_the_report_prints_of_it() {
        let found = |value, kind, core: &str, unit: &str| printed(value, kind).contains(&(core.to_owned(), unit.to_owned()));
        assert!(found(50_667_520.0, Kind::Bytes, "48.3", "MB"));
        assert!(found(1792.2, Kind::Milliseconds, "1.8", "s") && found(0.344, Kind::Milliseconds, "0.34", ""));
        assert!(found(0.647, Kind::Ratio, "1.5", "×") && found(0.992, Kind::Share, "99", "%"));
        assert!(found(5.0, Kind::Count, "five", "") && found(3.0, Kind::Count, "third", ""));
        assert!(found(185.2, Kind::Seconds, "3", "min") && found(185.2, Kind::Seconds, "5", "s"));
        assert!(!found(1.8, Kind::Ratio, "1.8", "s") && !found(4.2, Kind::Other, "four", ""));
    }
}
