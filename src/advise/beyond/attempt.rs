//! Another way for a statement, tried: its rows compared with the statement's own, both timed in turn, all undone.
//!
//! ```text
//! own ── commands ── rows the same? ── other ── undo ── own again ──> OtherAdvice
//! ```

use std::time::Instant;

use crate::bench::statistics::{SMALLEST_MS, median};
use crate::bench::variants::{Sameness, compare_rows};
use crate::db::catalog::{Catalog, TableName};
use crate::db::{Connection, DbError, Prepared, Value};
use crate::report::model::{OtherAdvice, OtherKind};
use crate::sql::quote_literal;
use crate::units::{counted, ms};

use super::super::candidate::Candidate;
use super::arm::{Arm, Stopped, TOO_LONG, in_place, runs, with_sql};
use super::calls::{Own, cells};
use super::told::{advice, other_rows};

/// A way to try.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Attempt {
    pub(super) kind: OtherKind,
    /// A clause: `look up the page by its key instead of OFFSET`.
    pub(super) what: String,
    /// Run before, in the same transaction.
    pub(super) commands: Vec<String>,
    /// In the order of preference; the first that the server understands is tried.
    pub(super) sql: Vec<String>,
    /// By call: the parameters.
    pub(super) parameters: Vec<Vec<Value>>,
    /// What the reader must know before doing it: a sentence, or nothing.
    pub(super) caution: String,
    /// Indexes that are missing for it to be quick: it is tried without them and with them.
    pub(super) indexes: Vec<Candidate>,
    /// Relations that the commands make, whose size is told.
    pub(super) made: Vec<String>,
    /// What keeps them up to date.
    pub(super) refresh: Option<String>,
    /// Whether the rows must come in the statement's own order.
    pub(super) in_order: bool,
}

impl Attempt {
    /// A statement in place of another, with the same parameters, of which some may have gone: `numbers` are those that stayed.
    pub(super) fn given(mut self, own: &Own<'_>, numbers: &[usize]) -> Attempt {
        let pick = |parameters: &[Value]| numbers.iter().filter_map(|number| parameters.get(number - 1).cloned()).collect();
        self.parameters = own.cases.iter().map(|case| pick(&case.parameters)).collect();
        self
    }

    /// With its indexes; `None` when none is missing.
    fn with_indexes(&self, catalog: &Catalog) -> Option<Attempt> {
        let mut with = Attempt { what: format!("{}, with an index", self.what), ..self.clone() };
        for index in &self.indexes {
            let taken = |name: &str| {
                catalog.indexes.iter().any(|other| other.name == name) || with.made.iter().any(|made| made.ends_with(name))
            };
            let name = index.name(&taken);
            with.commands.push(index.definition(&name));
            with.made.push(TableName::new(&index.table.schema, &name).short_sql());
        }
        (!self.indexes.is_empty()).then_some(with)
    }
}

/// Below this share of its own time a statement has been helped. What the machine does meanwhile moves a median by less.
const HELPS: f64 = 0.75;

/// Whether what was tried is worth doing: it returned the same rows in less than three quarters of the time.
pub fn helps(advice: &OtherAdvice) -> bool {
    advice.after_ms.is_some_and(|after| after < HELPS * advice.before_ms && advice.before_ms - after > SMALLEST_MS)
}

/// A way this many times as slow has failed; its end is not waited for …
const SLOWER: f64 = 3.0;
/// … but never before this.
const LEAST_LIMIT_MS: f64 = 2_000.0;
/// Commands that take longer are stopped, ms.
const COMMANDS_LIMIT_MS: u64 = 60_000;

/// Of a way that it takes without an index, it must take less than this share with it for the index to be worth its keep.
const INDEX_HELPS: f64 = 0.75;

/// Tries a way, and with the indexes it wants when they are missing; what comes out is one advice.
///
/// # Errors
/// As [`attempt`].
pub(super) async fn best(
    connection: &mut Connection,
    own: &Own<'_>,
    way: &Attempt,
    catalog: &Catalog,
) -> Result<OtherAdvice, DbError> {
    let alone = attempt(connection, own, way).await?;
    let Some(with) = way.with_indexes(catalog).filter(|_| alone.after_ms.is_some() || alone.reason == TOO_LONG) else {
        return Ok(alone);
    };
    let mut indexed = attempt(connection, own, &with).await?;
    let pays =
        |without: f64| indexed.after_ms.is_some_and(|after| after < INDEX_HELPS * without && without - after > SMALLEST_MS);
    if !helps(&indexed) || !alone.after_ms.is_none_or(pays) {
        return Ok(alone);
    }
    indexed.reason += &match alone.after_ms {
        Some(without) => format!(" Without the index it takes {}.", ms(without)),
        None => " Without the index it takes longer than the statement as it is.".to_owned(),
    };
    Ok(indexed)
}

/// # Errors
/// When the connection is lost. What the server refuses is told in the advice.
pub(super) async fn attempt(connection: &mut Connection, own: &Own<'_>, attempt: &Attempt) -> Result<OtherAdvice, DbError> {
    connection.batch("BEGIN").await?;
    let tried = tried(connection, own, attempt).await;
    connection.batch("ROLLBACK").await?;
    let (tried, refused) = match tried {
        Ok(tried) => (tried, None),
        Err(Stopped::Refused(sql, reason)) => (Tried { sql, before_ms: own.ms, ..Tried::default() }, Some(reason)),
        Err(Stopped::Lost(error)) => return Err(error),
    };
    Ok(advice(own, attempt, tried, refused))
}

