//! The schedule of an open loop: one rate, or stages as k6 has them.

use std::time::Duration;

use super::fields::{Fields, items, read};
use crate::scenario::error::{Fault, Problems};
use crate::scenario::grammar;
use crate::scenario::model::{Location, RateStage};
use crate::scenario::quantity;
use crate::scenario::yaml::{Node, Value};

/// `rate:` for the time of the phase, or `stages:` with times of their own.
pub fn stages(fields: &Fields<'_>, lasts: (Duration, Option<Location>), problems: &mut Problems) -> Option<Vec<RateStage>> {
    let (lasts, for_at) = lasts;
    match (fields.get("rate"), fields.get("stages")) {
        (Some(_), Some(_)) => {
            let at = fields.key_at("rate").unwrap_or(fields.at());
            problems
                .report(at, Fault::with_help("`rate` beside `stages`", "make it one of the stages: `{rate: 500/s, for: 30s}`"));
            None
        }
        (None, None) => {
            let help = "write `rate: 1000/s` for one rate, or `stages:` for several";
            problems.report(fields.at(), Fault::with_help("an open loop needs a rate", help));
            None
        }
        (Some(rate), None) => {
            if let Some(at) = fields.key_at("from") {
                let help = "write `stages: [{to: …, over: …}]` for a ramp";
                problems.report(at, Fault::with_help("`from` beside `rate`", help));
            }
            Some(vec![steady(some_rate(rate, "`rate`", problems)?, lasts)])
        }
        (None, Some(list)) => {
            if let Some(at) = for_at {
                let help = "the stages bring their own times; leave `for` out";
                problems.report(at, Fault::with_help("`for` beside `stages`", help));
            }
            let from = fields.get("from").map_or(Some(0.0), |node| read(node, "`from`", quantity::rate, problems));
            listed(list, from, problems)
        }
    }
}

/// The same rate all along.
pub fn steady(rate: f64, lasts: Duration) -> RateStage {
    RateStage { from: rate, to: rate, lasts }
}

/// A rate above 0.
pub fn some_rate(node: &Node, what: &str, problems: &mut Problems) -> Option<f64> {
    let rate = read(node, what, quantity::rate, problems)?;
    if rate > 0.0 {
        return Some(rate);
    }
    problems.report(node.at, Fault::with_help(format!("{what} calls nothing"), "write a rate above 0, e.g. `1000/s`"));
    None
}

/// `[{to: 500/s, over: 10s}, {rate: 500/s, for: 30s}]`, one after the other.
fn listed(list: &Node, from: Option<f64>, problems: &mut Problems) -> Option<Vec<RateStage>> {
    let nodes = items(list, "`stages`", problems)?;
    let mut stages: Vec<RateStage> = Vec::new();
    let mut rate = from;
    for node in nodes {
        let stage = stage(node, rate.unwrap_or_default(), problems);
        // After a broken stage it is not known where the next one starts; what is wrong with it can still be said.
        rate = stage.map(|stage| stage.to);
        stages.extend(stage);
    }
    if stages.len() < nodes.len() || from.is_none() {
        return None;
    }
    if stages.iter().all(|stage| stage.from == 0.0 && stage.to == 0.0) {
        let help = "write e.g. `{to: 500/s, over: 10s}` or `{rate: 500/s, for: 30s}`";
        problems.report(list.at, Fault::with_help("the stages call nothing", help));
        return None;
    }
    Some(stages)
}

fn stage(node: &Node, from: f64, problems: &mut Problems) -> Option<RateStage> {
    const FORMS: &str = "write `{to: 500/s, over: 10s}` for a ramp, or `{rate: 500/s, for: 30s}` to stay";
    if !matches!(node.value, Value::Mapping(_)) {
        problems.report(node.at, Fault::with_help(format!("{} is not a stage", node.describe()), FORMS));
        return None;
    }
    let fields = Fields::described(node, &grammar::STAGE, problems)?;
    let ((rate_key, time_key), other) = match (fields.get("to"), fields.get("rate")) {
        (Some(_), None) => (("to", "over"), "for"),
        (None, Some(_)) => (("rate", "for"), "over"),
        (Some(_), Some(_)) | (None, None) => {
            let message = if fields.get("to").is_some() { "`to` beside `rate`" } else { "a stage has neither `to` nor `rate`" };
            problems.report(node.at, Fault::with_help(message, FORMS));
            return None;
        }
    };
    let rate = fields.get(rate_key).and_then(|node| read(node, &format!("`{rate_key}`"), quantity::rate, problems));
    if let Some(at) = fields.key_at(other) {
        problems.report(at, Fault::with_help(format!("`{other}` beside `{rate_key}`"), FORMS));
        return None;
    }
    let Some(time) = fields.get(time_key) else {
        problems.report(node.at, Fault::with_help(format!("a stage with `{rate_key}` needs `{time_key}`"), FORMS));
        return None;
    };
    let lasts = read(time, &format!("`{time_key}`"), quantity::duration, problems)?;
    let rate = rate?;
    Some(RateStage { from: if rate_key == "to" { from } else { rate }, to: rate, lasts })
}
