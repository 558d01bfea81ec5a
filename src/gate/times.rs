//! The gate of the times: side by side on this machine, or against those of a file that this machine wrote.

use crate::bench::compare::compare;
use crate::bench::statistics::FEWEST_PAIRS;
use crate::report::model::ci::{BaselineTimes, CheckOutcome, Gate, GateCheck, Measure, TimesSeen};
use crate::report::model::{
    BenchReport, BenchRun, EndpointComparison, EndpointResult, Environment, FORMAT_VERSION, Latency, PairedResult, ScenarioInfo,
    Verdict,
};
use crate::units;

use super::sides::Places;

const GATE: Gate = Gate::Times;

/// How an endpoint's times stand to those of before.
#[derive(Debug, Clone, PartialEq)]
pub struct Timed {
    pub label: String,
    pub before_ms: f64,
    pub after_ms: f64,
    pub ratio: f64,
    /// The interval of the ratio.
    pub low: f64,
    pub high: f64,
    pub verdict: Verdict,
    /// Why there is no verdict, or this one.
    pub reason: Option<String>,
}

impl Timed {
    /// Whether it is proven to be slower by more than the share `floor`.
    pub fn slower(&self, floor: f64) -> bool {
        self.verdict == Verdict::Regressed && self.low > 1.0 + floor
    }
}

/// Side by side: what the pairs say.
pub fn of_pairs(results: &[PairedResult]) -> Vec<Timed> {
    let each = results.iter().map(|result| {
        let pairs = result.before.n;
        let few = result.verdict == Verdict::NotEnoughData;
        let reason =
            few.then(|| format!("{}; a verdict needs {FEWEST_PAIRS}", units::counted(pairs, "pair of calls", "pairs of calls")));
        Timed {
            label: result.label.clone(),
            before_ms: result.before_ms,
            after_ms: result.after_ms,
            ratio: result.ratio,
            low: result.ratio_low,
            high: result.ratio_high,
            verdict: result.verdict,
            reason,
        }
    });
    each.collect()
}

/// Against the times of a file, which the very same machine must have written.
pub fn of_file(before: &BaselineTimes, after: &BenchRun, environment: &Environment) -> Vec<Timed> {
    let endpoints = after.endpoints.iter().map(|endpoint| seen(endpoint, Vec::new()));
    let after = report(environment, &endpoints.collect::<Vec<_>>());
    let before = report(environment, &before.endpoints);
    let found = compare(("before", &before), ("now", &after), false).endpoints;
    found.into_iter().filter(|one| one.metric == "p50_ms").map(of_comparison).collect()
}

fn of_comparison(one: EndpointComparison) -> Timed {
    Timed {
        label: one.label,
        before_ms: one.before,
        after_ms: one.after,
        ratio: one.ratio,
        low: one.ratio_low,
        high: one.ratio_high,
        verdict: one.verdict,
        reason: one.reason,
    }
}

/// An endpoint's times as a baseline has them.
pub fn seen(endpoint: &EndpointResult, missed: Vec<String>) -> TimesSeen {
    TimesSeen {
        label: endpoint.label.clone(),
        calls: endpoint.calls,
        p50_ms: endpoint.latency.p50_ms,
        missed,
        blocks: endpoint.blocks.clone(),
    }
}

/// As much of a bench as comparing times looks at.
fn report(environment: &Environment, endpoints: &[TimesSeen]) -> BenchReport {
    let endpoint = |one: &TimesSeen| EndpointResult {
        label: one.label.clone(),
        calls: one.calls,
        latency: Latency { n: one.calls, p50_ms: one.p50_ms, ..Latency::default() },
        blocks: one.blocks.clone(),
        ..EndpointResult::default()
    };
    BenchReport {
        format: FORMAT_VERSION,
        perflab: String::new(),
        scenario: ScenarioInfo { name: String::new(), title: String::new(), about: None, file: String::new() },
        environment: environment.clone(),
        data: None,
        bench: BenchRun { endpoints: endpoints.iter().map(endpoint).collect(), ..BenchRun::default() },
        shard: None,
        interrupted: false,
        warnings: Vec::new(),
        baseline: None,
    }
}

