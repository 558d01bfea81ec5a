//! JSON documents.

use crate::case::Case;

/// 20,000 documents, each with a key of its own, a few tags and a number.
const DOCUMENTS: &str = "
CREATE TABLE document (id bigint PRIMARY KEY, doc jsonb NOT NULL);
INSERT INTO document
SELECT i, jsonb_build_object('sku', 'S' || i, 'kind', i % 3, 'size', (i * 7919) % 20011, 'tags', jsonb_build_array('t' || i % 997, 'u' || i % 991),
    'text', md5(i::text)) || CASE WHEN i % 400 = 0 THEN '{\"recalled\": true}' ELSE '{}' END::jsonb
FROM generate_series(1, 20000) AS i";

#[test]
fn containment() {
    Case::of(DOCUMENTS)
        .endpoint(
            "GET /documents",
            "SELECT jsonb_build_object('sku', doc ->> 'sku') AS wanted FROM document WHERE id % 20 = 0",
            "SELECT * FROM document WHERE doc @> :wanted",
        )
        .keeps(&["document USING gin (doc jsonb_path_ops)"])
        .keeps(&["document USING gin (doc)"])
        .check();
}

#[test]
fn the_presence_of_a_key() {
    Case::of(DOCUMENTS)
        .endpoint("GET /documents/recalled", "", "SELECT * FROM document WHERE doc ? 'recalled'")
        .keeps(&["document USING gin (doc)"])
        .keeps(&["document (*) WHERE *doc ? 'recalled'*"])
        .check();
}

#[test]
fn a_value_as_text() {
    Case::of(DOCUMENTS)
        .endpoint(
            "GET /document",
            "SELECT doc ->> 'sku' AS sku FROM document WHERE id % 20 = 0",
            "SELECT * FROM document WHERE doc ->> 'sku' = :sku",
        )
        .keeps(&["document (*doc ->> 'sku'*)"])
        .check();
}

#[test]
fn a_value_as_a_number_in_a_range() {
    Case::of(DOCUMENTS)
        .endpoint(
            "GET /documents",
            "SELECT (doc ->> 'size')::int AS size FROM document WHERE id % 20 = 0",
            "SELECT * FROM document WHERE (doc ->> 'size')::int BETWEEN :size AND :size::int + 10",
        )
        .keeps(&["document (*doc ->> 'size'*::integer*)"])
        .check();
}

#[test]
fn a_list_inside() {
    Case::of(DOCUMENTS)
        .endpoint(
            "GET /documents",
            "SELECT doc -> 'tags' ->> 0 AS tag FROM document WHERE id % 20 = 0",
            "SELECT * FROM document WHERE doc -> 'tags' ? :tag::text",
        )
        .keeps(&["document USING gin (*doc -> 'tags'*)"])
        .check();
}

#[test]
fn a_path() {
    Case::of(DOCUMENTS)
        .endpoint(
            "GET /documents",
            "SELECT format('$.sku ? (@ == \"%s\")', doc ->> 'sku')::jsonpath AS path FROM document WHERE id % 20 = 0",
            "SELECT * FROM document WHERE doc @? :path::jsonpath",
        )
        .keeps(&["document USING gin (doc jsonb_path_ops)"])
        .keeps(&["document USING gin (doc)"])
        .check();
}
