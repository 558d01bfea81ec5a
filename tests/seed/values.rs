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

const EVENTS: &str = "
CREATE TABLE users (id bigint PRIMARY KEY, joined timestamptz NOT NULL, born date NOT NULL);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users, placed timestamptz NOT NULL,
    paid timestamp, shipped date, seen_ms bigint NOT NULL, seen_s int NOT NULL, iso text NOT NULL, planned timestamptz NOT NULL,
    clock time NOT NULL, weekly timestamptz NOT NULL, recent timestamptz NOT NULL, anytime timestamptz NOT NULL);
";

#[test]
fn moments_follow_each_other_rise_and_keep_their_week() {
    let tables = r#"
    users:
      rows: 300
      columns:
        joined: {time: {last: 730d, order: random}}
        born: {time: {before: joined, within: 6570d-29000d}}
    orders:
      rows: 20 per users
      columns:
        user_id: {ref: users, fanout: 1-60}
        placed: {time: {last: 365d, order: rising}}
        paid: {time: {after: placed, within: 3d}, nulls: 20%}
        shipped: {time: {after: paid, within: 1d-5d}}
        seen_ms: {time: {after: user_id.joined}}
        seen_s: {time: {after: seen_ms, within: 2h}}
        iso: {time: {after: seen_s, within: 2h}}
        planned: {time: {before: placed, within: 30d}}
        clock: {time: {last: 30d, peak: 9h-17h}}
        weekly: {time: {last: 364d, weekend: 0.25}}
        recent: {time: {last: 365d, recency: 30d}}
        anytime: {time: {after: iso, within: 1h}}
"#;
    runtime().block_on(async {
        let mut shop = seed(EVENTS, &data(tables), 1.0).await;
        let joined = "FROM orders o JOIN users u ON u.id = o.user_id";
        for wrong in [
            "u.born > u.joined - interval '6570 days'",
            "u.born < u.joined - interval '29001 days'",
            "o.paid <= o.placed AT TIME ZONE 'UTC'",
            "o.paid > o.placed AT TIME ZONE 'UTC' + interval '3 days'",
            "(o.shipped IS NULL) <> (o.paid IS NULL)",
            "o.shipped < o.paid::date",
            "o.shipped > o.paid::date + 6",
            "to_timestamp(o.seen_ms / 1000.0) <= u.joined",
            "o.seen_s <= o.seen_ms / 1000 - 1",
            "o.seen_s > o.seen_ms / 1000 + 7200",
            "o.iso::timestamptz <= to_timestamp(o.seen_s)",
            "o.planned >= o.placed OR o.planned < o.placed - interval '30 days'",
            "greatest(o.placed, o.paid AT TIME ZONE 'UTC', o.shipped, to_timestamp(o.seen_s), o.iso::timestamptz, o.anytime) > '2026-01-01 00:00Z'",
        ] {
            assert_eq!(shop.number(&format!("SELECT count(*) {joined} WHERE {wrong}")).await, 0, "{wrong}");
        }
        let falls = "SELECT count(*) FROM (SELECT placed < lag(placed) OVER (ORDER BY id) AS falls FROM orders) AS o WHERE falls";
        assert_eq!(shop.number(falls).await, 0, "rising with the row number");
        let correlation = "SELECT (correlation * 1000)::int8 FROM pg_stats WHERE tablename = 'orders' AND attname = 'placed'";
        assert_eq!(shop.number(correlation).await, 1000);
        let random = "SELECT (abs(correlation) * 1000)::int8 FROM pg_stats WHERE tablename = 'users' AND attname = 'joined'";
        assert!(shop.number(random).await < 200);
        let unpaid = shop.number("SELECT count(*) FROM orders WHERE paid IS NULL").await;
        assert!((1_000..1_400).contains(&unpaid), "{unpaid}");
        let weekend = shop.number("SELECT count(*) FROM orders WHERE extract(isodow FROM weekly AT TIME ZONE 'UTC') > 5").await;
        // 2 days of 0.25 among 5.5 days: 1 in 11.
        assert!((450..650).contains(&weekend), "{weekend}");
        let recent = shop.number("SELECT count(*) FROM orders WHERE recent > timestamptz '2026-01-01 00:00Z' - interval '30 days'").await;
        assert!((2_850..3_150).contains(&recent), "half of them: {recent}");
    });
}

const NUMBERS: &str = "
CREATE TABLE numbers (id bigint PRIMARY KEY, age smallint NOT NULL, waited double precision NOT NULL, rank int NOT NULL,
    wealth numeric NOT NULL, price numeric(8,2) NOT NULL, cents int NOT NULL, rough real NOT NULL, body text NOT NULL,
    short varchar(30) NOT NULL UNIQUE, sku text NOT NULL UNIQUE, code char(4) NOT NULL, paid bool NOT NULL);
