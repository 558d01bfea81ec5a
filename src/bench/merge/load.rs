//! The load, phase by phase and step by step.

use crate::bench::analysis::{knee, little, usl};
use crate::bench::recorder::HistogramError;
use crate::report::model::{Clock, ConnectionUse, EndpointLoad, LittlesLaw, LoadRun, LoadStep};

use super::clock::{Joined, clock, failures, optional, promises, sentences};

/// What a step was asked to do, in words: steps of shards are the same when this is.
pub fn asked(step: &LoadStep) -> String {
    let think = step.think_ms.map_or(String::new(), |think| format!(" thinking {think} ms"));
    match (step.clients, step.rate) {
        (Some(clients), _) => format!("{clients} clients{think}"),
        (None, Some(rate)) => format!("{rate}/s"),
        (None, None) => "a step".to_owned(),
    }
}

pub fn run(parts: &[&LoadRun]) -> Result<LoadRun, HistogramError> {
    // Of an interrupted shard's steps, those that all have.
    let together = |place: usize| {
        let steps: Vec<&LoadStep> = parts.iter().filter_map(|part| part.steps.get(place)).collect();
        let same = steps.windows(2).all(|pair| asked(pair[0]) == asked(pair[1]));
        (steps.len() == parts.len() && same).then_some(steps)
    };
    let steps = (0..).map_while(together).map(|steps| step(&steps)).collect::<Result<Vec<_>, _>>()?;
    let first = parts[0];
    let mut notes = sentences(parts.iter().flat_map(|part| &part.notes));
    let valid = steps.iter().filter(|step| step.invalid.is_empty());
    let points: Vec<(f64, f64)> = valid.filter_map(|step| Some((f64::from(step.clients?), step.throughput_per_s))).collect();
    let usl = if first.model == "closed" { usl::fit(&points) } else { None };
    let search = first.search.clone().filter(|search| parts.iter().all(|part| part.search.as_ref() == Some(search)));
    if first.search.is_some() && search.is_none() {
        notes.push(
            "A search goes by what it finds, and each shard found something else: see their runs, or search with one shard."
                .into(),
        );
    }
    let dropped = parts.iter().map(|part| part.steps.len()).max().unwrap_or(0) - steps.len();
    if dropped > 0 {
        notes.push(format!("{dropped} steps were not driven by every shard and are left out."));
    }
    if parts.len() > 1 && parts.iter().any(|part| part.steps.iter().any(|step| !step.ticks.is_empty())) {
        notes.push("What went on second by second is in the shards' own runs: percentiles of seconds cannot be added.".into());
    }
    Ok(LoadRun {
        knee: knee::knee(&steps, usl.as_ref()).filter(|_| first.model == "closed"),
        usl,
        search,
        notes,
        steps,
        ..first.clone()
    })
}

fn step(parts: &[&LoadStep]) -> Result<LoadStep, HistogramError> {
    let sum = |of: fn(&LoadStep) -> u64| parts.iter().map(|part| of(part)).sum::<u64>();
    let add = |of: fn(&LoadStep) -> f64| parts.iter().map(|part| of(part)).sum::<f64>();
    let most = |of: fn(&LoadStep) -> f64| parts.iter().map(|part| of(part)).fold(0.0, f64::max);
    let calls = sum(|part| part.calls);
    let response = clock(parts.iter().map(|part| &part.response))?;
    let seconds = most(|part| part.seconds);
    let throughput_per_s = add(|part| part.throughput_per_s);
    let counted = add(|part| part.littles_law.counted);
    let first = parts[0];
    let invalid = parts.iter().enumerate().flat_map(|(number, part)| {
        part.invalid
            .iter()
            .map(move |reason| if parts.len() > 1 { format!("run {}: {reason}", number + 1) } else { reason.clone() })
    });
    let cpu_us: f64 = parts.iter().map(|part| part.client_cpu_us_per_call * part.calls as f64).sum();
    let errors = sum(|part| part.errors);
    let joined = Joined { clock: &response, errors, throughput_per_s: Some(throughput_per_s) };
    let slo = promises(parts.iter().map(|part| part.slo.as_slice()), &joined);
    Ok(LoadStep {
        clients: first.clients,
        think_ms: first.think_ms,
        rate: first.rate,
        seconds,
        warm_up_seconds: most(|part| part.warm_up_seconds),
        steady: parts.iter().all(|part| part.steady),
        calls,
        errors,
        throughput_per_s,
        service: clock(parts.iter().map(|part| &part.service))?,
        wait: optional(parts.iter().map(|part| part.wait.as_ref()))?,
        connections: connections(parts)?,
        schedule_lag: optional(parts.iter().map(|part| part.schedule_lag.as_ref()))?,
        backlog: sum(|part| part.backlog),
        late: sum(|part| part.late),
        client_cpu: add(|part| part.client_cpu),
        client_cpu_us_per_call: if calls == 0 { 0.0 } else { cpu_us / calls as f64 },
        loop_delay: clock(parts.iter().map(|part| &part.loop_delay))?,
        littles_law: littles_law(first, counted, throughput_per_s, &response, calls, seconds),
        invalid: invalid.collect(),
        endpoints: endpoints(parts)?,
        ticks: if parts.len() == 1 { first.ticks.clone() } else { Vec::new() },
        slo,
        response,
    })
}

