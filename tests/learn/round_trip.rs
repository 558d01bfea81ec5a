//! Seed, learn, seed what was learned, learn again: both databases look alike.
//!
//! Tolerances: row counts exactly; null fractions within 1.5 points; different values within 15%; children per parent at the median, the 99th
//! percentile and the most within 30% (or one child); exponents and sigmas of fan-outs within 10% of what was seeded, of the
//! few parents of a small table within 20%; figures of distributions within 10%; growth within a fifth of itself.

use std::path::Path;

use perflab::learn::Learned;
use perflab::scenario::model::Source;

use crate::common::TestDatabase;
use crate::learning::{column, connect, data, described, figure, learned, near, run, seeded};

/// Counts, nulls and different values of all that was learned.
fn alike(first: &Learned, second: &Learned) {
    for (a, b) in first.tables.iter().zip(&second.tables) {
        assert_eq!((&a.name, a.rows), (&b.name, b.rows));
        for (column, other) in a.columns.iter().zip(&b.columns) {
            let name = format!("{}.{}", a.name, column.name);
            let (nulls, others) = (column.null_fraction.unwrap(), other.null_fraction.unwrap());
            assert!((nulls - others).abs() < 0.015, "{name}: {nulls} and {others} of the rows are null");
            if let (Some(distinct), Some(others), Some(_)) = (column.distinct, other.distinct, &column.described)
                && distinct > 20.0
            {
                near(&format!("{name}, different values"), distinct, others, 0.15);
            }
        }
    }
}

/// Median, 99th percentile and most children of the parents that have some.
async fn fanout(database: &TestDatabase, table: &str, column: &str) -> [f64; 3] {
    let mut connection = connect(&database.url).await;
    let sql = format!(
        "SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY n)::float8, percentile_disc(0.99) WITHIN GROUP (ORDER BY n)::float8, max(n)::float8 \
         FROM (SELECT count(*) AS n FROM {table} WHERE {column} IS NOT NULL GROUP BY {column}) AS s"
    );
    let (median, p99, most): (f64, f64, f64) = connection.row(&sql).await.unwrap();
    connection.close().await;
    [median, p99, most]
}

async fn same_fanout(first: &TestDatabase, second: &TestDatabase, table: &str, column: &str) {
    let (a, b) = (fanout(first, table, column).await, fanout(second, table, column).await);
    for ((what, a), b) in ["median", "p99", "most"].into_iter().zip(a).zip(b) {
        assert!((a - b).abs() <= (0.3 * a).max(1.0), "{table}.{column}, {what} of the children: {a} and {b}");
    }
}

#[test]
fn music_is_music_again() {
    run(async {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let schema = std::fs::read_to_string(root.join("schema.sql")).unwrap();
        let path = root.join("scenarios/music.yaml");
        let text = std::fs::read_to_string(&path).unwrap();
        let scenario = perflab::scenario::parse(Source { path, text }, |schema| std::fs::read_to_string(schema)).unwrap();
        let music = seeded(&schema, &scenario.data.unwrap(), 0.1).await;
        let first = learned(&music.url).await;
        assert_eq!(first.notes, Vec::<String>::new());
        let again = seeded(&schema, &data(&first.yaml), 1.0).await;
        let second = learned(&again.url).await;
        alike(&first, &second);

        near("sigma of the lists", figure(&first, "playlist_songs.playlist_id", "sigma"), 0.8, 0.1);
        near("sigma of the songs", figure(&first, "playlist_songs.song_id", "sigma"), 1.6, 0.1);
        near("sigma, learned twice", figure(&second, "playlist_songs.song_id", "sigma"), 1.6, 0.1);
        near("growth of the plays", figure(&first, "song_history.created_at", "growth"), 3.0, 0.2);
        near("growth, learned twice", figure(&second, "song_history.created_at", "growth"), 3.0, 0.2);
        assert_eq!(described(&first, "songs.authorization_key"), "{template: \"{hex:25}\"}");
        assert!(first.tables.iter().any(|table| table.name == "platforms" && table.fixed));
        let named = column(&first, "playlist_songs.playlist_id").references.as_deref();
        assert_eq!(named, Some("playlists"), "no foreign key, but a name");
        for (table, column) in [
            ("playlist_songs", "playlist_id"),
            ("playlist_songs", "song_id"),
            ("song_history", "user_id"),
            ("song_history", "song_id"),
            ("users_playlist_position", "user_id"),
            ("users_playlist_position", "playlist_id"),
            ("user_moods", "user_id"),
            ("users", "platform_id"),
            ("links", "song_id"),
        ] {
            same_fanout(&music, &again, table, column).await;
        }
    });
}

