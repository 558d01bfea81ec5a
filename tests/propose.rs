//! Candidates from the plans of a real server: every one can be built there, is known once it stands, and is used.

mod common;

use common::TestDatabase;
use perflab::advise::candidate::Candidate;
use perflab::advise::propose::{generic_plan, propose};
use perflab::db::catalog::Catalog;
use perflab::db::explain::{Explain, explain};
use perflab::db::value::oid;
use perflab::db::{Connection, Target, Value, read_catalog};
use perflab::plan::{Plan, used_indexes};

const SCHEMA: &str = r#"
CREATE EXTENSION pg_trgm;
CREATE SCHEMA "App";
CREATE TABLE "App"."Order Line" ("Id" int PRIMARY KEY, "Customer" int NOT NULL, state varchar(20) NOT NULL, at timestamptz NOT NULL,
    gone timestamptz, parent int, email text NOT NULL, code char(8) COLLATE "und-x-icu" NOT NULL,
    title text COLLATE "und-x-icu" NOT NULL, doc jsonb NOT NULL, tags text[] NOT NULL, during int4range,
    ip inet, place point, paid boolean NOT NULL, token text NOT NULL, amount int NOT NULL);
INSERT INTO "App"."Order Line"
SELECT i, i % 400, CASE WHEN i % 50 = 0 THEN 'open' ELSE 'done' END, '2025-01-01'::timestamptz + i * interval '1 minute',
    CASE WHEN i % 30 = 0 THEN now() END, CASE WHEN i % 20 = 0 THEN i END, 'User' || i || '@example.org', 'c' || i % 9000,
    'Title ' || i,
    jsonb_build_object('k', i % 5000, 'deep', jsonb_build_object('x', i)), ARRAY['t' || i % 3000], int4range(i, i + 4),
    ('10.' || i % 200 || '.' || i % 250 || '.1')::inet, point(i % 300, i % 200), i % 100 = 0, repeat(md5(i::text), 2), i % 1000
FROM generate_series(1, 10000) AS i;
CREATE TABLE event (id int NOT NULL, day date NOT NULL, kind int NOT NULL) PARTITION BY RANGE (day);
CREATE TABLE event_a PARTITION OF event FOR VALUES FROM ('2025-01-01') TO ('2025-02-01');
CREATE TABLE event_b PARTITION OF event FOR VALUES FROM ('2025-02-01') TO ('2025-03-01');
INSERT INTO event SELECT i, '2025-01-01'::date + i % 59, i % 500 FROM generate_series(1, 20000) AS i;
CREATE MATERIALIZED VIEW per_customer AS SELECT "Id" AS id, "Customer" AS customer, amount FROM "App"."Order Line";
VACUUM ANALYZE;
"#;

