//! What was tried on the clone, taken back so that it leaves no trace.

use crate::db::touched::table_counts;
use crate::db::{Connection, DbError};

/// Rolls the open transaction back, and vacuums the tables that it wrote to.
///
/// A row that was deleted or updated in vain stands as before, but its page is no longer known to be visible to all: every later
/// index-only scan looks into it (src/backend/access/heap/visibilitymap.c), and an index that spares the table would be timed as one
/// that does not, after endpoints that write and not before them. Index entries of rows inserted in vain stay; they are few.
///
/// # Errors
/// When the connection is lost.
pub(super) async fn roll_back(connection: &mut Connection) -> Result<(), DbError> {
    let counts = match table_counts(connection).await {
        Ok(counts) => counts,
        // In a transaction that failed nothing can be read.
        Err(error) if error.server_message().is_some() => Vec::new(),
        Err(error) => return Err(error),
    };
    connection.batch("ROLLBACK").await?;
    let written = counts.iter().filter(|counts| counts.inserted + counts.updated + counts.deleted > 0);
    let tables: Vec<String> = written.map(|counts| counts.table.sql()).collect();
    if !tables.is_empty() {
        connection.batch(&format!("VACUUM (INDEX_CLEANUP OFF, TRUNCATE OFF) {}", tables.join(", "))).await?;
    }
    Ok(())
}
