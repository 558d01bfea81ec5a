//! The service under load: each phase with its verdict, what varying it moved, its curves and its steps.

use super::super::charts::Picture;
use super::super::model::{LittlesLaw, LoadRun, LoadStep};
use super::super::under_load::{
    ONE_RUN_EACH, Proof, asked, connections, doubts, heading, incidents, indexes_alone, largest_effect, law, phases,
    side_by_side, step_name, telling, variation, verdict,
};
use super::clocks::{Clocks, known};
use super::promises::Promises;
use super::table::{Lean, Table};
use super::text::{fold, plain, prose, sentences};
use super::{Page, Section, joined};
use crate::units::{amount, count, figure, percent};

const HOW: &str = "Times in milliseconds. Service time is from the first statement sent to the last reply read; response time is what a \
    user waits: in a closed loop from the wish for a connection on, in an open loop from the moment the call was due. Percentiles are of \
    all calls of a step, from merged histograms.";

/// Longer tables are folded.
const ENDPOINTS_SHOWN: usize = 12;

pub(super) fn section(page: &Page) -> Option<Section> {
    if page.load.is_empty() {
        return None;
    }
    let mut blocks = vec![HOW.to_owned()];
    for phase in phases(&page.load) {
        blocks.push(format!("### {}", plain(&heading(phase[0], false))));
        blocks.push(format!("**{}**", sentences([verdict(phase[0]).as_str()])));
        let after = phase.iter().find(|run| indexes_alone(run));
        blocks.extend(after.map(|run| format!("**With the kept indexes:** {}", sentences([verdict(run).as_str()]))));
        if phase.len() > 1 {
            blocks.extend(largest_effect(&phase).map(|effect| sentences([effect.as_str(), ONE_RUN_EACH])));
            blocks.push(varied(&phase));
            blocks.push(by_clients(&phase));
        }
        blocks.extend(pictures(page, phase[0], true));
        let title = format!("**{}.**", crate::units::capitalized(&plain(&variation(phase[0]))));
        blocks.extend((phase.len() > 1).then_some(title));
        blocks.extend(of_run(page, phase[0]));
        for run in phase.iter().skip(1) {
            let summary = format!("{}: {}", crate::units::capitalized(&variation(run)), verdict(run).replace('`', ""));
            blocks.push(fold(&summary, &joined(&of_run(page, run))));
        }
    }
    Some(Section { title: "Under load", body: joined(&blocks) })
}

/// What was asked of a run and what came of it, its verdict left out.
fn of_run(page: &Page, run: &LoadRun) -> Vec<String> {
    let said = [asked(run), connections(run), law(run)];
    let mut blocks = vec![sentences(run.notes.iter().chain(said.iter().flatten()).map(String::as_str))];
    blocks.extend(pictures(page, run, false));
    blocks.push(steps(run));
    blocks.push(list(&doubts(run)));
    blocks.push(effort(run));
    blocks.extend(endpoints(run));
    blocks.push(list(&incidents(run)));
    blocks
}

/// The pictures of a run, or those of all runs of its phase.
fn pictures(page: &Page, run: &LoadRun, together: bool) -> Vec<String> {
    let place = page.load.iter().position(|other| std::ptr::eq(other, run)).unwrap_or_default();
    let shown = |picture: &&Picture| picture.together == together && picture.place == place;
    page.load_pictures.iter().filter(shown).map(|picture| format!("![{}]({})", plain(&picture.shows), picture.file)).collect()
}

fn list(items: &[String]) -> String {
    items.iter().map(|item| format!("- {}\n", prose(&item.replace('`', "'")))).collect()
}

fn right(title: &str) -> (&str, Lean) {
    (title, Lean::Right)
}

/// What came of each step.
fn steps(run: &LoadRun) -> String {
    let promises = Promises::of(run.steps.iter().map(|step| step.slo.as_slice()));
    let clocks = Clocks::of(run.steps.iter().map(|step| (&step.service, &step.response)));
    let mut columns = vec![right("clients"), right("target rate/s"), right("calls/s")];
    columns.extend(clocks.titles().into_iter().map(right));
    columns.extend(["failed", "late", "backlog"].map(right));
    columns.extend(promises.as_ref().map(|promises| (promises.title(), Lean::Left)));
    columns.push(("proof", Lean::Left));
    let mut table = Table::new(columns);
    for step in &run.steps {
        let mut row = vec![clients(step), step.rate.map_or_else(String::new, amount), amount(step.throughput_per_s)];
        row.extend(clocks.cells(&step.service, &step.response));
        row.extend([unless_none(run, |step| step.errors, step), unless_none(run, |step| step.late, step)]);
        row.push(unless_none(run, |step| step.backlog, step));
        row.extend(promises.as_ref().map(|promises| promises.cell(&step.slo)));
        row.push(proof(step));
        table.row(row);
    }
    clocks.with_note(table.render())
}

/// What a step cost the client, by which its figures are to be judged.
fn effort(run: &LoadRun) -> String {
    let columns =
        ["clients", "target rate/s", "client CPU", "loop late p99", "wait p95", "lag p99", "in the system", "by Little’s law"];
    let mut table = Table::new(columns.map(right).into_iter().chain([("the two agree", Lean::Left)]));
    for step in &run.steps {
        table.row([
            clients(step),
            step.rate.map_or_else(String::new, amount),
            percent(step.client_cpu),
            step.loop_delay.latency.p99_ms.map_or_else(String::new, figure),
            step.wait.as_ref().map_or_else(String::new, |wait| known(wait, wait.latency.p95_ms)),
            step.schedule_lag.as_ref().and_then(|lag| lag.latency.p99_ms).map_or_else(String::new, figure),
            amount(step.littles_law.counted),
            amount(step.littles_law.computed),
            judged(&step.littles_law).to_owned(),
        ]);
    }
    match table.len() {
        0 => String::new(),
        _ => fold("What it cost the client, and Little’s law", &table.render()),
    }
}

