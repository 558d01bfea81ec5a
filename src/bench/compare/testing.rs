//! Runs made up for tests.

use crate::report::model::{BenchReport, Block, DataIdentity, EndpointResult, Environment, Latency, ScenarioInfo, StepResult};

/// A run of these endpoints, by label and the medians of its stretches.
pub fn run(endpoints: &[(&str, &[f64])]) -> BenchReport {
    let mut report = BenchReport {
        format: crate::report::model::FORMAT_VERSION,
        perflab: "1.0.0".into(),
        scenario: ScenarioInfo { name: "shop".into(), title: "Shop".into(), about: None, file: "shop.yaml".into() },
        environment: Environment::made_up(),
        data: Some(DataIdentity { hash: "0123456789abcdef".into(), rows: 1000 }),
        bench: Default::default(),
        shard: None,
        interrupted: false,
        warnings: Vec::new(),
        baseline: None,
    };
    report.bench.endpoints = endpoints.iter().map(|(label, medians)| endpoint(label, medians)).collect();
    report
}

fn endpoint(label: &str, medians: &[f64]) -> EndpointResult {
    let middle = super::super::statistics::median(&mut medians.to_vec());
    let calls = medians.len() as u64 * 5;
    let latency = Latency { n: calls, p50_ms: middle, mean_ms: middle, ..Latency::default() };
    let step = StepResult {
        step: 1,
        sql: format!("SELECT '{label}'"),
        runs_per_call: 1.0,
        rows_per_call: 1.0,
        latency: latency.clone(),
        share: 1.0,
        histogram: None,
    };
    EndpointResult {
        label: label.to_owned(),
        route: label.to_owned(),
        calls,
        latency,
        statements_per_call: 1.0,
        round_trips_per_call: 1.0,
        steps: vec![step],
        blocks: medians.iter().map(|ms| Block { n: 5, mean_ms: *ms, p50_ms: *ms }).collect(),
        ..EndpointResult::default()
    }
}

/// Figures that wander: each keeps `memory` of what the one before was off by (an autoregression), around `level`.
pub fn wandering(level: f64, spread: f64, memory: f64, seed: u64, count: usize) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut uniform = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    for _ in 0..20 {
        uniform();
    }
    let mut off = 0.0;
    let figures = (0..count).map(|_| {
        let shock: f64 = (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
        off = memory * off + shock * spread;
        level * (1.0 + off).max(0.05)
    });
    figures.collect()
}
