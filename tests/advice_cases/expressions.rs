//! Conditions on what is computed from a row.

use crate::case::Case;
use crate::tables::{ORDERS, PEOPLE, READINGS};

#[test]
fn equality_in_any_case() {
    Case::of(ORDERS)
        .and("INSERT INTO customer SELECT i, 'Person' || i || '@Example.com', 'DE' FROM generate_series(2001, 20000) AS i")
        .endpoint(
            "GET /customer",
            "SELECT upper(email) AS email FROM customer WHERE id % 20 = 0",
            "SELECT * FROM customer WHERE lower(email) = lower(:email)",
        )
        .keeps(&["customer (*lower(email)*)"])
        .check();
}

#[test]
fn a_sum_of_columns() {
    Case::of(READINGS)
        .endpoint(
            "GET /reading",
            "SELECT value + sensor_id AS added FROM reading WHERE id % 50 = 0",
            "SELECT * FROM reading WHERE value + sensor_id = :added",
        )
        .keeps(&["reading (*value + sensor_id*)"])
        .check();
}

#[test]
fn the_day_of_a_time_without_zone() {
    Case::of(READINGS)
        .and("UPDATE reading SET at = timestamp '2025-01-01' + (id * 7919 % 300) * interval '1 day' + interval '7 hours'")
        .endpoint(
            "GET /readings",
            "SELECT at::date AS day FROM reading WHERE id % 50 = 0",
            "SELECT * FROM reading WHERE date_trunc('day', at) = :day::date",
        )
        .keeps(&["reading (*date_trunc('day'::text, at)*)"])
        .check();
}

#[test]
fn a_cast_of_a_time_without_zone() {
    Case::of(READINGS)
        .and("UPDATE reading SET at = timestamp '2025-01-01' + (id * 7919 % 300) * interval '1 day' + interval '7 hours'")
        .endpoint(
            "GET /readings",
            "SELECT at::date AS day FROM reading WHERE id % 50 = 0",
            "SELECT * FROM reading WHERE at::date = :day",
        )
        .keeps(&["reading (*(at)::date*)"])
        .keeps(&["reading (*at::date*)"])
        .check();
}

#[test]
fn what_depends_on_the_time_zone_cannot_be_indexed_and_that_is_said() {
    Case::of(ORDERS)
        .endpoint(
            "GET /orders",
            "SELECT DISTINCT to_char(placed_at, 'YYYY-MM-DD HH24') AS hour FROM orders",
            "SELECT * FROM orders WHERE to_char(placed_at, 'YYYY-MM-DD HH24') = :hour",
        )
        .keeps_nothing()
        .says("IMMUTABLE")
        .check();
}

#[test]
fn the_first_that_is_given() {
    Case::of(PEOPLE)
        .and("ALTER TABLE person ADD COLUMN nick text; UPDATE person SET nick = 'n' || id WHERE id % 3 = 0")
        .endpoint(
            "GET /person",
            "SELECT coalesce(nick, name) AS called FROM person WHERE id % 20 = 0",
            "SELECT * FROM person WHERE coalesce(nick, name) = :called",
        )
        .keeps(&["person (*COALESCE(nick, name)*)"])
        .check();
}

#[test]
fn a_function_of_ones_own_in_a_schema_of_its_own() {
    Case::of(PEOPLE)
        .and(
            "CREATE SCHEMA app; CREATE FUNCTION app.plain(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS \
             $$ BEGIN RETURN replace(lower($1), ' ', ''); END $$",
        )
        .endpoint(
            "GET /person",
            "SELECT app.plain(name) AS plain FROM person WHERE id % 20 = 0",
            "SELECT * FROM person WHERE app.plain(name) = :plain",
        )
        .keeps(&["person (*app.plain(name)*)"])
        .check();
}

#[test]
fn a_function_of_ones_own_that_may_change_cannot_be_indexed() {
    Case::of(PEOPLE)
        .and("CREATE FUNCTION now_plain(text) RETURNS text LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN lower($1); END $$")
        .endpoint(
            "GET /person",
            "SELECT lower(name) AS plain FROM person WHERE id % 20 = 0",
            "SELECT * FROM person WHERE now_plain(name) = :plain",
        )
        .keeps_nothing()
        .says("IMMUTABLE")
        .check();
}

#[test]
fn a_part_of_a_text() {
    Case::of(PEOPLE)
        .endpoint(
            "GET /people",
            "SELECT substr(name, 1, 6) AS start FROM person WHERE id % 20 = 0",
            "SELECT * FROM person WHERE substr(name, 1, 6) = :start",
        )
        .keeps(&["person (*substr(name, 1, 6)*)"])
        .check();
}
