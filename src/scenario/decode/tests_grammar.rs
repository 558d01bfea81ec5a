//! The description of scenarios and their decoder say the same.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::string::string_regex;

use crate::scenario::error::{Fault, Problems};
use crate::scenario::grammar::{self, Quantity, json_schema, mappings};
use crate::scenario::model::{Location, Source};
use crate::scenario::{decode, quantity, yaml};

#[path = "../../../tests/common/json_schema.rs"]
mod validator;

thread_local! {
    static ASKED: RefCell<BTreeSet<(&'static str, String)>> = const { RefCell::new(BTreeSet::new()) };
}

/// A key of a described mapping was asked for.
pub fn asked(mapping: &'static str, key: &str) {
    ASKED.with_borrow_mut(|asked| asked.insert((mapping, key.to_owned())));
}

/// The mistakes that the decoder finds in a text.
fn mistakes(text: &str) -> Vec<String> {
    let mut problems = Problems::default();
    let source = Source { path: "shop.yaml".into(), text: text.to_owned() };
    if let Some(root) = yaml::parse(text, &mut problems) {
        decode::scenario(&root, &source, &mut problems);
    }
    problems.into_errors(source).problems.into_iter().map(|problem| problem.message).collect()
}

#[test]
fn every_example_is_decoded_and_fits_the_schema() {
    let schema = json_schema();
    let mut wrong = Vec::new();
    for mapping in mappings() {
        for key in mapping.keys {
            let text = mapping.scenario_around(&mapping.example_of(key));
            wrong.extend(mistakes(&text).into_iter().map(|mistake| format!("{text}: {mistake}")));
            let source = Source { path: "shop.yaml".into(), text: text.clone() };
            if let Err(errors) = crate::scenario::parse(source, |_| Ok(String::new())) {
                // The files that examples name are not there, and a shape alone need not fit the rows of the table around it.
                let beyond = [".csv", " children, not "];
                let others =
                    errors.problems.into_iter().filter(|problem| !beyond.iter().any(|words| problem.message.contains(words)));
                wrong.extend(others.map(|problem| format!("{text}: {}", problem.message)));
            }
            wrong.extend(
                validator::mistakes(&schema, &grammar::of_yaml(&text)).into_iter().map(|mistake| format!("{text}: {mistake}")),
            );
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// A key that is described and that the decoder never looks at would be silently ignored.
#[test]
fn every_key_that_is_described_is_asked_for() {
    ASKED.take();
    for mapping in mappings() {
        for key in mapping.keys {
            mistakes(&mapping.scenario_around(&mapping.example_of(key)));
        }
    }
    let asked = ASKED.take();
    let mut ignored = Vec::new();
    for mapping in mappings() {
        let holders =
            mappings().into_iter().filter(|other| other.id == mapping.id || other.and.is_some_and(|and| and.id == mapping.id));
        let holders: Vec<&str> = holders.map(|holder| holder.id).collect();
        for key in mapping.keys {
            if !holders.iter().any(|holder| asked.contains(&(*holder, key.name.to_owned()))) {
                ignored.push(format!("{}.{}", mapping.id, key.name));
            }
        }
    }
    assert_eq!(ignored, Vec::<String>::new());
}

#[test]
fn the_keys_that_decide_the_kind_are_the_ones_described() {
    let values: Vec<&str> = grammar::VALUE.names().into_iter().filter(|name| !["cases", "locale"].contains(name)).collect();
    assert_eq!(values, grammar::KINDS);
}

fn files(folder: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
    let mut files: Vec<PathBuf> =
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|end| end == "yaml")).collect();
    files.sort();
    files
}

#[test]
fn scenarios_without_mistakes_fit_the_schema() {
    let schema = json_schema();
    let good: Vec<PathBuf> =
        ["scenarios", "tests/scenarios/shop", "tests/scenarios/etl", "benches/seeding"].into_iter().flat_map(files).collect();
    assert!(good.len() >= 8);
    for file in good {
        let text = std::fs::read_to_string(&file).unwrap();
        assert_eq!(validator::mistakes(&schema, &grammar::of_yaml(&text)), Vec::<String>::new(), "{}", file.display());
    }
}

/// What no schema can see: names, sums, statements, files, and what YAML itself refuses.
const BEYOND_A_SCHEMA: [&str; 11] = [
    "duplicate_keys",
    "empty",
    "rings",
    "schema_missing",
    "statements",
    "sums",
    "syntax",
    "tags_and_aliases",
    "unfit_statements",
    "unfolded_alias",
    "unknown_tables",
];

#[test]
fn scenarios_whose_structure_is_wrong_do_not_fit_the_schema() {
    let schema = json_schema();
    let mut fitting = Vec::new();
    for file in files("tests/scenarios/bad") {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        let is_yaml = yaml::parse(&text, &mut Problems::default()).is_some();
        if !is_yaml || validator::mistakes(&schema, &grammar::of_yaml(&text)).is_empty() {
            fitting.push(name);
        }
    }
    assert_eq!(fitting, BEYOND_A_SCHEMA);
}

/// What reads a quantity in life.
fn read(quantity: Quantity, text: &str) -> Result<(), Fault> {
    use super::{expect, file};
    let positive = |value: f64| if value > 0.0 { Ok(()) } else { Err(Fault::new("not over 0")) };
    match quantity {
        Quantity::Number => quantity::number(text).map(drop),
        Quantity::Positive => quantity::number(text).and_then(positive),
        Quantity::Weight => quantity::percentage(text).and_then(|value| if value < 0.0 { positive(value) } else { Ok(()) }),
        Quantity::Whole => quantity::whole(text).map(drop),
        Quantity::Rows if text.contains(" per ") => quantity::ratio(text).map(drop),
        Quantity::Rows => quantity::whole(text).map(drop),
        Quantity::Many => quantity::many(text).map(drop),
        Quantity::Records => file::records(text).map(drop),
        Quantity::Share => quantity::share(text).map(drop),
        Quantity::WholeRange => quantity::whole_range(text).map(drop),
        Quantity::Range => quantity::range(text).map(drop),
        Quantity::Expected => expect::expected(text).map(drop),
        Quantity::Duration => quantity::duration(text).map(drop),
        Quantity::Pause if matches!(text, "0" | "0s" | "0ms") => Ok(()),
        Quantity::Pause => quantity::duration(text).map(drop),
        Quantity::Gap => quantity::durations(text).map(drop),
        Quantity::Hours => quantity::hours(text).map(drop),
        Quantity::Moment => quantity::moment_us(text).map(drop),
        Quantity::Growth => quantity::growth_per_week(text).map(drop),
        Quantity::Rate => quantity::rate(text).map(drop),
        Quantity::Size => quantity::size(text).map(drop),
    }
}

/// What a pattern cannot see.
fn beyond_a_pattern(quantity: Quantity, text: &str, fault: &Fault) -> bool {
    let ranges = [Quantity::WholeRange, Quantity::Range, Quantity::Gap, Quantity::Hours, Quantity::Expected];
    (ranges.contains(&quantity) && (fault.message.contains("ends before it starts") || reversed(text)))
        || (quantity == Quantity::Rate && fault.message.contains("more than any server"))
        || (quantity == Quantity::Moment && text.contains("-02-29"))
}

/// A range of expected figures whose order is the mistake: read the other way round it is none.
fn reversed(text: &str) -> bool {
    let plain = text.replace('%', "");
    matches!(quantity::range(&plain), Err(fault) if fault.message.contains("ends before it starts"))
}

#[test]
fn the_examples_of_quantities_are_read_and_fit_their_patterns() {
    for quantity in Quantity::ALL {
        let pattern = pattern_of(&quantity.pattern());
        for text in quantity.examples() {
            assert_eq!(read(quantity, text).map_err(|fault| fault.message), Ok(()), "{text}");
            assert!(pattern.is_match(text), "{} {text}", quantity.name());
        }
    }
}

#[test]
fn what_no_parser_reads_fits_no_pattern() {
    for (quantity, texts) in [
        (Quantity::Whole, &["-1", "1.5", "1e3", "", "1,00", "many", "1 000"][..]),
        (Quantity::Number, &["", "1,5", "1,0000", "_1", "inf", "ten", "1 000"]),
        (Quantity::Share, &["105%", "-1%", "5", "most"]),
        (Quantity::Duration, &["20", "0ms", "-1s", "20 parsecs", "ms", "365 days", "0.0s"]),
        (Quantity::Rate, &["1000", "-1/s", "x/s", "5/week", "/s"]),
        (Quantity::Size, &["500", "5 parsecs", "-1MB"]),
        (Quantity::Growth, &["3%", "3/week", "3%/wek", "-100%/week", "900%/day"]),
        (Quantity::Hours, &["18h-24h", "5h", "18h-25h"]),
        (Quantity::Rows, &["0.3 par x", "x per y", "1 per ", "-2 per users", "3 pro users", "1,00"]),
        (Quantity::Many, &["", "0", "-1m", "1.5", "1mb", "m"]),
        (Quantity::Moment, &["tomorrow", "2026-13-01", "2026-01-01T25:00:00Z", "1.1.2026"]),
        (Quantity::Range, &["1-", "a-b", ""]),
        (Quantity::WholeRange, &["-5", "a-b", "1.5-2"]),
    ] {
        for text in texts {
            assert!(read(quantity, text).is_err(), "{} {text}", quantity.name());
            assert!(!pattern_of(&quantity.pattern()).is_match(text), "{} {text}", quantity.name());
        }
    }
}

fn pattern_of(pattern: &str) -> validator::Pattern {
    validator::Pattern::new(&format!("^({pattern})$"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn what_fits_a_pattern_is_read(which in 0..Quantity::ALL.len(), seed in any::<[u8; 32]>()) {
        let quantity = Quantity::ALL[which];
        let text = generated(&quantity.pattern(), seed);
        if let Err(fault) = read(quantity, &text) {
            prop_assert!(beyond_a_pattern(quantity, &text, &fault), "{} {:?}: {}", quantity.name(), text, fault.message);
        }
    }
}

/// A text that the pattern accepts.
fn generated(pattern: &str, seed: [u8; 32]) -> String {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
    // `\d` and `\S` know more digits and letters than a scenario does.
    let ascii = pattern.replace(r"\d", "[0-9]").replace(r"\S", "[a-z_.]");
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    string_regex(&ascii).unwrap().new_tree(&mut runner).unwrap().current()
}

#[test]
fn the_example_of_the_page_is_a_scenario() {
    let page = grammar::page();
    let shown = page.split("```yaml\n").nth(2).and_then(|rest| rest.split("```").next()).unwrap();
    let source = Source { path: "shop.yaml".into(), text: shown.to_owned() };
    let scenario = crate::scenario::parse(source, |_| Ok(String::new())).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(scenario.endpoints[0].route.at, Location { line: 12, column: 12 });
    assert_eq!(validator::mistakes(&json_schema(), &grammar::of_yaml(shown)), Vec::<String>::new());
}
