//! Verdicts on made-up runs whose truth is known.

use proptest::prelude::*;

use super::testing::{run, wandering};
use super::*;
use crate::report::model::{LoadRun, LoadStep, Noise, Setting, Tick};

fn verdicts(before: &BenchReport, after: &BenchReport) -> Vec<Verdict> {
    compare(("a", before), ("b", after), false).endpoints.iter().map(|endpoint| endpoint.verdict).collect()
}

fn one(before: &[f64], after: &[f64]) -> EndpointComparison {
    compare(("a", &run(&[("GET /", before)])), ("b", &run(&[("GET /", after)])), false).endpoints.remove(0)
}

fn times(factor: f64, figures: &[f64]) -> Vec<f64> {
    figures.iter().map(|figure| figure * factor).collect()
}

#[test]
fn a_fifth_more_is_a_regression_and_a_fifth_less_an_improvement() {
    let level = |seed| wandering(5.0, 0.03, 0.0, seed, 32);
    let slower = one(&level(1), &times(1.2, &level(2)));
    assert_eq!(slower.verdict, Verdict::Regressed, "{slower:?}");
    assert!(slower.ratio_low > 1.05 && slower.ratio_low < 1.2 && slower.ratio_high > 1.2, "{slower:?}");
    assert!(slower.p_value.unwrap() < 0.05);
    assert_eq!(one(&level(1), &times(1.0 / 1.2, &level(2))).verdict, Verdict::Improved);
}

#[test]
fn autocorrelated_runs_of_the_same_raise_no_more_alarms_than_they_may() {
    let alarms = (0..60)
        .filter(|pair| {
            let of = |seed| wandering(5.0, 0.05, 0.7, seed, 32);
            matches!(one(&of(pair * 2 + 1), &of(pair * 2 + 2)).verdict, Verdict::Regressed | Verdict::Improved)
        })
        .count();
    assert!(alarms <= 3, "{alarms} of 60");
}

#[test]
fn a_drift_within_a_run_is_no_change_between_runs() {
    let drifting = |noise: u64| -> Vec<f64> {
        wandering(1.0, 0.02, 0.0, noise, 32).iter().enumerate().map(|(place, ms)| ms * (5.0 + place as f64 * 0.05)).collect()
    };
    assert_eq!(one(&drifting(1), &drifting(2)).verdict, Verdict::WithinNoise);
}

#[test]
fn two_speeds_in_either_run_prove_nothing() {
    let bimodal =
        |seed: usize| -> Vec<f64> { (0..32).map(|place| if (place * 7 + seed * 3) % 5 < 3 { 1.0 } else { 4.0 }).collect() };
    let found = one(&bimodal(1), &bimodal(2));
    assert!(matches!(found.verdict, Verdict::WithinNoise | Verdict::NotEnoughData), "{found:?}");
    let halves: Vec<f64> = (0..32).map(|place| if place < 15 { 1.0 } else { 3.0 }).collect();
    let found = one(&vec![1.0; 32], &halves);
    assert_eq!(found.verdict, Verdict::NotEnoughData, "{found:?}");
    assert!(found.reason.unwrap().contains("measure longer"));
}

#[test]
fn few_calls_are_not_enough_and_a_scheduler_s_jitter_is_no_change() {
    let few = one(&[1.0; 5], &[9.0; 32]);
    assert_eq!((few.verdict, few.p_value), (Verdict::NotEnoughData, None));
    let tiny = one(&[0.030; 32], &[0.045; 32]);
    assert_eq!(tiny.verdict, Verdict::WithinNoise);
    assert!(tiny.reason.unwrap().contains("0.020 ms"));
}

#[test]
fn a_restless_endpoint_raises_its_own_bar_and_nobody_else_s() {
    let restless = |seed| wandering(5.0, 0.5, 0.9, seed, 32);
    let quiet = |seed| wandering(5.0, 0.02, 0.0, seed, 32);
    let mut before = run(&[("GET /restless", &restless(1)), ("GET /quiet", &quiet(2))]);
    before.bench.noise = Some(Noise { share: 0.9, ms: 4.0 });
    let after = run(&[("GET /restless", &times(1.15, &restless(3))), ("GET /quiet", &times(1.2, &quiet(4)))]);
    let found = verdicts(&before, &after);
    assert_ne!(found[0], Verdict::Regressed, "{found:?}");
    assert_eq!(found[1], Verdict::Regressed, "{found:?}");
}

