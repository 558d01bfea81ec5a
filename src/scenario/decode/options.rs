//! `server:`, `advise:` and `bench:`.

use std::collections::BTreeMap;

use super::fields::{Fields, entries, read};
use crate::scenario::error::{Fault, Problems};
use crate::scenario::grammar;
use crate::scenario::model::{AdviseOptions, CallOptions};
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
    let Some(fields) = Fields::described(node, &grammar::ADVISE, problems) else { return options };
    if let Some(budget) = fields.get("budget")
        && let Some(budget) = Fields::described(budget, &grammar::BUDGET, problems)
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

/// More tries than this only hide that the calls never come through.
const MOST_RETRIES: u64 = 1000;

/// `bench: {retries: 3, statement_timeout: 5s}`
pub fn bench(node: &Node, problems: &mut Problems) -> CallOptions {
    let mut options = CallOptions::default();
    let Some(fields) = Fields::described(node, &grammar::BENCH, problems) else { return options };
    if let Some(node) = fields.get("retries")
        && let Some(retries) = read(node, "`retries`", quantity::whole, problems)
    {
        if retries > MOST_RETRIES {
            problems.report(node.at, Fault::new(format!("`retries` is at most {MOST_RETRIES}, not {retries}")));
        }
        options.retries = u32::try_from(retries).unwrap_or(u32::MAX);
    }
    if let Some(node) = fields.get("statement_timeout") {
        options.statement_timeout = read(node, "`statement_timeout`", quantity::duration, problems);
        // PostgreSQL counts it in milliseconds, and 0 is none.
        if options.statement_timeout.is_some_and(|timeout| timeout.as_millis() == 0) {
            problems.report(node.at, Fault::new("`statement_timeout` is at least 1ms"));
        }
    }
    options
}
