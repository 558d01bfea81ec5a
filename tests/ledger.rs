//! What indexes cost those who write, and which of a schema's indexes may go, on a real server.

mod common;

use common::{TestDatabase, shop};
use perflab::advise::candidate::Candidate;
use perflab::advise::drops::drops;
use perflab::advise::ledger::{ledgers, verdict};
use perflab::advise::trial::{ABLATION, Built, build, timed};
use perflab::bench::Workload;
use perflab::db::{Connection, Target, read_catalog};
use perflab::report::model::{DroppedAdvice, Ledger, LedgerWrite, Served};
use perflab::scenario::model::AdviseOptions;

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// A shop with more to it: half-empty pages, so that updates may be heap-only, a trigger that writes, and what a foreign key sets.
const MORE: &str = "
CREATE TABLE item (id bigint PRIMARY KEY, name text NOT NULL, stock int NOT NULL) WITH (fillfactor = 50);
CREATE TABLE log (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, item_id bigint NOT NULL, at timestamptz NOT NULL DEFAULT now());
INSERT INTO item SELECT i, 'item ' || i, i % 100 FROM generate_series(1, 5000) AS i;
INSERT INTO log (item_id) SELECT 1 + i % 5000 FROM generate_series(1, 20000) AS i;
CREATE FUNCTION logged() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO log (item_id) VALUES (NEW.id); RETURN NEW; END$$;
CREATE TRIGGER logged AFTER INSERT ON item FOR EACH ROW EXECUTE FUNCTION logged();
";

struct Lab {
    _database: TestDatabase,
    target: Target,
    workload: Workload,
}

/// The shop with `schema` on top and these endpoints.
async fn lab(schema: &str, endpoints: &str) -> Lab {
    let database = TestDatabase::new();
    let target = Target::parse(&database.url).unwrap();
    shop::fill(&target).await;
    let mut connection = Connection::open(&target).await.unwrap();
    connection.batch(schema).await.unwrap();
    connection.batch("VACUUM ANALYZE").await.unwrap();
    let workload = Workload::bind(&shop::scenario(endpoints), &mut connection).await.unwrap();
    connection.close().await;
    Lab { _database: database, target, workload }
}

async fn built(lab: &Lab, table: &str, columns: &[&str]) -> Built {
    let mut connection = Connection::open(&lab.target).await.unwrap();
    let catalog = read_catalog(&mut connection).await.unwrap();
    let columns: Vec<String> = columns.iter().map(|column| (*column).to_owned()).collect();
    let candidate = Candidate::btree(&catalog.find(table).unwrap().name, &columns, "why".into());
    let built = build(&mut connection, &candidate, &candidate.name(&|_| false)).await.unwrap();
    connection.close().await;
    built
}

async fn ledger(lab: &Lab, index: &Built, served: &[Served]) -> Ledger {
    ledgers(&lab.target, &lab.workload, &[(index.clone(), served.to_vec())]).await.unwrap().remove(0)
}

fn line<'a>(ledger: &'a Ledger, label: &str) -> &'a LedgerWrite {
    ledger.writes.iter().find(|write| write.label == label).unwrap_or_else(|| panic!("no {label} in {ledger:?}"))
}

/// Rows that an index-only scan looks up in the table, because their page is not known to be visible to all.
async fn heap_fetches(connection: &mut Connection) -> u64 {
    let mut plan = String::new();
    connection.batch("SET enable_seqscan = off; SET enable_bitmapscan = off").await.unwrap();
    let lines = connection.rows("EXPLAIN (ANALYZE, COSTS OFF) SELECT count(id) FROM item WHERE id > 0").await.unwrap();
    lines.into_iter().for_each(|(line,): (String,)| plan.push_str(&format!("{line}\n")));
    let (_, fetches) = plan.split_once("Heap Fetches: ").unwrap_or_else(|| panic!("no index-only scan: {plan}"));
    fetches.split_whitespace().next().unwrap().parse().unwrap()
}

