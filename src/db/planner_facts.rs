//! What the server keeps about the tables for its planner, beside their definition. No table is read.

use super::catalog::TableName;
use super::connect::Connection;
use super::error::DbError;

/// A table as the planner sees it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PlannerTable {
    pub schema: String,
    pub name: String,
    /// Pages of the heap now; absent for partitioned tables.
    pub pages: Option<f64>,
    /// Rows inserted, updated and deleted since the last ANALYZE, as far as this server counted them: a copied database begins at 0.
    pub modified: f64,
    /// ANALYZE left statistics of some column (that the role may see).
    pub analyzed: bool,
    /// `pg_get_partkeydef`: `RANGE (day)`
    pub partition_key: Option<String>,
    pub columns: Vec<PlannerColumn>,
    /// Valid B-trees over all rows.
    pub indexes: Vec<PlannerIndex>,
}

/// A column with what ANALYZE left about it; the fields are those of `pg_stats`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PlannerColumn {
    pub name: String,
    /// `format_type`
    pub type_name: String,
    /// Above 0 a number; below 0 the share of the rows, negated.
    pub n_distinct: Option<f64>,
    pub correlation: Option<f64>,
    /// Bytes.
    pub width: Option<f64>,
    /// Share of the rows in which it is NULL.
    pub null_frac: Option<f64>,
    /// The most common values as text, ten at most, each with its share of all rows; the most common first.
    pub most_common: Vec<(String, f64)>,
    /// Its texts are compared byte by byte: its collation, or the database's where it has none of its own, is `C` or `POSIX`.
    pub bytewise: bool,
}

/// A B-tree.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PlannerIndex {
    pub name: String,
    /// Keys in order; `None` where the key is an expression.
    pub columns: Vec<Option<String>>,
    /// Columns that it carries along: `INCLUDE`.
    pub included: Vec<String>,
}

type TableRow = (String, String, Option<f64>, f64, bool, Option<String>);
type ColumnRow = (
    String,
    String,
    String,
    String,
    Option<f64>,
    Option<f64>,
    Option<f64>,
    Option<f64>,
    Option<Vec<String>>,
    Option<Vec<f64>>,
    bool,
);
type IndexRow = (String, String, String, Vec<String>, Vec<String>);

/// The user tables and materialized views, by schema and name.
///
/// # Errors
/// What the server says; a user that may connect may read all this, though not the statistics of every column.
pub async fn read_planner_facts(connection: &mut Connection) -> Result<Vec<PlannerTable>, DbError> {
    let mut tables = Vec::new();
    for (schema, name, pages, modified, analyzed, partition_key) in
        connection.rows::<TableRow>(include_str!("queries/planner_tables.sql")).await?
    {
        let (columns, indexes) = (Vec::new(), Vec::new());
        tables.push(PlannerTable { schema, name, pages, modified, analyzed, partition_key, columns, indexes });
    }
    for row in connection.rows::<ColumnRow>(include_str!("queries/planner_columns.sql")).await? {
        let (schema, table, name, type_name, n_distinct, correlation, width, null_frac, values, shares, bytewise) = row;
        if let Some(table) = find(&mut tables, &schema, &table) {
            let most_common = values.unwrap_or_default().into_iter().zip(shares.unwrap_or_default()).collect();
            table.columns.push(PlannerColumn {
                name,
                type_name,
                n_distinct,
                correlation,
                width,
                null_frac,
                most_common,
                bytewise,
            });
        }
    }
    for (schema, table, name, columns, included) in
        connection.rows::<IndexRow>(include_str!("queries/planner_indexes.sql")).await?
    {
        if let Some(table) = find(&mut tables, &schema, &table) {
            let columns = columns.into_iter().map(|column| Some(column).filter(|column| !column.is_empty())).collect();
            table.indexes.push(PlannerIndex { name, columns, included });
        }
    }
    Ok(tables)
}

/// Both lists come in the same order, but a role may see the columns of a table that was made in between.
fn find<'a>(tables: &'a mut [PlannerTable], schema: &str, name: &str) -> Option<&'a mut PlannerTable> {
    let at = tables.binary_search_by(|table| (table.schema.as_str(), table.name.as_str()).cmp(&(schema, name)));
    at.ok().and_then(|at| tables.get_mut(at))
}

/// Of one table.
pub fn of<'a>(tables: &'a [PlannerTable], name: &TableName) -> Option<&'a PlannerTable> {
    tables.iter().find(|table| table.schema == name.schema && table.name == name.name)
}
