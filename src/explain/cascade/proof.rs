//! The proof of a cascade's missing indexes: all of them built, the statement explained once more, and everything undone.

use std::collections::BTreeSet;
use std::time::Instant;

use crate::bench::statistics::median;
use crate::db::catalog::Catalog;
use crate::db::explain::{Explain, execution_ms, explain};
use crate::db::{Connection, DbError, Value};
use crate::plan::{Plan, used_indexes};
use crate::report::model::{CascadeProof, ExplainedPlan, ImpliedStatement, ProvenIndex, ProvenTrigger};

use super::super::ExplainError;
use super::super::clocks::ClockBudget;
use super::super::undo;
use super::behind;

/// What stands in front of the table in a missing index's statement, and its name once it is built for the proof.
const UNNAMED: &str = "CREATE INDEX ON ";
const NAMED: &str = "perflab_proof_";

/// The statement with every index built that `explained` says its cascade lacks. The connection is in a transaction, in which all is
/// undone. `None` when no index is missing, or the budget has no room for one execution.
///
/// # Errors
/// When the connection is lost or a plan cannot be read. What the server refuses is in [`CascadeProof::refused`].
pub async fn prove(
    connection: &mut Connection,
    catalog: &Catalog,
    explained: &ExplainedPlan,
    statement: &str,
    parameters: &[Value],
    budget: ClockBudget,
) -> Result<Option<CascadeProof>, ExplainError> {
    let mut missing = Vec::new();
    lacking(&explained.implied, &mut missing);
    let runs = budget.rounds(explained.execution_ms);
    if missing.is_empty() || runs == 0 {
        return Ok(None);
    }
    connection.batch("SAVEPOINT perflab_proof").await?;
    let proof = with_indexes(connection, catalog, explained, (statement, parameters), &missing, runs).await;
    undo(connection, "perflab_proof").await?;
    match proof {
        Ok(proof) => Ok(Some(proof)),
        Err(ExplainError::Db(error)) => match error.server_message() {
            Some(server) => Ok(Some(CascadeProof {
                indexes: missing.into_iter().map(|statement| ProvenIndex { statement, ..ProvenIndex::default() }).collect(),
                refused: Some(server.message.clone()),
                before_ms: explained.execution_ms,
                ..CascadeProof::default()
            })),
            None => Err(error.into()),
        },
        Err(error) => Err(error),
    }
}

/// Missing indexes of all levels, each once, in the order of their time.
fn lacking(implied: &[ImpliedStatement], found: &mut Vec<String>) {
    for statement in implied {
        if let Some(index) = statement.missing_index.as_ref().filter(|index| !found.contains(index)) {
            found.push(index.clone());
        }
    }
    for plan in implied.iter().filter_map(|statement| statement.plan.as_ref()) {
        lacking(&plan.implied, found);
    }
}

async fn with_indexes(
    connection: &mut Connection,
    catalog: &Catalog,
    explained: &ExplainedPlan,
    (statement, parameters): (&str, &[Value]),
    missing: &[String],
    runs: u32,
) -> Result<CascadeProof, ExplainError> {
    let (before_ms, _) = timed(connection, statement, parameters, runs).await?;
    let mut indexes = Vec::new();
    for (number, statement) in missing.iter().enumerate() {
        indexes.push(build(connection, number, statement).await?);
    }
    let (after_ms, json) = timed(connection, statement, parameters, runs).await?;
    let after = behind(connection, catalog, &Plan::from_json(&json)?, statement, parameters, 0).await?;
    let mut used = BTreeSet::new();
    note_used(&after.implied, &mut used);
    let indexes = indexes
        .into_iter()
        .map(|index: Built| ProvenIndex { used: index.names.iter().any(|name| used.contains(name)), ..index.told });
    let indexes = indexes.collect();
    let triggers = explained.implied.iter().filter(|before| before.missing_index.is_some()).filter_map(|before| {
        let same = |now: &&ImpliedStatement| (&now.constraint, &now.sql) == (&before.constraint, &before.sql);
        let now = after.implied.iter().find(same)?;
        Some(ProvenTrigger {
            constraint: before.constraint.clone(),
            table: before.table.clone(),
            before_ms: before.trigger_ms,
            after_ms: now.trigger_ms,
        })
    });
    let triggers = triggers.collect();
    Ok(CascadeProof { indexes, runs, before_ms, after_ms: Some(after_ms), triggers, refused: None })
}

/// The median of the server's time, and the last plan. The first execution, which fills caches, is not counted when there are several.
async fn timed(
    connection: &mut Connection,
    statement: &str,
    parameters: &[Value],
    runs: u32,
) -> Result<(f64, serde_json::Value), DbError> {
    let mut times = Vec::new();
    let mut last = serde_json::Value::Null;
    for run in 0..=runs {
        connection.batch("SAVEPOINT perflab_proof_run").await?;
        last = explain(connection, statement, parameters, Explain::Analyze).await?;
        undo(connection, "perflab_proof_run").await?;
        if run > 0 || runs == 1 {
            times.push(execution_ms(&last));
        }
        if runs == 1 {
            break;
        }
    }
    Ok((median(&mut times), last))
}

/// An index built for the proof.
struct Built {
    /// Its own name and those of its partitions.
    names: Vec<String>,
    told: ProvenIndex,
}

async fn build(connection: &mut Connection, number: usize, statement: &str) -> Result<Built, DbError> {
    let rest = statement.strip_prefix(UNNAMED).unwrap_or_default();
    let started = Instant::now();
    connection.batch(&format!("CREATE INDEX {NAMED}{number} ON {rest}")).await?;
    let build_ms = started.elapsed().as_secs_f64() * 1e3;
    let parts: Vec<(String, i64)> = connection
        .rows(&format!(
            "WITH RECURSIVE parts AS (SELECT oid FROM pg_class WHERE relname = '{NAMED}{number}' UNION ALL \
             SELECT i.inhrelid FROM pg_inherits i JOIN parts ON parts.oid = i.inhparent) \
             SELECT c.relname::text, pg_relation_size(c.oid)::int8 FROM pg_class c JOIN parts USING (oid)"
        ))
        .await?;
    let bytes = parts.iter().map(|(_, bytes)| u64::try_from(*bytes).unwrap_or(0)).sum();
    let told = ProvenIndex { statement: statement.to_owned(), bytes, build_ms, used: false };
    Ok(Built { names: parts.into_iter().map(|(name, _)| name).collect(), told })
}

/// The indexes that statements behind the foreign keys went by, on any level.
fn note_used(implied: &[ImpliedStatement], used: &mut BTreeSet<String>) {
    for explained in implied.iter().filter_map(|statement| statement.plan.as_ref()) {
        if let Ok(plan) = Plan::from_json(&explained.json) {
            used.extend(used_indexes(&plan).into_iter().map(|index| index.name));
        }
        note_used(&explained.implied, used);
    }
}
