//! Every scenario that a page shows, whole or in part, is one that `perflab check` has nothing against.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::common::{clean, target_folder};
use super::pages::Page;

/// `perflab check` of a text, in a folder where the files that the pages speak of are.
fn check(folder: &str, text: &str) -> Output {
    let folder = target_folder().join("docs").join(folder);
    fs::create_dir_all(folder.join("scenarios")).unwrap();
    for name in ["schema.sql", "scenarios/schema.sql", "scenarios/helpdesk.sql"] {
        fs::write(folder.join(name), "").unwrap();
    }
    fs::write(folder.join("scenarios/products.csv"), "id,name\n1,Boot\n").unwrap();
    fs::write(folder.join("scenarios/reviews_1.csv.gz"), gzip("id;productId;rating;date\n1;1;5;1600000000000\n")).unwrap();
    // The file has the name that the mistakes of the README are shown with.
    fs::write(folder.join("scenarios/music.yaml"), text).unwrap();
    perflab(&folder.join("scenarios"), &["check", "music.yaml"])
}

fn perflab(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = clean(Command::new(env!("CARGO_BIN_EXE_perflab")));
    command.current_dir(folder).args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

const ENDPOINT: &str =
    "  - route: GET /users/{id}\n    params: {sample: SELECT id FROM users}\n    sql: SELECT * FROM users WHERE id = :id\n";

/// A block as a whole scenario: columns stand in a table, tables in a data section, a load needs endpoints.
fn wrapped(block: &str) -> Option<String> {
    let indented = |text: &str, by: usize| text.lines().map(|line| format!("{:by$}{line}\n", "")).collect::<String>();
    let own: String = block.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{line}\n")).collect();
    Some(match own.trim_start().split(':').next()? {
        "name" => own,
        "tables" => format!("name: page\nschema: schema.sql\ndata:\n{}", indented(&own, 2)),
        "columns" => format!("name: page\nschema: schema.sql\ndata:\n  tables:\n    t:\n      rows: 10\n{}", indented(&own, 6)),
        "endpoints" => format!("name: page\n{own}"),
        "load" | "bench" | "advise" | "server" | "vary" => format!("name: page\nendpoints:\n{ENDPOINT}{own}"),
        _ => return None,
    })
}

/// A workflow, a job of a cluster: not ours.
fn is_foreign(block: &str) -> bool {
    block.lines().any(|line| {
        ["jobs:", "apiVersion:", "on:", "runs:", "steps:"]
            .iter()
            .any(|key| line.trim_start().starts_with(key) && !line.contains("SELECT"))
    }) && !block.contains("endpoints:")
}

#[test]
fn the_scenarios_of_all_pages_are_understood() {
    let mut understood = 0;
    // The reference page has pieces of every size; the test of the schema reads them.
    for page in Page::all().into_iter().filter(|page| page.name != "docs/SCENARIO.md") {
        let ours = page.blocks().into_iter().filter(|block| block.language == "yaml" && !is_foreign(&block.text));
        for block in ours {
            let place = format!("{}:{}", page.name, block.line);
            let text =
                wrapped(&block.text).unwrap_or_else(|| panic!("{place}: a scenario's block that begins with something else"));
            let out = check("scenarios", &text);
            assert!(out.status.success(), "{place}\n{text}\n{}", String::from_utf8_lossy(&out.stderr));
            understood += 1;
        }
    }
    assert!(understood >= 15, "{understood} blocks");
}

#[test]
fn mistakes_look_as_shown() {
    let slipped = "name: music\n\n\nshema: ../schema.sql\n\ndata:\n  seed: forty-two\n  tables: {}\nendpoints: []\n";
    let out = check("mistakes", slipped);
    assert_eq!(out.status.code(), Some(1));
    let said = String::from_utf8(out.stderr).unwrap();
    let blocks = Page::read("README.md").blocks();
    let shown = blocks.iter().find(|block| block.language == "text" && block.text.starts_with("error: ")).unwrap();
    assert_eq!(said.trim_end(), shown.text.trim_end());
}

#[test]
fn the_figures_of_the_load_page_are_those_that_can_be_promised() {
    let page = Page::read("docs/LOAD.md");
    let table = page.text.split("| figure | of |").nth(1).unwrap();
    let table = table.trim_start().split("\n\n").next().unwrap();
    let cells = table.lines().filter_map(|line| line.strip_prefix("| `")?.split(" |").next());
    let named: Vec<&str> = cells.flat_map(|cell| cell.split(['`', ' '])).filter(|name| !name.is_empty()).collect();
    let known: Vec<&str> = perflab::scenario::model::Metric::ALL.iter().map(|(name, _)| *name).collect();
    assert_eq!(named, known);
}
