//! `load:`, the phases in which the service is driven.

use std::time::Duration;

use super::fields::{Fields, items, located, read, text};
use super::{slo, stages, vary};
use crate::scenario::error::{Fault, Problems};
use crate::scenario::grammar;
use crate::scenario::model::{Arrivals, LASTS, LoadModel, LoadPhase, Located, Location, Think, WARM_UP};
use crate::scenario::quantity;
use crate::scenario::yaml::{Node, Value};
use crate::units;

const MODELS: [&str; 3] = ["closed", "open", "search"];

/// More clients than this are more connections than one server of this machine can hold.
const MOST_CLIENTS: u64 = 10_000;

/// A list of phases, or a single one.
pub fn load(node: &Node, problems: &mut Problems) -> Vec<LoadPhase> {
    if let Value::Mapping(_) = node.value {
        return phase(node, problems).into_iter().collect();
    }
    let listed = items(node, "`load`", problems).unwrap_or_default();
    if listed.is_empty() && matches!(node.value, Value::Sequence(_)) {
        problems
            .report(node.at, Fault::with_help("`load` has no phase", "write e.g. `{closed: {clients: [1, 2, 4]}, for: 10s}`"));
    }
    listed.iter().filter_map(|node| phase(node, problems)).collect()
}

fn phase(node: &Node, problems: &mut Problems) -> Option<LoadPhase> {
    let fields = Fields::described(node, &grammar::PHASE, problems)?;
    let name = fields.get("name").and_then(|node| text(node, "`name`", problems)).map(|name| name.trim().to_owned());
    let lasts = fields.get("for").and_then(|node| read(node, "`for`", quantity::duration, problems));
    let warm_up = fields.get("warm_up").map_or(Some(WARM_UP), |node| time_from_zero(node, "`warm_up`", problems));
    let endpoints = fields.get("endpoints").map(|node| endpoints(node, problems)).unwrap_or_default();
    let connections = fields.get("connections").map_or(Some(Default::default()), |node| vary::connections(node, problems));
    let whole = lasts.unwrap_or(LASTS);
    // A phase whose model is broken stands, so that the endpoints it names are checked, too.
    let model = model(&fields, whole, problems).unwrap_or(LoadModel::Closed { clients: vec![1], think: Think::None });
    let lasts = match &model {
        LoadModel::Open { stages, .. } => stages.iter().map(|stage| stage.lasts).sum(),
        _ => whole,
    };
    let (warm_up, connections) = (warm_up.unwrap_or(WARM_UP), connections.unwrap_or_default());
    Some(LoadPhase { at: fields.at(), name, model, lasts, warm_up, endpoints, connections })
}

/// The one of `closed`, `open` and `search` that is there; `lasts` is what `for:` says or what goes for it.
fn model(fields: &Fields<'_>, lasts: Duration, problems: &mut Problems) -> Option<LoadModel> {
    let given = fields.present(&MODELS);
    let Some(((one, _), more)) = given.split_first() else {
        let help = "write `closed: {clients: …}`, `open: {rate: …}` or `search: {slo: …, up_to: …}`";
        problems.report(fields.at(), Fault::with_help("a phase of `load` says no model", help));
        return None;
    };
    for (name, at) in more {
        problems.report(*at, Fault::with_help(format!("`{name}` beside `{one}`"), "make it a phase of its own"));
    }
    let node = fields.get(one)?;
    match *one {
        "closed" => closed(node, problems),
        "open" => open(node, (lasts, fields.key_at("for")), problems),
        _ => search(node, problems),
    }
}

/// A duration that may be nothing.
pub fn time_from_zero(node: &Node, what: &str, problems: &mut Problems) -> Option<Duration> {
    if matches!(node.text(), Some("0" | "0s" | "0ms")) {
        return Some(Duration::ZERO);
    }
    read(node, what, quantity::duration, problems)
}

/// Labels or routes: a list, or a single one.
fn endpoints(node: &Node, problems: &mut Problems) -> Vec<Located<String>> {
    if let Value::Scalar(_) = node.value {
        return located(node, "`endpoints`", problems).into_iter().collect();
    }
    let listed = items(node, "`endpoints`", problems).unwrap_or_default();
    if listed.is_empty() && matches!(node.value, Value::Sequence(_)) {
        let help = "leave it out to call all endpoints by their weights";
        problems.report(node.at, Fault::with_help("`endpoints` names none", help));
    }
    listed.iter().filter_map(|node| located(node, "an endpoint", problems)).collect()
}

/// `{clients: [1, 2, 4], think: 1s}`, or the clients alone.
fn closed(node: &Node, problems: &mut Problems) -> Option<LoadModel> {
    if !matches!(node.value, Value::Mapping(_)) {
        return Some(LoadModel::Closed { clients: clients(node, problems)?, think: Think::None });
    }
    let fields = Fields::described(node, &grammar::CLOSED, problems)?;
    let clients = fields.require("clients", problems).and_then(|node| clients(node, problems));
    let think = fields.get("think").map_or(Some(Think::None), |node| think(node, problems));
    Some(LoadModel::Closed { clients: clients?, think: think? })
}

