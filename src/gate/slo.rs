//! The gate of the promises: what the scenario's `slo:` says, held against this machine.

use crate::report::model::ci::{CheckOutcome, FilePlace, Gate, GateCheck, Measure};
use crate::report::model::{EndpointResult, SloResult, SloUnit};
use crate::scenario::model::{Metric, Slo};
use crate::units;

use super::times::Timed;

const GATE: Gate = Gate::Slo;

/// What is known of an endpoint's promises from elsewhere.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// The endpoint on a fresh copy, measured because a promise was broken.
    pub again: Option<&'a EndpointResult>,
    /// Promises that the other side breaks, too: they are not of this change.
    pub missed_before: &'a [String],
    /// The endpoint and the other side by turns: what is no slower than it was broke no promise of a time.
    pub beside: Option<&'a Timed>,
}

/// Whether one client can tell; a rate needs a load.
pub fn can_tell(slo: &Slo) -> bool {
    slo.metric != Metric::Rps
}

/// Broken promises of an endpoint.
pub fn broken(endpoint: &EndpointResult) -> Vec<String> {
    endpoint.slo.iter().filter(|slo| slo.met == Some(false)).map(|slo| slo.promise.clone()).collect()
}

/// Whether a broken promise of the endpoint is worth a second measurement: not where it is a time, and the endpoint is no slower than the
/// other side by turns.
pub fn doubtful(endpoint: &EndpointResult, beside: Option<&Timed>) -> bool {
    let settled = |slo: &SloResult| is_time(slo) && no_slower(beside);
    endpoint.slo.iter().any(|slo| slo.met == Some(false) && !settled(slo))
}

fn no_slower(beside: Option<&Timed>) -> bool {
    beside.is_some_and(|beside| beside.low <= 1.0)
}

/// A check for each promise; `promised` are those of the scenario, in the order of the results, `place` is where one is written.
pub fn check(endpoint: &EndpointResult, promised: &[Slo], known: Known<'_>, place: impl Fn(&Slo) -> FilePlace) -> Vec<GateCheck> {
    let each = promised.iter().zip(&endpoint.slo).map(|(slo, result)| {
        let found = if can_tell(slo) { told(endpoint, result, known) } else { needs_load(endpoint, result) };
        GateCheck { place: Some(place(slo)), ..found }
    });
    each.collect()
}

fn needs_load(endpoint: &EndpointResult, result: &SloResult) -> GateCheck {
    let said = format!("{}: it takes a load to tell; perflab bench SCENARIO --check drives it.", result.promise);
    GateCheck::new(GATE, &endpoint.label, CheckOutcome::Skipped).saying(said)
}

fn told(endpoint: &EndpointResult, result: &SloResult, known: Known<'_>) -> GateCheck {
    let again = known.again.and_then(|again| again.slo.iter().find(|other| other.promise == result.promise));
    let promise = &result.promise;
    let told = format!("{promise}, got {}", got(result));
    let of = |outcome| {
        let measures = result.measured.map(|after| Measure { metric: result.metric.clone(), before: None, after });
        GateCheck { measures: measures.into_iter().collect(), ..GateCheck::new(GATE, &endpoint.label, outcome) }
    };
    match (result.met, again.map(|again| (again.met, got(again)))) {
        (Some(true), _) => of(CheckOutcome::Passed).saying(format!("{told}.")),
        (None, _) => {
            let why = result.reason.as_deref().unwrap_or("nothing measured it");
            of(CheckOutcome::Inconclusive)
                .saying(format!("{promise}: it cannot be told, {why}."))
                .advising("Measure longer: --time 20s.")
        }
        (Some(false), _) if known.missed_before.contains(promise) => {
            of(CheckOutcome::Notice).saying(format!("{told}. It was broken before, too, so it is not of this change."))
        }
        (Some(false), _) if is_time(result) && no_slower(known.beside) => {
            let ratio = known.beside.map_or(1.0, |beside| beside.ratio);
            let said = format!(
                "{told}. By turns with the other side it is no slower ({}), so it is not of this change.",
                units::times(ratio)
            );
            of(CheckOutcome::Notice).saying(said)
        }
        (Some(false), Some((Some(true), shown))) => {
            of(CheckOutcome::Notice).saying(format!("{told} at first, but {shown} when it was measured again."))
        }
        (Some(false), Some((Some(false), shown))) => {
            let place = result.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
            of(CheckOutcome::Failed)
                .saying(format!("{told}{place}, and {shown} when it was measured again."))
                .advising(format!("perflab explain SCENARIO \"{}\" shows where the time goes.", endpoint.label))
        }
        (Some(false), _) => of(CheckOutcome::Inconclusive).saying(format!("{told}, and it could not be measured again.")),
    }
}

