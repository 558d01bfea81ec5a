//! One question: tables, endpoints and the advice expected of them.

use std::fmt::Write;
use std::path::Path;

use perflab::db::{Connection, Target};
use perflab::report::model::OtherKind;
use perflab::scenario::model::{Scenario, Source};

use crate::common::TestDatabase;
use crate::expectation::Expectation;
use crate::outcome::{Outcome, advise};

/// ```ignore
/// Case::of(ORDERS)
///     .endpoint("GET /orders", "SELECT id AS customer FROM customer", "SELECT * FROM orders WHERE customer_id = :customer")
///     .keeps(&["orders (customer_id)"])
///     .check();
/// ```
#[must_use = "a case does nothing before `check`"]
pub struct Case {
    tables: String,
    options: String,
    endpoints: String,
    expectation: Expectation,
}

impl Case {
    /// A case on these tables; they are vacuumed and analyzed afterwards.
    pub fn of(tables: &str) -> Case {
        Case { tables: tables.to_owned(), options: String::new(), endpoints: String::new(), expectation: Expectation::default() }
    }

    /// SQL that follows the tables.
    pub fn and(mut self, sql: &str) -> Case {
        self.tables.push_str(";\n");
        self.tables.push_str(sql);
        self
    }

    /// An endpoint of one statement, whose parameters are the columns of `sample`; an empty one for none.
    pub fn endpoint(self, route: &str, sample: &str, sql: &str) -> Case {
        self.weighted(1.0, route, sample, sql)
    }

    /// An endpoint that is called `weight` times where others are called once.
    pub fn weighted(mut self, weight: f64, route: &str, sample: &str, sql: &str) -> Case {
        // A JSON string is a double-quoted YAML one.
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let _ = writeln!(self.endpoints, "  - route: {}\n    weight: {weight}", quoted(route));
        if !sample.is_empty() {
            let _ = writeln!(self.endpoints, "    params: {{sample: {}}}", quoted(sample));
        }
        let _ = writeln!(self.endpoints, "    sql: {}", quoted(sql));
        self
    }

    /// Endpoints as a scenario has them, from `  - route:` on.
    pub fn yaml(mut self, endpoints: &str) -> Case {
        self.endpoints.push_str(endpoints.trim_start_matches('\n'));
        self
    }

    /// What stands behind `advise:`, e.g. `{budget: {size: 1MB}}`.
    pub fn options(mut self, options: &str) -> Case {
        self.options = format!("advise: {options}\n");
        self
    }

    /// Exactly these indexes must be kept, as [`perflab::advise::candidate::Candidate::target`] prints them; `*` stands for any text.
    /// Given several times, any of the sets will do.
    pub fn keeps(mut self, targets: &'static [&'static str]) -> Case {
        self.expectation.sets.push(targets);
        self
    }

    pub fn keeps_nothing(self) -> Case {
        self.keeps(&[])
    }

    /// None of these may be kept, whatever else is.
    pub fn never(mut self, targets: &'static [&'static str]) -> Case {
        self.expectation.never.extend(targets);
        self
    }

    /// A part of a sentence that must stand somewhere: the reason of a refused index or of one to drop, a rewrite, or a note.
    pub fn says(mut self, part: &'static str) -> Case {
        self.expectation.says.push(part);
        self
    }

    /// Exactly these indexes, by name, must be advised to be dropped. Without it none may.
    pub fn drops(mut self, names: &'static [&'static str]) -> Case {
        self.expectation.drops.push(names);
        self
    }

    /// This must be offered beside indexes, with this part of a statement or a command. Only cases that say so try anything beside
    /// indexes.
    pub fn offers(mut self, kind: OtherKind, part: &'static str) -> Case {
        self.expectation.offers.push((kind, part));
        self
    }

    /// Advises a fresh database of these tables and holds the advice to what is expected.
    ///
    /// Other cases and their servers take the processors meanwhile. What looks wrong is asked about once more on rows made anew, and both
    /// answers are shown: advice that is wrong stays so, a call that had to wait does not.
    pub fn check(self) {
        let first = self.outcome();
        let faults = self.expectation.faults(&first);
        if faults.is_empty() {
            return;
        }
        eprintln!("not as expected the first time:\n{}\n{first}", faults.join("\n"));
        let second = self.outcome();
        let faults = self.expectation.faults(&second);
        assert!(faults.is_empty(), "\ntwice:\n{}\n{second}", faults.join("\n"));
    }

    /// What is advised of a fresh database of these tables.
    pub fn outcome(&self) -> Outcome {
        let database = TestDatabase::new();
        let target = Target::parse(&database.url).expect("the test server's URL");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            fill(&target, &self.tables).await;
            advise(&target, &self.scenario(), !self.expectation.offers.is_empty()).await
        })
    }

    fn scenario(&self) -> Scenario {
        let text = format!("name: case\n{}endpoints:\n{}", self.options, self.endpoints);
        let source = Source { path: "case.yaml".into(), text };
        let none = |_: &Path| Err(std::io::Error::new(std::io::ErrorKind::NotFound, "no such file"));
        perflab::scenario::parse(source, none).unwrap_or_else(|errors| panic!("{errors}"))
    }
}

/// Makes the tables, and leaves them as seeding does.
async fn fill(target: &Target, tables: &str) {
    let mut connection = Connection::open(target).await.expect("connect");
    connection.batch(tables).await.unwrap_or_else(|error| panic!("the tables of the case: {error}"));
    // The catalogs need no vacuum, and are most of a small database.
    let (names,): (Option<String>,) = connection
        .row(
            "SELECT string_agg(c.oid::regclass::text, ', ') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition AND n.nspname NOT IN ('pg_catalog', 'information_schema') \
             AND n.nspname NOT LIKE 'pg\\_toast%'",
        )
        .await
        .expect("the names of the tables");
    if let Some(names) = names {
        connection.batch(&format!("VACUUM (ANALYZE) {names}")).await.expect("vacuum");
    }
    connection.close().await;
}
