//! Every endpoint on the schema as it is: how long a call takes, what it asks of the server, and what went wrong.

use super::super::model::{BenchRun, EndpointResult, ErrorCount, Latency};
use super::super::standing::slowest_of;
use super::promises::Promises;
use super::table::{Lean, Table};
use super::text::{plain, prose, sentences};
use super::{Page, Section, joined};
use crate::units::{self, amount, count, figure};

pub(super) fn section(page: &Page) -> Option<Section> {
    let bench = page.run.before.as_ref().filter(|bench| !bench.endpoints.is_empty())?;
    let compared = page.run.advice.as_ref().is_some_and(|advice| !advice.endpoints.is_empty());
    let distributions = if compared { String::new() } else { page.distributions() };
    let blocks = [
        how(page, bench),
        three_slowest(bench),
        table(page, bench),
        percentiles_left_out(bench),
        distributions,
        failures(bench),
        notes(bench),
    ];
    Some(Section { title: "Endpoints before", body: joined(&blocks) })
}

fn how(page: &Page, bench: &BenchRun) -> String {
    let calls = bench.endpoints.iter().fold(0u64, |sum, endpoint| sum.saturating_add(endpoint.calls));
    format!(
        "{} in {}, by one client that waits for each reply before it sends the next call (closed loop). Times are service times in \
         milliseconds: from the first statement sent to the last reply read, BEGIN and COMMIT included. perflab itself was busy for {} of \
         the time.{}",
        units::counted(calls, "timed call", "timed calls"),
        units::seconds(bench.seconds),
        units::percent(bench.client_cpu),
        if page.run.advice.as_ref().is_some_and(|advice| !advice.keep.is_empty() && !advice.endpoints.is_empty()) {
            " The figures in headings and changes are of a later measurement, side by side with the indexes: see “Endpoints after”."
        } else {
            ""
        }
    )
}

fn three_slowest(bench: &BenchRun) -> String {
    let named: Vec<String> =
        slowest_of(bench).iter().take(3).map(|e| format!("{} ({})", plain(&e.label), units::ms(e.latency.p50_ms))).collect();
    match named.len() {
        0 | 1 => String::new(),
        n if n == bench.endpoints.len() => format!("By median, slowest first: {}.", units::listed(&named)),
        n => format!("The {} slowest by median: **{}**.", units::in_words(n), units::listed(&named)),
    }
}

fn table(page: &Page, bench: &BenchRun) -> String {
    let promises = Promises::of(bench.endpoints.iter().map(|endpoint| endpoint.slo.as_slice()));
    let mut columns = vec![("endpoint", Lean::Left)];
    columns.extend(
        ["calls", "p50", "p95", "p99", "max", "state&shy;ments", "round trips", "rows"].map(|title| (title, Lean::Right)),
    );
    columns.extend(promises.as_ref().map(|promises| (promises.title(), Lean::Left)));
    let mut table = Table::new(columns);
    for endpoint in &bench.endpoints {
        let name = match page.standings.iter().find(|standing| standing.label == endpoint.label) {
            Some(standing) => page.linked(standing),
            None => plain(&endpoint.label),
        };
        let mut row = vec![name, count(endpoint.calls)];
        row.extend(latencies(&endpoint.latency));
        row.extend([endpoint.statements_per_call, endpoint.round_trips_per_call, endpoint.rows_per_call].map(amount));
        row.extend(promises.as_ref().map(|promises| promises.cell(&endpoint.slo)));
        table.row(row);
    }
    table.render()
}

/// p50, p95, p99 and max. A percentile that is not there says how few calls there were.
fn latencies(latency: &Latency) -> [String; 4] {
    if latency.n == 0 {
        return std::array::from_fn(|_| "no call".to_owned());
    }
    let percentile = |value: Option<f64>| value.map_or_else(|| "too few".to_owned(), figure);
    [figure(latency.p50_ms), percentile(latency.p95_ms), percentile(latency.p99_ms), figure(latency.max_ms)]
}

fn percentiles_left_out(bench: &BenchRun) -> String {
    let few = |e: &&EndpointResult| e.latency.n > 0 && (e.latency.p95_ms.is_none() || e.latency.p99_ms.is_none());
    match bench.endpoints.iter().filter(few).count() {
        0 => String::new(),
        _ => "“too few”: a p95 is given from 20 calls on, a p99 from 100.".to_owned(),
    }
}

/// One line for each kind of failure.
fn failures(bench: &BenchRun) -> String {
    let lines: Vec<String> = bench
        .endpoints
        .iter()
        .flat_map(|endpoint| endpoint.failures.iter().map(|error| failure(&endpoint.label, error)))
        .collect();
    if lines.is_empty() {
        String::new()
    } else {
        format!("**Failed calls**, which are in none of these times:\n\n{}", lines.join("\n"))
    }
}

/// A failure as an item of a list.
pub(super) fn failure(label: &str, error: &ErrorCount) -> String {
    let place = format!("{}, statement {}", plain(label), error.step);
    let who =
        if error.sqlstate == "client" { "on the client's side".to_owned() } else { format!("with {}", plain(&error.sqlstate)) };
    format!(
        "- {place}: {} {who}: {}",
        units::counted(error.count, "failure", "failures"),
        sentences([error.message.replace('`', "'").as_str()])
    )
}

fn notes(bench: &BenchRun) -> String {
    let noted = bench.endpoints.iter().flat_map(|e| e.notes.iter().map(|note| format!("- {}: {}", plain(&e.label), prose(note))));
    let lines: Vec<String> = noted.collect();
    if lines.is_empty() { String::new() } else { format!("**To know** when reading these figures:\n\n{}", lines.join("\n")) }
}
