//! What the calls of a side ask for, touch and are planned as. No clock is read, so that every machine finds the same.

use sha2::{Digest, Sha256};

use crate::bench::rounds::Progress;
use crate::bench::server_side::{self, Asked};
use crate::bench::workload::{BoundEndpoint, Workload};
use crate::db::catalog::Catalog;
use crate::db::{Connection, Target};
use crate::explain::endpoint::{StatementPlan, explain_call};
use crate::plan::{Plan, PlanMetrics};
use crate::report::model::ci::{IndexSeen, Observed, ObservedStatement, SeenPlan};

use super::GateError;
use super::drawn::{drawn, keys};

/// Calls of each endpoint that are explained: with one, an odd parameter would stand for all.
const EXPLAINED: u64 = 3;
/// Calls whose parameters are in the digest: as many as are counted at most.
const DIGESTED: u64 = 100;

/// A side's endpoints, and those that are looked at, by place.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    pub workload: &'a Workload,
    pub places: &'a [usize],
    pub catalog: &'a Catalog,
}

/// Observes each endpoint, by place in the workload: counted on one copy of the rows, explained on another. The first is worn by it, in
/// the second all is rolled back.
///
/// # Errors
/// When a connection is lost, or a plan cannot be read.
pub async fn observe(
    ground: Ground<'_>,
    [counted, explained]: [&Target; 2],
    progress: Progress<'_>,
) -> Result<Vec<Option<Observed>>, GateError> {
    let asked = server_side::count(ground.workload, ground.places, counted, &mut |share| progress(share / 2.0)).await?;
    let mut connection = Connection::open(explained).await?;
    let mut found: Vec<Option<Observed>> = ground.workload.endpoints.iter().map(|_| None).collect();
    for (done, place) in ground.places.iter().enumerate() {
        progress(0.5 + done as f64 / ground.places.len() as f64 / 2.0);
        let (endpoint, Some(asked)) = (&ground.workload.endpoints[*place], &asked[*place]) else { continue };
        let statements = statements(&mut connection, ground.catalog, endpoint, asked).await?;
        found[*place] = Some(observed(endpoint, asked, statements));
    }
    connection.close().await;
    Ok(found)
}

fn observed(endpoint: &BoundEndpoint, asked: &Asked, statements: Vec<ObservedStatement>) -> Observed {
    let touched = &asked.touched;
    let failures = asked.errors.iter().map(|error| {
        format!(
            "statement {} fails in {} of {} calls: {} ({})",
            error.step, error.count, asked.calls, error.message, error.sqlstate
        )
    });
    Observed {
        label: endpoint.label.clone(),
        effect: endpoint.effect,
        calls: asked.calls,
        parameters: digest(endpoint),
        statements_per_call: rounded(asked.statements),
        round_trips_per_call: rounded(asked.round_trips),
        rows_read: rounded(touched.rows_read),
        blocks: rounded(touched.blocks()),
        wal_bytes: touched.wal_bytes.round(),
        wal_full_pages: touched.wal_full_pages.map(rounded),
        temp_bytes: touched.temp_bytes.map(f64::round),
        failures: failures.collect(),
        statements,
    }
}

/// Two places: more would say nothing and differ from file to file.
fn rounded(figure: f64) -> f64 {
    (figure * 100.0).round() / 100.0
}

fn digest(endpoint: &BoundEndpoint) -> String {
    let mut digest = Sha256::new();
    for draw in (0..DIGESTED).map_while(|call| endpoint.draws.draw(call)) {
        for value in &draw.values {
            digest.update(value.oid.to_be_bytes());
            digest.update(value.bytes.as_ref().map_or(u64::MAX, |bytes| bytes.len() as u64).to_be_bytes());
            digest.update(value.bytes.as_deref().unwrap_or_default());
        }
    }
    digest.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Every statement of the endpoint as a few calls had it planned.
async fn statements(
    connection: &mut Connection,
    catalog: &Catalog,
    endpoint: &BoundEndpoint,
    asked: &Asked,
) -> Result<Vec<ObservedStatement>, GateError> {
    let mut seen: Vec<Seen> = endpoint.steps.iter().map(|_| Seen::default()).collect();
    for call in 0..EXPLAINED {
        let Some(draw) = endpoint.draws.draw(call) else { break };
        let plans = explain_call(connection, catalog, endpoint, &draw).await;
        let plans = plans.map_err(|source| GateError::Explain { label: endpoint.label.clone(), source })?;
        plans.iter().for_each(|plan| seen[plan.step].add(plan, catalog));
    }
    let described = endpoint.steps.iter().zip(seen).enumerate().map(|(place, (step, seen))| {
        let runs = asked.runs_per_call.get(place).copied().unwrap_or(0.0);
        seen.described(place + 1, &step.written, rounded(runs))
    });
    Ok(described.collect())
}

/// The executions of one statement.
#[derive(Default)]
struct Seen {
    executions: u64,
    rows_read: f64,
    blocks: u64,
    plans: Vec<SeenPlan>,
}

impl Seen {
    fn add(&mut self, statement: &StatementPlan, catalog: &Catalog) {
        let metrics = PlanMetrics::of(&statement.plan);
        self.executions += 1;
        self.rows_read += metrics.rows_read;
        self.blocks += metrics.blocks;
        let mut lines = drawn(&statement.plan, catalog);
        // In the order of their names, not of their times.
        let mut implied: Vec<_> = statement.explained.implied.iter().collect();
        implied.sort_by(|one, other| (&one.constraint, &one.sql).cmp(&(&other.constraint, &other.sql)));
        for one in implied {
            let Some(plan) = one.plan.as_deref() else { continue };
            self.rows_read += plan.rows_read;
            self.blocks += plan.blocks;
            // It was read once before, so it can be read again.
            let Ok(plan) = Plan::from_json(&plan.json) else { continue };
            lines.push(format!("behind the foreign key {}:", one.constraint));
            lines.extend(drawn(&plan, catalog).into_iter().map(|line| format!("  {line}")));
        }
        match self.plans.iter_mut().find(|known| known.plan == lines) {
            Some(known) => known.calls += 1,
            None => self.plans.push(SeenPlan { calls: 1, plan: lines }),
        }
    }

    fn described(mut self, step: usize, written: &str, runs_per_call: f64) -> ObservedStatement {
        self.plans.sort_by(|one, other| other.calls.cmp(&one.calls).then_with(|| one.plan.cmp(&other.plan)));
        let executions = self.executions.max(1);
        ObservedStatement {
            step,
            sql: in_a_line(written),
            runs_per_call,
            rows_read: rounded(self.rows_read / executions as f64),
            blocks: (self.blocks as f64 / executions as f64).round() as u64,
            plans: self.plans,
        }
    }
}

fn in_a_line(sql: &str) -> String {
    sql.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The indexes of a side, by table and keys; those of partitions are left out, being of their table's.
pub fn indexes(catalog: &Catalog) -> Vec<IndexSeen> {
    let whole = catalog.indexes.iter().filter(|index| index.valid && !catalog.roots.contains_key(&index.table));
    let mut seen: Vec<IndexSeen> = whole
        .map(|index| IndexSeen {
            table: index.table.to_string(),
            keys: keys(&index.definition).to_owned(),
            unique: index.unique,
            name: index.name.clone(),
        })
        .collect();
    seen.sort();
    seen
}
