//! Regressions measured once more before anybody is told.

use crate::report::model::{Comparison, EndpointComparison, Verdict};

/// Labels of the endpoints whose times look regressed. Counts need no second look: they do not move with the machine.
pub fn doubtful(comparison: &Comparison) -> Vec<&str> {
    let regressed = comparison.endpoints.iter().filter(|endpoint| is_doubtful(endpoint));
    regressed.map(|endpoint| endpoint.label.as_str()).collect()
}

fn is_doubtful(endpoint: &EndpointComparison) -> bool {
    endpoint.verdict == Verdict::Regressed && endpoint.metric == "p50_ms"
}

/// The first comparison, its regressions kept where `again`, a comparison of the same file with a second measurement, finds them,
/// too. The figures shown stay those of the first.
pub fn confirmed(mut first: Comparison, again: &Comparison) -> Comparison {
    for endpoint in first.endpoints.iter_mut().filter(|endpoint| is_doubtful(endpoint)) {
        let second = again.endpoints.iter().find(|other| other.label == endpoint.label && other.metric == endpoint.metric);
        match second {
            Some(second) if second.verdict == Verdict::Regressed => {}
            Some(second) => {
                let ratio = crate::units::times(second.ratio);
                endpoint.verdict = Verdict::WithinNoise;
                endpoint.reason = Some(format!("slower at first, but {ratio} when it was measured again"));
            }
            None => {}
        }
    }
    first
}

#[cfg(test)]
mod tests {
    use super::super::testing::{run, wandering};
    use super::super::{compare, outcome};
    use super::*;

    #[test]
    fn a_regression_that_does_not_come_back_is_none() {
        let level = |factor: f64, seed| wandering(5.0 * factor, 0.02, 0.0, seed, 32);
        let baseline = run(&[("GET /a", &level(1.0, 1)), ("GET /b", &level(1.0, 2)), ("GET /c", &level(1.0, 3))]);
        let first = run(&[("GET /a", &level(1.5, 4)), ("GET /b", &level(1.5, 5)), ("GET /c", &level(1.0, 6))]);
        let again = run(&[("GET /a", &level(1.4, 7)), ("GET /b", &level(1.0, 8))]);
        let first = compare(("base", &baseline), ("now", &first), false);
        assert_eq!(doubtful(&first), ["GET /a", "GET /b"]);
        let again = compare(("base", &baseline), ("now", &again), false);
        let found = confirmed(first, &again);
        let verdicts: Vec<Verdict> = found.endpoints.iter().map(|endpoint| endpoint.verdict).collect();
        assert_eq!(verdicts, [Verdict::Regressed, Verdict::WithinNoise, Verdict::WithinNoise]);
        assert!(found.endpoints[1].reason.as_ref().unwrap().contains("measured again"));
        assert_eq!(outcome(&found), Verdict::Regressed);
    }
}