#[test]
fn what_was_written_on_trial_slows_no_index_only_scan_after_it() {
    block_on(async {
        let lab = lab(
            MORE,
            r#"
  - route: POST /away
    params: {sample: "SELECT id FROM item"}
    sql: DELETE FROM item WHERE id % 10 = :id % 10
"#,
        )
        .await;
        let draws: Vec<_> = (0..3).filter_map(|call| lab.workload.endpoints[0].draws.draw(call)).collect();
        let times = timed(&lab.target, &lab.workload, 0, &draws, &[], ABLATION).await.unwrap();
        let mut connection = Connection::open(&lab.target).await.unwrap();
        let fetches = heap_fetches(&mut connection).await;
        connection.close().await;
        assert_eq!((times.len() >= ABLATION.least, fetches), (true, 0));
    });
}

#[test]
fn those_who_write_pay_and_others_have_no_line() {
    block_on(async {
        let lab = lab(
            MORE,
            r#"
  - route: GET /item
    params: {sample: "SELECT id FROM item"}
    sql: SELECT name FROM item WHERE id = :id
  - route: POST /item
    weight: 3
    sql: "INSERT INTO item SELECT max(id) + 1, 'new', 1 FROM item"
  - route: POST /name
    params: {sample: "SELECT id FROM item"}
    sql: UPDATE item SET name = name || '!' WHERE id = :id
  - route: POST /stock
    params: {sample: "SELECT id FROM item"}
    sql: "WITH sold AS (UPDATE item SET stock = stock + 1 WHERE id = :id RETURNING id) SELECT id FROM sold"
  - route: POST /away
    params: {sample: "SELECT id FROM item"}
    sql: DELETE FROM item WHERE id = :id
  - route: POST /purchase
    sql: "INSERT INTO purchase SELECT max(id) + 1, 1, true FROM purchase"
"#,
        )
        .await;
        let stock = built(&lab, "item", &["stock"]).await;
        let found = ledger(&lab, &stock, &[]).await;
        let labels: Vec<&str> = found.writes.iter().map(|write| write.label.as_str()).collect();
        assert_eq!(labels, ["POST /item", "POST /name", "POST /stock", "POST /away"], "{found:?}");
        let inserts = line(&found, "POST /item");
        assert!(inserts.wal_bytes > 20.0 && inserts.wal_bytes < 1000.0 && inserts.cost_ms >= 0.0, "{inserts:?}");
        assert!((inserts.share - 3.0 / 8.0).abs() < 1e-9, "{inserts:?}");
        // Another column's update stays heap-only; that of the indexed column no longer is.
        let name = line(&found, "POST /name");
        assert!(name.hot_lost == 0.0 && name.cost_ms == 0.0 && name.wal_bytes == 0.0 && !name.note.is_empty(), "{name:?}");
        let updates = line(&found, "POST /stock");
        assert!(updates.hot_lost > 0.7 && updates.hot_lost <= 1.0, "{updates:?}");
        assert!(updates.wal_bytes > 20.0, "{updates:?}");
        let deletes = line(&found, "POST /away");
        assert!(deletes.cost_ms == 0.0 && deletes.wal_bytes == 0.0 && deletes.note.contains("VACUUM"), "{deletes:?}");
        assert!(found.net_ms <= 0.0 && found.lock_ms > 0.0, "{found:?}");
    });
}

#[test]
fn what_triggers_and_foreign_keys_write_is_paid_by_the_endpoint_behind_which_they_do() {
    block_on(async {
        let lab = lab(
            MORE,
            r#"
  - {route: POST /item, sql: "INSERT INTO item SELECT max(id) + 1, 'new', 1 FROM item"}
  - route: POST /purchase/delete
    params: {sample: "SELECT id FROM purchase"}
    sql: DELETE FROM purchase WHERE id = :id
"#,
        )
        .await;
        let of_log = built(&lab, "log", &["item_id"]).await;
        let of_line = built(&lab, "line", &["purchase_id"]).await;
        let amount = built(&lab, "line", &["amount"]).await;
        let set = [(of_log, Vec::new()), (of_line, vec![gain("POST /purchase/delete", 0.1, 5.0)]), (amount, Vec::new())];
        let found = ledgers(&lab.target, &lab.workload, &set).await.unwrap();
        let log = line(&found[0], "POST /item");
        assert!(found[0].writes.len() == 1 && log.wal_bytes > 20.0 && log.cost_ms >= 0.0, "{log:?}");
        // It is read by the DELETE, whose gain was measured with the upkeep in it, and written when the foreign key sets NULL.
        let served = line(&found[1], "POST /purchase/delete");
        assert!(served.cost_ms == 0.0 && served.wal_bytes > 20.0 && !served.note.is_empty(), "{served:?}");
        assert!((found[1].net_ms - 1000.0 * 0.5 * 4.9).abs() < 1e-6, "{:?}", found[1]);
        let beside = line(&found[2], "POST /purchase/delete");
        assert!(beside.cost_ms >= 0.0 && beside.wal_bytes > 20.0, "{beside:?}");
    });
}

