//! A scenario's endpoints, bound to the types and columns that a server really has.
//!
//! Every statement is prepared once on the seeded database; whatever does not fit is collected with its place in the file, and
//! nothing is timed until all of it fits.

use std::collections::HashMap;

use crate::db::explain::{Explain, explain};
use crate::db::value::integer_width;
use crate::db::{Connection, DbError, Value};
use crate::report::model::Effect;
use crate::scenario::error::Problem;
use crate::scenario::model::{CallOptions, Endpoint, Location, Scenario, Slo, Step};
use crate::scenario::statement::{ParamRef, Statement};
use crate::seed::ParamSetting;

use super::condition::BoundCondition;
use super::draw::{Drawing, Draws, LOAD_ROWS, SAMPLE_ROWS, Slot};
use super::error::BenchError;

/// All endpoints of a scenario, in its order.
pub struct Workload {
    pub endpoints: Vec<BoundEndpoint>,
    /// How calls are made.
    pub calls: CallOptions,
}

/// One endpoint, ready to be called.
pub struct BoundEndpoint {
    pub label: String,
    pub route: String,
    pub case: Option<String>,
    pub weight: f64,
    pub effect: Effect,
    pub steps: Vec<BoundStep>,
    pub slo: Vec<Slo>,
    /// False for a single statement, which is a transaction by itself.
    pub in_transaction: bool,
    pub draws: Draws,
}

/// One statement with the source of each of its parameters.
pub struct BoundStep {
    /// As the scenario has it.
    pub written: String,
    /// With `$1` …
    pub sql: String,
    /// OIDs of the parameters.
    pub types: Vec<u32>,
    pub binds: Vec<Bind>,
    pub when: Option<BoundCondition>,
    /// The earlier step whose rows it runs for.
    pub for_each: Option<usize>,
    /// Whether a later step reads its rows.
    pub kept: bool,
    pub effect: Effect,
    pub at: Location,
}

/// Where a parameter's value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bind {
    /// A slot of the call's draw.
    Drawn { slot: usize },
    /// A column of the first row of an earlier step.
    Result { step: usize, column: String },
    /// A column of the row at hand of the step that `for_each` names.
    Item { column: String },
}

impl Bind {
    /// What a person calls the parameter; `slots` are the endpoint's slot names.
    pub fn name(&self, slots: &[String]) -> String {
        match self {
            Bind::Drawn { slot } => slots.get(*slot).cloned().unwrap_or_default(),
            Bind::Result { column, .. } | Bind::Item { column } => column.clone(),
        }
    }
}

impl Workload {
    /// Binds every endpoint against the database of `connection`, and draws the parameters that its seeded rows give.
    ///
    /// # Errors
    /// [`BenchError::Problems`] with everything that does not fit; [`BenchError::Db`] when the connection fails.
    pub async fn bind(scenario: &Scenario, connection: &mut Connection) -> Result<Workload, BenchError> {
        Workload::bind_sampling(scenario, SAMPLE_ROWS, connection).await
    }

    /// [`Workload::bind`] with up to [`LOAD_ROWS`] rows sampled per endpoint.
    ///
    /// # Errors
    /// As [`Workload::bind`].
    pub async fn bind_for_load(scenario: &Scenario, connection: &mut Connection) -> Result<Workload, BenchError> {
        Workload::bind_sampling(scenario, LOAD_ROWS, connection).await
    }

    async fn bind_sampling(scenario: &Scenario, rows: usize, connection: &mut Connection) -> Result<Workload, BenchError> {
        let drawing = Drawing { setting: ParamSetting::of(scenario.data.as_ref()), rows };
        let mut problems = Vec::new();
        let mut endpoints = Vec::new();
        for endpoint in &scenario.endpoints {
            match bind_endpoint(endpoint, drawing, connection).await? {
                Ok(bound) => endpoints.push(bound),
                Err(found) => problems.extend(found),
            }
        }
        if problems.is_empty() { Ok(Workload { endpoints, calls: scenario.calls }) } else { Err(BenchError::Problems(problems)) }
    }

    /// The endpoint of that label, or the only one of that route.
    pub fn find(&self, wanted: &str) -> Option<usize> {
        let by_label = self.endpoints.iter().position(|endpoint| endpoint.label == wanted);
        let mut by_route = self.endpoints.iter().enumerate().filter(|(_, endpoint)| endpoint.route == wanted);
        by_label.or_else(|| match (by_route.next(), by_route.next()) {
            (Some((place, _)), None) => Some(place),
            _ => None,
        })
    }
}

