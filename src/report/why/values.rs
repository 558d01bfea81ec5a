//! The numbers and texts of a run, each with its pointer and what it belongs to.

use std::rc::Rc;

use serde_json::{Map, Value};

use super::forms::Kind;

/// What names the thing that an object is about, most telling first.
const NAMING: [&str; 8] = ["label", "definition", "name", "table", "of", "referenced", "what", "scenario"];

/// A number of the run.
#[derive(Debug, Clone)]
pub struct Number {
    pub pointer: String,
    /// The last key of the pointer that is a word.
    pub key: String,
    pub value: f64,
    pub kind: Kind,
    /// The names of the objects around it, outermost first; each may have several.
    pub of: Rc<Vec<Vec<String>>>,
}

/// A text of the run in which numbers stand.
#[derive(Debug, Clone)]
pub struct Text {
    pub pointer: String,
    pub text: String,
    pub of: Rc<Vec<Vec<String>>>,
}

#[derive(Debug, Default)]
pub struct Values {
    pub numbers: Vec<Number>,
    pub texts: Vec<Text>,
}

/// Of the whole run.
pub fn values(run: &Value) -> Values {
    let mut values = Values::default();
    walk(run, "", "", &Rc::new(Vec::new()), &mut values);
    values
}

fn walk(value: &Value, pointer: &str, key: &str, of: &Rc<Vec<Vec<String>>>, values: &mut Values) {
    match value {
        Value::Number(number) => {
            let Some(value) = number.as_f64() else { return };
            let kind = Kind::of(key, value, !number.is_f64());
            values.numbers.push(Number { pointer: pointer.to_owned(), key: key.to_owned(), value, kind, of: of.clone() });
        }
        // Histograms are coded, not written.
        Value::String(text) if key != "histogram" => {
            values.texts.push(Text { pointer: pointer.to_owned(), text: text.clone(), of: of.clone() });
        }
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                walk(item, &format!("{pointer}/{place}"), key, of, values);
            }
        }
        Value::Object(entries) => {
            let of = named(entries, of);
            for (key, value) in entries {
                walk(value, &format!("{pointer}/{}", escaped(key)), key, &of, values);
            }
        }
        _ => {}
    }
}

/// What the objects around are about, and what this one is about.
fn named(entries: &Map<String, Value>, around: &Rc<Vec<Vec<String>>>) -> Rc<Vec<Vec<String>>> {
    let names = NAMING.iter().filter_map(|key| entries.get(*key)?.as_str()).filter(|name| !name.is_empty() && name.len() < 300);
    let mut names: Vec<String> = names.map(str::to_owned).collect();
    // An index is called by what it is on, too: `orders (user_id)`.
    names.extend(entries.get("definition").and_then(|text| Some(text.as_str()?.split_once(" ON ")?.1.to_owned())));
    names.extend(entries.get("step").and_then(Value::as_u64).map(|step| format!("statement {step}")));
    if names.is_empty() {
        return around.clone();
    }
    let mut of = around.as_ref().clone();
    of.push(names);
    Rc::new(of)
}

/// A key as a part of a JSON pointer (RFC 6901).
pub fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