fn gain(label: &str, with_ms: f64, without_ms: f64) -> Served {
    Served { label: label.into(), with_ms, without_ms }
}

#[test]
fn an_index_that_wins_reads_and_loses_the_mix_is_refused_with_the_sum() {
    block_on(async {
        let lab = lab(
            MORE,
            r#"
  - route: GET /stock
    weight: 1
    sql: SELECT count(*) FROM item WHERE stock = 7
  - route: POST /items
    weight: 999
    sql: "INSERT INTO item SELECT m + i, 'new', i % 100 FROM generate_series(1, 500) AS i, (SELECT max(id) AS m FROM item) AS last"
"#,
        )
        .await;
        let stock = built(&lab, "item", &["stock"]).await;
        let loses = ledger(&lab, &stock, &[gain("GET /stock", 0.05, 0.5)]).await;
        let sum = verdict(&loses, 1.0, &AdviseOptions::default()).unwrap_err();
        assert!(sum.contains("gains 0.45 ms in 0.1% of the calls") && sum.contains("1,000 calls of the mix take"), "{sum}");
        assert!(loses.net_ms < 0.0, "{loses:?}");
        let wins = ledger(&lab, &stock, &[gain("GET /stock", 0.05, 500_000.0)]).await;
        assert_eq!(verdict(&wins, 1.0, &AdviseOptions::default()), Ok(()));
    });
}

async fn dropped(lab: &Lab, kept: &[Built]) -> (Vec<DroppedAdvice>, Vec<String>) {
    let mut connection = Connection::open(&lab.target).await.unwrap();
    let catalog = read_catalog(&mut connection).await.unwrap();
    connection.close().await;
    let typical = vec![0; lab.workload.endpoints.len()];
    drops(&lab.target, &lab.workload, &catalog, &typical, kept).await.unwrap()
}

fn names(found: &[DroppedAdvice]) -> Vec<&str> {
    found.iter().map(|dropped| dropped.name.as_str()).collect()
}

/// Reads purchases of a customer and adds one; never deletes a customer.
const PURCHASES: &str = r#"
  - route: GET /purchases
    params: {sample: "SELECT id FROM customer"}
    sql: SELECT id, paid FROM purchase WHERE customer_id = :id ORDER BY id DESC LIMIT 5
  - route: GET /count
    params: {sample: "SELECT id FROM customer"}
    sql: SELECT count(*) FROM purchase WHERE customer_id = :id
  - route: POST /purchase
    sql: "INSERT INTO purchase SELECT max(id) + 1, 1, true FROM purchase"
  - route: GET /lines
    params: {sample: "SELECT id AS low FROM line"}
    sql: SELECT sum(amount) FROM line WHERE id BETWEEN :low AND :low + 10
"#;

