//! `jit-dominates`: compiling the expressions takes longer than it can save.
//!
//! **Sees** `JIT.Timing.Total` over 10% of the execution time.
//! **Evidence**: that total; the root's estimated cost, which switched it on; the estimate that was ten times too high, if one was.
//! **Bad**: 40 of 46 ms for six functions.
//! **Good**: 200 ms of JIT in a report of a minute.
//! **Wrong** when the same statement usually runs over far more rows than this time.

use super::super::context::{Context, tip};
use super::super::settings::set;
use super::super::{Tip, words};
use crate::plan::text::type_name;

const NAME: &str = "jit-dominates";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let Some((jit, total)) = context.plan.jit.as_ref().and_then(|jit| Some((jit, jit.total_ms?))) else { return Vec::new() };
    if total <= 0.1 * context.metrics.total_ms() {
        return Vec::new();
    }
    let root = &context.plan.root;
    let sentence = format!(
        "Just-in-time compilation of {} takes {}.{}",
        words::plural(jit.functions, "function", "functions"),
        context.of_total(total),
        overestimated(context).unwrap_or_default()
    );
    let next = match root.total_cost {
        Some(cost) => {
            format!("Set jit off for such statements, or jit_above_cost over this plan's cost of {}.", words::count(cost))
        }
        None => "Set jit off for such statements, or raise jit_above_cost.".to_owned(),
    };
    vec![tip(NAME, root, sentence, total, total).next(next).remedy(set("jit", "off"))]
}

/// What made the plan look dear enough, if it was an estimate ten times too high.
fn overestimated(context: &Context) -> Option<String> {
    let nodes = context.executed().map(|visit| visit.node);
    let estimates = nodes.filter_map(|node| Some((node, context.node(node).estimate?)));
    let high = estimates.filter(|(_, estimate)| !estimate.under && estimate.planned >= 1_000.0 && estimate.factor >= 10.0);
    let (node, worst) = high.max_by(|a, b| a.1.planned.total_cmp(&b.1.planned))?;
    Some(format!(
        " The planner expected {} of the {} and got {}.",
        words::rows(worst.planned),
        type_name(node),
        words::count(worst.actual)
    ))
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    #[test]
    fn fires_when_compiling_takes_most() {
        insta::assert_snapshot!(said(super::check, "jit"), @"
        Just-in-time compilation of 5 functions takes 40.2 of 46.5 ms.
        Set jit off for such statements, or jit_above_cost over this plan's cost of 2,258.
        ");
    }

    /// Functions without a ROWS clause are thought to return 1,000 rows; two of them made this look like 300 million.
    #[test]
    fn names_the_estimate_that_switched_it_on() {
        insta::assert_snapshot!(said(super::check, "jit-overestimated"), @"
        Just-in-time compilation of 12 functions takes 493.8 of 496.4 ms. The planner expected 303,666,667 rows of the Nested Loop and got 0.
        Set jit off for such statements, or jit_above_cost over this plan's cost of 18,999,196.
        ");
        assert_eq!(tried(&tips_with(super::check, "jit-overestimated", &Facts::default())[0]), "SET jit = 'off'");
    }

    #[test]
    fn quiet_without_jit_or_when_it_is_little() {
        assert_eq!(said(super::check, "whole-aggregate"), "");
        let plan = fixtures::json(serde_json::json!({"Plan": {"Node Type": "Result", "Actual Rows": 1, "Actual Loops": 1,
            "Actual Startup Time": 0.0, "Actual Total Time": 900.0}, "JIT": {"Functions": 3, "Timing": {"Total": 9.0}},
            "Execution Time": 1000.0}));
        assert_eq!(said_of(super::check, &plan), "");
    }
}
