//! A small database with a cascade, for tests of calls, plans and advice.

use std::path::Path;

use perflab::db::{Connection, Target};
use perflab::scenario::model::{Scenario, Source};

/// 200 customers; 40,000 orders of theirs; one line per order. Nothing but primary keys is indexed.
pub const SCHEMA: &str = "
CREATE TABLE customer (id bigint PRIMARY KEY, name text NOT NULL);
CREATE TABLE purchase (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customer ON DELETE CASCADE, paid boolean NOT NULL);
CREATE TABLE line (id bigint PRIMARY KEY, purchase_id bigint REFERENCES purchase ON DELETE SET NULL, amount int NOT NULL);
INSERT INTO customer SELECT i, 'customer ' || i FROM generate_series(1, 200) AS i;
INSERT INTO purchase SELECT i, 1 + i % 200, i % 3 = 0 FROM generate_series(1, 40000) AS i;
INSERT INTO line SELECT i, i, i % 50 FROM generate_series(1, 40000) AS i;
";

/// Makes the tables in an empty database.
pub async fn fill(target: &Target) {
    let mut connection = Connection::open(target).await.expect("connect");
    connection.batch(SCHEMA).await.expect("the schema");
    connection.batch("VACUUM ANALYZE").await.expect("vacuum");
    connection.close().await;
}

/// A scenario without data, from the lines of its endpoints.
pub fn scenario(endpoints: &str) -> Scenario {
    let text = format!("name: shop\nendpoints:\n{endpoints}");
    let source = Source { path: "shop.yaml".into(), text };
    let none = |_: &Path| Err(std::io::Error::new(std::io::ErrorKind::NotFound, "no such file"));
    perflab::scenario::parse(source, none).unwrap_or_else(|errors| panic!("{errors}"))
}
