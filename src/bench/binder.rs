//! Binding statements: each is prepared on the server, and each of its parameters gets a source.

use std::collections::HashMap;

use crate::db::value::integer_width;
use crate::db::{Connection, DbError, Value};
use crate::scenario::error::Problem;
use crate::scenario::model::{Location, Step};
use crate::scenario::statement::{ParamRef, Statement};

use super::draw::Slot;
use super::effect::effect_of;
use super::error::BenchError;
use super::workload::{Bind, BoundStep};

/// What is known of an endpoint's names while its steps are bound.
#[derive(Default)]
pub struct Binder {
    pub slots: Vec<Slot>,
    pub step_names: HashMap<String, usize>,
    /// Columns of each bound step with their types; `None` where binding failed.
    pub step_columns: Vec<Option<Vec<(String, u32)>>>,
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
        returns: !prepared.columns.is_empty(),
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
    /// Binds the steps of an endpoint or of a variant, with what does not fit in them; a step that does not is left out.
    ///
    /// # Errors
    /// When the connection fails.
    pub async fn steps(
        &mut self,
        steps: &[Step],
        connection: &mut Connection,
    ) -> Result<(Vec<BoundStep>, Vec<Problem>), BenchError> {
        let (mut bound, mut problems) = (Vec::new(), Vec::new());
        for (number, step) in steps.iter().enumerate() {
            match bind_step(step, self, connection).await? {
                Ok(step) => bound.push(step),
                Err(problem) => {
                    problems.push(problem);
                    self.step_columns.push(None);
                }
            }
            if let Some(name) = &step.name {
                self.step_names.insert(name.value.clone(), number);
            }
        }
        mark_kept(&mut bound);
        Ok((bound, problems))
    }

    /// Other steps follow, which know nothing of these and take the same parameters.
    pub fn forget_steps(&mut self) {
        self.step_names.clear();
        self.step_columns.clear();
    }

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
    pub fn slot(&mut self, name: &str, type_oid: u32, at: Location) -> usize {
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
pub fn no_column(step: &str, column: &str, columns: &[(String, u32)], at: Location) -> Problem {
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
