//! Whether two runs can be compared at all.

use std::collections::BTreeMap;

use crate::report::model::{BenchReport, EndpointResult, Environment, Mismatch, Placement};
use crate::units;

/// What differs between the circumstances of two runs, what refuses a comparison first.
pub fn mismatches(before: &BenchReport, after: &BenchReport) -> Vec<Mismatch> {
    let mut found = [refusing(before, after), statements(before, after)].concat();
    found.extend(server(&before.environment, &after.environment));
    found.extend(machine(&before.environment, &after.environment));
    let placed = |run: &BenchReport| run.bench.placement.as_ref().map_or("unknown".to_owned(), Placement::described);
    found.extend(differ("processors", placed(before), placed(after), false));
    let versions = (before.perflab.clone(), after.perflab.clone());
    found.extend(differ("perflab", versions.0, versions.1, false));
    found.extend(differ("ended early", yes_no(before.interrupted), yes_no(after.interrupted), false));
    found
}

/// Rows and share of the load: with others, times say nothing about the code.
fn refusing(before: &BenchReport, after: &BenchReport) -> Vec<Mismatch> {
    let data = |run: &BenchReport| match &run.data {
        Some(data) => format!("{} rows, {}", units::count(data.rows), short(&data.hash)),
        None => "not seeded by perflab".to_owned(),
    };
    let same_rows = before.data.as_ref().map(|data| &data.hash) == after.data.as_ref().map(|data| &data.hash);
    let shard = |run: &BenchReport| run.shard.map_or("all".to_owned(), |shard| format!("{}/{}", shard.number, shard.of));
    let rows = (!same_rows).then(|| mismatch("data", data(before), data(after), true));
    rows.into_iter().chain(differ("share of the load", shard(before), shard(after), true)).collect()
}

/// An endpoint of the same name whose statements are others.
fn statements(before: &BenchReport, after: &BenchReport) -> Vec<Mismatch> {
    let sql = |endpoint: &EndpointResult| endpoint.steps.iter().map(|step| step.sql.clone()).collect::<Vec<_>>();
    let of_before: BTreeMap<&str, &EndpointResult> =
        before.bench.endpoints.iter().map(|endpoint| (endpoint.label.as_str(), endpoint)).collect();
    let both = after.bench.endpoints.iter().filter_map(|endpoint| Some((*of_before.get(endpoint.label.as_str())?, endpoint)));
    both.filter_map(|(before, after)| {
        let (from, to) = (sql(before), sql(after));
        let what = format!("statements of {}", after.label);
        (from != to).then(|| mismatch(&what, first_difference(&from, &to), first_difference(&to, &from), true))
    })
    .collect()
}

/// The first of the statements that the other list does not have in its place.
fn first_difference(own: &[String], other: &[String]) -> String {
    let place = own.iter().zip(other).take_while(|(own, other)| own == other).count();
    own.get(place).map_or_else(|| format!("{} statements", own.len()), |sql| in_a_line(sql))
}

/// Most characters of a statement that are shown.
const SHOWN: usize = 80;

fn in_a_line(sql: &str) -> String {
    let line = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= SHOWN { line } else { line.chars().take(SHOWN - 1).chain(['…']).collect() }
}

fn server(before: &Environment, after: &Environment) -> Vec<Mismatch> {
    let version = |environment: &Environment| environment.server_version.clone();
    let mut found: Vec<Mismatch> = differ("server version", version(before), version(after), false).into_iter().collect();
    let settings = |environment: &Environment| -> BTreeMap<String, String> {
        environment.settings.iter().map(|setting| (setting.name.clone(), setting.value.clone())).collect()
    };
    let (from, to) = (settings(before), settings(after));
    let names: std::collections::BTreeSet<&String> = from.keys().chain(to.keys()).collect();
    // Both lists hold only what is not the server's default.
    let value = |settings: &BTreeMap<String, String>, name: &String| {
        settings.get(name).cloned().unwrap_or_else(|| "its default".to_owned())
    };
    found.extend(
        names.into_iter().filter_map(|name| differ(&format!("setting {name}"), value(&from, name), value(&to, name), false)),
    );
    found
}

fn machine(before: &Environment, after: &Environment) -> Vec<Mismatch> {
    let cores = |environment: &Environment| environment.cores.to_string();
    let memory = |environment: &Environment| units::bytes(environment.memory_bytes);
    let of = |what: &str, from: String, to: String| differ(what, from, to, false);
    [
        of("processor", before.cpu.clone(), after.cpu.clone()),
        of("processor cores", cores(before), cores(after)),
        of("memory", memory(before), memory(after)),
        of("operating system", before.os.clone(), after.os.clone()),
        of("server", before.server_kind.clone(), after.server_kind.clone()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn differ(what: &str, before: String, after: String, refuses: bool) -> Option<Mismatch> {
    (before != after).then(|| mismatch(what, before, after, refuses))
}

fn mismatch(what: &str, before: String, after: String, refuses: bool) -> Mismatch {
    Mismatch { what: what.to_owned(), before, after, refuses }
}

fn yes_no(yes: bool) -> String {
    if yes { "yes" } else { "no" }.to_owned()
}

/// Enough of a hash to tell two apart.
fn short(hash: &str) -> String {
    hash.chars().take(12).collect()
}
