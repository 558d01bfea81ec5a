//! Scenario files through the public interface: the shipped ones are right, the ones in `tests/scenarios/bad` are not.

mod common;

use std::path::{Path, PathBuf};

use common::{perflab, projects, test_server};
use perflab::scenario::model::{Rows, Scenario};

fn folder(name: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&root)
        .unwrap_or_else(|error| panic!("{}: {error}", root.display()))
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    files.sort();
    files
}

fn load(path: &Path) -> Scenario {
    perflab::scenario::load(path).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn shipped_scenarios_have_no_mistakes() {
    let files = folder("scenarios");
    assert!(!files.is_empty());
    for file in files {
        let scenario = load(&file);
        assert_eq!(file.file_stem().and_then(|stem| stem.to_str()), Some(scenario.name.as_str()));
    }
}

/// At a hundredth of their size: every table is filled, every endpoint is called, none is refused anything, and each finds rows.
#[test]
fn shipped_scenarios_can_be_seeded_and_called() {
    test_server();
    for file in folder("scenarios") {
        let mut command = perflab();
        command.arg("--project").arg(projects().join("shared")).arg("bench").arg(&file);
        let output = command
            .args(["--scale", "0.01", "--time", "0.2", "--duration", "150ms", "--warm-up", "0s", "--format", "json"])
            .output()
            .expect("run perflab");
        assert!(output.status.success(), "{}: {}", file.display(), String::from_utf8_lossy(&output.stderr));
        let run: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let endpoints = run["endpoints"].as_array().expect("endpoints");
        assert_eq!(endpoints.len(), load(&file).endpoints.len());
        for endpoint in endpoints {
            let name = format!("{}: {}", file.display(), endpoint["label"]);
            assert_eq!(endpoint["errors"], 0, "{name}: {}", endpoint["failures"]);
            // What deletes may have used up its few rows in the warm-up.
            if endpoint["effect"] != "deletes" {
                assert!(endpoint["calls"].as_u64() > Some(0), "{name} was not called");
                assert!(endpoint["rows_per_call"].as_f64() > Some(0.0), "{name} finds no row");
            }
        }
    }
}

#[test]
fn bad_scenarios_say_what_is_wrong() {
    let files = folder("tests/scenarios/bad");
    assert!(files.len() >= 15, "{} files", files.len());
    for file in files {
        let name = file.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
        let text = std::fs::read_to_string(&file).expect("the file");
        let source = perflab::scenario::model::Source { path: format!("bad/{name}.yaml").into(), text };
        let missing = |_: &Path| Err(std::io::Error::new(std::io::ErrorKind::NotFound, "no such file"));
        let Err(errors) = perflab::scenario::parse(source, missing) else { panic!("{name} has no mistakes") };
        insta::with_settings!({ snapshot_path => "scenarios/bad", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, errors);
        });
    }
}

#[test]
fn a_missing_file_is_named_with_the_next_step() {
    let error = perflab::scenario::load(Path::new("nowhere/music.yml")).expect_err("no file");
    assert!(error.to_string().contains("`nowhere/music.yml`") && error.to_string().contains("perflab check"), "{error}");
}

#[test]
fn music_counts_are_those_of_the_write_up() {
    let scenario = load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/music.yaml"));
    let data = scenario.data.expect("data");
    let rows = |name: &str| -> u64 {
        fn rows(data: &perflab::scenario::model::Data, name: &str) -> u64 {
            let table = data.tables.iter().find(|table| table.name.value == name).expect("the table");
            match &table.rows {
                Rows::Exactly(rows) => *rows,
                Rows::Per { ratio, table } => (ratio * rows(data, &table.value) as f64).round() as u64,
                other => panic!("{other:?}"),
            }
        }
        rows(&data, name)
    };
    let counts = [
        ("playlists", 3_000),
        ("users", 911),
        ("songs", 77_803),
        ("playlist_songs", 202_899),
        ("users_playlist_position", 3_000),
        ("song_history", 919_039),
        ("links", 85_515),
        ("platforms", 2),
        ("ad_campaigns", 100),
    ];
    for (table, count) in counts {
        assert_eq!(rows(table), count, "{table}");
    }
    assert_eq!(counts.iter().map(|(_, count)| count).sum::<u64>(), 1_292_269);
    assert_eq!(data.tables.len(), counts.len() + 1);
}
