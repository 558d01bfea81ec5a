//! Plans in JSON, wherever they stand in the text.

use serde_json::Value;

use super::error::{PASTE_WHOLE, ReadError};
use super::lines::{Kind, Line, Lines};
use super::{Findings, FoundPlan};
use crate::plan::{Plan, PlanError};

/// Whether a line can be the first of a JSON plan: `[`, `{`, `[{"Plan": …`, or the same as a quoted cell of CSV.
pub(super) fn begins(line: &Line) -> bool {
    let text = line.text.strip_prefix('"').unwrap_or(&line.text);
    let Some(rest) = text.strip_prefix(['[', '{']) else { return false };
    rest.is_empty() || rest.trim_start().is_empty() || rest.trim_start().starts_with(['{', '"', '['])
}

/// The text of one JSON value, and for each of its lines where it came from.
struct Extent {
    text: String,
    /// Number of each line and the characters before it.
    places: Vec<(usize, usize)>,
    /// The value ends within the lines.
    closed: bool,
    mentions_plan: bool,
}

/// Takes the JSON value that begins at the next line, and the plans in it. Values without a plan are passed over.
///
/// Returns whether the value had an end: without one there is no use in trying from its inner lines.
pub(super) fn take(lines: &mut Lines, duration_ms: Option<f64>, found: &mut Findings) -> bool {
    let extent = extent(lines);
    let first = extent.places.first().map_or(1, |place| place.0);
    let last = extent.places.last().map_or(first, |place| place.0);
    let mut values = serde_json::Deserializer::from_str(extent.text.trim_end()).into_iter::<Value>();
    match values.next() {
        Some(Ok(value)) => plans(value, (first, last), duration_ms, found),
        Some(Err(error)) if extent.mentions_plan => found.problems.push(broken(&error, &extent.places, first)),
        // An array of a sentence is what EXPLAIN says of statements without a plan; anything else is not ours.
        Some(Err(_)) | None if !extent.closed => {
            // Not JSON at all: only the line itself is passed over.
            lines.skip(1);
            return false;
        }
        _ => {}
    }
    lines.skip(extent.places.len().max(1));
    extent.closed
}

/// Gathers lines until the brackets are closed.
fn extent(lines: &Lines) -> Extent {
    let mut extent = Extent { text: String::new(), places: Vec::new(), closed: false, mentions_plan: false };
    let quoted = lines.peek(0).is_some_and(|line| line.text.starts_with('"'));
    let mut brackets = Brackets::default();
    let mut ahead = 0;
    while let Some(line) = lines.peek(ahead) {
        if ahead > 0 && matches!(line.kind, Kind::End | Kind::Log(_)) {
            break;
        }
        ahead += 1;
        let text = match (quoted, ahead) {
            (true, 1) => line.text[1..].replace("\"\"", "\""),
            (true, _) => line.text.replace("\"\"", "\""),
            (false, _) => line.text.clone().into_owned(),
        };
        extent.places.push((line.number, line.before));
        extent.mentions_plan |= text.contains("\"Plan\"") || text.contains("\"Node Type\"");
        extent.text.push_str(&text);
        extent.text.push('\n');
        if brackets.close(&text) {
            extent.closed = true;
            break;
        }
    }
    extent
}

/// How deep we are in brackets, those in strings not counted.
#[derive(Default)]
struct Brackets {
    depth: i64,
    in_string: bool,
    escaped: bool,
}

impl Brackets {
    /// Goes on with a line; says whether the outermost bracket was closed in it.
    fn close(&mut self, text: &str) -> bool {
        for c in text.chars() {
            match c {
                _ if self.escaped => self.escaped = false,
                '\\' if self.in_string => self.escaped = true,
                '"' => self.in_string = !self.in_string,
                '[' | '{' if !self.in_string => self.depth += 1,
                ']' | '}' if !self.in_string => {
                    self.depth -= 1;
                    if self.depth <= 0 {
                        return true;
                    }
                }
                _ => {}
            }
        }
        // No string of JSON goes over the end of a line.
        self.in_string = false;
        false
    }
}

/// The plans of a value: an array of statements (several when a rule rewrote the statement), one statement, or its root alone.
fn plans(value: Value, lines: (usize, usize), duration_ms: Option<f64>, found: &mut Findings) {
    let statements = match value {
        Value::Array(statements) if statements.iter().any(is_statement) => statements,
        value if is_statement(&value) => vec![value],
        Value::Object(root) if root.contains_key("Node Type") => vec![serde_json::json!({ "Plan": root })],
        Value::Array(said) if matches!(said.as_slice(), [Value::String(_)]) => vec![Value::Array(said)],
        _ => return,
    };
    for statement in statements {
        match Plan::from_json(&statement) {
            Ok(plan) => {
                let found_plan =
                    FoundPlan { plan, json: Some(statement), first: lines.0, last: lines.1, duration_ms, notes: Vec::new() };
                found.plans.push(found_plan);
            }
            Err(source) => found.problems.push(no_plan(lines.0, source)),
        }
    }
}

fn is_statement(value: &Value) -> bool {
    value.get("Plan").is_some()
}

fn no_plan(line: usize, source: PlanError) -> ReadError {
    ReadError::NoPlan { line, source }
}

fn broken(error: &serde_json::Error, places: &[(usize, usize)], first: usize) -> ReadError {
    let (number, before) = places.get(error.line().saturating_sub(1)).or(places.last()).copied().unwrap_or((first, 0));
    let what = if error.is_eof() {
        "ends before its brackets are closed".to_owned()
    } else {
        // serde_json says the place as of the unwrapped text; ours is that of the text handed in.
        let said = error.to_string();
        let said = said.split(" at line ").next().unwrap_or(&said);
        if said.contains("recursion limit") { "is nested too deep to be read".to_owned() } else { format!("is broken: {said}") }
    };
    ReadError::Json { first, line: number, column: before + error.column().max(1), what, next: PASTE_WHOLE }
}
