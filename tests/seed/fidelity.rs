//! What a seeding says of itself, held against the server's own counts.

use std::time::Duration;

use perflab::db::{Connection, Target};
use perflab::report::model::{ColumnSeen, FanoutSeen, SeedRun};
use perflab::report::terminal::{Screen, seed_text};
use perflab::scenario::model::Data;

use crate::seeding::{Seeded, data, runtime, scenario_data, seed, try_seed};

const SCHEMA: &str = "
CREATE TYPE mood AS ENUM ('sad', 'happy', 'angry');
CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, mood mood, score numeric(6, 2));
CREATE TABLE lists (
    id int PRIMARY KEY, user_id bigint NOT NULL REFERENCES users, genre varchar(8), extra json, tags text[] GENERATED ALWAYS AS (ARRAY[left(genre, 1)]) STORED, active bool NOT NULL,
    UNIQUE (user_id, id) DEFERRABLE INITIALLY DEFERRED);
CREATE INDEX lists_genre ON lists (genre);
CREATE INDEX lists_user ON lists (user_id) WHERE active;
CREATE TABLE plays (id bigint PRIMARY KEY, list_id int REFERENCES lists, at timestamptz NOT NULL, kind smallint);
CREATE TABLE spare (id int PRIMARY KEY);
";

const TABLES: &str = "
    users:
      rows: 500
      columns:
        mood: {values: {happy: 60%, sad: 40%}, nulls: 10%}
        score: {range: 0-99.5}
    lists:
      rows: 4 per users
      columns:
        user_id: {ref: users, fanout: {classes: {1%: 20-30, rest: 1-5}}}
        genre: {values: {rock: 3, pop: 1}, nulls: 25%}
        extra: {values: ['{}', '[1]']}
    plays:
      rows: 90000
      columns:
        list_id: {ref: lists, pick: {zipf: 1.1}, nulls: 5%}
        kind: {values: {1: 80%, 2: 15%, 3: 5%}}
    spare: {rows: 0, because: Nobody has one yet.}
";

fn column<'r>(run: &'r SeedRun, table: &str, column: &str) -> &'r ColumnSeen {
    let table = run.tables.iter().find(|seen| seen.name == table).unwrap();
    table.columns.iter().find(|seen| seen.name == column).unwrap_or_else(|| panic!("{column} of {:?}", table.columns))
}

fn fanout<'r>(run: &'r SeedRun, table: &str) -> &'r FanoutSeen {
    &run.tables.iter().find(|seen| seen.name == table).unwrap().fanouts[0]
}

/// The same figures from SQL that a person would write.
async fn counted(seeded: &mut Seeded, table: &str, column: &str) -> (i64, i64, Option<String>, Option<String>) {
    let sql = format!(
        "SELECT count(*) - count({column}), count(DISTINCT {column}), \
         (SELECT {column}::text FROM {table} AS t ORDER BY t.{column} LIMIT 1), \
         (SELECT {column}::text FROM {table} AS t WHERE {column} IS NOT NULL ORDER BY t.{column} DESC LIMIT 1) FROM {table}"
    );
    seeded.connection.row(&sql).await.unwrap()
}

#[test]
fn figures_are_those_of_the_server() {
    runtime().block_on(async {
        let mut seeded = seed(SCHEMA, &data(TABLES), 1.0).await;
        let run = seeded.run.clone();
        let names: Vec<&str> = run.tables.iter().map(|table| table.name.as_str()).collect();
        assert_eq!(names, ["users", "lists", "plays", "spare"], "an empty table is listed where it stands");
        assert_eq!((run.tables[3].asked, run.tables[3].rows, run.rows), (0, 0, 92_500));
        for (table, columns) in
            [("users", &["id", "name", "mood", "score"][..]), ("lists", &["user_id", "genre", "tags", "active"])]
        {
            for name in columns {
                let (nulls, distinct, min, max) = counted(&mut seeded, table, name).await;
                let seen = column(&run, table, name);
                assert_eq!((seen.nulls as i64, seen.distinct, seen.estimated), (nulls, Some(distinct as u64), false), "{name}");
                let cut = |text: Option<String>| text.map(|text| text.chars().take(60).collect::<String>());
                assert_eq!((seen.min.clone(), seen.max.clone()), (cut(min), cut(max)), "{table}.{name}");
            }
        }
        let extra = column(&run, "lists", "extra");
        assert_eq!((extra.nulls, extra.distinct, extra.min.as_deref()), (0, None, None), "json has no order");
        let genre = column(&run, "lists", "genre");
        assert_eq!((genre.asked.as_deref(), genre.nulls_asked), (Some("3 rock, 1 pop, null 25%"), Some(0.25)));
        let rock = seeded.number("SELECT count(*) FROM lists WHERE genre = 'rock'").await as f64;
        assert_eq!((genre.shares[0].asked, genre.shares[0].got), (0.75, rock / (2000 - genre.nulls) as f64));
        assert!(run.tables.iter().flat_map(|table| &table.columns).all(|column| column.off.is_none()));
    });
}

