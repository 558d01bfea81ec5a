//! Columns of types that compare in ways of their own.

use crate::case::Case;

/// A table with one column `code` of that type, filled by `value` of `i`.
fn typed(column: &str, value: &str) -> String {
    format!(
        "CREATE TABLE item (id bigint PRIMARY KEY, code {column} NOT NULL, note text NOT NULL); \
         INSERT INTO item SELECT i, {value}, repeat(md5(i::text), 4) FROM generate_series(1, 20000) AS i"
    )
}

const CODES: &str = "SELECT code FROM item WHERE id % 20 = 0";
const BY_CODE: &str = "SELECT * FROM item WHERE code = :code";

fn looks_up(tables: &str) -> Case {
    Case::of(tables).endpoint("GET /item", CODES, BY_CODE)
}

#[test]
fn uuid() {
    looks_up(&typed("uuid", "md5(i::text)::uuid")).keeps(&["item (code)"]).check();
}

#[test]
fn bytea() {
    looks_up(&typed("bytea", "decode(md5(i::text), 'hex')")).keeps(&["item (code)"]).keeps(&["item USING hash (code)"]).check();
}

#[test]
fn varchar_compared_with_text() {
    looks_up(&typed("varchar(40)", "'c' || i")).keeps(&["item (code)"]).check();
}

#[test]
fn char_of_fixed_length() {
    looks_up(&typed("char(8)", "'c' || i")).keeps(&["item (code)"]).check();
}

#[test]
fn a_domain() {
    looks_up(&format!("CREATE DOMAIN sku AS text CHECK (value <> ''); {}", typed("sku", "'c' || i")))
        .keeps(&["item (code)"])
        .check();
}

#[test]
fn citext() {
    looks_up(&format!("CREATE EXTENSION citext; {}", typed("citext", "'Code' || i"))).keeps(&["item (code)"]).check();
}

#[test]
fn citext_in_an_extension_schema_of_its_own() {
    looks_up(&format!(
        "CREATE SCHEMA ext; CREATE EXTENSION citext SCHEMA ext; SET search_path = public, ext; {}",
        typed("ext.citext", "'Code' || i")
    ))
    .and("RESET search_path")
    .keeps(&["item (*code*)"])
    .keeps_nothing()
    .check();
}

#[test]
fn an_enum_with_a_rare_value() {
    Case::of(&format!(
        "CREATE TYPE mood AS ENUM ('calm', 'glad', 'mad'); {}",
        typed("mood", "(CASE WHEN i % 500 = 0 THEN 'mad' WHEN i % 2 = 0 THEN 'glad' ELSE 'calm' END)::mood")
    ))
    .endpoint("GET /mad", "", "SELECT * FROM item WHERE code = 'mad'")
    .keeps(&["item (code)"])
    .keeps(&["item (*) WHERE *'mad'*"])
    .check();
}

#[test]
fn numeric() {
    looks_up(&typed("numeric(12, 2)", "i * 1.25")).keeps(&["item (code)"]).check();
}

#[test]
fn smallint_compared_with_bigint() {
    looks_up(&typed("smallint", "i % 2000"))
        .endpoint(
            "GET /items",
            "SELECT code::bigint AS wide FROM item WHERE id % 20 = 0",
            "SELECT * FROM item WHERE code = :wide::bigint",
        )
        .keeps(&["item (code)"])
        .check();
}

#[test]
fn a_generated_column() {
    Case::of(
        "CREATE TABLE item (id bigint PRIMARY KEY, name text NOT NULL, code text GENERATED ALWAYS AS (lower(name)) STORED, note text NOT NULL); \
         INSERT INTO item (id, name, note) SELECT i, 'Name' || i, repeat(md5(i::text), 4) FROM generate_series(1, 20000) AS i",
    )
    .endpoint("GET /item", CODES, BY_CODE)
    .keeps(&["item (code)"])
    .check();
}

#[test]
fn a_number_compared_as_text_needs_the_text() {
    Case::of(&typed("int", "i"))
        .endpoint(
            "GET /item",
            "SELECT code::text AS word FROM item WHERE id % 20 = 0",
            "SELECT * FROM item WHERE code::text = :word",
        )
        .keeps(&["item (*(code)::text*)"])
        .keeps(&["item (*code::text*)"])
        .check();
}

#[test]
fn an_array_as_a_whole() {
    looks_up(&typed("int[]", "ARRAY[i, i + 1]")).keeps(&["item (code)"]).keeps(&["item USING hash (code)"]).check();
}
