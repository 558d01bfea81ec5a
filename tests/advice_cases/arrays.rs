//! Arrays.

use crate::case::Case;

/// 20,000 songs with two of 2,000 tags each.
const SONGS: &str = "
CREATE TABLE song (id bigint PRIMARY KEY, tags text[] NOT NULL, note text NOT NULL);
INSERT INTO song SELECT i, ARRAY['a' || i % 997, 'b' || i % 991], repeat(md5(i::text), 4) FROM generate_series(1, 20000) AS i";

#[test]
fn those_that_contain() {
    Case::of(SONGS)
        .endpoint(
            "GET /songs",
            "SELECT tags[1] AS tag FROM song WHERE id % 20 = 0",
            "SELECT * FROM song WHERE tags @> ARRAY[:tag::text]",
        )
        .keeps(&["song USING gin (tags)"])
        .check();
}

#[test]
fn those_that_overlap() {
    Case::of(SONGS)
        .endpoint(
            "GET /songs",
            "SELECT ARRAY[tags[1], tags[2]] AS wanted FROM song WHERE id % 20 = 0",
            "SELECT * FROM song WHERE tags && :wanted",
        )
        .keeps(&["song USING gin (tags)"])
        .check();
}

#[test]
fn a_value_that_is_any_of_the_column_finds_no_index() {
    // Only `tags @> ARRAY[…]` would use one.
    Case::of(SONGS)
        .endpoint("GET /songs", "SELECT tags[1] AS tag FROM song WHERE id % 20 = 0", "SELECT * FROM song WHERE :tag = ANY(tags)")
        .keeps_nothing()
        .check();
}
