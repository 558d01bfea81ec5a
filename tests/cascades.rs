//! What foreign keys run behind statements: each action for DELETE and UPDATE, and the shapes in which they come.

mod common;

use common::{TestDatabase, shop};
use perflab::bench::Workload;
use perflab::db::{Connection, Target, read_catalog};
use perflab::explain::endpoint::study_call;
use perflab::explain::study::Study;
use perflab::report::model::{ExplainedPlan, ImpliedStatement};

/// The plan of the last statement of `steps` on a database that `schema` made.
fn explained(schema: &str, steps: &[&str]) -> ExplainedPlan {
    looked_at(schema, steps, Study::PLANS)
}

fn looked_at(schema: &str, steps: &[&str], study: Study) -> ExplainedPlan {
    let database = TestDatabase::new();
    let target = Target::parse(&database.url).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut connection = Connection::open(&target).await.unwrap();
        connection.batch(schema).await.unwrap();
        let catalog = read_catalog(&mut connection).await.unwrap();
        let steps: Vec<String> = steps.iter().map(|step| format!("      - {}\n", yaml(step))).collect();
        let scenario = shop::scenario(&format!("  - route: POST /it\n    steps:\n{}", steps.join("")));
        let workload = Workload::bind(&scenario, &mut connection).await.unwrap();
        let draw = workload.endpoints[0].draws.draw(0).unwrap();
        let (before,): (String,) = connection.row(CONTENTS).await.unwrap();
        let mut plans = study_call(&mut connection, &catalog, &workload.endpoints[0], &draw, study).await.unwrap();
        let (after,): (String,) = connection.row(CONTENTS).await.unwrap();
        assert_eq!(before, after, "explaining changes nothing and leaves nothing behind");
        connection.close().await;
        assert_eq!(plans.len(), steps.len(), "every statement is explained");
        plans.pop().unwrap().explained
    })
}

/// A step with keys stays as it is written.
fn yaml(step: &str) -> String {
    if step.starts_with('{') { step.to_owned() } else { serde_json::to_string(step).unwrap() }
}

/// Rows of all tables, triggers and functions that are there.
const CONTENTS: &str = "SELECT coalesce(string_agg(query_to_xml('SELECT count(*) FROM ' || oid::regclass, false, true, '')::text, ',' ORDER BY oid), '') \
    || (SELECT count(*) || ' ' || coalesce(string_agg(tgenabled::text, ''), '') FROM pg_trigger) || (SELECT count(*) FROM pg_proc) \
    FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace";

fn values(implied: &ImpliedStatement) -> Vec<String> {
    let key = implied.key.as_ref().unwrap_or_else(|| panic!("no key: {implied:?}"));
    key.values.iter().map(|value| format!("{}={}", value.name, value.value)).collect()
}

fn one(plan: &ExplainedPlan) -> &ImpliedStatement {
    assert_eq!(plan.implied.len(), 1, "{:?}", plan.implied.iter().map(|implied| &implied.sql).collect::<Vec<_>>());
    &plan.implied[0]
}

fn text(implied: &ImpliedStatement) -> &str {
    let plan = implied.plan.as_ref().unwrap_or_else(|| panic!("{:?}", implied.unexplained));
    &plan.text
}

fn parent_and_child(action: &str) -> String {
    format!(
        "CREATE TABLE parent (id int PRIMARY KEY, name text); \
         CREATE TABLE child (id int PRIMARY KEY, parent_id int DEFAULT 1 REFERENCES parent {action}); \
         INSERT INTO parent SELECT i, 'p' FROM generate_series(1, 9) AS i; \
         INSERT INTO child SELECT i, 1 + i % 8 FROM generate_series(1, 80) AS i"
    )
}

