//! Values that depend on nothing but their row: of columns, and of parameters made up for each call.

use super::array::array;
use super::distribution::{some_weight, weight};
use super::fields::{Fields, entries, items, located, read, text};
use super::number;
use crate::scenario::error::{Fault, Problems, did_you_mean};
use crate::scenario::expression::Expression;
use crate::scenario::grammar;
use crate::scenario::model::{FakeKind, Literal, Locale, Located, Location, Template, ValueSpec};
use crate::scenario::quantity;
use crate::scenario::yaml::{Node, Value};

/// A value of its own: a scalar (constant, `sequence`, `default`) or a mapping with one of [`grammar::KINDS`].
pub fn value(node: &Node, problems: &mut Problems) -> Option<ValueSpec> {
    match &node.value {
        Value::Scalar(scalar) if scalar.plain && scalar.text == "sequence" => Some(ValueSpec::Sequence),
        Value::Scalar(scalar) if scalar.plain && scalar.text == "default" => Some(ValueSpec::Default),
        Value::Scalar(scalar) => Some(ValueSpec::Constant(scalar.literal())),
        Value::Sequence(_) => {
            problems.report(node.at, Fault::with_help("a list is not a value", "write `{values: [a, b]}` for one of them"));
            None
        }
        Value::Mapping(_) => {
            let fields = Fields::described(node, &grammar::VALUE, problems)?;
            of_fields(&fields, problems)
        }
    }
}

/// The value of a mapping whose keys are checked already.
pub fn of_fields(fields: &Fields<'_>, problems: &mut Problems) -> Option<ValueSpec> {
    let kinds = fields.present(&grammar::KINDS);
    let (kind, at) = match kinds.as_slice() {
        [one] => *one,
        [(first, _), (second, at), ..] => {
            problems.report(*at, Fault::new(format!("a value is of one kind: `{second}` beside `{first}`")));
            return None;
        }
        [] => {
            let kinds = grammar::KINDS.map(|kind| format!("`{kind}`")).join(", ");
            problems.report(fields.at(), Fault::with_help("this says no value", format!("give one of {kinds}")));
            return None;
        }
    };
    if let Some(at) = fields.key_at("cases").filter(|_| kind != "by") {
        problems.report(at, Fault::with_help("`cases` without `by`", "write `{by: column, cases: {…}}`"));
    }
    if let Some(at) = fields.key_at("locale").filter(|_| kind != "fake") {
        problems.report(at, Fault::with_help("`locale` without `fake`", "write `{fake: name, locale: de}`"));
    }
    let node = fields.get(kind)?;
    match kind {
        "from" => super::file::values(node, problems).map(|values| ValueSpec::File(Box::new(values))),
        "value" => literal(node, problems).map(ValueSpec::Constant),
        "values" => one_of(node, problems),
        "range" => number::range(node, problems),
        "array" => array(node, problems),
        "normal" => number::normal(node, problems),
        "lognormal" => number::lognormal(node, problems),
        "exponential" => number::exponential(node, problems),
        "zipf" => number::zipf(node, problems),
        "pareto" => number::pareto(node, problems),
        "price" => number::price(node, problems),
        "text" => number::prose(node, problems),
        "words" => words(node, problems),
        "fake" => fake(fields, node, problems),
        "template" => template(node, problems),
        "pattern" => pattern(node, problems),
        "time" => super::time::time(node, problems),
        "password" => password(node, problems),
        "expression" => expression(node, problems).map(ValueSpec::Expression),
        "copy" => located(node, "`copy`", problems).map(ValueSpec::Copy),
        _ => by(fields, node, at, problems),
    }
}

fn literal(node: &Node, problems: &mut Problems) -> Option<Literal> {
    match &node.value {
        Value::Scalar(scalar) => Some(scalar.literal()),
        _ => {
            problems.report(node.at, Fault::new(format!("a single value was expected, not {}", node.describe())));
            None
        }
    }
}

fn one_of(node: &Node, problems: &mut Problems) -> Option<ValueSpec> {
    let (wanted, choices): (usize, Vec<(Literal, f64)>) = match &node.value {
        Value::Mapping(entries) => {
            let weighted = entries.iter().filter_map(|(key, node)| Some((key.value.literal(), weight(node, problems)?)));
            (entries.len(), weighted.collect())
        }
        _ => {
            let items = items(node, "`values`", problems)?;
            (items.len(), items.iter().filter_map(|item| Some((literal(item, problems)?, 1.0))).collect())
        }
    };
    if wanted == 0 {
        problems.report(node.at, Fault::new("`values` names no value"));
    }
    let weights: Vec<f64> = choices.iter().map(|(_, weight)| *weight).collect();
    (wanted > 0 && choices.len() == wanted && some_weight(&weights, node, problems)).then_some(ValueSpec::OneOf(choices))
}