/// Why the times of a file say nothing here, in words; `None` when they do.
pub fn other_machine(before: &BaselineTimes, now: &BaselineTimes) -> Option<String> {
    let differs = |what: &str, from: &str, to: &str| (from != to).then(|| format!("{what} {from} → {to}"));
    let found = [
        differs("processor", &before.cpu, &now.cpu),
        differs("cores", &before.cores.to_string(), &now.cores.to_string()),
        differs("memory", &units::bytes(before.memory_bytes), &units::bytes(now.memory_bytes)),
        differs("operating system", &before.os, &now.os),
        differs("server", &before.server_version, &now.server_version),
        (before.host != now.host).then(|| "another machine of the same kind".to_owned()),
    ];
    found.into_iter().flatten().next()
}

/// The labels that look slower and are measured once more.
pub fn doubtful(timed: &[Timed], floor: f64) -> Vec<String> {
    timed.iter().filter(|one| one.slower(floor)).map(|one| one.label.clone()).collect()
}

/// One endpoint's verdict: slower when both measurements say so.
pub fn check(one: &Timed, again: Option<&Timed>, floor: f64, places: &Places) -> GateCheck {
    let of = |outcome| GateCheck {
        place: places.endpoint.clone(),
        measures: vec![Measure { metric: "p50_ms".into(), before: Some(one.before_ms), after: one.after_ms }],
        ..GateCheck::new(GATE, &one.label, outcome)
    };
    let figures = format!(
        "{} → {} ({}, 95% interval {} to {})",
        units::ms(one.before_ms),
        units::ms(one.after_ms),
        units::times(one.ratio),
        units::times(one.low),
        units::times(one.high)
    );
    match (one.slower(floor), again) {
        (true, Some(again)) if again.slower(floor) => of(CheckOutcome::Failed)
            .saying(format!("Slower: {figures}, and {} when it was measured again.", units::times(again.ratio)))
            .advising(format!("perflab explain SCENARIO \"{}\" shows where the time goes.", one.label)),
        (true, Some(again)) => {
            let ratio = units::times(again.ratio);
            of(CheckOutcome::Passed).saying(format!("Slower at first, {figures}, but {ratio} when it was measured again."))
        }
        (true, None) => of(CheckOutcome::Inconclusive).saying(format!("Slower: {figures}, but it could not be measured again.")),
        (false, _) => match one.verdict {
            Verdict::NotEnoughData => {
                let why = one.reason.as_deref().unwrap_or("too few calls");
                of(CheckOutcome::Inconclusive)
                    .saying(format!("It cannot be told: {why}."))
                    .advising("Measure longer: --time 20s.")
            }
            Verdict::Improved => of(CheckOutcome::Passed).saying(format!("Faster: {figures}.")),
            Verdict::Regressed => {
                let floor = units::percent(floor);
                of(CheckOutcome::Passed).saying(format!("Slower by less than the {floor} that fail: {figures}."))
            }
            Verdict::WithinNoise => of(CheckOutcome::Passed),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timed(verdict: Verdict, ratio: f64) -> Timed {
        Timed {
            label: "GET /".into(),
            before_ms: 1.0,
            after_ms: ratio,
            ratio,
            low: ratio - 0.1,
            high: ratio + 0.1,
            verdict,
            reason: None,
        }
    }

    fn outcome(one: &Timed, again: Option<&Timed>) -> CheckOutcome {
        check(one, again, 0.10, &Places::default()).outcome
    }

    #[test]
    fn slower_twice_is_slower() {
        let (slow, same) = (timed(Verdict::Regressed, 1.5), timed(Verdict::WithinNoise, 1.01));
        assert_eq!(outcome(&slow, Some(&slow)), CheckOutcome::Failed);
        assert_eq!(outcome(&slow, Some(&same)), CheckOutcome::Passed);
        assert_eq!(outcome(&slow, None), CheckOutcome::Inconclusive);
        assert_eq!(outcome(&same, None), CheckOutcome::Passed);
        assert_eq!(outcome(&timed(Verdict::NotEnoughData, 3.0), None), CheckOutcome::Inconclusive);
        let barely = timed(Verdict::Regressed, 1.18);
        assert_eq!(outcome(&barely, Some(&barely)), CheckOutcome::Passed, "its interval begins below the floor");
        assert_eq!(doubtful(&[slow, barely, same], 0.10), ["GET /"]);
    }
}