#[test]
fn other_rows_and_other_statements_refuse_and_other_machines_warn() {
    let before = run(&[("GET /", &[1.0; 32])]);
    let mut after = before.clone();
    after.environment.cores = 8;
    after.environment.settings.push(Setting { name: "jit".into(), value: "off".into(), why: None });
    let warned = compare(("a", &before), ("b", &after), false);
    let what: Vec<&str> = warned.mismatches.iter().map(|mismatch| mismatch.what.as_str()).collect();
    assert_eq!((what, warned.endpoints.len()), (vec!["setting jit", "processor cores"], 1));
    assert_eq!(warned.mismatches[0].before, "its default");

    after.bench.endpoints[0].steps[0].sql = "SELECT 2".into();
    let refused = compare(("a", &before), ("b", &after), false);
    assert!(refused.mismatches[0].refuses && refused.mismatches[0].what == "statements of GET /", "{refused:?}");
    assert_eq!(refused.endpoints, []);
    assert_eq!(compare(("a", &before), ("b", &after), true).endpoints.len(), 1, "forced");

    let mut other = before.clone();
    other.data = None;
    assert!(compare(("a", &before), ("b", &other), false).mismatches[0].refuses);
}

#[test]
fn endpoints_of_one_run_alone_are_named() {
    let before = run(&[("GET /old", &[1.0; 32]), ("GET /", &[1.0; 32])]);
    let after = run(&[("GET /", &[1.0; 32]), ("GET /new", &[1.0; 32])]);
    let found = compare(("a", &before), ("b", &after), false);
    assert_eq!(found.missing, ["GET /old", "GET /new"]);
    assert_eq!(outcome(&found), Verdict::WithinNoise);
    assert_eq!(outcome(&compare(("a", &run(&[])), ("b", &after), false)), Verdict::NotEnoughData);
}

#[test]
fn a_step_that_lost_throughput_has_regressed() {
    let phase = |per_second: u64| LoadRun {
        name: "sweep".into(),
        model: "closed".into(),
        varied: Vec::new(),
        steps: vec![LoadStep {
            clients: Some(8),
            calls: per_second * 10,
            throughput_per_s: per_second as f64,
            ticks: (1..=10)
                .map(|second| Tick {
                    at_s: f64::from(second),
                    calls: per_second + u64::from(second as u32 % 3),
                    ..Tick::default()
                })
                .collect(),
            ..LoadStep::default()
        }],
        usl: None,
        knee: None,
        search: None,
        notes: Vec::new(),
    };
    let with = |per_second| {
        let mut report = run(&[]);
        report.bench.load = vec![phase(per_second)];
        report
    };
    let found = compare(("a", &with(1000)), ("b", &with(700)), false).endpoints;
    assert_eq!((found[0].label.as_str(), found[0].verdict), ("sweep, 8 clients", Verdict::Regressed));
    assert_eq!(verdicts(&with(1000), &with(1400)), [Verdict::Improved]);
    assert_eq!(verdicts(&with(1000), &with(1000)), [Verdict::WithinNoise]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_run_against_itself_never_alarms(figures in prop::collection::vec(prop::collection::vec(0.001_f64..1e4, 1..40), 1..6)) {
        let names: Vec<String> = (0..figures.len()).map(|place| format!("GET /{place}")).collect();
        let endpoints: Vec<(&str, &[f64])> = names.iter().zip(&figures).map(|(name, ms)| (name.as_str(), ms.as_slice())).collect();
        let report = run(&endpoints);
        for verdict in verdicts(&report, &report) {
            prop_assert!(matches!(verdict, Verdict::WithinNoise | Verdict::NotEnoughData));
        }
    }

    #[test]
    fn twice_the_time_is_a_regression_and_half_an_improvement(
        level in 0.1_f64..1e3,
        spread in 0.0_f64..0.08,
        seed in any::<u64>(),
        count in 10_usize..33,
    ) {
        let figures = wandering(level, spread, 0.0, seed, count);
        let (slower, faster) = (one(&figures, &times(2.0, &figures)), one(&figures, &times(0.5, &figures)));
        prop_assert_eq!(slower.verdict, Verdict::Regressed, "{:?}", slower);
        prop_assert_eq!(faster.verdict, Verdict::Improved, "{:?}", faster);
        prop_assert!((slower.ratio - 2.0).abs() < 1e-9);
    }
}
