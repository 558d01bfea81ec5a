//! A plan with its text and its meaning, ready for a report.

use serde_json::Value as Json;

use crate::plan::{self, Facts, Plan, PlanMetrics, TextOptions};
use crate::report::model::{ExplainedPlan, Finding};

use super::ExplainError;

/// The rule of findings that say where the time goes; all others are tips.
pub const SUMMARY: &str = "summary";

/// Reads EXPLAIN's JSON and says what it means.
///
/// # Errors
/// When the JSON is no plan.
pub fn narrated(json: Json, facts: &Facts) -> Result<(Plan, ExplainedPlan), ExplainError> {
    let plan = Plan::from_json(&json)?;
    let explained = meaning(&plan, json, facts);
    Ok((plan, explained))
}

/// Says what a plan means; `json` is kept beside it.
pub fn meaning(plan: &Plan, json: Json, facts: &Facts) -> ExplainedPlan {
    let metrics = PlanMetrics::of(plan);
    ExplainedPlan {
        text: plan::to_text(plan, TextOptions::default()),
        execution_ms: plan.execution_ms.unwrap_or_default(),
        planning_ms: plan.planning_ms.unwrap_or_default(),
        rows_read: metrics.rows_read,
        rows_returned: metrics.rows_returned,
        blocks: metrics.blocks,
        findings: findings(plan, facts),
        json,
        ..ExplainedPlan::default()
    }
}

/// Where the time goes, then the tips in the order of what they could save.
pub(super) fn findings(plan: &Plan, facts: &Facts) -> Vec<Finding> {
    let summary =
        plan::summary(plan, facts).into_iter().map(|sentence| Finding { rule: SUMMARY.into(), sentence, ..Finding::default() });
    let tips = plan::narrate(plan, facts).into_iter().map(|tip| Finding {
        rule: tip.rule.to_owned(),
        sentence: tip.sentence,
        next_step: tip.next_step,
        saves_ms: tip.saves_ms,
        about_ms: tip.about_ms,
        correctness: tip.correctness,
        node: tip.node,
        tried: None,
    });
    summary.chain(tips).collect()
}
