//! From printed texts to the values that are printed so.

use std::collections::HashMap;
use std::rc::Rc;

use serde_json::{Value, json};

use super::Origin;
use super::derived::figures;
use super::forms::{Kind, forms};
use super::numeral::numerals;
use super::values::{Values, values};

/// One way to come to a number.
#[derive(Debug)]
pub struct Source {
    pub pointers: Vec<String>,
    pub derived: Option<String>,
    pub value: Value,
    pub key: String,
    pub of: Rc<Vec<Vec<String>>>,
    /// The words around a number in a text.
    pub around: Option<(String, String)>,
}

/// What is printed so: one part of a text, or all that has a value.
#[derive(Debug, Clone, Copy)]
enum Sources {
    One(usize),
    All(u64, Kind),
}

/// All numbers of a run by how they are printed.
#[derive(Debug, Default)]
pub struct Index {
    sources: Vec<Source>,
    printed: HashMap<(String, String), Vec<(Sources, &'static str)>>,
    /// Sources of numbers by their value: many values stand in several places, and are formatted once.
    values: HashMap<(u64, Kind), Vec<usize>>,
}

impl Index {
    /// Of a `run.json`, or of any other result of perflab.
    pub fn new(run: &Value) -> Index {
        let mut index = Index::default();
        let Values { numbers, texts } = values(run);
        let names: HashMap<&str, &Rc<Vec<Vec<String>>>> =
            numbers.iter().map(|number| (number.pointer.as_str(), &number.of)).collect();
        for figure in figures(run) {
            let of = figure
                .pointers
                .first()
                .and_then(|pointer| names.get(pointer.as_str()))
                .map(|of| (*of).clone())
                .unwrap_or_default();
            let source = Source {
                pointers: figure.pointers,
                derived: Some(figure.how),
                value: exact(figure.value),
                key: figure.key,
                of,
                around: None,
            };
            index.add_number(source, figure.value, figure.kind);
        }
        for number in &numbers {
            let source = Source {
                pointers: vec![number.pointer.clone()],
                derived: None,
                value: exact(number.value),
                key: number.key.clone(),
                of: number.of.clone(),
                around: None,
            };
            index.add_number(source, number.value, number.kind);
        }
        for text in texts {
            for numeral in numerals(&text.text) {
                let around = words_around(&text.text, numeral.start, numeral.end);
                let source = Source {
                    pointers: vec![text.pointer.clone()],
                    derived: None,
                    value: json!(text.text),
                    key: text
                        .pointer
                        .rsplit('/')
                        .find(|part| !part.starts_with(|c: char| c.is_ascii_digit()))
                        .unwrap_or_default()
                        .to_owned(),
                    of: text.of.clone(),
                    around: Some(around),
                };
                index.add_text(source, numeral.core);
            }
        }
        index
    }

    fn add_number(&mut self, source: Source, value: f64, kind: Kind) {
        let bits = value.to_bits();
        let place = self.sources.len();
        self.sources.push(source);
        let alike = self.values.entry((bits, kind)).or_default();
        alike.push(place);
        if alike.len() > 1 {
            return;
        }
        for (core, unit, name) in forms(value, kind) {
            self.printed.entry((core, unit)).or_default().push((Sources::All(bits, kind), name));
        }
    }

    fn add_text(&mut self, source: Source, core: String) {
        let place = self.sources.len();
        self.sources.push(source);
        self.printed.entry((core, String::new())).or_default().push((Sources::One(place), "part of a text"));
    }

    /// Everything that is printed so.
    pub fn find(&self, core: &str, unit: &str) -> Vec<(&Source, &'static str)> {
        let mut found = Vec::new();
        for (sources, name) in self.printed.get(&(core.to_owned(), unit.to_owned())).into_iter().flatten() {
            match sources {
                Sources::One(place) => found.push((&self.sources[*place], *name)),
                Sources::All(bits, kind) => {
                    let places = self.values.get(&(*bits, *kind)).into_iter().flatten();
                    found.extend(places.map(|place| (&self.sources[*place], *name)));
                }
            }
        }
        found
    }
}

impl Source {
    pub fn origin(&self, printed_as: &'static str, fits: bool) -> Origin {
        Origin {
            pointers: self.pointers.clone(),
            derived: self.derived.clone(),
            value: self.value.clone(),
            printed_as,
            of: self.of.iter().filter_map(|names| names.first().cloned()).collect(),
            fits,
        }
    }
}

/// As the run has it: whole numbers without a point.
fn exact(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 9e15 { json!(value as i64) } else { json!(value) }
}

/// The words left and right of a part of a text, in lower case.
pub fn words_around(text: &str, start: usize, end: usize) -> (String, String) {
    let word = |part: &str| part.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let before = text.get(..start).unwrap_or_default().split_whitespace().next_back().map(word).unwrap_or_default();
    let after = text.get(end..).unwrap_or_default().split_whitespace().next().map(word).unwrap_or_default();
    (before, after)
}
