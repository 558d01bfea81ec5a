//! `endpoints:`, routes and their statements.

use super::fields::{Fields, entries, items, located, read, text};
use super::{value, variants};
use crate::scenario::condition::Condition;
use crate::scenario::error::{Fault, Problems};
use crate::scenario::grammar;
use crate::scenario::model::{Endpoint, Literal, Located, Location, Params, Step, ValueSpec};
use crate::scenario::quantity;
use crate::scenario::statement::Statement;
use crate::scenario::yaml::{Node, Value};

pub fn endpoints(node: &Node, problems: &mut Problems) -> Vec<Endpoint> {
    let listed = items(node, "`endpoints`", problems).unwrap_or_default();
    listed.iter().filter_map(|node| endpoint(node, problems)).collect()
}

fn endpoint(node: &Node, problems: &mut Problems) -> Option<Endpoint> {
    let fields = Fields::described(node, &grammar::ENDPOINT, problems)?;
    let route = fields.require("route", problems).and_then(|node| route(node, problems));
    let case = fields.get("case").and_then(|node| text(node, "`case`", problems)).map(str::to_owned);
    let weight = fields.get("weight").and_then(|node| weight(node, problems)).unwrap_or(1.0);
    let params = fields.get("params").and_then(|node| params(node, problems)).unwrap_or_default();
    let steps = steps(&fields, "an endpoint needs statements", problems);
    let variants = fields.get("variants").map(|node| variants::variants(node, problems)).unwrap_or_default();
    let slo = fields.get("slo").map(|node| super::slo::slo(node, problems)).unwrap_or_default();
    Some(Endpoint { route: route.unwrap_or(Located::new(String::new(), node.at)), case, weight, params, steps, variants, slo })
}

/// `METHOD /path`; work that no request starts has a method of its own choosing, e.g. `JOB moods`.
fn route(node: &Node, problems: &mut Problems) -> Option<Located<String>> {
    let route = text(node, "`route`", problems)?;
    let shaped = route.split_once(' ').is_some_and(|(method, path)| {
        !method.is_empty() && method.chars().all(|c| c.is_ascii_uppercase()) && !path.trim().is_empty() && !path.contains('\n')
    });
    if !shaped {
        let help = "write the method and the path, e.g. `GET /song/{song_id}/play`, or `JOB name` for background work";
        problems.report(node.at, Fault::with_help(format!("`{route}` is not a route"), help));
        return None;
    }
    Some(Located::new(route.to_owned(), node.at))
}

fn weight(node: &Node, problems: &mut Problems) -> Option<f64> {
    let weight = read(node, "`weight`", quantity::number, problems)?;
    if weight < 0.0 {
        problems.report(
            node.at,
            Fault::with_help(format!("a weight cannot be negative: {weight}"), "0 keeps it out of mixed traffic"),
        );
    }
    Some(weight)
}

fn params(node: &Node, problems: &mut Problems) -> Option<Params> {
    let fields = Fields::described(node, &grammar::PARAMS, problems)?;
    let sample = fields.get("sample").map(|node| sample(node, problems));
    let pick = fields.get("pick").and_then(|node| super::pick::pick(node, problems)).unwrap_or_default();
    if let Some(at) = fields.key_at("pick").filter(|_| sample.is_none()) {
        problems.report(at, Fault::with_help("`pick` without `sample`", "`pick` chooses among the rows of a `sample:` query"));
    }
    let listed = fields.get("values").and_then(|node| entries(node, "`values`", problems)).unwrap_or_default();
    let values = listed.iter().map(|(key, node)| {
        let spec = match &node.value {
            Value::Scalar(scalar) if scalar.plain && scalar.text == "default" => {
                let help = "a parameter needs a value; leave the column out of the statement instead";
                problems.report(node.at, Fault::with_help("only a column has a default", help));
                None
            }
            _ => value::value(node, problems),
        };
        let name = Located::new(key.value.text.clone(), key.at);
        // Kept by name even when its value is broken, so that statements using it are not called wrong.
        (name, spec.unwrap_or(ValueSpec::Constant(Literal::Null)))
    });
    Some(Params { sample, pick, values: values.collect() })
}

/// The sampling query; it stands even when it is broken, because parameters may come from it.
fn sample(node: &Node, problems: &mut Problems) -> Located<String> {
    let Some(statement) = read(node, "`sample`", Statement::parse, problems) else {
        return Located::new(String::new(), node.at);
    };
    if let Some(param) = statement.params.first() {
        let help = "it runs once, before any call; its columns are the parameters";
        problems.report(node.at, Fault::with_help(format!("a sample has no parameters, and this one asks for `{param}`"), help));
    }
    Located::new(statement.written, node.at)
}

/// `sql:` or `steps:`, one of which must be there; `missing` says that neither is.
pub fn steps(fields: &Fields<'_>, missing: &str, problems: &mut Problems) -> Vec<Step> {
    match (fields.get("steps"), fields.get("sql")) {
        (Some(_), Some(_)) => {
            let at = fields.key_at("sql").unwrap_or(fields.at());
            problems.report(at, Fault::with_help("`sql` beside `steps`", "make it one of the steps"));
            Vec::new()
        }
        (None, Some(sql)) => vec![Step { statement: statement(sql, problems), name: None, when: None, for_each: None }],
        (Some(list), None) => step_list(list, "`steps`", problems),
        (None, None) => {
            problems.report(fields.at(), Fault::with_help(missing, "give `sql:` for one or `steps:` for several"));
            Vec::new()
        }
    }
}

/// Steps one after the other; `what` holds them.
pub fn step_list(list: &Node, what: &str, problems: &mut Problems) -> Vec<Step> {
    let listed = items(list, what, problems).unwrap_or_default();
    if listed.is_empty() && matches!(list.value, Value::Sequence(_)) {
        problems.report(list.at, Fault::new(format!("{what} has no statement")));
    }
    listed.iter().filter_map(|node| step(node, problems)).collect()
}

fn step(node: &Node, problems: &mut Problems) -> Option<Step> {
    if let Value::Scalar(_) = node.value {
        return Some(Step { statement: statement(node, problems), name: None, when: None, for_each: None });
    }
    let fields = Fields::described(node, &grammar::STEP, problems)?;
    let sql = fields.require("sql", problems).map(|node| statement(node, problems));
    let name = fields.get("as").and_then(|node| step_name(node, problems));
    let when = fields
        .get("when")
        .and_then(|node| read(node, "`when`", Condition::parse, problems).map(|condition| Located::new(condition, node.at)));
    let for_each = fields.get("for_each").and_then(|node| located(node, "`for_each`", problems));
    Some(Step { statement: sql.unwrap_or_else(|| nothing(node.at)), name, when, for_each })
}

fn step_name(node: &Node, problems: &mut Problems) -> Option<Located<String>> {
    let name = located(node, "`as`", problems)?;
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if !name.value.chars().all(word) || name.value.starts_with(|c: char| c.is_ascii_digit()) {
        let help = "letters, digits and `_`, as in `as: position`";
        problems.report(node.at, Fault::with_help(format!("`{}` cannot name a step", name.value), help));
    }
    Some(name)
}

/// The statement, or one without parameters in place of a broken one.
fn statement(node: &Node, problems: &mut Problems) -> Located<Statement> {
    match read(node, "a statement", Statement::parse, problems) {
        Some(statement) => Located::new(statement, node.at),
        None => nothing(node.at),
    }
}

fn nothing(at: Location) -> Located<Statement> {
    Located::new(Statement { written: String::new(), numbered: String::new(), params: Vec::new() }, at)
}
