//! Indexes built as the user wrote them.

use std::collections::{BTreeSet, HashSet};
use std::time::Instant;

use super::head::IndexHead;
use crate::db::catalog::TableName;
use crate::db::{Connection, DbError};
use crate::report::model::TriedIndex;

/// An index that stands in the open transaction, or in the database when there is none.
pub struct Built {
    pub tried: TriedIndex,
    /// With schema, as SQL needs it.
    pub sql: String,
    /// Its own name and those of its parts, where the table has partitions: plans name the parts.
    pub names: BTreeSet<String>,
}

/// Time in which a mistake shows; a build that takes longer has none that could be found before.
const TRIAL: &str = "SET LOCAL statement_timeout = '50ms'";
/// SQLSTATE of a statement that was cancelled, here by [`TRIAL`].
const CANCELLED: &str = "57014";

/// Asks the server whether it takes the statement, without building much of an index. The connection is in a transaction.
///
/// # Errors
/// What the server says of it, and that an index of that name exists already.
pub async fn check(connection: &mut Connection, statement: &str) -> Result<(), DbError> {
    connection.batch("SAVEPOINT perflab_index").await?;
    let outcome = trial(connection, statement).await;
    connection.batch("ROLLBACK TO perflab_index; RELEASE perflab_index").await?;
    match outcome {
        Err(error) if error.sqlstate() == CANCELLED => Ok(()),
        outcome => outcome,
    }
}

async fn trial(connection: &mut Connection, statement: &str) -> Result<(), DbError> {
    connection.batch(TRIAL).await?;
    build(connection, statement).await.map(drop)
}

/// Builds an index as the user wrote it. CONCURRENTLY is left out: it cannot run in a transaction, and nobody else waits for the
/// table here.
///
/// # Errors
/// What the server says of the statement, or that it made no index.
pub async fn build(connection: &mut Connection, statement: &str) -> Result<Built, DbError> {
    let Some(head) = IndexHead::read(statement) else { return Err(no_index(statement)) };
    let known: HashSet<i64> =
        connection.rows::<(i64,)>("SELECT indexrelid::int8 FROM pg_index").await?.into_iter().map(|row| row.0).collect();
    let started = Instant::now();
    connection.batch(&head.plain).await.map_err(|error| refused(error, statement))?;
    let build_ms = started.elapsed().as_secs_f64() * 1e3;
    let rows = connection.rows::<IndexColumns>(NEW_INDEXES).await?.into_iter().map(IndexRow::from);
    let made: Vec<IndexRow> = rows.filter(|row| !known.contains(&row.oid)).collect();
    let Some(own) = made.iter().find(|row| !row.is_part) else {
        return Err(match head.name.filter(|_| head.if_not_exists) {
            Some(name) => DbError::Unexpected(format!("`{statement}` made no index: {name} exists already; {ALREADY}")),
            None => no_index(statement),
        });
    };
    if own.has_expression {
        // The planner knows nothing of an expression's values before the table is analyzed.
        connection.batch(&format!("ANALYZE {}", own.table)).await?;
    }
    let tried = TriedIndex {
        name: own.name.clone(),
        definition: own.definition.clone(),
        bytes: made.iter().map(|row| u64::try_from(row.bytes).unwrap_or(0)).sum(),
        build_ms,
        table: own.table.clone(),
        concurrently_left_out: head.concurrently,
        notes: notes(own),
        ..TriedIndex::default()
    };
    let names = made.iter().map(|row| row.name.clone()).collect();
    Ok(Built { sql: TableName::new(&own.schema, &own.name).sql(), tried, names })
}

/// What helps where the name is taken.
const ALREADY: &str =
    "leave the name out, or hide the one that is there with --drop-index to see what it does; an earlier --keep may have left it";

fn refused(mut error: DbError, statement: &str) -> DbError {
    if let DbError::Server(message) = &mut error {
        // duplicate_table, which indexes share with tables
        if message.sqlstate == "42P07" {
            message.hint = Some(ALREADY.to_owned());
        }
    }
    error.during(format!("cannot build `{statement}`"))
}

fn no_index(statement: &str) -> DbError {
    DbError::Unexpected(format!("`{statement}` made no index; --index takes a CREATE INDEX statement"))
}

fn notes(index: &IndexRow) -> Vec<String> {
    let mut notes = Vec::new();
    // CREATE INDEX, "Building Indexes Concurrently" and README.HOT of PostgreSQL: such an index is for later transactions alone.
    if index.waits_for_old_snapshots {
        notes.push(
            "The table has rows that were updated in place meanwhile, so that the transaction which built the index may not use it. A \
             plan that does not use it proves nothing here."
                .to_owned(),
        );
    }
    notes
}

struct IndexRow {
    oid: i64,
    schema: String,
    name: String,
    table: String,
    is_part: bool,
    bytes: i64,
    definition: String,
    waits_for_old_snapshots: bool,
    has_expression: bool,
}

type IndexColumns = (i64, String, String, String, bool, i64, String, bool, bool);

impl From<IndexColumns> for IndexRow {
    fn from(row: IndexColumns) -> IndexRow {
        let (oid, schema, name, table, is_part, bytes, definition, waits_for_old_snapshots, has_expression) = row;
        IndexRow { oid, schema, name, table, is_part, bytes, definition, waits_for_old_snapshots, has_expression }
    }
}

const NEW_INDEXES: &str = "SELECT c.oid::int8, n.nspname::text, c.relname::text, i.indrelid::regclass::text, c.relispartition, \
     pg_relation_size(c.oid)::int8, pg_get_indexdef(c.oid), i.indcheckxmin, i.indexprs IS NOT NULL \
     FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
     WHERE n.nspname <> 'pg_toast' ORDER BY c.oid";
