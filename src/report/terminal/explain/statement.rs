//! One statement: its text and parameters, PostgreSQL's plan, what that means, and the statements that foreign keys ran behind it.

use super::super::super::model::{ExplainedPlan, ExplainedStatement, Finding, ImpliedStatement, TriedRemedy};
use super::super::super::wording::{self, full_stop, one_line, plan_change, valued, work_change};
use super::super::Screen;
use super::super::sheet::{GREEN, Sheet, YELLOW};
use super::same::{counterpart, same_implied, same_plan};
use crate::units;

/// The rule whose sentences say where the time goes; all others are tips.
const SUMMARY: &str = "summary";

/// A plan that somebody else made, with what it means.
pub fn plan(explained: &ExplainedPlan, screen: Screen) -> String {
    let mut sheet = Sheet::new(screen);
    let times = format!("{} to execute, {} to plan", units::ms(explained.execution_ms), units::ms(explained.planning_ms));
    if explained.execution_ms > 0.0 {
        sheet.heading(&times);
        let timing = if explained.text.contains("actual time=") { " with timing on, which slows a statement down" } else { "" };
        sheet.text(&format!("Times are the server's own under EXPLAIN ANALYZE{timing}."));
    } else {
        sheet.heading("A plan without an execution time");
        sheet.text("It was made without ANALYZE (then nothing in it was measured) or with SUMMARY off.");
    }
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
fn body(sheet: &mut Sheet, explained: &ExplainedPlan, before: Option<&ExplainedPlan>) {
    sheet.plan(&explained.text);
    sheet.gap();
    means(sheet, &explained.findings);
    cascade(sheet, explained, before);
}

/// Where the time goes, then the tips with what to do next.
fn means(sheet: &mut Sheet, findings: &[Finding]) {
    let (summary, tips): (Vec<&Finding>, Vec<&Finding>) = findings.iter().partition(|finding| finding.rule == SUMMARY);
    let sentences: Vec<String> = summary.iter().map(|finding| closed(&finding.sentence)).collect();
    sheet.text(&sentences.join(" "));
    for tip in tips {
        let saves = if tip.saves_ms > 0.0 { format!(" At most {} to save.", units::ms(tip.saves_ms)) } else { String::new() };
        sheet.item(&format!("{}{saves}", closed(&tip.sentence)));
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

/// What foreign keys ran, which the plan does not show, as deep as it was followed.
fn cascade(sheet: &mut Sheet, explained: &ExplainedPlan, before: Option<&ExplainedPlan>) {
    if explained.implied.is_empty() {
        return;
    }
    sheet.gap();
    let all: f64 = explained.implied.iter().map(|implied| implied.trigger_ms).sum();
    sheet.text(&format!(
        "Behind its triggers, foreign keys ran {}: {} of these {}.",
        units::counted_in_words(explained.implied.len(), "statement", "statements"),
        units::figure(all),
        units::ms(explained.execution_ms)
    ));
    for implied in &explained.implied {
        sheet.gap();
        sheet.heading(&one_line(&implied.sql));
        sheet.set_in(|sheet| implied_statement(sheet, implied, before.and_then(|before| counterpart(before, implied))));
    }
}

fn implied_statement(sheet: &mut Sheet, implied: &ImpliedStatement, before: Option<&ImpliedStatement>) {
    let unchanged = before.is_some_and(|before| same_implied(before, implied));
    sheet.text(&format!("{}: {}", one_line(&implied.constraint), trigger_time(implied, before, unchanged)));
    if let Some(missing) = &implied.missing_index {
        sheet.led_code(YELLOW, "Missing index:", &one_line(missing));
    }
    if let (Some(own), false) = (&implied.plan, unchanged) {
        sheet.gap();
        body(sheet, own, before.and_then(|before| before.plan.as_deref()));
    }
}

/// `33.5 → 0.031 ms in one call, 919,039 → 9 rows read`
fn trigger_time(implied: &ImpliedStatement, before: Option<&ImpliedStatement>, unchanged: bool) -> String {
    let calls = units::counted_in_words(usize::try_from(implied.trigger_calls).unwrap_or(usize::MAX), "call", "calls");
    let one_of =
        if implied.trigger_calls > 1 && implied.plan.is_some() && !unchanged { "; the plan of one of them:" } else { "" };
    let Some(before) = before else { return format!("{} in {calls}{one_of}", units::ms(implied.trigger_ms)) };
    let change = format!("{} in {calls}", units::ms_change(before.trigger_ms, implied.trigger_ms));
    match (&before.plan, &implied.plan) {
        (Some(_), Some(_)) if unchanged => format!("{change}; plan unchanged"),
        (Some(earlier), Some(now)) => {
            let work: String = work_change(earlier, now).iter().map(|change| format!(", {change}")).collect();
            format!("{change}{work}{one_of}")
        }
        (Some(_), None) => format!("{change}; too quick now to be explained again"),
        (None, _) => format!("{change}{one_of}"),
    }
}
