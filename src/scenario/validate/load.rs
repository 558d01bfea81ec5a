//! `load:` and `vary:`: endpoints that exist and are called, and something to vary.

use std::collections::HashSet;

use crate::scenario::error::{Fault, Problems, did_you_mean};
use crate::scenario::model::{Endpoint, LoadPhase, Scenario};

pub fn check(scenario: &Scenario, problems: &mut Problems) {
    if let Some(first) = scenario.load.first()
        && scenario.endpoints.is_empty()
    {
        problems.report(first.at, Fault::with_help("`load` without `endpoints`", "describe what is to be called"));
        return;
    }
    let mut names = HashSet::new();
    for phase in &scenario.load {
        if let Some(name) = phase.name.as_deref().filter(|name| !names.insert(*name)) {
            problems.report(phase.at, Fault::new(format!("two phases of `load` are called `{name}`")));
        }
        self::phase(phase, &scenario.endpoints, problems);
    }
    let vary = &scenario.vary;
    if vary.pick.is_empty() && vary.connections.is_empty() {
        return;
    }
    if scenario.load.is_empty() {
        let help = "it runs the phases of `load:` again; write at least one";
        problems.report(vary.at, Fault::with_help("`vary` without `load`", help));
    }
    let sampled = scenario.endpoints.iter().any(|endpoint| endpoint.params.sample.is_some());
    if !vary.pick.is_empty() && !sampled {
        let help = "`pick` chooses among the rows of a `sample:` query";
        problems.report(vary.at, Fault::with_help("`vary` by `pick`, and no endpoint has a `sample`", help));
    }
}

fn phase(phase: &LoadPhase, endpoints: &[Endpoint], problems: &mut Problems) {
    let mut called: Vec<&Endpoint> = Vec::new();
    let mut seen = HashSet::new();
    for wanted in &phase.endpoints {
        let found = endpoints.iter().filter(|endpoint| endpoint.label() == wanted.value || endpoint.route.value == wanted.value);
        let before = called.len();
        called.extend(found);
        if called.len() == before {
            let labels: Vec<String> = endpoints.iter().map(Endpoint::label).collect();
            let help = did_you_mean(&wanted.value, labels.iter().map(String::as_str));
            let message = format!("no endpoint is called `{}`", wanted.value);
            problems.report(wanted.at, Fault { message, help });
        } else if !seen.insert(wanted.value.as_str()) {
            let help = "to call it more often, give it a `weight:`";
            problems.report(wanted.at, Fault::with_help(format!("`{}` is listed twice", wanted.value), help));
        }
    }
    if phase.endpoints.is_empty() {
        called.extend(endpoints);
    }
    if !called.is_empty() && called.iter().all(|endpoint| endpoint.weight == 0.0) {
        let help = "give one of them a `weight:` above 0";
        problems.report(phase.at, Fault::with_help("all endpoints of this phase have the weight 0: nothing is called", help));
    }
}