fn got(result: &SloResult) -> String {
    result.shown().unwrap_or_else(|| "nothing".to_owned())
}

fn is_time(result: &SloResult) -> bool {
    result.unit == SloUnit::Ms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::Verdict;
    use crate::scenario::model::Location;
    use crate::scenario::slo::sentences;

    fn endpoint(measured: f64, met: Option<bool>) -> EndpointResult {
        let slo = SloResult {
            metric: "p95".into(),
            promise: "p95 < 20 ms".into(),
            unit: SloUnit::Ms,
            bound: 20.0,
            measured: met.map(|_| measured),
            met,
            reason: met.is_none().then(|| "12 calls, and a p95 needs 20".into()),
        };
        EndpointResult { label: "GET /".into(), slo: vec![slo], ..EndpointResult::default() }
    }

    fn outcome(first: &EndpointResult, known: Known<'_>) -> (CheckOutcome, String) {
        let promised = sentences("p95 < 20ms", Location { line: 7, column: 10 }).unwrap();
        let place = |slo: &Slo| FilePlace { file: "s.yaml".into(), line: slo.at.line, column: slo.at.column };
        let found = check(first, &promised, known, place).remove(0);
        assert_eq!(found.place.unwrap().line, 7);
        (found.outcome, found.message.unwrap())
    }

    #[test]
    fn a_promise_fails_when_it_is_broken_twice() {
        let (bad, good) = (endpoint(44.0, Some(false)), endpoint(3.0, Some(true)));
        let again = |again| Known { again: Some(again), ..Known::default() };
        assert_eq!(outcome(&good, Known::default()).0, CheckOutcome::Passed);
        assert_eq!(outcome(&bad, again(&good)).0, CheckOutcome::Notice);
        let (failed, said) = outcome(&bad, again(&bad));
        assert_eq!(
            (failed, said.as_str()),
            (CheckOutcome::Failed, "p95 < 20 ms, got 44.0 ms, and 44.0 ms when it was measured again.")
        );
        let before = ["p95 < 20 ms".to_owned()];
        let known = Known { missed_before: &before, ..again(&bad) };
        assert_eq!(outcome(&bad, known).0, CheckOutcome::Notice, "it was broken before");
        let timed = |low| Timed {
            label: "GET /".into(),
            before_ms: 40.0,
            after_ms: 44.0,
            ratio: 1.1,
            low,
            high: 1.2,
            verdict: Verdict::WithinNoise,
            reason: None,
        };
        let (same, slower) = (timed(0.98), timed(1.04));
        assert_eq!(outcome(&bad, Known { beside: Some(&same), ..again(&bad) }).0, CheckOutcome::Notice, "the machine is slow");
        assert_eq!(outcome(&bad, Known { beside: Some(&slower), ..again(&bad) }).0, CheckOutcome::Failed);
        assert!(doubtful(&bad, Some(&slower)) && doubtful(&bad, None) && !doubtful(&bad, Some(&same)) && !doubtful(&good, None));
        assert_eq!(outcome(&endpoint(0.0, None), Known::default()).0, CheckOutcome::Inconclusive);
    }
}
