//! What the report computes of a run: sums, counts, ratios, differences, what is left of a whole.
//!
//! Only of what stands side by side: fields of one object, the same field of its `before` and `after`, the elements of one list.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::forms::Kind;
use super::values::escaped;

/// A figure that stands nowhere and follows from others.
#[derive(Debug, Clone)]
pub struct Figure {
    pub pointers: Vec<String>,
    /// "sum of 18 values"
    pub how: String,
    pub key: String,
    pub value: f64,
    pub kind: Kind,
}

/// Raw plans have their own arithmetic, and their fields are not side by side in this sense.
const RAW: [&str; 2] = ["json", "blocks"];

/// All of them.
pub fn figures(run: &Value) -> Vec<Figure> {
    let mut found = Vec::new();
    walk(run, "", &mut found);
    differences_of_counts(&mut found);
    found
}

fn walk(value: &Value, pointer: &str, found: &mut Vec<Figure>) {
    match value {
        Value::Array(items) => {
            lists(items, pointer, found);
            for (place, item) in items.iter().enumerate() {
                walk(item, &format!("{pointer}/{place}"), found);
            }
        }
        Value::Object(entries) => {
            pairs(entries, pointer, found);
            for (key, value) in entries.iter().filter(|(key, _)| !RAW.contains(&key.as_str())) {
                walk(value, &format!("{pointer}/{}", escaped(key)), found);
            }
        }
        _ => {}
    }
}

/// The last word of a key, which is its unit: `ms` of `before_ms`.
fn unit_of(key: &str) -> &str {
    key.rsplit('_').next().unwrap_or(key)
}

/// Percentiles of one distribution are not held against each other, but against their own after a change.
fn is_statistic(key: &str) -> bool {
    ["min_", "mean_", "p50_", "p90_", "p95_", "p99_", "max_"].iter().any(|name| key.starts_with(name))
}

fn kind_of(key: &str, value: f64) -> Kind {
    Kind::of(key, value, value.fract() == 0.0)
}

/// Ratios and differences of the numbers of one object, its `before` and `after` included.
fn pairs(entries: &Map<String, Value>, pointer: &str, found: &mut Vec<Figure>) {
    let mut numbers: Vec<(String, String, f64)> = Vec::new();
    for (key, value) in entries {
        let path = format!("{pointer}/{}", escaped(key));
        match value {
            Value::Number(number) => numbers.extend(number.as_f64().map(|value| (path, key.clone(), value))),
            Value::Object(inner) if !RAW.contains(&key.as_str()) => {
                for (name, value) in inner {
                    numbers.extend(value.as_f64().map(|value| (format!("{path}/{}", escaped(name)), name.clone(), value)));
                }
            }
            _ => {}
        }
        if let Some(share) = value.as_f64().filter(|value| kind_of(key, *value) == Kind::Share) {
            let path = format!("{pointer}/{}", escaped(key));
            found.push(Figure {
                pointers: vec![path],
                how: "1 less this share".to_owned(),
                key: key.clone(),
                value: 1.0 - share,
                kind: Kind::Share,
            });
        }
    }
    for (first, key, a) in &numbers {
        for (second, other, b) in &numbers {
            let strangers = key != other && (is_statistic(key) || is_statistic(other));
            if first == second || unit_of(key) != unit_of(other) || strangers {
                continue;
            }
            let pointers = vec![first.clone(), second.clone()];
            if *b > 0.0 && *a > 0.0 {
                found.push(Figure {
                    pointers: pointers.clone(),
                    how: "the first divided by the second".to_owned(),
                    key: key.clone(),
                    value: a / b,
                    kind: Kind::Ratio,
                });
            }
            if a > b {
                found.push(Figure {
                    pointers,
                    how: "the first less the second".to_owned(),
                    key: key.clone(),
                    value: a - b,
                    kind: kind_of(key, a - b),
                });
            }
        }
    }
}

