//! Promises as people write them: `p95 < 50ms`, `rows_read / rows_returned < 50`, `plan: no seq scan over 100000 rows`.

use super::error::{Fault, did_you_mean};
use super::model::{Comparison, Location, Metric, Slo, Unit};
use super::quantity;

const HELP: &str = "write e.g. `p95 < 50ms`, `error_rate < 0.1%`, `rps >= 1000`, `queries <= 3`, `rows_read <= 1000`, `wal < 8kB` \
                    or `plan: no seq scan over 100000 rows`";

/// The sentences of a text, joined by `and` or a comma with a space behind it.
///
/// # Errors
/// The first that is none, with what would be understood.
pub fn sentences(text: &str, at: Location) -> Result<Vec<Slo>, Fault> {
    text.split(" and ").flat_map(|part| part.split(", ")).map(|part| sentence(part, at)).collect()
}

/// One promise.
///
/// # Errors
/// What is no promise, with what would be understood.
pub fn sentence(text: &str, at: Location) -> Result<Slo, Fault> {
    let text = text.trim();
    if let Some((name, rest)) = text.split_once(':') {
        return bound_of(metric(name)?, rest, at);
    }
    let Some(start) = text.find(['<', '>', '=', '≤', '≥']) else {
        return Err(match metric(text) {
            Ok(metric) => Fault::with_help(format!("`{text}` promises nothing"), format!("write e.g. `{}`", example(metric))),
            Err(_) => Fault::with_help(format!("`{text}` is not a promise"), HELP),
        });
    };
    let metric = metric(&text[..start])?;
    bound_of(metric, &text[start..], at)
}

/// The promise of a metric: a bound, a comparison with a bound, or the words behind `plan:`.
///
/// # Errors
/// A bound that is none of this metric; a comparison that promises a worse figure.
pub fn bound_of(metric: Metric, text: &str, at: Location) -> Result<Slo, Fault> {
    if metric == Metric::PlanSeqScan {
        return Ok(Slo { metric, comparison: Comparison::AtMost, bound: seq_scan(text)?, at });
    }
    let (comparison, rest) = comparison(text.trim())?;
    let comparison = comparison.unwrap_or(metric.usual());
    let slo = Slo { metric, comparison, bound: bound(metric, rest.trim())?, at };
    if comparison.wants_small() != metric.smaller_is_better() {
        let other = if metric.smaller_is_better() { "<" } else { ">=" };
        let better = if metric.smaller_is_better() { "smaller" } else { "larger" };
        let message = format!("`{slo}` promises the worse figures: of `{}` the {better} is the better", metric.name());
        return Err(Fault::with_help(message, format!("write `{} {other} {}`", metric.name(), rest.trim())));
    }
    Ok(slo)
}

/// The metric of that name.
///
/// # Errors
/// An unknown name, with the nearest known.
pub fn metric(name: &str) -> Result<Metric, Fault> {
    let name = name.trim();
    let plain: String = name.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
    let found = Metric::ALL.iter().find(|(known, _)| *known == plain).map(|(_, metric)| *metric);
    let other = match plain.as_str() {
        "p999" => Some(Metric::P999),
        "rows_read/rows_returned" | "rows_read/returned" => Some(Metric::RowsReadPerReturned),
        "errorrate" => Some(Metric::ErrorRate),
        "roundtrips" => Some(Metric::RoundTrips),
        "rowsread" => Some(Metric::RowsRead),
        "statements" => Some(Metric::Queries),
        _ => None,
    };
    found.or(other).ok_or_else(|| {
        let help = did_you_mean(&plain, Metric::ALL.iter().map(|(known, _)| *known));
        Fault { message: format!("`{name}` is not a figure that can be promised"), help }
    })
}

/// The sign at the start, if any, and what is behind it.
fn comparison(text: &str) -> Result<(Option<Comparison>, &str), Fault> {
    let signs = [
        ("<=", Comparison::AtMost),
        (">=", Comparison::AtLeast),
        ("≤", Comparison::AtMost),
        ("≥", Comparison::AtLeast),
        ("<", Comparison::Below),
        (">", Comparison::Above),
    ];
    if text.starts_with('=') {
        return Err(Fault::with_help("a promise is kept below or above a bound, never at it", "write `<=` or `>=`"));
    }
    let found = signs.iter().find_map(|(sign, comparison)| Some((*comparison, text.strip_prefix(sign)?)));
    Ok(found.map_or((None, text), |(comparison, rest)| (Some(comparison), rest)))
}

fn bound(metric: Metric, text: &str) -> Result<f64, Fault> {
    let value = match metric.unit() {
        // Through whole nanoseconds, so that what is printed reads back as the same number.
        Unit::Time => quantity::duration(text)?.as_nanos() as f64 / 1e6,
        Unit::Share => quantity::share(text)?,
        Unit::PerSecond => quantity::number(text).or_else(|_| quantity::rate(text))?,
        Unit::Count => quantity::number(text)?,
        Unit::Bytes => quantity::size(text)? as f64,
    };
    if value < 0.0 {
        return Err(Fault::new(format!("`{}` is never below 0", metric.name())));
    }
    Ok(value)
}

