//! `server:`, `advise:` and `slo:`.

use std::collections::BTreeMap;

use super::fields::{Fields, entries, read};
use crate::scenario::error::{Fault, Problems};
use crate::scenario::model::{AdviseOptions, Metric, Slo};
use crate::scenario::quantity;
use crate::scenario::yaml::Node;

/// `server: {fsync: off}`
pub fn server(node: &Node, problems: &mut Problems) -> BTreeMap<String, String> {
    let mut settings = BTreeMap::new();
    for (key, value) in entries(node, "`server`", problems).unwrap_or_default() {
        let name = key.value.text.as_str();
        if !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.')) || name.is_empty() {
            problems.report(key.at, Fault::new(format!("`{name}` cannot be the name of a PostgreSQL setting")));
        } else if let Some(value) = read(value, "a setting", |text| Ok(text.to_owned()), problems) {
            settings.insert(name.to_owned(), value);
        }
    }
    settings
}

/// `advise: {budget: {size: 500MB, write_slowdown: 5%}, keep_if: 10%}`
pub fn advise(node: &Node, problems: &mut Problems) -> AdviseOptions {
    let mut options = AdviseOptions::default();
    let Some(fields) = Fields::of(node, "`advise`", &["budget", "keep_if"], problems) else { return options };
    if let Some(budget) = fields.get("budget")
        && let Some(budget) = Fields::of(budget, "`budget`", &["size", "write_slowdown"], problems)
    {
        options.size_budget = budget.get("size").and_then(|node| read(node, "`size`", quantity::size, problems));
        options.write_slowdown =
            budget.get("write_slowdown").and_then(|node| read(node, "`write_slowdown`", quantity::share, problems));
    }
    if let Some(share) = fields.get("keep_if").and_then(|node| read(node, "`keep_if`", quantity::share, problems)) {
        options.keep_if = share;
    }
    options
}

/// `slo: {p95: 20ms}`
pub fn slo(node: &Node, problems: &mut Problems) -> Vec<Slo> {
    let names = Metric::ALL.map(|(name, _)| name);
    let Some(fields) = Fields::of(node, "`slo`", &names, problems) else { return Vec::new() };
    let mut promises = Vec::new();
    for (name, metric) in Metric::ALL {
        if let Some(below) = fields.get(name).and_then(|node| read(node, &format!("`{name}`"), quantity::duration, problems)) {
            promises.push(Slo { metric, below });
        }
    }
    promises
}