#[test]
fn large_tables_are_estimated_and_fan_outs_always_counted() {
    runtime().block_on(async {
        let mut seeded = seed(SCHEMA, &data(TABLES), 1.0).await;
        let run = seeded.run.clone();
        let kind = column(&run, "plays", "kind");
        assert!(kind.estimated && kind.shares.iter().all(|share| (share.got - share.asked).abs() < 0.02), "{kind:?}");
        assert_eq!((kind.min.as_deref(), kind.max.as_deref(), kind.distinct), (Some("1"), Some("3"), Some(3)));
        let list = column(&run, "plays", "list_id");
        assert!((list.nulls as f64 - 4_500.0).abs() < 900.0, "{list:?}");
        for (table, reference, parents) in [("lists", "user_id", 500), ("plays", "list_id", 2000)] {
            let sql = format!(
                "SELECT count(*), max(n), percentile_disc(0.5) WITHIN GROUP (ORDER BY n), percentile_disc(0.99) WITHIN GROUP (ORDER BY n) \
                 FROM (SELECT count(*) AS n FROM {table} WHERE {reference} IS NOT NULL GROUP BY {reference}) AS children"
            );
            let (with, max, p50, p99): (i64, i64, i64, i64) = seeded.connection.row(&sql).await.unwrap();
            let seen = fanout(&run, table);
            assert_eq!([seen.parents, seen.max, seen.p50, seen.p99].map(|n| n as i64), [with, max, p50, p99], "{table}");
            assert_eq!(seen.without as i64, parents - with);
            for bucket in &seen.histogram {
                let within = format!(
                    "SELECT count(*) FROM (SELECT count(c.{reference}) AS n FROM {} AS p LEFT JOIN {table} AS c ON c.{reference} = p.id \
                     GROUP BY p.id) AS x WHERE n BETWEEN {} AND {}",
                    seen.parent, bucket.from, bucket.to
                );
                assert_eq!(seeded.number(&within).await as u64, bucket.parents, "{table} {bucket:?}");
            }
        }
        assert_eq!(fanout(&run, "lists").asked.as_deref(), Some("1% 20-30, rest 1-5"));
    });
}

#[test]
fn keys_built_side_by_side_are_what_they_were() {
    runtime().block_on(async {
        let mut seeded = seed(SCHEMA, &data(TABLES), 0.1).await;
        let keys: Vec<(String,)> = seeded
            .connection
            .rows("SELECT conname || ': ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'lists'::regclass AND convalidated ORDER BY 1")
            .await
            .unwrap();
        let keys: Vec<&str> = keys.iter().map(|(key,)| key.as_str()).collect();
        assert_eq!(
            keys,
            [
                "lists_pkey: PRIMARY KEY (id)",
                "lists_user_id_fkey: FOREIGN KEY (user_id) REFERENCES users(id)",
                "lists_user_id_id_key: UNIQUE (user_id, id) DEFERRABLE INITIALLY DEFERRED",
            ]
        );
        let indexes = "SELECT count(*) FROM pg_index WHERE indrelid = 'lists'::regclass AND indisvalid";
        assert_eq!(seeded.number(indexes).await, 4);
        assert_eq!(seeded.number("SELECT count(*) FROM pg_attribute WHERE attrelid = 'lists'::regclass AND attname = 'id' AND attnotnull").await, 1);
    });
}

fn with_checks(checks: &str) -> Data {
    let text = format!("name: shop\ndata:\n  seed: 7\n  tables:\n{TABLES}\n{checks}");
    scenario_data(perflab::scenario::model::Source { path: "shop.yaml".into(), text })
}

