//! `endpoints:`: parameters that somebody must provide, and steps that refer to earlier ones.

use std::collections::HashMap;

use super::data::columns_of;
use super::fit::unfit;
use crate::scenario::error::{Fault, Problems, did_you_mean};
use crate::scenario::model::{Endpoint, Location, Scenario, Source, Step};
use crate::scenario::statement::ParamRef;

pub fn check(scenario: &Scenario, problems: &mut Problems) {
    let mut labels: HashMap<String, Location> = HashMap::new();
    for endpoint in &scenario.endpoints {
        let at = endpoint.route.at;
        // The route of a broken endpoint is empty; what is wrong with it was said.
        if !endpoint.route.value.is_empty() {
            if let Some(first) = labels.get(&endpoint.label()) {
                let message =
                    format!("the endpoint `{}` is described twice; the first time in line {}", endpoint.label(), first.line);
                problems.report(at, Fault::with_help(message, "tell them apart by `case:`"));
            }
            labels.entry(endpoint.label()).or_insert(at);
        }
        placeholders(endpoint, problems);
        steps(endpoint, &endpoint.steps, &scenario.source, problems);
        for variant in &endpoint.variants {
            steps(endpoint, &variant.steps, &scenario.source, problems);
        }
        unused_values(endpoint, problems);
    }
}

/// Notes `{song_id}` in a route when no statement and no value carries it.
fn placeholders(endpoint: &Endpoint, problems: &mut Problems) {
    let mut rest = endpoint.route.value.as_str();
    while let Some((_, tail)) = rest.split_once('{') {
        let Some((name, after)) = tail.split_once('}') else {
            problems.report(
                endpoint.route.at,
                Fault::new(format!("the route `{}` has a `{{` without its `}}`", endpoint.route.value)),
            );
            return;
        };
        let mut carriers: Vec<&str> = plain_params(endpoint).chain(values(endpoint)).collect();
        if !carriers.contains(&name) && !broken(endpoint) {
            carriers.sort_unstable();
            carriers.dedup();
            let help = did_you_mean(name, carriers).or_else(|| Some(format!("use `:{name}` in a statement")));
            let message = format!("no parameter carries `{{{name}}}` of the route");
            problems.report(endpoint.route.at, Fault { message, help });
        }
        rest = after;
    }
}

/// True when a statement could not be read, so that its parameters are unknown.
fn broken(endpoint: &Endpoint) -> bool {
    endpoint.steps.is_empty() || all_steps(endpoint).any(|step| step.statement.value.written.is_empty())
}

/// Its own and those of its variants, which are called with the same parameters.
fn all_steps(endpoint: &Endpoint) -> impl Iterator<Item = &Step> {
    endpoint.steps.iter().chain(endpoint.variants.iter().flat_map(|variant| &variant.steps))
}

fn plain_params(endpoint: &Endpoint) -> impl Iterator<Item = &str> {
    all_steps(endpoint)
        .flat_map(|step| &step.statement.value.params)
        .filter(|param| param.field.is_none())
        .map(|param| param.name.as_str())
}

fn values(endpoint: &Endpoint) -> impl Iterator<Item = &str> {
    endpoint.params.values.iter().map(|(name, _)| name.value.as_str())
}

fn steps(endpoint: &Endpoint, steps: &[Step], source: &Source, problems: &mut Problems) {
    let mut earlier: Vec<&str> = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let later: Vec<&str> = steps[index..].iter().filter_map(name).collect();
        let scope = Scope { endpoint, earlier: &earlier, later: &later };
        if let Some(fault) = unfit(&step.statement.value.written) {
            problems.report(step.statement.at, fault);
        }
        for param in &step.statement.value.params {
            if let Some(fault) = scope.param(param) {
                problems.report(place_of(param, step, source), fault);
            }
        }
        if let Some(when) = &step.when {
            for fault in when.value.steps().into_iter().filter_map(|name| scope.step(name)) {
                problems.report(when.at, fault);
            }
            for fault in when.value.params().iter().filter_map(|param| scope.param(param)) {
                problems.report(when.at, fault);
            }
        }
        if let Some(list) = &step.for_each
            && let Some(fault) = scope.step(&list.value)
        {
            problems.report(list.at, fault);
        }
        if let Some(name) = &step.name {
            if earlier.contains(&name.value.as_str()) {
                problems.report(name.at, Fault::new(format!("two of these steps are called `{}`", name.value)));
            }
            earlier.push(&name.value);
        }
    }
}

