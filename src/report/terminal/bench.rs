//! Endpoints timed.

use super::super::model::{BenchRun, EndpointResult, SloResult, SloUnit};
use super::super::standing::slo_promise;
use super::super::standing::slowest_of;
use super::Screen;
use super::grid::{Grid, Paint, number, text, word};
use super::sheet::wrap;
use crate::units::{self, amount, count, figure};

/// Calls and percentiles of each endpoint in milliseconds, what a call asks of the server, failures and SLOs when there are any.
/// Under the table the server's words for each failure, and the slowest by name.
pub fn bench_table(bench: &BenchRun, screen: Screen) -> String {
    let mut grid = Grid::new(vec![
        text("endpoint"),
        number("calls", 1),
        number("p50 ms", 0),
        number("p95 ms", 2),
        number("p99 ms", 4),
        number("max ms", 3),
        number("stmts", 6),
        number("trips", 7),
        number("rows", 5),
        number("failed", 0),
        word("SLO ms", 0),
    ]);
    let any_failed = bench.endpoints.iter().any(|endpoint| endpoint.errors > 0);
    for endpoint in &bench.endpoints {
        let mut row = vec![(endpoint.label.clone(), Paint::Plain), (count(endpoint.calls), Paint::Plain)];
        row.extend(latencies(endpoint));
        let asked = [endpoint.statements_per_call, endpoint.round_trips_per_call, endpoint.rows_per_call];
        row.extend(asked.map(|number| (amount(number), Paint::Plain)));
        row.push(if any_failed { failed_cell(endpoint) } else { (String::new(), Paint::Plain) });
        row.push(slo_cell(&endpoint.slo));
        grid.painted(row);
    }
    let table = grid.render(screen) + &failed_calls(bench, screen);
    let pinned = bench.placement.as_ref().filter(|placement| placement.pinned.is_some());
    let table = table + &pinned.map_or(String::new(), |placement| format!("\n\n{}", units::capitalized(&placement.described())));
    let slow = slowest_of(bench);
    let named = slow.iter().take(3).map(|e| format!("\n  {}: {}", units::printable(&e.label), units::ms(e.latency.p50_ms)));
    if slow.len() > 1 { format!("{table}\n\nSlowest by median:{}", named.collect::<String>()) } else { table }
}

/// What the server said, once for each endpoint, step and SQLSTATE; nothing when no call failed.
fn failed_calls(bench: &BenchRun, screen: Screen) -> String {
    let all = bench.endpoints.iter().flat_map(|endpoint| endpoint.failures.iter().map(move |error| (endpoint, error)));
    let lines: String = all
        .map(|(endpoint, error)| {
            let (label, message) = (units::printable(&endpoint.label), units::printable(&error.message));
            // The server's messages carry their SQLSTATE already.
            let code = if message.contains(&error.sqlstate) { String::new() } else { format!(" ({})", error.sqlstate) };
            let line = format!("{label}, statement {}: {} × {message}{code}", error.step, count(error.count));
            format!("\n  {}", wrap(&line, screen.width.saturating_sub(4)).join("\n    "))
        })
        .collect();
    if lines.is_empty() { lines } else { format!("\n\nFailed calls:{lines}") }
}

fn latencies(endpoint: &EndpointResult) -> [(String, Paint); 4] {
    let latency = &endpoint.latency;
    let known = |value: Option<f64>| match (latency.n, value) {
        (0, _) => ("no call".to_owned(), Paint::Bad),
        (_, Some(ms)) => (figure(ms), Paint::Plain),
        (_, None) => ("too few".to_owned(), Paint::Faint),
    };
    [known(Some(latency.p50_ms)), known(latency.p95_ms), known(latency.p99_ms), known(Some(latency.max_ms))]
}

fn failed_cell(endpoint: &EndpointResult) -> (String, Paint) {
    match endpoint.errors {
        0 => ("0".to_owned(), Paint::Plain),
        n => (count(n), Paint::Bad),
    }
}

/// The worst of an endpoint's SLOs, in a word.
pub(super) fn slo_cell(slo: &[SloResult]) -> (String, Paint) {
    let worst = slo.iter().max_by_key(|slo| match slo.met {
        Some(false) => 2,
        None => 1,
        Some(true) => 0,
    });
    let Some(worst) = worst else { return (String::new(), Paint::Plain) };
    let promise = match worst.unit {
        SloUnit::Ms if worst.promise.is_empty() || worst.promise.contains(" < ") => {
            format!("{} < {}", worst.metric, units::limit(worst.bound))
        }
        _ => slo_promise(worst),
    };
    match worst.met {
        Some(false) => (format!("missed {promise}"), Paint::Bad),
        Some(true) => (format!("met {promise}"), Paint::Good),
        None if worst.unit == SloUnit::Ms => ("too few calls".to_owned(), Paint::Faint),
        None => (format!("not measured {promise}"), Paint::Faint),
    }
}
