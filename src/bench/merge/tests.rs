use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::bench::load::judge::{counted, promises};
use crate::bench::recorder::Recorder;
use crate::report::model::{
    Clock, DataIdentity, EndpointLoad, EndpointResult, Environment, ErrorCount, LoadStep, ScenarioInfo, Shard, SloResult,
    StepResult,
};
use crate::scenario::model::Location;
use crate::scenario::slo::sentences;

/// One call: whose, how long (nanoseconds), and whether it failed.
type Made = (usize, u64, bool);

const LABELS: [&str; 3] = ["GET /a", "GET /b", "POST /c"];

fn clock<'m>(calls: impl Iterator<Item = &'m Made>) -> Clock {
    let mut recorder = Recorder::default();
    calls.filter(|call| !call.2).for_each(|call| recorder.record(Duration::from_nanos(call.1)));
    recorder.clock()
}

fn failures(count: u64) -> Vec<ErrorCount> {
    let failure = ErrorCount { sqlstate: "40001".into(), message: "no".into(), step: 1, count };
    Vec::from_iter((count > 0).then_some(failure))
}

fn promise(clock: &Clock) -> Vec<SloResult> {
    let promised = sentences("p95 < 20ms", Location::default()).unwrap();
    promises(&promised, &counted(clock, 0, 0.0))
}

fn solo(calls: &[Made], place: usize) -> EndpointResult {
    let own = || calls.iter().filter(|call| call.0 == place);
    let clock = clock(own());
    let errors = own().filter(|call| call.2).count() as u64;
    let done = clock.latency.n;
    let step = StepResult {
        step: 1,
        sql: "SELECT 1".into(),
        runs_per_call: if done == 0 { 0.0 } else { 1.0 },
        rows_per_call: if done == 0 { 0.0 } else { 2.0 },
        latency: clock.latency.clone(),
        histogram: clock.histogram.clone(),
        share: if done == 0 { 0.0 } else { 1.0 },
    };
    EndpointResult {
        label: LABELS[place].into(),
        calls: done,
        errors,
        rows_per_call: if done == 0 { 0.0 } else { 2.0 },
        steps: vec![step],
        failures: failures(errors),
        slo: promise(&clock),
        latency: clock.latency,
        histogram: clock.histogram,
        ..EndpointResult::default()
    }
}

fn step(calls: &[Made]) -> LoadStep {
    let all = clock(calls.iter());
    let endpoint = |place: usize| {
        let own = || calls.iter().filter(move |call| call.0 == place);
        let service = clock(own());
        let errors = own().filter(|call| call.2).count() as u64;
        EndpointLoad {
            label: LABELS[place].into(),
            calls: service.latency.n,
            errors,
            throughput_per_s: service.latency.n as f64 / 10.0,
            response: service.clone(),
            slo: promise(&service),
            failures: failures(errors),
            service,
            ..EndpointLoad::default()
        }
    };
    let throughput_per_s = all.latency.n as f64 / 10.0;
    // What is in the system is what takes that long, that often.
    let counted = throughput_per_s * all.latency.mean_ms / 1e3;
    LoadStep {
        rate: Some(100.0),
        seconds: 10.0,
        steady: true,
        calls: all.latency.n,
        errors: calls.iter().filter(|call| call.2).count() as u64,
        throughput_per_s,
        slo: promise(&all),
        littles_law: crate::bench::analysis::little::littles_law(
            counted,
            throughput_per_s,
            all.latency.mean_ms / 1e3,
            all.latency.n,
            10.0,
        ),
        service: all.clone(),
        response: all,
        endpoints: (0..LABELS.len()).map(endpoint).collect(),
        ..LoadStep::default()
    }
}

