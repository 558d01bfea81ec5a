//! The keys of a mapping: known, unknown, missing.

use crate::scenario::error::{Fault, Problems, did_you_mean};
use crate::scenario::grammar::Mapping;
use crate::scenario::model::{Literal, Located, Location};
use crate::scenario::yaml::{Node, Scalar, Value};

/// A mapping whose keys were checked against those that are known there.
pub struct Fields<'n> {
    /// For messages: "an endpoint".
    what: &'static str,
    at: Location,
    entries: &'n [(Located<Scalar>, Node)],
    described: Option<&'static Mapping>,
}

impl<'n> Fields<'n> {
    /// The keys of `node`, checked against those of `mapping`.
    pub fn described(node: &'n Node, mapping: &'static Mapping, problems: &mut Problems) -> Option<Self> {
        let fields = Fields::of(node, mapping.what, &mapping.names(), problems)?;
        Some(Fields { described: Some(mapping), ..fields })
    }

    /// The keys of `node`; notes every key that is not `known`, or that the node is no mapping.
    fn of(node: &'n Node, what: &'static str, known: &[&str], problems: &mut Problems) -> Option<Self> {
        let entries = entries(node, what, problems)?;
        for (key, value) in entries {
            let name = key.value.text.as_str();
            if !known.contains(&name) {
                let message = format!("unknown key `{name}` in {what}");
                problems.report(key.at, Fault { message, help: unknown_key(name, value, known) });
            }
        }
        Some(Fields { what, at: node.at, entries, described: None })
    }

    /// Where the mapping starts.
    pub fn at(&self) -> Location {
        self.at
    }

    pub fn get(&self, key: &str) -> Option<&'n Node> {
        self.entry(key).map(|(_, node)| node)
    }

    /// Where the key itself stands.
    pub fn key_at(&self, key: &str) -> Option<Location> {
        self.entry(key).map(|(key, _)| key.at)
    }

    /// The value of a key that must be there.
    pub fn require(&self, key: &str, problems: &mut Problems) -> Option<&'n Node> {
        let found = self.get(key);
        if found.is_none() {
            problems.report(self.at, Fault::new(format!("{} needs the key `{key}`", self.what)));
        }
        found
    }

    /// The keys of the mapping that are among `of`, in the order of the file.
    pub fn present<'k>(&self, of: &'k [&'k str]) -> Vec<(&'k str, Location)> {
        of.iter().for_each(|key| self.asked_for(key));
        let among = |name: &str| of.iter().find(|known| **known == name).copied();
        self.entries.iter().filter_map(|(key, _)| Some((among(&key.value.text)?, key.at))).collect()
    }

    fn entry(&self, key: &str) -> Option<&'n (Located<Scalar>, Node)> {
        self.asked_for(key);
        self.entries.iter().find(|(name, _)| name.value.text == key)
    }

    /// What the decoder asks for and what the description has are the same: the one is asserted here, the other in tests, which look at
    /// what was asked.
    fn asked_for(&self, key: &str) {
        let Some(mapping) = self.described else { return };
        debug_assert!(mapping.names().contains(&key), "`{key}` is not described in {}", mapping.id);
        #[cfg(test)]
        super::tests_grammar::asked(mapping.id, key);
    }
}

/// What may have been meant by a key that is not known.
fn unknown_key(name: &str, value: &Node, known: &[&str]) -> Option<String> {
    // `{because: one, two}` is a text cut in two by its comma, `{rows: 3,000}` a number.
    if value.is_null() && (name.contains(char::is_whitespace) || name.starts_with(|c: char| c.is_ascii_digit())) {
        return Some("a comma ends a value inside of `{…}` and `[…]`; put the whole value in quotes".to_owned());
    }
    // Of a column: the values and their weights are one mapping.
    if name == "weights" && known.contains(&"values") {
        return Some("weights stand beside their values: write e.g. `values: {open: 75%, closed: 25%}`".to_owned());
    }
    did_you_mean(name, known.iter().copied())
}

/// The entries of a mapping; notes when the node is something else.
pub fn entries<'n>(node: &'n Node, what: &str, problems: &mut Problems) -> Option<&'n [(Located<Scalar>, Node)]> {
    match &node.value {
        Value::Mapping(entries) => Some(entries),
        _ => {
            problems.report(node.at, Fault::new(format!("{what} must be a mapping (`key: value`), not {}", node.describe())));
            None
        }
    }
}

/// The items of a list; notes when the node is something else.
pub fn items<'n>(node: &'n Node, what: &str, problems: &mut Problems) -> Option<&'n [Node]> {
    match &node.value {
        Value::Sequence(items) => Some(items),
        _ => {
            problems.report(node.at, Fault::new(format!("{what} must be a list, not {}", node.describe())));
            None
        }
    }
}

/// The text of a scalar that is not empty; notes when the node is something else.
pub fn text<'n>(node: &'n Node, what: &str, problems: &mut Problems) -> Option<&'n str> {
    let text = node.text().filter(|text| !text.trim().is_empty());
    if text.is_none() {
        let message = match node.value {
            Value::Scalar(_) => format!("{what} is empty"),
            _ => format!("{what} must be a single value, not {}", node.describe()),
        };
        problems.report(node.at, Fault::new(message));
    }
    text
}

/// The text of a scalar, read by one of the functions of `quantity`.
pub fn read<T>(node: &Node, what: &str, by: impl FnOnce(&str) -> Result<T, Fault>, problems: &mut Problems) -> Option<T> {
    let text = text(node, what, problems)?;
    problems.keep(node.at, by(text))
}

/// Text with the place it stands at.
pub fn located(node: &Node, what: &str, problems: &mut Problems) -> Option<Located<String>> {
    text(node, what, problems).map(|text| Located::new(text.to_owned(), node.at))
}

/// `true` or `false`.
pub fn flag(node: &Node, what: &str, problems: &mut Problems) -> Option<bool> {
    if let Value::Scalar(scalar) = &node.value
        && let Literal::Bool(value) = scalar.literal()
    {
        return Some(value);
    }
    problems.report(node.at, Fault::new(format!("{what} must be `true` or `false`, not {}", node.describe())));
    None
}
