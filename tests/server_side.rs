//! What the server says about known statements.

mod common;

use common::TestDatabase;
use perflab::bench::live::Stop;
use perflab::bench::{Workload, server_side};
use perflab::db::{Connection, Target};
use perflab::report::model::{ServerSide, Touched};
use tokio::sync::Mutex;

/// A thousand rows in pages with room for updates that need no index entry, and for those that do.
const SCHEMA: &str = "
CREATE TABLE item (id bigint PRIMARY KEY, kind int NOT NULL, note text NOT NULL) WITH (fillfactor = 50);
CREATE INDEX item_kind ON item (kind);
CREATE TABLE part (id bigint PRIMARY KEY, item_id bigint NOT NULL);
INSERT INTO item SELECT i, i, 'note ' || i FROM generate_series(1, 1000) AS i;
INSERT INTO part SELECT i, i % 1000 + 1 FROM generate_series(1, 4000) AS i;
CREATE INDEX part_item ON part (item_id);
";

/// WAL is counted for the whole server, so one test at a time writes any.
static ALONE: Mutex<()> = Mutex::const_new(());

async fn measured(endpoints: &str) -> Vec<ServerSide> {
    let _alone = ALONE.lock().await;
    let database = TestDatabase::new();
    let target = Target::parse(&database.url).unwrap();
    let mut connection = Connection::open(&target).await.unwrap();
    connection.batch(SCHEMA).await.unwrap();
    connection.batch("VACUUM ANALYZE").await.unwrap();
    let workload = Workload::bind(&common::shop::scenario(endpoints), &mut connection).await.unwrap();
    connection.close().await;
    let found = server_side::measure(&workload, &target, &Stop::default(), &mut |_| {}).await.unwrap();
    found.into_iter().map(Option::unwrap).collect()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

#[test]
fn rows_read_are_exact() {
    let found = block_on(measured(
        r#"
  - {route: GET /all, sql: "SELECT count(*) FROM item WHERE note <> 'x'"}
  - route: GET /one
    params: {sample: "SELECT id FROM item"}
    sql: SELECT note FROM item WHERE id = :id
  - route: GET /parts
    params: {sample: "SELECT id FROM item"}
    sql: SELECT id FROM part WHERE item_id = :id
"#,
    ));
    let read: Vec<(f64, f64)> = found.iter().map(|side| (side.touched.rows_read, side.touched.rows_returned)).collect();
    assert_eq!(read, [(1000.0, 1.0), (1.0, 1.0), (4.0, 4.0)]);
    for side in &found {
        assert_eq!((side.touched.wal_bytes, side.touched.temp_bytes), (0.0, Some(0.0)), "{side:?}");
        assert_eq!(side.touched.blocks_read, 0.0, "what only reads is counted warm: {side:?}");
        assert!(side.touched.blocks_hit >= 2.0 && side.calls == 100, "{side:?}");
        assert!(side.server_ms.is_some_and(|server| server > 0.0 && server <= side.client_ms), "{side:?}");
    }
}

#[test]
fn updates_are_told_apart_by_the_index_entries_they_need() {
    let found = block_on(measured(
        r#"
  - route: POST /note
    params: {sample: "SELECT id FROM item"}
    sql: UPDATE item SET note = 'new' WHERE id = :id
  - route: POST /kind
    params: {sample: "SELECT id FROM item"}
    sql: UPDATE item SET kind = kind + 1 WHERE id = :id
"#,
    ));
    let updated: Vec<(f64, f64)> = found.iter().map(|side| (side.touched.rows_updated, side.touched.rows_updated_hot)).collect();
    assert_eq!(updated, [(1.0, 1.0), (1.0, 0.0)]);
    let wal = |place: usize| found[place].touched.wal_bytes;
    assert!(wal(0) > 0.0 && wal(1) > wal(0), "an index entry more is WAL more: {} and {}", wal(0), wal(1));
}

#[test]
fn what_spills_and_what_is_inserted_is_seen() {
    let found = block_on(measured(
        r#"
  - route: GET /sorted
    steps:
      - "SET LOCAL work_mem = '64kB'"
      - "SELECT id FROM (SELECT id FROM part ORDER BY md5(id::text) OFFSET 0) AS sorted"
  - {route: POST /part, sql: "INSERT INTO part SELECT max(id) + 1, 1 FROM part"}
"#,
    ));
    assert!(found[0].touched.temp_bytes.is_some_and(|bytes| bytes > 65_536.0), "{:?}", found[0]);
    assert!((40.0..8192.0).contains(&found[1].touched.wal_bytes), "{:?}", found[1].touched);
}

#[test]
fn a_loop_of_queries_is_named_with_its_cost() {
    let found = block_on(measured(
        r#"
  - route: GET /item-with-parts
    params: {sample: "SELECT id FROM item"}
    steps:
      - {sql: SELECT id FROM part WHERE item_id = :id, as: parts}
      - {sql: SELECT item_id FROM part WHERE id = :parts.id, for_each: parts}
  - {route: GET /plain, sql: SELECT 1}
"#,
    ));
    let loop_of = found[0].n_plus_one.as_ref().unwrap();
    assert_eq!((loop_of.step, loop_of.runs_per_call), (2, 4.0));
    assert!(loop_of.costs_ms > 0.0 && loop_of.costs_ms < found[0].client_ms, "{:?}", found[0]);
    assert!(loop_of.sentence.contains("once for each row of statement 1"), "{}", loop_of.sentence);
    assert_eq!(found[1].n_plus_one, None);
}

#[test]
fn waiting_is_told_from_working() {
    let found = block_on(measured(
        r#"
  - {route: GET /sleep, sql: "SELECT pg_sleep(0.02)::text"}
  - {route: GET /work, sql: "SELECT count(*) FROM generate_series(1, 100000) AS i"}
"#,
    ));
    let largest = |place: usize| found[place].shares[0].what.as_str();
    assert_eq!(largest(0), "sleeping", "{found:?}");
    // On a machine with other things to do, work waits for a processor longer than it has one.
    assert!(["CPU", "run queue"].contains(&largest(1)), "{found:?}");
    assert_eq!(found[0].shares[0].events, ["Timeout:PgSleep"]);
    assert!(found.iter().all(|side| (side.shares.iter().map(|share| share.share).sum::<f64>() - 1.0).abs() < 1e-9), "{found:?}");
}

#[test]
fn the_same_rows_give_the_same_counts() {
    let endpoints = r#"
  - route: GET /parts
    params: {sample: "SELECT id FROM item", pick: {zipf: 1.1}}
    steps:
      - {sql: SELECT id FROM part WHERE item_id <= :id, as: parts}
      - {sql: SELECT count(*) FROM item WHERE id > :id}
  - route: POST /kind
    params: {sample: "SELECT id FROM item"}
    sql: UPDATE item SET kind = kind + 1 WHERE id = :id
  - route: POST /delete
    params: {sample: "SELECT id FROM item"}
    steps:
      - DELETE FROM part WHERE item_id = :id
      - DELETE FROM item WHERE id = :id
"#;
    let counts =
        || -> Vec<(u64, Touched)> { block_on(measured(endpoints)).into_iter().map(|side| (side.calls, side.touched)).collect() };
    for ((calls, one), (calls_again, other)) in counts().into_iter().zip(counts()) {
        assert_eq!(calls, calls_again);
        assert_eq!((one.rows_read, one.rows_returned, one.blocks()), (other.rows_read, other.rows_returned, other.blocks()));
        assert_eq!((one.rows_updated, one.rows_updated_hot), (other.rows_updated, other.rows_updated_hot));
        // Pages' headers fall where they may.
        assert!((one.wal_bytes - other.wal_bytes).abs() <= one.wal_bytes * 0.05, "{one:?} {other:?}");
    }
}
