//! Blocks and WAL of a statement with all that its triggers run. The plan's own BUFFERS and WAL end with its nodes.
//!
//! Counted around the statement in the session that runs it: blocks by the session's own counters, WAL by how far the server's has come.
//! The latter has other sessions' writing in it, and full pages of those first touched, so the least of a few executions is taken.

use crate::db::touched::{TableCounts, table_counts, wal_position};
use crate::db::{Connection, DbError, Value};
use crate::plan::Plan;
use crate::report::model::{Footprint, TableFootprint};

use super::super::clocks::ClockBudget;
use super::super::undo;

/// Executions at most: other sessions are rarely busy through all of three.
const MOST_RUNS: u32 = 3;

/// The footprint of a statement that `plan` was made for; with `deferred`, what waits for COMMIT is made to act and counted with it.
/// The connection is in a transaction, in which all is undone. `None` when the budget has no room for one execution, or the server
/// refuses it this time.
///
/// # Errors
/// When the connection is lost.
pub async fn footprint(
    connection: &mut Connection,
    plan: &Plan,
    statement: &str,
    parameters: &[Value],
    deferred: bool,
    budget: ClockBudget,
) -> Result<Option<Footprint>, DbError> {
    let runs = budget.rounds(plan.execution_ms.unwrap_or_default()).min(MOST_RUNS);
    let (mut least, mut deferred): (Option<Counted>, bool) = (None, deferred);
    for _ in 0..runs {
        connection.batch("SAVEPOINT perflab_footprint").await?;
        let counted = counted(connection, statement, parameters, deferred).await;
        undo(connection, "perflab_footprint").await?;
        match counted {
            Ok(counted) if least.as_ref().is_none_or(|least| counted.wal_bytes < least.wal_bytes) => least = Some(counted),
            Ok(_) => {}
            // What waits for COMMIT may be refused there, as the application's would be; the rest still counts.
            Err(error) if error.server_message().is_some() && deferred => deferred = false,
            Err(error) if error.server_message().is_some() => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    // With `track_counts` off there is nothing to tell.
    Ok(least.filter(|least| !least.tables.is_empty()).map(|least| told(least, plan, runs)))
}

struct Counted {
    wal_bytes: u64,
    tables: Vec<TableCounts>,
}

async fn counted(connection: &mut Connection, statement: &str, parameters: &[Value], deferred: bool) -> Result<Counted, DbError> {
    let before = table_counts(connection).await?;
    let start = wal_position(connection).await?;
    connection.query(statement, parameters).await?;
    if deferred {
        connection.batch("SET CONSTRAINTS ALL IMMEDIATE").await?;
    }
    let end = wal_position(connection).await?;
    let after = table_counts(connection).await?;
    let tables = before.iter().zip(&after).map(|(before, after)| after.since(before)).filter(|counts| !counts.is_nothing());
    Ok(Counted { wal_bytes: end.saturating_sub(start), tables: tables.collect() })
}

fn told(counted: Counted, plan: &Plan, runs: u32) -> Footprint {
    let buffers = plan.root.buffers.unwrap_or_default();
    let mut tables: Vec<TableFootprint> = counted.tables.into_iter().map(of_table).collect();
    tables.sort_by_key(|table| std::cmp::Reverse(table.blocks));
    Footprint {
        runs,
        wal_bytes: counted.wal_bytes,
        plan_wal_bytes: plan.root.wal.map(|wal| wal.bytes),
        blocks: tables.iter().map(|table| table.blocks).sum(),
        plan_blocks: buffers.shared_hit + buffers.shared_read,
        tables,
    }
}

fn of_table(counts: TableCounts) -> TableFootprint {
    TableFootprint {
        table: counts.table.to_string(),
        blocks: counts.blocks,
        rows_read: counts.rows_read,
        inserted: counts.inserted,
        updated: counts.updated,
        deleted: counts.deleted,
    }
}