";

#[test]
fn numbers_prices_and_texts_have_the_statistics_asked_for() {
    let tables = r#"
    numbers:
      rows: 5000
      columns:
        age: {normal: {mean: 40, deviation: 12, min: 18, max: 95}}
        waited: {exponential: {mean: 30, max: 500}}
        rank: {zipf: {exponent: 1.1, max: 1000}}
        wealth: {pareto: {min: 1, shape: 2.5, max: 10000}}
        price: {price: {median: 40, sigma: 0.9, min: 1, max: 500}}
        cents: {price: {median: 40, sigma: 0.9, min: 1, max: 500}}
        rough: {price: {median: 8, sigma: 0.5}}
        body: {text: {median: 240, sigma: 0.8, min: 20, max: 4000}}
        short: {text: {median: 20, sigma: 0.8}}
        sku: {pattern: "[A-Z]{2}-[0-9]{1,3}(x|y)?"}
        code: {pattern: '\d[a-f]+'}
        paid: {values: {true: 30%, false: 70%}}
"#;
    runtime().block_on(async {
        let mut shop = seed(NUMBERS, &data(tables), 1.0).await;
        for (figure, low, high) in [
            ("avg(age)", 39.0, 41.5),
            ("stddev(age)", 10.5, 12.5),
            ("avg(waited)", 28.5, 31.5),
            ("percentile_cont(0.5) WITHIN GROUP (ORDER BY waited)", 19.8, 21.8),
            // 1 / the sum of k^-1.1 over 1 to 1000.
            ("avg((rank = 1)::int)", 0.16, 0.20),
            ("max(rank)", 700.0, 1000.0),
            // min * shape / (shape - 1)
            ("avg(wealth)", 1.58, 1.76),
            ("percentile_cont(0.5) WITHIN GROUP (ORDER BY price)", 37.0, 43.0),
            ("avg((price % 1 = 0.99)::int)", 0.56, 0.64),
            ("avg((price % 1 IN (0.99, 0.95, 0.5, 0))::int)", 1.0, 1.0),
            ("percentile_cont(0.5) WITHIN GROUP (ORDER BY cents)", 3_700.0, 4_300.0),
            ("avg((cents % 100 IN (99, 95, 50, 0))::int)", 1.0, 1.0),
            ("percentile_cont(0.5) WITHIN GROUP (ORDER BY rough)", 7.5, 8.9),
            ("percentile_cont(0.5) WITHIN GROUP (ORDER BY length(body))", 225.0, 255.0),
            ("min(length(body))", 20.0, 40.0),
            ("max(length(body))", 1_500.0, 4_000.0),
            ("max(length(short))", 20.0, 30.0),
            ("avg((sku ~ '^[A-Z]{2}-[0-9]{1,3}(x|y)?$')::int)", 1.0, 1.0),
            ("avg((code ~ '^[0-9][a-f]{1,3} *$')::int)", 1.0, 1.0),
            ("avg(paid::int)", 0.27, 0.33),
        ] {
            let found: f64 = shop.number(&format!("SELECT (({figure}) * 100000)::int8 FROM numbers")).await as f64 / 100_000.0;
            assert!((low..=high).contains(&found), "{figure} is {found}");
        }
    });
}

const SALES: &str = "
CREATE TABLE catalog (id int PRIMARY KEY, price numeric(8,2) NOT NULL, cost float8 NOT NULL);
CREATE TABLE users (id bigint PRIMARY KEY, joined timestamptz NOT NULL, vip bool NOT NULL);
CREATE TABLE sales (id bigint PRIMARY KEY, catalog_id int NOT NULL REFERENCES catalog, user_id bigint NOT NULL REFERENCES users,
    quantity smallint NOT NULL, discount numeric(3,2), total numeric(12,2) NOT NULL, margin real, placed timestamptz NOT NULL,
    due date NOT NULL, status text NOT NULL, label varchar(40) NOT NULL, big bool, waited interval, lucky int NOT NULL);
";

