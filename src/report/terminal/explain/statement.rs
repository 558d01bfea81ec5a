//! One statement: its text and parameters, PostgreSQL's plan, what that means, and the statements that foreign keys ran behind it.

use super::super::super::measures;
use super::super::super::model::{ExplainedPlan, ExplainedStatement};
use super::super::super::wording::{plan_change, valued, work_change};
use super::super::sheet::Sheet;
use super::super::{PlanView, Screen};
use super::cascade::cascade;
use super::change;
use super::same::same_plan;
use super::tips::means;
use super::tree;
use crate::units;

/// A plan that somebody else made, with what it means.
pub fn plan(explained: &ExplainedPlan, screen: Screen, view: impl Into<PlanView>) -> String {
    let mut sheet = Sheet::new(screen).with_plans(view.into());
    let times = format!("{} to execute, {} to plan", units::ms(explained.execution_ms), units::ms(explained.planning_ms));
    if explained.execution_ms > 0.0 {
        sheet.heading(&times);
        let timing = if explained.text.contains("actual time=") { " with timing on, which slows a statement down" } else { "" };
        sheet.text(&format!("Times are the server's own under EXPLAIN ANALYZE{timing}."));
    } else {
        sheet.heading("A plan without an execution time");
        sheet.text("It was made without ANALYZE (then nothing in it was measured) or with SUMMARY off.");
    }
    tree::note(&mut sheet, explained);
    sheet.gap();
    body(&mut sheet, explained, None);
    sheet.finish()
}

/// The statement as the indexes found it.
pub(super) fn before(sheet: &mut Sheet, statement: &ExplainedStatement) {
    let time = if statement.before.execution_ms > 0.0 {
        let share = units::percent(statement.share);
        format!(": {share} of the call, {}", units::ms(statement.before.execution_ms))
    } else {
        String::new()
    };
    sheet.heading(&format!("Statement {}{time}", statement.step));
    sheet.set_in(|sheet| {
        sheet.code(&statement.sql);
        for parameter in &statement.parameters {
            sheet.code(&format!("-- {}", valued(parameter)));
        }
        sheet.gap();
        body(sheet, &statement.before, None);
    });
}

/// The statement with the indexes in place and the same parameters; a plan that did not change is not shown again.
pub(super) fn after(sheet: &mut Sheet, statement: &ExplainedStatement, with: &str) {
    let name = format!("Statement {}{with}", statement.step);
    let Some(after) = &statement.after else {
        sheet.heading(&format!("{name}: it did not run"));
        return;
    };
    let changes = units::listed(&changes(statement, after));
    if same_plan(&statement.before, after) {
        sheet.heading(&format!("{name}: {changes}; plan unchanged"));
        if let Some(found) = &statement.change {
            sheet.set_in(|sheet| {
                change::time(sheet, found);
                change::nodes(sheet, found);
            });
        }
        return;
    }
    let changes = if after.execution_ms > 0.0 { format!(", same parameters: {changes}") } else { String::new() };
    sheet.heading(&format!("{name}{changes}"));
    sheet.set_in(|sheet| {
        if let Some(found) = &statement.change {
            change::time(sheet, found);
            sheet.gap();
            change::nodes(sheet, found);
        }
        body(sheet, after, Some(&statement.before));
    });
}

/// The medians where both sides ran several times, else what EXPLAIN took; then rows and blocks.
fn changes(statement: &ExplainedStatement, after: &ExplainedPlan) -> Vec<String> {
    match statement.change.as_ref().and_then(|change| change.timed.as_ref()) {
        Some(timed) => {
            let time = units::ms_change(timed.before.median_ms, timed.after.median_ms);
            std::iter::once(time).chain(work_change(&statement.before, after)).collect()
        }
        None => plan_change(&statement.before, after, ""),
    }
}

/// Plan, meaning and cascade; beside the plan before when there is one.
pub(super) fn body(sheet: &mut Sheet, explained: &ExplainedPlan, before: Option<&ExplainedPlan>) {
    tree::write(sheet, explained);
    sheet.gap();
    means(sheet, &explained.findings);
    if let Some(clocks) = &explained.clocks {
        sheet.gap();
        sheet.text(&measures::clocks(clocks).join(" "));
    }
    cascade(sheet, explained, before);
}
