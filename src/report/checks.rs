//! Whether a run agrees with itself: sums with their parts, medians with their ratios, promises with what was measured. A report that
//! is rendered from a run that does not says so on top.
//!
//! A program that measures writes such a run only by mistake; a file that somebody edited has it easily.

use super::model::{
    AdviceRun, BenchRun, EndpointResult, Latency, LoadRun, PairedResult, Run, SeedRun, SloResult, SloUnit, Verdict,
};
use super::under_load::step_name;
use crate::units;

/// Sums of rounded parts may be off by this share.
const ROUNDED: f64 = 0.005;

/// One sentence for each contradiction; none in a run as it was measured.
pub fn contradictions(run: &Run) -> Vec<String> {
    let seed = run.seed.iter().flat_map(seeded);
    let before = run.before.iter().flat_map(benched);
    let advice = run.advice.iter().flat_map(|advice| advised(run, advice));
    let load = run.load();
    seed.chain(before).chain(advice).chain(load.iter().flat_map(driven)).collect()
}

fn seeded(seed: &SeedRun) -> Vec<String> {
    let rows = seed.tables.iter().fold(0u64, |sum, table| sum.saturating_add(table.rows));
    let off = rows != seed.rows && !seed.tables.is_empty();
    let said =
        format!("the tables have {} together, the run says {}", units::counted(rows, "row", "rows"), units::count(seed.rows));
    off.then_some(said).into_iter().collect()
}

fn benched(bench: &BenchRun) -> Vec<String> {
    bench.endpoints.iter().flat_map(endpoint).collect()
}

fn endpoint(endpoint: &EndpointResult) -> Vec<String> {
    let mut said = ordered(&endpoint.label, &endpoint.latency);
    let shares: f64 = endpoint.steps.iter().map(|step| step.share).sum();
    if shares > 1.0 + ROUNDED {
        said.push(format!("the statements of {} take {} of its time", endpoint.label, units::percent(shares)));
    }
    let failures = endpoint.failures.iter().fold(0u64, |sum, failure| sum.saturating_add(failure.count));
    if !endpoint.failures.is_empty() && failures != endpoint.errors {
        let (all, listed) = (units::count(endpoint.errors), units::count(failures));
        said.push(format!("{all} calls of {} failed, of which {listed} are listed", endpoint.label));
    }
    said.extend(kept(&endpoint.label, &endpoint.slo));
    said
}

/// Percentiles never fall.
fn ordered(label: &str, latency: &Latency) -> Vec<String> {
    let known = [Some(latency.min_ms), Some(latency.p50_ms), latency.p95_ms, latency.p99_ms, Some(latency.max_ms)];
    let known: Vec<f64> = known.into_iter().flatten().collect();
    let falls = latency.n > 0 && known.windows(2).any(|two| two[0] > two[1] * (1.0 + ROUNDED));
    falls.then(|| format!("a percentile of {label} is lower than the one before it")).into_iter().collect()
}

/// A promise of a time is met when what was measured is within it.
fn kept(label: &str, slos: &[SloResult]) -> Vec<String> {
    let times = slos.iter().filter(|slo| slo.unit == SloUnit::Ms);
    let wrong = times.filter(|slo| {
        slo.measured.zip(slo.met).is_some_and(|(ms, met)| {
            let clearly_below = ms < slo.bound * (1.0 - ROUNDED);
            let clearly_above = ms > slo.bound * (1.0 + ROUNDED);
            (clearly_below && !met) || (clearly_above && met)
        })
    });
    let said = |slo: &SloResult| format!("an SLO of {label} ({}) does not follow from what was measured", slo.metric);
    wrong.map(said).collect()
}

fn advised(run: &Run, advice: &AdviceRun) -> Vec<String> {
    let mut said = Vec::new();
    let bytes = advice.keep.iter().fold(0u64, |sum, index| sum.saturating_add(index.bytes));
    if bytes != advice.total_bytes {
        let (sum, all) = (units::bytes(bytes), units::bytes(advice.total_bytes));
        said.push(format!("the kept indexes have {sum} together, the run says {all}"));
    }
    let build: f64 = advice.keep.iter().map(|index| index.build_ms).sum();
    if (build - advice.total_build_ms).abs() > 1.0 + build * ROUNDED {
        let (sum, all) = (units::ms(build), units::ms(advice.total_build_ms));
        said.push(format!("the kept indexes were built in {sum} together, the run says {all}"));
    }
    let known = |label: &str| {
        let benched = run.before.iter().flat_map(|bench| &bench.endpoints).any(|endpoint| endpoint.label == label);
        benched || advice.endpoints.iter().any(|pair| pair.label == label)
    };
    let named = advice.keep.iter().flat_map(|index| index.serves.iter().map(|served| served.label.as_str()));
    let mut strange: Vec<&str> =
        named.chain(advice.unsolved.iter().map(|left| left.label.as_str())).filter(|label| !known(label)).collect();
    strange.dedup();
    said.extend(strange.iter().map(|label| format!("the advice speaks of {label}, which was not measured")));
    said.extend(advice.endpoints.iter().flat_map(paired));
    said
}

