//! What ran behind a statement's triggers, as deep as it was followed.

use super::super::super::measures;
use super::super::super::model::{ExplainedPlan, ImpliedStatement};
use super::super::super::wording::{INSIDE_A_FUNCTION, key_chosen, one_line, trigger_told, work_change};
use super::super::sheet::{GREEN, Sheet, YELLOW};
use super::same::{counterpart, same_implied};
use super::statement::body;
use crate::units;

/// What foreign keys ran, which the plan does not show, and the triggers that somebody wrote.
pub(super) fn cascade(sheet: &mut Sheet, explained: &ExplainedPlan, before: Option<&ExplainedPlan>) {
    if !explained.implied.is_empty() {
        sheet.gap();
        sheet.text(&totals(explained));
    }
    proof(sheet, explained);
    if let Some(footprint) = &explained.footprint {
        sheet.gap();
        measures::footprint(footprint).iter().for_each(|sentence| sheet.text(sentence));
    }
    for implied in &explained.implied {
        sheet.gap();
        sheet.heading(&one_line(&implied.sql));
        sheet.set_in(|sheet| implied_statement(sheet, implied, before.and_then(|before| counterpart(before, implied))));
    }
    if !explained.triggers.is_empty() {
        sheet.gap();
        explained.triggers.iter().for_each(|trigger| sheet.text(&trigger_told(trigger)));
        sheet.text(INSIDE_A_FUNCTION);
    }
}

/// What the missing indexes bring together, then the indexes.
fn proof(sheet: &mut Sheet, explained: &ExplainedPlan) {
    let Some(proof) = &explained.proof else { return };
    sheet.gap();
    let colour = if proof.refused.is_some() { YELLOW } else { GREEN };
    let said = measures::proof(proof);
    sheet.led(colour, "Proof.", &format!(" {said}"));
    for index in &proof.indexes {
        let unused = if index.used || proof.refused.is_some() { "" } else { "  -- not used" };
        sheet.code(&format!("{};{unused}", one_line(&index.statement)));
    }
    let triggers = measures::proven_triggers(proof);
    if !triggers.is_empty() {
        sheet.text(&format!("By foreign key: {}.", triggers.join(", ")));
    }
}

fn totals(explained: &ExplainedPlan) -> String {
    let (waiting, ran): (Vec<_>, Vec<_>) = explained.implied.iter().partition(|implied| implied.deferred);
    let statements = |n: usize| units::counted_in_words(n, "statement", "statements");
    let all: f64 = ran.iter().map(|implied| implied.trigger_ms).sum();
    let (figure, of) = (units::figure(all), units::ms(explained.execution_ms));
    let at_commit = format!("{} at COMMIT, whose time is not in the plan", statements(waiting.len()));
    match (ran.len(), waiting.len()) {
        (ran, 0) => format!("Behind its triggers, foreign keys ran {}: {figure} of these {of}.", statements(ran)),
        (0, _) => format!("Foreign keys run {at_commit}."),
        (ran, _) => {
            format!("Behind its triggers, foreign keys ran {}: {figure} of these {of}; and {at_commit}.", statements(ran))
        }
    }
}

fn implied_statement(sheet: &mut Sheet, implied: &ImpliedStatement, before: Option<&ImpliedStatement>) {
    let unchanged = before.is_some_and(|before| same_implied(before, implied));
    let waits = if implied.deferred && implied.trigger_calls > 0 { ", at COMMIT" } else { "" };
    sheet.text(&format!("{}: {}{waits}", one_line(&implied.constraint), trigger_time(implied, before, unchanged)));
    if let Some(missing) = &implied.missing_index {
        sheet.led_code(YELLOW, "Missing index:", &one_line(missing));
    }
    if let (None, Some(why)) = (&implied.plan, &implied.unexplained) {
        sheet.text(&format!("No plan: {}.", one_line(why)));
    }
    if implied.level > 1 && implied.plan.is_none() {
        sheet.text("It fired a level further down, where its plan stands.");
    }
    if let (Some(own), false) = (&implied.plan, unchanged) {
        if let Some(key) = &implied.key {
            sheet.text(&format!("Explained with {}.", key_chosen(key)));
        }
        sheet.gap();
        body(sheet, own, before.and_then(|before| before.plan.as_deref()));
    }
}

/// `33.5 → 0.031 ms in one call, 919,039 → 9 rows read`
fn trigger_time(implied: &ImpliedStatement, before: Option<&ImpliedStatement>, unchanged: bool) -> String {
    if implied.trigger_calls == 0 {
        return "it did not run here".to_owned();
    }
    let calls = units::counted_in_words(usize::try_from(implied.trigger_calls).unwrap_or(usize::MAX), "call", "calls");
    // With a key known, the next sentence says which of the calls it was.
    let one_of = implied.trigger_calls > 1 && implied.plan.is_some() && implied.key.is_none() && !unchanged;
    let one_of = if one_of { "; the plan of one of them:" } else { "" };
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
