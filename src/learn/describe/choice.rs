//! Columns of few different values: which there are, and how often each.
//!
//! Labels of an enum, of a CHECK and of a boolean are the schema's and always written. Other values are values of rows: they are written only
//! when asked for, and otherwise numbered in the order of their frequency.

use crate::learn::round::percent;
use crate::learn::yaml::Yaml;
use crate::seed::types::Kind;

use super::{Described, Site};

/// More different values than this are no enumeration that anybody would write down.
const MOST: usize = 50;
/// Characters; YAML's keys end at 1024, and nobody reads more than a line.
const LONGEST: usize = 200;

/// The labels of the schema with their weights; `None` when all are about as frequent, which is inferred.
pub fn labelled(site: &Site, labels: &[String]) -> Option<Described> {
    let share = |label: &String| {
        let found = site.facts.common.iter().find(|(value, _)| same(value, label));
        found.map_or(0.0, |(_, share)| share / (1.0 - site.facts.null_share))
    };
    let shares: Vec<f64> = labels.iter().map(share).collect();
    let seen: f64 = shares.iter().sum();
    let even = 1.0 / labels.len() as f64;
    let alike = shares.iter().all(|share| (share - even).abs() < 0.02);
    if seen < 0.5 || (alike && site.facts.null_share == 0.0) {
        return None;
    }
    let weights = labels.iter().zip(&shares).filter(|(_, share)| **share > 0.0);
    let entries = weights.map(|(label, share)| (literal(site, label), Yaml::word(percent(*share)))).collect();
    let left_out = shares.iter().filter(|share| **share == 0.0).count();
    let why = match left_out {
        0 => "labels of the schema".to_owned(),
        left_out => format!("labels of the schema, {left_out} of which in no row"),
    };
    Some(Described::new(Yaml::map([("values", Yaml::Map(entries))]), why))
}

/// A number of a CHECK may be printed otherwise than the same number of a row.
fn same(value: &str, label: &str) -> bool {
    value == label || matches!((value.parse::<f64>(), label.parse::<f64>()), (Ok(a), Ok(b)) if a == b)
}

/// The few values that there are; `None` when there are many.
pub fn free(site: &Site) -> Option<Described> {
    let common = &site.facts.common;
    if !site.facts.complete() || common.len() > MOST {
        return listed(site);
    }
    let values = site.setting.values && common.iter().all(|(value, _)| value.chars().count() <= LONGEST);
    let name = |(place, (value, _)): (usize, &(String, f64))| {
        if values { Some(literal(site, value)) } else { placeholder(site, place, common.len()) }
    };
    let names: Vec<Yaml> = common.iter().enumerate().map(name).collect::<Option<_>>()?;
    let filled = 1.0 - site.facts.null_share;
    let entries = names.into_iter().zip(common).map(|(name, (_, share))| (name, Yaml::word(percent(share / filled)))).collect();
    let what = if values { "" } else { ", not copied" };
    let why = match common.len() {
        1 => format!("one value{what}"),
        different => format!("{different} values{what}"),
    };
    Some(Described::new(Yaml::map([("values", Yaml::Map(entries))]), why))
}

/// A small table whose rows differ: its values, in the order of their type, each once.
fn listed(site: &Site) -> Option<Described> {
    let rows = site.setting.known.count() as usize;
    let [(_, bounds)] = site.facts.histograms.as_slice() else { return None };
    let whole = site.setting.values && site.facts.all_different() && bounds.len() == rows && rows <= MOST;
    let short = bounds.iter().all(|value| value.chars().count() <= LONGEST);
    (whole && short && site.facts.null_share == 0.0).then(|| {
        let values = bounds.iter().map(|value| literal(site, value)).collect();
        Described::new(Yaml::map([("values", Yaml::List(values))]), "one per row")
    })
}

fn literal(site: &Site, value: &str) -> Yaml {
    match site.of.kind {
        Kind::Bool => Yaml::word(if matches!(value, "t" | "true") { "true" } else { "false" }),
        kind if kind.is_number() && value.parse::<f64>().is_ok_and(f64::is_finite) => Yaml::word(value),
        _ => Yaml::text(value),
    }
}

/// Stands for a value that is not copied: as long as the values are on average where they are text.
fn placeholder(site: &Site, place: usize, different: usize) -> Option<Yaml> {
    let number = place + 1;
    match site.of.kind {
        Kind::Text => Some(Yaml::text(label(place, different, super::text::length(site)))),
        Kind::Uuid => Some(Yaml::text(format!("00000000-0000-4000-8000-{number:012}"))),
        kind if kind.is_number() => {
            let low =
                site.constraints.low.map_or(1.0, |(bound, allowed)| if allowed { bound.ceil() } else { bound.floor() + 1.0 });
            Some(Yaml::word(format!("{}", low.max(1.0) + place as f64)))
        }
        _ => None,
    }
}

/// `value_1`; shorter or longer to come near a length: letters, `v1`, `value_1.....`.
fn label(place: usize, different: usize, length: usize) -> String {
    let letters = || {
        let digit = |n: usize| char::from(b'A' + (n % 26) as u8);
        if different <= 26 { digit(place).to_string() } else { format!("{}{}", digit(place / 26), digit(place)) }
    };
    match length {
        0..=2 => letters(),
        3..=5 => format!("v{}", place + 1),
        _ => format!("{:.<length$}", format!("value_{}", place + 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_come_near_the_length_of_what_they_stand_for() {
        assert_eq!((label(0, 3, 1), label(27, 40, 2)), ("A".to_owned(), "BB".to_owned()));
        assert_eq!(label(1, 3, 4), "v2");
        assert_eq!(label(1, 3, 7), "value_2");
        assert_eq!(label(1, 3, 10), "value_2...");
    }

    #[test]
    fn numbers_are_the_same_however_they_are_printed() {
        assert!(same("1.50", "1.5") && same("HAPPY", "HAPPY") && !same("a", "b"));
    }
}
