//! Two runs side by side: the verdict first, then the figures, then what stands against comparing them.

use super::super::model::{Comparison, EndpointComparison, Verdict};
use super::Screen;
use super::grid::{Grid, Paint, number, text, word};
use super::sheet::{GREEN, RED, Sheet, YELLOW};
use crate::units::{self, count, counted, figure, times};

/// Most words of a reason that are repeated under the table.
const REASONS: usize = 5;

/// What `perflab compare` says.
pub fn comparison_text(comparison: &Comparison, screen: Screen) -> String {
    let mut sheet = Sheet::new(screen);
    headline(comparison, &mut sheet);
    let mut parts = vec![sheet.finish()];
    if !comparison.endpoints.is_empty() {
        parts.push(table(comparison, screen));
    }
    let mut sheet = Sheet::new(screen);
    reasons(comparison, &mut sheet);
    circumstances(comparison, &mut sheet);
    parts.push(sheet.finish());
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

fn headline(comparison: &Comparison, sheet: &mut Sheet) {
    let refusing = comparison.mismatches.iter().filter(|mismatch| mismatch.refuses).count();
    if comparison.endpoints.is_empty() && refusing > 0 {
        sheet.led(
            RED,
            "Not compared",
            ": times of other rows or other statements say nothing; --force compares them all the same.",
        );
        return;
    }
    let of = |verdict| comparison.endpoints.iter().filter(|endpoint| endpoint.verdict == verdict).count();
    let told = [
        (Verdict::Regressed, "regressed"),
        (Verdict::Improved, "improved"),
        (Verdict::WithinNoise, "within noise"),
        (Verdict::NotEnoughData, "not enough data"),
    ];
    let counts: Vec<String> = told
        .iter()
        .map(|(verdict, said)| (of(*verdict), said))
        .filter(|(n, _)| *n > 0)
        .map(|(n, said)| format!("{n} {said}"))
        .collect();
    let (colour, word) = match () {
        () if of(Verdict::Regressed) > 0 => (RED, "Regressed"),
        () if comparison.endpoints.is_empty() => (YELLOW, "Nothing to compare"),
        () if of(Verdict::NotEnoughData) > 0 => (YELLOW, "Not enough data"),
        () if of(Verdict::Improved) > 0 => (GREEN, "Improved"),
        () => (GREEN, "Within noise"),
    };
    let counts = if counts.is_empty() { String::new() } else { format!(": {}", counts.join(", ")) };
    sheet.led(colour, word, &format!("{counts} ({} → {})", comparison.before, comparison.after));
}

fn table(comparison: &Comparison, screen: Screen) -> String {
    let mut grid = Grid::new(vec![
        text("endpoint"),
        word("what", 1),
        number("before", 0),
        number("after", 0),
        number("ratio", 0),
        word("interval", 2),
        word("verdict", 0),
    ]);
    let mut ordered: Vec<&EndpointComparison> = comparison.endpoints.iter().collect();
    // What is worst is read first; otherwise the order of the scenario.
    ordered.sort_by_key(|endpoint| match endpoint.verdict {
        Verdict::Regressed => 0,
        Verdict::Improved => 1,
        _ => 2,
    });
    for endpoint in ordered {
        let bytes = endpoint.metric.ends_with("_bytes");
        let shown = |x: f64| if bytes { units::bytes(x.round() as u64) } else { figure(x) };
        let (said, paint) = said(endpoint.verdict);
        grid.painted(vec![
            (units::printable(&endpoint.label), Paint::Plain),
            (what(&endpoint.metric), Paint::Plain),
            (shown(endpoint.before), Paint::Plain),
            (shown(endpoint.after), Paint::Plain),
            (ratio(endpoint), Paint::Plain),
            (interval(endpoint), Paint::Faint),
            (said.to_owned(), paint),
        ]);
    }
    grid.render(screen)
}

fn said(verdict: Verdict) -> (&'static str, Paint) {
    match verdict {
        Verdict::Regressed => ("regressed", Paint::Bad),
        Verdict::Improved => ("improved", Paint::Good),
        Verdict::WithinNoise => ("within noise", Paint::Faint),
        Verdict::NotEnoughData => ("too little data", Paint::Faint),
    }
}

fn ratio(endpoint: &EndpointComparison) -> String {
    if endpoint.before > 0.0 { ratio_text(endpoint.ratio) } else { String::new() }
}

/// `1.4×`, and of small ratios the part: `1/260`.
fn ratio_text(ratio: f64) -> String {
    if ratio > 0.0 && ratio < 0.1 { format!("1/{}", count((1.0 / ratio).round() as u64)) } else { times(ratio) }
}

/// `p50_ms` as a table heads it: `p50 ms`.
fn what(metric: &str) -> String {
    match metric {
        "throughput_per_s" => "calls/s".to_owned(),
        "statements_per_call" => "statements".to_owned(),
        "round_trips_per_call" => "round trips".to_owned(),
        "wal_bytes" => "WAL".to_owned(),
        "temp_bytes" => "temp files".to_owned(),
        other => other.replace('_', " "),
    }
}

/// Counts have none, and what was not judged has none either.
fn interval(endpoint: &EndpointComparison) -> String {
    match endpoint.p_value {
        Some(_) => format!("{} – {}", ratio_text(endpoint.ratio_low), ratio_text(endpoint.ratio_high)),
        None => String::new(),
    }
}

fn reasons(comparison: &Comparison, sheet: &mut Sheet) {
    let undecided = |endpoint: &&EndpointComparison| endpoint.verdict == Verdict::NotEnoughData;
    let all: Vec<&EndpointComparison> = comparison.endpoints.iter().filter(undecided).collect();
    for endpoint in all.iter().take(REASONS) {
        if let Some(reason) = &endpoint.reason {
            sheet.item(&format!("{}: {reason}", endpoint.label));
        }
    }
    if all.len() > REASONS {
        sheet.item(&format!("and {} more", count((all.len() - REASONS) as u64)));
    }
}

fn circumstances(comparison: &Comparison, sheet: &mut Sheet) {
    if !comparison.mismatches.is_empty() {
        sheet.gap();
        sheet.text(&format!("{} between the runs:", counted(comparison.mismatches.len() as u64, "difference", "differences")));
        for mismatch in &comparison.mismatches {
            sheet.item(&format!("{}: {} → {}", mismatch.what, mismatch.before, mismatch.after));
        }
    }
    if !comparison.missing.is_empty() {
        sheet.gap();
        sheet.text("In one of the runs only:");
        comparison.missing.iter().for_each(|label| sheet.item(label));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::{FORMAT_VERSION, Mismatch};

    const SCREEN: Screen = Screen { width: 80, color: false, ascii: false };

    fn found(label: &str, metric: &str, before: f64, after: f64, verdict: Verdict) -> EndpointComparison {
        let ratio = after / before;
        EndpointComparison {
            label: label.into(),
            metric: metric.into(),
            before,
            after,
            ratio,
            ratio_low: ratio * 0.94,
            ratio_high: ratio * 1.07,
            p_value: metric.ends_with("ms").then_some(0.01),
            verdict,
            reason: (verdict == Verdict::NotEnoughData).then(|| "4 and 300 calls; a verdict needs 10, see --time".into()),
        }
    }

    fn comparison(endpoints: Vec<EndpointComparison>, mismatches: Vec<Mismatch>) -> Comparison {
        Comparison {
            format: FORMAT_VERSION,
            before: "monday.json".into(),
            after: "tuesday.json".into(),
            endpoints,
            mismatches,
            missing: vec!["GET /gone".into()],
        }
    }

    fn mismatch(what: &str, before: &str, after: &str, refuses: bool) -> Mismatch {
        Mismatch { what: what.into(), before: before.into(), after: after.into(), refuses }
    }

    #[test]
    fn the_worst_comes_first_in_eighty_columns() {
        let text = comparison_text(
            &comparison(
                vec![
                    found("GET /songs", "p50_ms", 0.61, 0.6, Verdict::WithinNoise),
                    found("POST /users/delete/{user_id}", "p50_ms", 44.3, 0.17, Verdict::Improved),
                    found("GET /playlist/{playlist_id}/play (with ad)", "wal_bytes", 300.0, 19_000.0, Verdict::Regressed),
                    found("GET /playlist/{playlist_id}/play (with ad)", "p50_ms", 0.92, 1.31, Verdict::Regressed),
                    found("POST /song", "p50_ms", 2.1, 2.4, Verdict::NotEnoughData),
                ],
                vec![mismatch("server version", "15.4", "16.1", false)],
            ),
            SCREEN,
        );
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        insta::assert_snapshot!(text);
    }

    #[test]
    fn a_refusal_says_what_differs() {
        let text = comparison_text(
            &comparison(Vec::new(), vec![mismatch("data", "1,000 rows, 0123456789ab", "2,000 rows, ba9876543210", true)]),
            SCREEN,
        );
        insta::assert_snapshot!(text);
    }
}
