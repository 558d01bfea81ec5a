//! `perflab learn` as it is typed.

use std::fs;

use crate::common::{perflab, target_folder};
use crate::learning::{database, run};

const SHOP: &str = "CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, age int NOT NULL); \
    CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT n * 2'; CREATE INDEX ON users (twice(age)); \
    INSERT INTO users (age) SELECT 18 + i % 60 FROM generate_series(1, 600) AS i; ANALYZE";

#[test]
fn files_are_written_once_and_are_a_scenario() {
    let database = run(database("CREATE EXTENSION IF NOT EXISTS plpgsql"));
    run(async {
        let mut connection = crate::learning::connect(&database.url).await;
        connection.batch(&SHOP.replace(" LANGUAGE sql", " IMMUTABLE LANGUAGE sql")).await.unwrap();
        connection.close().await;
    });
    let folder = target_folder().join("learn").join(&database.name);
    fs::create_dir_all(&folder).unwrap();
    let learn = |more: &[&str]| {
        let mut command = perflab();
        command.current_dir(&folder).args(["learn", "--database-url", &database.url, "--output", "shop.yaml"]).args(more);
        command.output().unwrap()
    };
    let first = learn(&[]);
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    let said = String::from_utf8(first.stdout).unwrap();
    assert!(
        said.starts_with("shop.yaml: 1 table with 600 rows, 1 column described, no value copied, their schema in shop.sql"),
        "{said}"
    );
    let yaml = fs::read_to_string(folder.join("shop.yaml")).unwrap();
    assert!(yaml.contains("schema: shop.sql") && yaml.contains("age: {range: 15-80}"), "{yaml}");
    let schema = fs::read_to_string(folder.join("shop.sql")).unwrap();
    assert!(schema.contains("CREATE TABLE public.users") && !schema.contains("\\restrict"), "{schema}");
    assert!(perflab().current_dir(&folder).args(["check", "shop.yaml"]).output().unwrap().status.success());
    // The schema makes the same tables elsewhere.
    run(async {
        drop(crate::learning::database(&schema).await);
    });

    let second = learn(&[]);
    assert_eq!(second.status.code(), Some(2));
    assert_eq!(String::from_utf8(second.stderr).unwrap(), "error: shop.yaml exists; --force overwrites it\n");
    assert!(learn(&["--force"]).status.success());
    let json = learn(&["--force", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["tables"][0]["rows"], 600);
    assert_eq!(json["tables"][0]["columns"][1]["described"], "{range: 15-80}");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn without_a_database_it_says_how_to_name_one() {
    let output = perflab().arg("learn").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("--database-url postgres://user@host/database"), "{said}");
}
