//! What foreign keys run behind statements: each action for DELETE and UPDATE, and the shapes in which they come.

mod common;

use common::{TestDatabase, shop};
use perflab::bench::Workload;
use perflab::db::{Connection, Target, read_catalog};
use perflab::explain::endpoint::explain_call;
use perflab::report::model::{ExplainedPlan, ImpliedStatement};

/// The plan of the last statement of `steps` on a database that `schema` made.
fn explained(schema: &str, steps: &[&str]) -> ExplainedPlan {
    let database = TestDatabase::new();
    let target = Target::parse(&database.url).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut connection = Connection::open(&target).await.unwrap();
        connection.batch(schema).await.unwrap();
        let catalog = read_catalog(&mut connection).await.unwrap();
        let steps: Vec<String> = steps.iter().map(|step| format!("      - {}\n", serde_json::to_string(step).unwrap())).collect();
        let scenario = shop::scenario(&format!("  - route: POST /it\n    steps:\n{}", steps.join("")));
        let workload = Workload::bind(&scenario, &mut connection).await.unwrap();
        let draw = workload.endpoints[0].draws.draw(0).unwrap();
        let (before,): (String,) = connection.row(CONTENTS).await.unwrap();
        let mut plans = explain_call(&mut connection, &catalog, &workload.endpoints[0], &draw).await.unwrap();
        let (after,): (String,) = connection.row(CONTENTS).await.unwrap();
        assert_eq!(before, after, "explaining changes nothing and leaves nothing behind");
        connection.close().await;
        assert_eq!(plans.len(), steps.len(), "every statement is explained");
        plans.pop().unwrap().explained
    })
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
    let b = plan.implied.iter().find(|implied| implied.table == "b" && implied.level == 1).unwrap();
    assert_eq!(b.sql, "UPDATE b SET x = $1, y = $2 WHERE x = $3 AND y = $4");
    assert_eq!(values(b), ["new x=1", "new y=uno", "old x=1", "old y=one"]);
    let below = b.plan.as_ref().unwrap().implied.iter().find(|implied| implied.table == "c").unwrap();
    assert_eq!(below.sql, "UPDATE c SET x = $1, y = $2, z = $3 WHERE x = $4 AND y = $5 AND z = $6");
    let key = below.key.as_ref().unwrap();
    assert_eq!((key.of, key.rows, key.values[5].value.as_str()), (5, Some(7), "4"), "the key with the most rows of five");
    assert!(text(below).contains("Update on c"), "{}", text(below));
    let flat = plan.implied.iter().find(|implied| implied.table == "c").unwrap();
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