#[test]
fn doubles_prefixes_and_unused_indexes_may_go_and_readers_are_unhurt() {
    block_on(async {
        let lab = lab(
            "CREATE INDEX purchase_customer_idx ON purchase (customer_id); \
             CREATE INDEX purchase_latest_idx ON purchase (customer_id, id); \
             CREATE INDEX purchase_again_idx ON purchase (id); \
             CREATE INDEX purchase_paid_idx ON purchase (paid) WHERE paid; \
             CREATE INDEX line_amount_idx ON line (amount)",
            PURCHASES,
        )
        .await;
        let (found, notes) = dropped(&lab, &[]).await;
        assert_eq!(
            names(&found),
            ["line_amount_idx", "purchase_again_idx", "purchase_customer_idx", "purchase_paid_idx"],
            "{notes:?}"
        );
        let by_name = |name: &str| found.iter().find(|dropped| dropped.name == name).unwrap();
        let double = by_name("purchase_again_idx");
        assert!(double.reason.contains("a double of purchase_pkey (id)"), "{}", double.reason);
        let prefix = by_name("purchase_customer_idx");
        assert!(prefix.reason.starts_with("purchase_latest_idx (customer_id, id) begins with its keys"), "{}", prefix.reason);
        let unused = by_name("line_amount_idx");
        assert!(unused.reason.starts_with("none of the 4 endpoints looks into it"), "{}", unused.reason);
        assert!(unused.writes.is_empty() && unused.bytes > 0, "nobody writes lines: {unused:?}");
        for dropped in [double, prefix] {
            let paid = dropped.writes.iter().find(|write| write.label == "POST /purchase").unwrap();
            assert!(paid.wal_bytes > 20.0 && dropped.reason.contains("bytes of WAL"), "{dropped:?}");
            assert!(dropped.tried.iter().all(|share| share.without_ms < share.with_ms * 2.0 + 0.1), "{dropped:?}");
        }
        assert!(unused.definition.starts_with("CREATE INDEX line_amount_idx ON public.line"), "{}", unused.definition);
    });
}

#[test]
fn a_new_index_makes_a_narrower_one_superfluous_and_is_never_dropped_itself() {
    block_on(async {
        let lab = lab("CREATE INDEX purchase_customer_idx ON purchase (customer_id)", PURCHASES).await;
        assert_eq!(names(&dropped(&lab, &[]).await.0), Vec::<&str>::new(), "it is used");
        let latest = built(&lab, "purchase", &["customer_id", "id"]).await;
        let unused = built(&lab, "line", &["amount"]).await;
        let (found, _) = dropped(&lab, &[latest.clone(), unused]).await;
        assert_eq!(names(&found), ["purchase_customer_idx"]);
        assert!(found[0].reason.contains(&latest.name), "{}", found[0].reason);
    });
}

#[test]
fn a_used_index_goes_when_another_one_serves_its_endpoint_as_well() {
    block_on(async {
        let lab = lab(
            "CREATE INDEX purchase_all_idx ON purchase (customer_id, paid, id); \
             CREATE INDEX purchase_some_idx ON purchase (customer_id) WHERE id > 0",
            r#"
  - route: GET /some
    params: {sample: "SELECT id FROM customer"}
    sql: SELECT count(*) FROM purchase WHERE customer_id = :id AND id > 0
  - route: GET /paid
    params: {sample: "SELECT id FROM customer"}
    sql: SELECT count(*) FROM purchase WHERE customer_id = :id AND paid
"#,
        )
        .await;
        let (found, notes) = dropped(&lab, &[]).await;
        assert_eq!(names(&found), ["purchase_some_idx"], "{notes:?}");
        let reason = &found[0].reason;
        assert!(
            reason.starts_with("purchase_all_idx (customer_id, paid, id) serves its endpoints as well: GET /some takes"),
            "{reason}"
        );
        assert_eq!(found[0].tried.len(), 1);
    });
}

#[test]
fn what_only_a_delete_of_the_parent_would_need_stays_with_a_note() {
    block_on(async {
        let lab = lab("CREATE INDEX line_purchase_idx ON line (purchase_id)", PURCHASES).await;
        let (found, notes) = dropped(&lab, &[]).await;
        assert_eq!(names(&found), Vec::<&str>::new());
        assert!(notes.len() == 1 && notes[0].contains("a DELETE on purchase would look through all of line"), "{notes:?}");
        // Once another index leads to the rows, it is a double like any other.
        let wider = built(&lab, "line", &["purchase_id", "amount"]).await;
        assert_eq!(names(&dropped(&lab, &[wider]).await.0), ["line_purchase_idx"]);
    });
}

