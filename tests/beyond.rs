//! What helps beside indexes, tried on a real server.

mod common;

use common::{TestDatabase, shop};
use perflab::advise::{beyond, helps};
use perflab::bench::Workload;
use perflab::db::{Connection, Target};
use perflab::report::model::{OtherAdvice, OtherKind};

/// What is found for the endpoints, in a database that holds the shop and what `schema` makes beside.
fn found(schema: &str, endpoints: &str) -> Vec<OtherAdvice> {
    let database = TestDatabase::new();
    let target = Target::parse(&database.url).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        shop::fill(&target).await;
        let mut connection = Connection::open(&target).await.unwrap();
        connection.batch(schema).await.unwrap();
        connection.batch("VACUUM ANALYZE").await.unwrap();
        let workload = Workload::bind(&shop::scenario(endpoints), &mut connection).await.unwrap();
        connection.close().await;
        let places: Vec<usize> = (0..workload.endpoints.len()).collect();
        beyond(&target, &workload, &places, &vec![0; places.len()]).await.unwrap()
    })
}

/// The only advice of the kind that helped.
fn helped(found: &[OtherAdvice], kind: OtherKind) -> &OtherAdvice {
    let of_kind: Vec<&OtherAdvice> = found.iter().filter(|advice| advice.kind == kind && helps(advice)).collect();
    assert_eq!(of_kind.len(), 1, "{found:#?}");
    of_kind[0]
}

const BY_CUSTOMER: &str = "CREATE INDEX ON purchase (customer_id);";

#[test]
fn a_window_reads_only_the_partitions_that_are_wanted() {
    let found = found(
        BY_CUSTOMER,
        r#"
  - route: GET /next
    params: {sample: "SELECT id FROM line"}
    sql: |
      WITH successors AS (
        SELECT id, LEAD(id) OVER (PARTITION BY customer_id ORDER BY id) AS next_id
        FROM purchase
      )
      SELECT successors.next_id
      FROM line
      JOIN successors ON successors.id = line.purchase_id
      WHERE line.id = :id
"#,
    );
    let advice = helped(&found, OtherKind::Rewrite);
    let expected = "\
WITH successors AS (
  SELECT id, LEAD(id) OVER (PARTITION BY customer_id ORDER BY id) AS next_id
  FROM purchase
  WHERE customer_id IN (
      SELECT successors.customer_id
      FROM line
      JOIN purchase AS successors ON successors.id = line.purchase_id
      WHERE line.id = $1
    )
)
SELECT successors.next_id
FROM line
JOIN successors ON successors.id = line.purchase_id
WHERE line.id = $1";
    assert_eq!(advice.sql, expected);
    assert_eq!(advice.proof, "6 rows of 6 calls compared, all the same");
    assert_eq!((advice.label.as_str(), advice.step), ("GET /next", Some(1)));
}

#[test]
fn groups_that_nobody_asks_for_are_not_aggregated() {
    let found = found(
        BY_CUSTOMER,
        r#"
  - route: GET /sums
    params: {sample: "SELECT name FROM customer"}
    sql: >
      SELECT customer.name, totals.lines, totals.most FROM customer
      JOIN (SELECT customer_id, count(*) AS lines, max(id) AS most FROM purchase WHERE paid GROUP BY customer_id) AS totals
      ON totals.customer_id = customer.id WHERE customer.name = :name AND totals.lines > 3
"#,
    );
    let advice = helped(&found, OtherKind::Rewrite);
    let condition = "WHERE paid AND customer_id IN (SELECT totals.customer_id FROM customer \
                     JOIN (SELECT customer_id FROM purchase WHERE paid) AS totals ON totals.customer_id = customer.id \
                     WHERE customer.name = $1) GROUP BY";
    let words = advice.sql.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(condition), "{}", advice.sql);
}