/// A statement, and one of the indexes that must be proposed for it, which its plan must take where it can.
const CASES: &[(&str, &str)] = &[
    (r#"SELECT "Id" FROM "App"."Order Line" WHERE "Customer" = 7"#, r#""App"."Order Line" ("Customer")"#),
    (
        r#"SELECT * FROM "App"."Order Line" WHERE "Customer" = 7 ORDER BY amount DESC, at LIMIT 3"#,
        r#""App"."Order Line" ("Customer", amount DESC, at)"#,
    ),
    (
        r#"SELECT "Id" FROM "App"."Order Line" ORDER BY amount DESC NULLS LAST LIMIT 3"#,
        r#""App"."Order Line" (amount DESC NULLS LAST)"#,
    ),
    (r#"SELECT max(at) FROM "App"."Order Line" WHERE "Customer" = 7"#, r#""App"."Order Line" ("Customer", at)"#),
    (
        r#"SELECT sum(amount) FROM "App"."Order Line" WHERE "Customer" < 40"#,
        r#""App"."Order Line" ("Customer") INCLUDE (amount)"#,
    ),
    (r#"SELECT "Id" FROM "App"."Order Line" WHERE "Customer" = 7 AND paid"#, r#""App"."Order Line" ("Customer") WHERE (paid)"#),
    (
        r#"SELECT * FROM "App"."Order Line" WHERE state = 'open'"#,
        r#""App"."Order Line" ("Id") WHERE ((state)::text = 'open'::text)"#,
    ),
    (r#"SELECT * FROM "App"."Order Line" WHERE parent = 7"#, r#""App"."Order Line" (parent) WHERE (parent IS NOT NULL)"#),
    (r#"SELECT * FROM "App"."Order Line" WHERE lower(email) = 'user7@example.org'"#, r#""App"."Order Line" ((lower(email)))"#),
    (r#"SELECT * FROM "App"."Order Line" WHERE title LIKE 'Title 77%'"#, r#""App"."Order Line" (title text_pattern_ops)"#),
    (r#"SELECT * FROM "App"."Order Line" WHERE code LIKE 'c77%'"#, r#""App"."Order Line" (code bpchar_pattern_ops)"#),
    (
        r#"SELECT * FROM "App"."Order Line" WHERE lower(title) LIKE 'title 77%'"#,
        r#""App"."Order Line" ((lower(title)) text_pattern_ops)"#,
    ),
    (
        r#"SELECT * FROM "App"."Order Line" WHERE email ILIKE '%ser777%' OR token ILIKE '%abcde%'"#,
        r#""App"."Order Line" USING gin (email gin_trgm_ops, token gin_trgm_ops)"#,
    ),
    (r#"SELECT * FROM "App"."Order Line" WHERE email ILIKE '%ser777%'"#, r#""App"."Order Line" USING gin (email gin_trgm_ops)"#),
    (r#"SELECT * FROM "App"."Order Line" WHERE doc @> '{"k": 7}'"#, r#""App"."Order Line" USING gin (doc jsonb_path_ops)"#),
    (r#"SELECT * FROM "App"."Order Line" WHERE doc ->> 'k' = '7'"#, r#""App"."Order Line" (((doc ->> 'k'::text)))"#),
    (
        r#"SELECT * FROM "App"."Order Line" WHERE doc -> 'deep' @> '{"x": 7}'"#,
        r#""App"."Order Line" USING gin (((doc -> 'deep'::text)) jsonb_path_ops)"#,
    ),
    (r#"SELECT * FROM "App"."Order Line" WHERE tags @> ARRAY['t7']"#, r#""App"."Order Line" USING gin (tags)"#),
    (r#"SELECT * FROM "App"."Order Line" WHERE during && int4range(7, 9)"#, r#""App"."Order Line" USING gist (during)"#),
    (r#"SELECT * FROM "App"."Order Line" WHERE ip << '10.7.7.0/24'"#, r#""App"."Order Line" USING gist (ip inet_ops)"#),
    (r#"SELECT * FROM "App"."Order Line" ORDER BY place <-> point(3, 4) LIMIT 3"#, r#""App"."Order Line" USING gist (place)"#),
    (
        r#"SELECT * FROM "App"."Order Line" WHERE to_tsvector('simple', email) @@ to_tsquery('simple', 'user7@example.org')"#,
        r#""App"."Order Line" USING gin ((to_tsvector('simple'::regconfig, email)))"#,
    ),
    (r#"SELECT * FROM "App"."Order Line" WHERE token = 'x'"#, r#""App"."Order Line" USING hash (token)"#),
    (
        r#"SELECT * FROM "App"."Order Line" WHERE (at AT TIME ZONE 'UTC')::date = '2025-01-03'"#,
        r#""App"."Order Line" (((at AT TIME ZONE 'UTC'::text)::date))"#,
    ),
    (
        r#"SELECT * FROM "App"."Order Line" WHERE ("Customer", "Id") > (398, 4) ORDER BY "Customer", "Id" LIMIT 5"#,
        r#""App"."Order Line" ("Customer", "Id")"#,
    ),
    (
        r#"SELECT c.id, l.at FROM (VALUES (1), (2)) AS c (id), LATERAL (SELECT at FROM "App"."Order Line" WHERE "Customer" = c.id ORDER BY at DESC LIMIT 1) AS l"#,
        r#""App"."Order Line" ("Customer", at)"#,
    ),
    ("SELECT * FROM event WHERE kind = 7", "event (kind)"),
    ("SELECT * FROM event WHERE kind = 7 ORDER BY id DESC LIMIT 3", "event (kind, id)"),
    ("SELECT * FROM per_customer WHERE customer = 7", "per_customer (customer)"),
    (
        r#"SELECT DISTINCT ON ("Customer") "Customer", at FROM "App"."Order Line" ORDER BY "Customer", at DESC"#,
        r#""App"."Order Line" ("Customer", at DESC)"#,
    ),
    (r#"UPDATE "App"."Order Line" SET amount = 1 WHERE "Customer" = 7"#, r#""App"."Order Line" ("Customer")"#),
    (
        r#"DELETE FROM "App"."Order Line" AS l USING event AS e WHERE e.id = 7 AND l."Customer" = e.kind"#,
        r#""App"."Order Line" ("Customer")"#,
    ),
];

async fn planned(connection: &mut Connection, sql: &str, how: Explain) -> Plan {
    connection.batch("BEGIN").await.unwrap();
    let json = explain(connection, sql, &[], how).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    connection.batch("ROLLBACK").await.unwrap();
    Plan::from_json(&json).unwrap()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn what_is_proposed_can_be_built_is_known_then_and_is_used() {
    let database = TestDatabase::new();
    let target = Target::parse(&database.url).unwrap();
    let mut wrong = Vec::new();
    runtime().block_on(async {
        let mut connection = Connection::open(&target).await.unwrap();
        connection.batch(SCHEMA.split("VACUUM").next().unwrap()).await.unwrap();
        connection.batch("VACUUM ANALYZE").await.unwrap();
        // One process reads a table as the plans below show it, and small tables are worth an index.
        connection.batch("SET max_parallel_workers_per_gather = 0; SET random_page_cost = 1.1; SET jit = off").await.unwrap();
        // All indexes below are dropped again.
        let catalog = read_catalog(&mut connection).await.unwrap();
        for (sql, expected) in CASES {
            let plan = planned(&mut connection, sql, Explain::Analyze).await;
            let generic = generic_plan(&mut connection, sql, &[]).await.unwrap();
            let found = propose(&plan, &[], generic.as_ref(), &catalog);
            let targets: Vec<String> = found.iter().map(Candidate::target).collect();
            if !targets.iter().any(|target| target == expected) {
                wrong.push(format!("{sql}: no {expected} in {targets:#?}"));
            }
            for candidate in &found {
                wrong.extend(trouble(&mut connection, &catalog, candidate, (sql, expected)).await);
            }
        }
        connection.close().await;
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is not as it should be with a candidate that is built.
async fn trouble(
    connection: &mut Connection,
    catalog: &Catalog,
    candidate: &Candidate,
    (sql, expected): (&str, &str),
) -> Option<String> {
    let target = candidate.target();
    if candidate.exists_in(catalog) {
        return Some(format!("{sql}: {target} is taken for existing"));
    }
    let name = candidate.name(&|_| false);
    if let Err(error) = connection.batch(&candidate.definition(&name)).await {
        return Some(format!("{sql}: {target} cannot be built: {error}"));
    }
    let mut found = None;
    if !candidate.exists_in(&read_catalog(connection).await.unwrap()) {
        found = Some(format!("{sql}: {target} is not known once it stands"));
    }
    if target == expected {
        connection.batch(&format!("ANALYZE {}", candidate.table.sql())).await.unwrap();
        connection.batch("SET enable_seqscan = off").await.unwrap();
        let plan = planned(connection, sql, Explain::Estimate).await;
        connection.batch("SET enable_seqscan = on").await.unwrap();
        // Partitions have indexes of names of their own.
        if !used_indexes(&plan).iter().any(|index| index.name == name || candidate.table.name == "event") {
            found = Some(format!("{sql}: {target} is not used"));
        }
    }
    let schema = perflab::db::TableName::new(&candidate.table.schema, &name).sql();
    connection.batch(&format!("DROP INDEX {schema}")).await.unwrap();
    found
}

#[test]
fn the_generic_plan_tells_parameters_from_what_is_fixed() {
    let database = TestDatabase::new();
    let target = Target::parse(&database.url).unwrap();
    runtime().block_on(async {
        let mut connection = Connection::open(&target).await.unwrap();
        let schema = "CREATE TABLE job (id int PRIMARY KEY, owner int, state text, due int); \
            INSERT INTO job SELECT i, i % 300, CASE WHEN i % 40 = 0 THEN 'open' ELSE 'done' END, i FROM generate_series(1, 20000) AS i";
        connection.batch(schema).await.unwrap();
        connection.batch("VACUUM ANALYZE job").await.unwrap();
        let catalog = read_catalog(&mut connection).await.unwrap();
        let value = |oid, bytes: &[u8]| Value { oid, bytes: Some(bytes.to_vec()) };
        let owner = value(oid::INT4, &7_i32.to_be_bytes());
        let state = value(oid::TEXT, b"open");
        for (sql, parameters, partial) in [
            ("SELECT id FROM job WHERE owner = $1 AND state = 'open'", vec![owner.clone()], true),
            ("SELECT id FROM job WHERE owner = $1 AND state = $2", vec![owner, state], false),
        ] {
            let generic = generic_plan(&mut connection, sql, &parameters).await.unwrap();
            connection.batch("BEGIN").await.unwrap();
            let json = explain(&mut connection, sql, &parameters, Explain::Analyze).await.unwrap();
            connection.batch("ROLLBACK").await.unwrap();
            let plan = Plan::from_json(&json).unwrap();
            let targets: Vec<String> =
                propose(&plan, &[], generic.as_ref(), &catalog).iter().map(Candidate::target).collect();
            assert_eq!(
                targets.contains(&"job (owner) WHERE (state = 'open'::text)".to_owned()),
                partial,
                "{sql}: {targets:#?}"
            );
        }
        let refused = generic_plan(&mut connection, "CREATE TABLE other (id int)", &[]).await.unwrap();
        assert!(refused.is_none(), "what cannot be prepared has no generic plan");
        connection.close().await;
    });
}