fn name(step: &Step) -> Option<&str> {
    step.name.as_ref().map(|name| name.value.as_str())
}

/// What a step may refer to.
struct Scope<'e> {
    endpoint: &'e Endpoint,
    earlier: &'e [&'e str],
    /// This step and those after it.
    later: &'e [&'e str],
}

impl Scope<'_> {
    /// What is wrong with `:name` or `:step.column`.
    fn param(&self, param: &ParamRef) -> Option<Fault> {
        if param.field.is_some() {
            return self.step(&param.name);
        }
        if values(self.endpoint).any(|name| name == param.name) {
            return None;
        }
        if self.earlier.contains(&param.name.as_str()) {
            let help = format!("write `:{}.COLUMN`", param.name);
            return Some(Fault::with_help(format!("`{param}` is a step, and a parameter is a single value"), help));
        }
        // The columns of a sample are known to the server only.
        if self.endpoint.params.sample.is_some() {
            return None;
        }
        let help = did_you_mean(&param.name, values(self.endpoint)).unwrap_or_else(|| {
            "give the endpoint `params:` with a `sample:` query that returns it, or with `values:`".to_owned()
        });
        Some(Fault::with_help(format!("nothing provides the parameter `{param}`"), help))
    }

    /// What is wrong with the name of an earlier step.
    fn step(&self, name: &str) -> Option<Fault> {
        if self.earlier.contains(&name) {
            return None;
        }
        if self.later.contains(&name) {
            return Some(Fault::with_help(format!("the step `{name}` comes later"), "a step can only use those before it"));
        }
        let mut fault = Fault::unknown("step", name, self.earlier.iter().copied());
        fault.help.get_or_insert_with(|| format!("name an earlier step by `as: {name}`"));
        Some(fault)
    }
}

/// Where the parameter stands in the file, or its statement when it cannot be found (a folded text).
fn place_of(param: &ParamRef, step: &Step, source: &Source) -> Location {
    let from = step.statement.at;
    let wanted = param.to_string();
    let lines = source.text.lines().enumerate().skip(from.line.saturating_sub(1) as usize);
    // A statement's YAML is at most a line longer than its text (the indicator `|`).
    for (index, line) in lines.take(step.statement.value.written.lines().count() + 1) {
        let skip = if index + 1 == from.line as usize { from.column.saturating_sub(1) as usize } else { 0 };
        let start = line.char_indices().nth(skip).map_or(line.len(), |(at, _)| at);
        for (at, _) in line[start..].match_indices(&wanted) {
            let end = start + at + wanted.len();
            let whole = !line[end..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
            let cast = line[..start + at].ends_with(':');
            if whole && !cast {
                let column = line[..start + at].chars().count() + 1;
                let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
                return Location { line: number(index + 1), column: number(column) };
            }
        }
    }
    from
}

/// Notes parameters that are made up and never used: most often the other half of a misspelled name.
fn unused_values(endpoint: &Endpoint, problems: &mut Problems) {
    if broken(endpoint) {
        return;
    }
    for (name, _) in &endpoint.params.values {
        let asked =
            |step: &Step| step.when.as_ref().is_some_and(|when| when.value.params().iter().any(|param| param.name == name.value));
        let used = plain_params(endpoint).any(|param| param == name.value)
            || all_steps(endpoint).any(asked)
            || endpoint.params.values.iter().any(|(_, value)| columns_of(value).contains(&name.value.as_str()))
            || endpoint.route.value.contains(&format!("{{{}}}", name.value));
        if !used {
            let mut used: Vec<&str> = plain_params(endpoint).collect();
            used.sort_unstable();
            used.dedup();
            problems.report(
                name.at,
                Fault {
                    message: format!("no statement uses the parameter `{}`", name.value),
                    help: did_you_mean(&name.value, used),
                },
            );
        }
    }
}