fn words(node: &Node, problems: &mut Problems) -> Option<ValueSpec> {
    let count = read(node, "`words`", quantity::whole_range, problems)?;
    // A thousand words are a page; more is a slip of the finger that would fill the disk.
    if *count.start() >= 1 && *count.end() <= 1000 {
        return Some(ValueSpec::Words(count));
    }
    problems.report(node.at, Fault::new("`words` takes 1 to 1000 words, e.g. `1-4`"));
    None
}

fn fake(fields: &Fields<'_>, node: &Node, problems: &mut Problems) -> Option<ValueSpec> {
    let word = text(node, "`fake`", problems)?;
    let known = FakeKind::ALL.iter().find(|(name, _)| *name == word);
    if known.is_none() {
        let help = did_you_mean(word, FakeKind::ALL.iter().map(|(name, _)| *name));
        problems.report(node.at, Fault { message: format!("unknown kind of text `{word}`"), help });
    }
    let (_, kind) = known?;
    match fields.get("locale") {
        Some(node) => locale(node, problems).map(|locale| ValueSpec::FakeIn(*kind, locale)),
        None => Some(ValueSpec::Fake(*kind)),
    }
}

/// `locale: de`
pub fn locale(node: &Node, problems: &mut Problems) -> Option<Locale> {
    let word = text(node, "`locale`", problems)?;
    let known = Locale::ALL.iter().find(|(name, _)| *name == word);
    if known.is_none() {
        problems.report(node.at, Fault::unknown("locale", word, Locale::ALL.iter().map(|(name, _)| *name)));
    }
    known.map(|(_, locale)| *locale)
}

fn expression(node: &Node, problems: &mut Problems) -> Option<Expression> {
    let text = text(node, "`expression`", problems)?;
    let quoted = matches!(&node.value, Value::Scalar(scalar) if !scalar.plain);
    let column = node.at.column.saturating_add(u32::from(quoted));
    Expression::parse(text, Location { column, ..node.at }).map_err(|(at, fault)| problems.report(at, fault)).ok()
}

fn template(node: &Node, problems: &mut Problems) -> Option<ValueSpec> {
    read(node, "`template`", Template::parse, problems).map(ValueSpec::Template)
}

fn pattern(node: &Node, problems: &mut Problems) -> Option<ValueSpec> {
    read(node, "`pattern`", |text| crate::scenario::pattern::parse(text).map(|_| ValueSpec::Pattern(text.to_owned())), problems)
}

fn password(node: &Node, problems: &mut Problems) -> Option<ValueSpec> {
    let fields = Fields::described(node, &grammar::PASSWORD, problems)?;
    let common = fields.require("common", problems).and_then(|node| read(node, "`common`", quantity::share, problems));
    let random = fields.require("random", problems).and_then(|node| {
        let length = read(node, "`random`", quantity::whole_range, problems)?;
        if *length.start() < 1 || *length.end() > 128 {
            problems.report(node.at, Fault::new("a password has 1 to 128 letters"));
        }
        Some(length)
    });
    Some(ValueSpec::Password { common: common?, random: random? })
}

/// `{by: platform_id, cases: {1: …, else: …}}`
fn by(fields: &Fields<'_>, node: &Node, at: Location, problems: &mut Problems) -> Option<ValueSpec> {
    let column: Option<Located<String>> = located(node, "`by`", problems);
    let Some(listed) = fields.get("cases") else {
        problems.report(at, Fault::with_help("`by` needs `cases`", "write `{by: column, cases: {1: …, else: …}}`"));
        return None;
    };
    let listed = entries(listed, "`cases`", problems)?;
    let mut cases = Vec::new();
    let mut otherwise = None;
    for (key, node) in listed {
        let Some(spec) = value(node, problems) else { continue };
        if key.value.plain && key.value.text == "else" {
            otherwise = Some(Box::new(spec));
        } else {
            cases.push((key.value.literal(), spec));
        }
    }
    Some(ValueSpec::By { column: column?, cases, otherwise })
}
