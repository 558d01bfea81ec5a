//! `slo:`, as a mapping, a list of sentences, or one sentence.

use super::fields::{read, text};
use crate::scenario::error::{Fault, Problems};
use crate::scenario::model::{Metric, Slo};
use crate::scenario::slo;
use crate::scenario::yaml::{Node, Value};

/// `{p95: 20ms, queries: 3}`, `[p95 < 20ms, "plan: no seq scan over 100000 rows"]` or `p95 < 20ms`
pub fn slo(node: &Node, problems: &mut Problems) -> Vec<Slo> {
    let mut promises = Vec::new();
    match &node.value {
        Value::Sequence(items) if items.is_empty() => {
            problems.report(node.at, Fault::with_help("`slo` promises nothing", "write e.g. `slo: p95 < 50ms`"));
        }
        Value::Sequence(items) => items.iter().for_each(|item| promises.extend(one(item, problems))),
        _ => promises.extend(one(node, problems)),
    }
    for (place, promise) in promises.iter().enumerate() {
        let same =
            |other: &&Slo| other.metric == promise.metric && other.comparison.wants_small() == promise.comparison.wants_small();
        if let Some(first) = promises[..place].iter().find(same) {
            let message = format!("`{}` is promised twice; the first time in line {}", promise.metric.name(), first.at.line);
            problems.report(promise.at, Fault::with_help(message, "keep the harder of the two"));
        }
    }
    promises
}

fn one(node: &Node, problems: &mut Problems) -> Vec<Slo> {
    let Value::Mapping(entries) = &node.value else {
        return read(node, "`slo`", |text| slo::sentences(text, node.at), problems).unwrap_or_default();
    };
    // An unquoted `plan: no seq scan …` in a list is a mapping, too.
    let promise = |(key, node): &(_, Node), problems: &mut Problems| {
        let key: &crate::scenario::model::Located<crate::scenario::yaml::Scalar> = key;
        let metric: Option<Metric> = problems.keep(key.at, slo::metric(&key.value.text));
        let bound = text(node, &format!("`{}`", key.value.text), problems)?;
        problems.keep(node.at, slo::bound_of(metric?, bound, node.at))
    };
    entries.iter().filter_map(|entry| promise(entry, problems)).collect()
}
