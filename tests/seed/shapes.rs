//! Counts and shapes as the server sees them.

use crate::seeding::{data, runtime, seed};

const SCHEMA: &str = "
CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id bigint NOT NULL REFERENCES users, coupon_id bigint REFERENCES users);
CREATE TABLE lines (order_id bigint NOT NULL REFERENCES orders, line int NOT NULL, PRIMARY KEY (order_id, line));
CREATE TABLE clicks (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id bigint NOT NULL REFERENCES users, seller_id bigint NOT NULL REFERENCES users);
CREATE TABLE visits (user_id bigint NOT NULL REFERENCES users, n int);
";

#[test]
fn fanouts_give_the_rows_where_none_are_written_and_picks_have_their_classes() {
    let tables = "    users: {rows: 1000}
    orders:
      columns:
        user_id: {ref: users, fanout: {1%: 20-30, rest: 1-5}}
        coupon_id: {ref: users, pick: {1%: 50%, rest: 50%}, nulls: 40%}
    lines:
      columns: {order_id: {ref: orders, fanout: {pareto: {shape: 1.5, min: 1, max: 40}}}}
    clicks:
      rows: 20 per users
      columns:
        user_id: {ref: users, fanout: {zipf: {exponent: 1, min: 2}}}
        seller_id: {ref: users, pick: {pareto: 1.161}}
    visits:
      columns: {user_id: {ref: users, fanout: {poisson: 3}}}
";
    runtime().block_on(async {
        let mut seeded = seed(SCHEMA, &data(tables), 1.0).await;
        let rows = |seeded: &crate::seeding::Seeded, name: &str| {
            let table = seeded.run.tables.iter().find(|table| table.name == name).unwrap();
            (table.rule.clone(), table.rows)
        };
        assert_eq!(rows(&seeded, "orders"), ("sum of the fan-out of user_id".to_owned(), 3220));
        assert_eq!(rows(&seeded, "visits").1, 3000);
        let per = |of: &str, by: &str| format!("(SELECT count(*) AS n FROM {of} GROUP BY {by}) AS c");
        let orders = format!("SELECT count(*) FROM {} WHERE n BETWEEN 20 AND 30", per("orders", "user_id"));
        assert_eq!(seeded.number(&orders).await, 10, "one user in a hundred");
        let lines = format!("SELECT count(*) FROM {} WHERE n NOT BETWEEN 1 AND 40", per("lines", "order_id"));
        assert_eq!(seeded.number(&lines).await, 0);
        let clicks = format!("SELECT min(n) FROM {}", per("clicks", "user_id"));
        assert_eq!(seeded.number(&clicks).await, 2);
        let half = format!(
            "SELECT (100 * sum(n) FILTER (WHERE r <= 10) / sum(n))::int8 FROM
             (SELECT n, row_number() OVER (ORDER BY n DESC) AS r FROM {}) AS ranked",
            per("orders WHERE coupon_id IS NOT NULL", "coupon_id")
        );
        assert!((46..=54).contains(&seeded.number(&half).await), "half of the coupons fall on one user in a hundred");
        let nulls = seeded.number("SELECT count(*) FROM orders WHERE coupon_id IS NULL").await;
        assert!((1190..1390).contains(&nulls), "40% of 3220: {nulls}");
        let fifth = format!(
            "SELECT (100 * sum(n) FILTER (WHERE r <= 200) / sum(n))::int8 FROM
             (SELECT n, row_number() OVER (ORDER BY n DESC) AS r FROM {}) AS ranked",
            per("clicks", "seller_id")
        );
        assert!((78..=84).contains(&seeded.number(&fifth).await), "a fifth of the sellers gets four fifths");
        let adjacent = "SELECT count(*) FROM (SELECT user_id, lag(user_id) OVER (ORDER BY n DESC) AS last FROM
             (SELECT user_id, count(*) AS n FROM clicks GROUP BY user_id ORDER BY n DESC LIMIT 10) AS hot) AS pairs
             WHERE abs(user_id - last) = 1";
        assert_eq!(seeded.number(adjacent).await, 0, "hot keys are scattered");
    });
}
