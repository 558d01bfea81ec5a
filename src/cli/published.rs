//! `published:` of a scenario as a report has it.

use std::time::Duration;

use crate::bench::analysis::little::{Claimed, judge};
use crate::bench::workload::Workload;
use crate::cli::stages::Plans;
use crate::report::model::{Published, PublishedClock, PublishedLoad, PublishedRows, PublishedTime};
use crate::report::published::by_plans;
use crate::scenario::model as scenario;
use crate::scenario::model::{PublishedFigure, PublishedSubject, Scenario};

/// `None` when the scenario quotes nobody.
pub fn published(scenario: &Scenario) -> Option<Published> {
    let written = scenario.published.as_ref()?;
    let (source, note) = (written.source.clone(), written.note.clone());
    let mut published = Published { source, note, times: Vec::new(), rows: Vec::new(), loads: Vec::new() };
    for figure in &written.figures {
        let (what, note) = (figure.what.clone(), figure.note.clone());
        match &figure.subject {
            PublishedSubject::Time(written) => published.times.push(time(written, figure, scenario)),
            PublishedSubject::Rows { table, rows } => {
                let table = table.as_ref().map(|table| table.value.clone());
                published.rows.push(PublishedRows { table, rows: *rows, what, note });
            }
            PublishedSubject::Load(written) => published.loads.push(PublishedLoad { what, note, ..load(written) }),
        }
    }
    Some(published)
}

fn time(written: &scenario::PublishedTime, figure: &PublishedFigure, scenario: &Scenario) -> PublishedTime {
    let named = &written.endpoint.value;
    let of_route = scenario.endpoints.iter().find(|endpoint| endpoint.route.value == *named).map(scenario::Endpoint::label);
    let is_label = scenario.endpoints.iter().any(|endpoint| endpoint.label() == *named);
    PublishedTime {
        label: of_route.filter(|_| !is_label).unwrap_or_else(|| named.clone()),
        clock: match written.clock {
            scenario::PublishedClock::Client => PublishedClock::Client,
            scenario::PublishedClock::Explain => PublishedClock::Explain,
            scenario::PublishedClock::Planning => PublishedClock::Planning,
        },
        statement: written.statement.as_ref().map(|statement| statement.value),
        constraint: written.constraint.clone(),
        before_ms: written.before.map(ms),
        after_ms: written.after.map(ms),
        what: figure.what.clone(),
        note: figure.note.clone(),
        ..PublishedTime::default()
    }
}

fn load(written: &scenario::PublishedLoad) -> PublishedLoad {
    let claimed = Claimed {
        users: written.clients.map(|clients| clients as f64),
        think_s: written.think.map(|think| think.as_secs_f64()),
        response_s: written.latency.map(|latency| latency.as_secs_f64()),
        rate_per_s: written.rate,
        pending_starts: None,
    };
    PublishedLoad {
        phase: written.phase.as_ref().map(|phase| phase.value.clone()),
        clients: written.clients,
        think_ms: written.think.map(ms),
        rate_per_s: written.rate,
        latency_ms: written.latency.map(ms),
        error_share: written.errors,
        requests: written.requests,
        seconds: written.lasts.map(|lasts| lasts.as_secs_f64()),
        remarks: judge(claimed),
        ..PublishedLoad::default()
    }
}

/// Endpoints that are quoted by EXPLAIN's clocks and not among those that the run explains anyway, by place.
pub fn to_explain(published: Option<&Published>, workload: &Workload, explained: &[usize]) -> Vec<usize> {
    let quoted = published.iter().flat_map(|published| &published.times).filter(|time| time.clock != PublishedClock::Client);
    let mut places: Vec<usize> = quoted.filter_map(|time| workload.find(&time.label)).collect();
    places.retain(|place| !explained.contains(place));
    places.sort_unstable();
    places.dedup();
    places
}

/// Writes beside the quoted figures what the plans of these endpoints say.
pub fn add_explained(published: &mut Published, workload: &Workload, before: &Plans, after: &Plans) {
    for time in published.times.iter_mut().filter(|time| time.clock != PublishedClock::Client) {
        let Some(place) = workload.find(&time.label) else { continue };
        let of = |plans: &Plans| {
            let plans = plans.get(&place)?;
            by_plans(time, plans.iter().map(|plan| (plan.step + 1, &plan.explained)))
        };
        (time.explained_before_ms, time.explained_after_ms) = (of(before), of(after));
    }
}

/// Exact to the nanosecond, so that a figure is shown as it was written.
fn ms(duration: Duration) -> f64 {
    duration.as_nanos() as f64 / 1e6
}
