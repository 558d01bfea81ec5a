//! A candidate built for real.

use std::collections::BTreeSet;
use std::time::Instant;

use crate::advise::candidate::Candidate;
use crate::db::catalog::TableName;
use crate::db::{Connection, DbError};
use crate::sql::{quote_ident, quote_literal};

/// An index standing on the trial clone.
#[derive(Debug, Clone)]
pub struct Built {
    pub candidate: Candidate,
    pub name: String,
    pub definition: String,
    /// With those of its partitions.
    pub bytes: u64,
    pub build_ms: f64,
    /// Names of the indexes that its table's partitions have of it, which are those that plans name.
    pub parts: BTreeSet<String>,
}

impl Built {
    /// Name with schema, as SQL needs it.
    pub fn sql_name(&self) -> String {
        TableName::new(&self.candidate.table.schema, &self.name).sql()
    }

    /// Whether it, or its part in a partition, is one of the names.
    pub fn is_among(&self, names: &BTreeSet<String>) -> bool {
        names.contains(&self.name) || self.parts.iter().any(|part| names.contains(part))
    }
}

/// Builds an index and measures it.
///
/// # Errors
/// What the server says, e.g. that a key is too large for a B-tree.
pub async fn build(connection: &mut Connection, candidate: &Candidate, name: &str) -> Result<Built, DbError> {
    if let Some(extension) = candidate.extension() {
        connection.batch(&format!("CREATE EXTENSION IF NOT EXISTS {}", quote_ident(extension))).await.map_err(|error| {
            let command = format!("CREATE EXTENSION {extension}");
            error.during(format!("it needs the extension {extension}; install it beside the server, and run {command}"))
        })?;
    }
    let definition = candidate.definition(name);
    let started = Instant::now();
    connection.batch(&definition).await?;
    let build_ms = started.elapsed().as_secs_f64() * 1e3;
    let mut built =
        Built { candidate: candidate.clone(), name: name.to_owned(), definition, bytes: 0, build_ms, parts: BTreeSet::new() };
    if candidate.keys.iter().any(|key| key.column.is_none()) {
        // The planner knows nothing of an expression's values before the table is analyzed.
        connection.batch(&format!("ANALYZE {}", candidate.table.sql())).await?;
    }
    let family = "WITH RECURSIVE family AS (SELECT %::regclass::oid AS index UNION ALL \
                  SELECT inhrelid FROM pg_inherits JOIN family ON inhparent = index) \
                  SELECT relname::text, pg_relation_size(index) FROM family JOIN pg_class ON oid = index";
    let family: Vec<(String, i64)> = connection.rows(&family.replace('%', &quote_literal(&built.sql_name()))).await?;
    built.bytes = family.iter().map(|(_, bytes)| u64::try_from(*bytes).unwrap_or(0)).sum();
    built.parts = family.into_iter().map(|(part, _)| part).filter(|part| part != name).collect();
    Ok(built)
}
