//! `or-across-columns`: an OR between columns that no single index serves.
//!
//! **Sees** a sequential scan that throws away over 90% of at least 10,000 rows by an OR whose sides each could be looked up; or a
//! join that judges an OR between columns of several tables only on the joined rows, and throws away over ten times what it keeps, 10,000
//! at least.
//! **Evidence**: `Filter` or `Join Filter`, and what they removed.
//! **Bad**: `Filter: ((zip = 'Z7') OR (note = 'none'))`, `Join Filter: ((c.email = 'x') OR (p.note = 'y'))`.
//! **Good**: a BitmapOr of two indexes.
//! **Wrong** when the OR is true of most rows, which the bounds leave out. A UNION removes duplicates that the OR keeps: it needs
//! a key among its columns.

use crate::plan::PlanNode;
use crate::plan::condition::{Expr, parse};
use crate::plan::metrics::rows_read;
use crate::plan::narrate::Remedy;
use crate::plan::narrate::advice::create_index;
use crate::plan::narrate::context::{Conditions, Context, index_on, relations_below, tip};
use crate::plan::narrate::{Tip, words};
use crate::units;

const NAME: &str = "or-across-columns";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    context.executed().filter_map(|visit| of_scan(context, visit.node).or_else(|| of_join(context, visit.node))).collect()
}

fn of_scan(context: &Context, node: &PlanNode) -> Option<Tip> {
    let (read, removed) = (rows_read(node), node.rows_removed());
    if node.node_type != "Seq Scan" || context.repeats(node) > 1.0 || removed < 10_000.0 || removed <= 0.9 * read {
        return None;
    }
    let conditions = Conditions::of(node, false);
    // A condition beside the OR that an index serves is enough.
    if !conditions.btree_columns().is_empty() {
        return None;
    }
    let sides = conditions.conjuncts().find_map(|conjunct| lookups(conjunct, node))?;
    let own = context.node(node).exclusive_ms;
    let asked: Vec<String> = sides.iter().map(|columns| units::listed(columns)).collect();
    let sentence = format!(
        "The OR asks for {}, which no single index looks up: it reads {} to find {}{}.",
        asked.join(" or for "),
        context.rows_of(node, read),
        words::some(node.rows()),
        context.taking(own)
    );
    let on: Vec<String> = sides.iter().map(|columns| index_on(node, columns)).collect();
    let next = match on.as_slice() {
        [one] => format!("An index on {one} is asked once for each value."),
        all => format!(
            "An index for each side, {}: PostgreSQL joins what they find, or a UNION of one query for each side does.",
            units::listed(all)
        ),
    };
    Some(tip(NAME, node, sentence, own * removed / read, own).next(next).remedy(indexes(node, &sides)))
}

/// The columns that each side of an OR looks up, each list once; nothing when a side has none.
fn lookups(expr: &Expr, scan: &PlanNode) -> Option<Vec<Vec<String>>> {
    let Expr::Or(branches) = expr else { return None };
    let mut sides: Vec<Vec<String>> = Vec::new();
    for branch in branches {
        let columns = Conditions::of_expression(branch, scan.called().unwrap_or_default()).btree_columns();
        if columns.is_empty() {
            return None;
        }
        if !sides.contains(&columns) {
            sides.push(columns);
        }
    }
    Some(sides)
}

fn indexes(node: &PlanNode, sides: &[Vec<String>]) -> Option<Remedy> {
    let all: Option<Vec<String>> =
        sides.iter().map(|columns| create_index(node, columns, &[]).map(|index| index.to_string())).collect();
    all.map(|all| Remedy::Index(all.join("; ")))
}

fn of_join(context: &Context, node: &PlanNode) -> Option<Tip> {
    let joins = matches!(node.node_type.as_str(), "Nested Loop" | "Hash Join" | "Merge Join");
    let removed = (node.removed_by_join_filter.unwrap_or(0.0) + node.removed_by_filter.unwrap_or(0.0)) * node.loops();
    if !joins || removed <= 10_000.0 || removed <= 10.0 * node.rows() {
        return None;
    }
    let filters = node.join_filter.iter().chain(&node.filter).map(|text| parse(text));
    let or = filters.flat_map(|expr| expr.conjuncts().cloned().collect::<Vec<_>>()).find(spans_tables)?;
    let elapsed = context.node(node).elapsed_ms;
    let pairs = removed + node.rows();
    let sentence = format!(
        "The OR between columns of {} can only be judged after the join: {} are made and {} kept{}.",
        units::listed(&relations_below(node)),
        words::plural(pairs, "pair", "pairs"),
        words::some(node.rows()),
        context.taking(elapsed)
    );
    let next =
        format!("Ask for each side of {or} in a query of its own and join the two by UNION: each then begins at its own table.");
    Some(tip(NAME, node, sentence, elapsed * removed / pairs, elapsed).next(next))
}

/// An OR whose sides speak of different tables.
fn spans_tables(expr: &Expr) -> bool {
    let Expr::Or(branches) = expr else { return false };
    let tables = |branch: &Expr| {
        let mut names: Vec<String> = branch.columns().iter().filter_map(|column| column.qualifier.clone()).collect();
        names.sort();
        names.dedup();
        names
    };
    let first = tables(&branches[0]);
    branches.iter().all(|branch| !tables(branch).is_empty()) && branches[1..].iter().any(|branch| tables(branch) != first)
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_on_an_or_of_two_columns() {
        insta::assert_snapshot!(shop_said(super::check, "or-columns"), @"
        The OR asks for zip and total or for note, which no single index looks up: it reads all 60,000 rows of shop.purchases to find 1, which takes 10.3 of 10.3 ms.
        An index for each side, shop.purchases (zip, total) and shop.purchases (note): PostgreSQL joins what they find, or a UNION of one query for each side does.
        ");
        let remedy = shop_tips(super::check, "or-columns")[0].remedy.clone();
        insta::assert_snapshot!(remedy.unwrap(), @"CREATE INDEX ON shop.purchases (zip, total); CREATE INDEX ON shop.purchases (note)");
    }

    #[test]
    fn fires_on_an_or_of_two_tables() {
        insta::assert_snapshot!(shop_said(super::check, "or-tables"), @"
        The OR between columns of shop.purchases and shop.customers can only be judged after the join: 60,000 pairs are made and 300 kept, which takes 65.1 of 65.1 ms.
        Ask for each side of ((c.email = 'c7@example.org'::text) OR ((p.note)::text = 'none'::text)) in a query of its own and join the two by UNION: each then begins at its own table.
        ");
    }

    #[test]
    fn quiet_without_an_or_or_when_a_side_cannot_be_looked_up() {
        assert_eq!(shop_said(super::check, "type-mismatch"), "");
        assert_eq!(shop_said(super::check, "optional-parameter"), "");
        assert_eq!(said(super::check, "search-infix"), "");
    }
}