/// `no seq scan over 100000 rows`
fn seq_scan(text: &str) -> Result<f64, Fault> {
    let fault = || {
        let help = "write `plan: no seq scan over 100000 rows`";
        Fault::with_help(format!("`{}` is nothing that can be promised of a plan", text.trim()), help)
    };
    let words: Vec<String> = text.split_whitespace().map(str::to_ascii_lowercase).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let rows = match words.as_slice() {
        ["no", "seq" | "sequential", "scan" | "scans", "over", rows, "rows"] => rows,
        ["no", "seq" | "sequential", "scan" | "scans"] => "0",
        _ => return Err(fault()),
    };
    let many = quantity::number(rows).or_else(|_| quantity::many(rows).map(|rows| rows as f64)).map_err(|_| fault())?;
    if many < 0.0 { Err(fault()) } else { Ok(many) }
}

/// A promise of that metric, for a message.
fn example(metric: Metric) -> String {
    let bound = match metric {
        Metric::PlanSeqScan => 100_000.0,
        Metric::ErrorRate => 0.001,
        Metric::Rps => 1000.0,
        Metric::Wal => 8000.0,
        Metric::Temp => 1e6,
        _ if metric.unit() == Unit::Time => 50.0,
        _ => 50.0,
    };
    Slo { metric, comparison: metric.usual(), bound, at: Location::default() }.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<(Metric, Comparison, f64), Fault> {
        sentence(text, Location::default()).map(|slo| (slo.metric, slo.comparison, slo.bound))
    }

    #[test]
    fn every_metric_has_its_sentence() {
        use Comparison::{AtLeast, AtMost, Below};
        assert_eq!(read("p95 < 50ms"), Ok((Metric::P95, Below, 50.0)));
        assert_eq!(read(" P99.9<=1.5 s"), Ok((Metric::P999, AtMost, 1500.0)));
        assert_eq!(read("error_rate < 0.1%"), Ok((Metric::ErrorRate, Below, 0.001)));
        assert_eq!(read("rps >= 1,000"), Ok((Metric::Rps, AtLeast, 1000.0)));
        assert_eq!(read("rps ≥ 60k/min"), Ok((Metric::Rps, AtLeast, 1000.0)));
        assert_eq!(read("queries: 3"), Ok((Metric::Queries, AtMost, 3.0)));
        assert_eq!(read("rows_read / rows_returned < 50"), Ok((Metric::RowsReadPerReturned, Below, 50.0)));
        assert_eq!(read("wal < 8kB"), Ok((Metric::Wal, Below, 8000.0)));
        assert_eq!(read("plan: no seq scan over 100,000 rows"), Ok((Metric::PlanSeqScan, AtMost, 100_000.0)));
        assert_eq!(read("plan: no seq scan over 100k rows"), Ok((Metric::PlanSeqScan, AtMost, 100_000.0)));
        let several = sentences("p95 < 50ms and error_rate < 1%, rps >= 5", Location::default()).expect("three");
        assert_eq!(several.iter().map(|slo| slo.metric).collect::<Vec<_>>(), [Metric::P95, Metric::ErrorRate, Metric::Rps]);
    }

    #[test]
    fn what_is_no_promise_says_what_would_be() {
        let help = |text: &str| read(text).unwrap_err().help.unwrap_or_default();
        assert_eq!(help("p59 < 50ms"), "did you mean `p50`?");
        assert_eq!(help("eror_rate < 1%"), "did you mean `error_rate`?");
        assert_eq!(help("p95"), "write e.g. `p95 < 50 ms`");
        assert_eq!(help("p95 > 50ms"), "write `p95 < 50ms`");
        assert_eq!(help("rps < 1000"), "write `rps >= 1000`");
        assert!(help("p95 < 50").contains("`20ms`") && help("quick").contains("p95 < 50ms"));
        assert!(help("p95 = 50ms").contains("<=") && help("plan: quick").contains("no seq scan"));
        assert!(read("error_rate < 200%").is_err() && read("queries <= -1").is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_a_promise_or_says_what_would_be(text in "[a-z0-9.<>=/%: _≤-]{0,30}|((p95|rps|plan:|<|no|seq|scan|over|5ms|wal|1kB) ?){0,7}") {
            match sentence(&text, Location::default()) {
                Ok(slo) => prop_assert!(slo.bound >= 0.0),
                Err(fault) => prop_assert!(!fault.message.is_empty()),
            }
        }

        #[test]
        fn a_printed_promise_reads_back(place in 0..Metric::ALL.len(), which in any::<bool>(), amount in 1..10_000_000u64, fine in any::<bool>()) {
            let metric = Metric::ALL[place].1;
            let comparison = match (metric, metric.smaller_is_better(), which) {
                (Metric::PlanSeqScan, ..) => Comparison::AtMost,
                (_, true, true) => Comparison::Below,
                (_, true, false) => Comparison::AtMost,
                (_, false, true) => Comparison::Above,
                (_, false, false) => Comparison::AtLeast,
            };
            let bound = match metric.unit() {
                Unit::Time if fine => amount as f64 / 1e6,
                Unit::Time => amount as f64,
                Unit::Share => amount as f64 / 1e7,
                Unit::Bytes => amount as f64 * if fine { 1.0 } else { 1000.0 },
                Unit::PerSecond | Unit::Count => amount as f64 / if fine { 1000.0 } else { 1.0 },
            };
            let slo = Slo { metric, comparison, bound, at: Location::default() };
            prop_assert_eq!(sentence(&slo.to_string(), Location::default()), Ok(slo), "{}", slo);
        }
    }
}
