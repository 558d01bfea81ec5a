//! Words of texts.

use crate::case::Case;

/// 10,000 articles of six words each out of 5,000.
const ARTICLES: &str = "
CREATE TABLE article (id bigint PRIMARY KEY, body text NOT NULL);
INSERT INTO article
SELECT i, (SELECT string_agg('word' || (i * k * 7919) % 5003, ' ') FROM generate_series(1, 6) AS k) FROM generate_series(1, 10000) AS i";

#[test]
fn words_of_an_expression() {
    Case::of(ARTICLES)
        .endpoint(
            "GET /articles",
            "SELECT split_part(body, ' ', 2) AS q FROM article WHERE id % 20 = 0",
            "SELECT * FROM article WHERE to_tsvector('english', body) @@ plainto_tsquery('english', :q)",
        )
        .keeps(&["article USING gin (*to_tsvector('english'::regconfig, body)*)"])
        .check();
}

#[test]
fn words_of_a_column() {
    Case::of(ARTICLES)
        .and("ALTER TABLE article ADD COLUMN words tsvector GENERATED ALWAYS AS (to_tsvector('english', body)) STORED")
        .endpoint(
            "GET /articles",
            "SELECT split_part(body, ' ', 2) AS q FROM article WHERE id % 20 = 0",
            "SELECT id, body FROM article WHERE words @@ plainto_tsquery('english', :q)",
        )
        .keeps(&["article USING gin (words)"])
        .check();
}

#[test]
fn words_by_the_sessions_language_cannot_be_indexed_and_that_is_said() {
    Case::of(ARTICLES)
        .endpoint(
            "GET /articles",
            "SELECT split_part(body, ' ', 2) AS q FROM article WHERE id % 20 = 0",
            "SELECT * FROM article WHERE to_tsvector(body) @@ plainto_tsquery(:q)",
        )
        .keeps_nothing()
        .says("IMMUTABLE")
        .check();
}