const SHOP: &str = "
CREATE TYPE tier AS ENUM ('free', 'plus', 'pro');
CREATE TABLE customers (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tier tier NOT NULL,
    status text,
    age int NOT NULL,
    spent numeric(10,2) NOT NULL,
    score double precision,
    verified boolean NOT NULL,
    city text NOT NULL,
    nothing text,
    seen timestamptz NOT NULL
);
CREATE TABLE products (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, sku text NOT NULL UNIQUE, stock int NOT NULL);
CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES customers,
    product_id bigint NOT NULL REFERENCES products,
    coupon_id bigint REFERENCES customers,
    created_at timestamptz NOT NULL
);
CREATE TABLE invoices (order_id bigint PRIMARY KEY REFERENCES orders, paid boolean NOT NULL);
CREATE TABLE visits (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers);
";

const SHAPES: &str = "name: shop
data:
  seed: 11
  tables:
    customers:
      rows: 4000
      columns:
        tier: {values: {free: 80%, plus: 15%, pro: 5%}}
        status: {values: {resting: 70%, working: 30%}, nulls: 25%}
        age: {normal: {mean: 41, deviation: 11, min: 18, max: 95}}
        spent: {lognormal: {median: 60, sigma: 1.1, min: 1, max: 20000}}
        score: {range: [0, 1], nulls: 40%}
        verified: {values: {true: 90%, false: 10%}}
        city: {template: \"town {int:1-400}\"}
        nothing: null
        seen: {time: {last: 700d, growth: 2%/week, order: random}}
    products: {rows: 500, columns: {stock: {range: 0-250}}}
    orders:
      rows: 5.5 per customers
      order: shuffled
      columns:
        customer_id: {ref: customers, fanout: {zipf: 0.8}}
        product_id: {ref: products, fanout: {lognormal: {sigma: 0.9, min: 1}}}
        coupon_id: {ref: customers, nulls: 90%}
        created_at: {time: {last: 300d, growth: 4%/week}}
    invoices: {rows: 0.7 per orders, columns: {order_id: {ref: orders, fanout: 0-1}}}
    visits: {rows: 2.25 per customers, columns: {customer_id: {ref: customers, fanout: 1-5}}}
";

/// Before the exponent: nothing, or its name where a largest number stands beside it.
fn exponent(learned: &Learned) -> &'static str {
    if described(learned, "orders.customer_id").contains("exponent") { "exponent" } else { "zipf" }
}

#[test]
fn every_shape_is_known_again() {
    run(async {
        let shop = seeded(SHOP, &data(SHAPES), 1.0).await;
        let first = learned(&shop.url).await;
        assert_eq!(first.notes, Vec::<String>::new());
        let again = seeded(SHOP, &data(&first.yaml), 1.0).await;
        let second = learned(&again.url).await;
        alike(&first, &second);
        for learned in [&first, &second] {
            assert!(described(learned, "customers.age").starts_with("{normal"), "{}", learned.yaml);
            near("mean of the ages", figure(learned, "customers.age", "mean"), 41.0, 0.05);
            near("their deviation", figure(learned, "customers.age", "deviation"), 11.0, 0.1);
            near("median spent", figure(learned, "customers.spent", "median"), 60.0, 0.1);
            near("its sigma", figure(learned, "customers.spent", "sigma"), 1.1, 0.1);
            near("popularity of customers", figure(learned, "orders.customer_id", exponent(learned)), 0.8, 0.1);
            near("sigma of the products", figure(learned, "orders.product_id", "sigma"), 0.9, 0.2);
            near("growth of the orders", figure(learned, "orders.created_at", "growth"), 4.0, 0.2);
            near("nulls", figure(learned, "orders.coupon_id", "nulls"), 90.0, 0.02);
            assert_eq!(described(learned, "customers.nothing"), "null");
            assert_eq!(described(learned, "invoices.order_id"), "{ref: orders, fanout: 0-1}");
            assert_eq!(described(learned, "visits.customer_id"), "{ref: customers, fanout: 1-5}");
            near("resting", figure(learned, "customers.status", "value_1"), 70.0, 0.05);
            near("free", figure(learned, "customers.tier", "free"), 80.0, 0.05);
            near("verified", figure(learned, "customers.verified", "true"), 90.0, 0.05);
            near("towns", column(learned, "customers.city").distinct.unwrap(), 400.0, 0.05);
            assert_eq!(described(learned, "products.stock"), "{range: 0-260}", "rounded outward");
            assert!(described(learned, "customers.seen").contains("order: random"));
            let rising = column(learned, "orders.created_at").correlation.unwrap();
            assert!(rising > 0.99, "{rising}");
        }
        for (table, column) in [("orders", "customer_id"), ("orders", "product_id"), ("visits", "customer_id")] {
            same_fanout(&shop, &again, table, column).await;
        }
        let rule = |table: &str| first.tables.iter().find(|found| found.name == table).unwrap().rule.clone();
        assert_eq!(rule("customers"), "4000");
        assert_eq!(rule("orders"), "5.5 per customers");
        assert_eq!(rule("invoices"), "0.7 per orders");
    });
}