#[test]
fn claims_are_asked_of_the_server() {
    let checks = "  expect: {tables: {users: 500, spare: 0}}
  check:
    - {claim: heavy users, sql: 'SELECT count(*) FROM (SELECT FROM lists GROUP BY user_id HAVING count(*) >= 20) x -- 1%', expect: 5}
    - {claim: rock, sql: \"SELECT avg((genre = 'rock')::int) FROM lists\", expect: 75%, within: 5%}
    - {claim: wrong, sql: SELECT count(*) FROM users, expect: 400-450}
    - {claim: nothing, sql: SELECT id FROM spare, expect: 1}
    - {claim: fails, sql: SELECT 1 / (count(*) - 500) FROM users, expect: 1}
";
    runtime().block_on(async {
        let seeded = seed(SCHEMA, &with_checks(checks), 1.0).await;
        let told: Vec<_> = seeded.run.checks.iter().map(|check| (check.claim.as_str(), check.got, check.held)).collect();
        let rock = told[3].1;
        assert_eq!(
            told,
            [
                ("rows of users", Some(500.0), Some(true)),
                ("rows of spare", Some(0.0), Some(true)),
                ("heavy users", Some(5.0), Some(true)),
                ("rock", rock, Some(true)),
                ("wrong", Some(500.0), Some(false)),
                ("nothing", None, Some(false)),
                ("fails", None, Some(false)),
            ]
        );
        assert_eq!(seeded.run.checks[6].error.as_deref(), Some("division by zero"));
        let scaled = seed(SCHEMA, &with_checks(checks), 0.5).await;
        let held: Vec<_> = scaled.run.checks.iter().map(|check| check.held).collect();
        assert_eq!(held, [None, None, None, Some(true), None, None, None], "shares alone hold at any scale");
    });
}

#[test]
fn claims_that_cannot_be_asked_are_mistakes_of_the_scenario() {
    let checks = "  check:
    - {claim: misspelt, sql: SELECT count(*) FROM userz, expect: 5}
    - {claim: two, sql: 'SELECT 1, 2', expect: 5}
    - {claim: write, sql: 'DELETE FROM users RETURNING 1', expect: 5}
    - {claim: text, sql: \"SELECT name FROM users LIMIT 1\", expect: 5}
";
    runtime().block_on(async {
        let database = crate::common::TestDatabase::new();
        let mut connection = Connection::open(&Target::parse(&database.url).unwrap()).await.unwrap();
        connection.batch(SCHEMA).await.unwrap();
        let problems = perflab::seed::unprovable(&with_checks(checks).checks, &mut connection).await.unwrap();
        let told: Vec<String> = problems.iter().map(|problem| problem.to_string()).collect();
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told[0].contains("relation \"userz\" does not exist") && told[1].contains("one column"), "{told:?}");
        connection.close().await;
    });
}

#[test]
fn a_lost_connection_is_an_error_with_the_table() {
    let tables = "    users: {rows: 5}\n    plays: {rows: 3000000}\n";
    runtime().block_on(async {
        let database = crate::common::TestDatabase::new();
        let target = Target::parse(&database.url).unwrap();
        let mut connection = Connection::open(&target).await.unwrap();
        connection.batch(SCHEMA).await.unwrap();
        let catalog = perflab::db::read_catalog(&mut connection).await.unwrap();
        let plan = perflab::seed::SeedPlan::new(&data(tables), &catalog, 1.0).unwrap();
        let mut ignore = |_| {};
        let load = perflab::seed::load(&plan, &target, &mut ignore);
        let kill = async {
            for _ in 0..400 {
                let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_progress_copy WHERE relid = 'plays'::regclass";
                let (killed,): (i64,) = connection.row(sql).await.unwrap();
                if killed > 0 {
                    return true;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            false
        };
        let (loaded, killed) = tokio::join!(load, kill);
        assert!(killed);
        let mut error: &dyn std::error::Error = &loaded.unwrap_err();
        let mut told = error.to_string();
        while let Some(source) = error.source() {
            told.push_str(&format!(": {source}"));
            error = source;
        }
        assert!(told.contains("plays cannot be filled"), "{told}");
        connection.close().await;
    });
}

/// Without what differs between machines, or with every change of a generator.
fn timeless(mut run: SeedRun) -> SeedRun {
    (run.seconds, run.rows_per_second) = (1.0, 92_500.0);
    run.phases = Default::default();
    run.wal = None;
    run.hash = "0123456789abcdef".into();
    run.tables.iter_mut().for_each(|table| (table.seconds, table.bytes, table.index_bytes) = (0.5, 8192, 0));
    run
}

#[test]
fn a_person_reads_it_in_seconds() {
    runtime().block_on(async {
        let (_database, _, _, run, _) = try_seed(SCHEMA, &with_checks("  expect: {tables: {users: 500}}\n"), 1.0).await;
        let run = timeless(run.unwrap());
        let shown = |width, ascii| seed_text(&run, true, Screen { width, color: false, ascii });
        // What ANALYZE happened to look at differs from run to run, and names with their word lists.
        let text = shown(120, false);
        let stable: Vec<&str> = text.lines().filter(|line| !line.contains('~') && !line.starts_with("users.name")).collect();
        insta::assert_snapshot!("seeded_120", stable.join("\n"));
        assert!(shown(80, false).lines().all(|line| line.chars().count() <= 80), "{}", shown(80, false));
        assert!(shown(80, true).is_ascii());
    });
}