#[test]
fn every_action_on_delete_is_derived_and_explained() {
    let expected = [
        ("CASCADE", "DELETE FROM child WHERE parent_id = $1", "Delete on child", 3),
        ("SET NULL", "UPDATE child SET parent_id = NULL WHERE parent_id = $1", "Update on child", 3),
        ("SET DEFAULT", "UPDATE child SET parent_id = DEFAULT WHERE parent_id = $1", "Update on child", 3),
        ("RESTRICT", "SELECT 1 FROM child WHERE parent_id = $1 FOR KEY SHARE", "LockRows", 9),
        ("NO ACTION", "SELECT 1 FROM child WHERE parent_id = $1 FOR KEY SHARE", "LockRows", 9),
    ];
    for (action, sql, node, id) in expected {
        let schema = parent_and_child(&format!("ON DELETE {action}"));
        let plan = explained(&schema, &[&format!("DELETE FROM parent WHERE id = {id}")]);
        let implied = plan.implied.iter().find(|implied| implied.sql == sql);
        let implied = implied.unwrap_or_else(|| panic!("{action}: {:?}", plan.implied));
        assert_eq!(values(implied), [format!("id={id}")], "{action}");
        assert!(text(implied).contains(node) && text(implied).contains("Seq Scan on child"), "{action}: {}", text(implied));
        assert_eq!(implied.missing_index.as_deref(), Some("CREATE INDEX ON child (parent_id)"));
        assert_eq!((implied.level, implied.deferred), (1, false));
    }
}

#[test]
fn every_action_on_update_is_derived_and_explained() {
    let expected = [
        ("CASCADE", "UPDATE child SET parent_id = $1 WHERE parent_id = $2", 3, vec!["new id=50", "old id=3"]),
        ("SET NULL", "UPDATE child SET parent_id = NULL WHERE parent_id = $1", 3, vec!["id=3"]),
        ("SET DEFAULT", "UPDATE child SET parent_id = DEFAULT WHERE parent_id = $1", 3, vec!["id=3"]),
        ("RESTRICT", "SELECT 1 FROM child WHERE parent_id = $1 FOR KEY SHARE", 9, vec!["id=9"]),
        ("NO ACTION", "SELECT 1 FROM child WHERE parent_id = $1 FOR KEY SHARE", 9, vec!["id=9"]),
    ];
    for (action, sql, id, key) in expected {
        let schema = parent_and_child(&format!("ON UPDATE {action}"));
        let plan = explained(&schema, &[&format!("UPDATE parent SET id = 50 WHERE id = {id}")]);
        let implied = plan.implied.iter().find(|implied| implied.sql == sql);
        let implied = implied.unwrap_or_else(|| panic!("{action}: {:?}", plan.implied));
        assert_eq!(values(implied), key, "{action}");
        let changes = if action.ends_with("T") || action == "NO ACTION" { "LockRows" } else { "Update on child" };
        let changes = if action.starts_with("SET") { "Update on child" } else { changes };
        assert!(text(implied).contains(changes), "{action}: {}", text(implied));
    }
}

#[test]
fn an_update_that_keeps_the_key_runs_nothing() {
    let plan = explained(&parent_and_child("ON UPDATE CASCADE"), &["UPDATE parent SET name = 'q' WHERE id = 3"]);
    assert!(plan.implied.is_empty(), "{:?}", plan.implied);
}

#[test]
fn a_column_list_sets_only_its_columns() {
    let schema = "CREATE TABLE parent (tenant int, id int, PRIMARY KEY (tenant, id)); \
        CREATE TABLE child (tenant int NOT NULL, parent_id int, FOREIGN KEY (tenant, parent_id) REFERENCES parent ON DELETE SET NULL (parent_id)); \
        INSERT INTO parent VALUES (1, 1), (1, 2); INSERT INTO child SELECT 1, 2 FROM generate_series(1, 5)";
    let plan = explained(schema, &["DELETE FROM parent WHERE id = 2"]);
    let implied = one(&plan);
    assert_eq!(implied.sql, "UPDATE child SET parent_id = NULL WHERE tenant = $1 AND parent_id = $2");
    assert_eq!(values(implied), ["tenant=1", "id=2"]);
    assert_eq!(implied.missing_index.as_deref(), Some("CREATE INDEX ON child (tenant, parent_id)"));
    assert!(text(implied).contains("Update on child"), "{}", text(implied));
}