fn report(calls: &[Made], shard: Option<Shard>) -> BenchReport {
    let phase = LoadRun {
        name: "rush".into(),
        model: "open".into(),
        varied: Vec::new(),
        steps: vec![step(calls)],
        usl: None,
        knee: None,
        search: None,
        notes: Vec::new(),
    };
    let bench = BenchRun {
        endpoints: (0..LABELS.len()).map(|place| solo(calls, place)).collect(),
        load: vec![phase],
        ..BenchRun::default()
    };
    BenchReport {
        format: 2,
        perflab: "0".into(),
        scenario: ScenarioInfo { name: "shop".into(), title: "Shop".into(), about: None, file: "shop.yaml".into() },
        environment: Environment {
            started_at: "2026-01-01T00:00:00Z".into(),
            os: "Linux".into(),
            cpu: "one".into(),
            cores: 2,
            memory_bytes: 1,
            server_version: "15".into(),
            server_kind: "embedded".into(),
            server_origin: "here".into(),
            settings: Vec::new(),
        },
        data: Some(DataIdentity { hash: "ab".into(), rows: 7 }),
        bench,
        shard,
        interrupted: false,
        baseline: None,
        warnings: Vec::new(),
    }
}

fn shards(calls: &[Made], of: u32) -> Vec<Named> {
    (1..=of)
        .map(|number| {
            let shard = Shard { number, of };
            let own = calls.iter().enumerate().filter(|(call, _)| crate::bench::shard::owns(*call as u64, shard));
            let own: Vec<Made> = own.map(|(_, call)| *call).collect();
            (format!("shard-{number}.json"), report(&own, Some(shard)))
        })
        .collect()
}

/// Two values alike, numbers up to what a sum of floats in another order is off by.
fn alike(one: &serde_json::Value, other: &serde_json::Value, at: &str) {
    use serde_json::Value;
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>(), "{at}");
            one.iter().for_each(|(key, value)| alike(value, &other[key], &format!("{at}.{key}")));
        }
        (Value::Array(one), Value::Array(other)) => {
            assert_eq!(one.len(), other.len(), "{at}");
            one.iter().zip(other).enumerate().for_each(|(place, (one, other))| alike(one, other, &format!("{at}[{place}]")));
        }
        (Value::Number(one), Value::Number(other)) => {
            let (one, other) = (one.as_f64().unwrap(), other.as_f64().unwrap());
            assert!((one - other).abs() <= 1e-6 * one.abs().max(other.abs()), "{at}: {one} and {other}");
        }
        // A note counts the failures; whoever measures writes it.
        _ if at.contains("notes") => {}
        _ => assert_eq!(one, other, "{at}"),
    }
}

fn calls() -> impl Strategy<Value = Vec<Made>> {
    prop::collection::vec((0..LABELS.len(), 1_u64..100_000_000, prop::bool::weighted(0.1)), 0..400)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn shards_merged_are_the_whole(calls in calls(), of in 1_u32..6, turn in 0_usize..6) {
        let mut parts = shards(&calls, of);
        parts.rotate_left(turn % of as usize);
        let mut merged = merge(parts, false).unwrap();
        let whole = report(&calls, None);
        // Nobody wrote notes for the whole.
        merged.bench.endpoints.iter_mut().for_each(|endpoint| endpoint.notes.clear());
        alike(&serde_json::to_value(&merged).unwrap(), &serde_json::to_value(&whole).unwrap(), "");
    }
}

const SOME: [Made; 6] = [(0, 1_000, false), (1, 2_000, false), (0, 5_000, true), (2, 9_000, false), (0, 70, false), (1, 1, true)];

#[test]
fn a_missing_shard_is_named_unless_a_part_is_wanted() {
    let mut parts = shards(&SOME, 4);
    parts.remove(1);
    parts.remove(2);
    let error = merge(parts.clone(), false).unwrap_err().to_string();
    assert_eq!(error, "2 of 4 shards are missing: 2, 4; run them and merge again, or merge what there is with --partial");
    let merged = merge(parts, true).unwrap();
    assert_eq!(merged.warnings, ["Shards 2, 4 of 4 are missing: this is a part of the load."]);
    assert_eq!(merged.bench.load[0].steps[0].calls, 3 - 1);
}

