//! What was seen of a statement, class by class, as a report has it.

use crate::plan::Shape;
use crate::report::model::{Parameter, PlanClass};

use super::Observed;
use super::consequence::consequence;

/// The classes of one statement, the first of them the one that others are held against.
pub(super) fn judge(observed: Vec<Observed>, parameters: Vec<Vec<Parameter>>) -> Vec<PlanClass> {
    let consequences: Vec<Option<String>> = match observed.split_first() {
        Some((first, others)) => std::iter::once(None).chain(others.iter().map(|other| consequence(other, first))).collect(),
        None => Vec::new(),
    };
    let first = observed.first().map(|first| Shape::of(&first.custom.plan));
    let told = observed.into_iter().zip(parameters).zip(consequences);
    told.map(|((one, parameters), consequence)| plan_class(one, parameters, consequence, first.as_ref())).collect()
}

fn plan_class(one: Observed, parameters: Vec<Parameter>, consequence: Option<String>, first: Option<&Shape>) -> PlanClass {
    let changes = first.map_or_else(Vec::new, |first| Shape::of(&one.custom.plan).changes_from(first));
    let explained = one.custom.explained;
    PlanClass {
        class: one.class,
        parameters,
        execution_ms: one.custom.stopped_after.is_none().then_some(explained.execution_ms),
        stopped_after_ms: one.custom.stopped_after.map(|after| after.as_secs_f64() * 1e3),
        rows_read: explained.rows_read,
        rows_returned: explained.rows_returned,
        blocks: explained.blocks,
        consequence,
        plan: (!changes.is_empty()).then(|| Box::new(explained)),
        changes,
    }
}