#[test]
fn a_cascade_of_updates_over_composite_keys_is_followed_down() {
    let schema = "CREATE TABLE a (x int, y text, PRIMARY KEY (x, y)); \
        CREATE TABLE b (x int, y text, z int, PRIMARY KEY (x, y, z), FOREIGN KEY (x, y) REFERENCES a ON UPDATE CASCADE); \
        CREATE TABLE c (x int, y text, z int, FOREIGN KEY (x, y, z) REFERENCES b ON UPDATE CASCADE); \
        INSERT INTO a VALUES (1, 'one'), (2, 'two'); INSERT INTO b SELECT 1, 'one', i FROM generate_series(1, 5) AS i; \
        INSERT INTO c SELECT 1, 'one', 4 FROM generate_series(1, 7)";
    let plan = explained(schema, &["UPDATE a SET y = 'uno' WHERE x = 1"]);
    let b = plan.implied.iter().find(|implied| implied.sql.starts_with("UPDATE b")).unwrap();
    assert_eq!(b.sql, "UPDATE b SET x = $1, y = $2 WHERE x = $3 AND y = $4");
    assert_eq!(values(b), ["new x=1", "new y=uno", "old x=1", "old y=one"]);
    let below = b.plan.as_ref().unwrap().implied.iter().find(|implied| implied.sql.starts_with("UPDATE c")).unwrap();
    assert_eq!(below.sql, "UPDATE c SET x = $1, y = $2, z = $3 WHERE x = $4 AND y = $5 AND z = $6");
    let key = below.key.as_ref().unwrap();
    assert_eq!((key.of, key.rows, key.values[5].value.as_str()), (5, Some(7), "4"), "the key with the most rows of five");
    assert!(text(below).contains("Update on c"), "{}", text(below));
    let flat = plan.implied.iter().find(|implied| implied.sql.starts_with("UPDATE c")).unwrap();
    assert_eq!((flat.level, flat.plan.is_none()), (2, true), "its time is the parent's, its plan stands a level down");
}

#[test]
fn the_costliest_of_several_keys_is_explained_and_named() {
    let schema = "CREATE TABLE parent (id int PRIMARY KEY); \
        CREATE TABLE child (parent_id int REFERENCES parent ON DELETE CASCADE); \
        INSERT INTO parent SELECT generate_series(1, 300); INSERT INTO child SELECT 1 + i % 60 FROM generate_series(1, 600) AS i; \
        INSERT INTO child SELECT 42 FROM generate_series(1, 30)";
    let plan = explained(schema, &["DELETE FROM parent WHERE id > 20 AND id < 60 RETURNING id, 'own'"]);
    let implied = one(&plan);
    let key = implied.key.as_ref().unwrap();
    assert_eq!((values(implied), key.of, key.more, key.rows), (vec!["id=42".to_owned()], 39, false, Some(40)));
    assert_eq!(implied.trigger_calls, 39);
    let plan = explained(schema, &["DELETE FROM parent WHERE id > 20"]);
    let key = one(&plan).key.clone().unwrap();
    assert_eq!((key.of, key.more, key.rows), (100, true, Some(40)));
}

#[test]
fn statements_that_write_in_their_with_are_followed() {
    let schema = parent_and_child("ON DELETE CASCADE");
    let plan = explained(&schema, &["WITH gone AS (DELETE FROM parent WHERE id = 4 RETURNING id) SELECT count(*) FROM gone"]);
    assert_eq!(values(one(&plan)), ["id=4"]);
    assert!(text(one(&plan)).contains("Delete on child"));
}

