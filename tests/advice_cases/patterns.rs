//! LIKE and its kin. The test server's locale is C, where a plain B-tree serves prefixes too.

use crate::case::Case;
use crate::tables::PEOPLE;

#[test]
fn a_prefix() {
    Case::of(PEOPLE)
        .endpoint(
            "GET /people",
            "SELECT substr(name, 1, 6) || '%' AS q FROM person WHERE id % 20 = 0",
            "SELECT * FROM person WHERE name LIKE :q",
        )
        .keeps(&["person (name)"])
        .keeps(&["person (name *_pattern_ops)"])
        .keeps(&["person (name COLLATE \"C\")"])
        .check();
}

#[test]
fn a_prefix_of_a_varchar() {
    Case::of(PEOPLE)
        .endpoint(
            "GET /people",
            "SELECT substr(email, 1, 8) AS q FROM person WHERE id % 20 = 0",
            "SELECT * FROM person WHERE email LIKE :q::text || '%'",
        )
        .keeps(&["person (email)"])
        .keeps(&["person (email *_pattern_ops)"])
        .check();
}

#[test]
fn a_prefix_in_a_language_of_its_own_needs_a_class_for_patterns() {
    Case::of(PEOPLE)
        .and("ALTER TABLE person ALTER COLUMN name TYPE text COLLATE \"en-x-icu\"")
        .endpoint(
            "GET /people",
            "SELECT substr(name, 1, 6) || '%' AS q FROM person WHERE id % 20 = 0",
            "SELECT * FROM person WHERE name LIKE :q",
        )
        .keeps(&["person (name text_pattern_ops)"])
        .keeps(&["person (name COLLATE \"C\")"])
        .check();
}

#[test]
fn a_prefix_behind_an_equality() {
    Case::of(PEOPLE)
        .endpoint(
            "GET /people",
            "SELECT city, substr(name, 1, 2) || '%' AS q FROM person WHERE id % 20 = 0",
            "SELECT * FROM person WHERE city = :city AND name LIKE :q",
        )
        .keeps(&["person (city, name*)"])
        .keeps(&["person (name*)"])
        .check();
}

#[test]
fn a_prefix_in_any_case() {
    Case::of(PEOPLE)
        .endpoint(
            "GET /people",
            "SELECT lower(substr(name, 1, 6)) || '%' AS q FROM person WHERE id % 20 = 0",
            "SELECT * FROM person WHERE lower(name) LIKE :q",
        )
        .keeps(&["person (*lower(name)*)"])
        .never(&["* USING *"])
        .check();
}

#[test]
fn text_somewhere_inside() {
    Case::of(PEOPLE)
        .endpoint(
            "GET /people",
            "SELECT substr(name, 3, 7) AS q FROM person WHERE id % 20 = 0",
            "SELECT * FROM person WHERE name LIKE '%' || :q::text || '%'",
        )
        .keeps(&["person USING gin (name gin_trgm_ops)"])
        .keeps(&["person USING gist (name gist_trgm_ops*)"])
        .check();
}

#[test]
fn text_inside_of_either_of_two_columns_in_any_case() {
    Case::of(PEOPLE)
        .endpoint(
            "GET /people",
            "SELECT lower(substr(name, 3, 7)) AS q FROM person WHERE id % 20 = 0",
            "SELECT * FROM person WHERE name ILIKE '%' || :q::text || '%' OR email ILIKE '%' || :q::text || '%'",
        )
        .keeps(&["person USING gin (name gin_trgm_ops, email gin_trgm_ops)"])
        .keeps(&["person USING gin (email gin_trgm_ops, name gin_trgm_ops)"])
        .keeps(&["person USING gin (name gin_trgm_ops)", "person USING gin (email gin_trgm_ops)"])
        .check();
}

#[test]
fn text_inside_of_an_expression() {
    Case::of(PEOPLE)
        .endpoint(
            "GET /people",
            "SELECT lower(substr(name, 3, 7)) AS q FROM person WHERE id % 20 = 0",
            "SELECT * FROM person WHERE lower(name) LIKE '%' || :q::text || '%'",
        )
        .keeps(&["person USING gin (*lower(name)* gin_trgm_ops)"])
        .check();
}

#[test]
fn the_end_of_a_text() {
    Case::of(PEOPLE)
        .endpoint(
            "GET /people",
            "SELECT right(name, 7) AS q FROM person WHERE id % 20 = 0",
            "SELECT * FROM person WHERE name LIKE '%' || :q::text",
        )
        .keeps(&["person USING gin (name gin_trgm_ops)"])
        .check();
}

#[test]
fn a_regular_expression_that_is_fixed_at_its_beginning() {
    Case::of(PEOPLE)
        .endpoint(
            "GET /people",
            "SELECT '^' || substr(name, 1, 6) AS q FROM person WHERE id % 20 = 0",
            "SELECT * FROM person WHERE name ~ :q",
        )
        .keeps(&["person (name*)"])
        .check();
}

#[test]
fn a_pattern_that_nearly_all_rows_match_gets_nothing() {
    Case::of(PEOPLE)
        .endpoint("GET /people", "", "SELECT sum(length(about)) FROM person WHERE email LIKE '%example%'")
        .keeps_nothing()
        .check();
}
