//! What an index costs per row that is inserted.
//!
//! Some rows of the table are taken out and put back, with the index and without it, inside a transaction that is rolled back: the
//! same rows, a table and indexes of their full size, no foreign-key check or trigger in either arm
//! (`session_replication_role = replica`), so the difference is the index alone.

use std::time::Instant;

use crate::advise::trial::Built;
use crate::db::catalog::Table;
use crate::db::explain::{Explain, explain};
use crate::db::{Connection, DbError, Target};
use crate::report::model::InsertCost;
use crate::sql::quote_ident;

/// Rows put back per arm; a thousand insertions into a B-tree take some ten milliseconds, well above the clock's grain.
const ROWS: u64 = 1500;
/// Times each arm is repeated; the quickest is kept: whatever else the machine does only adds to what the rows themselves cost.
const REPEATS: usize = 4;
/// … and as long as some index seems to cost nothing, which none does, up to this often.
const MOST_REPEATS: usize = 12;

/// The cost of each of `indexes`, all on `table`, per row inserted. `None` where the login may not switch triggers off, or the
/// table is empty.
///
/// # Errors
/// When the connection is lost.
pub async fn insert_costs(target: &Target, table: &Table, indexes: &[&Built]) -> Result<Vec<Option<InsertCost>>, DbError> {
    let names: Vec<String> = indexes.iter().map(|index| index.sql_name()).collect();
    prices(target, table, &names).await
}

/// [`insert_costs`] of indexes by their names, as SQL needs them.
///
/// # Errors
/// When the connection is lost.
pub(in crate::advise) async fn prices(
    target: &Target,
    table: &Table,
    indexes: &[String],
) -> Result<Vec<Option<InsertCost>>, DbError> {
    let mut connection = Connection::open(target).await?;
    connection.batch("BEGIN").await?;
    let measured = measure(&mut connection, table, indexes).await;
    let ended = connection.batch("ROLLBACK").await;
    let costs = match measured {
        Err(error) if error.server_message().is_some() => vec![None; indexes.len()],
        other => {
            ended?;
            other?
        }
    };
    connection.close().await;
    Ok(costs)
}

async fn measure(connection: &mut Connection, table: &Table, indexes: &[String]) -> Result<Vec<Option<InsertCost>>, DbError> {
    let name = table.name.sql();
    connection.batch("SET LOCAL session_replication_role = replica").await?;
    // Twice the share that would give the number of rows, so that chance seldom gives fewer; LIMIT cuts the rest.
    let percent = (200.0 * ROWS as f64 / table.estimated_rows.max(1.0)).clamp(0.001, 100.0);
    connection
        .batch(&format!(
            "CREATE TEMPORARY TABLE perflab_rows ON COMMIT DROP AS SELECT ctid AS perflab_place, * FROM {name} \
             TABLESAMPLE BERNOULLI ({percent}) REPEATABLE (1) LIMIT {ROWS}; \
             DELETE FROM {name} WHERE ctid IN (SELECT perflab_place FROM perflab_rows)"
        ))
        .await?;
    let (rows,): (i64,) = connection.row("SELECT count(*) FROM perflab_rows").await?;
    if rows == 0 {
        return Ok(vec![None; indexes.len()]);
    }
    let columns: Vec<String> =
        table.columns.iter().filter(|column| !column.generated).map(|column| quote_ident(&column.name)).collect();
    let columns = columns.join(", ");
    let insert = format!("INSERT INTO {name} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM perflab_rows");
    // The first time writes every page it touches into the WAL in full (full_page_writes); that is a checkpoint's price, not the row's.
    arm(connection, &insert, None).await?;
    let (mut with, mut without) = (Vec::new(), vec![Vec::new(); indexes.len()]);
    for round in 0..MOST_REPEATS {
        let quickest = |arms: &[f64]| arms.iter().copied().fold(f64::INFINITY, f64::min);
        if round >= REPEATS && without.iter().all(|without| quickest(without) < quickest(&with)) {
            break;
        }
        with.push(arm(connection, &insert, None).await?);
        for (index, arms) in indexes.iter().zip(&mut without) {
            arms.push(arm(connection, &insert, Some(index)).await?);
        }
    }
    let per_row = |arms: &[f64]| arms.iter().copied().fold(f64::INFINITY, f64::min) / rows as f64;
    let with_wal = wal_bytes(connection, &insert, None).await?;
    let mut costs = Vec::new();
    for (index, without) in indexes.iter().zip(&without) {
        let without_wal = wal_bytes(connection, &insert, Some(index)).await?;
        costs.push(Some(InsertCost {
            rows: rows as u64,
            without_us_per_row: per_row(without),
            with_us_per_row: per_row(&with),
            without_wal_bytes_per_row: without_wal / rows as f64,
            with_wal_bytes_per_row: with_wal / rows as f64,
        }));
    }
    Ok(costs)
}

/// Pages that are split are written in full as well, each time.
const MOST_COUNTED: usize = 4;

/// Puts the rows back, counts the WAL of this session alone (the server's position moves with everybody's), and undoes it. 0 before
/// PostgreSQL 13, which does not count.
///
/// A checkpoint that begins meanwhile, be it for another database, has pages written in full once more: then it is done again.
async fn wal_bytes(connection: &mut Connection, insert: &str, dropped: Option<&String>) -> Result<f64, DbError> {
    let mut least = f64::INFINITY;
    for _ in 0..MOST_COUNTED {
        connection.batch("SAVEPOINT perflab_arm").await?;
        if let Some(index) = dropped {
            connection.batch(&format!("DROP INDEX {index}")).await?;
        }
        let json = explain(connection, insert, &[], Explain::Untimed).await?;
        connection.batch("ROLLBACK TO perflab_arm").await?;
        let of = |figure: &str| json.pointer(&format!("/0/Plan/WAL {figure}")).and_then(serde_json::Value::as_f64).unwrap_or(0.0);
        least = least.min(of("Bytes"));
        if of("FPI") == 0.0 {
            break;
        }
    }
    Ok(least)
}

/// Puts the rows back and undoes it; microseconds.
async fn arm(connection: &mut Connection, insert: &str, dropped: Option<&String>) -> Result<f64, DbError> {
    connection.batch("SAVEPOINT perflab_arm").await?;
    if let Some(index) = dropped {
        connection.batch(&format!("DROP INDEX {index}")).await?;
    }
    let started = Instant::now();
    connection.batch(insert).await?;
    let micros = started.elapsed().as_secs_f64() * 1e6;
    connection.batch("ROLLBACK TO perflab_arm").await?;
    Ok(micros)
}
