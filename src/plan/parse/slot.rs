//! One JSON value with its place, and the kinds it may be asked for.

use std::fmt;

use serde_json::{Map, Value};

use crate::plan::PlanError;

/// A place in the JSON, as a list from the inside out: costs nothing until an error prints it.
#[derive(Clone, Copy)]
pub(super) struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Key(&'a str),
    Index(usize),
}

impl<'a> Path<'a> {
    pub(super) fn root() -> Self {
        Path { parent: None, step: Step::Root }
    }

    pub(super) fn key(&'a self, key: &'a str) -> Path<'a> {
        Path { parent: Some(self), step: Step::Key(key) }
    }

    pub(super) fn index(&'a self, index: usize) -> Path<'a> {
        Path { parent: Some(self), step: Step::Index(index) }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Root => f.write_str("$"),
            Step::Index(index) => write!(f, "[{index}]"),
            Step::Key(key) if key.chars().all(|c| c.is_ascii_alphanumeric()) => write!(f, ".{key}"),
            Step::Key(key) => write!(f, "[{key:?}]"),
        }
    }
}

/// A value and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Slot<'a> {
    pub(super) value: &'a Value,
    pub(super) path: Path<'a>,
}

impl<'a> Slot<'a> {
    pub(super) fn new(value: &'a Value, path: Path<'a>) -> Self {
        Slot { value, path }
    }

    pub(super) fn object(&self) -> Result<&'a Map<String, Value>, PlanError> {
        self.value.as_object().ok_or_else(|| self.unexpected("an object"))
    }

    pub(super) fn array(&self) -> Result<&'a Vec<Value>, PlanError> {
        self.value.as_array().ok_or_else(|| self.unexpected("an array"))
    }

    pub(super) fn text(&self) -> Result<String, PlanError> {
        self.value.as_str().map(str::to_owned).ok_or_else(|| self.unexpected("a string"))
    }

    pub(super) fn number(&self) -> Result<f64, PlanError> {
        self.value.as_f64().ok_or_else(|| self.unexpected("a number"))
    }

    /// A counter.
    pub(super) fn count(&self) -> Result<u64, PlanError> {
        self.value.as_u64().ok_or_else(|| self.unexpected("a whole number"))
    }

    pub(super) fn flag(&self) -> Result<bool, PlanError> {
        self.value.as_bool().ok_or_else(|| self.unexpected("true or false"))
    }

    /// A string or a number, as text.
    pub(super) fn scalar(&self) -> Result<String, PlanError> {
        match self.value {
            Value::String(text) => Ok(text.clone()),
            Value::Number(number) => Ok(number.to_string()),
            _ => Err(self.unexpected("a string or a number")),
        }
    }

    pub(super) fn texts(&self) -> Result<Vec<String>, PlanError> {
        self.list(|slot| slot.text())
    }

    pub(super) fn list<T>(&self, read: impl Fn(Slot) -> Result<T, PlanError>) -> Result<Vec<T>, PlanError> {
        self.array()?.iter().enumerate().map(|(i, item)| read(Slot::new(item, self.path.index(i)))).collect()
    }

    fn unexpected(&self, expected: &'static str) -> PlanError {
        PlanError::Unexpected { path: self.path.to_string(), expected, found: shown(self.value) }
    }
}

/// A value as an error shows it: short ones whole, large ones by their kind.
fn shown(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("an array of {}", items.len()),
        Value::Object(map) => format!("an object of {} fields", map.len()),
        Value::String(text) if text.chars().count() > 60 => format!("{:?}…", text.chars().take(60).collect::<String>()),
        value => value.to_string(),
    }
}
