//! A call explained before and after indexes that the user wants to see tried.

use std::collections::BTreeSet;
use std::time::Instant;

use crate::bench::session::Session;
use crate::bench::workload::Workload;
use crate::db::catalog::TableName;
use crate::db::{Connection, DbError, Target, read_catalog};
use crate::plan::{Plan, used_indexes};
use crate::report::model::{ExplainedPlan, ImpliedStatement, TriedIndex};

/// Calls that decide which one is typical.
const CALLS: u64 = 7;

/// The call in the middle of a few, and its milliseconds; nothing is committed. `None` when no call succeeds.
///
/// # Errors
/// When the connection is lost.
pub async fn typical_call(target: &Target, workload: &Workload, place: usize) -> Result<Option<(u64, f64)>, DbError> {
    let mut session = Session::open(target, workload).await?;
    session.connection().batch("BEGIN").await?;
    let mut calls = Vec::new();
    // The first call fills caches and is made twice.
    for call in std::iter::once(0).chain(0..CALLS) {
        let Some(draw) = workload.endpoints[place].draws.draw(call) else { break };
        if let Some(elapsed) = session.call_to_savepoint(workload, place, &draw).await? {
            calls.push((call, elapsed));
        }
    }
    session.connection().batch("ROLLBACK").await?;
    session.close().await;
    if calls.len() > 1 {
        calls.remove(0);
    }
    calls.sort_by_key(|(_, elapsed)| *elapsed);
    Ok(calls.get(calls.len() / 2).map(|(call, elapsed)| (*call, elapsed.as_secs_f64() * 1e3)))
}

/// Builds an index as the user wrote it. CONCURRENTLY is left out: nobody else waits for the table here.
///
/// # Errors
/// What the server says of the statement, or that it made no index.
pub async fn build_as_written(connection: &mut Connection, statement: &str) -> Result<TriedIndex, DbError> {
    let known = index_names(connection).await?;
    let plain = without_concurrently(statement);
    let started = Instant::now();
    connection.batch(&plain).await.map_err(|error| error.during(format!("cannot build `{statement}`")))?;
    let build_ms = started.elapsed().as_secs_f64() * 1e3;
    let built = index_names(connection).await?.into_iter().find(|name| !known.contains(name));
    let Some((schema, name)) = built else {
        return Err(DbError::Unexpected(format!("`{statement}` made no index; --index takes a CREATE INDEX statement")));
    };
    let literal = crate::sql::quote_literal(&TableName::new(&schema, &name).sql());
    let (bytes, definition): (i64, String) =
        connection.row(&format!("SELECT pg_relation_size({literal}::regclass), pg_get_indexdef({literal}::regclass)")).await?;
    Ok(TriedIndex { name, definition, bytes: u64::try_from(bytes).unwrap_or(0), build_ms, used_by: Vec::new() })
}

async fn index_names(connection: &mut Connection) -> Result<BTreeSet<(String, String)>, DbError> {
    let catalog = read_catalog(connection).await?;
    Ok(catalog.indexes.into_iter().map(|index| (index.table.schema, index.name)).collect())
}

/// The words after CREATE [UNIQUE] INDEX decide; the same word as a name elsewhere stays.
fn without_concurrently(statement: &str) -> String {
    let mut words = statement.split_whitespace().skip_while(|word| !word.eq_ignore_ascii_case("index")).skip(1);
    let Some(word) = words.next().filter(|word| word.eq_ignore_ascii_case("concurrently")) else {
        return statement.to_owned();
    };
    // The rest stays to the letter: spaces may stand in a literal.
    let start = word.as_ptr() as usize - statement.as_ptr() as usize;
    format!("{}{}", &statement[..start], statement[start + word.len()..].trim_start())
}

/// Notes in each index which statements used it: those of the endpoint and those behind foreign keys.
pub fn note_uses(indexes: &mut [TriedIndex], sql: &str, plan: &Plan, explained: &ExplainedPlan) {
    note(indexes, sql, plan);
    note_implied(indexes, &explained.implied);
}

fn note_implied(indexes: &mut [TriedIndex], implied: &[ImpliedStatement]) {
    for statement in implied {
        let Some(explained) = &statement.plan else { continue };
        if let Ok(plan) = Plan::from_json(&explained.json) {
            note(indexes, &statement.sql, &plan);
        }
        note_implied(indexes, &explained.implied);
    }
}

fn note(indexes: &mut [TriedIndex], sql: &str, plan: &Plan) {
    let used: BTreeSet<String> = used_indexes(plan).into_iter().map(|index| index.name).collect();
    for index in indexes.iter_mut().filter(|index| used.contains(&index.name)) {
        index.used_by.push(sql.split_whitespace().collect::<Vec<_>>().join(" "));
    }
}

#[cfg(test)]
mod tests {
    use super::without_concurrently;

    #[test]
    fn concurrently_is_left_out_only_where_it_is_the_keyword() {
        assert_eq!(without_concurrently("create unique index CONCURRENTLY i ON t (a)"), "create unique index i ON t (a)");
        let literal = "CREATE INDEX CONCURRENTLY i ON t (a) WHERE b = 'x  y'";
        assert_eq!(without_concurrently(literal), "CREATE INDEX i ON t (a) WHERE b = 'x  y'");
        assert_eq!(without_concurrently("CREATE INDEX i ON concurrently (a)"), "CREATE INDEX i ON concurrently (a)");
    }
}
