//! What a statement could do to a database beside reading it, asked of the planner before anything runs.

use std::collections::BTreeSet;

use crate::db::explain::{Explain, explain};
use crate::db::{Connection, DbError, Value};
use crate::sql::quote_literal;

/// Volatile functions of PostgreSQL's own that change nothing: they are volatile because their result differs.
const HARMLESS: [&str; 9] = [
    "random",
    "random_normal",
    "clock_timestamp",
    "timeofday",
    "gen_random_uuid",
    "uuidv4",
    "uuidv7",
    "pg_relation_size",
    "pg_table_size",
];

/// Why a statement is more than a reader, in sentences; none when it only reads. `returns` says whether it returns columns. What its
/// operators and casts do is not looked into, and neither is what a function that calls itself STABLE does all the same; a read-only
/// transaction is the second lock.
///
/// # Errors
/// What the server says of the statement; SQLSTATE 42601 for one that EXPLAIN does not take (CALL, TRUNCATE, DDL …).
pub async fn effects(
    connection: &mut Connection,
    sql: &str,
    parameters: &[Value],
    returns: bool,
) -> Result<Vec<String>, DbError> {
    let plan = explain(connection, sql, parameters, Explain::Estimate).await?;
    let mut seen = Seen::default();
    if let Some(kind) = defines(sql) {
        seen.sentences.push(format!("{kind} makes something that was not there"));
    }
    look(&plan, &mut seen);
    // EXPLAIN ANALYZE executes SELECT INTO even in a read-only transaction, and its plan does not tell.
    if !returns && seen.sentences.is_empty() {
        seen.sentences.push("it returns no column, as SELECT INTO does, which makes a table".to_owned());
    }
    seen.names.extend(called(sql));
    let volatile = volatile(connection, &seen.names).await?;
    seen.sentences.extend(volatile.iter().map(|name| format!("it calls {name}, which is VOLATILE: it may do anything")));
    Ok(seen.sentences)
}

/// EXPLAIN takes statements that make a relation from a query, and shows nothing but the query.
fn defines(sql: &str) -> Option<String> {
    let word = sql.split(|c: char| !c.is_ascii_alphabetic()).find(|word| !word.is_empty())?.to_ascii_uppercase();
    (!matches!(word.as_str(), "SELECT" | "WITH" | "VALUES" | "TABLE" | "INSERT" | "UPDATE" | "DELETE" | "MERGE")).then_some(word)
}

#[derive(Default)]
struct Seen {
    sentences: Vec<String>,
    /// Of functions, perhaps with their schema.
    names: BTreeSet<String>,
}

fn look(value: &serde_json::Value, seen: &mut Seen) {
    match value {
        serde_json::Value::Object(node) => {
            let text = |key: &str| node.get(key).and_then(|value| value.as_str());
            let sentence = match text("Node Type") {
                Some("ModifyTable") => {
                    let verb = match text("Operation") {
                        Some("Insert") => "inserts rows into",
                        Some("Update") => "updates rows of",
                        Some("Delete") => "deletes rows from",
                        _ => "changes rows of",
                    };
                    Some(format!("it {verb} {}", text("Relation Name").unwrap_or("a table")))
                }
                Some("LockRows") => Some("it locks the rows that it reads (FOR UPDATE or FOR SHARE)".to_owned()),
                _ => None,
            };
            seen.sentences.extend(sentence.filter(|sentence| !seen.sentences.contains(sentence)));
            node.values().for_each(|inner| look(inner, seen));
        }
        serde_json::Value::Array(list) => list.iter().for_each(|inner| look(inner, seen)),
        serde_json::Value::String(text) => seen.names.extend(called(text)),
        _ => {}
    }
}

/// What stands in front of opening parentheses: names of functions, and words that are none.
fn called(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (at, _) in text.match_indices('(') {
        let before = text[..at].trim_end();
        let start = before
            .rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '$' | '"')))
            .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
        let name = &before[start..];
        if !name.is_empty() {
            names.insert(name.split('.').map(catalog_name).collect::<Vec<_>>().join("."));
        }
    }
    names
}

fn catalog_name(written: &str) -> String {
    if written.contains('"') { written.replace('"', "") } else { written.to_lowercase() }
}

async fn volatile(connection: &mut Connection, names: &BTreeSet<String>) -> Result<Vec<String>, DbError> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let list: Vec<String> = names.iter().map(|name| quote_literal(name)).collect();
    let harmless: Vec<String> = HARMLESS.iter().map(|name| quote_literal(name)).collect();
    let sql = format!(
        "SELECT DISTINCT p.proname::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace \
         WHERE p.provolatile = 'v' AND NOT (n.nspname = 'pg_catalog' AND p.proname IN ({})) \
         AND (n.nspname || '.' || p.proname IN ({list}) OR p.proname IN ({list}) AND pg_function_is_visible(p.oid)) ORDER BY 1",
        harmless.join(", "),
        list = list.join(", ")
    );
    Ok(connection.rows::<(String,)>(&sql).await?.into_iter().map(|(name,)| name).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_found_by_their_parentheses() {
        let names = |text: &str| called(text).into_iter().collect::<Vec<_>>();
        assert_eq!(
            names("SELECT nextval('s'), App.Doit (1), \"Odd\"(2) FROM t WHERE a IN (1)"),
            ["app.doit", "in", "nextval", "Odd"]
                .map(str::to_owned)
                .into_iter()
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect::<Vec<_>>()
        );
        assert_eq!(names("(é(1))"), ["é"]);
        assert!(names("(a = 1) AND (b)").contains(&"and".to_owned()), "words that are no functions are asked for in vain");
    }

    #[test]
    fn what_makes_a_relation_is_known_by_its_first_word() {
        assert_eq!(defines("create table t as select 1").as_deref(), Some("CREATE"));
        assert_eq!(defines("  (SELECT 1) UNION SELECT 2"), None);
        assert_eq!(defines("with a as (select 1) select * from a"), None);
    }

    #[test]
    fn writes_and_locks_are_seen_in_the_plan() {
        let mut seen = Seen::default();
        let plan = serde_json::json!([{"Plan": {"Node Type": "LockRows", "Plans": [
            {"Node Type": "ModifyTable", "Operation": "Delete", "Relation Name": "songs", "Output": ["app.f(a)"]}]}}]);
        look(&plan, &mut seen);
        assert_eq!(seen.sentences.len(), 2);
        assert!(seen.sentences[1] == "it deletes rows from songs" && seen.names.contains("app.f"), "{:?}", seen.sentences);
    }
}
