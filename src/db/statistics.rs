//! What ANALYZE left about a database: row counts from `pg_class`, and per column the statistics of `pg_stats`. No table is read.

use super::catalog::{Catalog, TableName};
use super::connect::Connection;
use super::error::DbError;
use super::read_catalog::read_catalog;

/// The planner's statistics of a database's user tables, ordered by schema and name.
#[derive(Debug, Clone, Default)]
pub struct Statistics {
    pub tables: Vec<TableStatistics>,
    /// True when the role reads `pg_statistic` itself, so that nothing is hidden from it.
    pub all_visible: bool,
}

/// Row counts of a table, or of all leaves of a partitioned one.
#[derive(Debug, Clone, PartialEq)]
pub struct TableStatistics {
    pub name: TableName,
    pub partitioned: bool,
    /// Sum of `reltuples`.
    pub rows: f64,
    /// The table itself, or its leaves.
    pub leaves: i64,
    /// Leaves that hold something and were never analyzed: their rows are in no count.
    pub uncounted: i64,
    /// Pages when they were counted, and now.
    pub pages: (i64, i64),
    /// One per column, and per leaf where a partitioned table was not analyzed as a whole.
    pub columns: Vec<ColumnStatistics>,
    /// Columns whose statistics the role may not see.
    pub hidden: Vec<String>,
}

/// One row of `pg_stats`; the fields are those of the view.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ColumnStatistics {
    pub column: String,
    /// Over all partitions.
    pub inherited: bool,
    /// `reltuples` of the table or leaf.
    pub rows: f64,
    pub null_frac: f64,
    /// Bytes, of values that are not null.
    pub avg_width: i32,
    /// Above 0 a number; below 0 the share of the rows, negated; 0 unknown.
    pub n_distinct: f64,
    /// As text; dates in ISO form, moments in UTC.
    pub most_common_vals: Vec<String>,
    /// Shares of all rows, nulls included.
    pub most_common_freqs: Vec<f64>,
    /// As text, in the type's order: as many of the other values lie between each two.
    pub histogram_bounds: Vec<String>,
    pub correlation: Option<f64>,
}

type CountRow = (String, String, bool, f64, i64, i64, i64, i64);
type ColumnRow =
    (String, String, String, bool, f64, f64, i32, f64, Option<Vec<String>>, Option<Vec<f64>>, Option<Vec<String>>, Option<f64>);

/// Values come as text in one form, whatever the role's settings; nothing can be written.
const SESSION: &str = "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; \
    SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL timezone = 'UTC'; SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = hex";

/// Reads the catalog and the statistics in one read-only transaction.
///
/// # Errors
/// What the server says; a user that may connect may read both, though not the statistics of every column.
pub async fn read_statistics(connection: &mut Connection) -> Result<(Catalog, Statistics), DbError> {
    connection.batch(SESSION).await?;
    let catalog = read_catalog(connection).await?;
    let statistics = read(connection).await?;
    connection.batch("COMMIT").await?;
    Ok((catalog, statistics))
}

async fn read(connection: &mut Connection) -> Result<Statistics, DbError> {
    let (all_visible,): (bool,) = connection.row("SELECT has_table_privilege('pg_catalog.pg_statistic', 'SELECT')").await?;
    let mut statistics = Statistics { tables: Vec::new(), all_visible };
    for row in connection.rows::<CountRow>(include_str!("queries/row_counts.sql")).await? {
        let (schema, name, partitioned, rows, leaves, uncounted, pages_then, pages_now) = row;
        let name = TableName::new(schema, name);
        let (columns, hidden) = (Vec::new(), Vec::new());
        statistics.tables.push(TableStatistics {
            name,
            partitioned,
            rows,
            leaves,
            uncounted,
            pages: (pages_then, pages_now),
            columns,
            hidden,
        });
    }
    let columns = if all_visible {
        include_str!("queries/statistics_of_all.sql")
    } else {
        for (schema, name, column) in
            connection.rows::<(String, String, String)>(include_str!("queries/hidden_columns.sql")).await?
        {
            if let Some(table) = statistics.table_mut(&TableName::new(schema, name)) {
                table.hidden.push(column);
            }
        }
        include_str!("queries/statistics.sql")
    };
    for row in connection.rows::<ColumnRow>(columns).await? {
        let (schema, name, column, inherited, rows, null_frac, avg_width, n_distinct, values, freqs, bounds, correlation) = row;
        if let Some(table) = statistics.table_mut(&TableName::new(schema, name)) {
            table.columns.push(ColumnStatistics {
                column,
                inherited,
                rows,
                null_frac,
                avg_width,
                n_distinct,
                most_common_vals: values.unwrap_or_default(),
                most_common_freqs: freqs.unwrap_or_default(),
                histogram_bounds: bounds.unwrap_or_default(),
                correlation,
            });
        }
    }
    Ok(statistics)
}

impl Statistics {
    pub fn table(&self, name: &TableName) -> Option<&TableStatistics> {
        self.tables.iter().find(|table| table.name == *name)
    }

    fn table_mut(&mut self, name: &TableName) -> Option<&mut TableStatistics> {
        self.tables.iter_mut().find(|table| table.name == *name)
    }
}
