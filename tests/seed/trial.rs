//! What the server would refuse is said before the first row is loaded, all of it at once, where the scenario says it.

use crate::common::TestDatabase;
use crate::seeding::{data, runtime, try_seed};
use perflab::db::{Connection, Target, read_catalog};
use perflab::seed::{SeedPlan, trial};

/// Line and text of each mistake, in order; and whether anything was left behind.
fn tried(schema: &str, tables: &str) -> Vec<(u32, String)> {
    runtime().block_on(async {
        let database = TestDatabase::new();
        let mut connection = Connection::open(&Target::parse(&database.url).unwrap()).await.unwrap();
        connection.batch(schema).await.unwrap();
        let catalog = read_catalog(&mut connection).await.unwrap();
        let plan = SeedPlan::new(&data(tables), &catalog, 1.0).unwrap_or_else(|problems| panic!("{problems:?}"));
        let problems = trial(&plan, &mut connection).await.unwrap();
        let (left,): (i64,) =
            connection.row("SELECT count(*) FROM pg_class WHERE relname = 'perflab_trial' OR relkind = 'r' AND reltuples > 0 AND relnamespace = 'public'::regnamespace").await.unwrap();
        assert_eq!(left, 0, "nothing is left behind");
        connection.close().await;
        problems.iter().map(|problem| (problem.at.line, problem.to_string())).collect()
    })
}

#[test]
fn all_that_the_server_would_refuse_is_found_at_once() {
    let schema = "CREATE DOMAIN even AS int CHECK (VALUE % 2 = 0);
        CREATE TABLE a (id int PRIMARY KEY, word text NOT NULL, code varchar(4), total numeric(4,2), pair even, low int, high int,
            double int GENERATED ALWAYS AS (low * 2) STORED,
            CONSTRAINT backwards CHECK (word = reverse(word)), CONSTRAINT in_order CHECK (low + high > 100), CHECK (double <> 7));
        CREATE TABLE b (id int PRIMARY KEY, at date NOT NULL) PARTITION BY RANGE (at);
        CREATE TABLE fine (id int GENERATED ALWAYS AS IDENTITY, n int NOT NULL DEFAULT 5 CHECK (n = 5))";
    let schema = schema.replace("id int PRIMARY KEY, at", "id int, at");
    let partition = "; CREATE TABLE b_24 PARTITION OF b FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')";
    let mistakes = tried(
        &(schema + partition),
        "    a:
      rows: 1000
      columns:
        pair: {range: 1-100}
        low: {range: 1-9}
        high: {range: 1-9}
        code: {template: \"{digits:3}\"}
        total: {template: \"{int:0-200}.5\"}
    b: {rows: 50, columns: {at: {range: [2025-03-01, 2025-12-31]}}}
    fine: {rows: 5}
",
    );
    let said: Vec<String> = mistakes.iter().map(|(line, text)| format!("{line}: {text}")).collect();
    assert_eq!(said.len(), 5, "{said:#?}");
    assert!(
        said[0].starts_with("12: `a.total`: row ")
            && said[0].contains("is not a value of type numeric(4,2); it holds 2 digits before the point; describe"),
        "{said:#?}"
    );
    assert!(
        said[1].starts_with("8: `a.pair`: row ")
            && said[1].contains("violates check constraint \"even_check\", with the value '"),
        "{said:#?}"
    );
    assert!(
        said[2].starts_with("5: `a` breaks the constraint `backwards`, CHECK ((word = reverse(word))): ")
            && said[2].contains("rows tried, e.g. word = '"),
        "{said:#?}"
    );
    assert!(said[3].starts_with("9: `a` breaks the constraint `in_order`, CHECK (((low + high) > 100)): 302 of 302 rows tried, e.g. low = '1', high = '1'; describe `low` and `high`"), "{said:#?}");
    assert!(
        said[4].starts_with("13: `b` breaks the bounds of its partitions, PARTITION BY RANGE (at): ")
            && said[4].contains("e.g. at = '2025-"),
        "{said:#?}"
    );
}

#[test]
fn what_the_trial_cannot_see_still_names_the_table_the_constraint_and_the_line() {
    let schema = "CREATE TABLE t (id int PRIMARY KEY CONSTRAINT rare CHECK (id <> 70001), word text)";
    runtime().block_on(async {
        let (_database, _, _, run, _) =
            try_seed(schema, &data("    t:\n      rows: 90000\n      columns:\n        id: sequence\n"), 1.0).await;
        let mistake = run.unwrap_err().into_mistake().unwrap();
        assert_eq!(mistake.at.line, 5, "the table's");
        assert!(
            mistake
                .to_string()
                .starts_with("`t`: row 70001 is refused: new row for relation \"t\" violates check constraint \"rare\""),
            "{mistake}"
        );
    });
}
