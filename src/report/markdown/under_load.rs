//! The service under load: each phase with its verdict, its curves and its steps, and what varying it moved.

use super::super::charts::Picture;
use super::super::model::{Clock, LoadRun, LoadStep};
use super::super::under_load::{
    ONE_RUN_EACH, Proof, asked, connections, doubts, heading, incidents, largest_effect, law, phases, side_by_side, step_name,
    telling, variation, verdict,
};
use super::promises::Promises;
use super::table::{Lean, Table};
use super::text::{plain, prose, sentences};
use super::{Page, Section, joined};
use crate::units::{amount, count, figure, percent};

const HOW: &str = "Times in milliseconds. Service time is from the first statement sent to the last reply read; response time is what a \
    user waits: in a closed loop from the wish for a connection on, in an open loop from the moment the call was due. Percentiles are of \
    all calls of a step, from merged histograms.";

pub(super) fn section(page: &Page) -> Option<Section> {
    if page.load.is_empty() {
        return None;
    }
    let mut blocks = vec![HOW.to_owned()];
    for phase in phases(&page.load) {
        for run in &phase {
            let place = page.load.iter().position(|other| std::ptr::eq(other, *run)).unwrap_or_default();
            let pictures = page.load_pictures.iter().filter(|picture| picture.place == place);
            blocks.extend(blocks_of(run, pictures, phase.len() > 1));
        }
        if let Some(effect) = largest_effect(&phase) {
            blocks.push(format!("### {}, side by side", plain(&phase[0].name)));
            blocks.push(sentences([effect.as_str(), ONE_RUN_EACH]));
            blocks.push(varied(&phase));
        }
    }
    Some(Section { title: "Under load", body: joined(&blocks) })
}

fn blocks_of<'a>(run: &LoadRun, pictures: impl Iterator<Item = &'a Picture>, of_several: bool) -> Vec<String> {
    let mut blocks = vec![format!("### {}", plain(&heading(run, of_several)))];
    blocks.push(format!("**{}**", sentences([verdict(run).as_str()])));
    let said = [asked(run), connections(run), law(run)];
    blocks.push(sentences(run.notes.iter().chain(said.iter().flatten()).map(String::as_str)));
    blocks.extend(pictures.map(|picture| format!("![{}]({})", plain(&picture.shows), picture.file)));
    blocks.push(steps(run));
    blocks.push(list(&doubts(run)));
    blocks.extend(endpoints(run));
    blocks.push(list(&incidents(run)));
    blocks
}

fn list(items: &[String]) -> String {
    items.iter().map(|item| format!("- {}\n", prose(&item.replace('`', "'")))).collect()
}

const CLOCKS: [&str; 6] = ["service p50", "p95", "p99", "response p50", "p95", "p99"];

fn steps(run: &LoadRun) -> String {
    let right = |title| (title, Lean::Right);
    let promises = Promises::of(run.steps.iter().map(|step| step.slo.as_slice()));
    let mut columns = vec![right("clients"), right("target rate/s"), right("calls/s")];
    columns.extend(CLOCKS.map(right));
    columns.extend(["wait p95", "failed", "late", "backlog", "lag p99", "client CPU", "loop late p99"].map(right));
    columns.extend(promises.as_ref().map(|promises| (promises.title(), Lean::Left)));
    columns.push(("proof", Lean::Left));
    let mut table = Table::new(columns);
    for step in &run.steps {
        let mut row = vec![
            step.clients.map_or_else(String::new, |clients| count(u64::from(clients))),
            step.rate.map_or_else(String::new, amount),
            amount(step.throughput_per_s),
        ];
        row.extend(clocks(step));
        row.push(step.wait.as_ref().map_or_else(String::new, |wait| known(wait, wait.latency.p95_ms)));
        row.extend([unless_none(run, |step| step.errors, step), unless_none(run, |step| step.late, step)]);
        row.push(unless_none(run, |step| step.backlog, step));
        row.push(step.schedule_lag.as_ref().and_then(|lag| lag.latency.p99_ms).map_or_else(String::new, figure));
        row.extend([percent(step.client_cpu), step.loop_delay.latency.p99_ms.map_or_else(String::new, figure)]);
        row.extend(promises.as_ref().map(|promises| promises.cell(&step.slo)));
        row.push(match Proof::of(step) {
            proof @ (Proof::Invalid | Proof::Contradicted) => format!("**{}**", proof.word()),
            proof => proof.word().to_owned(),
        });
        table.row(row);
    }
    table.without_empty_columns().render()
}

