//! What may stand in a scenario, as data: every mapping, its keys in order, what each takes, and what it means.
//!
//! One description has three readers. The decoder takes from it which keys a mapping knows (and so what to suggest for one that it does
//! not), [`json_schema`] writes it for editors, [`page()`] for people. That it says no more and no less than the decoder does is held
//! by tests: every example is decoded, every key is asked for, every pattern is read by the parser of its quantity.
//!
//! It describes structure: keys, forms, units, what excludes what. What only shows when several parts are seen together (a name that
//! must exist, a range in order, shares that sum to 100%) is left to `perflab check`.

mod column;
mod data;
mod endpoint;
mod file;
mod form;
mod json;
mod load;
mod number;
mod page;
mod published;
mod quantity;
mod shape;
mod top;
mod value;

pub use column::COLUMN;
pub use data::{CHECK, DATA, EXPECT, TABLE};
pub use endpoint::{ENDPOINT, PARAMS, STEP, VARIANT};
pub use file::{FILE_COLUMN, FILE_ROWS, FILE_VALUES};
pub use form::Form;
pub use json::json_schema;
#[cfg(test)]
pub(in crate::scenario) use json::of_yaml;
pub use load::{CLOSED, CONNECTIONS, OPEN, PHASE, SEARCH, STAGE, THINK, VARY};
pub use number::{EXPONENTIAL, LOGNORMAL, NORMAL, PARETO, PRICE, PROSE, ZIPF};
pub use page::page;
pub use published::{PUBLISHED, PUBLISHED_FIGURE};
pub use quantity::{Numbers, Quantity};
pub use shape::{
    FANOUT, FANOUT_LOGNORMAL, FANOUT_PARETO, FANOUT_POISSON, FANOUT_ZIPF, PICK, PICK_LOGNORMAL, PICK_PARETO, PICK_ZIPF,
};
pub use top::{ADVISE, BENCH, BUDGET, SCENARIO};
pub use value::{ARRAY, DAYS, KINDS, PASSWORD, TIME, VALUE};

/// A mapping whose keys are known.
#[derive(Debug)]
pub struct Mapping {
    /// Its name among the definitions of the schema, and its anchor on the page: `column`.
    pub id: &'static str,
    /// For messages: "a column".
    pub what: &'static str,
    /// Where it stands: `data.tables.TABLE.columns.COLUMN`.
    pub path: &'static str,
    /// One or two sentences.
    pub about: &'static str,
    /// Its own keys, in the order in which the page shows them.
    pub keys: &'static [Key],
    /// A mapping whose keys may stand here, too.
    pub and: Option<&'static Mapping>,
    pub rules: &'static [Rule],
    /// How its examples become a scenario.
    pub within: Within,
}

/// One key of a mapping.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    pub name: &'static str,
    pub form: Form,
    /// A sentence or two.
    pub about: &'static str,
    pub required: bool,
    /// What holds where nothing is written, as it would be written.
    pub unless_said: Option<&'static str>,
    /// A value in flow style.
    pub example: &'static str,
    /// What else has to stand in the mapping of the example: `rows: 100`.
    pub beside: &'static str,
}

/// What the keys of a mapping have to do with each other.
#[derive(Debug, Clone, Copy)]
pub enum Rule {
    /// Exactly one of all these.
    OneOf(&'static [&'static [&'static str]]),
    /// At least one of these.
    Some(&'static [&'static str]),
    /// The key makes sense beside one of these alone.
    Needs(&'static str, &'static [&'static str]),
    /// The key makes no sense beside any of these.
    Apart(&'static str, &'static [&'static str]),
}

/// Where the examples of a mapping stand.
#[derive(Debug, Clone, Copy)]
pub enum Within {
    /// It is the scenario.
    Root,
    /// In that mapping, which reads so, with this one at `@`.
    In(&'static Mapping, &'static str),
}

/// A key that may be left out.
const fn key(name: &'static str, form: Form, example: &'static str, about: &'static str) -> Key {
    Key { name, form, about, required: false, unless_said: None, example, beside: "" }
}

impl Key {
    const fn required(mut self) -> Key {
        self.required = true;
        self
    }

    const fn unless_said(mut self, text: &'static str) -> Key {
        self.unless_said = Some(text);
        self
    }

    const fn beside(mut self, text: &'static str) -> Key {
        self.beside = text;
        self
    }
}

impl Mapping {
    /// Every key that may stand in it.
    pub fn all_keys(&self) -> impl Iterator<Item = &'static Key> {
        self.keys.iter().chain(self.and.into_iter().flat_map(|more| more.keys))
    }

    /// Their names.
    pub fn names(&self) -> Vec<&'static str> {
        self.all_keys().map(|key| key.name).collect()
    }

    /// A scenario around `text`, a mapping of this kind in flow style.
    pub fn scenario_around(&self, text: &str) -> String {
        match self.within {
            Within::Root => text.to_owned(),
            Within::In(outer, around) => outer.scenario_around(&around.replace('@', text)),
        }
    }

    /// A mapping in flow style with that key's example, what it needs, and nothing else.
    pub fn example_of(&self, key: &Key) -> String {
        let stands = |name: &str| name == key.name || key.beside.split(", ").any(|more| more.split(':').next() == Some(name));
        let required = self.keys.iter().filter(|other| other.required && !stands(other.name));
        let mut entries: Vec<String> = required.map(|other| format!("{}: {}", other.name, other.example)).collect();
        entries.extend((!key.beside.is_empty()).then(|| key.beside.to_owned()));
        entries.push(format!("{}: {}", key.name, key.example));
        format!("{{{}}}", entries.join(", "))
    }
}

/// Every mapping that a scenario may hold, each once, in the order in which a reader meets them.
pub fn mappings() -> Vec<&'static Mapping> {
    let mut found: Vec<&'static Mapping> = Vec::new();
    visit(&SCENARIO, &mut found);
    found
}

fn visit(mapping: &'static Mapping, found: &mut Vec<&'static Mapping>) {
    if found.iter().any(|seen| seen.id == mapping.id) {
        return;
    }
    found.push(mapping);
    for key in mapping.keys {
        key.form.each_mapping(&mut |inner| visit(inner, found));
    }
    if let Some(more) = mapping.and {
        visit(more, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_given_once() {
        for mapping in mappings() {
            let mut names = mapping.names();
            names.sort_unstable();
            let count = names.len();
            names.dedup();
            assert_eq!(names.len(), count, "{}", mapping.id);
            for rule in mapping.rules {
                let named: Vec<&str> = match rule {
                    Rule::OneOf(groups) => groups.concat(),
                    Rule::Some(keys) => keys.to_vec(),
                    Rule::Needs(key, others) | Rule::Apart(key, others) => [&[*key][..], others].concat(),
                };
                assert!(named.iter().all(|name| names.contains(name)), "{} {rule:?}", mapping.id);
            }
        }
    }

    #[test]
    fn sentences_end() {
        for mapping in mappings() {
            let about = mapping.keys.iter().map(|key| key.about).chain([mapping.about]);
            for text in about {
                assert!(text.ends_with(['.', ')']) && !text.contains('|'), "{}: {text}", mapping.id);
            }
        }
    }
}