/// What came of it.
#[derive(Default)]
pub(super) struct Tried {
    pub(super) sql: String,
    pub(super) before_ms: f64,
    pub(super) after_ms: Option<f64>,
    pub(super) runs: usize,
    pub(super) proof: String,
    /// Of what the commands made.
    pub(super) bytes: u64,
    pub(super) commands_ms: f64,
    pub(super) refresh_ms: Option<f64>,
}

async fn tried(connection: &mut Connection, own: &Own<'_>, attempt: &Attempt) -> Result<Tried, Stopped> {
    let runs = runs(own.ms);
    let prepared = connection.prepare(own.sql).await?;
    let mut before = Arm::of(&prepared, own)?;
    before.warm_up(connection).await?;
    before.run(connection, runs.div_ceil(2)).await?;
    connection.batch(&format!("SAVEPOINT perflab_way; SET LOCAL statement_timeout = {COMMANDS_LIMIT_MS}")).await?;
    let started = Instant::now();
    for command in &attempt.commands {
        let done = connection.batch(command).await;
        done.map_err(|error| in_place(error, &attempt.sql))?;
    }
    let commands_ms = started.elapsed().as_secs_f64() * 1e3;
    let (sql, other) = understood(connection, &attempt.sql).await?;
    let limit = (own.ms * SLOWER).max(LEAST_LIMIT_MS) as u64;
    connection.batch(&format!("SET LOCAL statement_timeout = {limit}")).await?;
    let mut after = Arm::new(&other, &attempt.parameters.iter().map(|given| vec![given.clone()]).collect::<Vec<_>>(), &sql)?;
    let compared = compare(connection, own, attempt, &mut after).await;
    let proof = compared.map_err(|stopped| with_sql(stopped, &sql))?;
    after.run(connection, runs).await.map_err(|error| in_place(error, std::slice::from_ref(&sql)))?;
    let bytes = bytes(connection, &attempt.made).await?;
    let refresh_ms = match &attempt.refresh {
        Some(refresh) => Some(timed(connection, refresh).await?),
        None => None,
    };
    connection.batch("ROLLBACK TO perflab_way").await?;
    before.run(connection, runs / 2).await?;
    let (before_ms, after_ms) = (median(&mut before.times), Some(median(&mut after.times)));
    Ok(Tried { sql, before_ms, after_ms, runs, proof, bytes, commands_ms, refresh_ms })
}

/// What the relations take with their indexes.
async fn bytes(connection: &mut Connection, relations: &[String]) -> Result<u64, DbError> {
    let mut sum = 0;
    for relation in relations {
        let sql = format!("SELECT pg_total_relation_size({}::regclass)", quote_literal(relation));
        let (bytes,): (i64,) = connection.row(&sql).await?;
        sum += u64::try_from(bytes).unwrap_or(0);
    }
    Ok(sum)
}

async fn timed(connection: &mut Connection, command: &str) -> Result<f64, DbError> {
    connection.batch(&format!("SET LOCAL statement_timeout = {COMMANDS_LIMIT_MS}")).await?;
    let started = Instant::now();
    connection.batch(command).await?;
    Ok(started.elapsed().as_secs_f64() * 1e3)
}

/// The first of the statements that the server takes.
async fn understood(connection: &mut Connection, ways: &[String]) -> Result<(String, Prepared), Stopped> {
    let mut refused = Stopped::Refused(String::new(), "There is no such statement.".to_owned());
    for sql in ways {
        connection.batch("SAVEPOINT perflab_parse").await?;
        match connection.prepare(sql).await {
            Ok(prepared) => return Ok((sql.clone(), prepared)),
            Err(error) => refused = with_sql(error.into(), sql),
        }
        connection.batch("ROLLBACK TO perflab_parse").await?;
    }
    Err(refused)
}

/// Compares the rows of every call; the sentence says of how many.
async fn compare(connection: &mut Connection, own: &Own<'_>, attempt: &Attempt, after: &mut Arm<'_>) -> Result<String, Stopped> {
    let mut rows = 0;
    for (number, case) in own.cases.iter().enumerate() {
        let reply = connection.run(after.prepared, &after.given[number][0]).await?;
        let found = cells(&reply);
        rows += case.rows.len();
        let same = match compare_rows(&case.rows, &found) {
            Sameness::InOrder => true,
            Sameness::Reordered => !attempt.in_order,
            Sameness::Different { .. } => false,
        };
        if !same {
            return Err(Stopped::Refused(String::new(), other_rows(&case.rows, &found)));
        }
    }
    let calls = own.cases.len() as u64;
    if rows == 0 {
        let reason = "No row was returned either way for any of the parameters, which proves nothing.".to_owned();
        return Err(Stopped::Refused(String::new(), reason));
    }
    Ok(format!("{} of {} compared, all the same", counted(rows as u64, "row", "rows"), counted(calls, "call", "calls")))
}
