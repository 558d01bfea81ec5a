//! The description as a JSON Schema (draft 2020-12), for editors and other programs.

use serde_json::{Map, Value, json};

use super::{Form, Key, Mapping, Quantity, Rule, SCENARIO, mappings};
use crate::scenario::error::Problems;
use crate::scenario::model::Literal;
use crate::scenario::yaml::{self, Node};

/// The schema of a scenario file.
pub fn json_schema() -> Value {
    let mut definitions = Map::new();
    for mapping in mappings().into_iter().filter(|mapping| mapping.id != SCENARIO.id) {
        definitions.insert(mapping.id.to_owned(), of_mapping(mapping));
    }
    for quantity in Quantity::ALL {
        definitions.insert(id_of(quantity), of_quantity(quantity));
    }
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "perflab scenario",
    });
    if let (Value::Object(schema), Value::Object(root)) = (&mut schema, of_mapping(&SCENARIO)) {
        schema.extend(root);
        schema.insert("$defs".to_owned(), Value::Object(definitions));
    }
    schema
}

fn id_of(quantity: Quantity) -> String {
    quantity.name().replace(' ', "-")
}

fn of_mapping(mapping: &Mapping) -> Value {
    let properties: Map<String, Value> = mapping.all_keys().map(|key| (key.name.to_owned(), of_key(key))).collect();
    let required: Vec<&str> = mapping.all_keys().filter(|key| key.required).map(|key| key.name).collect();
    let mut schema =
        json!({"description": mapping.about, "type": "object", "properties": properties, "additionalProperties": false});
    if let Value::Object(schema) = &mut schema {
        if !required.is_empty() {
            schema.insert("required".to_owned(), json!(required));
        }
        let rules: Vec<Value> = mapping.rules.iter().flat_map(of_rule).collect();
        if !rules.is_empty() {
            schema.insert("allOf".to_owned(), json!(rules));
        }
    }
    schema
}

fn of_rule(rule: &Rule) -> Vec<Value> {
    let each = |keys: &[&str]| -> Vec<Value> { keys.iter().map(|key| json!({"required": [key]})).collect() };
    match rule {
        Rule::OneOf(groups) => vec![json!({"oneOf": each(&groups.concat())})],
        Rule::Some(keys) => vec![json!({"anyOf": each(keys)})],
        Rule::Needs(key, others) => {
            let mut any = each(others);
            any.insert(0, json!({"not": {"required": [key]}}));
            vec![json!({"anyOf": any})]
        }
        Rule::Apart(key, others) => others.iter().map(|other| json!({"not": {"required": [key, other]}})).collect(),
    }
}

fn of_key(key: &Key) -> Value {
    let mut schema = Map::new();
    schema.insert("description".to_owned(), json!(key.about));
    if let Value::Object(form) = of_form(&key.form) {
        schema.extend(form);
    }
    if let Some(text) = key.unless_said {
        schema.insert("default".to_owned(), of_yaml(text));
    }
    schema.insert("examples".to_owned(), json!([of_yaml(key.example)]));
    Value::Object(schema)
}

fn of_form(form: &Form) -> Value {
    match form {
        Form::Text => json!({"type": ["string", "number", "boolean"], "minLength": 1}),
        Form::Shaped(pattern, _) => json!({"type": "string", "pattern": format!("^({pattern})$")}),
        Form::Name(_) => json!({"type": ["string", "number"], "minLength": 1}),
        Form::Sql => json!({"type": "string", "minLength": 1}),
        Form::Words(words) => json!({"enum": words}),
        Form::Known(words) => json!({"enum": words()}),
        Form::Flag => json!({"type": "boolean"}),
        Form::Scalar => json!({"type": ["string", "number", "boolean", "null"]}),
        Form::Quantity(quantity) => json!({"$ref": format!("#/$defs/{}", id_of(*quantity))}),
        Form::Mapping(mapping) => json!({"$ref": format!("#/$defs/{}", mapping.id)}),
        Form::Named(_, inner) => json!({"type": "object", "additionalProperties": of_form(inner)}),
        Form::Each(keys, inner) => {
            let properties: Map<String, Value> = keys().into_iter().map(|key| (key.to_owned(), of_form(inner))).collect();
            json!({"type": "object", "properties": properties, "additionalProperties": false})
        }
        Form::Classes(inner) => json!({
            "type": "object",
            "properties": {"rest": of_form(inner)},
            "patternProperties": {(anchored(Quantity::Share)): of_form(inner)},
            "additionalProperties": false,
            "minProperties": 1,
        }),
        Form::List(inner, least) => json!({"type": "array", "items": of_form(inner), "minItems": least}),
        Form::Pair(inner) => json!({"type": "array", "items": of_form(inner), "minItems": 2, "maxItems": 2}),
        Form::Same(form) => of_form(form),
        Form::Either(forms) => json!({"anyOf": forms.iter().map(of_form).collect::<Vec<_>>()}),
    }
}

fn of_quantity(quantity: Quantity) -> Value {
    let text = json!({"type": "string", "pattern": anchored(quantity)});
    let number = quantity.numbers().map(|numbers| {
        let mut schema = Map::new();
        schema.insert("type".to_owned(), json!(if numbers.whole { "integer" } else { "number" }));
        if let Some(min) = numbers.min {
            schema.insert(if numbers.over { "exclusiveMinimum" } else { "minimum" }.to_owned(), json!(min));
        }
        if let Some(max) = numbers.max {
            schema.insert("maximum".to_owned(), json!(max));
        }
        Value::Object(schema)
    });
    let examples: Vec<Value> = quantity.examples().iter().map(|text| of_yaml(text)).collect();
    let mut schema = json!({"description": quantity.about(), "examples": examples});
    let forms = match number {
        Some(number) => json!({"anyOf": [number, text]}),
        None => text,
    };
    if let (Value::Object(schema), Value::Object(forms)) = (&mut schema, forms) {
        schema.extend(forms);
    }
    schema
}

fn anchored(quantity: Quantity) -> String {
    format!("^({})$", quantity.pattern())
}

/// What a text of YAML is in JSON; null for what is none.
pub(in crate::scenario) fn of_yaml(text: &str) -> Value {
    yaml::parse(text, &mut Problems::default()).map_or(Value::Null, |node| of_node(&node))
}

fn of_node(node: &Node) -> Value {
    match &node.value {
        yaml::Value::Scalar(scalar) => match scalar.literal() {
            Literal::Null => Value::Null,
            Literal::Bool(value) => json!(value),
            Literal::Int(value) => json!(value),
            Literal::Float(value) => json!(value),
            Literal::Text(text) => json!(text),
        },
        yaml::Value::Sequence(items) => items.iter().map(of_node).collect(),
        yaml::Value::Mapping(entries) => {
            Value::Object(entries.iter().map(|(key, node)| (key.value.text.clone(), of_node(node))).collect())
        }
    }
}
