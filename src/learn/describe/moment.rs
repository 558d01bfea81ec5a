//! Columns of moments: how far they reach back from the scenario's newest, how they grow, and whether later rows are later.

use std::str::FromStr;

use crate::learn::facts::ColumnFacts;
use crate::learn::fit::{Quantiles, moments};
use crate::learn::round::significant;
use crate::learn::yaml::Yaml;
use crate::seed::types::Kind;

use super::{Described, Site};

const HOUR_US: f64 = 3_600e6;
const DAY_US: f64 = 24.0 * HOUR_US;
const WEEK_US: f64 = 7.0 * DAY_US;

/// From the oldest to the newest moment of a column, in microseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    pub start_us: f64,
    pub end_us: f64,
}

/// The span of a column of moments. `None` for other types, and without values.
pub fn span(kind: Kind, facts: &ColumnFacts) -> Option<Span> {
    if !matches!(kind, Kind::Date | Kind::Timestamp | Kind::Timestamptz) {
        return None;
    }
    let quantiles = quantiles(facts, parsed)?;
    Some(Span { start_us: quantiles.min(), end_us: quantiles.max() })
}

pub fn described(site: &Site) -> Option<Described> {
    spread(site, &quantiles(site.facts, parsed)?, parsed)
}

/// Milliseconds since 1970 in a whole number.
pub fn epoch(site: &Site) -> Option<Described> {
    let quantiles = quantiles(site.facts, milliseconds)?;
    // 2000 to 2100: other numbers are no such moments.
    let plausible = quantiles.min() > 946_684_800e6 && quantiles.max() < 4_102_444_800e6;
    plausible.then(|| spread(site, &quantiles, milliseconds)).flatten()
}

fn quantiles(facts: &ColumnFacts, read: fn(&str) -> Option<f64>) -> Option<Quantiles> {
    let common: Vec<(f64, f64)> = facts.common.iter().filter_map(|(value, share)| Some((read(value)?, *share))).collect();
    let moments = |bounds: &Vec<String>| bounds.iter().filter_map(|bound| read(bound)).collect();
    let histograms: Vec<(f64, Vec<f64>)> = facts.histograms.iter().map(|(share, bounds)| (*share, moments(bounds))).collect();
    Quantiles::new(&common, &histograms, 0.0)
}

/// `2025-01-31`, `2025-01-31 12:00:00.123+00`; infinities and years before Christ are none.
fn parsed(text: &str) -> Option<f64> {
    let text = text.strip_suffix("+00").unwrap_or(text);
    let moment = if text.len() <= 10 {
        jiff::civil::Date::from_str(text).ok()?.at(0, 0, 0, 0)
    } else {
        jiff::civil::DateTime::from_str(text).ok()?
    };
    Some(moment.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_microsecond() as f64)
}

fn milliseconds(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().map(|ms| ms * 1000.0)
}

/// Newest moments that lie this share of their span before `until` do not reach up to it.
const STALE: f64 = 0.1;
/// Densities at the end and at the start that differ by less than a fifth show no growth.
const NO_GROWTH: f64 = 0.2;

fn spread(site: &Site, quantiles: &Quantiles, read: fn(&str) -> Option<f64>) -> Option<Described> {
    let until = site.setting.until_us as f64;
    let (start, end) = (quantiles.min(), quantiles.max());
    let reach = (until - start).max(HOUR_US);
    let last = if site.setting.values { exact(reach) } else { coarse(reach) };
    let mut inner = Yaml::map([("last", Yaml::word(last))]);
    let growth = moments::growth(quantiles);
    let per_week = libm::expm1(growth / ((end - start).max(HOUR_US) / WEEK_US));
    // Beyond what a scenario takes, and over a few days, a growth per week says nothing.
    if growth.abs() > NO_GROWTH && (-0.9..=5.0).contains(&per_week) && end - start > WEEK_US {
        inner = inner.with("growth", Yaml::word(format!("{}%/week", significant(per_week * 100.0, 3))));
    }
    if site.of.kind != Kind::Date && end - start > 3.0 * DAY_US {
        let hours: Vec<f64> = site.facts.sample().filter_map(read).map(|us| us.rem_euclid(DAY_US) / HOUR_US).collect();
        // Whole days have no hours.
        let some = hours.iter().filter(|hour| **hour != 0.0).count() * 2 > hours.len();
        if let Some(peak) = moments::peak(&hours).filter(|_| some) {
            inner = inner.with("peak", Yaml::word(format!("{}h-{}h", peak.start(), peak.end())));
        }
    }
    let rising = site.facts.correlation > 0.9;
    let mut why = Vec::new();
    match (rising, site.setting.rows_come) {
        (true, false) => inner = inner.with("order", Yaml::word("rising")),
        // The order of a handful of rows says nothing.
        (false, true) if site.facts.correlation < 0.5 && site.facts.rows >= 20.0 => {
            inner = inner.with("order", Yaml::word("random"))
        }
        _ => {}
    }
    if rising {
        why.push("later rows are later".to_owned());
    }
    if until - end > STALE * (end - start).max(DAY_US) {
        why.push("ends before `until`, which a span cannot say".to_owned());
    } else if end - until > STALE * (end - start).max(DAY_US) {
        why.push("goes on after `until`, which a span cannot say".to_owned());
    }
    Some(Described::new(Yaml::map([("time", inner)]), why.join("; ")))
}

/// Days (hours for what is shorter than three) with enough digits for the bound itself.
fn exact(reach: f64) -> String {
    if reach < 3.0 * DAY_US {
        format!("{}h", significant(reach / HOUR_US, 6))
    } else {
        format!("{}d", significant(reach / DAY_US, 8))
    }
}

/// Rounded up to a step of 1, 2 or 5 of a power of ten that is at most a tenth.
fn coarse(reach: f64) -> String {
    let (unit, name) = if reach < 3.0 * DAY_US { (HOUR_US, "h") } else { (DAY_US, "d") };
    let amount = reach / unit;
    let step = crate::learn::round::step(amount, true);
    format!("{}{name}", significant((amount / step).ceil() * step, 15))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_the_server_prints_them() {
        assert_eq!(parsed("1970-01-02"), Some(DAY_US));
        assert_eq!(parsed("1970-01-01 01:00:00.5+00"), Some(HOUR_US + 5e5));
        assert_eq!(parsed("1970-01-01 01:00:00"), Some(HOUR_US));
        assert_eq!((parsed("infinity"), parsed("0044-03-15 BC")), (None, None));
    }

    #[test]
    fn spans_are_rounded_up() {
        assert_eq!(coarse(364.3 * DAY_US), "380d");
        assert_eq!(coarse(5.2 * HOUR_US), "6h");
        assert_eq!(exact(364.3 * DAY_US), "364.3d");
    }
}
