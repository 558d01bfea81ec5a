//! Databases as they are found: never analyzed, partitioned, oddly named, of odd types.

use perflab::learn::{LearnError, Options};

use crate::learning::{column, connect, data, database, described, learned, options, run, seeded, try_learned};

#[test]
fn what_was_never_analyzed_is_said_with_the_next_step() {
    run(async {
        let empty = database("").await;
        assert_eq!(try_learned(&empty.url, &options()).await.unwrap_err(), LearnError::NoTables);
        let sql = "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY); \
                   ALTER TABLE a SET (autovacuum_enabled = off); ALTER TABLE b SET (autovacuum_enabled = off); \
                   INSERT INTO a SELECT generate_series(1, 50); INSERT INTO b SELECT generate_series(1, 70)";
        let database = database(sql).await;
        let error = try_learned(&database.url, &options()).await.unwrap_err();
        assert!(error.to_string().contains("run ANALYZE"), "{error}");
        let mut connection = connect(&database.url).await;
        connection.batch("ANALYZE a").await.unwrap();
        connection.close().await;
        let half = learned(&database.url).await;
        assert_eq!((half.tables[0].rows, half.tables[1].rows), (Some(50), None));
        assert_eq!(half.notes, ["`b` was never analyzed, so nothing is known of them; run ANALYZE"]);
        let unknown = Options { tables: vec!["aa".into()], ..options() };
        let error = try_learned(&database.url, &unknown).await.unwrap_err().to_string();
        assert_eq!(error, "there is no table `aa` in the database; did you mean `a`?");
    });
}

const PARTITIONED: &str = "
CREATE TABLE devices (id int PRIMARY KEY);
INSERT INTO devices SELECT generate_series(1, 200);
CREATE TABLE readings (device_id int NOT NULL REFERENCES devices, at timestamptz NOT NULL, kind text, value int) PARTITION BY RANGE (at);
CREATE TABLE readings_1 PARTITION OF readings FOR VALUES FROM ('2025-01-01') TO ('2025-02-01');
CREATE TABLE readings_2 PARTITION OF readings FOR VALUES FROM ('2025-02-01') TO ('2025-03-01') PARTITION BY LIST (kind);
CREATE TABLE readings_2a PARTITION OF readings_2 FOR VALUES IN ('heat');
CREATE TABLE readings_2b PARTITION OF readings_2 DEFAULT;
INSERT INTO readings SELECT 1 + i % 200, timestamptz '2025-01-01' + i * interval '8 minutes',
    CASE WHEN i % 4 > 0 THEN 'heat' WHEN i % 8 = 0 THEN 'noise' END, i % 1000 FROM generate_series(0, 9999) AS i;
";

#[test]
fn partitions_are_one_table_whether_or_not_it_was_analyzed_as_one() {
    run(async {
        let parts = "ANALYZE devices; ANALYZE readings_1; ANALYZE readings_2a; ANALYZE readings_2b;";
        for analyze in ["ANALYZE;", parts] {
            let database = database(&format!("{PARTITIONED}{analyze}")).await;
            let learned = learned(&database.url).await;
            let readings = learned.tables.iter().find(|table| table.name == "readings").unwrap();
            assert_eq!((readings.rows, readings.rule.as_str()), (Some(10_000), "50 per devices"), "{analyze}");
            assert_eq!(learned.tables.len(), 2);
            let kind = column(&learned, "readings.kind");
            assert!((kind.null_fraction.unwrap() - 0.125).abs() < 0.001, "{kind:?}");
            assert_eq!(described(&learned, "readings.kind"), "{values: {v1: 85.7%, v2: 14.3%}, nulls: 12.5%}");
            assert_eq!(described(&learned, "readings.value"), "{range: 0-1000}");
            assert_eq!(column(&learned, "readings.device_id").distinct, Some(200.0));
        }
    });
}

const ODD: &str = r#"
CREATE SCHEMA "Sales Dept";
CREATE TABLE "Sales Dept"."Big Order" ("Id" bigint PRIMARY KEY, "per user" int, "select" text, "a:b # c" boolean);
CREATE TABLE orders (id bigint PRIMARY KEY);
CREATE TABLE "Sales Dept".orders (id bigint PRIMARY KEY, "Order" bigint NOT NULL REFERENCES "Sales Dept"."Big Order");
CREATE TABLE everything (
    id int PRIMARY KEY, nothing int, constant text DEFAULT 'x', always int NOT NULL DEFAULT 7, tags text[], doc jsonb, raw bytea,
    span int4range, place point, forever timestamptz, ago date, wide text, mac macaddr, day time, money numeric, tiny real, big double precision,
    code text UNIQUE, key uuid, n smallint CHECK (n BETWEEN 1 AND 3), word text CHECK (word IN ('a', 'b')), bits bit(3)
);
INSERT INTO "Sales Dept"."Big Order" SELECT i, i % 7, 'it''s "' || (i % 3) || E'"\n', i % 2 = 0 FROM generate_series(1, 300) AS i;
INSERT INTO orders SELECT generate_series(1, 10);
INSERT INTO "Sales Dept".orders SELECT i, 1 + i % 300 FROM generate_series(1, 900) AS i;
INSERT INTO everything SELECT i, NULL, 'x', 7, ARRAY[i::text], '{"a": 1}', '\x00', int4range(i, i + 1), point(i, i), 'infinity', date '0044-03-15 BC',
    repeat('long ', 400), NULL, '12:00', 'NaN', 'Infinity', i * 1e300, CASE WHEN i % 2 = 0 THEN 'c' || i END, gen_random_uuid(), 1 + i % 2, 'a', B'101'
FROM generate_series(1, 500) AS i;
ANALYZE;
"#;

#[test]
fn odd_names_and_odd_types_are_learned_and_seeded() {
    run(async {
        let schema = ODD.split("INSERT").next().unwrap();
        let live = database(ODD).await;
        for values in [false, true] {
            let learned = try_learned(&live.url, &Options { values, ..options() }).await.unwrap();
            let names: Vec<&str> = learned.tables.iter().map(|table| table.name.as_str()).collect();
            assert_eq!(names, ["Big Order", "Sales Dept.orders", "everything", "orders"].map(|name| name), "{}", learned.yaml);
            assert_eq!(described(&learned, "everything.nothing"), "null");
            let copied = described(&learned, "Big Order.select").contains("it's");
            assert_eq!(copied, values);
            let again = seeded(schema, &data(&learned.yaml), 1.0).await;
            let second = crate::learning::learned(&again.url).await;
            for (a, b) in learned.tables.iter().zip(&second.tables) {
                assert_eq!((&a.name, a.rows), (&b.name, b.rows));
            }
            let nulls = column(&second, "everything.code").null_fraction.unwrap();
            assert!((nulls - 0.5).abs() < 0.06, "{nulls}");
        }
    });
}

#[test]
fn some_tables_bring_those_that_they_reference() {
    run(async {
        let live = database(ODD).await;
        let learned = try_learned(&live.url, &Options { tables: vec!["Sales Dept.orders".into()], ..options() }).await.unwrap();
        let names: Vec<&str> = learned.tables.iter().map(|table| table.name.as_str()).collect();
        assert_eq!(names, ["Big Order", "Sales Dept.orders"]);
    });
}
