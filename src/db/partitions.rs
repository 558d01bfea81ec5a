//! The partitions below a table.

use super::catalog::TableName;
use super::connect::Connection;
use super::error::DbError;
use crate::sql::quote_literal;

/// A table that is part of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub table: TableName,
    /// What it is a part of: the table asked for, or a partition of it.
    pub of: TableName,
    /// It has partitions itself.
    pub divided: bool,
}

/// All partitions of a table, parents before their children, then by schema and name; none when it is not partitioned. Foreign tables,
/// which cannot be indexed, are left out.
///
/// # Errors
/// What the server says, e.g. that there is no such table.
pub async fn partitions(connection: &mut Connection, table: &TableName) -> Result<Vec<Part>, DbError> {
    let sql = format!(
        "SELECT n.nspname::text, c.relname::text, pn.nspname::text, p.relname::text, NOT tree.isleaf \
         FROM pg_partition_tree({}::regclass) AS tree \
         JOIN pg_class AS c ON c.oid = tree.relid JOIN pg_namespace AS n ON n.oid = c.relnamespace \
         JOIN pg_class AS p ON p.oid = tree.parentrelid JOIN pg_namespace AS pn ON pn.oid = p.relnamespace \
         WHERE tree.level > 0 AND c.relkind <> 'f' ORDER BY tree.level, 1, 2",
        quote_literal(&table.sql())
    );
    let rows: Vec<(String, String, String, String, bool)> = connection.rows(&sql).await?;
    let part = |(schema, name, of_schema, of_name, divided): (String, String, String, String, bool)| Part {
        table: TableName::new(schema, name),
        of: TableName::new(of_schema, of_name),
        divided,
    };
    Ok(rows.into_iter().map(part).collect())
}
