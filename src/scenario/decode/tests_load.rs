//! Every spelling of `load:`, `vary:`, `bench:`, `variants:` and `slo:` that the documentation shows.

use std::time::Duration;

use crate::scenario::model::*;

const ENDPOINTS: &str =
    "endpoints:\n  - {route: GET /users, params: {sample: SELECT id FROM users}, sql: SELECT * FROM users WHERE id = :id}\n";

fn read(text: &str) -> Scenario {
    let text = format!("name: shop\n{ENDPOINTS}{text}");
    let source = Source { path: "scenarios/shop.yaml".into(), text };
    crate::scenario::parse(source, |_| Ok(String::new())).unwrap_or_else(|errors| panic!("{errors}"))
}

fn phase(yaml: &str) -> LoadPhase {
    read(&format!("load: {yaml}\n")).load.remove(0)
}

fn model(yaml: &str) -> LoadModel {
    phase(yaml).model
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

#[test]
fn closed_loops() {
    let closed = |clients: &[u32], think| LoadModel::Closed { clients: clients.to_vec(), think };
    let phase = phase("{closed: {clients: [1, 2, 4], think: 1s}, for: 30s, warm_up: 0s, name: sweep, connections: {pool: 20}}");
    assert_eq!(phase.model, closed(&[1, 2, 4], Think::Fixed(seconds(1))));
    assert_eq!((phase.lasts, phase.warm_up, phase.name.as_deref()), (seconds(30), Duration::ZERO, Some("sweep")));
    assert_eq!((phase.connections, phase.endpoints.len()), (Connections::Pool(20), 0));
    assert_eq!(model("{closed: {clients: 1-32}}"), closed(&[1, 2, 4, 8, 16, 32], Think::None));
    assert_eq!(
        model("{closed: {clients: 3-20, think: {mean: 500ms}}}"),
        closed(&[3, 6, 12, 20], Think::Exponential(Duration::from_millis(500)))
    );
    assert_eq!(model("{closed: 8}"), closed(&[8], Think::None));
    assert_eq!(model("[{closed: [2, 1]}]"), closed(&[2, 1], Think::None));
    let plain = self::phase("{closed: 8, endpoints: [GET /users], connections: per_call}");
    assert_eq!((plain.lasts, plain.warm_up, plain.connections), (LASTS, WARM_UP, Connections::PerCall));
    assert_eq!(plain.endpoints[0].value, "GET /users");
}

#[test]
fn open_loops() {
    let open = |stages: &[(f64, f64, u64)], arrivals| {
        let stages = stages.iter().map(|(from, to, lasts)| RateStage { from: *from, to: *to, lasts: seconds(*lasts) }).collect();
        LoadModel::Open { stages, arrivals }
    };
    assert_eq!(model("{open: {rate: 60k/min, arrivals: constant}, for: 30s}"), open(&[(1000.0, 1000.0, 30)], Arrivals::Constant));
    assert_eq!(model("{open: 1_000/s}"), open(&[(1000.0, 1000.0, 10)], Arrivals::Poisson));
    let stages = "[{to: 500/s, over: 10s}, {rate: 500/s, for: 30s}, {to: 0/s, over: 5s}]";
    let phase = phase(&format!("{{open: {{stages: {stages}}}}}"));
    assert_eq!(phase.model, open(&[(0.0, 500.0, 10), (500.0, 500.0, 30), (500.0, 0.0, 5)], Arrivals::Poisson));
    assert_eq!(phase.lasts, seconds(45));
    let from = model("{open: {from: 100/s, stages: [{to: 500/s, over: 10s}, {rate: 50/s, for: 1s}]}}");
    assert_eq!(from, open(&[(100.0, 500.0, 10), (50.0, 50.0, 1)], Arrivals::Poisson));
}

#[test]
fn searches() {
    let LoadModel::Search { promises, from, up_to, arrivals } = model("{search: {slo: p95 < 50ms, from: 100/s, up_to: 60000/s}}")
    else {
        panic!("a search")
    };
    assert_eq!((promises[0].to_string(), promises.len()), ("p95 < 50 ms".to_owned(), 1));
    assert_eq!((from, up_to, arrivals), (Some(100.0), 60_000.0, Arrivals::Poisson));
    let LoadModel::Search { promises, from, .. } = model("{search: {slo: [p95 < 50ms, error_rate < 1%], up_to: 5/s}}") else {
        panic!("a search")
    };
    assert_eq!((promises.len(), from), (2, None));
}

#[test]
fn what_is_varied_and_how_calls_are_made() {
    let vary = read(
        "load: {closed: 4}\nvary: {pick: [uniform, {zipf: 1.1}, {repeat: 11}], connections: [per_call, kept, {pool: 10}, 1]}\n\
         bench: {retries: 3, statement_timeout: 5s}\n",
    );
    assert_eq!(vary.vary.pick, [Pick::Uniform, Pick::Zipf { exponent: 1.1 }, Pick::Repeat(11)]);
    assert_eq!(vary.vary.connections, [Connections::PerCall, Connections::Kept, Connections::Pool(10), Connections::Pool(1)]);
    assert_eq!(vary.calls, CallOptions { retries: 3, statement_timeout: Some(seconds(5)) });
    assert_eq!(read("load: {closed: 4}\nvary: {connections: per_call}\n").vary.connections, [Connections::PerCall]);
}

#[test]
fn variants_of_an_endpoint() {
    let text = "    sql: SELECT count(*) FROM users\n    variants:\n      lateral: {sql: SELECT 1}\n      two steps: [SELECT 1, {sql: SELECT 2, as: b}]\n      \
                summary: {setup: [CREATE TABLE s AS SELECT 1, 'CREATE INDEX ON s (x)'], refresh: TRUNCATE s, steps: [SELECT 3]}\n";
    let source = Source { path: "x".into(), text: format!("name: shop\nendpoints:\n  - route: GET /a\n{text}") };
    let scenario = crate::scenario::parse(source, |_| Ok(String::new())).unwrap_or_else(|errors| panic!("{errors}"));
    let variants = &scenario.endpoints[0].variants;
    let names: Vec<(&str, usize)> = variants.iter().map(|variant| (variant.name.value.as_str(), variant.steps.len())).collect();
    assert_eq!(names, [("lateral", 1), ("two steps", 2), ("summary", 1)]);
    assert_eq!(
        variants[2].setup.iter().map(|sql| sql.value.as_str()).collect::<Vec<_>>(),
        ["CREATE TABLE s AS SELECT 1", "CREATE INDEX ON s (x)"]
    );
    assert_eq!(variants[2].refresh.as_ref().map(|sql| sql.value.as_str()), Some("TRUNCATE s"));
}

#[test]
fn promises_are_mappings_or_sentences() {
    let promised = |yaml: &str| -> Vec<String> {
        let text = format!("name: shop\nendpoints:\n  - {{route: GET /a, sql: SELECT 1, slo: {yaml}}}\n");
        let source = Source { path: "x".into(), text };
        let scenario = crate::scenario::parse(source, |_| Ok(String::new())).unwrap_or_else(|errors| panic!("{errors}"));
        scenario.endpoints[0].slo.iter().map(ToString::to_string).collect()
    };
    assert_eq!(promised("{p95: 20ms, error_rate: 0.1%, queries: 3}"), ["p95 < 20 ms", "error_rate < 0.1%", "queries <= 3"]);
    assert_eq!(promised("{p95: <= 20ms, plan: no seq scan over 5k rows}"), ["p95 <= 20 ms", "plan: no seq scan over 5000 rows"]);
    assert_eq!(promised("p95 < 20ms and rps >= 5"), ["p95 < 20 ms", "rps >= 5/s"]);
    let list = "[p95 < 50ms, error_rate < 0.1%, rps >= 1000, rows_read / rows_returned < 50, wal < 8kB, \"plan: no seq scan over 100000 rows\"]";
    let all = [
        "p95 < 50 ms",
        "error_rate < 0.1%",
        "rps >= 1000/s",
        "rows_read_per_returned < 50",
        "wal < 8 kB",
        "plan: no seq scan over 100000 rows",
    ];
    assert_eq!(promised(list), all);
    assert_eq!(promised("[plan: no seq scan over 100000 rows]"), ["plan: no seq scan over 100000 rows"]);
}
