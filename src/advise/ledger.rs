//! What an index costs those who write.
//!
//! Some rows of the table are taken out and put back, with the index and without it, inside a transaction that is rolled back: the
//! same rows, a table and indexes of their full size, no foreign-key check or trigger in either arm
//! (`session_replication_role = replica`), so the difference is the index alone.

use std::time::Instant;

use crate::db::catalog::Table;
use crate::db::settings::wal_position;
use crate::db::{Connection, DbError, Target};
use crate::report::model::InsertCost;
use crate::sql::quote_ident;

use super::trial::Built;

/// Rows put back per arm; a thousand insertions into a B-tree take some ten milliseconds, well above the clock's grain.
const ROWS: u64 = 2000;
/// Times each arm is repeated; the quickest is kept: whatever else the machine does only adds to what the rows themselves cost.
const REPEATS: usize = 5;

/// The cost of each of `indexes`, all on `table`, per row inserted. `None` where the login may not switch triggers off, or the
/// table is empty.
///
/// # Errors
/// When the connection is lost.
pub async fn insert_costs(target: &Target, table: &Table, indexes: &[&Built]) -> Result<Vec<Option<InsertCost>>, DbError> {
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

async fn measure(connection: &mut Connection, table: &Table, indexes: &[&Built]) -> Result<Vec<Option<InsertCost>>, DbError> {
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
    let mut costs = Vec::new();
    for index in indexes {
        let (mut with, mut without) = (Vec::new(), Vec::new());
        for _ in 0..REPEATS {
            with.push(arm(connection, &insert, None).await?);
            without.push(arm(connection, &insert, Some(index)).await?);
        }
        let rows = rows as f64;
        let least = |arms: &[Arm], of: fn(&Arm) -> f64| arms.iter().map(of).fold(f64::INFINITY, f64::min) / rows;
        costs.push(Some(InsertCost {
            rows: rows as u64,
            without_us_per_row: least(&without, |arm| arm.micros),
            with_us_per_row: least(&with, |arm| arm.micros),
            without_wal_bytes_per_row: least(&without, |arm| arm.wal_bytes),
            with_wal_bytes_per_row: least(&with, |arm| arm.wal_bytes),
        }));
    }
    Ok(costs)
}

struct Arm {
    micros: f64,
    wal_bytes: f64,
}

/// Puts the rows back, measures, and undoes it.
async fn arm(connection: &mut Connection, insert: &str, dropped: Option<&Built>) -> Result<Arm, DbError> {
    connection.batch("SAVEPOINT perflab_arm").await?;
    if let Some(index) = dropped {
        connection.batch(&format!("DROP INDEX {}", index.sql_name())).await?;
    }
    let before = wal_position(connection).await?;
    let started = Instant::now();
    connection.batch(insert).await?;
    let micros = started.elapsed().as_secs_f64() * 1e6;
    let wal_bytes = (wal_position(connection).await? - before) as f64;
    connection.batch("ROLLBACK TO perflab_arm").await?;
    Ok(Arm { micros, wal_bytes })
}
