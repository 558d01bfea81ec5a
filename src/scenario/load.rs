//! From a file to a [`Scenario`].

use std::io;
use std::path::Path;

use super::error::{Fault, Problems, ScenarioError, ScenarioErrors};
use super::model::{Location, Scenario, Source};
use super::{decode, validate, yaml};

/// Reads and checks a scenario, the schema file it names, and the first lines of the files its rows come from.
///
/// # Errors
/// When the file cannot be read, or with every mistake that can be found without a server.
pub fn load(path: &Path) -> Result<Scenario, ScenarioError> {
    let text = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(ScenarioError::Missing { path: path.to_owned() }),
        Err(source) => return Err(ScenarioError::Read { path: path.to_owned(), source }),
    };
    let text = match String::from_utf8(text) {
        Ok(text) => text,
        Err(error) => {
            let source = io::Error::new(io::ErrorKind::InvalidData, format!("not UTF-8 text: {}", error.utf8_error()));
            return Err(ScenarioError::Read { path: path.to_owned(), source });
        }
    };
    Ok(parse(Source { path: path.to_owned(), text }, |schema| std::fs::read_to_string(schema))?)
}

/// The scenario that a text describes. `read` fetches the schema file; of the files that `from:` names,
/// the first lines are read.
///
/// # Errors
/// Every mistake of the text.
pub fn parse(source: Source, read: impl FnOnce(&Path) -> io::Result<String>) -> Result<Scenario, ScenarioErrors> {
    let mut problems = Problems::default();
    let Some(root) = yaml::parse(&source.text, &mut problems) else {
        return Err(problems.into_errors(source));
    };
    let Some(mut scenario) = decode::scenario(&root, &source, &mut problems) else {
        return Err(problems.into_errors(source));
    };
    if let Some(schema) = &mut scenario.schema {
        match read(&schema.path) {
            Ok(sql) => schema.sql = sql,
            Err(error) => {
                let at = decode::place_of(&root, "schema").unwrap_or(Location { line: 1, column: 1 });
                let help = "`schema:` is a path relative to the scenario's own folder";
                problems.report(
                    at,
                    Fault::with_help(format!("the schema `{}` could not be read: {error}", schema.path.display()), help),
                );
            }
        }
    }
    validate::resolve(&mut scenario);
    validate::scenario(&scenario, &mut problems);
    if problems.is_empty() { Ok(scenario) } else { Err(problems.into_errors(source)) }
}
