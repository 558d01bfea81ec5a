//! `time:`, moments.

use super::distribution::some_weight;
use super::fields::{Fields, entries, located, read, text};
use crate::scenario::error::{Fault, Problems, did_you_mean};
use crate::scenario::grammar;
use crate::scenario::model::{GapSpec, TimeOrder, TimeSpec, ValueSpec};
use crate::scenario::quantity;
use crate::scenario::yaml::Node;

const SPREAD: [&str; 7] = ["last", "growth", "peak", "weekend", "weekdays", "recency", "order"];
const GAP: [&str; 3] = ["after", "before", "within"];

/// Moments of their own, or a gap from another moment.
pub fn time(node: &Node, problems: &mut Problems) -> Option<ValueSpec> {
    let fields = Fields::described(node, &grammar::TIME, problems)?;
    match (fields.present(&SPREAD).as_slice(), fields.present(&GAP).as_slice()) {
        (_, []) => spread(&fields, problems).map(ValueSpec::Time),
        ([], _) => gap(&fields, problems).map(ValueSpec::Gap),
        ([(spread, _), ..], [(gap, at), ..]) => {
            let help = "a moment is spread over a span, or follows another one";
            problems.report(*at, Fault::with_help(format!("`{gap}` beside `{spread}`"), help));
            None
        }
    }
}

fn spread(fields: &Fields<'_>, problems: &mut Problems) -> Option<TimeSpec> {
    let span = fields.require("last", problems).and_then(|node| read(node, "`last`", quantity::duration, problems));
    let growth = fields.get("growth").map_or(Some(0.0), |node| read(node, "`growth`", quantity::growth_per_week, problems));
    let peak = match fields.get("peak") {
        Some(node) => read(node, "`peak`", quantity::hours, problems).map(Some),
        None => Some(None),
    };
    let half_life = match fields.get("recency") {
        Some(node) => read(node, "`recency`", quantity::duration, problems).map(Some),
        None => Some(None),
    };
    let weekdays = weekdays(fields, problems);
    let order = fields.get("order").map_or(Some(TimeOrder::AsRowsCome), |node| order(node, problems));
    Some(TimeSpec {
        span: span?,
        growth_per_week: growth?,
        peak_hours: peak?,
        weekdays: weekdays?,
        half_life: half_life?,
        order: order?,
    })
}

fn order(node: &Node, problems: &mut Problems) -> Option<TimeOrder> {
    match text(node, "`order`", problems)? {
        "rising" => Some(TimeOrder::Rising),
        "random" => Some(TimeOrder::Random),
        other => {
            problems.report(node.at, Fault::unknown("order", other, ["rising", "random"]));
            None
        }
    }
}

fn weekdays(fields: &Fields<'_>, problems: &mut Problems) -> Option<Option<[f64; 7]>> {
    let (weekend, named) = (fields.get("weekend"), fields.get("weekdays"));
    if weekend.is_none() && named.is_none() {
        return Some(None);
    }
    let mut factors = [1.0; 7];
    let mut complete = true;
    if let Some(node) = weekend {
        match factor(node, problems) {
            Some(factor) => factors[5..].fill(factor),
            None => complete = false,
        }
    }
    for (key, node) in named.and_then(|node| entries(node, "`weekdays`", problems)).unwrap_or_default() {
        match (grammar::DAYS.iter().position(|day| *day == key.value.text), factor(node, problems)) {
            (Some(day), Some(factor)) => factors[day] = factor,
            (None, _) => {
                let message = format!("unknown day `{}` in `weekdays`", key.value.text);
                problems.report(key.at, Fault { message, help: did_you_mean(&key.value.text, grammar::DAYS) });
                complete = false;
            }
            _ => complete = false,
        }
    }
    let node = named.or(weekend)?;
    (complete && some_weight(&factors, node, problems)).then_some(Some(factors))
}

/// How busy a day is beside one of 1.
fn factor(node: &Node, problems: &mut Problems) -> Option<f64> {
    let value = read(node, "a factor", quantity::number, problems)?;
    // A day a thousand times as busy as the others is a slip of the finger.
    if (0.0..=1000.0).contains(&value) {
        return Some(value);
    }
    problems.report(node.at, Fault::with_help(format!("{value} is not a factor from 0 to 1000"), "1.5 is half as busy again"));
    None
}

fn gap(fields: &Fields<'_>, problems: &mut Problems) -> Option<GapSpec> {
    let (key, from) = match (fields.get("after"), fields.get("before")) {
        (Some(_), Some(_)) => {
            let at = fields.key_at("before").unwrap_or_default();
            problems.report(at, Fault::with_help("`before` beside `after`", "a moment follows one other or goes before it"));
            return None;
        }
        (Some(node), None) => ("after", located(node, "`after`", problems)),
        (None, Some(node)) => ("before", located(node, "`before`", problems)),
        (None, None) => {
            let help = "write `{after: created_at, within: 3d}`";
            problems.report(fields.at(), Fault::with_help("`within` without `after` or `before`", help));
            return None;
        }
    };
    let within = match fields.get("within") {
        Some(node) => read(node, "`within`", quantity::durations, problems).map(Some),
        None if key == "before" => {
            let help = "say how long before at most, e.g. `within: 3d`";
            problems.report(fields.at(), Fault::with_help("`before` needs `within`", help));
            None
        }
        None => Some(None),
    };
    Some(GapSpec { from: from?, before: key == "before", within: within? })
}