/// `8`, `[1, 2, 4, 8]` or `1-32`, the powers of two from the one to the other.
fn clients(node: &Node, problems: &mut Problems) -> Option<Vec<u32>> {
    let Value::Sequence(listed) = &node.value else {
        let range = read(node, "`clients`", |text| quantity::whole_range(text).map_err(no_clients), problems)?;
        let (low, high) = (some_clients(*range.start(), node, problems)?, some_clients(*range.end(), node, problems)?);
        return Some(doubled(low, high));
    };
    let count = |node: &Node, problems: &mut Problems| {
        let count = read(node, "a number of clients", |text| quantity::whole(text).map_err(no_clients), problems)?;
        some_clients(count, node, problems)
    };
    let counts: Vec<Option<u32>> = listed.iter().map(|node| count(node, problems)).collect();
    if listed.is_empty() {
        problems.report(node.at, Fault::with_help("`clients` has no number", "write e.g. `clients: [1, 2, 4, 8]`"));
        return None;
    }
    for (place, node) in listed.iter().enumerate() {
        if let Some(count) = counts[place].filter(|count| counts[..place].contains(&Some(*count))) {
            problems.report(node.at, Fault::with_help(format!("{count} clients are listed twice"), "leave one of them out"));
        }
    }
    counts.into_iter().collect()
}

fn no_clients(fault: Fault) -> Fault {
    Fault::with_help(fault.message, "write e.g. `clients: 8`, `clients: [1, 2, 4, 8]`, or `clients: 1-32` for powers of two")
}

fn some_clients(count: u64, node: &Node, problems: &mut Problems) -> Option<u32> {
    if (1..=MOST_CLIENTS).contains(&count) {
        return u32::try_from(count).ok();
    }
    let message = format!("a closed loop has 1 to {} clients, not {}", units::count(MOST_CLIENTS), units::count(count));
    problems.report(node.at, Fault::new(message));
    None
}

/// `low`, twice that, and so on, `high` at the end.
fn doubled(low: u32, high: u32) -> Vec<u32> {
    let mut counts: Vec<u32> =
        std::iter::successors(Some(low), |count| count.checked_mul(2)).take_while(|count| *count < high).collect();
    counts.push(high);
    counts
}

/// `1s`, `0`, or `{mean: 1s}`
fn think(node: &Node, problems: &mut Problems) -> Option<Think> {
    if let Value::Mapping(_) = node.value {
        let fields = Fields::described(node, &grammar::THINK, problems)?;
        let mean = fields.require("mean", problems)?;
        return read(mean, "`mean`", quantity::duration, problems).map(Think::Exponential);
    }
    let time = time_from_zero(node, "`think`", problems)?;
    Some(if time.is_zero() { Think::None } else { Think::Fixed(time) })
}

/// `{rate: 1000/s, arrivals: constant}`, `{stages: […]}`, or the rate alone. `lasts`: `for:`, or what goes for it, and its place.
fn open(node: &Node, lasts: (Duration, Option<Location>), problems: &mut Problems) -> Option<LoadModel> {
    if let Value::Scalar(_) = node.value {
        let stages = vec![stages::steady(stages::some_rate(node, "`open`", problems)?, lasts.0)];
        return Some(LoadModel::Open { stages, arrivals: Arrivals::default() });
    }
    let fields = Fields::described(node, &grammar::OPEN, problems)?;
    let arrivals = arrivals(&fields, problems);
    let stages = stages::stages(&fields, lasts, problems);
    Some(LoadModel::Open { stages: stages?, arrivals: arrivals? })
}

fn arrivals(fields: &Fields<'_>, problems: &mut Problems) -> Option<Arrivals> {
    let Some(node) = fields.get("arrivals") else { return Some(Arrivals::default()) };
    match text(node, "`arrivals`", problems)? {
        "poisson" => Some(Arrivals::Poisson),
        "constant" => Some(Arrivals::Constant),
        other => {
            problems.report(node.at, Fault::unknown("arrivals", other, ["poisson", "constant"]));
            None
        }
    }
}

/// `{slo: p95 < 50ms, from: 100/s, up_to: 60000/s}`
fn search(node: &Node, problems: &mut Problems) -> Option<LoadModel> {
    let fields = Fields::described(node, &grammar::SEARCH, problems)?;
    let promises = fields.require("slo", problems).map(|node| slo::slo(node, problems)).unwrap_or_default();
    for promise in promises.iter().filter(|promise| !promise.metric.is_of_calls()) {
        let message = format!("`{}` does not depend on the rate of calls", promise.metric.name());
        let help = "search by a time, `error_rate` or `rps`; promise the rest in an endpoint's `slo:`";
        problems.report(promise.at, Fault::with_help(message, help));
    }
    let from = fields.get("from").map(|node| (stages::some_rate(node, "`from`", problems), node.at));
    let up_to = fields.require("up_to", problems).and_then(|node| stages::some_rate(node, "`up_to`", problems));
    let arrivals = arrivals(&fields, problems);
    if let (Some((Some(low), at)), Some(high)) = (from, up_to)
        && low >= high
    {
        problems.report(
            at,
            Fault::with_help(format!("the search goes from {low}/s up to {high}/s"), "write the smaller rate as `from`"),
        );
    }
    Some(LoadModel::Search { promises, from: from.and_then(|(rate, _)| rate), up_to: up_to?, arrivals: arrivals? })
}
