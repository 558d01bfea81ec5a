//! What all forms of a result say alike.

use crate::report::model::ci::{CheckOutcome, CiRun, FilePlace, Gate, GateCheck, GateVerdict};
use crate::units::counted;

/// One word for all of it.
pub fn verdict(run: &CiRun) -> &'static str {
    match run.verdict {
        GateVerdict::Pass => "Passed",
        GateVerdict::Fail => "Failed",
        GateVerdict::Inconclusive => "Inconclusive",
    }
}

/// `: 1 of 18 endpoints failed, 2 cannot be told, against origin/main (3f2a91c)`
pub fn headline(run: &CiRun) -> String {
    let all = labels(run, |_| true).len() as u64;
    let of = |outcome| labels(run, |check| check.outcome == outcome).len() as u64;
    let (failed, unknown) = (of(CheckOutcome::Failed), of(CheckOutcome::Inconclusive));
    let endpoints = counted(all, "endpoint", "endpoints");
    let mut said = match (failed, all) {
        (_, 0) => "nothing to check".to_owned(),
        (0, _) => endpoints,
        (failed, _) => format!("{failed} of {endpoints} failed"),
    };
    if unknown > 0 {
        said.push_str(&format!(", {unknown} cannot be told"));
    }
    if let Some(against) = &run.against {
        said.push_str(&format!(", against {}", against.described()));
    }
    said
}

/// The endpoints of the checks that `wanted` takes, each once, in their order.
pub fn labels(run: &CiRun, wanted: impl Fn(&GateCheck) -> bool) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    for check in run.checks.iter().filter(|check| wanted(check)) {
        if !found.contains(&check.label.as_str()) {
            found.push(&check.label);
        }
    }
    found
}

/// An endpoint's checks of one outcome.
pub fn of<'r>(run: &'r CiRun, label: &str, outcome: CheckOutcome) -> Vec<&'r GateCheck> {
    run.checks.iter().filter(|check| check.label == label && check.outcome == outcome).collect()
}

/// What a gate looks at.
pub fn subject(gate: Gate) -> &'static str {
    match gate {
        Gate::Statements => "statements per call",
        Gate::Plans => "plans",
        Gate::Work => "rows, blocks and WAL per call",
        Gate::Slo => "promises",
        Gate::Times => "times",
    }
}

/// `statement 2: Seq Scan on links …`, or the sentence alone.
pub fn sentence(check: &GateCheck) -> String {
    let said = check.message.as_deref().unwrap_or_default();
    match check.step {
        Some(step) => format!("statement {step}: {said}"),
        None => said.to_owned(),
    }
}

/// `scenarios/music.yaml:156:9`
pub fn place(place: &FilePlace) -> String {
    format!("{}:{}:{}", place.file, place.line, place.column)
}

/// The place of the first check that has one, that of a statement before that of its endpoint.
pub fn first_place(checks: &[&GateCheck]) -> Option<String> {
    let of = |with_step: bool| {
        checks.iter().filter(move |check| check.step.is_some() == with_step).find_map(|check| check.place.as_ref())
    };
    of(true).or_else(|| of(false)).map(place)
}
