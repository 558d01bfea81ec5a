//! Partitioned tables.

use crate::common::TestDatabase;
use crate::seeding::{data, runtime, seed};
use perflab::db::{Connection, Target, read_catalog};
use perflab::seed::SeedPlan;

const SCHEMA: &str = "
CREATE TABLE devices (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL);
CREATE TABLE readings (region text NOT NULL, device_id int NOT NULL REFERENCES devices, at timestamptz NOT NULL, value real,
    PRIMARY KEY (region, device_id, at)) PARTITION BY LIST (region);
CREATE TABLE readings_eu PARTITION OF readings FOR VALUES IN ('de', 'fr', 'it');
CREATE TABLE readings_us PARTITION OF readings FOR VALUES IN ('us') PARTITION BY HASH (device_id);
CREATE TABLE readings_us0 PARTITION OF readings_us FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE readings_us1 PARTITION OF readings_us FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE payments (id bigserial, paid_at timestamp NOT NULL, device_id int NOT NULL REFERENCES devices,
    PRIMARY KEY (paid_at, id)) PARTITION BY RANGE (paid_at);
CREATE TABLE payments_1 PARTITION OF payments FOR VALUES FROM ('2025-01-01') TO ('2025-02-01');
CREATE TABLE payments_2 PARTITION OF payments FOR VALUES FROM ('2025-02-01') TO ('2025-03-01');
CREATE TABLE payments_5 PARTITION OF payments FOR VALUES FROM ('2025-05-01') TO ('2025-06-01');
CREATE TABLE refunds (id int PRIMARY KEY, paid_at timestamp NOT NULL, payment_id bigint NOT NULL,
    FOREIGN KEY (paid_at, payment_id) REFERENCES payments (paid_at, id));
CREATE TABLE events (id bigint NOT NULL, kind text NOT NULL, on_day date NOT NULL, bucket int NOT NULL) PARTITION BY LIST (kind);
CREATE TABLE events_click PARTITION OF events FOR VALUES IN ('click') PARTITION BY RANGE (on_day);
CREATE TABLE events_click_1 PARTITION OF events_click FOR VALUES FROM ('2024-01-01') TO ('2024-07-01');
CREATE TABLE events_click_2 PARTITION OF events_click FOR VALUES FROM ('2024-07-01') TO ('2025-01-01');
CREATE TABLE events_buy PARTITION OF events FOR VALUES IN ('buy', 'sell') PARTITION BY RANGE (bucket);
CREATE TABLE events_buy_low PARTITION OF events_buy FOR VALUES FROM (0) TO (20000);
CREATE TABLE events_buy_high PARTITION OF events_buy FOR VALUES FROM (100000) TO (120000);
CREATE TABLE months (year int NOT NULL, month int NOT NULL, total int) PARTITION BY RANGE (year, month);
CREATE TABLE months_a PARTITION OF months FOR VALUES FROM (2024, 1) TO (2024, 7);
CREATE TABLE months_b PARTITION OF months FOR VALUES FROM (2024, 7) TO (2025, MINVALUE);
CREATE TABLE names (name text NOT NULL) PARTITION BY RANGE (name);
CREATE TABLE names_a PARTITION OF names FOR VALUES FROM ('a') TO ('k');
CREATE TABLE names_k PARTITION OF names FOR VALUES FROM ('k') TO ('p');
CREATE TABLE logs (id bigint NOT NULL, at timestamp NOT NULL) PARTITION BY RANGE (date_trunc('month', at));
CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2025-03-01') TO ('2025-05-01');
";

const TABLES: &str = "    devices: {rows: 20}
    readings: {rows: 3000}
    payments: {rows: 900}
    refunds: {rows: 100}
    events: {rows: 1000}
    months: {rows: 400}
    names: {rows: 300}
    logs: {rows: 100}
";

#[test]
fn rows_find_their_partitions_at_all_levels() {
    runtime().block_on(async {
        let mut seeded = seed(SCHEMA, &data(TABLES), 1.0).await;
        for (leaf, least) in [
            ("readings_eu", 1500),
            ("readings_us0", 100),
            ("readings_us1", 100),
            ("payments_1", 200),
            ("payments_2", 200),
            ("payments_5", 200),
            ("events_click_1", 150),
            ("events_click_2", 150),
            ("events_buy_low", 150),
            ("events_buy_high", 150),
            ("months_a", 100),
            ("months_b", 100),
            ("names_a", 100),
            ("names_k", 50),
            ("logs_1", 100),
        ] {
            let rows = seeded.number(&format!("SELECT count(*) FROM {leaf}")).await;
            assert!(rows >= least, "{leaf}: {rows}");
        }
        let analyzed = "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace AND reltuples < 1";
        assert_eq!(seeded.number(analyzed).await, 0);
        assert_eq!(seeded.number("SELECT count(*) FROM payments WHERE id > 900").await, 0);
        assert_eq!(seeded.number("SELECT nextval('payments_id_seq')").await, 901);
    });
}

#[test]
fn what_is_described_and_finds_no_partition_is_a_mistake() {
    let schema = "CREATE TABLE sales (id int NOT NULL, region text NOT NULL) PARTITION BY LIST (region);
        CREATE TABLE sales_eu PARTITION OF sales FOR VALUES IN ('de', 'fr');";
    runtime().block_on(async {
        let database = TestDatabase::new();
        let mut connection = Connection::open(&Target::parse(&database.url).unwrap()).await.unwrap();
        connection.batch(schema).await.unwrap();
        let catalog = read_catalog(&mut connection).await.unwrap();
        let data = data("    sales: {rows: 10, columns: {region: {values: [de, us]}}}\n");
        let plan = SeedPlan::new(&data, &catalog, 1.0).unwrap();
        let refused = perflab::seed::trial(&plan, &mut connection).await.unwrap();
        let told: Vec<String> = refused.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("the bounds of its partitions"), "{told:?}");
        assert!(told[0].contains("region = 'us'"), "{told:?}");
    });
}