type Found<T> = Result<T, Vec<Problem>>;

async fn bind_endpoint(
    endpoint: &Endpoint,
    drawing: Drawing,
    connection: &mut Connection,
) -> Result<Found<BoundEndpoint>, BenchError> {
    let mut problems = Vec::new();
    let mut binder = Binder::default();
    let mut steps = Vec::new();
    for (number, step) in endpoint.steps.iter().enumerate() {
        match bind_step(step, &mut binder, connection).await? {
            Ok(bound) => steps.push(bound),
            Err(problem) => {
                problems.push(problem);
                binder.step_columns.push(None);
            }
        }
        if let Some(name) = &step.name {
            binder.step_names.insert(name.value.clone(), number);
        }
    }
    mark_kept(&mut steps);
    let effect = steps.iter().map(|step| step.effect).max_by_key(|effect| severity(*effect)).unwrap_or(Effect::Reads);
    let draws = match Draws::prepare(endpoint, &binder.slots, effect, drawing, connection).await? {
        Ok(draws) => Some(draws),
        Err(found) => {
            problems.extend(found);
            None
        }
    };
    let (Some(draws), true) = (draws, problems.is_empty()) else { return Ok(Err(problems)) };
    Ok(Ok(BoundEndpoint {
        label: endpoint.label(),
        route: endpoint.route.value.clone(),
        case: endpoint.case.clone(),
        weight: endpoint.weight,
        effect,
        in_transaction: steps.len() > 1 || steps.iter().any(|step| step.for_each.is_some()),
        steps,
        slo: endpoint.slo.clone(),
        draws,
    }))
}

/// What is known of an endpoint's names while its steps are bound.
#[derive(Default)]
pub(super) struct Binder {
    pub(super) slots: Vec<Slot>,
    pub(super) step_names: HashMap<String, usize>,
    /// Columns of each bound step with their types; `None` where binding failed.
    pub(super) step_columns: Vec<Option<Vec<(String, u32)>>>,
}

async fn bind_step(
    step: &Step,
    binder: &mut Binder,
    connection: &mut Connection,
) -> Result<Result<BoundStep, Problem>, BenchError> {
    let statement = &step.statement.value;
    let at = step.statement.at;
    let prepared = match connection.prepare(&statement.numbered).await {
        Ok(prepared) => prepared,
        Err(error) => return refused(error, statement, at),
    };
    let for_each = step.for_each.as_ref().and_then(|name| binder.step_names.get(&name.value).copied());
    let each_name = step.for_each.as_ref().map(|name| name.value.as_str());
    let mut binds = Vec::new();
    for (param, type_oid) in statement.params.iter().zip(&prepared.parameters) {
        match binder.bind(param, *type_oid, each_name, at) {
            Ok(bind) => binds.push(bind),
            Err(problem) => return Ok(Err(problem)),
        }
    }
    let effect = match effect_of(connection, &statement.numbered, &prepared.parameters).await {
        Ok(effect) => effect,
        Err(error) => return refused(error, statement, at),
    };
    let when = match &step.when {
        Some(when) => match binder.condition(&when.value, for_each, when.at) {
            Ok(condition) => Some(condition),
            Err(problem) => return Ok(Err(problem)),
        },
        None => None,
    };
    let types = prepared.origins.iter().map(|origin| origin.type_oid);
    binder.step_columns.push(Some(prepared.columns.iter().cloned().zip(types).collect()));
    Ok(Ok(BoundStep {
        written: statement.written.clone(),
        sql: statement.numbered.clone(),
        types: prepared.parameters.clone(),
        binds,
        when,
        for_each,
        kept: false,
        effect,
        at,
    }))
}

/// What the server refuses in a statement is the scenario's mistake; a broken connection is not.
fn refused<T>(error: DbError, statement: &Statement, at: Location) -> Result<Result<T, Problem>, BenchError> {
    let error = error.placed(|position| Some(statement.written_position(position)));
    match error.server_message() {
        Some(message) => Ok(Err(Problem {
            at,
            message: format!("the server refuses this statement: {}", message.without_hint()),
            help: message.hint.clone(),
        })),
        None => Err(error.into()),
    }
}

