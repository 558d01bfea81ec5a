//! `optional-parameter`: a condition that a NULL parameter switches off keeps a generic plan from every index.
//!
//! **Sees** a scan whose filter has `… OR $n IS NULL` and throws away over 90% of at least 1,000 rows.
//! **Evidence**: the filter itself; a custom plan does not have it any more, since the planner knows the parameter there.
//! **Bad**: `Filter: (($1 IS NULL) OR (zip = $1))` in a generic plan.
//! **Good**: `Index Cond: (zip = $1)`.
//! **Wrong** while the server still makes custom plans: it takes a generic one from the sixth execution of a prepared statement
//! on, and only when its estimated cost is no higher.

use crate::plan::PlanNode;
use crate::plan::Rewrite;
use crate::plan::condition::{Access, Expr, Predicate, Target, classify};
use crate::plan::metrics::rows_read;
use crate::plan::narrate::context::{Conditions, Context, index_on, tip};
use crate::plan::narrate::{Remedy, Tip, words};
use crate::units;

const NAME: &str = "optional-parameter";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    context.executed().map(|visit| visit.node).filter_map(|node| say(context, node)).collect()
}

fn say(context: &Context, node: &PlanNode) -> Option<Tip> {
    let (read, removed) = (rows_read(node), node.rows_removed());
    if !node.reads_relation() || read < 1_000.0 || removed <= 0.9 * read {
        return None;
    }
    let conditions = Conditions::of(node, false);
    let optional: Vec<Optional> = conditions.conjuncts().filter_map(|conjunct| Optional::of(conjunct, node)).collect();
    let first = optional.first()?;
    let parameters: Vec<String> = optional.iter().map(|optional| optional.parameter.clone()).collect();
    let columns: Vec<String> = optional.iter().filter_map(|optional| optional.column.clone()).collect();
    let own = context.node(node).exclusive_ms;
    let sentence = format!(
        "{} may be NULL, which would switch {} condition off, so this plan for all values cannot look up {}: it reads {} to find {}{}.",
        units::listed(&parameters),
        if parameters.len() == 1 { "its" } else { "their" },
        if columns.is_empty() { "anything by it".to_owned() } else { units::listed(&columns) },
        context.rows_of(node, read),
        words::some(node.rows()),
        context.taking(own)
    );
    let has_index =
        |column: &String| context.table(node).and_then(|table| table.has_index_on(std::slice::from_ref(column))) == Some(true);
    let index = match columns.iter().find(|column| !has_index(column)) {
        Some(column) => format!(" (with an index on {})", index_on(node, std::slice::from_ref(column))),
        None => String::new(),
    };
    let next = format!(
        "Send only the conditions whose parameters are given{index}, or set plan_cache_mode = force_custom_plan for this statement."
    );
    let number = first.parameter.trim_start_matches('$').parse().ok();
    let remedy = number.map(|number| Remedy::Rewrite(Rewrite::GivenParameter { number }));
    Some(tip(NAME, node, sentence, own * removed / read, own).next(next).remedy(remedy))
}

/// `(a = $1) OR ($1 IS NULL)`
struct Optional {
    parameter: String,
    /// That the other side looks up.
    column: Option<String>,
}

impl Optional {
    fn of(conjunct: &Expr, node: &PlanNode) -> Option<Optional> {
        let Expr::Or(branches) = conjunct else { return None };
        let parameter = branches.iter().find_map(|branch| match branch {
            Expr::IsNull { operand, negated: false } => match operand.uncast() {
                Expr::Param(name) => Some(name.clone()),
                _ => None,
            },
            _ => None,
        })?;
        let column = branches.iter().flat_map(|branch| classify(branch, node.called().unwrap_or_default())).find_map(column);
        Some(Optional { parameter, column })
    }
}

fn column(predicate: Predicate) -> Option<String> {
    match predicate {
        Predicate { target: Target::Column { column, .. }, access: Access::Equality(_) | Access::Range(_) | Access::Any(_) } => {
            Some(column.name.clone())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_on_a_generic_plan() {
        insta::assert_snapshot!(shop_said(super::check, "optional-parameter"), @"
        $1 and $2 may be NULL, which would switch their condition off, so this plan for all values cannot look up zip and note: it reads all 60,000 rows of shop.purchases to find 600, which takes 10.2 of 10.5 ms.
        Send only the conditions whose parameters are given (with an index on shop.purchases (zip)), or set plan_cache_mode = force_custom_plan for this statement.
        ");
    }

    #[test]
    fn quiet_on_another_or() {
        assert_eq!(shop_said(super::check, "or-columns"), "");
    }
}
