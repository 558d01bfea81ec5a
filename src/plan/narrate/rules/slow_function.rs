//! `slow-function`: the time is inside a function that the plan does not see into.
//!
//! **Sees** a Function Scan, ProjectSet, Result or scan that calls a function in its output or filter, takes 20% of the
//! statement's time itself and over 0.05 ms a row, while it touches few blocks. Reading a row that is in memory takes well under
//! 0.01 ms; a call of an empty PL/pgSQL function about 0.001 ms.
//! **Evidence**: the node's own time and rows; `Output` (VERBOSE), `Filter`, `Function Name`.
//! **Bad**: `Index Only Scan … Output: id, slow_price(id)`, 100 rows in 99 ms.
//! **Good**: `Function Scan on generate_series`, 100,000 rows in 60 ms.
//! **Wrong** when the rows are wide and taken out of TOAST, which is then the function's work, too.

use super::super::context::{Context, tip};
use super::super::{Tip, words};
use crate::plan::PlanNode;
use crate::plan::condition::{Expr, parse};
use crate::plan::metrics::rows_read;

use crate::units;

const NAME: &str = "slow-function";

/// Milliseconds a row.
const SLOW_MS: f64 = 0.05;
/// Blocks a row: more than a look-up by an index touches, and the time may be there.
const BLOCKS: f64 = 5.0;

pub(super) fn check(context: &Context) -> Vec<Tip> {
    if !context.plan.timed() {
        return Vec::new();
    }
    context.executed().filter_map(|visit| say(context, visit.node)).collect()
}

fn say(context: &Context, node: &PlanNode) -> Option<Tip> {
    let figures = context.node(node);
    // Compiling happens in whatever node runs first, and has a tip of its own.
    let compiling = context.plan.jit.as_ref().and_then(|jit| jit.total_ms).unwrap_or(0.0);
    let own = (figures.exclusive_ms - compiling).max(0.0);
    let rows = rows_read(node).max(1.0);
    let each = own / rows;
    let few_blocks = figures.blocks as f64 <= BLOCKS * rows;
    if own < 1.0 || own < 0.2 * context.metrics.total_ms() || each < SLOW_MS || !few_blocks {
        return None;
    }
    let called = called(node);
    if called.is_empty() {
        return None;
    }
    let sentence = format!(
        "{} {} {} a row over {}: {} are spent in {}, which the plan does not see into.",
        units::listed(&called),
        if called.len() == 1 { "takes" } else { "take" },
        units::ms(each),
        words::rows(rows),
        context.of_total(own),
        if called.len() == 1 { "it" } else { "them" }
    );
    let next =
        "Explain the statements inside (auto_explain.log_nested_statements), call it for fewer rows, or store what it computes.";
    Some(tip(NAME, node, sentence, own, own).next(next.to_owned()))
}

/// The functions that this node itself calls, each once.
fn called(node: &PlanNode) -> Vec<String> {
    if node.node_type == "Function Scan" {
        return node.function.iter().cloned().collect();
    }
    if !matches!(node.node_type.as_str(), "ProjectSet" | "Result") && !node.reads_relation() {
        return Vec::new();
    }
    let mut names: Vec<String> = Vec::new();
    for text in node.output.iter().chain(&node.filter) {
        parse(text).each(&mut |expr| {
            if let Expr::Function { name, .. } = expr
                && is_function(name)
                && !names.contains(name)
            {
                names.push(name.clone());
            }
        });
    }
    names
}

/// PostgreSQL writes its constructs in capitals: ROW, ARRAY, COALESCE.
fn is_function(name: &str) -> bool {
    name.chars().any(|c| c.is_lowercase())
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;

    #[test]
    fn fires_in_output_filter_and_from() {
        insta::assert_snapshot!(said(super::check, "slow-function"), @"
        slow_price takes 0.99 ms a row over 100 rows: 99.4 of 99.4 ms are spent in it, which the plan does not see into.
        Explain the statements inside (auto_explain.log_nested_statements), call it for fewer rows, or store what it computes.
        ");
        insta::assert_snapshot!(said(super::check, "slow-filter"), @"
        slow_price takes 1.0 ms a row over 100 rows: 101.0 of 101.0 ms are spent in it, which the plan does not see into.
        Explain the statements inside (auto_explain.log_nested_statements), call it for fewer rows, or store what it computes.
        ");
        insta::assert_snapshot!(said(super::check, "slow-function-scan"), @"
        slow_prices takes 1.0 ms a row over 100 rows: 100.8 of 100.8 ms are spent in it, which the plan does not see into.
        Explain the statements inside (auto_explain.log_nested_statements), call it for fewer rows, or store what it computes.
        ");
    }

    #[test]
    fn quiet_when_a_row_is_quick() {
        assert_eq!(said(super::check, "quick-function-scan"), "");
        assert_eq!(said(super::check, "parallel-function"), "");
        assert_eq!(said(super::check, "jit-overestimated"), "", "that is compiling");
    }
}
