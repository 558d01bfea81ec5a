//! One call of an endpoint, explained statement by statement.

use crate::bench::draw::Draw;
use crate::bench::workload::{BoundEndpoint, BoundStep};
use crate::db::catalog::Catalog;
use crate::db::explain::{Explain, execution_ms, explain};
use crate::db::{Connection, DbError, Value};
use crate::plan::Plan;
use crate::report::model::{EndpointResult, ExplainedPlan, ExplainedStatement, Parameter};

use super::ExplainError;
use super::cascade::behind;
use super::facts::facts;
use super::narrated::narrated;
use super::study::Study;
use super::walk::{Walk, refused};

/// A statement of the call, explained.
pub struct StatementPlan {
    /// From 0.
    pub step: usize,
    pub parameters: Vec<Value>,
    pub plan: Plan,
    pub explained: ExplainedPlan,
}

/// Explains every statement that this call of the endpoint runs, in order. A statement under `for_each` is explained for its
/// first item. The connection must be in no transaction; all that happens is rolled back.
///
/// # Errors
/// When the connection is lost or a plan cannot be read. A statement that the server refuses ends the call there, as it
/// would for the application.
pub async fn explain_call(
    connection: &mut Connection,
    catalog: &Catalog,
    endpoint: &BoundEndpoint,
    draw: &Draw,
) -> Result<Vec<StatementPlan>, ExplainError> {
    study_call(connection, catalog, endpoint, draw, Study::PLANS).await
}

/// [`explain_call`], and of each statement what `study` asks for.
///
/// # Errors
/// As [`explain_call`].
pub async fn study_call(
    connection: &mut Connection,
    catalog: &Catalog,
    endpoint: &BoundEndpoint,
    draw: &Draw,
    study: Study,
) -> Result<Vec<StatementPlan>, ExplainError> {
    connection.batch("BEGIN").await?;
    let plans = explain_steps(connection, catalog, endpoint, draw, study).await;
    connection.batch("ROLLBACK").await?;
    plans
}

/// Explains a call as [`explain_call`] does, inside a transaction that is open and stays so; what the call does in it remains. What the
/// tips promise is tried as far as `trying` says.
///
/// # Errors
/// As [`explain_call`].
pub async fn explain_steps(
    connection: &mut Connection,
    catalog: &Catalog,
    endpoint: &BoundEndpoint,
    draw: &Draw,
    study: Study,
) -> Result<Vec<StatementPlan>, ExplainError> {
    let mut explaining = Explaining { catalog, study, plans: Vec::new() };
    walk_call(connection, endpoint, draw, &mut explaining).await?;
    Ok(explaining.plans)
}

/// What is done with each statement of a call before it runs for real.
pub(super) trait StepVisitor {
    /// Leaves the rows as they were. `false` when the server refuses the statement, which ends the call.
    async fn visit(
        &mut self,
        connection: &mut Connection,
        number: usize,
        step: &BoundStep,
        parameters: &[Value],
    ) -> Result<bool, ExplainError>;
}

struct Explaining<'a> {
    catalog: &'a Catalog,
    study: Study,
    plans: Vec<StatementPlan>,
}

impl StepVisitor for Explaining<'_> {
    async fn visit(
        &mut self,
        connection: &mut Connection,
        number: usize,
        step: &BoundStep,
        parameters: &[Value],
    ) -> Result<bool, ExplainError> {
        let explained = explain_step(connection, self.catalog, step, parameters).await?;
        let Some((plan, mut explained)) = explained else { return Ok(false) };
        self.study.measure(connection, self.catalog, (&step.sql, parameters), &plan, &mut explained).await?;
        self.plans.push(StatementPlan { step: number, parameters: parameters.to_vec(), plan, explained });
        Ok(true)
    }
}

/// Every statement that the call runs, in order, inside an open transaction: shown to the visitor, then run for the next ones.
pub(super) async fn walk_call(
    connection: &mut Connection,
    endpoint: &BoundEndpoint,
    draw: &Draw,
    visitor: &mut impl StepVisitor,
) -> Result<(), ExplainError> {
    let mut walk = Walk::new(endpoint, draw);
    while let Some((number, parameters)) = walk.next() {
        let last = number + 1 == endpoint.steps.len();
        if !visitor.visit(connection, number, &endpoint.steps[number], &parameters).await? || last {
            break;
        }
        if !walk.run(connection, number, &parameters).await? {
            break;
        }
    }
    Ok(())
}

/// The plan of a step, with what foreign keys do behind it; undone. `None` when the server refuses the statement.
async fn explain_step(
    connection: &mut Connection,
    catalog: &Catalog,
    step: &BoundStep,
    parameters: &[Value],
) -> Result<Option<(Plan, ExplainedPlan)>, ExplainError> {
    let mut json = explain_undone(connection, step, parameters, Explain::Analyze).await?;
    // The first execution of a session fills its caches (catalog, relation sizes). That is not what a quick statement is about, and
    // nothing to a slow one.
    if json.as_ref().is_some_and(|json| execution_ms(json) < QUICK_MS) {
        json = explain_undone(connection, step, parameters, Explain::Analyze).await?;
    }
    let Some(json) = json else { return Ok(None) };
    let (plan, mut explained) = narrated(json, &facts(catalog))?;
    let behind = behind(connection, catalog, &plan, &step.sql, parameters, 0).await?;
    (explained.implied, explained.triggers) = (behind.implied, behind.triggers);
    Ok(Some((plan, explained)))
}

/// Statements below this are explained a second time.
pub(super) const QUICK_MS: f64 = 5.0;

/// `None` when the server refuses the statement.
pub(super) async fn explain_undone(
    connection: &mut Connection,
    step: &BoundStep,
    parameters: &[Value],
    how: Explain,
) -> Result<Option<serde_json::Value>, DbError> {
    connection.batch("SAVEPOINT perflab_step").await?;
    let json = explain(connection, &step.sql, parameters, how).await;
    connection.batch("ROLLBACK TO perflab_step").await?;
    if refused(&json)? { Ok(None) } else { Ok(Some(json?)) }
}

/// The plans as a report has them, largest share of the endpoint first; below `smallest_share` (0 to 1) they are left out.
///
/// # Errors
/// When the connection is lost.
pub async fn for_report(
    connection: &mut Connection,
    endpoint: &BoundEndpoint,
    measured: &EndpointResult,
    plans: Vec<StatementPlan>,
    smallest_share: f64,
) -> Result<Vec<ExplainedStatement>, ExplainError> {
    let mut statements = Vec::new();
    for StatementPlan { step, parameters, explained, .. } in plans {
        let share = measured.steps.get(step).map_or(0.0, |result| result.share);
        if share < smallest_share {
            continue;
        }
        statements.push(ExplainedStatement {
            step: step + 1,
            sql: endpoint.steps[step].sql.clone(),
            parameters: parameters_of(connection, endpoint, step, &parameters).await?,
            share,
            before: explained,
            ..ExplainedStatement::default()
        });
    }
    statements.sort_by(|a, b| b.share.total_cmp(&a.share));
    Ok(statements)
}

/// The parameters of a step with their names and their values as text.
///
/// # Errors
/// When the connection is lost.
pub async fn parameters_of(
    connection: &mut Connection,
    endpoint: &BoundEndpoint,
    step: usize,
    values: &[Value],
) -> Result<Vec<Parameter>, DbError> {
    let texts = connection.texts(values).await?;
    let names = endpoint.steps[step].binds.iter().map(|bind| bind.name(endpoint.draws.names()));
    Ok(names.zip(texts).enumerate().map(|(i, (name, value))| Parameter { number: i + 1, name, value }).collect())
}