impl Binder {
    fn bind(&mut self, param: &ParamRef, type_oid: u32, each_name: Option<&str>, at: Location) -> Result<Bind, Problem> {
        let Some(field) = &param.field else {
            return Ok(Bind::Drawn { slot: self.slot(&param.name, type_oid, at) });
        };
        let Some(step) = self.step_names.get(&param.name).copied() else {
            return Err(Problem { at, message: format!("`:{}.{field}` names no earlier step", param.name), help: None });
        };
        let columns = self.step_columns.get(step).and_then(|columns| columns.as_ref());
        if let Some(columns) = columns.filter(|columns| columns.iter().all(|(name, _)| name != field)) {
            return Err(no_column(&param.name, field, columns, at));
        }
        if each_name == Some(param.name.as_str()) {
            return Ok(Bind::Item { column: field.clone() });
        }
        Ok(Bind::Result { step, column: field.clone() })
    }

    /// The slot of that name. Statements that take the parameter as types of different forms (`:id` and `:id::text`) each have a
    /// slot of it, filled from the same row.
    pub(super) fn slot(&mut self, name: &str, type_oid: u32, at: Location) -> usize {
        let known = self.slots.iter().position(|slot| slot.name == name && Value::passes(slot.type_oid, type_oid));
        if let Some(place) = known {
            let slot = &mut self.slots[place];
            if integer_width(type_oid) > integer_width(slot.type_oid) {
                slot.type_oid = type_oid;
            }
            return place;
        }
        self.slots.push(Slot { name: name.to_owned(), type_oid, at });
        self.slots.len() - 1
    }
}

/// A step that returns other columns than the one that is asked of it.
pub(super) fn no_column(step: &str, column: &str, columns: &[(String, u32)], at: Location) -> Problem {
    let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
    let returned = if names.is_empty() { "nothing".into() } else { names.join(", ") };
    let message = format!("step `{step}` returns no column `{column}`");
    Problem { at, message, help: Some(format!("it returns {returned}")) }
}

fn mark_kept(steps: &mut [BoundStep]) {
    let mut read = Vec::new();
    for step in steps.iter() {
        read.extend(step.for_each);
        read.extend(step.binds.iter().filter_map(|bind| if let Bind::Result { step, .. } = bind { Some(*step) } else { None }));
        if let Some(condition) = &step.when {
            condition.steps(&mut read);
        }
    }
    for place in read {
        if let Some(step) = steps.get_mut(place) {
            step.kept = true;
        }
    }
}

fn severity(effect: Effect) -> u8 {
    match effect {
        Effect::Reads => 0,
        Effect::Writes => 1,
        Effect::Deletes => 2,
    }
}

/// What the planner says the statement does: its ModifyTable nodes, data-modifying CTEs included.
async fn effect_of(connection: &mut Connection, sql: &str, types: &[u32]) -> Result<Effect, DbError> {
    let nulls: Vec<Value> = types.iter().map(|oid| Value::null(*oid)).collect();
    let plan = match explain(connection, sql, &nulls, Explain::Estimate).await {
        Ok(plan) => plan,
        // What EXPLAIN does not take (CALL, LOCK …) may do anything.
        Err(error) if error.sqlstate() == "42601" => return Ok(if is_truncate(sql) { Effect::Deletes } else { Effect::Writes }),
        Err(error) => return Err(error),
    };
    let mut effect = Effect::Reads;
    visit(&plan, &mut |node| {
        if node.get("Node Type").and_then(|kind| kind.as_str()) == Some("ModifyTable") {
            let deletes = node.get("Operation").and_then(|operation| operation.as_str()) == Some("Delete");
            let found = if deletes { Effect::Deletes } else { Effect::Writes };
            if severity(found) > severity(effect) {
                effect = found;
            }
        }
    });
    Ok(effect)
}

/// TRUNCATE empties a table for everybody else, and EXPLAIN does not take it.
fn is_truncate(sql: &str) -> bool {
    sql.split_whitespace().next().is_some_and(|word| word.eq_ignore_ascii_case("truncate"))
}

fn visit(value: &serde_json::Value, see: &mut impl FnMut(&serde_json::Map<String, serde_json::Value>)) {
    match value {
        serde_json::Value::Object(map) => {
            see(map);
            map.values().for_each(|inner| visit(inner, see));
        }
        serde_json::Value::Array(list) => list.iter().for_each(|inner| visit(inner, see)),
        _ => {}
    }
}