/// A count, where at least one step has any.
fn unless_none(run: &LoadRun, of: fn(&LoadStep) -> u64, step: &LoadStep) -> String {
    if run.steps.iter().any(|step| of(step) > 0) { count(of(step)) } else { String::new() }
}

fn endpoints(run: &LoadRun) -> Vec<String> {
    let Some(step) = telling(run).filter(|step| step.endpoints.len() > 1) else { return Vec::new() };
    let promises = Promises::of(step.endpoints.iter().map(|endpoint| endpoint.slo.as_slice()));
    let mut columns = vec![("endpoint", Lean::Left), ("calls/s", Lean::Right)];
    columns.extend(CLOCKS.map(|title| (title, Lean::Right)));
    columns.extend(["failed", "retries"].map(|title| (title, Lean::Right)));
    columns.extend(promises.as_ref().map(|promises| (promises.title(), Lean::Left)));
    let mut table = Table::new(columns);
    let any_failed = step.endpoints.iter().any(|endpoint| endpoint.errors > 0);
    for endpoint in &step.endpoints {
        let mut row = vec![plain(&endpoint.label), amount(endpoint.throughput_per_s)];
        row.extend(percentiles(&endpoint.service).into_iter().chain(percentiles(&endpoint.response)));
        row.push(if any_failed { count(endpoint.errors) } else { String::new() });
        row.push(if endpoint.retries > 0 { count(endpoint.retries) } else { String::new() });
        row.extend(promises.as_ref().map(|promises| promises.cell(&endpoint.slo)));
        table.row(row);
    }
    vec![format!("By endpoint at {}:", plain(&step_name(step))), table.without_empty_columns().render()]
}

fn varied(phase: &[&LoadRun]) -> String {
    let mut columns = vec![("varied", Lean::Left)];
    columns.extend(["clients", "rate held/s", "calls/s"].map(|title| (title, Lean::Right)));
    columns.extend(CLOCKS.map(|title| (title, Lean::Right)));
    columns.extend(["wait p95", "failed"].map(|title| (title, Lean::Right)));
    let mut table = Table::new(columns);
    let rows = side_by_side(phase);
    let any_failed = rows.iter().any(|(_, step)| step.errors > 0);
    for (run, step) in rows {
        let held = run.search.as_ref().map(|search| search.rate.map_or_else(|| "none".to_owned(), amount));
        let clients = step.clients.map_or_else(String::new, |clients| count(u64::from(clients)));
        let mut row = vec![plain(&variation(run)), clients, held.unwrap_or_default(), amount(step.throughput_per_s)];
        row.extend(clocks(step));
        row.push(step.wait.as_ref().map_or_else(String::new, |wait| known(wait, wait.latency.p95_ms)));
        row.push(if any_failed { count(step.errors) } else { String::new() });
        table.row(row);
    }
    table.without_empty_columns().render()
}

fn clocks(step: &LoadStep) -> impl Iterator<Item = String> {
    percentiles(&step.service).into_iter().chain(percentiles(&step.response))
}

fn percentiles(clock: &Clock) -> [String; 3] {
    let latency = &clock.latency;
    [Some(latency.p50_ms), latency.p95_ms, latency.p99_ms].map(|ms| known(clock, ms))
}

fn known(clock: &Clock, ms: Option<f64>) -> String {
    match (clock.latency.n, ms) {
        (0, _) => "no call".to_owned(),
        (_, Some(ms)) => figure(ms),
        (_, None) => "too few".to_owned(),
    }
}
