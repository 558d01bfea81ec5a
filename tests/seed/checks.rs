//! CHECK constraints: what is understood is kept without a word in the scenario; the server is the judge.

use crate::seeding::{data, runtime, seed};

/// Columns that nobody describes, each with what it must keep.
const KEPT: &[&str] = &[
    "a int NOT NULL CHECK (a BETWEEN 5 AND 9)",
    "a numeric(6,2) NOT NULL CHECK (a > 0 AND a <= 1)",
    "a numeric(5,2) NOT NULL CHECK (a >= 250)",
    "a money CHECK (a >= '5'::money)",
    "a float8 NOT NULL CHECK (a < -3.5)",
    "a text NOT NULL CHECK (a IN ('x', 'it''s', 'z'))",
    "a int NOT NULL CHECK (a = 3 OR a = 4)",
    "a text NOT NULL CHECK (a <> '')",
    "a text NOT NULL CHECK (length(trim(a)) > 0)",
    "a text NOT NULL CHECK (char_length(a) BETWEEN 30 AND 60)",
    "a varchar(8) NOT NULL CHECK (length(a) >= 6)",
    "country text NOT NULL CHECK (char_length(country) = 2)",
    "name text NOT NULL CHECK (octet_length(name) <= 7)",
    "a text NOT NULL CHECK (a ~ '^[A-Z]{3}-[0-9]{4,6}$')",
    "a varchar(20) NOT NULL CHECK (a ~* '^sku')",
    "a text NOT NULL CHECK (a ~ '[0-9]')",
    "email text NOT NULL CHECK (email ~* '^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+[.][A-Za-z]+$')",
    "email text NOT NULL CHECK (email LIKE '%_@__%.__%')",
    "slug text NOT NULL CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$')",
    "a text NOT NULL CHECK (a LIKE 'x.%')",
    "a text NOT NULL CHECK (a SIMILAR TO '(ab|cd)+[0-9]_%')",
    "a text CHECK (a IS NOT NULL)",
    "a int CHECK (a IS NULL OR a > 100000)",
    "a date NOT NULL CHECK (a >= '1990-01-01' AND a < '2000-01-01')",
    "a date NOT NULL CHECK (a > '2030-06-01')",
    "a timestamptz NOT NULL CHECK (a < '2001-01-01 00:00:00+00')",
    "a time NOT NULL CHECK (a >= '08:00' AND a <= '17:00')",
    "a date NOT NULL, b date NOT NULL, CHECK (a < b)",
    "a timestamptz NOT NULL, b timestamptz NOT NULL, CHECK (b >= a)",
    "a timestamptz NOT NULL, b timestamptz, CHECK (b IS NULL OR b > a)",
    "a int NOT NULL, b int NOT NULL, CHECK (a <= b)",
    "a int NOT NULL CHECK (a >= 0), b int NOT NULL CHECK (b > 0), CHECK (b > a)",
    "a numeric(8,2) NOT NULL, b numeric(8,2) NOT NULL, CHECK (b < a)",
    "price numeric(8,2) NOT NULL CHECK (price >= 0), sale numeric(8,2) NOT NULL CHECK (sale >= 0), CHECK (sale < price)",
    "a int, b int, CHECK ((a IS NULL) <> (b IS NULL))",
    "a int, b text, c date, CHECK (num_nonnulls(a, b, c) = 1)",
    "a word NOT NULL, b word[] NOT NULL",
    "a share NOT NULL",
];

const DOMAINS: &str = "CREATE DOMAIN word AS text CHECK (VALUE ~ '^[a-z]{4}[0-9]$'); CREATE DOMAIN share AS numeric(5,4) CHECK (VALUE > 0 AND VALUE < 1);";

#[test]
fn constraints_on_columns_that_nobody_describes_are_kept() {
    let tables: String = KEPT
        .iter()
        .enumerate()
        .map(|(place, columns)| format!("CREATE TABLE t{place} (id int PRIMARY KEY, {columns});"))
        .collect();
    let rows: String = (0..KEPT.len()).map(|place| format!("    t{place}: {{rows: 2000}}\n")).collect();
    runtime().block_on(async {
        let mut seeded = seed(&format!("{DOMAINS}{tables}"), &data(&rows), 1.0).await;
        let place = |starts: &str| KEPT.iter().position(|columns| columns.starts_with(starts)).unwrap();
        let emails = format!(
            "SELECT count(*) FROM t{} WHERE email LIKE '%.com' OR email LIKE '%.net' OR email LIKE '%.org'",
            place("email")
        );
        assert_eq!(seeded.number(&emails).await, 2000, "a name that says more than the pattern is kept");
        let prices = format!("SELECT count(DISTINCT sale) FROM t{} WHERE sale < price AND sale > 0", place("price"));
        assert!(seeded.number(&prices).await > 500);
        let one = format!("SELECT count(a) FROM t{} WHERE b IS NULL", place("a int, b int, CHECK ((a IS NULL)"));
        assert_eq!(seeded.number(&one).await, 2000);
    });
}

#[test]
fn a_neighbour_that_is_described_decides() {
    let schema = "CREATE TABLE t (id int PRIMARY KEY, starts timestamptz NOT NULL, ends timestamptz NOT NULL, low int NOT NULL, high int NOT NULL,
            made timestamptz NOT NULL, changed timestamptz NOT NULL, CHECK (starts < ends), CHECK (high > low), CHECK (changed >= made))";
    let tables = "    t:
      rows: 2000
      columns:
        starts: {time: {last: 90d}}
        low: {range: 500-900}
        changed: {time: {after: made, within: 3d}}
";
    runtime().block_on(async {
        let mut seeded = seed(schema, &data(tables), 1.0).await;
        let kept = "SELECT count(*) FROM t WHERE low >= 500 AND high > low AND starts > '2025-10-01' AND ends > starts AND changed - made <= '3 days'";
        assert_eq!(seeded.number(kept).await, 2000);
    });
}
