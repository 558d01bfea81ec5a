//! Endpoints with one client, of several machines.

use crate::bench::recorder::{HistogramError, Recorder};
use crate::report::model::{BenchRun, EndpointResult, StepResult};

use super::agreed::agreed;
use super::clock::{Joined, failures, promises, recorder, sentences};
use super::server_side;

/// Endpoint by endpoint; all runs have the same in the same order.
pub fn endpoints(runs: &[&BenchRun]) -> Result<Vec<EndpointResult>, HistogramError> {
    let count = runs.first().map_or(0, |run| run.endpoints.len());
    (0..count).map(|place| endpoint(&runs.iter().filter_map(|run| run.endpoints.get(place)).collect::<Vec<_>>())).collect()
}

fn endpoint(parts: &[&EndpointResult]) -> Result<EndpointResult, HistogramError> {
    let Some(first) = parts.first() else { return Ok(EndpointResult::default()) };
    let all = recorder(parts.iter().map(|part| (&part.latency, part.histogram.as_deref())))?;
    let clock = all.clock();
    let calls: u64 = parts.iter().map(|part| part.calls).sum();
    let errors: u64 = parts.iter().map(|part| part.errors).sum();
    let per_call = |of: fn(&EndpointResult) -> f64| weighted(parts.iter().map(|part| (of(part), part.calls)));
    let joined = Joined { clock: &clock, errors, throughput_per_s: None };
    let slo = promises(parts.iter().map(|part| part.slo.as_slice()), &joined);
    let steps = (0..first.steps.len()).map(|place| {
        let steps: Vec<_> = parts.iter().filter_map(|part| Some((part.steps.get(place)?, part.calls))).collect();
        step(&steps, &all)
    });
    Ok(EndpointResult {
        calls,
        errors,
        rows_per_call: per_call(|part| part.rows_per_call),
        statements_per_call: per_call(|part| part.statements_per_call),
        round_trips_per_call: per_call(|part| part.round_trips_per_call),
        steps: steps.collect::<Result<_, _>>()?,
        failures: failures(parts.iter().flat_map(|part| &part.failures)),
        retries: parts.iter().map(|part| part.retries).sum(),
        slo,
        // Counts of one shard are no counts of all.
        notes: sentences(parts.iter().flat_map(|part| &part.notes).filter(|note| !note.contains("calls failed")))
            .into_iter()
            .chain((errors > 0).then(|| format!("{errors} of {} calls failed and are not among the times.", errors + calls)))
            .collect(),
        // Stretches of different machines are no order of time.
        blocks: if parts.len() == 1 { first.blocks.clone() } else { Vec::new() },
        server_side: server_side::joined(parts),
        classes: agreed(parts.iter().map(|part| &part.classes)).flatten(),
        latency: clock.latency,
        histogram: clock.histogram,
        ..(*first).clone()
    })
}

fn step(parts: &[(&StepResult, u64)], endpoint: &Recorder) -> Result<StepResult, HistogramError> {
    let all = recorder(parts.iter().map(|(part, _)| (&part.latency, part.histogram.as_deref())))?;
    let per_call = |of: fn(&StepResult) -> f64| weighted(parts.iter().map(|(part, calls)| (of(part), *calls)));
    let first = parts[0].0;
    Ok(StepResult {
        step: first.step,
        sql: first.sql.clone(),
        runs_per_call: per_call(|part| part.runs_per_call),
        rows_per_call: per_call(|part| part.rows_per_call),
        latency: all.summary(),
        histogram: all.stored(),
        share: if endpoint.total_ms() > 0.0 { all.total_ms() / endpoint.total_ms() } else { 0.0 },
    })
}

/// A figure per call over all calls.
pub fn weighted(parts: impl Iterator<Item = (f64, u64)>) -> f64 {
    let (sum, calls) = parts.fold((0.0, 0), |(sum, calls), (figure, more)| (sum + figure * more as f64, calls + more));
    if calls == 0 { 0.0 } else { sum / calls as f64 }
}
