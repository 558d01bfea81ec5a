//! Partitioned tables: the index belongs to the parent, whatever partitions the plan names.

use crate::case::Case;

/// Twelve partitions of 2,500 rows by month.
const BY_MONTH: &str = "
CREATE TABLE measure (device_id int NOT NULL, month int NOT NULL, raw text NOT NULL) PARTITION BY RANGE (month);
DO $$ BEGIN FOR month IN 1..12 LOOP
    EXECUTE format('CREATE TABLE measure_%s PARTITION OF measure FOR VALUES FROM (%s) TO (%s)', month, month, month + 1);
END LOOP; END $$;
INSERT INTO measure SELECT i % 1000, 1 + i % 12, repeat(md5(i::text), 4) FROM generate_series(1, 30000) AS i";

/// Four partitions by the hash of the owner.
const BY_OWNER: &str = "
CREATE TABLE note (id int NOT NULL, owner_id int NOT NULL, code int NOT NULL, body text NOT NULL) PARTITION BY HASH (owner_id);
DO $$ BEGIN FOR part IN 0..3 LOOP
    EXECUTE format('CREATE TABLE note_%s PARTITION OF note FOR VALUES WITH (MODULUS 4, REMAINDER %s)', part, part);
END LOOP; END $$;
INSERT INTO note SELECT i, i % 2000, (i * 7919) % 3001, repeat(md5(i::text), 4) FROM generate_series(1, 30000) AS i";

#[test]
fn by_what_they_are_not_divided_by() {
    Case::of(BY_MONTH)
        .endpoint("GET /device", "SELECT generate_series(0, 999) AS device", "SELECT * FROM measure WHERE device_id = :device")
        .keeps(&["measure (device_id)"])
        .check();
}

#[test]
fn within_one_partition() {
    Case::of(BY_MONTH)
        .endpoint(
            "GET /device/month",
            "SELECT device, 1 + device % 12 AS month FROM generate_series(0, 999) AS device",
            "SELECT * FROM measure WHERE device_id = :device AND month = :month",
        )
        .keeps(&["measure (device_id)"])
        .keeps(&["measure (device_id, month)"])
        .keeps(&["measure (month, device_id)"])
        .check();
}

#[test]
fn a_whole_partition_needs_no_index() {
    Case::of(BY_MONTH)
        .endpoint("GET /month", "SELECT generate_series(1, 12) AS month", "SELECT * FROM measure WHERE month = :month")
        .keeps_nothing()
        .check();
}

#[test]
fn by_hash_and_the_key() {
    Case::of(BY_OWNER)
        .endpoint("GET /notes", "SELECT generate_series(0, 1999) AS owner", "SELECT * FROM note WHERE owner_id = :owner")
        .keeps(&["note (owner_id)"])
        .check();
}

#[test]
fn by_hash_and_another_column() {
    Case::of(BY_OWNER)
        .endpoint("GET /notes", "SELECT generate_series(0, 1999) AS code", "SELECT * FROM note WHERE code = :code")
        .keeps(&["note (code)"])
        .check();
}

#[test]
fn the_newest_of_all_partitions() {
    Case::of(BY_OWNER)
        .endpoint("GET /notes/newest", "", "SELECT * FROM note ORDER BY id DESC LIMIT 10")
        .keeps(&["note (id)"])
        .keeps(&["note (id DESC)"])
        .check();
}

#[test]
fn a_partition_asked_by_its_own_name() {
    Case::of(BY_MONTH)
        .and("INSERT INTO measure SELECT i % 1000, 3, repeat(md5(i::text), 4) FROM generate_series(1, 20000) AS i")
        .endpoint("GET /march", "SELECT generate_series(0, 999) AS device", "SELECT * FROM measure_3 WHERE device_id = :device")
        .keeps(&["measure_3 (device_id)"])
        .keeps(&["measure (device_id)"])
        .check();
}

#[test]
fn partitions_of_partitions_in_a_schema_of_their_own() {
    Case::of(
        "CREATE SCHEMA \"Parts\"; CREATE TABLE sale (shop_id int NOT NULL, region int NOT NULL, year int NOT NULL, raw text NOT NULL) \
         PARTITION BY LIST (region); \
         CREATE TABLE \"Parts\".sale_1 PARTITION OF sale FOR VALUES IN (1) PARTITION BY RANGE (year); \
         CREATE TABLE \"Parts\".sale_2 PARTITION OF sale FOR VALUES IN (2); \
         CREATE TABLE \"Parts\".\"sale_1_Old\" PARTITION OF \"Parts\".sale_1 FOR VALUES FROM (0) TO (2020); \
         CREATE TABLE \"Parts\".\"sale_1_New\" PARTITION OF \"Parts\".sale_1 FOR VALUES FROM (2020) TO (2030); \
         INSERT INTO sale SELECT i % 1000, 1 + i % 2, 2015 + i % 10, repeat(md5(i::text), 4) FROM generate_series(1, 30000) AS i",
    )
    .endpoint("GET /shop", "SELECT generate_series(0, 999) AS shop", "SELECT * FROM sale WHERE shop_id = :shop")
    .keeps(&["sale (shop_id)"])
    .check();
}

#[test]
fn a_table_that_inherits() {
    Case::of(
        "CREATE TABLE asset (id int NOT NULL, code int NOT NULL, note text NOT NULL); CREATE TABLE car (wheels int) INHERITS (asset); \
         INSERT INTO car SELECT i, i / 10, repeat(md5(i::text), 4), 4 FROM generate_series(1, 30000) AS i",
    )
    .endpoint("GET /asset", "SELECT code FROM car WHERE id % 100 = 0", "SELECT * FROM asset WHERE code = :code")
    .keeps(&["car (code)"])
    .check();
}
