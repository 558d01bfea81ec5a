//! What was counted in a step, as the report has it.

use std::time::Duration;

use crate::bench::analysis::little::{closed_loop_check, littles_law};
use crate::bench::recorder::Recorder;
use crate::bench::workload::Workload;
use crate::report::model::{Clock, ConnectionUse, EndpointLoad, LoadStep, Tick};
use crate::scenario::model::{Connections, Think};

use super::judge::{counted, promises};
use super::plan::Common;
use super::step::StepCounts;
use super::tally::{EndpointTally, WindowTally};

/// Share of what its threads can do at which the client measures itself.
const SATURATED: f64 = 0.8;

/// What the step was asked to be.
#[derive(Debug, Clone, Copy)]
pub enum Asked {
    Closed {
        clients: u32,
        think: Think,
    },
    /// Mean rate of the stage.
    Open {
        rate: f64,
    },
}

/// One [`LoadStep`] per window.
pub fn steps(workload: &Workload, common: &Common, asked: &[Asked], counts: StepCounts, threads: usize) -> Vec<LoadStep> {
    let StepCounts { tally, loop_delay, connections, lengths, warm_up, steady, client_cpu, ticks, threads_lost } = counts;
    let seconds_all: f64 = lengths.iter().map(Duration::as_secs_f64).sum();
    let finished_all: u64 = tally.windows.iter().map(|window| window.finished).sum();
    let cpu = client_cpu.as_secs_f64() / seconds_all.max(1e-9);
    let mut before = 0.0;
    let mut made = Vec::new();
    for ((window, length), asked) in tally.windows.into_iter().zip(lengths).zip(asked) {
        let seconds = length.as_secs_f64();
        let mut step = LoadStep {
            seconds,
            warm_up_seconds: warm_up.as_secs_f64(),
            steady,
            loop_delay: loop_delay.clock(),
            client_cpu: cpu,
            client_cpu_us_per_call: client_cpu.as_secs_f64() * 1e6 / (finished_all.max(1)) as f64,
            ticks: ticks_between(&ticks, before, seconds),
            connections: ConnectionUse {
                policy: policy(common.connections).to_owned(),
                open: u32::try_from(connections).unwrap_or(u32::MAX),
                lost: window.lost,
                connect: (window.connect.count() > 0).then(|| window.connect.clock()),
            },
            ..LoadStep::default()
        };
        fill(&mut step, workload, common, window, *asked);
        step.invalid = invalid(&step, threads, threads_lost);
        before += seconds;
        made.push(step);
    }
    made
}

fn fill(step: &mut LoadStep, workload: &Workload, common: &Common, window: WindowTally, asked: Asked) {
    let seconds = step.seconds.max(1e-9);
    let (mut service, mut response) = (Recorder::default(), Recorder::default());
    let called = common.mix.places();
    for (place, endpoint) in window.endpoints.iter().enumerate() {
        let own = endpoint.service.as_deref();
        own.into_iter().for_each(|recorder| service.merge(recorder));
        endpoint.response.as_deref().or(own).into_iter().for_each(|recorder| response.merge(recorder));
        if called.contains(&place) {
            step.endpoints.push(endpoint_load(workload, place, endpoint, seconds));
        }
    }
    step.calls = service.count();
    step.errors = step.endpoints.iter().map(|endpoint| endpoint.errors).sum();
    step.throughput_per_s = window.finished as f64 / seconds;
    step.backlog = window.backlog;
    step.late = window.late;
    step.wait = (window.wait.count() > 0).then(|| window.wait.clock());
    let in_system = window.in_system_ns / 1e9 / seconds;
    let mean_response_s = response.summary().mean_ms / 1e3;
    step.littles_law = littles_law(in_system, step.throughput_per_s, mean_response_s, step.calls, seconds);
    match asked {
        Asked::Closed { clients, think } => {
            let think_s = match think {
                Think::None => 0.0,
                Think::Fixed(mean) | Think::Exponential(mean) => mean.as_secs_f64(),
            };
            step.clients = Some(clients);
            step.think_ms = (think_s > 0.0).then_some(think_s * 1e3);
            if step.littles_law.sentence.is_none() && common.shard == crate::bench::shard::WHOLE && step.errors == 0 {
                let said = closed_loop_check(f64::from(clients), think_s, step.throughput_per_s, mean_response_s);
                step.littles_law.holds &= said.is_none();
                step.littles_law.sentence = said;
            }
        }
        Asked::Open { rate } => {
            step.rate = Some(rate);
            step.schedule_lag = Some(window.lag.clock());
        }
    }
    step.service = service.clock();
    step.response = response.clock();
}

fn endpoint_load(workload: &Workload, place: usize, tally: &EndpointTally, seconds: f64) -> EndpointLoad {
    let endpoint = &workload.endpoints[place];
    let clock = |recorder: Option<&Recorder>| recorder.map_or_else(Clock::default, Recorder::clock);
    let service = tally.service.as_deref();
    let calls = service.map_or(0, Recorder::count);
    let response = clock(tally.response.as_deref().or(service));
    let errors = tally.failures.iter().map(|failure| failure.count).sum();
    let per_s = calls as f64 / seconds;
    let mut notes = Vec::new();
    if tally.used_up {
        notes.push("Its sampled rows were used up during the step: what deletes a row can do so once.".to_owned());
    }
    EndpointLoad {
        label: endpoint.label.clone(),
        route: endpoint.route.clone(),
        calls,
        errors,
        throughput_per_s: per_s,
        service: clock(service),
        response: response.clone(),
        retries: tally.retries,
        failures: tally.failures.clone(),
        slo: promises(&endpoint.slo, &counted(&response, errors, per_s)),
        notes,
    }
}

fn policy(connections: Connections) -> &'static str {
    match connections {
        Connections::Kept => "kept",
        Connections::Pool(_) => "pool",
        Connections::PerCall => "per call",
    }
}

fn ticks_between(ticks: &[Tick], from: f64, seconds: f64) -> Vec<Tick> {
    let mine = ticks.iter().filter(|tick| tick.at_s > from && tick.at_s <= from + seconds + 0.25);
    mine.map(|tick| Tick { at_s: tick.at_s - from, ..tick.clone() }).collect()
}

/// Why the step's figures are the client's as much as the server's.
fn invalid(step: &LoadStep, threads: usize, threads_lost: usize) -> Vec<String> {
    let mut reasons = Vec::new();
    if threads_lost > 0 {
        reasons.push(format!("{threads_lost} of perflab's {threads} threads ended without their counts"));
    }
    let busy = step.client_cpu / threads as f64;
    if busy > SATURATED {
        let percent = crate::units::percent(busy);
        reasons
            .push(format!("perflab itself was busy {percent} of the time: the times are the client's as much as the server's"));
    }
    // A schedule that is late by as much as a call takes has made the calls late, and no server can be blamed for that.
    let lag = step.schedule_lag.as_ref().and_then(|lag| lag.latency.p95_ms);
    if let Some(lag) = lag.filter(|lag| *lag > step.response.latency.p50_ms.max(1.0)) {
        let (lag, response) = (crate::units::ms(lag), crate::units::ms(step.response.latency.p50_ms));
        reasons.push(format!("perflab could not keep the schedule: 5% of the calls were handed over more than {lag} late, and half of them took {response} or less"));
    }
    reasons
}
