//! Endpoints that no index saves, and why: the sentence comes from the plan that is left.

use std::collections::BTreeMap;

use crate::bench::workload::Workload;
use crate::explain::endpoint::StatementPlan;
use crate::report::model::{PairedResult, SloUnit, Unsolved};
use crate::units::{amount, ms};

use super::DEFAULT_TARGET_MS;

/// The endpoints that stay over what they promise (or over [`DEFAULT_TARGET_MS`]) with the kept indexes.
pub fn unsolved(workload: &Workload, endpoints: &[PairedResult], plans: &BTreeMap<usize, Vec<StatementPlan>>) -> Vec<Unsolved> {
    let mut found = Vec::new();
    for (place, result) in endpoints.iter().enumerate() {
        let Some(target_ms) = missed_target(result, workload.endpoints[place].slo.is_empty()) else { continue };
        let Some(worst) = plans.get(&place).and_then(|statements| slowest(statements)) else { continue };
        found.push(Unsolved {
            label: result.label.clone(),
            step: worst.step + 1,
            sql: workload.endpoints[place].steps[worst.step].written.clone(),
            after_ms: result.after.p50_ms,
            target_ms,
            reason: reason(worst),
        });
    }
    found
}

/// The milliseconds that were promised and not kept.
fn missed_target(result: &PairedResult, no_promise: bool) -> Option<f64> {
    if no_promise {
        return (result.after.p50_ms > DEFAULT_TARGET_MS).then_some(DEFAULT_TARGET_MS);
    }
    result.slo.iter().find(|promise| promise.unit == SloUnit::Ms && promise.met == Some(false)).map(|promise| promise.bound)
}

fn slowest(statements: &[StatementPlan]) -> Option<&StatementPlan> {
    statements.iter().max_by(|a, b| a.explained.execution_ms.total_cmp(&b.explained.execution_ms))
}

/// What the narrator says of the plan that is left, largest saving first; a plan it is silent about is described by its figures.
fn reason(statement: &StatementPlan) -> String {
    let told = statement.explained.findings.iter().filter(|finding| finding.rule != "summary");
    let best = told.max_by(|a, b| a.saves_ms.total_cmp(&b.saves_ms));
    match best {
        Some(finding) => {
            let next = finding.next_step.as_ref().map_or(String::new(), |step| format!(" {step}"));
            format!("{}{next}", finding.sentence)
        }
        None => format!(
            "It still reads {} {} in {} and no candidate index shortened that.",
            amount(statement.explained.rows_read),
            if statement.explained.rows_read == 1.0 { "row" } else { "rows" },
            ms(statement.explained.execution_ms)
        ),
    }
}