/// A step that is hardly longer than its calls cuts through so many of them that the law is not held against it.
fn judged(law: &LittlesLaw) -> &'static str {
    /// Share by which the two may differ without a word.
    const CLOSE: f64 = 0.1;
    let off = (law.counted - law.computed).abs() / law.counted.max(law.computed).max(f64::MIN_POSITIVE);
    match (law.holds, off <= CLOSE) {
        (false, _) => "no",
        (true, true) => "yes",
        (true, false) => "too short to tell",
    }
}

/// What the step's figures are good for; nothing of one that is sound.
fn proof(step: &LoadStep) -> String {
    match Proof::of(step) {
        proof @ (Proof::Invalid | Proof::Contradicted) => format!("**{}**", proof.word()),
        proof => proof.word().to_owned(),
    }
}

fn clients(step: &LoadStep) -> String {
    step.clients.map_or_else(String::new, |clients| count(u64::from(clients)))
}

/// A count, where at least one step has any.
fn unless_none(run: &LoadRun, of: fn(&LoadStep) -> u64, step: &LoadStep) -> String {
    if run.steps.iter().any(|step| of(step) > 0) { count(of(step)) } else { String::new() }
}

fn endpoints(run: &LoadRun) -> Vec<String> {
    let Some(step) = telling(run).filter(|step| step.endpoints.len() > 1) else { return Vec::new() };
    let promises = Promises::of(step.endpoints.iter().map(|endpoint| endpoint.slo.as_slice()));
    let clocks = Clocks::of(step.endpoints.iter().map(|endpoint| (&endpoint.service, &endpoint.response)));
    let mut columns = vec![("endpoint", Lean::Left), right("calls/s")];
    columns.extend(clocks.titles().into_iter().map(right));
    columns.extend(["failed", "retries"].map(right));
    columns.extend(promises.as_ref().map(|promises| (promises.title(), Lean::Left)));
    let mut table = Table::new(columns);
    let any_failed = step.endpoints.iter().any(|endpoint| endpoint.errors > 0);
    for endpoint in &step.endpoints {
        let mut row = vec![plain(&endpoint.label), amount(endpoint.throughput_per_s)];
        row.extend(clocks.cells(&endpoint.service, &endpoint.response));
        row.push(if any_failed { count(endpoint.errors) } else { String::new() });
        row.push(if endpoint.retries > 0 { count(endpoint.retries) } else { String::new() });
        row.extend(promises.as_ref().map(|promises| promises.cell(&endpoint.slo)));
        table.row(row);
    }
    let title = format!("By endpoint at {}", step_name(step));
    let table_text = clocks.with_note(table.render());
    match step.endpoints.len() {
        n if n > ENDPOINTS_SHOWN => vec![fold(&title, &table_text)],
        _ => vec![format!("{}:", plain(&title)), table_text],
    }
}

/// One row for each way in which the phase was run, at the step that all have.
fn varied(phase: &[&LoadRun]) -> String {
    let rows = side_by_side(phase);
    let clocks = Clocks::of(rows.iter().map(|(_, step)| (&step.service, &step.response)));
    let mut columns = vec![("varied", Lean::Left)];
    columns.extend(["clients", "rate held/s", "calls/s"].map(right));
    columns.extend(clocks.titles().into_iter().map(right));
    columns.extend(["wait p95", "failed"].map(right));
    columns.push(("proof", Lean::Left));
    let mut table = Table::new(columns);
    for (run, step) in &rows {
        let held = run.search.as_ref().map(|search| search.rate.map_or_else(|| "none".to_owned(), amount));
        let mut row = vec![plain(&variation(run)), clients(step), held.unwrap_or_default(), amount(step.throughput_per_s)];
        row.extend(clocks.cells(&step.service, &step.response));
        row.push(step.wait.as_ref().map_or_else(String::new, |wait| known(wait, wait.latency.p95_ms)));
        row.extend([count(step.errors), proof(step)]);
        table.row(row);
    }
    clocks.with_note(table.render())
}

/// Throughput of each run against clients, where a phase is a sweep.
fn by_clients(phase: &[&LoadRun]) -> String {
    let mut all: Vec<u32> = phase.iter().flat_map(|run| &run.steps).filter_map(|step| step.clients).collect();
    all.sort_unstable();
    all.dedup();
    if all.len() < 2 {
        return String::new();
    }
    let titles: Vec<String> = all.iter().map(|clients| crate::units::counted(u64::from(*clients), "client", "clients")).collect();
    let mut table = Table::new([("calls/s", Lean::Left)].into_iter().chain(titles.iter().map(|title| right(title))));
    for run in phase {
        let at = |clients: &u32| run.steps.iter().rev().find(|step| step.clients == Some(*clients));
        let cell = |clients: &u32| match at(clients) {
            None => "not run".to_owned(),
            Some(step) if !step.invalid.is_empty() => "**invalid**".to_owned(),
            Some(step) => amount(step.throughput_per_s),
        };
        table.row(std::iter::once(plain(&variation(run))).chain(all.iter().map(cell)));
    }
    table.render()
}
