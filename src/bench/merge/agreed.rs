//! What every shard measures for itself, and what of it says something of all of them.

use serde::Serialize;

use crate::report::model::{BenchReport, BenchRun, EndpointResult, ServerSide};

/// What all parts say, if they all say the same.
pub fn agreed<'p, T: Serialize + Clone + 'p>(parts: impl IntoIterator<Item = &'p T>) -> Option<T> {
    let mut parts = parts.into_iter();
    let first = parts.next()?;
    let said = serde_json::to_value(first).ok()?;
    parts.all(|part| serde_json::to_value(part).is_ok_and(|other| other == said)).then(|| first.clone())
}

/// A part of a run.
type Part = fn(&BenchRun) -> serde_json::Value;

/// What the joined run leaves out, with the files that have it; `None` when nothing is.
pub fn left_out(runs: &[(String, BenchReport)]) -> Option<String> {
    let differ = |of: Part| {
        let said: Vec<serde_json::Value> = runs.iter().map(|(_, run)| of(&run.bench)).collect();
        agreed(&said).is_none()
    };
    let kinds: [(&str, Part); 5] = [
        ("what the server did (times, waits, loops of queries)", |run| {
            of_endpoints(run, |endpoint| json(&endpoint.server_side.as_ref().map(timed)))
        }),
        ("classes of parameters", |run| of_endpoints(run, |endpoint| json(&endpoint.classes))),
        ("stretches of time (`blocks`)", |run| of_endpoints(run, |endpoint| json(&endpoint.blocks))),
        ("variants", |run| json(&run.variants)),
        ("the placement of client and server", |run| json(&run.placement)),
    ];
    let kinds: Vec<&str> = kinds.into_iter().filter(|(_, of)| differ(*of)).map(|(what, _)| what).collect();
    let files: Vec<&str> = runs.iter().map(|(file, _)| file.as_str()).collect();
    let (kinds, files) = (kinds.join(", "), files.join(", "));
    (!kinds.is_empty()).then(|| format!("Each shard measured for itself, and so left out here: {kinds}. See {files}."))
}

fn of_endpoints(run: &BenchRun, of: fn(&EndpointResult) -> serde_json::Value) -> serde_json::Value {
    run.endpoints.iter().map(of).collect()
}

/// Without what is counted.
fn timed(side: &ServerSide) -> ServerSide {
    ServerSide { calls: 0, touched: Default::default(), ..side.clone() }
}

fn json(of: &impl Serialize) -> serde_json::Value {
    serde_json::to_value(of).unwrap_or_default()
}
