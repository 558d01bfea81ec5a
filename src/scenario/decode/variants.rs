//! `variants:`, other ways to get an endpoint's result.

use super::endpoint::{step_list, steps};
use super::fields::{Fields, entries, items, read};
use crate::scenario::error::{Fault, Problems};
use crate::scenario::grammar;
use crate::scenario::model::{Compare, Located, Variant};
use crate::scenario::statement::Statement;
use crate::scenario::yaml::{Node, Scalar, Value};

/// `variants: {lateral: {sql: …}}`, each under a name of its own.
pub fn variants(node: &Node, problems: &mut Problems) -> Vec<Variant> {
    let listed = entries(node, "`variants`", problems).unwrap_or_default();
    if listed.is_empty() && matches!(node.value, Value::Mapping(_)) {
        problems.report(node.at, Fault::with_help("`variants` has none", "write e.g. `variants: {lateral: {sql: …}}`"));
    }
    listed.iter().filter_map(|(key, node)| variant(key, node, problems)).collect()
}

fn variant(key: &Located<Scalar>, node: &Node, problems: &mut Problems) -> Option<Variant> {
    let name = name(key, problems);
    match &node.value {
        Value::Sequence(_) => {
            let steps = step_list(node, "a variant", problems);
            Some(Variant { name, steps, setup: Vec::new(), compare: Compare::default(), refresh: None })
        }
        Value::Scalar(_) => {
            let help = "write `{sql: …}`, a list of steps, or `{setup: […], refresh: …, steps: […]}`";
            problems.report(node.at, Fault::with_help(format!("a variant is not {}", node.describe()), help));
            None
        }
        Value::Mapping(_) => {
            let fields = Fields::described(node, &grammar::VARIANT, problems)?;
            let setup = fields.get("setup").map(|node| setup(node, problems)).unwrap_or_default();
            let refresh = fields.get("refresh").and_then(|node| plain(node, "`refresh`", problems));
            let compare = fields.get("compare").and_then(|node| compared(node, problems)).unwrap_or_default();
            let steps = steps(&fields, "a variant needs statements", problems);
            Some(Variant { name, steps, setup, compare, refresh })
        }
    }
}

fn compared(node: &Node, problems: &mut Problems) -> Option<Compare> {
    match node.text() {
        Some("rows") => Some(Compare::Rows),
        Some("values") => Some(Compare::Values),
        _ => {
            let message = format!("`compare` is `rows` or `values`, not {}", node.describe());
            let help = "`rows`: the last statement's rows in any order; `values`: the same values in any form, JSON included";
            problems.report(node.at, Fault::with_help(message, help));
            None
        }
    }
}

/// It stands in tables and on the command line.
const LONGEST_NAME: usize = 40;

fn name(key: &Located<Scalar>, problems: &mut Problems) -> Located<String> {
    let name = key.value.text.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.contains(char::is_control) {
        let message = format!("a variant's name has 1 to {LONGEST_NAME} characters, all on one line");
        problems.report(key.at, Fault::with_help(message, "write e.g. `lateral:` or `materialized view:`"));
    }
    Located::new(name.to_owned(), key.at)
}

/// One statement or a list of them.
fn setup(node: &Node, problems: &mut Problems) -> Vec<Located<String>> {
    if let Value::Scalar(_) = node.value {
        return plain(node, "`setup`", problems).into_iter().collect();
    }
    let listed = items(node, "`setup`", problems).unwrap_or_default();
    listed.iter().filter_map(|node| plain(node, "`setup`", problems)).collect()
}

/// A statement that belongs to no call.
fn plain(node: &Node, what: &str, problems: &mut Problems) -> Option<Located<String>> {
    let statement = read(node, what, Statement::parse, problems)?;
    if let Some(param) = statement.params.first() {
        let help = "it runs apart from the calls; only steps have parameters";
        problems.report(node.at, Fault::with_help(format!("{what} has no parameters, and this one asks for `{param}`"), help));
    }
    Some(Located::new(statement.written, node.at))
}
