//! The captured plans of `tests/plans`, for the tests of this stage.

use std::path::PathBuf;

use serde_json::Value;

use super::{ColumnFacts, Facts, ForeignKeyFacts, IndexFacts, Plan, TableFacts};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/plans")
}

/// A captured file's text.
pub(crate) fn file(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Whether there is such a file.
pub(crate) fn exists(name: &str) -> bool {
    folder().join(name).exists()
}

/// The plan captured under that name.
pub(crate) fn plan(name: &str) -> Plan {
    let value: Value = serde_json::from_str(&file(&format!("{name}.json"))).unwrap();
    Plan::from_json(&value).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Every plan captured without times, by name.
pub(crate) fn all() -> Vec<(String, Plan)> {
    names("").into_iter().map(|name| (name.clone(), plan(&name))).collect()
}

/// Where the plans captured with times and all options are.
const TIMED: [&str; 2] = ["timed", "resources"];

/// A plan captured with times and all options.
pub(crate) fn timed_plan(name: &str) -> Plan {
    plan(&timed_path(name))
}

/// Where it is, without `.json`.
pub(crate) fn timed_path(name: &str) -> String {
    let found = TIMED.iter().map(|under| format!("{under}/{name}")).find(|path| folder().join(format!("{path}.json")).exists());
    found.unwrap_or_else(|| panic!("no plan {name} was captured"))
}

/// Every plan captured with times, by name.
pub(crate) fn timed() -> Vec<(String, Plan)> {
    TIMED.iter().flat_map(|under| names(under)).map(|name| (name.clone(), timed_plan(&name))).collect()
}

/// A plan captured with times on the shop's tables (`reading-schema.sql`).
pub(crate) fn reading_plan(name: &str) -> Plan {
    plan(&format!("reading/{name}"))
}

/// Every plan captured on the shop's tables, by name.
pub(crate) fn reading() -> Vec<(String, Plan)> {
    names("reading").into_iter().map(|name| (name.clone(), reading_plan(&name))).collect()
}

/// Every plan captured as text, by path and name.
pub(crate) fn texts() -> Vec<(String, String)> {
    let mut texts = Vec::new();
    let mut folders = vec![folder()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "txt") {
                let name = path.strip_prefix(folder()).unwrap().with_extension("");
                texts.push((name.display().to_string(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    texts.sort();
    texts
}

/// Every plan captured in both formats: name, the plan of the JSON, the text.
pub(crate) fn pairs() -> Vec<(String, Plan, String)> {
    let with_json = |name: &String| exists(&format!("{name}.json"));
    texts().into_iter().filter(|(name, _)| with_json(name)).map(|(name, text)| (name.clone(), plan(&name), text)).collect()
}

fn names(under: &str) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder().join(under))
        .unwrap()
        .filter_map(|entry| Some(entry.unwrap().file_name().to_str()?.strip_suffix(".json")?.to_owned()))
        .collect();
    names.sort();
    names
}

/// A plan from JSON written in a test: the root node, or the whole statement when it has a `Plan` key.
pub(crate) fn json(value: Value) -> Plan {
    let value = if value.get("Plan").is_some() { value } else { serde_json::json!({ "Plan": value }) };
    Plan::from_json(&value).unwrap()
}

/// The music service as its schema leaves it: primary keys alone.
pub(crate) fn facts() -> Facts {
    let key = |name: &str, table: &str, column: &str, referenced: &str| ForeignKeyFacts {
        name: name.to_owned(),
        table: table.to_owned(),
        columns: vec![column.to_owned()],
        referenced: referenced.to_owned(),
        indexed: Some(false),
    };
    let table = |name: &str, rows: f64| TableFacts {
        schema: Some("public".to_owned()),
        name: name.to_owned(),
        rows: Some(rows),
        indexes: Some(vec![vec!["id".to_owned()]]),
        ..TableFacts::default()
    };
    Facts {
        tables: vec![
            table("songs", 77_803.0),
            table("song_history", 919_039.0),
            table("playlist_songs", 202_899.0),
            table("links", 85_515.0),
            table("users", 911.0),
        ],
        foreign_keys: vec![
            key("song_history_song_id_fkey", "song_history", "song_id", "songs"),
            key("song_history_user_id_fkey", "song_history", "user_id", "users"),
            key("playlist_songs_song_id_fkey", "playlist_songs", "song_id", "songs"),
            key("links_song_id_fkey", "links", "song_id", "songs"),
            key("users_playlist_position_user_id_fkey", "users_playlist_position", "user_id", "users"),
            key(
                "users_playlist_position_playlist_song_position_fkey",
                "users_playlist_position",
                "playlist_song_position",
                "playlist_songs",
            ),
        ],
        ..Facts::default()
    }
}

/// The shop as its server knew it when the plans under `reading` were captured (`facts/shop.json`).
pub(crate) fn shop_facts() -> Facts {
    let captured: Value = serde_json::from_str(&file("facts/shop.json")).unwrap();
    Facts { tables: captured.as_array().unwrap().iter().map(captured_table).collect(), ..Facts::default() }
}

fn captured_table(table: &Value) -> TableFacts {
    let text = |value: &Value, key: &str| value[key].as_str().map(str::to_owned);
    let list = |value: &Value, key: &str| {
        value[key].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let all = |key: &str| table[key].as_array().cloned().unwrap_or_default();
    let column = |column: &Value| ColumnFacts {
        name: text(column, "name").unwrap(),
        type_name: text(column, "type").unwrap(),
        n_distinct: column["n_distinct"].as_f64(),
        correlation: column["correlation"].as_f64(),
        width: column["width"].as_f64(),
    };
    let index = |index: &Value| IndexFacts {
        name: text(index, "name").unwrap(),
        columns: list(index, "columns").into_iter().map(Some).collect(),
        included: list(index, "included"),
    };
    TableFacts {
        schema: text(table, "schema"),
        name: text(table, "name").unwrap(),
        rows: table["rows"].as_f64(),
        indexes: Some(all("indexes").iter().map(|index| list(index, "columns")).collect()),
        named_indexes: all("indexes").iter().map(index).collect(),
        columns: all("columns").iter().map(column).collect(),
        pages: table["pages"].as_f64(),
        modified: table["modified"].as_f64(),
        analyzed: table["analyzed"].as_bool(),
        partition_key: text(table, "partition_key"),
    }
}
