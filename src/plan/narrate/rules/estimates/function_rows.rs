//! `function-rows`: a function in FROM returns another number of rows than its declaration says.
//!
//! **Sees** a Function Scan whose estimate is to blame (see `blame`) for what was chosen above it.
//! **Evidence**: `Plan Rows`, which is 1,000 for a set-returning function that says nothing, against `Actual Rows`.
//! **Bad**: `Function Scan on chosen … rows=1000` planned, `rows=30000` counted.
//! **Good**: a function with `ROWS 30000`, or one that the planner knows (`generate_series` of constants).
//! **Wrong** when the number differs from call to call: no declaration is right then; a temporary table with ANALYZE is.

use super::blame::{Cause, blamed, mistake};
use crate::plan::narrate::Tip;
use crate::plan::narrate::context::{Context, tip};
use crate::plan::quote::quote_identifier;

const NAME: &str = "function-rows";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mut tips = Vec::new();
    for blamed in blamed(context).into_iter().filter(|blamed| blamed.cause == Cause::Function) {
        let planned = blamed.estimate.planned;
        let default = if [1.0, 10.0, 100.0, 1_000.0].contains(&planned) {
            ", which is what it assumes of a function that does not say,"
        } else {
            ""
        };
        let sentence = mistake(&blamed).replacen(" from", &format!("{default} from"), 1);
        let function = blamed.node.function.as_deref().map(quote_identifier);
        let schema = blamed
            .node
            .schema
            .as_deref()
            .filter(|schema| *schema != "public")
            .map(|schema| format!("{}.", quote_identifier(schema)));
        let next = format!(
            "ALTER FUNCTION {}{} ROWS {:.0}; or put the rows in a temporary table and ANALYZE it, if their number differs from call to call.",
            schema.unwrap_or_default(),
            function.unwrap_or("…".into()),
            blamed.estimate.actual.max(1.0)
        );
        let about = context.node(blamed.decision).elapsed_ms;
        tips.push(tip(NAME, blamed.node, format!("{sentence}; {}.", blamed.harm), blamed.harm_ms, about).next(next));
    }
    tips
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_on_a_function_without_rows() {
        insta::assert_snapshot!(shop_said(super::check, "function-rows"), @"
        The planner expected 1,000 rows, which is what it assumes of a function that does not say, from the function chosen and 30,000 came, 30 times more; the Hash Join above was planned for the wrong number.
        ALTER FUNCTION shop.chosen ROWS 30000; or put the rows in a temporary table and ANALYZE it, if their number differs from call to call.
        ");
    }

    #[test]
    fn quiet_when_nothing_was_decided_by_it() {
        assert_eq!(said_of(super::check, &fixtures::plan("48-function-scan")), "");
        assert_eq!(shop_said(super::check, "estimate-of-expression"), "");
    }
}