/// Length of a list, sums of the fields of its elements, and how many of them have a field of one value.
fn lists(items: &[Value], pointer: &str, found: &mut Vec<Figure>) {
    if items.is_empty() {
        return;
    }
    let name = pointer.rsplit('/').next().unwrap_or_default().to_owned();
    let count = |pointers: Vec<String>, how: String, value: usize| Figure {
        pointers,
        how,
        key: name.clone(),
        value: value as f64,
        kind: Kind::Count,
    };
    found.push(count(vec![pointer.to_owned()], "number of elements".to_owned(), items.len()));
    let mut sums: BTreeMap<String, (f64, usize)> = BTreeMap::new();
    let mut alike: BTreeMap<(String, String), usize> = BTreeMap::new();
    for item in items {
        let mut fields = Vec::new();
        flattened(item, "", &mut fields, 0);
        let mut seen = Vec::new();
        for (path, value) in fields {
            if let Some(number) = value.as_f64() {
                let sum = sums.entry(path).or_default();
                *sum = (sum.0 + number, sum.1 + 1);
                continue;
            }
            let word = match value {
                Value::Bool(value) => value.to_string(),
                Value::String(text) if text.len() <= 40 && !text.contains(char::is_whitespace) => text.clone(),
                _ => continue,
            };
            if !seen.contains(&(path.clone(), word.clone())) {
                seen.push((path, word));
            }
        }
        for one in seen {
            *alike.entry(one).or_default() += 1;
        }
    }
    for (path, (sum, of)) in sums.into_iter().filter(|(_, (_, of))| *of > 1) {
        let key = path.rsplit('/').next().unwrap_or_default().to_owned();
        let pointers = vec![format!("{pointer}/*{path}")];
        let figure = |how: &str, value: f64| {
            let kind = kind_of(&key, value);
            Figure { pointers: pointers.clone(), how: format!("{how} of {of} values"), key: key.clone(), value, kind }
        };
        found.extend([figure("sum", sum), figure("average", sum / of as f64)]);
    }
    for ((path, word), number) in alike {
        let pointers = vec![format!("{pointer}/*{path}")];
        found.push(count(pointers.clone(), format!("number of elements with `{word}`"), number));
        if number < items.len() {
            found.push(count(pointers, format!("number of elements without `{word}`"), items.len() - number));
        }
    }
}

/// The plain values of an element, to a depth of three; elements of its lists as `*`.
fn flattened<'v>(value: &'v Value, path: &str, fields: &mut Vec<(String, &'v Value)>, depth: usize) {
    match value {
        Value::Object(entries) if depth < 3 => {
            for (key, value) in entries.iter().filter(|(key, _)| !RAW.contains(&key.as_str())) {
                flattened(value, &format!("{path}/{}", escaped(key)), fields, depth + 1);
            }
        }
        Value::Array(items) if depth < 3 => {
            items.iter().for_each(|item| flattened(item, &format!("{path}/*"), fields, depth));
        }
        Value::Object(_) | Value::Array(_) | Value::Null => {}
        plain => fields.push((path.to_owned(), plain)),
    }
}

/// Fewer than before: the same count of two lists, e.g. of promises that were missed before and are missed after.
fn differences_of_counts(found: &mut Vec<Figure>) {
    let counts: Vec<Figure> =
        found.iter().filter(|figure| figure.how.starts_with("number of elements with `")).cloned().collect();
    let tail = |figure: &Figure| figure.pointers[0].split_once("/*").map(|(_, tail)| tail.to_owned());
    for first in &counts {
        for second in &counts {
            let comparable = first.key == second.key && first.how == second.how && tail(first) == tail(second);
            if comparable && first.value > second.value {
                let pointers = vec![first.pointers[0].clone(), second.pointers[0].clone()];
                let how = format!("the first less the second, each the {}", first.how);
                found.push(Figure {
                    pointers,
                    how,
                    key: first.key.clone(),
                    value: first.value - second.value,
                    kind: Kind::Count,
                });
            }
        }
    }
}
