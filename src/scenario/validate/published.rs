//! `published:`: endpoints, tables and phases that exist.

use super::names;
use crate::scenario::error::{Fault, Problems};
use crate::scenario::model::{Endpoint, Located, PublishedSubject, PublishedTime, Scenario};

pub fn check(scenario: &Scenario, problems: &mut Problems) {
    for figure in scenario.published.iter().flat_map(|published| &published.figures) {
        match &figure.subject {
            PublishedSubject::Time(time) => self::time(time, scenario, problems),
            PublishedSubject::Rows { table: Some(table), .. } => {
                // Without `data:` the tables are somebody else's, and not known here.
                if let Some(data) = &scenario.data {
                    names::known(data, &table.value, table.at, problems);
                }
            }
            PublishedSubject::Rows { table: None, .. } => {}
            PublishedSubject::Load(load) => {
                if let Some(phase) = &load.phase {
                    self::phase(phase, scenario, problems);
                }
            }
        }
    }
}

fn time(time: &PublishedTime, scenario: &Scenario, problems: &mut Problems) {
    let Some(endpoint) = endpoint(&time.endpoint, &scenario.endpoints, problems) else { return };
    let steps = endpoint.steps.len();
    if let Some(statement) = time.statement.as_ref().filter(|statement| !(1..=steps).contains(&statement.value)) {
        let message = format!("{} has no statement {}", endpoint.label(), statement.value);
        let has = crate::units::counted(steps as u64, "statement", "statements");
        problems.report(statement.at, Fault::with_help(message, format!("it has {has}, counted from 1")));
    }
}

/// The endpoint of that label, or the only one of that route.
fn endpoint<'s>(wanted: &Located<String>, endpoints: &'s [Endpoint], problems: &mut Problems) -> Option<&'s Endpoint> {
    if let Some(found) = endpoints.iter().find(|endpoint| endpoint.label() == wanted.value) {
        return Some(found);
    }
    let of_route: Vec<&Endpoint> = endpoints.iter().filter(|endpoint| endpoint.route.value == wanted.value).collect();
    let fault = match of_route.as_slice() {
        [one] => return Some(one),
        [] => {
            let labels: Vec<String> = endpoints.iter().map(Endpoint::label).collect();
            Fault::unknown("endpoint", &wanted.value, labels.iter().map(String::as_str))
        }
        several => {
            let labels: Vec<String> = several.iter().map(|endpoint| format!("`{}`", endpoint.label())).collect();
            let message = format!("`{}` is the route of {} endpoints", wanted.value, several.len());
            Fault::with_help(message, format!("write which: {}", labels.join(", ")))
        }
    };
    problems.report(wanted.at, fault);
    None
}

fn phase(wanted: &Located<String>, scenario: &Scenario, problems: &mut Problems) {
    let names: Vec<&str> = scenario.load.iter().filter_map(|phase| phase.name.as_deref()).collect();
    if names.contains(&wanted.value.as_str()) {
        return;
    }
    let mut fault = Fault::unknown("phase of `load`", &wanted.value, names.iter().copied());
    if names.is_empty() {
        fault.help = Some("no phase of `load:` has a `name:`; leave `load` out and say `what:` it was".to_owned());
    }
    problems.report(wanted.at, fault);
}