#[test]
fn an_index_that_only_a_cascade_looks_into_is_used() {
    block_on(async {
        let lab = lab(
            "CREATE INDEX line_purchase_idx ON line (purchase_id); CREATE INDEX purchase_customer_idx ON purchase (customer_id)",
            r#"
  - route: POST /leave
    params: {sample: "SELECT id FROM customer"}
    sql: DELETE FROM customer WHERE id = :id
"#,
        )
        .await;
        assert_eq!(dropped(&lab, &[]).await, (Vec::new(), Vec::new()));
    });
}

#[test]
fn what_functions_look_into_is_used() {
    block_on(async {
        let lab = lab(
            "CREATE INDEX line_amount_idx ON line (purchase_id, amount); \
             CREATE FUNCTION amount_of(wanted bigint) RETURNS bigint LANGUAGE plpgsql AS \
             $$BEGIN RETURN (SELECT sum(amount) FROM line WHERE purchase_id = wanted); END$$",
            r#"
  - route: GET /amount
    params: {sample: "SELECT id FROM purchase"}
    sql: "SELECT amount_of(:id::bigint)"
"#,
        )
        .await;
        assert_eq!(dropped(&lab, &[]).await, (Vec::new(), Vec::new()));
    });
}

#[test]
fn rules_of_the_data_partial_and_covering_indexes_are_told_apart() {
    block_on(async {
        let lab = lab(
            // Unused all of them, but only the last one may go: the others are rules, somebody's order, or not the same.
            "CREATE UNIQUE INDEX line_unique_idx ON line (purchase_id, id); \
             ALTER TABLE line ADD CONSTRAINT line_both UNIQUE (id, amount); \
             CREATE INDEX purchase_order_idx ON purchase (paid, id); CLUSTER purchase USING purchase_order_idx; \
             CREATE INDEX purchase_covering_idx ON purchase (customer_id) INCLUDE (id, paid); \
             CREATE UNIQUE INDEX line_both_again_idx ON line (id, amount)",
            PURCHASES,
        )
        .await;
        let (found, notes) = dropped(&lab, &[]).await;
        assert_eq!(names(&found), ["line_both_again_idx"], "{found:?} {notes:?}");
        assert!(found[0].reason.starts_with("it is a double of line_both (id, amount)"), "{}", found[0].reason);
    });
}

#[test]
fn small_and_untouched_tables_tell_nothing() {
    block_on(async {
        let lab = lab(
            "CREATE TABLE platform (id int, name text); INSERT INTO platform VALUES (1, 'a'), (2, 'b'); \
             CREATE INDEX platform_name_idx ON platform (name); CREATE INDEX platform_id_idx ON platform (id); \
             CREATE INDEX customer_name_idx ON customer (name)",
            r#"
  - {route: GET /platform, sql: "SELECT id FROM platform WHERE name = 'a'"}
"#,
        )
        .await;
        let (found, notes) = dropped(&lab, &[]).await;
        assert_eq!(names(&found), ["platform_id_idx"], "{notes:?}");
        assert!(notes.iter().any(|note| note.starts_with("platform_name_idx is not used, but platform takes 8 kB")), "{notes:?}");
        assert!(notes.iter().any(|note| note.starts_with("customer_name_idx stays: no endpoint touches customer")), "{notes:?}");
    });
}

#[test]
fn an_endpoint_that_fails_spoils_nothing_and_a_statement_that_never_runs_still_counts() {
    block_on(async {
        let lab = lab(
            "CREATE INDEX line_amount_idx ON line (amount); CREATE INDEX purchase_customer_idx ON purchase (customer_id); \
             CREATE INDEX purchase_paid_idx ON purchase (paid, id)",
            r#"
  - route: GET /fails
    steps:
      - "SELECT 1 / count(*) FROM purchase WHERE id < 0"
      - "SELECT id FROM purchase WHERE customer_id = 7"
  - route: POST /line
    sql: "INSERT INTO line SELECT max(id) + 1, NULL, 1 FROM line"
"#,
        )
        .await;
        let (found, _) = dropped(&lab, &[]).await;
        assert_eq!(names(&found), ["line_amount_idx", "purchase_paid_idx"]);
        let amount = &found[0];
        assert!(amount.writes.len() == 1 && amount.writes[0].cost_ms >= 0.0 && amount.writes[0].wal_bytes > 20.0, "{amount:?}");
    });
}
