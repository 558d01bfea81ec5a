//! The arrows between the folders of `src` point one way.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What each folder may import. Whoever adds an arrow says here why the house still stands.
fn allowed() -> BTreeMap<&'static str, &'static [&'static str]> {
    BTreeMap::from([
        ("units", &[] as &[&str]),
        ("plan", &["units"]),
        ("sql", &[]),
        ("db", &["sql"]),
        ("server", &[]),
        ("csv", &[]),
        // Mistakes in files' names and headers are mistakes of the scenario.
        ("scenario", &["units", "csv"]),
        ("report", &["plan", "sql", "units"]),
        // Stages fill the values that a report is made of.
        ("seed", &["scenario", "csv", "db", "sql", "units", "report::model"]),
        // What is learned is what would not be inferred, and is planned before it is written.
        ("learn", &["db", "scenario", "seed", "units"]),
        // Parameters made up for a call come from the generators of the rows.
        ("bench", &["scenario", "db", "sql", "units", "report::model", "seed"]),
        ("explain", &["bench", "db", "plan", "sql", "units", "report::model"]),
        // A migration is read like a scenario's statements, run beside its endpoints and judged by their times and plans.
        ("migrate", &["bench", "db", "explain", "plan", "scenario", "seed::rng", "sql", "units", "report::model"]),
        ("gate", &["bench", "db", "explain", "plan", "scenario", "sql", "units", "report::model"]),
        ("advise", &["bench", "db", "explain", "plan", "scenario", "sql", "units", "report::model"]),
    ])
}

#[test]
fn imports_flow_one_way() {
    let allowed = allowed();
    let mut wrong = Vec::new();
    for file in sources(Path::new("src")) {
        let room = room_of(&file);
        let Some(may) = allowed.get(room.as_str()) else { continue };
        for import in imports(&fs::read_to_string(&file).unwrap()) {
            let fits = import.starts_with(&room) || may.iter().any(|prefix| import.starts_with(prefix));
            if !fits {
                wrong.push(format!("{} imports {import}", file.display()));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn only_the_command_line_prints() {
    let printing = ["println!", "eprintln!", "print!(", "dbg!("];
    let mut wrong = Vec::new();
    for file in sources(Path::new("src")).into_iter().filter(|file| room_of(file) != "cli") {
        let text = fs::read_to_string(&file).unwrap();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        wrong.extend(
            code.filter(|line| printing.iter().any(|call| line.contains(call))).map(|line| format!("{}: {line}", file.display())),
        );
    }
    assert_eq!(wrong, Vec::<String>::new());
}

fn room_of(file: &Path) -> String {
    let below = file.strip_prefix("src").unwrap().iter().next().unwrap().to_string_lossy().into_owned();
    below.trim_end_matches(".rs").to_owned()
}

/// Paths after `crate::` outside of test modules, which stand at the end of a file.
fn imports(text: &str) -> BTreeSet<String> {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.flat_map(|line| line.split("crate::").skip(1)).map(|rest| rest.trim_start_matches('{').to_owned()).collect()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}
