//! What values can be, in a real server: other rows' values, and the statistics of each kind.

use crate::seeding::{data, runtime, seed};

const SHOP: &str = "
CREATE TABLE countries (id int PRIMARY KEY, name varchar(40) NOT NULL, currency char(3) NOT NULL);
CREATE TABLE users (id bigint PRIMARY KEY, country_id int NOT NULL REFERENCES countries, nick text NOT NULL, referrer bigint REFERENCES users);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint REFERENCES users, currency varchar(3), label text NOT NULL, hint text);
CREATE TABLE lines (id bigint PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders, buyer_id bigint REFERENCES users,
    country text, tax int NOT NULL, nick text);
";

#[test]
fn values_follow_references_to_any_depth() {
    let tables = r#"
    countries:
      rows: 3
      columns:
        name: {values: [France, Japan, Brazil]}
        currency: {values: [EUR, JPY, BRL]}
    users: {rows: 200}
    orders:
      rows: 3 per users
      columns:
        user_id: {ref: users, fanout: 1-9, nulls: 0%}
        currency: {copy: user_id.country_id.currency, nulls: 10%}
        label: {template: "{column:user_id.nick}/{column:user_id.country_id.name}"}
        hint: {by: user_id.referrer.country_id.name, cases: {Japan: {pattern: "[0-9]{4}"}, else: none}}
    lines:
      rows: 2 per orders
      columns:
        order_id: {ref: orders, pick: {zipf: 0.8}}
        buyer_id: {copy: order_id.user_id}
        country: {copy: buyer_id.country_id.name}
        tax: {by: order_id.user_id.country_id.currency, cases: {EUR: 20, JPY: 10, else: {range: 1-5}}}
        nick: {copy: order_id.user_id.nick}
"#;
    runtime().block_on(async {
        let mut shop = seed(SHOP, &data(tables), 1.0).await;
        assert_eq!(shop.number("SELECT count(*) FROM lines").await, 1_200);
        let joined = "FROM lines l JOIN orders o ON o.id = l.order_id JOIN users u ON u.id = o.user_id JOIN countries c ON c.id = u.country_id";
        for wrong in [
            "l.buyer_id IS DISTINCT FROM u.id",
            "l.country IS DISTINCT FROM c.name",
            "l.nick IS DISTINCT FROM u.nick",
            "(l.tax = 20) <> (c.currency = 'EUR')",
            "(l.tax = 10) <> (c.currency = 'JPY')",
            "o.currency <> c.currency",
            "o.label <> u.nick || '/' || c.name",
        ] {
            assert_eq!(shop.number(&format!("SELECT count(*) {joined} WHERE {wrong}")).await, 0, "{wrong}");
        }
        let nulls = shop.number("SELECT count(*) FROM orders WHERE currency IS NULL").await;
        assert!((30..90).contains(&nulls), "{nulls}");
        let hints = "SELECT count(*) FROM orders o JOIN users u ON u.id = o.user_id LEFT JOIN users r ON r.id = u.referrer
            LEFT JOIN countries c ON c.id = r.country_id WHERE (o.hint ~ '^[0-9]{4}$') <> (coalesce(c.name, '') = 'Japan')";
        assert_eq!(shop.number(hints).await, 0);
        assert!(shop.number("SELECT count(*) FROM orders WHERE hint <> 'none'").await > 50);
    });
}