#[test]
fn a_deep_page_is_looked_up_by_its_key() {
    let found = found(
        "",
        r#"
  - route: GET /page
    params:
      sample: "SELECT id AS skip FROM purchase WHERE id > 30000 AND id < 39000"
      values: {size: 20}
    sql: "SELECT id, customer_id FROM purchase ORDER BY id DESC LIMIT :size OFFSET :skip"
"#,
    );
    let advice = helped(&found, OtherKind::Keyset);
    assert_eq!(advice.sql, "SELECT id, customer_id FROM purchase WHERE id < $2 ORDER BY id DESC LIMIT $1");
    assert_eq!(advice.proof, "120 rows of 6 calls compared, all the same");
    assert!(advice.reason.contains("The API changes"), "{}", advice.reason);
}

#[test]
fn ties_are_broken_before_pages_are_looked_up_by_key() {
    let found = found(
        "CREATE INDEX ON line (amount, id);",
        r#"
  - route: GET /page
    params: {sample: "SELECT id AS skip FROM line WHERE id > 30000 AND id < 39000"}
    sql: "SELECT * FROM line ORDER BY amount LIMIT 10 OFFSET :skip"
  - route: GET /first
    params: {values: {skip: 0}}
    sql: "SELECT * FROM line ORDER BY amount LIMIT 10 OFFSET :skip"
"#,
    );
    let advice = helped(&found, OtherKind::Keyset);
    assert_eq!(advice.sql, "SELECT * FROM line WHERE (amount, id) > ($1, $2) ORDER BY amount, id LIMIT 10");
    assert!(advice.reason.contains("id joins the order"), "{}", advice.reason);
    assert!(found.iter().all(|advice| advice.label != "GET /first"), "a first page skips nothing: {found:#?}");
}

#[test]
fn a_loop_of_lookups_becomes_one_statement() {
    let found = found(
        BY_CUSTOMER,
        r#"
  - route: GET /orders
    params: {sample: "SELECT id FROM customer"}
    steps:
      - {sql: "SELECT id AS order_id FROM purchase WHERE customer_id = :id", as: orders}
      - {sql: "SELECT amount FROM line WHERE id = :orders.order_id", for_each: orders}
      - {sql: "SELECT sum(amount) AS total FROM line WHERE id = :orders.order_id", for_each: orders}
      - {sql: "UPDATE purchase SET paid = true WHERE id = :orders.order_id", for_each: orders}
      - {sql: "SELECT paid FROM purchase WHERE id = :orders.order_id", for_each: orders}
"#,
    );
    let of_loop: Vec<&OtherAdvice> = found.iter().filter(|advice| advice.kind == OtherKind::OneStatement).collect();
    let by_step = |step: usize| of_loop.iter().find(|advice| advice.step == Some(step)).copied();
    let one = by_step(2).expect("the lookup");
    assert!(helps(one), "{one:#?}");
    assert_eq!(one.sql, "SELECT id, amount FROM line WHERE id = ANY($1)");
    assert_eq!(one.proof, "1,200 rows of 6 calls compared, all the same");
    let other = by_step(3).expect("the sum");
    assert!(
        helps(other) && other.sql.starts_with("SELECT list.*, found.*\nFROM unnest($1::bigint[]) AS list (order_id)"),
        "{other:#?}"
    );
    assert!(by_step(5).is_none(), "what the loop writes is read in the loop: {of_loop:#?}");
}

/// A table of moments in two years.
const MOMENTS: &str = "
CREATE TABLE sale (id bigint PRIMARY KEY, at timestamptz NOT NULL, brand text NOT NULL, pairs int NOT NULL);
INSERT INTO sale SELECT i, timestamptz '2023-01-01' + i * interval '10 minutes', 'brand ' || i % 20, 1 + i % 3 FROM generate_series(1, 100000) AS i;
";

