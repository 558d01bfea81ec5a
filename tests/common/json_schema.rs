//! As much of JSON Schema as perflab's schemas use; a word that it does not know is a mistake of the schema.

use serde_json::{Map, Value};

/// A pattern of the schema. Rust's `regex` reads all that the schema says as ECMAScript does, `\d` aside, which is ASCII there.
pub struct Pattern(regex::Regex);

impl Pattern {
    pub fn new(pattern: &str) -> Pattern {
        let ascii = pattern.replace(r"\d", "[0-9]");
        Pattern(regex::Regex::new(&ascii).unwrap_or_else(|error| panic!("{pattern}: {error}")))
    }

    pub fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

/// What of a value the schema does not allow, each with its place.
pub fn mistakes(schema: &Value, value: &Value) -> Vec<String> {
    check(schema, schema, value, "")
}

fn check(root: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let Value::Object(words) = schema else {
        return if schema == &Value::Bool(true) { Vec::new() } else { vec![format!("{at}: {value} is not allowed")] };
    };
    words.iter().flat_map(|(word, says)| one(root, words, (word, says), value, at)).collect()
}

fn one(root: &Value, words: &Map<String, Value>, (word, says): (&str, &Value), value: &Value, at: &str) -> Vec<String> {
    let wrong = |fine: bool| if fine { Vec::new() } else { vec![format!("{at}: {value} is against {word}: {says}")] };
    let each = |says: &Value| says.as_array().unwrap().clone();
    match word {
        "$schema" | "$defs" | "title" | "description" | "default" | "examples" | "format" => Vec::new(),
        "$ref" => {
            let pointer = says.as_str().unwrap().strip_prefix('#').unwrap();
            check(root, root.pointer(pointer).unwrap_or_else(|| panic!("no {pointer}")), value, at)
        }
        "type" => wrong(match says {
            Value::Array(types) => types.iter().any(|one| is(one.as_str().unwrap(), value)),
            one => is(one.as_str().unwrap(), value),
        }),
        "const" => wrong(says == value),
        "enum" => wrong(each(says).contains(value)),
        "pattern" => wrong(value.as_str().is_none_or(|text| Pattern::new(says.as_str().unwrap()).is_match(text))),
        "minLength" => wrong(value.as_str().is_none_or(|text| text.chars().count() >= says.as_u64().unwrap() as usize)),
        "minimum" => wrong(value.as_f64().is_none_or(|number| number >= says.as_f64().unwrap())),
        "exclusiveMinimum" => wrong(value.as_f64().is_none_or(|number| number > says.as_f64().unwrap())),
        "maximum" => wrong(value.as_f64().is_none_or(|number| number <= says.as_f64().unwrap())),
        "minItems" => wrong(value.as_array().is_none_or(|items| items.len() >= says.as_u64().unwrap() as usize)),
        "maxItems" => wrong(value.as_array().is_none_or(|items| items.len() <= says.as_u64().unwrap() as usize)),
        "minProperties" => wrong(value.as_object().is_none_or(|entries| entries.len() >= says.as_u64().unwrap() as usize)),
        "required" => {
            let missing = each(says)
                .into_iter()
                .find(|key| value.as_object().is_some_and(|entries| !entries.contains_key(key.as_str().unwrap())));
            wrong(missing.is_none())
        }
        "prefixItems" => {
            let pairs = each(says).into_iter().zip(value.as_array().cloned().into_iter().flatten()).enumerate();
            pairs.flat_map(|(place, (one, item))| check(root, &one, &item, &format!("{at}/{place}"))).collect()
        }
        "items" if says.is_boolean() || words.contains_key("prefixItems") => Vec::new(),
        "items" => {
            let items = value.as_array().into_iter().flatten().enumerate();
            items.flat_map(|(place, item)| check(root, says, item, &format!("{at}/{place}"))).collect()
        }
        "properties" | "patternProperties" => Vec::new(),
        "additionalProperties" => {
            let entries = value.as_object().into_iter().flatten();
            entries.flat_map(|(key, value)| member(root, words, says, key, value, &format!("{at}/{key}"))).collect()
        }
        "not" => wrong(!check(root, says, value, at).is_empty()),
        "allOf" => each(says).iter().flat_map(|one| check(root, one, value, at)).collect(),
        "anyOf" => {
            let tried: Vec<Vec<String>> = each(says).iter().map(|one| check(root, one, value, at)).collect();
            if tried.iter().any(Vec::is_empty) { Vec::new() } else { tried.concat() }
        }
        "oneOf" => wrong(each(says).iter().filter(|one| check(root, one, value, at).is_empty()).count() == 1),
        other => panic!("the validator does not know `{other}`"),
    }
}

fn member(root: &Value, words: &Map<String, Value>, others: &Value, key: &str, value: &Value, at: &str) -> Vec<String> {
    if let Some(schema) = words.get("properties").and_then(|known| known.get(key)) {
        return check(root, schema, value, at);
    }
    let patterns = words.get("patternProperties").and_then(Value::as_object).into_iter().flatten();
    if let Some((_, schema)) = patterns.into_iter().find(|(pattern, _)| Pattern::new(pattern).is_match(key)) {
        return check(root, schema, value, at);
    }
    match others {
        Value::Bool(false) => vec![format!("{at}: an unknown key")],
        schema => check(root, schema, value, at),
    }
}

fn is(name: &str, value: &Value) -> bool {
    match name {
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        other => panic!("the validator does not know the type `{other}`"),
    }
}