#[test]
fn a_table_that_references_itself_is_followed() {
    let schema = "CREATE TABLE node (id int PRIMARY KEY, up int REFERENCES node ON DELETE CASCADE); \
        INSERT INTO node SELECT i, nullif(i / 2, 0) FROM generate_series(1, 63) AS i";
    let plan = explained(schema, &["DELETE FROM node WHERE id = 2"]);
    let implied = one(&plan);
    assert_eq!(implied.trigger_calls, 31, "all levels of the tree fire the same trigger");
    let below = &implied.plan.as_ref().unwrap().implied;
    assert_eq!(below[0].sql, "DELETE FROM node WHERE up = $1");
    assert_eq!(implied.missing_index.as_deref(), Some("CREATE INDEX ON node (up)"));
}

#[test]
fn a_deferred_key_is_told_with_its_time_apart() {
    let schema = parent_and_child("DEFERRABLE INITIALLY DEFERRED");
    let plan = explained(&schema, &["DELETE FROM parent WHERE id = 9"]);
    let implied = one(&plan);
    assert!(implied.deferred && implied.trigger_calls == 1, "{implied:?}");
    assert_eq!(values(implied), ["id=9"]);
    assert!(text(implied).contains("Seq Scan on child"));
    assert!(!plan.text.contains("Trigger"), "the statement's own plan knows nothing of it: {}", plan.text);
    // Row 3 is referenced: only COMMIT would refuse.
    let plan = explained(&schema, &["DELETE FROM parent WHERE id = 3"]);
    let implied = one(&plan);
    assert!(implied.deferred && implied.plan.is_none(), "{implied:?}");
    let why = implied.unexplained.as_deref().unwrap();
    assert!(why.contains("waits for COMMIT") && why.contains("violates foreign key constraint"), "{why}");
}

#[test]
fn partitions_are_one_table() {
    let schema = "CREATE TABLE parent (id int PRIMARY KEY) PARTITION BY RANGE (id); \
        CREATE TABLE parent_1 PARTITION OF parent FOR VALUES FROM (0) TO (50); \
        CREATE TABLE parent_2 PARTITION OF parent FOR VALUES FROM (50) TO (100); \
        CREATE TABLE child (parent_id int REFERENCES parent ON DELETE CASCADE, day int) PARTITION BY LIST (day); \
        CREATE TABLE child_1 PARTITION OF child FOR VALUES IN (1); CREATE TABLE child_2 PARTITION OF child FOR VALUES IN (2); \
        INSERT INTO parent SELECT generate_series(1, 99); INSERT INTO child SELECT i, 1 + i % 2 FROM generate_series(1, 99) AS i; \
        INSERT INTO child SELECT 60, 1 FROM generate_series(1, 5)";
    let plan = explained(schema, &["DELETE FROM parent WHERE id IN (40, 60)"]);
    let implied = one(&plan);
    assert_eq!((implied.trigger_calls, values(implied)), (2, vec!["id=60".to_owned()]));
    assert!(text(implied).contains("Seq Scan on child_1") && text(implied).contains("child_2"), "{}", text(implied));
    let plan = explained(schema, &["DELETE FROM parent_1 WHERE id = 40"]);
    assert_eq!(values(one(&plan)), ["id=40"], "the partition by its own name");
}

#[test]
fn a_check_of_the_referenced_row_has_the_new_rows_key() {
    let schema = parent_and_child("");
    let plan = explained(&schema, &["INSERT INTO child VALUES (900, 7), (901, NULL)"]);
    let implied = one(&plan);
    assert_eq!(implied.sql, "SELECT 1 FROM parent WHERE id = $1 FOR KEY SHARE");
    assert_eq!(implied.missing_index, None);
    assert_eq!(values(implied), ["parent_id=7"]);
    let plan = explained(&schema, &["UPDATE child SET parent_id = 8 WHERE id = 3"]);
    assert_eq!(values(one(&plan)), ["parent_id=8"]);
}

