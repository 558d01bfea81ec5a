//! Figures in sentences.

use crate::units;

/// `3 → 919,039 rows read`; bytes with their unit.
pub(super) fn change(metric: &str, before: f64, after: f64) -> String {
    let shown = |figure: f64| match metric {
        "wal_bytes" | "temp_bytes" => units::bytes(figure.max(0.0).round() as u64),
        _ => per_call(figure),
    };
    format!("{} → {} {}", shown(before), shown(after), noun(metric))
}

/// An average over calls: without places where every call has the same.
pub(super) fn per_call(figure: f64) -> String {
    if figure.fract() == 0.0 && figure >= 0.0 { units::count(figure as u64) } else { units::figure(figure) }
}

fn noun(metric: &str) -> &str {
    match metric {
        "statements_per_call" => "statements",
        "round_trips_per_call" => "round trips",
        "rows_read" => "rows read",
        "wal_bytes" => "of WAL",
        "temp_bytes" => "of temporary files",
        other => other,
    }
}

/// ` (260×)` where a growth of that size says more than the figures; nothing from 0.
pub(super) fn factor(before: f64, after: f64) -> String {
    if before > 0.0 && after / before >= 1.05 { format!(" ({})", units::times(after / before)) } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_their_units() {
        assert_eq!(change("rows_read", 3.0, 919_039.0), "3 → 919,039 rows read");
        assert_eq!(change("wal_bytes", 300.0, 20_480.0), "300 bytes → 20 kB of WAL");
        assert_eq!(factor(2.0, 4.0), " (2.0×)");
        assert_eq!(factor(0.0, 4.0), "");
    }
}
