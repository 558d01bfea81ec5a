//! A [`Plan`] as `EXPLAIN (FORMAT JSON)` writes it, so that a plan read from text is kept in the same form as one that a server
//! sent. Reading it again gives the same plan.

mod details;
mod node;

use serde_json::{Map, Value, json};

use super::Plan;

/// The array of one statement. Keys that the plan has no value for are left out.
pub fn to_json(plan: &Plan) -> Value {
    let mut into = Object::default();
    into.text("Query Text", plan.query_text.as_ref());
    into.0.insert("Plan".to_owned(), node::write(&plan.root));
    if let Some(settings) = &plan.settings {
        let settings: Map<String, Value> = settings.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
        into.0.insert("Settings".to_owned(), settings.into());
    }
    into.text("Query Identifier", plan.query_id.as_ref());
    if let Some(planning) = &plan.planning {
        into.0.insert("Planning".to_owned(), details::planning(planning));
    }
    into.number("Planning Time", plan.planning_ms);
    if let Some(triggers) = &plan.triggers {
        into.0.insert("Triggers".to_owned(), triggers.iter().map(details::trigger).collect());
    }
    if let Some(jit) = &plan.jit {
        into.0.insert("JIT".to_owned(), details::jit(jit));
    }
    if let Some(serialization) = &plan.serialization {
        into.0.insert("Serialization".to_owned(), details::serialization(serialization));
    }
    into.number("Execution Time", plan.execution_ms);
    into.rest(&plan.other);
    json!([Value::Object(into.0)])
}

/// The fields of an object, those without a value left out.
#[derive(Default)]
struct Object(Map<String, Value>);

impl Object {
    fn text(&mut self, key: &str, value: Option<&String>) {
        if let Some(value) = value {
            self.0.insert(key.to_owned(), value.as_str().into());
        }
    }

    fn texts(&mut self, key: &str, values: &[String]) {
        if !values.is_empty() {
            self.0.insert(key.to_owned(), values.into());
        }
    }

    /// Whole numbers without a fraction, as PostgreSQL writes counts.
    fn number(&mut self, key: &str, value: Option<f64>) {
        if let Some(value) = value {
            self.0.insert(key.to_owned(), number(value));
        }
    }

    fn flag(&mut self, key: &str, value: Option<bool>) {
        if let Some(value) = value {
            self.0.insert(key.to_owned(), value.into());
        }
    }

    fn value(&mut self, key: &str, value: Option<Value>) {
        if let Some(value) = value {
            self.0.insert(key.to_owned(), value);
        }
    }

    fn rest(&mut self, other: &Map<String, Value>) {
        self.0.extend(other.clone());
    }
}

fn number(value: f64) -> Value {
    // Up to 2^53 every whole number has a float of its own.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() < EXACT { (value as i64).into() } else { value.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::fixtures;

    #[test]
    fn what_is_written_is_read_again() {
        for (name, plan, text) in fixtures::pairs() {
            assert_eq!(Plan::from_json(&to_json(&plan)).unwrap(), plan, "{name}");
            let read = Plan::read(&text).unwrap();
            assert_eq!(Plan::from_json(&to_json(&read)).unwrap(), Plan { form: None, ..read }, "{name}");
        }
        for (name, plan) in fixtures::timed() {
            assert_eq!(Plan::from_json(&to_json(&plan)).unwrap(), plan, "{name}");
        }
    }
}
