//! What the narrator says of statements on a live server, and whether what it proposes can be done there.

mod common;

use common::TestDatabase;
use perflab::db::explain::{Explain, explain};
use perflab::db::{Connection, Target, read_catalog};
use perflab::explain::facts::facts;
use perflab::plan::{Facts, Plan, Remedy, narrate};

/// Statements of `plans/reading.sql` whose tip depends on the form of the plan, not on times, and the rule that must speak.
const EXPECTED: [(&str, &str); 12] = [
    ("bitmap-and", "bitmap-and"),
    ("or-columns", "or-across-columns"),
    ("or-tables", "or-across-columns"),
    ("type-mismatch", "type-mismatch"),
    ("function-rows", "function-rows"),
    ("partitions-not-pruned", "partitions-not-pruned"),
    ("stale-statistics", "stale-statistics"),
    ("correlated-columns", "correlated-columns"),
    ("group-count-low", "group-count-wrong"),
    ("limit-fooled", "limit-fooled"),
    ("cartesian", "cartesian-join"),
    ("not-in-hashed", "not-in"),
];

/// The statement under that name, without its settings.
fn statement(name: &str) -> String {
    let file = include_str!("plans/reading.sql");
    let block = file.split_once(&format!("\n-- {name}\n")).map(|(_, rest)| rest).unwrap();
    let lines = block.lines().skip_while(|line| line.starts_with("-- set: ")).take_while(|line| !line.starts_with("-- "));
    lines.collect::<Vec<_>>().join("\n").trim_end_matches(';').to_owned()
}

async fn shop(target: &Target) -> (Connection, Facts) {
    let mut connection = Connection::open(target).await.unwrap();
    // One by one, since VACUUM runs in no transaction.
    for sql in include_str!("plans/reading-schema.sql").split(";\n").filter(|sql| !sql.trim().is_empty()) {
        connection.batch(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    connection.batch("SELECT pg_stat_force_next_flush()").await.unwrap();
    connection.batch("SET max_parallel_workers_per_gather = 0; SET jit = off").await.unwrap();
    let catalog = read_catalog(&mut connection).await.unwrap();
    (connection, facts(&catalog))
}

fn on_the_shop(check: impl AsyncFnOnce(Connection, Facts)) {
    let database = TestDatabase::new();
    let target = Target::parse(&database.url).unwrap();
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let (connection, facts) = shop(&target).await;
        check(connection, facts).await;
    });
}

#[test]
fn what_the_planner_knows_is_read_with_the_catalog() {
    on_the_shop(async |connection, facts| {
        let purchases = facts.table(Some("shop"), "purchases").unwrap();
        assert_eq!((purchases.analyzed, purchases.modified), (Some(true), Some(0.0)));
        assert!(purchases.pages.unwrap() > 500.0 && purchases.row_bytes().unwrap() > 80.0);
        assert_eq!(purchases.column("note").unwrap().type_name, "character varying(60)");
        assert!(purchases.column("id").unwrap().correlation.unwrap() > 0.99);
        assert!(purchases.column("customer_id").unwrap().correlation.unwrap().abs() < 0.2);
        assert_eq!(purchases.distinct("customer_id"), Some(200.0));
        let index = purchases.index("purchases_city_total_idx").unwrap();
        assert_eq!(index.columns, [Some("city".to_owned()), Some("total".to_owned())]);
        assert_eq!(facts.table(None, "parcels").unwrap().modified, Some(10_000.0));
        assert_eq!(facts.table(None, "readings").unwrap().partition_key.as_deref(), Some("RANGE (day)"));
        connection.close().await;
    });
}

#[test]
fn tips_are_found_and_their_remedies_are_sql() {
    on_the_shop(async |mut connection, facts| {
        for (name, rule) in EXPECTED {
            connection.batch("BEGIN").await.unwrap();
            let json = explain(&mut connection, &statement(name), &[], Explain::Analyze).await.unwrap();
            let tips = narrate(&Plan::from_json(&json).unwrap(), &facts);
            let said: Vec<&str> = tips.iter().map(|tip| tip.rule).collect();
            assert!(said.contains(&rule), "{name}: {said:?}");
            for remedy in tips.iter().filter_map(|tip| tip.remedy.as_ref()) {
                if matches!(remedy, Remedy::Vacuum { .. } | Remedy::Rewrite(_)) {
                    continue;
                }
                connection.batch("SAVEPOINT remedy").await.unwrap();
                connection.batch(&remedy.to_string()).await.unwrap_or_else(|error| panic!("{name}: {remedy}: {error}"));
                connection.batch("ROLLBACK TO remedy").await.unwrap();
            }
            connection.batch("ROLLBACK").await.unwrap();
        }
        connection.close().await;
    });
}
