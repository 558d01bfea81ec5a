//! A service under load, its figures made by the Universal Scalability Law.

use perflab::bench::analysis::{knee, usl};
use perflab::report::model::{
    Clock, ConnectionUse, EndpointLoad, ErrorCount, Knee, Latency, LittlesLaw, LoadRun, LoadStep, SearchOutcome, SloResult, Tick,
    Usl,
};

const LAW: Usl = Usl { lambda: 6_200.0, contention: 0.04, coherence: 0.0018, r2: 1.0, peak_clients: None, peak_per_s: None };

/// A sweep, the same with a pool and with repeating ids, an open loop that is kept and one that is not, and a search.
pub fn load() -> Vec<LoadRun> {
    let mut pooled = sweep(1.35, 0.7);
    pooled.varied = vec!["connections: pool of 4".to_owned()];
    for step in &mut pooled.steps {
        step.connections = ConnectionUse { policy: "pool".to_owned(), open: 4, lost: 1, connect: None };
        step.wait = Some(clock(step.calls, step.service.latency.p50_ms * 0.8));
    }
    let mut repeating = sweep(0.4, 2.1);
    repeating.varied = vec!["pick: repeat 11".to_owned()];
    vec![sweep(1.0, 1.0), pooled, repeating, steady(), too_fast(), searched()]
}

fn sweep(slower: f64, faster: f64) -> LoadRun {
    let steps: Vec<LoadStep> = [1, 2, 4, 8, 16, 32, 64].map(|clients| step(clients, slower, faster)).to_vec();
    let valid = steps.iter().filter(|step| step.invalid.is_empty());
    let points: Vec<(f64, f64)> = valid.map(|step| (f64::from(step.clients.unwrap()), step.throughput_per_s)).collect();
    let law = usl::fit(&points);
    let knee: Option<Knee> = knee::knee(&steps, law.as_ref());
    run("evening", "closed", steps, law, knee)
}

fn step(clients: u32, slower: f64, faster: f64) -> LoadStep {
    let noise = 1.0 + 0.01 * f64::from(clients % 3) - 0.01;
    let throughput = LAW.throughput_at(f64::from(clients)) * noise * faster;
    let mean_ms = f64::from(clients) / throughput * 1e3 * slower;
    let calls = (throughput * 10.0) as u64;
    let mut step = base(throughput, calls, mean_ms, mean_ms * 1.02);
    step.clients = Some(clients);
    step.client_cpu = (throughput / 30_000.0).min(2.0);
    step.littles_law = LittlesLaw { counted: f64::from(clients), computed: f64::from(clients), holds: true, sentence: None };
    if clients == 64 {
        step.invalid = vec!["perflab itself used 1.93 of 2 cores: the figures are its own".to_owned()];
        step.steady = false;
    }
    step
}

fn base(throughput_per_s: f64, calls: u64, service_ms: f64, response_ms: f64) -> LoadStep {
    let some = (calls as f64 * 0.8) as u64;
    let endpoint = |label: &str, calls: u64, share: f64, slower: f64| EndpointLoad {
        label: label.to_owned(),
        route: label.to_owned(),
        calls,
        throughput_per_s: throughput_per_s * share,
        service: clock(calls, service_ms * slower),
        response: clock(calls, response_ms * slower),
        ..EndpointLoad::default()
    };
    LoadStep {
        seconds: 10.0,
        warm_up_seconds: 2.0,
        steady: true,
        calls,
        throughput_per_s,
        service: clock(calls, service_ms),
        response: clock(calls, response_ms),
        connections: ConnectionUse { policy: "kept".to_owned(), open: 8, ..ConnectionUse::default() },
        client_cpu: 0.4,
        client_cpu_us_per_call: 21.0,
        loop_delay: clock(1_000, 0.05),
        littles_law: LittlesLaw { counted: 8.0, computed: 8.0, holds: true, sentence: None },
        endpoints: vec![endpoint("GET /song/{id}", some, 0.8, 0.7), endpoint("POST /user/{id}/likes", calls - some, 0.2, 2.2)],
        ticks: (1..=10)
            .map(|second| Tick {
                at_s: f64::from(second),
                calls: calls / 10,
                errors: 0,
                p50_ms: service_ms,
                p95_ms: service_ms * (2.0 + f64::from(second % 4)),
            })
            .collect(),
        ..LoadStep::default()
    }
}

fn open(rate: f64, throughput: f64, response_ms: f64) -> LoadStep {
    let mut step = base(throughput, (throughput * 30.0) as u64, 0.9, response_ms);
    step.seconds = 30.0;
    step.rate = Some(rate);
    step.schedule_lag = Some(clock(10_000, 0.06));
    step
}

fn steady() -> LoadRun {
    run("steady", "open", vec![open(2_000.0, 1_998.2, 1.1)], None, None)
}

fn too_fast() -> LoadRun {
    let mut step = open(20_000.0, 14_480.0, 912.0);
    (step.late, step.backlog, step.errors) = (131_204, 3_112, 14);
    step.littles_law.holds = false;
    step.littles_law.sentence =
        Some("Little's law does not hold: 14,480/s × 912.0 ms make 13,206 calls in the system, counted were 64.".to_owned());
    let failed = &mut step.endpoints[1];
    failed.errors = 14;
    failed.retries = 31;
    let message = "deadlock detected".to_owned();
    failed.failures = vec![ErrorCount { sqlstate: "40P01".to_owned(), message, step: 2, count: 14 }];
    failed.notes = vec!["its 20,000 rows were used up after 6 s".to_owned()];
    run("rush", "open", vec![step], None, None)
}

fn searched() -> LoadRun {
    let slo = |p95: f64| SloResult {
        metric: "p95".to_owned(),
        bound: 50.0,
        measured: Some(p95),
        met: Some(p95 < 50.0),
        ..SloResult::default()
    };
    let step =
        |rate: f64, response_ms: f64| LoadStep { slo: vec![slo(response_ms * 2.4)], ..open(rate, rate * 0.999, response_ms) };
    let steps = vec![step(4_000.0, 1.2), step(8_000.0, 4.0), step(16_000.0, 310.0), step(16_000.0, 290.0), step(11_314.0, 9.5)];
    let mut run = run("capacity", "search", steps, None, None);
    run.search = Some(SearchOutcome {
        slo: vec!["p95 < 50ms".to_owned()],
        rate: Some(11_314.0),
        broken_at: Some(16_000.0),
        sentence: "11,314/s held p95 < 50ms (p95 22.8 ms), twice; 16,000/s broke it (p95 696.0 ms).".to_owned(),
    });
    run
}

fn run(name: &str, model: &str, steps: Vec<LoadStep>, usl: Option<Usl>, knee: Option<Knee>) -> LoadRun {
    let (name, model) = (name.to_owned(), model.to_owned());
    LoadRun { name, model, varied: Vec::new(), steps, usl, knee, search: None, notes: Vec::new() }
}

fn clock(n: u64, p50_ms: f64) -> Clock {
    let latency = Latency {
        n,
        min_ms: p50_ms * 0.4,
        mean_ms: p50_ms * 1.1,
        p50_ms,
        p95_ms: (n >= 20).then_some(p50_ms * 2.4),
        p99_ms: (n >= 100).then_some(p50_ms * 4.1),
        max_ms: p50_ms * 9.0,
    };
    Clock { latency, p999_ms: (n >= 1_000).then_some(p50_ms * 6.5), histogram: None }
}
