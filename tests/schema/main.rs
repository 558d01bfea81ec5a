//! What `perflab schema` prints is what is committed, and fits what perflab writes; what `perflab why` says of a report is so.
//!
//! `UPDATE=1 cargo test --test schema` writes the committed files anew.

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/json_schema.rs"]
mod json_schema;
mod why;

use std::fs;
use std::path::{Path, PathBuf};

use common::perflab;

/// The committed files, and what prints them.
const GENERATED: [(&str, &[&str]); 5] = [
    ("schema/scenario.schema.json", &["schema"]),
    ("schema/run.schema.json", &["schema", "run"]),
    ("schema/bench.schema.json", &["schema", "bench"]),
    ("schema/compare.schema.json", &["schema", "compare"]),
    ("docs/SCENARIO.md", &["schema", "--page"]),
];

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn printed(arguments: &[&str]) -> String {
    let output = perflab().args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_committed_schemas_are_those_of_the_program() {
    let update = std::env::var_os("UPDATE").is_some();
    for (path, arguments) in GENERATED {
        let now = printed(arguments);
        if update {
            fs::create_dir_all(root(path).parent().unwrap()).unwrap();
            fs::write(root(path), &now).unwrap();
        }
        let committed = fs::read_to_string(root(path)).unwrap_or_default();
        assert!(
            committed == now,
            "{path} is not what `perflab {}` prints; `UPDATE=1 cargo test --test schema` writes it",
            arguments.join(" ")
        );
    }
}

#[test]
fn stored_runs_fit_their_schema() {
    let schema = serde_json::from_str(&printed(&["schema", "run"])).unwrap();
    let mut seen = 0;
    for entry in fs::read_dir(root("reports")).unwrap() {
        let Ok(text) = fs::read_to_string(entry.unwrap().path().join("run.json")) else { continue };
        seen += 1;
        assert_eq!(json_schema::mistakes(&schema, &serde_json::from_str(&text).unwrap()), Vec::<String>::new());
        let broken = text.replacen("\"perflab\": \"", "\"perflap\": \"", 1);
        assert!(!json_schema::mistakes(&schema, &serde_json::from_str(&broken).unwrap()).is_empty());
    }
    assert!(seen > 0);
}

#[test]
fn only_the_scenario_has_a_page() {
    let output = perflab().args(["schema", "run", "--page"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("leave `--page` out"));
}

/// Every link of the page leads to a heading of the page or to a file that is there.
#[test]
fn the_links_of_the_page_lead_somewhere() {
    let page = printed(&["schema", "--page"]);
    let headings: Vec<String> = page
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .map(|heading| heading.to_lowercase().replace(' ', "-"))
        .collect();
    let links: Vec<&str> = page.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert!(links.len() > 100);
    for link in links {
        match link.strip_prefix('#') {
            Some(anchor) => assert!(headings.iter().any(|heading| heading == anchor), "{link}"),
            None => assert!(root("docs").join(link).exists(), "{link}"),
        }
    }
}
