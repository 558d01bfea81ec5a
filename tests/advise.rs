//! Advice on a real server: candidates built, measured, kept or refused.

mod common;

use std::collections::BTreeMap;

use common::{TestDatabase, shop};
use perflab::advise::candidate::Candidate;
use perflab::advise::ledger::insert_costs;
use perflab::advise::trial::build;
use perflab::advise::{Selection, Trial, select};
use perflab::bench::Workload;
use perflab::db::{Connection, Target, read_catalog};
use perflab::explain::endpoint::explain_call;
use perflab::scenario::model::AdviseOptions;

/// Advises all endpoints of the shop.
async fn advised(target: &Target, endpoints: &str) -> Selection {
    shop::fill(target).await;
    let mut connection = Connection::open(target).await.unwrap();
    let catalog = read_catalog(&mut connection).await.unwrap();
    let scenario = shop::scenario(endpoints);
    let workload = Workload::bind(&scenario, &mut connection).await.unwrap();
    let places: Vec<usize> = (0..workload.endpoints.len()).collect();
    let mut plans = BTreeMap::new();
    for place in &places {
        let endpoint = &workload.endpoints[*place];
        let draw = endpoint.draws.draw(0).unwrap();
        plans.insert(*place, explain_call(&mut connection, &catalog, endpoint, &draw).await.unwrap());
    }
    connection.close().await;
    let typical_calls = vec![0; places.len()];
    let options = AdviseOptions::default();
    let trial = Trial {
        target: target.clone(),
        workload: &workload,
        catalog: &catalog,
        options: &options,
        places,
        typical_calls: &typical_calls,
        before_ms: &BTreeMap::new(),
        samples: scenario.endpoints.iter().map(|one| one.params.sample.as_ref().map(|sample| sample.value.as_str())).collect(),
    };
    select(&trial, &plans, &mut |_| {}).await.unwrap()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn kept(selection: &Selection) -> Vec<String> {
    let mut targets: Vec<String> = selection.kept.iter().map(|(index, _)| index.candidate.target()).collect();
    targets.sort();
    targets
}

#[test]
fn every_level_of_a_cascade_gets_its_index() {
    let database = TestDatabase::new();
    let target = Target::parse(&database.url).unwrap();
    let selection = runtime().block_on(advised(
        &target,
        r#"
  - route: POST /leave
    params: {sample: "SELECT id FROM customer"}
    sql: "DELETE FROM customer WHERE id = :id"
"#,
    ));
    assert_eq!(kept(&selection), ["line (purchase_id)", "purchase (customer_id)"]);
    for (index, shares) in &selection.kept {
        assert_eq!(shares.len(), 1, "{}", index.definition);
        assert!(shares[0].without_ms > shares[0].with_ms, "{shares:?}");
        assert!(index.bytes > 0 && index.build_ms > 0.0);
    }
}

#[test]
fn one_index_serves_lookup_and_order_and_its_prefix_is_refused() {
    let database = TestDatabase::new();
    let target = Target::parse(&database.url).unwrap();
    let selection = runtime().block_on(advised(
        &target,
        r#"
  - route: GET /latest
    params: {sample: "SELECT id FROM customer"}
    steps:
      - "SELECT id FROM purchase WHERE customer_id = :id ORDER BY id DESC LIMIT 3"
      - "SELECT count(*) FROM purchase WHERE customer_id = :id"
"#,
    ));
    assert_eq!(kept(&selection).len(), 1, "{:?}", kept(&selection));
    assert!(kept(&selection)[0].starts_with("purchase (customer_id"), "{:?}", kept(&selection));
    assert!(selection.rejected.iter().all(|rejected| !rejected.reason.is_empty()));
}

#[test]
fn a_question_about_all_rows_gets_no_index() {
    let database = TestDatabase::new();
    let target = Target::parse(&database.url).unwrap();
    let selection = runtime().block_on(advised(
        &target,
        r#"
  - route: GET /total
    sql: "SELECT sum(amount) FROM line"
"#,
    ));
    assert_eq!(kept(&selection), Vec::<String>::new());
}

#[test]
fn patterns_inside_text_get_trigrams() {
    let database = TestDatabase::new();
    let target = Target::parse(&database.url).unwrap();
    let selection = runtime().block_on(async {
        let mut connection = Connection::open(&target).await.unwrap();
        connection
            .batch(
                "CREATE TABLE note (id bigint PRIMARY KEY, body text NOT NULL); \
            INSERT INTO note SELECT i, md5(i::text) || ' ' || md5((i + 1)::text) FROM generate_series(1, 20000) AS i",
            )
            .await
            .unwrap();
        connection.close().await;
        advised(
            &target,
            r#"
  - route: GET /search
    params: {sample: "SELECT substr(body, 3, 9) AS q FROM note"}
    sql: "SELECT id FROM note WHERE body ILIKE '%' || :q::text || '%'"
"#,
        )
        .await
    });
    assert_eq!(kept(&selection), ["note USING gin (body gin_trgm_ops)"]);
}

#[test]
fn the_cost_of_an_index_is_measured_beside_unique_and_generated_columns_and_needs_a_superuser() {
    let database = TestDatabase::new();
    let role = format!("{}_login", database.name);
    let separator = if database.url.contains('?') { '&' } else { '?' };
    let superuser = Target::parse(&database.url).unwrap();
    let login = Target::parse(&format!("{}{separator}options[role]={role}", database.url)).unwrap();
    runtime().block_on(async {
        let mut connection = Connection::open(&superuser).await.unwrap();
        let schema = format!(
            "CREATE TABLE item (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code text UNIQUE, \
                 size int NOT NULL, area int GENERATED ALWAYS AS (size * size) STORED); \
             INSERT INTO item (code, size) SELECT 'c' || i, i % 100 FROM generate_series(1, 5000) AS i; \
             ANALYZE item; DROP ROLE IF EXISTS {role}; CREATE ROLE {role}"
        );
        connection.batch(&schema).await.unwrap();
        let catalog = read_catalog(&mut connection).await.unwrap();
        let item = catalog.find("item").unwrap();
        let candidate = Candidate::btree(&item.name, &["size".to_owned()], "why".into());
        let index = build(&mut connection, &candidate, "item_size_idx").await.unwrap();
        let costs = insert_costs(&superuser, item, &[&index]).await.unwrap();
        let cost = costs[0].as_ref().expect("a superuser may switch triggers off");
        assert!(cost.rows > 1000, "{cost:?}");
        assert!(cost.with_wal_bytes_per_row > cost.without_wal_bytes_per_row, "{cost:?}");
        assert_eq!(insert_costs(&login, item, &[&index]).await.unwrap(), [None], "others are told nothing, and not stopped");
        let (rows,): (i64,) = connection.row("SELECT count(*) FROM item").await.unwrap();
        assert_eq!(rows, 5000, "all of it is undone");
        connection.batch(&format!("DROP ROLE {role}")).await.unwrap();
        connection.close().await;
    });
}
