//! What has to be made before a variant can be called, and kept up to date from then on.

use std::collections::BTreeSet;
use std::time::Instant;

use crate::bench::error::BenchError;
use crate::bench::statistics::median;
use crate::db::{Connection, DbError};
use crate::report::model::RefreshCost;
use crate::scenario::error::Problem;
use crate::scenario::model::Located;

/// Runs the statements of `setup:` one after the other: milliseconds that they took. What they made is vacuumed and analyzed
/// afterwards, as the seeded tables are.
///
/// # Errors
/// [`BenchError::Problems`] with the statement that the server refuses.
pub async fn set_up(setup: &[Located<String>], connection: &mut Connection) -> Result<f64, BenchError> {
    let before = relations(connection).await?;
    let started = Instant::now();
    for statement in setup {
        connection.batch(&statement.value).await.or_else(|error| refused(error, statement))?;
    }
    let ms = started.elapsed().as_secs_f64() * 1e3;
    for relation in relations(connection).await?.difference(&before) {
        connection.batch(&format!("VACUUM (ANALYZE) {relation}")).await?;
    }
    Ok(ms)
}

fn refused(error: DbError, statement: &Located<String>) -> Result<(), BenchError> {
    match error.server_message() {
        Some(message) => Err(BenchError::Problems(vec![Problem {
            at: statement.at,
            message: format!("the server refuses this statement: {}", message.without_hint()),
            help: message.hint.clone(),
        }])),
        None => Err(error.into()),
    }
}

/// Tables and materialized views of this database, as they are written in SQL.
async fn relations(connection: &mut Connection) -> Result<BTreeSet<String>, DbError> {
    let sql = "SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'm') AND relpersistence <> 't' \
               AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'pg_toast'::regnamespace)";
    Ok(connection.rows::<(String,)>(sql).await?.into_iter().map(|(name,)| name).collect())
}

/// Times that `refresh:` is run …
const REFRESHES: usize = 3;
/// … unless it has taken this long before.
const ENOUGH_MS: f64 = 10_000.0;

/// What the statement costs; `saved_ms` is what the variant saves with each call.
///
/// # Errors
/// What the server says.
pub async fn refresh(statement: &str, saved_ms: Option<f64>, connection: &mut Connection) -> Result<RefreshCost, DbError> {
    let (mut times, mut wal) = (Vec::<f64>::new(), Vec::new());
    while times.len() < REFRESHES && times.iter().sum::<f64>() < ENOUGH_MS {
        let before = wal_position(connection).await?;
        let started = Instant::now();
        connection.batch(statement).await.map_err(|error| error.during(format!("`{statement}` cannot be run")))?;
        times.push(started.elapsed().as_secs_f64() * 1e3);
        wal.push((wal_position(connection).await? - before).max(0) as f64);
    }
    let ms = median(&mut times);
    Ok(RefreshCost {
        sql: statement.to_owned(),
        ms,
        wal_bytes: median(&mut wal) as u64,
        pays_after_calls: saved_ms.filter(|saved| *saved > 0.0).map(|saved| ms / saved),
    })
}

/// Bytes of write-ahead log since the server was made.
async fn wal_position(connection: &mut Connection) -> Result<i64, DbError> {
    Ok(connection.row::<(i64,)>("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::int8").await?.0)
}