#[test]
fn expressions_give_what_the_server_would_compute() {
    let tables = r#"
    catalog:
      rows: 50
      columns:
        price: {price: {median: 40, sigma: 0.9, min: 1, max: 500}}
        cost: {expression: price * (0.4 + random() * 0.2)}
    users:
      rows: 100
      columns:
        joined: {time: {last: 730d}}
        vip: {expression: joined < now() - 365d and random() < 0.5}
    sales:
      rows: 40 per users
      columns:
        user_id: {ref: users, fanout: 1-99}
        catalog_id: {ref: catalog, pick: {zipf: 0.8}}
        quantity: {range: 1-9}
        discount: {expression: case when user_id.vip then 0.1 when quantity > 5 then 0.05 end}
        total: {expression: "round(catalog_id.price * quantity * (1 - coalesce(discount, 0)), 2)"}
        margin: {expression: total - catalog_id.cost * quantity}
        placed: {time: {after: user_id.joined}}
        due: {expression: "placed + if(user_id.vip, 1d, 3d)"}
        status: {expression: "case when age_days(placed) < 7 then 'open' when random() < 0.1 then 'returned' else 'paid' end"}
        label: {expression: "upper(left(status, 2)) || '-' || quantity || '/' || catalog_id.price"}
        big: {expression: total > 100 or margin > 50}
        waited: {expression: placed - user_id.joined}
        lucky: {expression: "random(1, 6)"}
"#;
    runtime().block_on(async {
        let mut shop = seed(SALES, &data(tables), 1.0).await;
        let joined = "FROM sales s JOIN catalog c ON c.id = s.catalog_id JOIN users u ON u.id = s.user_id";
        for wrong in [
            "c.cost NOT BETWEEN c.price * 0.4 AND c.price * 0.6",
            "u.vip AND u.joined >= timestamptz '2025-01-01 00:00Z'",
            "s.discount IS DISTINCT FROM CASE WHEN u.vip THEN 0.1 WHEN s.quantity > 5 THEN 0.05 END",
            // Double precision and `numeric` may round a tie to either side.
            "abs(s.total - c.price * s.quantity * (1 - coalesce(s.discount, 0))) > 0.00501",
            "abs(s.margin - (s.total - c.cost * s.quantity)) > 0.01",
            "s.due <> ((s.placed AT TIME ZONE 'UTC') + CASE WHEN u.vip THEN interval '1 day' ELSE interval '3 days' END)::date",
            "(s.status = 'open') <> (s.placed > timestamptz '2026-01-01 00:00Z' - interval '7 days')",
            "s.label <> upper(left(s.status, 2)) || '-' || s.quantity || '/' || c.price",
            "s.big <> (s.total > 100 OR s.total - c.cost * s.quantity > 50)",
            "s.joined_at + s.waited <> s.placed",
            "s.lucky NOT BETWEEN 1 AND 6",
        ] {
            let wrong = wrong.replace("s.joined_at", "u.joined");
            assert_eq!(shop.number(&format!("SELECT count(*) {joined} WHERE {wrong}")).await, 0, "{wrong}");
        }
        assert_eq!(shop.number("SELECT count(DISTINCT lucky) FROM sales").await, 6);
        let returned = shop.number("SELECT count(*) * 1000 / (SELECT count(*) FROM sales WHERE status <> 'open') FROM sales WHERE status = 'returned'").await;
        assert!((75..125).contains(&returned), "{returned} in a thousand");
    });
}

const PEOPLE: &str = "
CREATE TABLE people (id bigint PRIMARY KEY, name text NOT NULL, email text NOT NULL UNIQUE, town text NOT NULL, lat numeric(9,6) NOT NULL,
    lon float8 NOT NULL, address inet NOT NULL, card varchar(16) NOT NULL, foreigner text NOT NULL, note text NOT NULL);
";

#[test]
fn names_are_those_of_the_locale_and_addresses_stay_plain() {
    let tables = r#"
    people:
      rows: 2000
      columns:
        name: {fake: name, locale: ja}
        email: {fake: email, locale: de}
        town: {fake: city, locale: fr}
        lat: {fake: latitude}
        lon: {fake: longitude}
        address: {fake: ip}
        card: {fake: credit_card}
        foreigner: {template: "{name}, {job}"}
        note: {text: {median: 100, sigma: 0.3}}
"#;
    runtime().block_on(async {
        let mut data = data(tables);
        data.locale = perflab::scenario::model::Locale::ZhCn;
        let mut people = seed(PEOPLE, &data, 1.0).await;
        for wrong in [
            "name !~ '^[^ -~]+ [^ -~]+$'",
            "email !~ '^[!-~]+@[a-z.]*example[.](com|net|org)$'",
            "town !~ '(ville|-sur-Mer|-sur-Loire|-le-Château|-les-Bains)$'",
            "abs(lat) > 90 OR abs(lon) > 180",
            "NOT address << ANY (ARRAY['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24']::inet[])",
            "card !~ '^400000[0-9]{10}$'",
            "foreigner !~ '^[^ -~]+, [^ -~]+'",
            "length(note) = octet_length(note)",
        ] {
            assert_eq!(people.number(&format!("SELECT count(*) FROM people WHERE {wrong}")).await, 0, "{wrong}");
        }
        assert!(people.number("SELECT (stddev(lat) * 10)::int8 FROM people").await > 450, "over the whole globe");
    });
}