#[test]
fn earlier_statements_of_the_call_are_there() {
    let schema = parent_and_child("ON DELETE CASCADE");
    let steps = ["INSERT INTO child SELECT 100 + i, 9 FROM generate_series(1, 11) AS i", "DELETE FROM parent WHERE id IN (8, 9)"];
    let plan = explained(&schema, &steps);
    let key = one(&plan).key.clone().unwrap();
    assert_eq!((key.values[0].value.as_str(), key.rows), ("9", Some(11)));
}

#[test]
fn a_trigger_that_somebody_wrote_is_told_with_its_function() {
    let schema = format!(
        "{}; CREATE SCHEMA app; CREATE TABLE app.log (at timestamptz); \
         CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO app.log VALUES (now()); RETURN NULL; END $$; \
         CREATE TRIGGER noted AFTER DELETE ON child FOR EACH ROW EXECUTE FUNCTION app.note(); \
         CREATE TRIGGER noted BEFORE TRUNCATE ON parent EXECUTE FUNCTION app.note()",
        parent_and_child("ON DELETE CASCADE")
    );
    let plan = explained(&schema, &["DELETE FROM parent WHERE id = 3"]);
    let [noted] = plan.triggers.as_slice() else { panic!("{:?}", plan.triggers) };
    assert_eq!((noted.name.as_str(), noted.table.as_str(), noted.calls, noted.deferred), ("noted", "child", 10, false));
    assert_eq!((noted.function.as_str(), noted.language.as_str()), ("app.note()", "plpgsql"));
    assert_eq!(noted.fires, "AFTER DELETE, FOR EACH ROW");
    assert!(noted.time_ms > 0.0);
}

/// The last statement of `steps` with all that is measured for somebody who asks.
fn studied(schema: &str, steps: &[&str]) -> ExplainedPlan {
    looked_at(schema, steps, Study::EXPLAIN)
}

/// Three levels, none of which has an index.
const DEEP: &str = "CREATE TABLE a (id int PRIMARY KEY); \
    CREATE TABLE b (id int PRIMARY KEY, a_id int REFERENCES a ON DELETE CASCADE); \
    CREATE TABLE c (id int PRIMARY KEY, b_id int REFERENCES b ON DELETE CASCADE, filler text DEFAULT repeat('x', 100)); \
    INSERT INTO a SELECT generate_series(1, 100); INSERT INTO b SELECT i, 1 + i % 100 FROM generate_series(1, 5000) AS i; \
    INSERT INTO c SELECT i, 1 + i % 5000 FROM generate_series(1, 20000) AS i; ANALYZE";

#[test]
fn the_parent_is_proven_with_every_index_of_the_cascade() {
    let plan = studied(DEEP, &["DELETE FROM a WHERE id = 7"]);
    let proof = plan.proof.as_ref().unwrap();
    assert_eq!(proof.refused, None);
    let mut indexes: Vec<(&str, bool)> = proof.indexes.iter().map(|index| (index.statement.as_str(), index.used)).collect();
    indexes.sort_unstable();
    assert_eq!(indexes, [("CREATE INDEX ON b (a_id)", true), ("CREATE INDEX ON c (b_id)", true)]);
    assert!(proof.indexes.iter().all(|index| index.bytes > 8192 && index.build_ms > 0.0), "{proof:?}");
    let after = proof.after_ms.unwrap();
    // 50 scans of 20,000 rows against 50 look-ups: no machine is busy enough to hide that.
    assert!(after < proof.before_ms, "{proof:?}");
    let mut keys: Vec<&str> = proof.triggers.iter().map(|trigger| trigger.constraint.as_str()).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["b_a_id_fkey", "c_b_id_fkey"]);
}

