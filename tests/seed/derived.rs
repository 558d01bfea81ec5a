//! Tables that statements derive from others.

use perflab::db::{Connection, Target, read_catalog};
use perflab::report::model::SeedRun;
use perflab::scenario::model::Source;
use perflab::seed::{Derived, SeedPlan, SeedProblem, derived, load};

use crate::common::TestDatabase;
use crate::seeding::{runtime, scenario_data};

const SCHEMA: &str = "
CREATE TABLE reviews (id int PRIMARY KEY, product_id int NOT NULL, rating int NOT NULL);
CREATE TABLE review_meta (product_id int PRIMARY KEY, reviews bigint NOT NULL, mean numeric(3, 2), filled text DEFAULT 'yes');
CREATE TABLE top (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, product_id int NOT NULL REFERENCES review_meta);
";

/// The derived tables of a scenario, or its mistakes as `line:column: what`.
async fn found(tables: &str) -> (TestDatabase, Target, String, Result<Vec<Derived>, Vec<String>>) {
    let text = format!("name: shop\ndata:\n  seed: 7\n  tables:\n{tables}");
    let data = scenario_data(Source { path: "shop.yaml".into(), text: text.clone() });
    let database = TestDatabase::new();
    let target = Target::parse(&database.url).unwrap();
    let mut connection = Connection::open(&target).await.unwrap();
    connection.batch(SCHEMA).await.unwrap();
    let catalog = read_catalog(&mut connection).await.unwrap();
    let derived = derived(&data, &catalog, &text, &mut connection).await.unwrap();
    connection.close().await;
    let line = |problem: &SeedProblem| format!("{}:{}: {problem}", problem.at.line, problem.at.column);
    (database, target, text, derived.map_err(|problems| problems.iter().map(line).collect()))
}

async fn seeded(tables: &str) -> (TestDatabase, Connection, SeedRun) {
    let (database, target, text, derived) = found(tables).await;
    let mut connection = Connection::open(&target).await.unwrap();
    let catalog = read_catalog(&mut connection).await.unwrap();
    let data = scenario_data(Source { path: "shop.yaml".into(), text });
    let plan = SeedPlan { derived: derived.unwrap(), ..SeedPlan::new(&data, &catalog, 1.0).unwrap() };
    let run = load(&plan, &target, &mut |_| {}).await.unwrap_or_else(|error| panic!("{error:?}"));
    (database, connection, run)
}

#[test]
fn a_table_is_derived_when_its_sources_are_filled_whatever_the_order_of_the_scenario() {
    runtime().block_on(async {
        let tables = "    top: {sql: \"SELECT product_id FROM review_meta ORDER BY reviews DESC, product_id LIMIT 3\"}\n    \
            review_meta:\n      because: read without a calculation\n      sql: |\n        \
            SELECT count(*) AS reviews, avg(rating) AS mean, product_id -- per product\n        FROM reviews GROUP BY product_id;\n    \
            reviews: {rows: 500, columns: {product_id: {range: 1-20}, rating: {range: 1-5}}}\n";
        let (_database, mut connection, run) = seeded(tables).await;
        let wrong = "SELECT count(*) FROM review_meta m WHERE filled <> 'yes' OR reviews <> (SELECT count(*) FROM reviews r WHERE r.product_id = m.product_id)
            OR mean <> (SELECT round(avg(rating), 2) FROM reviews r WHERE r.product_id = m.product_id)";
        assert_eq!(connection.row::<(i64,)>(wrong).await.unwrap(), (0,));
        let whole = "SELECT (SELECT sum(reviews)::int8 FROM review_meta), (SELECT count(*) FROM top), (SELECT max(id)::int8 FROM top)";
        assert_eq!(connection.row::<(i64, i64, i64)>(whole).await.unwrap(), (500, 3, 3));
        let keys = "SELECT count(*) FROM pg_constraint WHERE conrelid IN ('top'::regclass, 'review_meta'::regclass) AND contype IN ('p', 'f') AND convalidated";
        assert_eq!(connection.row::<(i64,)>(keys).await.unwrap(), (3,));
        let stale = "SELECT coalesce(sum(n_mod_since_analyze), 0)::int8 FROM pg_stat_user_tables";
        assert_eq!(connection.row::<(i64,)>(stale).await.unwrap(), (0,), "what was loaded passes for changes since ANALYZE");
        let names: Vec<&str> = run.tables.iter().map(|table| table.name.as_str()).collect();
        assert_eq!(names, ["top", "review_meta", "reviews"]);
        let meta = &run.tables[1];
        assert_eq!((meta.rule.as_str(), meta.rows, meta.asked), ("derived by sql", 20, 20));
        assert!(meta.sql.as_ref().is_some_and(|sql| sql.ends_with("GROUP BY product_id")), "{:?}", meta.sql);
        assert_eq!(run.rows, 523);
        let (_other, _, other) = seeded(&tables.replace("LIMIT 3", "LIMIT 2")).await;
        assert_ne!(other.hash, run.hash, "the statement is part of the hash");
    });
}

#[test]
fn what_is_wrong_with_a_statement_is_said_with_its_place() {
    runtime().block_on(async {
        let tables = "    reviews: {rows: 5}\n    review_meta:\n      sql: |\n        SELECT product_id, count(*) AS reviews\n        FROM reviws GROUP BY product_id\n    \
                      top: {sql: \"SELECT rating AS product_id, 1 AS nomber FROM reviews\"}\n";
        let (_database, _, _, derived) = found(tables).await;
        insta::assert_snapshot!(derived.unwrap_err().join("\n"), @r#"
        9:14: `review_meta`: its `sql` is refused: relation "reviws" does not exist
        10:16: table `top` has no column `nomber`
        "#);
        let mistaken = |review_meta: &str, top: &str| {
            format!("    reviews: {{rows: 5}}\n    review_meta: {{sql: \"{review_meta}\"}}\n    top: {{sql: \"{top}\"}}\n")
        };
        let mut said = Vec::new();
        for (review_meta, top) in [
            ("SELECT product_id FROM reviews", "SELECT 'a' || rating AS product_id FROM reviews"),
            ("SELECT 1, 2 AS reviews", "SELECT $1::int AS product_id"),
            ("SELECT product_id, id AS reviews FROM top", "SELECT product_id FROM review_meta"),
            ("SELECT product_id, 1 AS reviews FROM review_meta", "DELETE FROM reviews"),
            ("SELECT 1 AS product_id, 2 AS reviews; SELECT 1", "SELECT 1 AS product_id"),
        ] {
            let (_database, _, _, derived) = found(&mistaken(review_meta, top)).await;
            said.extend(derived.unwrap_err());
        }
        insta::assert_snapshot!(said.join("\n"), @r#"
        6:24: `review_meta`: its `sql` returns no `reviews`, which is NOT NULL and has no default; add it with AS reviews
        7:16: `top`: its `sql` is refused: column "product_id" is of type integer but expression is of type text; You will need to rewrite or cast the expression.
        6:24: `review_meta`: column 1 of its `sql` has no name; give it one with AS, that of a column of the table
        6:24: `review_meta`: its `sql` returns no `product_id`, which is NOT NULL and has no default; add it with AS product_id
        7:16: `top`: its `sql` has parameters, but nothing gives them values; write the values
        6:24: `review_meta`: `review_meta`, `top` are derived from each other; derive one of them from other tables
        6:24: `review_meta`: its `sql` reads the table that it fills; derive it from other tables
        7:16: `top`: its `sql` returns no columns; write a SELECT
        6:24: `review_meta`: its `sql` is refused: cannot insert multiple commands into a prepared statement
        "#);
    });
}
