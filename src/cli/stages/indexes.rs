//! The kept indexes on another copy of the rows.

use crate::db::{Connection, Target};
use crate::report::model::KeptIndex;
use crate::sql::quote_ident;

/// Builds them all, with the extensions they need, and analyzes; nothing when there are none.
///
/// # Errors
/// When the server refuses one: it has built it before, so the server itself is in trouble.
pub async fn build_indexes(target: &Target, indexes: &[KeptIndex]) -> anyhow::Result<()> {
    if indexes.is_empty() {
        return Ok(());
    }
    let mut connection = Connection::open(target).await?;
    for index in indexes {
        if let Some(extension) = &index.extension {
            connection.batch(&format!("CREATE EXTENSION IF NOT EXISTS {}", quote_ident(extension))).await?;
        }
        connection.batch(&index.definition).await?;
    }
    // The planner knows nothing of an expression's values before the table is analyzed.
    connection.batch("ANALYZE").await?;
    connection.close().await;
    Ok(())
}
