//! `not-in`: NOT IN of a subquery, which no join can serve.
//!
//! **Sees** a filter with `NOT (SubPlan n)` or `NOT (hashed SubPlan n)` over at least 1,000 rows.
//! **Evidence**: the filter; the subquery's loops and time.
//! **Bad**: `Filter: (NOT (SubPlan 1))`, the subquery's 5,000 rows gone through 2,000 times.
//! **Good**: `Hash Anti Join`, as NOT EXISTS gets.
//! **Wrong** when NULLs must count: NOT IN returns nothing at all once the subquery returns one NULL, NOT EXISTS does not care.
//! A hashed one costs little, until its rows outgrow work_mem: then it silently becomes the other.

use crate::plan::PlanNode;
use crate::plan::Rewrite;
use crate::plan::condition::Expr;
use crate::plan::metrics::rows_read;
use crate::plan::narrate::context::{Conditions, Context, relations_below, tip};
use crate::plan::narrate::{Remedy, Tip, words};
use crate::units;

const NAME: &str = "not-in";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    context.executed().map(|visit| visit.node).filter_map(|node| say(context, node)).collect()
}

fn say(context: &Context, node: &PlanNode) -> Option<Tip> {
    let conditions = Conditions::of(node, false);
    let (hashed, name) = conditions.conjuncts().find_map(negated_subplan)?;
    let subplan =
        node.children.iter().find(|child| child.is_sub_plan() && child.subplan_name.as_deref() == Some(name.as_str()))?;
    if rows_read(node) < 1_000.0 || subplan.loops() == 0.0 {
        return None;
    }
    let (own, below) = (context.node(node).exclusive_ms, context.node(subplan).elapsed_ms);
    let of = match relations_below(subplan) {
        tables if tables.is_empty() => String::new(),
        tables => format!(" of {}", units::listed(&tables)),
    };
    let sentence = if hashed {
        format!(
            "NOT IN is answered by a hash table of the subquery's {}{of}, for {} one by one{}; should it outgrow work_mem, the subquery is gone through for each of them.",
            words::rows(subplan.rows()),
            words::rows(rows_read(node)),
            context.aside(own + below)
        )
    } else {
        format!(
            "NOT IN goes through the subquery's rows{of} {}, once for each row, {} on average{}: its rows do not fit into a hash table of \
             work_mem.",
            words::times(subplan.loops()),
            words::count(subplan.actual_rows.unwrap_or(0.0)),
            context.aside(own + below)
        )
    };
    let next = "Write it as NOT EXISTS, which a hash anti join serves; they differ only for NULLs.".to_owned();
    // A join would still build a hash table of the same rows.
    let saves = if hashed { 0.0 } else { below * (1.0 - 1.0 / subplan.loops()) + own };
    Some(tip(NAME, node, sentence, saves, own + below).next(next).remedy(Remedy::Rewrite(Rewrite::NotExists)))
}

/// `NOT (hashed SubPlan 1)`: whether it is hashed, and its name.
fn negated_subplan(expr: &Expr) -> Option<(bool, String)> {
    let Expr::Not(operand) = expr else { return None };
    let Expr::SubPlan(text) = &**operand else { return None };
    Some(match text.strip_prefix("hashed ") {
        Some(name) => (true, name.to_owned()),
        None => (false, text.clone()),
    })
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_on_a_subquery_for_each_row_and_on_a_hashed_one() {
        insta::assert_snapshot!(shop_said(super::check, "not-in"), @"
        NOT IN goes through the subquery's rows of shop.sessions 2,000 times, once for each row, 4,510 on average (4,260 of 4,261 ms): its rows do not fit into a hash table of work_mem.
        Write it as NOT EXISTS, which a hash anti join serves; they differ only for NULLs.
        ");
        insta::assert_snapshot!(shop_said(super::check, "not-in-hashed"), @"
        NOT IN is answered by a hash table of the subquery's 1,990 rows of shop.customers, for 6,000 rows one by one (2.2 of 2.3 ms); should it outgrow work_mem, the subquery is gone through for each of them.
        Write it as NOT EXISTS, which a hash anti join serves; they differ only for NULLs.
        ");
    }

    #[test]
    fn quiet_on_an_anti_join_or_a_hashed_in() {
        assert_eq!(shop_said(super::check, "not-exists"), "");
        assert_eq!(said_of(super::check, &fixtures::plan("29-subplan-per-row")), "");
    }
}
