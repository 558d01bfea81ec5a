//! The description as a page for people: `docs/SCENARIO.md`.

use super::{Form, Key, Mapping, Quantity, Rule, mappings};
use crate::units::capitalized;

/// A scenario that shows the most frequent keys together.
pub(super) const EXAMPLE: &str = "\
name: shop
schema: schema.sql
data:
  tables:
    users: {rows: 1000, columns: {email: {fake: email}}}
    orders:
      rows: 3.5 per users
      columns:
        user_id: {ref: users, fanout: {1%: 20-30, rest: 0-6}}
        placed_at: {time: {last: 365d, growth: 3%/week}}
endpoints:
  - route: GET /users/{id}/orders
    weight: 40
    params: {sample: SELECT id FROM users, pick: {zipf: 1.1}}
    sql: SELECT * FROM orders WHERE user_id = :id ORDER BY placed_at DESC LIMIT 20
    slo: {p95: 20ms}
load: {closed: {clients: [1, 2, 4, 8]}, for: 10s}
";

const HEAD: &str = "\
# The scenario file

Every key of a scenario, what it takes, and what holds where it is not written. This page and the schema for editors,
[`schema/scenario.schema.json`](../schema/scenario.schema.json), are written by `perflab schema` from the description that the program
itself reads scenarios by. What the keys are good for is told in [DATA.md](DATA.md) (rows), [LOAD.md](LOAD.md) (endpoints under load, variants,
promises) and [ADVICE.md](ADVICE.md).

An editor that speaks the YAML language server completes and checks keys when this is the first line of the file:

```yaml
# yaml-language-server: $schema=../schema/scenario.schema.json
```

`perflab schema > scenario.schema.json` writes the schema of the perflab at hand. `perflab check` knows more than any schema can: names that
must exist, statements, sums, files.
";

/// The whole page.
pub fn page() -> String {
    let mut text = format!("{HEAD}\n```yaml\n{EXAMPLE}```\n\n## Contents\n\n");
    for mapping in mappings() {
        let place = if mapping.path.is_empty() { String::new() } else { format!(" (`{}`)", mapping.path) };
        text.push_str(&format!("- [{}](#{}){place}\n", title(mapping), mapping.id));
    }
    text.push_str("- [quantities](#quantities)\n");
    for mapping in mappings() {
        section(&mut text, mapping);
    }
    quantities(&mut text);
    text
}

/// As a heading; its anchor is the mapping's id.
fn title(mapping: &Mapping) -> String {
    mapping.id.replace('-', " ")
}

fn section(text: &mut String, mapping: &Mapping) {
    text.push_str(&format!("\n## {}\n\n", title(mapping)));
    if !mapping.path.is_empty() {
        text.push_str(&format!("`{}`\n\n", mapping.path));
    }
    text.push_str(&format!("{}\n\n| key | takes | unless said | example | |\n|---|---|---|---|---|\n", mapping.about));
    for key in mapping.keys {
        text.push_str(&row(key));
    }
    if let Some(more) = mapping.and {
        text.push_str(&format!("\nOr one of the keys of a [{}](#{}).\n", title(more), more.id));
    }
    let rules: Vec<String> = mapping.rules.iter().map(|rule| in_words(rule, mapping)).filter(|words| !words.is_empty()).collect();
    if !rules.is_empty() {
        text.push_str(&format!("\n{}\n", rules.join(" ")));
    }
}

fn row(key: &Key) -> String {
    let unless = match (key.required, key.unless_said) {
        (true, _) => "required".to_owned(),
        (false, Some(text)) => format!("`{text}`"),
        (false, None) => String::new(),
    };
    format!("| `{}` | {} | {unless} | `{}` | {} |\n", key.name, takes(&key.form), key.example, key.about)
}

fn takes(form: &Form) -> String {
    match form {
        Form::Text => "text".to_owned(),
        Form::Shaped(_, name) | Form::Name(name) => (*name).to_owned(),
        Form::Sql => "SQL".to_owned(),
        Form::Words(words) => listed(words),
        Form::Known(words) => listed(&words()),
        Form::Flag => "`true` or `false`".to_owned(),
        Form::Scalar => "a value".to_owned(),
        Form::Quantity(quantity) => format!("[{}](#quantities)", quantity.name()),
        Form::Mapping(mapping) => format!("[{}](#{})", title(mapping), mapping.id),
        Form::Named(key, inner) => format!("for each {}: {}", bare(key), takes(inner)),
        Form::Each(keys, inner) => {
            format!("for some of {}: {}", keys().iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(" "), takes(inner))
        }
        Form::Classes(inner) => format!("for each share, and `rest`: {}", takes(inner)),
        Form::List(inner, _) => format!("list of: {}", takes(inner)),
        Form::Pair(inner) => format!("two, in a list: {}", takes(inner)),
        Form::Same(form) => takes(form),
        Form::Either(forms) => forms.iter().map(takes).collect::<Vec<_>>().join("; or "),
    }
}

/// Without its article.
fn bare(name: &str) -> &str {
    name.strip_prefix("a ").or_else(|| name.strip_prefix("an ")).unwrap_or(name)
}

/// `a`, `b` or `c`.
fn listed(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

fn in_words(rule: &Rule, mapping: &Mapping) -> String {
    match rule {
        // What may stand there instead is said already.
        Rule::OneOf(groups) if groups.concat().len() == mapping.names().len() => "Exactly one of them.".to_owned(),
        Rule::OneOf(groups) if groups.len() > 1 => format!("Exactly one of {}, or a kind of value.", listed(groups[0])),
        Rule::OneOf(groups) if groups.concat().len() > 12 => "Exactly one kind.".to_owned(),
        Rule::OneOf(groups) => format!("Exactly one of {}.", listed(&groups.concat())),
        Rule::Some(keys) => format!("At least one of {}.", listed(keys)),
        // Said where the key itself is, among those of the mapping whose keys may stand here, too.
        Rule::Needs(key, _) if !mapping.keys.iter().any(|own| own.name == *key) => String::new(),
        Rule::Needs(key, others) => capitalized(&format!("`{key}` only beside {}.", listed(others))),
        Rule::Apart(key, others) => capitalized(&format!("`{key}` not beside {}.", listed(others))),
    }
}

fn quantities(text: &mut String) {
    text.push_str("\n## Quantities\n\n| | e.g. | |\n|---|---|---|\n");
    for quantity in Quantity::ALL {
        let examples: Vec<String> = quantity.examples().iter().map(|text| format!("`{text}`")).collect();
        text.push_str(&format!("| {} | {} | {} |\n", quantity.name(), examples.join(", "), quantity.about()));
    }
}