#[test]
fn what_is_no_shard_of_the_same_is_refused_with_every_reason() {
    let refused = |change: fn(&mut Vec<Named>)| {
        let mut parts = shards(&SOME, 2);
        change(&mut parts);
        merge(parts, true).unwrap_err().to_string()
    };
    let twice = refused(|parts| parts[1].1.shard = parts[0].1.shard);
    assert_eq!(twice, "shard-2.json and shard-1.json are both shard 1 of 2; give one of them");
    assert!(refused(|parts| parts[1].1.shard = None).contains("shard-2.json is no shard of a load"));
    let other = refused(|parts| {
        parts[1].1.scenario.name = "else".into();
        parts[1].1.data = None;
        parts[1].1.shard = Some(Shard { number: 2, of: 3 });
        parts[1].1.bench.load[0].name = "calm".into();
    });
    assert_eq!(other.lines().count(), 4, "{other}");
    assert!(other.contains("has the scenario else and shard-1.json shop") && other.contains("`calm` (open)"), "{other}");
    assert!(refused(Vec::clear).contains("no run to merge"));
    let broken = refused(|parts| parts[1].1.bench.load[0].steps[0].service.histogram = Some("HISTF".into()));
    assert_eq!(broken, "shard-2.json cannot be added");
}

#[test]
fn an_interrupted_shard_gives_the_steps_that_it_has() {
    let mut parts = shards(&SOME, 2);
    parts.iter_mut().for_each(|(_, run)| run.bench.load[0].steps.push(LoadStep { rate: Some(200.0), ..LoadStep::default() }));
    parts[1].1.bench.load[0].steps.pop();
    parts[1].1.interrupted = true;
    assert!(merge(parts.clone(), false).unwrap_err().to_string().contains("100/s, 200/s"));
    let merged = merge(parts, true).unwrap();
    assert!(merged.interrupted && merged.bench.load[0].steps.len() == 1);
    assert!(merged.bench.load[0].notes[0].contains("1 steps were not driven by every shard"), "{:?}", merged.bench.load[0].notes);
}

#[test]
fn what_each_shard_measures_for_itself_is_averaged_if_counted_and_left_out_if_timed() {
    use crate::report::model::{Block, Placement, ServerSide, Touched};
    let shard = |number, calls, rows_read| {
        let mut run = report(&[(0, 1_000_000, false)], Some(Shard { number, of: 2 }));
        run.bench.placement = Some(Placement { client_cpus: number.to_string(), ..Placement::default() });
        let touched = Touched { rows_read, temp_bytes: (number == 1).then_some(8.0), ..Touched::default() };
        let endpoint = &mut run.bench.endpoints[0];
        endpoint.server_side = Some(ServerSide { calls, touched, server_ms: Some(rows_read), ..ServerSide::default() });
        endpoint.blocks = vec![Block { n: 1, mean_ms: rows_read, p50_ms: 1.0 }];
        (format!("shard-{number}.json"), run)
    };
    let joined = merge(vec![shard(1, 10, 4.0), shard(2, 30, 8.0)], false).unwrap();
    let side = joined.bench.endpoints[0].server_side.as_ref().unwrap();
    assert_eq!((side.calls, side.touched.rows_read, side.touched.temp_bytes, side.server_ms), (40, 7.0, None, None));
    assert!(joined.bench.endpoints[0].blocks.is_empty() && joined.bench.placement.is_none());
    let [warning] = joined.warnings.as_slice() else { panic!("{:?}", joined.warnings) };
    for said in ["what the server did", "blocks", "placement", "shard-1.json, shard-2.json"] {
        assert!(warning.contains(said), "{warning}");
    }
    assert!(!warning.contains("variants") && !warning.contains("classes"), "{warning}");
}
