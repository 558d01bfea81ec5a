//! One statement: its text and parameters, PostgreSQL's plan, what that means, and the statements that foreign keys ran behind it.

use super::super::super::model::{ExplainedPlan, ExplainedStatement, Finding, TriedRemedy};
use super::super::super::wording::{self, full_stop, plan_change, valued};
use super::super::sheet::{GREEN, Sheet, YELLOW};
use super::super::{PlanLayout, Screen};
use super::cascade::cascade;
use super::same::same_plan;
use super::tree;
use crate::units;

/// The rule whose sentences say where the time goes; all others are tips.
pub(super) const SUMMARY: &str = "summary";

/// A plan that somebody else made, with what it means.
pub fn plan(explained: &ExplainedPlan, screen: Screen, plans: PlanLayout) -> String {
    let mut sheet = Sheet::new(screen).with_plans(plans);
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
    let share = units::percent(statement.share);
    sheet.heading(&format!("Statement {}: {share} of the call, {}", statement.step, units::ms(statement.before.execution_ms)));
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
    let changes = units::listed(&plan_change(&statement.before, after, ""));
    if same_plan(&statement.before, after) {
        sheet.heading(&format!("{name}: {changes}; plan unchanged"));
        return;
    }
    sheet.heading(&format!("{name}, same parameters: {changes}"));
    sheet.set_in(|sheet| body(sheet, after, Some(&statement.before)));
}

/// Plan, meaning and cascade; beside the plan before when there is one.
pub(super) fn body(sheet: &mut Sheet, explained: &ExplainedPlan, before: Option<&ExplainedPlan>) {
    tree::write(sheet, explained);
    sheet.gap();
    means(sheet, &explained.findings);
    cascade(sheet, explained, before);
}

/// Where the time goes, then the tips with what to do next.
fn means(sheet: &mut Sheet, findings: &[Finding]) {
    let (summary, tips): (Vec<&Finding>, Vec<&Finding>) = findings.iter().partition(|finding| finding.rule == SUMMARY);
    let sentences: Vec<String> = summary.iter().map(|finding| closed(&finding.sentence)).collect();
    sheet.text(&sentences.join(" "));
    for (i, tip) in tips.into_iter().enumerate() {
        let saves = if tip.saves_ms > 0.0 { format!(" At most {} to save.", units::ms(tip.saves_ms)) } else { String::new() };
        sheet.numbered(i + 1, &format!("{}{saves}", closed(&tip.sentence)));
        if let Some(next) = &tip.next_step {
            sheet.set_in(|sheet| sheet.text(&format!("Next: {}", closed(next))));
        }
        if let Some(tried) = &tip.tried {
            sheet.set_in(|sheet| sheet.led(colour(tried), "Tried:", &format!(" {}", wording::tried(tried))));
        }
    }
}

fn colour(tried: &TriedRemedy) -> &'static str {
    if tried.helped() { GREEN } else { YELLOW }
}

fn closed(sentence: &str) -> String {
    let sentence = sentence.trim();
    format!("{sentence}{}", full_stop(sentence))
}
