//! `limit-fooled`: an index is walked in the order that LIMIT wants, in the hope to meet enough rows soon; they come late.
//!
//! **Sees** a LIMIT over an index scan without a condition, whose filter threw away over 10,000 rows and ten times what the planner
//! expected.
//! **Evidence**: `Rows Removed by Filter`, the rows planned without the LIMIT against those of the table.
//! **Bad**: `Limit -> Index Scan Backward using purchases_pkey … Filter: (state = 'lost') … Rows Removed by Filter: 59400` for ten
//! rows, all of them old.
//! **Good**: the same with rows that are spread evenly: a thousand are removed before ten are found.
//! **Wrong** when the condition is on several tables, where no index has it and the order.

use crate::plan::PlanNode;
use crate::plan::narrate::advice::{advise_index, index_to_try};
use crate::plan::narrate::context::{Conditions, Context, relation, tip};
use crate::plan::narrate::{Tip, words};

const NAME: &str = "limit-fooled";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let scans = context.executed().filter(|visit| visit.node.node_type.starts_with("Index") && visit.node.index_cond.is_none());
    scans.filter_map(|visit| say(context, visit.node, limit(visit.node, &visit.ancestors)?)).collect()
}

/// The LIMIT that stops the scan: everything between hands rows on as they come.
fn limit<'a>(scan: &PlanNode, ancestors: &[&'a PlanNode]) -> Option<&'a PlanNode> {
    let mut below = scan;
    for above in ancestors.iter().rev() {
        match above.node_type.as_str() {
            "Limit" => return Some(above),
            "LockRows" | "Subquery Scan" | "Result" | "ProjectSet" => {}
            "Nested Loop" if below.parent_relationship.as_deref() == Some("Outer") => {}
            _ => return None,
        }
        below = above;
    }
    None
}

fn say(context: &Context, scan: &PlanNode, limit: &PlanNode) -> Option<Tip> {
    let (removed, found) = (scan.rows_removed(), scan.rows());
    let all = context.table(scan).and_then(|table| table.rows).unwrap_or(removed + found);
    // Matching rows are taken to be spread evenly: of all rows, the LIMIT's share of those that match must be read.
    let expected = all * (limit.plan_rows? / scan.plan_rows?.max(1.0)).min(1.0);
    if removed <= 10_000.0 || removed <= 10.0 * expected {
        return None;
    }
    let index = scan.index.as_deref()?;
    let elapsed = context.node(scan).exclusive_ms;
    let sentence = format!(
        "For a LIMIT of {} it walks {index} in order and throws away {} of {}{}; the planner took matching rows to be spread evenly and expected \
         to read {}.",
        words::count(limit.plan_rows?),
        words::rows(removed),
        relation(scan),
        context.aside(elapsed),
        words::count(expected)
    );
    let order: Option<Vec<String>> =
        context.table(scan).and_then(|table| table.index(index)).and_then(|index| index.columns.iter().cloned().collect());
    let mut columns = Conditions::of(scan, false).equality_columns();
    let next_columns = order.filter(|_| !columns.is_empty()).map(|order| {
        columns.extend(order.into_iter().filter(|column| !columns.contains(column)).collect::<Vec<_>>());
        columns
    });
    let tip = tip(NAME, scan, sentence, elapsed * removed / (removed + found), elapsed);
    Some(match next_columns {
        Some(columns) => {
            let words = advise_index(context, scan, &columns)
                .map(|advice| advice.replace("finds them directly", "has the matching rows in that order"));
            tip.next(words).remedy(index_to_try(context, scan, &columns))
        }
        None => tip.next(
            "An index on the columns of the condition, followed by those of the order, has the matching rows in that order."
                .to_owned(),
        ),
    })
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_when_what_is_wanted_lies_at_the_far_end() {
        insta::assert_snapshot!(shop_said(super::check, "limit-fooled"), @"
        For a LIMIT of 10 it walks purchases_pkey in order and throws away 59,400 rows of shop.purchases (18.3 of 18.3 ms); the planner took matching rows to be spread evenly and expected to read 958.
        An index on shop.purchases (state, id) has the matching rows in that order.
        ");
        assert_eq!(
            shop_tips(super::check, "limit-fooled")[0].remedy.as_ref().unwrap().to_string(),
            "CREATE INDEX ON shop.purchases (state, id)"
        );
    }

    #[test]
    fn quiet_on_an_offset_or_without_a_limit() {
        assert_eq!(said(super::check, "library-offset"), "");
        assert_eq!(shop_said(super::check, "good"), "");
    }
}
