//! Endpoints explained: the verdict, then each statement with its plan and what it means, then the indexes that were tried and the
//! plans they led to.

mod cascade;
mod change;
mod classes;
mod indexes;
mod same;
mod statement;
mod tips;
mod tree;

pub use statement::plan;

use self::same::same_plan;
use super::super::model::{ExplainedEndpoint, Explanation};
use super::super::wording::one_line;
use super::sheet::Sheet;
use super::{PlanLayout, PlanView, Screen};
use crate::units;

/// EXPLAIN's own clock reads every node's start and end, which can double a statement's time; it must not pass for the endpoint's.
const WHOSE_TIMES: &str = "Times are the server's own under EXPLAIN ANALYZE with timing on, one execution of each statement. Timing \
                           slows a statement down: for how long the endpoint takes, see `perflab bench`.";

/// What `perflab explain` found, for a person. Sentences wrap at the screen's width, plans and code do not.
pub fn explanation(found: &Explanation, screen: Screen, view: impl Into<PlanView>) -> String {
    let mut sheet = Sheet::new(screen).with_plans(view.into());
    let several = found.endpoints.len() > 1;
    for endpoint in &found.endpoints {
        sheet.heading(&format!("{}: {}", one_line(&endpoint.label), verdict(endpoint)));
    }
    if found.endpoints.is_empty() {
        sheet.text("No endpoint was explained.");
    } else {
        change::where_it_was(&mut sheet, found);
        indexes::used(&mut sheet, &found.indexes);
        if found.database.as_ref().is_none_or(|database| database.only_planned.is_none()) {
            sheet.text(WHOSE_TIMES);
            if sheet.plans().layout == PlanLayout::Tree {
                sheet.text(tree::WHOSE_FIGURES);
            }
        }
    }
    for (place, endpoint) in found.endpoints.iter().enumerate() {
        title(&mut sheet, several, place, endpoint, "");
        tips::together(&mut sheet, &endpoint.findings);
        for explained in &endpoint.statements {
            sheet.gap();
            statement::before(&mut sheet, explained);
            classes::classes(&mut sheet, explained, screen);
        }
        endpoint.class_notes.iter().for_each(|note| sheet.item(note));
    }
    if change::is_any(found) {
        indexes::tried(&mut sheet, found);
        change::changed(&mut sheet, &found.changed);
        let with = &change::side_after(found);
        for (place, endpoint) in found.endpoints.iter().enumerate() {
            title(&mut sheet, several, place, endpoint, with);
            for explained in &endpoint.statements {
                sheet.gap();
                statement::after(&mut sheet, explained, with);
            }
        }
    }
    sheet.finish()
}

/// Names the endpoint once more where there are several to tell apart.
fn title(sheet: &mut Sheet, several: bool, place: usize, endpoint: &ExplainedEndpoint, with: &str) {
    if several {
        sheet.gap();
        sheet.heading(&format!("{}. {}{with}", place + 1, one_line(&endpoint.label)));
    }
}

/// `44.4 ms`, or `44.4 → 10.8 ms` over the statements that have a plan after; that nothing but the clock moved is said.
fn verdict(endpoint: &ExplainedEndpoint) -> String {
    let statements = &endpoint.statements;
    if statements.is_empty() {
        return "none of its statements ran".to_owned();
    }
    let pairs: Vec<_> = statements.iter().filter_map(|statement| Some((&statement.before, statement.after.as_ref()?))).collect();
    if statements.iter().all(|statement| statement.before.execution_ms <= 0.0) {
        return "planned, not executed".to_owned();
    }
    if pairs.is_empty() {
        return units::ms(statements.iter().map(|statement| statement.before.execution_ms).sum());
    }
    let timed: Vec<_> = statements.iter().filter_map(|statement| statement.change.as_ref()?.timed.as_ref()).collect();
    let change = if timed.len() == pairs.len() {
        // The medians of several executions, where there are some.
        units::ms_change(
            timed.iter().map(|timed| timed.before.median_ms).sum(),
            timed.iter().map(|timed| timed.after.median_ms).sum(),
        )
    } else {
        units::ms_change(
            pairs.iter().map(|(before, _)| before.execution_ms).sum(),
            pairs.iter().map(|(_, after)| after.execution_ms).sum(),
        )
    };
    let noise = if let [only] = timed.as_slice() { change::in_a_word(only) } else { "" };
    let whole = if pairs.len() < statements.len() {
        format!(" in {} of {} statements", units::in_words(pairs.len()), units::in_words(statements.len()))
    } else {
        String::new()
    };
    let moved = if pairs.iter().all(|(before, after)| same_plan(before, after)) { ", no plan changed" } else { "" };
    format!("{change}{whole}{noise}{moved}")
}