#[test]
fn parts_of_a_date_become_a_range_and_bring_their_index() {
    let found = found(
        MOMENTS,
        r#"
  - route: GET /day
    params:
      sample: >
        SELECT EXTRACT(YEAR FROM at)::int AS year, EXTRACT(MONTH FROM at)::int AS month, EXTRACT(DAY FROM at)::int AS day FROM sale
        WHERE id % 500 = 1
    sql: |
      WITH sold AS (
        SELECT brand, sum(pairs) AS pairs
        FROM sale
        WHERE EXTRACT(YEAR FROM at) = :year
          AND EXTRACT(MONTH FROM at) = :month
          AND EXTRACT(DAY FROM at) = :day
        GROUP BY brand
      )
      SELECT brand, pairs FROM sold ORDER BY pairs DESC, brand
"#,
    );
    let with_index = found.iter().find(|advice| advice.sql.contains("CREATE INDEX")).expect("an index comes along");
    assert!(helps(with_index), "{found:#?}");
    assert!(
        with_index.sql.starts_with("CREATE INDEX sale_at_brand_pairs_idx ON sale (at) INCLUDE (brand, pairs);\nWITH sold"),
        "{}",
        with_index.sql
    );
    let range = "WHERE at >= make_date($1::int, $2::int, $3::int)\n    AND at < make_date($1::int, $2::int, $3::int) + interval '1 day'\n  GROUP BY";
    assert!(with_index.sql.contains(range), "{}", with_index.sql);
    assert!(with_index.costs.starts_with("its index takes"), "{}", with_index.costs);
}

#[test]
fn a_heavy_aggregate_is_kept_in_a_view() {
    let found = found(
        MOMENTS,
        r#"
  - route: GET /stats/{brand}/rank
    params: {sample: "SELECT DISTINCT brand FROM sale"}
    sql: |
      WITH sold AS (
        SELECT brand, sum(pairs) AS pairs, count(DISTINCT id) AS sales
        FROM sale CROSS JOIN generate_series(1, 5)
        GROUP BY brand
      ), ranked AS (
        SELECT brand, pairs, rank() OVER (ORDER BY pairs DESC) AS place FROM sold
      )
      SELECT pairs, place FROM ranked WHERE brand = :brand
"#,
    );
    let advice = helped(&found, OtherKind::MaterializedView);
    assert!(advice.sql.starts_with("CREATE MATERIALIZED VIEW stats_rank_summary AS\nWITH sold AS ("), "{}", advice.sql);
    assert!(advice.sql.ends_with("SELECT pairs, place FROM stats_rank_summary WHERE brand = $1"), "{}", advice.sql);
    assert!(advice.sql.contains("CREATE INDEX ON stats_rank_summary (brand)"), "{}", advice.sql);
    assert!(advice.costs.contains("REFRESH takes") && advice.reason.contains("last REFRESH"), "{advice:#?}");
}

#[test]
fn distinct_rows_of_a_join_are_those_for_which_a_row_exists() {
    let found = found(
        "CREATE INDEX ON purchase (customer_id); CREATE TABLE tag (purchase_id bigint NOT NULL, word text NOT NULL, \
         PRIMARY KEY (purchase_id, word)); INSERT INTO tag SELECT 1 + i % 40000, 'w' || i / 40000 FROM generate_series(0, 399999) AS i;",
        r#"
  - route: GET /tagged
    params: {sample: "SELECT id FROM customer"}
    sql: |
      SELECT DISTINCT purchase.*
      FROM purchase
      JOIN tag ON tag.purchase_id = purchase.id
      WHERE tag.word > 'w' AND purchase.customer_id < :id + 100
"#,
    );
    let tried = found.iter().find(|advice| advice.sql.contains("EXISTS")).expect("EXISTS is tried");
    let expected = "\
SELECT purchase.*
FROM purchase
WHERE purchase.customer_id < $1 + 100 AND EXISTS (
  SELECT FROM tag
  WHERE tag.purchase_id = purchase.id AND tag.word > 'w'
)";
    assert_eq!(tried.sql, expected);
    assert!(helps(tried) && tried.proof.contains("all the same"), "{found:#?}");
}

