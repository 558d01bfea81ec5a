//! Names that need quotes, and names that are there twice.

use crate::case::Case;

#[test]
fn mixed_case_everywhere() {
    Case::of(
        "CREATE SCHEMA \"Shop\"; CREATE TABLE \"Shop\".\"OrderLine\" (\"Id\" bigint PRIMARY KEY, \"OrderId\" bigint NOT NULL, note text NOT NULL); \
         INSERT INTO \"Shop\".\"OrderLine\" SELECT i, i / 10, repeat(md5(i::text), 4) FROM generate_series(1, 30000) AS i",
    )
    .endpoint(
        "GET /lines",
        "SELECT \"OrderId\" AS id FROM \"Shop\".\"OrderLine\" WHERE \"Id\" % 100 = 0",
        "SELECT * FROM \"Shop\".\"OrderLine\" WHERE \"OrderId\" = :id",
    )
    .keeps(&["\"Shop\".\"OrderLine\" (\"OrderId\")"])
    .check();
}

#[test]
fn reserved_words() {
    Case::of(
        "CREATE TABLE \"order\" (id bigint PRIMARY KEY, \"user\" bigint NOT NULL, \"group\" int NOT NULL, note text NOT NULL); \
         INSERT INTO \"order\" SELECT i, i / 10, i % 3, repeat(md5(i::text), 4) FROM generate_series(1, 30000) AS i",
    )
    .endpoint(
        "GET /orders",
        "SELECT \"user\" AS u FROM \"order\" WHERE id % 100 = 0",
        "SELECT * FROM \"order\" WHERE \"user\" = :u",
    )
    .keeps(&["\"order\" (\"user\")"])
    .check();
}

#[test]
fn spaces_quotes_and_letters_of_other_alphabets() {
    Case::of(
        "CREATE TABLE \"Größe \"\"x\"\"\" (id bigint PRIMARY KEY, \"e-mail 地址\" text NOT NULL, note text NOT NULL); \
         INSERT INTO \"Größe \"\"x\"\"\" SELECT i, 'm' || i, repeat(md5(i::text), 4) FROM generate_series(1, 30000) AS i",
    )
    .endpoint(
        "GET /one",
        "SELECT \"e-mail 地址\" AS mail FROM \"Größe \"\"x\"\"\" WHERE id % 100 = 0",
        "SELECT * FROM \"Größe \"\"x\"\"\" WHERE \"e-mail 地址\" = :mail",
    )
    .keeps(&["\"Größe \"\"x\"\"\" (\"e-mail 地址\")"])
    .check();
}

#[test]
fn names_as_long_as_they_may_be() {
    Case::of(
        "CREATE TABLE a_table_whose_name_is_as_long_as_the_server_allows_names_to_be_x \
         (id bigint PRIMARY KEY, a_column_whose_name_is_as_long_as_the_server_allows_names_to_be bigint NOT NULL, \
         b_column_whose_name_is_as_long_as_the_server_allows_names_to_be bigint NOT NULL, note text NOT NULL); \
         INSERT INTO a_table_whose_name_is_as_long_as_the_server_allows_names_to_be_x \
         SELECT i, i / 10, (i * 7919) % 3001, repeat(md5(i::text), 4) FROM generate_series(1, 30000) AS i",
    )
    .endpoint(
        "GET /a",
        "SELECT generate_series(1, 2000) AS n",
        "SELECT * FROM a_table_whose_name_is_as_long_as_the_server_allows_names_to_be_x \
         WHERE a_column_whose_name_is_as_long_as_the_server_allows_names_to_be = :n",
    )
    .endpoint(
        "GET /b",
        "SELECT generate_series(1, 2000) AS n",
        "SELECT * FROM a_table_whose_name_is_as_long_as_the_server_allows_names_to_be_x \
         WHERE b_column_whose_name_is_as_long_as_the_server_allows_names_to_be = :n",
    )
    .keeps(&["* (a_column_*)", "* (b_column_*)"])
    .check();
}

#[test]
fn the_same_name_in_two_schemas() {
    Case::of(
        "CREATE SCHEMA live; CREATE SCHEMA archive; \
         CREATE TABLE live.event (id bigint PRIMARY KEY, code int NOT NULL, note text NOT NULL); \
         CREATE TABLE archive.event (LIKE live.event); \
         INSERT INTO live.event SELECT i, i / 10, repeat(md5(i::text), 4) FROM generate_series(1, 30000) AS i; \
         INSERT INTO archive.event SELECT * FROM live.event",
    )
    .endpoint("GET /events", "SELECT code FROM live.event WHERE id % 100 = 0", "SELECT * FROM archive.event WHERE code = :code")
    .endpoint("GET /event", "SELECT id FROM live.event", "SELECT * FROM live.event WHERE id = :id")
    .keeps(&["archive.event (code)"])
    .check();
}

#[test]
fn the_same_name_in_two_schemas_and_both_are_asked() {
    Case::of(
        "CREATE SCHEMA a; CREATE SCHEMA b; CREATE TABLE a.event (id bigint PRIMARY KEY, code int NOT NULL, note text NOT NULL); \
         CREATE TABLE b.event (id bigint PRIMARY KEY, code int NOT NULL, note text NOT NULL); \
         INSERT INTO a.event SELECT i, i / 10, repeat(md5(i::text), 4) FROM generate_series(1, 30000) AS i; \
         INSERT INTO b.event SELECT * FROM a.event",
    )
    .endpoint("GET /a", "SELECT code FROM a.event WHERE id % 100 = 0", "SELECT * FROM a.event WHERE code = :code")
    .endpoint("GET /b", "SELECT code FROM a.event WHERE id % 100 = 0", "SELECT * FROM b.event WHERE code = :code")
    .keeps(&["a.event (code)", "b.event (code)"])
    .check();
}

#[test]
fn an_alias_that_is_the_name_of_another_table() {
    Case::of(
        "CREATE TABLE small (id int PRIMARY KEY, code int NOT NULL); INSERT INTO small SELECT i, i FROM generate_series(1, 10) AS i; \
         CREATE TABLE large (id int PRIMARY KEY, code int NOT NULL, note text NOT NULL); \
         INSERT INTO large SELECT i, i / 10, repeat(md5(i::text), 4) FROM generate_series(1, 30000) AS i",
    )
    .endpoint("GET /one", "SELECT code FROM large WHERE id % 100 = 0", "SELECT small.* FROM large AS small WHERE small.code = :code")
    .keeps(&["large (code)"])
    .check();
}

#[test]
fn the_name_that_an_index_would_have_is_taken() {
    Case::of(
        "CREATE TABLE large (id int PRIMARY KEY, code int NOT NULL, note text NOT NULL); \
         INSERT INTO large SELECT i, i / 10, repeat(md5(i::text), 4) FROM generate_series(1, 30000) AS i; \
         CREATE TABLE large_code_idx (id int)",
    )
    .endpoint("GET /one", "SELECT code FROM large WHERE id % 100 = 0", "SELECT * FROM large WHERE code = :code")
    .keeps(&["large (code)"])
    .check();
}