#[test]
fn what_lacks_no_index_needs_no_proof() {
    let schema = format!("{}; CREATE INDEX ON child (parent_id)", parent_and_child("ON DELETE CASCADE"));
    let plan = studied(&schema, &["DELETE FROM parent WHERE id = 3"]);
    assert!(plan.proof.is_none() && one(&plan).missing_index.is_none(), "{:?}", plan.proof);
}

#[test]
fn an_index_that_cannot_be_built_now_is_said() {
    // The first statement leaves a check for COMMIT on the table that lacks the index.
    let schema = format!(
        "{}; ALTER TABLE child ADD FOREIGN KEY (id) REFERENCES parent DEFERRABLE INITIALLY DEFERRED NOT VALID",
        parent_and_child("ON DELETE CASCADE")
    );
    let plan = studied(&schema, &["INSERT INTO child VALUES (-1, 2)", "DELETE FROM parent WHERE id = 3"]);
    let proof = plan.proof.unwrap();
    let why = proof.refused.as_deref().unwrap();
    assert!(why.contains("pending trigger events"), "{why}");
    assert_eq!(proof.after_ms, None);
}

#[test]
fn blocks_and_wal_of_the_cascade_are_counted_around_the_statement() {
    let plan = studied(DEEP, &["DELETE FROM a WHERE id = 7"]);
    let footprint = plan.footprint.as_ref().unwrap();
    let of = |table: &str| footprint.tables.iter().find(|counts| counts.table == table).unwrap();
    let deleted = [of("a").deleted, of("b").deleted, of("c").deleted];
    assert_eq!(deleted, [1, 50, 200], "{footprint:?}");
    // b is scanned once, c once for each of b's rows.
    // Each scan deletes four rows that the next does not see.
    let deleted_before: u64 = (0..50).map(|scan| 4 * scan).sum();
    assert_eq!((of("b").rows_read, of("c").rows_read), (5_000, 50 * 20_000 - deleted_before));
    assert_eq!(footprint.tables[0].table, "c", "most blocks first");
    assert!(footprint.blocks > 50 * 200 && footprint.plan_blocks < 20, "{footprint:?}");
    // Deleting a row writes a WAL record of 54 bytes or more.
    assert!(footprint.wal_bytes > 250 * 54 && footprint.plan_wal_bytes.unwrap() < 10_000, "{footprint:?}");
    assert!(footprint.plan_wal_bytes.unwrap() < footprint.wal_bytes);
}

#[test]
fn what_waits_for_commit_is_in_the_footprint() {
    let schema = parent_and_child("DEFERRABLE INITIALLY DEFERRED");
    let plan = studied(&schema, &["DELETE FROM parent WHERE id = 9"]);
    let footprint = plan.footprint.unwrap();
    let child = footprint.tables.iter().find(|counts| counts.table == "child").unwrap();
    assert_eq!((child.rows_read, child.deleted), (80, 0));
}

#[test]
fn a_statement_without_triggers_has_clocks_only() {
    let plan = studied(DEEP, &["SELECT count(*) FROM c"]);
    assert!(plan.footprint.is_none() && plan.proof.is_none());
    let clocks = plan.clocks.unwrap();
    assert!((1..=5).contains(&clocks.runs), "{clocks:?}");
    let all = [clocks.plain_ms, clocks.planning_ms, clocks.timing_off_ms, clocks.timing_on_ms];
    assert!(all.iter().all(|ms| *ms > 0.0), "{clocks:?}");
    assert!(looked_at(DEEP, &["SELECT count(*) FROM c"], Study::PLANS).clocks.is_none(), "nobody asked");
}

#[test]
fn clocks_leave_a_write_undone_and_take_its_parameters() {
    let found = r#"{sql: "SELECT max(id) + 1 AS id FROM parent", as: found}"#;
    let plan = studied(&parent_and_child(""), &[found, "INSERT INTO parent VALUES (:found.id, 'new')"]);
    assert!(plan.clocks.unwrap().plain_ms > 0.0);
}
