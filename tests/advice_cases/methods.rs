//! Kinds of index beside the B-tree.

use crate::case::Case;

/// 60,000 rows in the order of time, 14 MB.
const LOG: &str = "
CREATE TABLE log (id bigint NOT NULL, at timestamp NOT NULL, message text NOT NULL);
INSERT INTO log SELECT i, timestamp '2025-01-01' + i * interval '1 second', repeat(md5(i::text), 6) FROM generate_series(1, 60000) AS i";

const LAST_MINUTES: &str = "SELECT * FROM log WHERE at >= :since AND at < :since::timestamp + interval '2 minutes'";
const SINCE: &str = "SELECT at AS since FROM log WHERE id % 300 = 0";

#[test]
fn a_range_of_rows_that_lie_together() {
    Case::of(LOG).endpoint("GET /log", SINCE, LAST_MINUTES).keeps(&["log (at)"]).keeps(&["log USING brin (at)"]).check();
}

#[test]
fn brin_where_a_tree_is_over_the_budget() {
    // A B-tree takes 1.3 MB here.
    Case::of(LOG)
        .options("{budget: {size: 200kB}}")
        .endpoint("GET /log", SINCE, LAST_MINUTES)
        .keeps(&["log USING brin (at)"])
        .check();
}

#[test]
fn a_wide_column_looked_up_whole() {
    Case::of(
        "CREATE TABLE page (id bigint PRIMARY KEY, url text NOT NULL); \
         INSERT INTO page SELECT i, 'https://example.com/' || repeat(md5(i::text), 6) FROM generate_series(1, 20000) AS i",
    )
    .endpoint("GET /page", "SELECT url FROM page WHERE id % 20 = 0", "SELECT * FROM page WHERE url = :url")
    .keeps(&["page USING hash (url)"])
    .keeps(&["page (url)"])
    .check();
}

#[test]
fn a_value_too_long_for_a_tree() {
    // 2.7 kB is the most that a B-tree takes; random text does not shrink.
    Case::of(
        "CREATE TABLE file (id bigint PRIMARY KEY, content text NOT NULL); \
         INSERT INTO file SELECT i, (SELECT string_agg(md5((i * 1000 + k)::text), '') FROM generate_series(1, 180) AS k) \
         FROM generate_series(1, 3000) AS i; ALTER TABLE file ALTER COLUMN content SET STORAGE EXTERNAL",
    )
    .endpoint("GET /file", "SELECT content FROM file WHERE id % 100 = 0", "SELECT id FROM file WHERE content = :content")
    .keeps(&["file USING hash (content)"])
    .keeps_nothing()
    .never(&["file (content)"])
    .says("index row")
    .check();
}
