//! A tree of nodes in, a [`Scenario`] out; one file per section.
//!
//! Nothing stops at the first mistake. What could not be understood is noted and left out, or replaced by something harmless
//! where others refer to it by name; the result is only used when no mistake was noted.

mod array;
mod column;
mod data;
mod distribution;
mod endpoint;
mod expect;
mod fanout;
mod fields;
mod file;
mod load;
mod number;
mod options;
mod pick;
mod published;
mod slo;
mod stages;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_grammar;
#[cfg(test)]
mod tests_load;
mod time;
mod value;
mod variants;
mod vary;
mod words;

use std::path::Path;

use self::fields::Fields;
use super::error::{Fault, Problems};
use super::grammar;
use super::model::{Location, Scenario, Schema, Source};
use super::yaml::{Node, Value};

/// The scenario that the tree describes, its schema's SQL still empty. `None` when not even its sections could be told apart.
pub fn scenario(root: &Node, source: &Source, problems: &mut Problems) -> Option<Scenario> {
    let fields = Fields::described(root, &grammar::SCENARIO, problems)?;
    let optional = |key: &str, problems: &mut Problems| {
        fields.get(key).and_then(|node| fields::text(node, &format!("`{key}`"), problems)).map(|text| text.trim().to_owned())
    };
    let title = optional("title", problems);
    let about = optional("about", problems);
    let folder = source.path.parent().unwrap_or(Path::new(""));
    let schema = optional("schema", problems).map(|path| Schema { path: folder.join(path), sql: String::new() });
    Some(Scenario {
        name: fields.require("name", problems).and_then(|node| name(node, problems)).unwrap_or_default(),
        title,
        about,
        schema,
        server: fields.get("server").map(|node| options::server(node, problems)).unwrap_or_default(),
        data: fields.get("data").and_then(|node| data::data(node, problems)),
        endpoints: fields.get("endpoints").map(|node| endpoint::endpoints(node, problems)).unwrap_or_default(),
        calls: fields.get("bench").map(|node| options::bench(node, problems)).unwrap_or_default(),
        load: fields.get("load").map(|node| load::load(node, problems)).unwrap_or_default(),
        vary: fields.get("vary").map(|node| vary::vary(node, problems)).unwrap_or_default(),
        advise: fields.get("advise").map(|node| options::advise(node, problems)).unwrap_or_default(),
        published: fields.get("published").and_then(|node| published::published(node, problems)),
        source: source.clone(),
    })
}

/// Where the value of a top-level key stands.
pub fn place_of(root: &Node, key: &str) -> Option<Location> {
    let Value::Mapping(entries) = &root.value else { return None };
    entries.iter().find(|(name, _)| name.value.text == key).map(|(_, node)| node.at)
}

/// PostgreSQL cuts names at 63 bytes; `perflab_` and the suffix of a clone have to fit beside it.
const LONGEST_NAME: usize = 40;

fn name(node: &Node, problems: &mut Problems) -> Option<String> {
    let name = fields::text(node, "`name`", problems)?;
    let shaped = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if shaped && name.len() <= LONGEST_NAME {
        return Some(name.to_owned());
    }
    let help = format!("it names a database: lower-case letters, digits and `_`, a letter first, at most {LONGEST_NAME}");
    problems.report(node.at, Fault::with_help(format!("`{name}` cannot be the name of a scenario"), help));
    None
}
