//! What a column's description says, in the words it was written with: `1% 20-30, rest 1-5`, `lognormal sigma 0.8, 5-250`.
//!
//! The words come from the tree rather than from the model, so that a new kind of value or shape needs nothing here.

use crate::scenario::model::Located;
use crate::scenario::yaml::{Node, Scalar, Value};

/// Longer descriptions are cut: they stand in a table.
const MOST_CHARS: usize = 120;

type Entry = (Located<Scalar>, Node);

/// The description of a column without the table it references, which is told apart.
pub fn of_column(node: &Node) -> String {
    let text = match &node.value {
        Value::Mapping(entries) => {
            let told: Vec<Entry> = entries.iter().filter(|(key, _)| key.value.text != "ref").cloned().collect();
            of_entries(&told)
        }
        _ => of_node(node),
    };
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(MOST_CHARS) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text,
    }
}

fn of_node(node: &Node) -> String {
    match &node.value {
        Value::Scalar(scalar) => scalar.text.clone(),
        Value::Sequence(items) => items.iter().map(nested).collect::<Vec<_>>().join(", "),
        Value::Mapping(entries) => of_entries(entries),
    }
}

fn of_entries(entries: &[Entry]) -> String {
    let find = |name: &str| entries.iter().find(|(key, _)| key.value.text == name).and_then(|(_, node)| node.text());
    let bounds = find("min").zip(find("max"));
    let told = entries.iter().filter_map(|(key, node)| match (key.value.text.as_str(), bounds) {
        ("min", Some((min, max))) => Some(format!("{min}-{max}")),
        ("max", Some(_)) => None,
        ("min", None) => Some(format!("at least {}", nested(node))),
        ("max", None) => Some(format!("at most {}", nested(node))),
        ("nulls", _) => Some(format!("null {}", nested(node))),
        // What they hold says what they are.
        ("fanout" | "classes", _) => Some(of_node(node)),
        ("values", _) => Some(values(node)),
        (name, _) if entries.len() == 1 => Some(format!("{name} {}", of_node(node))),
        (name, _) => Some(format!("{name} {}", nested(node))),
    });
    told.collect::<Vec<_>>().join(", ")
}

/// A list of values, the share before the value.
fn values(node: &Node) -> String {
    match &node.value {
        Value::Mapping(entries) => {
            entries.iter().map(|(key, node)| format!("{} {}", nested(node), key.value.text)).collect::<Vec<_>>().join(", ")
        }
        _ => of_node(node),
    }
}

/// In parentheses where its commas would run into those around it.
fn nested(node: &Node) -> String {
    let text = of_node(node);
    let several = match &node.value {
        Value::Scalar(_) => false,
        Value::Sequence(items) => items.len() > 1,
        Value::Mapping(_) => text.contains(", "),
    };
    if several { format!("({text})") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::error::Problems;

    fn words(text: &str) -> String {
        of_column(&crate::scenario::yaml::parse(text, &mut Problems::default()).unwrap())
    }

    #[test]
    fn a_description_reads_as_it_was_meant() {
        let read = [
            ("{ref: users, fanout: {classes: {1%: 20-30, rest: 1-5}}}", "1% 20-30, rest 1-5"),
            ("{ref: playlists, fanout: {lognormal: {sigma: 0.8, min: 5, max: 250}}}", "lognormal sigma 0.8, 5-250"),
            ("{ref: playlists, fanout: {lognormal: {sigma: 0.8, min: 5}}}", "lognormal sigma 0.8, at least 5"),
            ("{ref: songs, pick: {zipf: 1.05}, nulls: 5%}", "pick zipf 1.05, null 5%"),
            ("{ref: platforms, pick: {weights: [8, 1]}, unique_per: song_id}", "pick (weights 8, 1), unique_per song_id"),
            ("{ref: users, fanout: even}", "even"),
            ("{ref: users}", ""),
            ("{values: {HAPPY: 50%, SAD: 30%}, nulls: 5%}", "50% HAPPY, 30% SAD, null 5%"),
            ("{values: [a, b]}", "a, b"),
            ("{time: {last: 365d, growth: 3%/week, peak: 18h-23h}}", "time last 365d, growth 3%/week, peak 18h-23h"),
            ("{through: [a.x, b.y], rounds: 1-7}", "through (a.x, b.y), rounds 1-7"),
            ("{template: \"{hex:25}\"}", "template {hex:25}"),
            ("sequence", "sequence"),
        ];
        for (yaml, expected) in read {
            assert_eq!(words(yaml), expected, "{yaml}");
        }
    }

    #[test]
    fn a_long_description_is_cut() {
        let long = words(&format!("{{values: [{}]}}", vec!["ä value"; 60].join(", ")));
        assert_eq!((long.chars().count(), long.ends_with('…')), (MOST_CHARS + 1, true));
    }
}
