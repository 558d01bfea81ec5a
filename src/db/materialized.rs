//! Materialized views.

use super::catalog::TableName;
use super::connect::Connection;
use super::error::DbError;

/// Fills all materialized views of the database, in the order in which they are made from one another.
///
/// # Errors
/// A view whose query fails, by its name.
pub async fn refresh(connection: &mut Connection) -> Result<(), DbError> {
    let views: Vec<(String, String)> = connection.rows(include_str!("queries/materialized_views.sql")).await?;
    for (schema, name) in views {
        let view = TableName::new(schema, name);
        let failed = |error: DbError| error.during(format!("the materialized view {view} cannot be refreshed"));
        connection.batch(&format!("REFRESH MATERIALIZED VIEW {}", view.sql())).await.map_err(failed)?;
        connection.batch(&format!("VACUUM (ANALYZE) {}", view.sql())).await.map_err(failed)?;
    }
    Ok(())
}