#[test]
fn each_side_of_an_or_finds_its_rows_by_an_index() {
    let found = found(
        "CREATE INDEX ON purchase (customer_id); CREATE INDEX ON line (purchase_id); CREATE INDEX ON line (amount);",
        r#"
  - route: GET /either
    params: {sample: "SELECT id FROM customer"}
    sql: >
      SELECT purchase.id, line.amount FROM purchase JOIN line ON line.purchase_id = purchase.id
      WHERE (purchase.customer_id = :id OR line.id = :id) AND line.amount >= 0
"#,
    );
    let advice = helped(&found, OtherKind::Rewrite);
    let union = "WHERE (purchase.id, line.id) IN (SELECT purchase.id, line.id FROM purchase JOIN line ON line.purchase_id = purchase.id \
                 WHERE line.amount >= 0 AND purchase.customer_id = $1 UNION SELECT";
    assert!(advice.sql.contains(union), "{}", advice.sql);
}

#[test]
fn what_returns_other_rows_is_refused_and_what_fails_stops_nobody() {
    let found = found(
        "CREATE TABLE other (customer_id bigint); INSERT INTO other SELECT i FROM generate_series(1, 3000) AS i; \
         INSERT INTO other VALUES (NULL); CREATE INDEX ON purchase (customer_id);",
        r#"
  - route: GET /none
    sql: "SELECT id FROM purchase WHERE customer_id + 2 NOT IN (SELECT customer_id FROM other) LIMIT 5"
  - route: GET /fails
    params: {sample: "SELECT id FROM customer"}
    sql: "SELECT 1 / (:id::bigint - :id::bigint) FROM purchase"
  - route: POST /written
    params: {sample: "SELECT id FROM customer"}
    steps:
      - "UPDATE purchase SET paid = NOT paid WHERE customer_id = :id"
      - |
        SELECT totals.rank FROM customer
        JOIN (SELECT id, customer_id, rank() OVER (PARTITION BY customer_id ORDER BY paid, id) AS rank FROM purchase) AS totals
        ON totals.customer_id = customer.id WHERE customer.id = :id
  - route: GET /last
    params: {sample: "SELECT id AS skip FROM purchase WHERE id > 30000"}
    sql: "SELECT id FROM purchase ORDER BY id LIMIT 10 OFFSET :skip"
"#,
    );
    assert!(found.iter().all(|advice| !advice.reason.is_empty()), "{found:#?}");
    assert!(found.iter().filter(|advice| advice.label == "GET /none").all(|advice| !helps(advice)), "{found:#?}");
    assert!(found.iter().all(|advice| advice.label != "GET /fails"), "{found:#?}");
    assert!(found.iter().any(|advice| advice.label == "GET /last" && helps(advice)), "{found:#?}");
}

#[test]
fn a_count_of_all_rows_is_estimated_and_not_replaced() {
    let found = found("", "  - {route: GET /count, sql: \"SELECT count(*) FROM purchase\"}");
    let told = found.iter().find(|advice| advice.sql.contains("reltuples")).expect("the estimate is told");
    assert!(!helps(told) && told.after_ms.is_none() && told.before_ms > 0.0, "{told:#?}");
    assert!(told.reason.starts_with("It says 40,000 in ") && told.reason.contains("counts 40,000"), "{}", told.reason);
}

#[test]
fn room_in_blocks_lets_updates_stay_in_them() {
    let found = found(
        "CREATE INDEX ON line (amount);",
        r#"
  - route: PUT /paid
    params: {sample: "SELECT id FROM purchase"}
    sql: "UPDATE purchase SET paid = NOT paid WHERE id = :id"
  - route: PUT /amount
    params: {sample: "SELECT id FROM line"}
    sql: "UPDATE line SET amount = amount + 1 WHERE id = :id"
"#,
    );
    let of = |label: &str| found.iter().find(|advice| advice.kind == OtherKind::Fillfactor && advice.label == label).unwrap();
    let paid = of("PUT /paid");
    assert!(paid.sql.contains("SET (fillfactor = 80)") && paid.costs.starts_with("the table takes "), "{paid:#?}");
    assert!(paid.after_ms.is_some() && paid.reason.contains("100% with it"), "{paid:#?}");
    let amount = of("PUT /amount");
    assert!(amount.after_ms.is_none() && amount.reason.contains("What they change is indexed"), "{amount:#?}");
}