/// The law for all clients together, held against what all shards counted.
fn littles_law(step: &LoadStep, counted: f64, throughput_per_s: f64, response: &Clock, calls: u64, seconds: f64) -> LittlesLaw {
    let response_s = response.latency.mean_ms / 1e3;
    let mut law = little::littles_law(counted, throughput_per_s, response_s, calls, seconds);
    if let (Some(clients), true) = (step.clients, law.holds) {
        let think_s = step.think_ms.unwrap_or(0.0) / 1e3;
        let said = little::closed_loop_check(f64::from(clients), think_s, throughput_per_s, response_s);
        law.holds = said.is_none();
        law.sentence = said;
    }
    law
}

fn connections(parts: &[&LoadStep]) -> Result<ConnectionUse, HistogramError> {
    Ok(ConnectionUse {
        policy: parts[0].connections.policy.clone(),
        open: parts.iter().map(|part| part.connections.open).sum(),
        lost: parts.iter().map(|part| part.connections.lost).sum(),
        connect: optional(parts.iter().map(|part| part.connections.connect.as_ref()))?,
    })
}

/// By label: an endpoint may have had no call on some shard.
fn endpoints(parts: &[&LoadStep]) -> Result<Vec<EndpointLoad>, HistogramError> {
    let mut labels: Vec<&str> = Vec::new();
    for endpoint in parts.iter().flat_map(|part| &part.endpoints) {
        if !labels.contains(&endpoint.label.as_str()) {
            labels.push(&endpoint.label);
        }
    }
    labels
        .into_iter()
        .map(|label| {
            let own = parts.iter().flat_map(|part| &part.endpoints).filter(|endpoint| endpoint.label == label);
            endpoint(&own.collect::<Vec<_>>())
        })
        .collect()
}

fn endpoint(parts: &[&EndpointLoad]) -> Result<EndpointLoad, HistogramError> {
    let response = clock(parts.iter().map(|part| &part.response))?;
    let errors = parts.iter().map(|part| part.errors).sum();
    let throughput_per_s = parts.iter().map(|part| part.throughput_per_s).sum();
    let joined = Joined { clock: &response, errors, throughput_per_s: Some(throughput_per_s) };
    let slo = promises(parts.iter().map(|part| part.slo.as_slice()), &joined);
    Ok(EndpointLoad {
        label: parts[0].label.clone(),
        route: parts[0].route.clone(),
        calls: parts.iter().map(|part| part.calls).sum(),
        errors,
        throughput_per_s,
        service: clock(parts.iter().map(|part| &part.service))?,
        retries: parts.iter().map(|part| part.retries).sum(),
        failures: failures(parts.iter().flat_map(|part| &part.failures)),
        slo,
        notes: sentences(parts.iter().flat_map(|part| &part.notes)),
        response,
    })
}
