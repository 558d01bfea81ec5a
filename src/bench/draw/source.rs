//! Where each parameter of an endpoint comes from: a column of its sample, or values made for each call.

use std::sync::Arc;

use crate::db::Value;
use crate::db::value::{integer_width, oid};
use crate::scenario::columns_of;
use crate::scenario::error::Problem;
use crate::scenario::model::{Endpoint, Literal, Located, ValueSpec};
use crate::seed::{ParamMaker, ParamSetting};

use super::Slot;

#[derive(Debug, Clone)]
pub(super) enum Source {
    Sampled { column: usize },
    Made { maker: Arc<ParamMaker>, type_oid: u32 },
}

/// The sources of an endpoint's parameters.
pub(super) struct Sources {
    pub names: Vec<String>,
    pub sources: Vec<Source>,
    /// The slots that the sample fills, by [`Source::Sampled`].
    pub sampled: Vec<Slot>,
}

/// Finds out who provides each parameter; `columns` are those of the sample query.
///
/// # Errors
/// The parameters that nobody provides.
pub(super) fn sources(
    endpoint: &Endpoint,
    slots: &[Slot],
    columns: &[String],
    setting: ParamSetting,
) -> Result<Sources, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut found = Sources { names: Vec::new(), sources: Vec::new(), sampled: Vec::new() };
    let label = endpoint.label();
    for slot in with_referenced(endpoint, slots) {
        if let Some((name, spec)) = made_by(endpoint, &slot.name) {
            match ParamMaker::new(spec, slot.type_oid, &label, &slot.name, setting) {
                Ok(maker) => found.sources.push(Source::Made { maker: maker.into(), type_oid: slot.type_oid }),
                Err(error) => problems.push(Problem { at: name.at, message: error.to_string(), help: None }),
            }
        } else if columns.contains(&slot.name) {
            found.sources.push(Source::Sampled { column: found.sampled.len() });
            found.sampled.push(slot.clone());
        } else {
            problems.push(nobody_provides(&slot, columns));
        }
        found.names.push(slot.name);
    }
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}

/// The slots of the statements, then one as text for every parameter that a made value depends on.
fn with_referenced(endpoint: &Endpoint, slots: &[Slot]) -> Vec<Slot> {
    let mut all = slots.to_vec();
    let mut looked_at = 0;
    while let Some(name) = all.get(looked_at).map(|slot| slot.name.clone()) {
        looked_at += 1;
        let Some((at, spec)) = made_by(endpoint, &name) else { continue };
        for other in columns_of(spec) {
            let readable = |slot: &Slot| {
                slot.name == other && (Value::passes(slot.type_oid, oid::TEXT) || integer_width(slot.type_oid).is_some())
            };
            if !all.iter().any(readable) {
                let number = made_by(endpoint, other).is_some_and(|(_, spec)| makes_numbers(spec));
                let type_oid = if number { oid::INT8 } else { oid::TEXT };
                all.push(Slot { name: other.to_owned(), type_oid, at: at.at });
            }
        }
    }
    all
}

fn made_by<'e>(endpoint: &'e Endpoint, name: &str) -> Option<&'e (Located<String>, ValueSpec)> {
    endpoint.params.values.iter().find(|(known, _)| known.value == name)
}

fn makes_numbers(spec: &ValueSpec) -> bool {
    match spec {
        ValueSpec::OneOf(values) => values.iter().all(|(value, _)| matches!(value, Literal::Int(_))),
        ValueSpec::Range { .. }
        | ValueSpec::Normal { .. }
        | ValueSpec::Lognormal { .. }
        | ValueSpec::Exponential { .. }
        | ValueSpec::Zipf { .. }
        | ValueSpec::Pareto { .. }
        | ValueSpec::Sequence => true,
        ValueSpec::Constant(value) => matches!(value, Literal::Int(_)),
        _ => false,
    }
}

fn nobody_provides(slot: &Slot, columns: &[String]) -> Problem {
    let help = if columns.is_empty() {
        format!("add `sample:` with a query that returns `{0}`, or `values: {{{0}: …}}`", slot.name)
    } else {
        format!("the sample returns {}; name one of them `{}`, or add it under `values:`", columns.join(", "), slot.name)
    };
    Problem { at: slot.at, message: format!("nothing provides the parameter `:{}`", slot.name), help: Some(help) }
}
