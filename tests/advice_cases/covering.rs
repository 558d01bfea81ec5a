//! Answers from the index alone.

use crate::case::Case;

/// 1,000 rows of each account, each on a page with few others: fetching them is most of the work.
const ENTRIES: &str = "
CREATE TABLE entry (id bigint PRIMARY KEY, account_id int NOT NULL, amount int NOT NULL, document text NOT NULL);
ALTER TABLE entry ALTER COLUMN document SET STORAGE PLAIN;
INSERT INTO entry SELECT i, i % 30, i % 977, repeat(md5(i::text), 40) FROM generate_series(1, 30000) AS i";

#[test]
fn a_sum_over_many_rows_of_one() {
    Case::of(ENTRIES)
        .endpoint(
            "GET /account/balance",
            "SELECT DISTINCT account_id AS account FROM entry",
            "SELECT sum(amount) FROM entry WHERE account_id = :account",
        )
        .keeps(&["entry (account_id) INCLUDE (amount)"])
        .keeps(&["entry (account_id, amount)"])
        .check();
}

#[test]
fn whole_rows_are_not_carried_along() {
    Case::of(ENTRIES)
        .endpoint(
            "GET /account/entries",
            "SELECT DISTINCT account_id AS account FROM entry",
            "SELECT * FROM entry WHERE account_id = :account",
        )
        .keeps(&["entry (account_id)"])
        .never(&["* INCLUDE *"])
        .check();
}

#[test]
fn the_covering_index_serves_the_plain_lookup_too() {
    Case::of(ENTRIES)
        .endpoint(
            "GET /account/balance",
            "SELECT DISTINCT account_id AS account FROM entry",
            "SELECT sum(amount) FROM entry WHERE account_id = :account",
        )
        .endpoint(
            "GET /account/entries",
            "SELECT DISTINCT account_id AS account FROM entry",
            "SELECT sum(length(document)) FROM entry WHERE account_id = :account",
        )
        .keeps(&["entry (account_id) INCLUDE (amount)"])
        .keeps(&["entry (account_id, amount)"])
        .check();
}