fn paired(pair: &PairedResult) -> Vec<String> {
    let mut said: Vec<String> = [&pair.before, &pair.after]
        .into_iter()
        .filter(|side| side.p99_ms.is_some())
        .flat_map(|side| ordered(&pair.label, side))
        .collect();
    let called = pair.before.n > 0 && pair.after.n > 0;
    if called
        && pair.ratio > 0.0
        && (pair.ratio_low > pair.ratio * (1.0 + ROUNDED) || pair.ratio_high < pair.ratio * (1.0 - ROUNDED))
    {
        said.push(format!("the change of {} lies outside of its own interval", pair.label));
    }
    let proven = match pair.verdict {
        Verdict::Improved => pair.ratio < 1.0 + ROUNDED,
        Verdict::Regressed => pair.ratio > 1.0 - ROUNDED,
        _ => true,
    };
    if called && pair.ratio.is_finite() && !proven {
        said.push(format!("the verdict on {} is against its change", pair.label));
    }
    said
}

fn driven(run: &LoadRun) -> Vec<String> {
    let name = |step| format!("{} at {}", run.name, step_name(step));
    let mut said = Vec::new();
    for step in &run.steps {
        let parts = step
            .endpoints
            .iter()
            .fold((0u64, 0u64), |sum, one| (sum.0.saturating_add(one.calls), sum.1.saturating_add(one.errors)));
        if !step.endpoints.is_empty() && parts != (step.calls, step.errors) {
            let (calls, of) = (units::count(parts.0), units::count(step.calls));
            said.push(format!(
                "the endpoints of {} made {calls} of its {of} calls, and {} of its {} failed",
                name(step),
                parts.1,
                step.errors
            ));
        }
        let rate = step.calls as f64 / step.seconds;
        // An open loop waits for the calls that arrived in the step and ended after it; they are no throughput of it.
        if step.rate.is_none() && rate.is_finite() && (rate - step.throughput_per_s).abs() > rate * 0.02 + 1.0 {
            said.push(format!(
                "{} made {} in {}, which is not {}/s",
                name(step),
                units::count(step.calls),
                units::seconds(step.seconds),
                units::amount(step.throughput_per_s)
            ));
        }
        let law = &step.littles_law;
        if !law.holds && law.sentence.is_none() {
            said.push(format!("Little’s law does not hold for {}, and nobody says why", name(step)));
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::{EndpointLoad, ErrorCount, LoadStep, StepResult};

    fn latency(p50_ms: f64, p95_ms: f64) -> Latency {
        Latency { n: 40, min_ms: 0.1, mean_ms: 1.0, p50_ms, p95_ms: Some(p95_ms), p99_ms: None, max_ms: 99.0 }
    }

    #[test]
    fn an_endpoint_agrees_with_itself_or_says_where_it_does_not() {
        let failed = |count| ErrorCount { sqlstate: "40001".into(), message: String::new(), step: 1, count };
        let step = StepResult {
            share: 0.6,
            ..serde_json::from_value(serde_json::json!({
                "step": 1, "sql": "SELECT 1", "runs_per_call": 1.0, "rows_per_call": 1.0, "share": 0.0,
                "latency": {"n": 0, "min_ms": 0.0, "mean_ms": 0.0, "p50_ms": 0.0, "max_ms": 0.0},
            }))
            .unwrap()
        };
        let slo = SloResult { metric: "p95".into(), bound: 20.0, measured: Some(8.0), met: Some(true), ..SloResult::default() };
        let good = EndpointResult {
            label: "GET /".into(),
            latency: latency(2.0, 8.0),
            errors: 3,
            failures: vec![failed(2), failed(1)],
            slo: vec![slo.clone()],
            steps: vec![step.clone()],
            ..EndpointResult::default()
        };
        assert_eq!(endpoint(&good), Vec::<String>::new());
        let bad = EndpointResult {
            latency: latency(9.0, 8.0),
            errors: 4,
            slo: vec![SloResult { met: Some(false), ..slo }],
            steps: vec![step.clone(), step],
            ..good
        };
        assert_eq!(
            endpoint(&bad),
            [
                "a percentile of GET / is lower than the one before it",
                "the statements of GET / take 120% of its time",
                "4 calls of GET / failed, of which 3 are listed",
                "an SLO of GET / (p95) does not follow from what was measured"
            ]
        );
    }

    #[test]
    fn a_pair_and_a_step_agree_with_themselves() {
        let pair = PairedResult {
            label: "GET /".into(),
            before: latency(8.0, 9.0),
            after: latency(2.0, 3.0),
            ratio: 0.25,
            ratio_low: 0.2,
            ratio_high: 0.3,
            verdict: Verdict::Improved,
            ..PairedResult::default()
        };
        assert!(paired(&pair).is_empty());
        let turned = PairedResult { verdict: Verdict::Regressed, ratio_low: 0.4, ..pair };
        assert_eq!(paired(&turned).len(), 2);
        let part = |calls| EndpointLoad { calls, ..EndpointLoad::default() };
        let step = LoadStep {
            clients: Some(2),
            calls: 100,
            seconds: 10.0,
            throughput_per_s: 10.0,
            endpoints: vec![part(60), part(40)],
            ..LoadStep::default()
        };
        let run = |step| LoadRun {
            name: "busy".into(),
            model: "closed".into(),
            varied: Vec::new(),
            steps: vec![step],
            usl: None,
            knee: None,
            search: None,
            notes: Vec::new(),
        };
        let holds = |mut step: LoadStep| {
            step.littles_law.holds = true;
            driven(&run(step))
        };
        assert_eq!(holds(step.clone()), Vec::<String>::new());
        assert_eq!(holds(LoadStep { calls: 90, ..step.clone() }).len(), 1);
        assert_eq!(holds(LoadStep { throughput_per_s: 20.0, ..step }).len(), 1);
    }
}
