//! Every statement of the endpoints, planned and not executed, and the lookups that foreign keys make behind a DELETE.

use crate::bench::steps::step_parameters;
use crate::bench::workload::{Bind, BoundStep, Workload};
use crate::db::catalog::{Action, Catalog, ForeignKey, TableName};
use crate::db::explain::{Explain, explain, explain_generic, prepare_generic};
use crate::db::{Connection, DbError, Value};
use crate::explain::ExplainError;
use crate::plan::{Plan, PlanNode, walk};
use crate::sql::quote_ident;

use super::AdviseError;
use super::assumed::{RowCounts, as_if_executed};

/// Calls that are planned of each endpoint: a value that is frequent may be planned in another way than one that is not.
const CALLS: u64 = 3;
/// Levels of cascade that are followed, as when plans are executed.
const DEEPEST: u32 = 5;

/// A statement and what the planner makes of it without any candidate.
pub struct Planned {
    /// The endpoint, by place in the workload.
    pub place: usize,
    /// How often a call runs it: rows that a DELETE is expected to delete, over the calls that were planned.
    pub weight: f64,
    /// Read as if it had been executed.
    pub plan: Plan,
    /// Of one execution.
    pub cost: f64,
    how: How,
}

enum How {
    With { sql: String, parameters: Vec<Value> },
    ForAny { name: String, parameters: usize },
}

impl Planned {
    /// Plans it again as things are now.
    ///
    /// # Errors
    /// When the connection is lost or the plan cannot be read.
    pub async fn again(&self, connection: &mut Connection) -> Result<Plan, AdviseError> {
        self.how.plan(connection).await
    }
}

impl How {
    async fn plan(&self, connection: &mut Connection) -> Result<Plan, AdviseError> {
        let json = match self {
            How::With { sql, parameters } => explain(connection, sql, parameters, Explain::Estimate).await?,
            How::ForAny { name, parameters } => explain_generic(connection, name, *parameters).await?,
        };
        Ok(Plan::from_json(&json).map_err(ExplainError::from)?)
    }
}

/// The planner's cost of the whole.
pub fn cost(plan: &Plan) -> f64 {
    plan.root.total_cost.unwrap_or(0.0)
}

/// Plans all statements; a sentence for each that the server does not plan.
pub async fn plan_all(
    connection: &mut Connection,
    workload: &Workload,
    catalog: &Catalog,
    rows: &RowCounts,
) -> Result<(Vec<Planned>, Vec<String>), AdviseError> {
    let mut planning = Planning { catalog, rows, planned: Vec::new(), prepared: 0 };
    let mut notes = Vec::new();
    for (place, endpoint) in workload.endpoints.iter().enumerate() {
        let calls = if endpoint.draws.sampled().is_empty() { 1 } else { CALLS };
        let draws: Vec<_> = (0..calls).filter_map(|call| endpoint.draws.draw(call)).collect();
        for (number, step) in endpoint.steps.iter().enumerate() {
            let known = step.binds.iter().all(|bind| matches!(bind, Bind::Drawn { .. }));
            let outcome = if known {
                let calls = draws.iter().map(|draw| step_parameters(step, draw, &[], 0)).collect::<Result<Vec<_>, _>>();
                planning.with_values(connection, place, step, calls).await
            } else {
                planning.for_any(connection, place, step).await
            };
            match outcome {
                Err(AdviseError::Db(error)) if error.server_message().is_some() => {
                    notes.push(format!("{}, statement {} was not planned: {error}", endpoint.label, number + 1));
                }
                other => other?,
            }
        }
    }
    Ok((planning.planned, notes))
}

struct Planning<'a> {
    catalog: &'a Catalog,
    rows: &'a RowCounts,
    planned: Vec<Planned>,
    /// Statements kept on the server.
    prepared: usize,
}

impl Planning<'_> {
    async fn with_values(
        &mut self,
        connection: &mut Connection,
        place: usize,
        step: &BoundStep,
        calls: Result<Vec<Vec<Value>>, DbError>,
    ) -> Result<(), AdviseError> {
        let calls = calls?;
        let share = 1.0 / calls.len().max(1) as f64;
        for parameters in calls {
            let how = How::With { sql: step.sql.clone(), parameters };
            self.add(connection, place, share, how, 0).await?;
        }
        Ok(())
    }

    /// Parameters that come from rows of another statement, which nobody has executed.
    async fn for_any(&mut self, connection: &mut Connection, place: usize, step: &BoundStep) -> Result<(), AdviseError> {
        let how = self.keep(connection, &step.sql, step.binds.len()).await?;
        self.add(connection, place, 1.0, how, 0).await
    }

    async fn keep(&mut self, connection: &mut Connection, sql: &str, parameters: usize) -> Result<How, DbError> {
        self.prepared += 1;
        let name = format!("perflab_{}", self.prepared);
        prepare_generic(connection, &name, sql).await?;
        Ok(How::ForAny { name, parameters })
    }

    async fn add(
        &mut self,
        connection: &mut Connection,
        place: usize,
        weight: f64,
        how: How,
        depth: u32,
    ) -> Result<(), AdviseError> {
        let plan = how.plan(connection).await?;
        let deleted: Vec<(TableName, f64)> = walk(&plan).filter_map(|visit| deleted_rows(visit.node)).collect();
        let planned = Planned { place, weight, cost: cost(&plan), plan: as_if_executed(&plan, self.rows), how };
        self.planned.push(planned);
        for (table, rows) in deleted {
            self.behind(connection, place, (&table, weight * rows), depth).await?;
        }
        Ok(())
    }

    /// The lookups of foreign keys for that many rows deleted from a table, and what they delete in turn.
    async fn behind(
        &mut self,
        connection: &mut Connection,
        place: usize,
        (table, weight): (&TableName, f64),
        depth: u32,
    ) -> Result<(), AdviseError> {
        if depth >= DEEPEST {
            return Ok(());
        }
        let keys: Vec<ForeignKey> = self.catalog.referencing(table).cloned().collect();
        for key in keys {
            let how = self.keep(connection, &self.lookup(&key), key.columns.len()).await?;
            let plan = how.plan(connection).await?;
            let found = plan.root.plan_rows.unwrap_or(0.0).max(1.0);
            self.planned.push(Planned { place, weight, cost: cost(&plan), plan: as_if_executed(&plan, self.rows), how });
            if key.on_delete == Action::Cascade && key.table != *table {
                Box::pin(self.behind(connection, place, (&key.table, weight * found), depth + 1)).await?;
            }
        }
        Ok(())
    }

    /// The rows that reference one key, as the trigger looks for them (`ri_triggers.c`): ONLY where the table has no partitions.
    fn lookup(&self, key: &ForeignKey) -> String {
        let divided = self.catalog.table(&key.table).is_some_and(|table| !table.partitions.is_empty());
        let only = if divided { "" } else { "ONLY " };
        let columns = key.columns.iter().enumerate();
        let wanted: Vec<String> =
            columns.map(|(number, column)| format!("x.{} = ${}", quote_ident(column), number + 1)).collect();
        format!("SELECT 1 FROM {only}{} AS x WHERE {}", key.table.sql(), wanted.join(" AND "))
    }
}

/// The table that a node deletes from, and how many rows.
fn deleted_rows(node: &PlanNode) -> Option<(TableName, f64)> {
    if node.node_type != "ModifyTable" || node.operation.as_deref() != Some("Delete") {
        return None;
    }
    let rows: f64 = node.children.iter().filter_map(|child| child.plan_rows).sum();
    Some((TableName::new(node.schema.clone()?, node.relation.clone()?), rows.max(1.0)))
}
