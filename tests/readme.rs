//! What the README shows is what the program says.

mod common;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use common::{clean, target_folder};

fn readme() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap()
}

/// The fenced blocks of a language, in order.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    text.split(&fence).skip(1).filter_map(|rest| rest.split("\n```").next()).map(str::to_owned).collect()
}

#[test]
fn the_shown_scenario_is_one_and_its_mistakes_look_as_shown() {
    let folder = target_folder().join("readme");
    fs::create_dir_all(folder.join("scenarios")).unwrap();
    fs::write(folder.join("schema.sql"), "").unwrap();
    // What the page reads its tables from.
    fs::write(folder.join("products.csv"), "id,name\n1,Boot\n").unwrap();
    fs::write(folder.join("reviews_1.csv.gz"), gzip("id;productId;rating;date\n1;1;5;1600000000000\n")).unwrap();
    let shown = &blocks(&readme(), "yaml")[0];
    let check = |text: &str| {
        fs::write(folder.join("scenarios/music.yaml"), text).unwrap();
        let mut command = clean(Command::new(env!("CARGO_BIN_EXE_perflab")));
        command.current_dir(folder.join("scenarios")).args(["check", "music.yaml"]).stdin(Stdio::null()).output().unwrap()
    };
    let good = check(shown);
    assert!(good.status.success(), "{}", String::from_utf8_lossy(&good.stderr));

    // The same two slips at the places that the README has them.
    let slipped = "name: music\n\n\nshema: ../schema.sql\n\ndata:\n  seed: forty-two\n  tables: {}\nendpoints: []\n";
    let bad = String::from_utf8(check(slipped).stderr).unwrap();
    let expected = blocks(&readme(), "text").into_iter().find(|block| block.starts_with("error: ")).unwrap();
    assert_eq!(bad.trim_end(), expected.trim_end());
}

#[test]
fn the_commands_of_the_table_exist() {
    let help = clean(Command::new(env!("CARGO_BIN_EXE_perflab"))).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let text = readme();
    let named = text.lines().filter_map(|line| line.strip_prefix("| `perflab ")?.split(' ').next());
    let commands: Vec<&str> = named.collect();
    assert!(commands.len() >= 8, "{commands:?}");
    for command in commands {
        assert!(help.contains(&format!("\n  {command} ")), "{command}");
    }
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn data_page() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/DATA.md")).unwrap()
}

/// A block as a whole scenario: columns stand in a table, tables in a data section.
fn wrapped(block: &str) -> String {
    let indented = |text: &str, by: usize| text.lines().map(|line| format!("{:by$}{line}\n", "")).collect::<String>();
    match block.split(':').next() {
        Some("name") => block.to_owned(),
        Some("tables") => format!("name: page\nschema: schema.sql\ndata:\n{}", indented(block, 2)),
        Some("columns") => {
            format!("name: page\nschema: schema.sql\ndata:\n  tables:\n    t:\n      rows: 10\n{}", indented(block, 6))
        }
        other => panic!("a block that begins with {other:?}"),
    }
}

#[test]
fn the_scenarios_of_the_data_page_are_understood() {
    let folder = target_folder().join("data-page");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("schema.sql"), "").unwrap();
    // What the page reads its tables from.
    fs::write(folder.join("products.csv"), "id,name\n1,Boot\n").unwrap();
    fs::write(folder.join("reviews_1.csv.gz"), gzip("id;productId;rating;date\n1;1;5;1600000000000\n")).unwrap();
    let shown = blocks(&data_page(), "yaml");
    assert!(shown.len() >= 3);
    for block in shown {
        fs::write(folder.join("page.yaml"), wrapped(&block)).unwrap();
        let mut command = clean(Command::new(env!("CARGO_BIN_EXE_perflab")));
        let out = command.current_dir(&folder).args(["check", "page.yaml"]).stdin(Stdio::null()).output().unwrap();
        assert!(out.status.success(), "{block}\n{}", String::from_utf8_lossy(&out.stderr));
    }
}

#[test]
fn the_flags_of_the_data_page_exist() {
    let help = clean(Command::new(env!("CARGO_BIN_EXE_perflab"))).args(["seed", "--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let text = data_page();
    let flags: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("| `--")?.split('`').next()).collect();
    assert!(flags.len() >= 8, "{flags:?}");
    for flag in flags {
        let exists = help.split_whitespace().any(|word| word.trim_end_matches(',') == format!("--{flag}"));
        assert!(exists, "{flag}");
    }
}

/// A block of the page on load as a whole scenario.
fn loaded(block: &str) -> String {
    let endpoints = "endpoints:\n  - route: GET /users/{id}\n    params: {sample: SELECT id FROM users}\n    sql: SELECT * FROM users WHERE id = :id\n";
    match block.split(':').next() {
        Some("endpoints") => format!("name: page\n{block}"),
        Some("load" | "bench") => format!("name: page\n{endpoints}{block}"),
        other => panic!("a block that begins with {other:?}"),
    }
}

#[test]
fn the_scenarios_of_the_load_page_are_understood() {
    let folder = target_folder().join("load-page");
    fs::create_dir_all(&folder).unwrap();
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/LOAD.md")).unwrap();
    let shown = blocks(&page, "yaml");
    assert!(shown.len() >= 7, "{} blocks", shown.len());
    for block in shown {
        fs::write(folder.join("page.yaml"), loaded(&block)).unwrap();
        let mut command = clean(Command::new(env!("CARGO_BIN_EXE_perflab")));
        let out = command.current_dir(&folder).args(["check", "page.yaml"]).stdin(Stdio::null()).output().unwrap();
        assert!(out.status.success(), "{block}\n{}", String::from_utf8_lossy(&out.stderr));
    }
}

#[test]
fn the_figures_of_the_load_page_are_those_that_can_be_promised() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/LOAD.md")).unwrap();
    let table = page.split("| figure | of |").nth(1).unwrap();
    let cells = table.lines().filter_map(|line| line.strip_prefix("| `")?.split(" |").next());
    let named: Vec<&str> = cells.flat_map(|cell| cell.split(['`', ' '])).filter(|name| !name.is_empty()).collect();
    let known: Vec<&str> = perflab::scenario::model::Metric::ALL.iter().map(|(name, _)| *name).collect();
    assert_eq!(named, known);
}
