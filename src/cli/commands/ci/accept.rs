//! `--accept ENDPOINT`: a change that is meant.

use crate::report::model::ci::{CheckOutcome, Gate, GateCheck};
use crate::scenario::error::did_you_mean;
use crate::scenario::model::Scenario;

/// # Errors
/// The labels that no endpoint has, each with the nearest one that one has.
pub fn must_be_known(accepted: &[String], scenario: &Scenario) -> anyhow::Result<()> {
    let labels: Vec<String> = scenario.endpoints.iter().map(|endpoint| endpoint.label()).collect();
    let unknown = accepted.iter().filter(|label| !labels.contains(label)).map(|label| {
        let near = did_you_mean(label, labels.iter().map(String::as_str)).unwrap_or_default();
        format!("--accept: the scenario has no endpoint `{label}`; {near}")
    });
    let unknown: Vec<String> = unknown.collect();
    anyhow::ensure!(unknown.is_empty(), "{}", unknown.join("\n"));
    Ok(())
}

/// What changed of these endpoints is a notice. Promises are not accepted away: they are the scenario's to change.
pub fn accept(accepted: &[String], checks: &mut [GateCheck]) {
    let meant = |check: &&mut GateCheck| {
        check.gate != Gate::Slo && check.outcome == CheckOutcome::Failed && accepted.contains(&check.label)
    };
    for check in checks.iter_mut().filter(meant) {
        check.outcome = CheckOutcome::Notice;
        check.next_step = None;
        check.message = check.message.take().map(|message| format!("Accepted: {message}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_accepted_is_said_and_passes_but_promises_hold() {
        let failed = |gate, label| GateCheck::new(gate, label, CheckOutcome::Failed).saying("3 → 9 rows read per call.");
        let mut checks = [failed(Gate::Work, "GET /a"), failed(Gate::Work, "GET /b"), failed(Gate::Slo, "GET /a")];
        accept(&["GET /a".to_owned()], &mut checks);
        let outcomes = checks.each_ref().map(|check| check.outcome);
        assert_eq!(outcomes, [CheckOutcome::Notice, CheckOutcome::Failed, CheckOutcome::Failed]);
        assert_eq!(checks[0].message.as_deref(), Some("Accepted: 3 → 9 rows read per call."));
    }
}
