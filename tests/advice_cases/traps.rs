//! Indexes that the planner likes and the clock does not.

use crate::case::Case;

/// 40,000 offers; those of the sellers 901 to 1,000 are the last that were made, so that whoever walks them by time walks over all others first.
const OFFERS: &str = "
CREATE TABLE offer (id bigint PRIMARY KEY, seller_id int NOT NULL, kind int NOT NULL, made int NOT NULL, note text NOT NULL);
INSERT INTO offer SELECT i, CASE WHEN i > 36000 THEN 901 + i % 100 ELSE i % 900 END, CASE WHEN i > 36000 THEN 7 ELSE i % 7 END, i,
    repeat(md5(i::text), 4) FROM generate_series(1, 40000) AS i";

#[test]
fn the_first_of_a_late_kind() {
    // The planner takes the rare kind for evenly spread and walks the order's index to the end.
    Case::of(OFFERS)
        .endpoint("GET /offers", "", "SELECT * FROM offer WHERE kind = 7 AND seller_id = 950 ORDER BY made LIMIT 3")
        .never(&["offer (made)"])
        .keeps(&["offer (seller_id*)"])
        .keeps(&["offer (kind, seller_id*)"])
        .keeps(&["offer (*) WHERE *"])
        .check();
}

#[test]
fn an_order_index_that_finds_its_rows_at_the_far_end() {
    // `seller_id + 0` has no statistics: a half percent of the rows is assumed, evenly spread, and the tenth of them soon found.
    Case::of(OFFERS)
        .and("ALTER TABLE offer ALTER COLUMN kind SET STATISTICS 0")
        .endpoint(
            "GET /offers",
            "SELECT generate_series(901, 1000) AS seller",
            "SELECT * FROM offer WHERE seller_id + 0 = :seller ORDER BY made LIMIT 30",
        )
        .never(&["offer (made)"])
        .check();
}

#[test]
fn columns_that_depend_on_each_other() {
    // Every brand has one maker, and the planner multiplies the two: it takes 300 rows for one.
    Case::of(
        "CREATE TABLE car (id bigint PRIMARY KEY, maker int NOT NULL, brand int NOT NULL, made int NOT NULL, note text NOT NULL); \
         INSERT INTO car SELECT i, i % 100, i % 100, (i * 7919) % 30011, repeat(md5(i::text), 4) FROM generate_series(1, 30000) AS i",
    )
    .endpoint(
        "GET /cars",
        "SELECT generate_series(0, 99) AS maker",
        "SELECT sum(length(note)) FROM car WHERE maker = :maker AND brand = :maker",
    )
    .keeps(&["car (maker)"])
    .keeps(&["car (brand)"])
    .keeps(&["car (maker, brand)"])
    .keeps(&["car (brand, maker)"])
    .check();
}

#[test]
fn an_order_by_the_primary_key_does_not_hide_the_filter() {
    // The primary key gives the order, and a walk along it reads nearly all rows to find three.
    Case::of(OFFERS)
        .endpoint(
            "GET /offers",
            "SELECT generate_series(901, 1000) AS seller",
            "SELECT * FROM offer WHERE seller_id = :seller ORDER BY id LIMIT 3",
        )
        .keeps(&["offer (seller_id)"])
        .keeps(&["offer (seller_id, id)"])
        .check();
}
