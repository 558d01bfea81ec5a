//! `wrong-estimate`: the planner expected ten times more or fewer rows than came, and everything above was planned for the wrong
//! number.
//!
//! **Sees** the lowest node whose rows per loop are off by a factor of ten or more (see `blame`), when neither old statistics nor
//! columns that depend on each other nor a function explain it.
//! **Evidence**: `Plan Rows` against `Actual Rows`, the condition.
//! **Bad**: `Filter: (((id + 0) % 1) = 0)`, `rows=100` planned, `rows=20000` counted.
//! **Good**: 2,000 planned and 1,300 counted.
//! **Wrong** for nodes that a LIMIT or a semi-join stops early (they are skipped), and without consequence when there is nothing
//! to choose. What only some parameters suffer from shows when their plans are compared, not in one of them.

use super::blame::{Blamed, Cause, blamed, mistake};
use crate::plan::PlanNode;
use crate::plan::condition::Expr;
use crate::plan::narrate::context::{Conditions, Context, relation, sql_relation, tip};
use crate::plan::narrate::{Remedy, Tip};
use crate::plan::quote::quote_identifier;

const NAME: &str = "wrong-estimate";

pub(super) fn check(context: &Context) -> Vec<Tip> {
    let mine = |blamed: &Blamed| matches!(blamed.cause, Cause::Expression(_) | Cause::Unknown);
    blamed(context).into_iter().filter(mine).map(|blamed| say(context, &blamed)).collect()
}

fn say(context: &Context, blamed: &Blamed) -> Tip {
    let sentence = format!("{}; {}.", mistake(blamed), blamed.harm);
    let about = context.node(blamed.decision).elapsed_ms;
    let tip = tip(NAME, blamed.node, sentence, blamed.harm_ms, about);
    match (&blamed.cause, sql_relation(blamed.node)) {
        (Cause::Expression(expr), Some(table)) => {
            let definition = statistics(blamed.node, "", &expression(expr), &table);
            let next = format!(
                "{definition}, then ANALYZE {table}: an expression has no statistics of its own (PostgreSQL 14 and later)."
            );
            tip.next(next).remedy(Remedy::Statistics { definition, table })
        }
        (_, Some(table)) => tip.next(unexplained(blamed.node)).remedy(Remedy::Analyze { table }),
        _ => tip,
    }
}

fn unexplained(node: &PlanNode) -> String {
    let columns = Conditions::all_of(node).btree_columns();
    match columns.first() {
        Some(column) => format!(
            "ANALYZE {0}; if that does not help, keep more of its most common values: ALTER TABLE {0} ALTER {1} SET STATISTICS 1000.",
            relation(node),
            quote_identifier(column)
        ),
        None => format!("ANALYZE {}.", relation(node)),
    }
}

/// An expression as CREATE STATISTICS wants it: a function call as it is, everything else in parentheses (which an operator has
/// already).
fn expression(expr: &Expr) -> String {
    let text = expr.to_string();
    if matches!(expr, Expr::Function { .. }) || text.starts_with('(') { text } else { format!("({text})") }
}

/// `CREATE STATISTICS shop.purchases_statistics (dependencies, mcv) ON city, zip FROM shop.purchases`; PostgreSQL before 16 wants a
/// name.
pub(super) fn statistics(node: &PlanNode, kinds: &str, on: &str, table: &str) -> String {
    let name = quote_identifier(&format!("{}_statistics", node.relation.as_deref().unwrap_or_default())).into_owned();
    let schema = table
        .rsplit_once('.')
        .map(|(schema, _)| format!("{schema}."))
        .filter(|_| node.schema.as_deref().is_some_and(|s| s != "public"));
    format!("CREATE STATISTICS {}{name}{kinds} ON {on} FROM {table}", schema.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use crate::plan::narrate::rules::testing::*;

    #[test]
    fn fires_at_the_lowest_wrong_node() {
        insta::assert_snapshot!(shop_said(super::check, "estimate-of-expression"), @"
        The planner expected 100 rows from the seq scan of shop.visits and 20,000 came, 200 times more; the Hash Join above was planned for the wrong number.
        CREATE STATISTICS shop.visits_statistics ON ((id + 0) % '1'::bigint) FROM shop.visits, then ANALYZE shop.visits: an expression has no statistics of its own (PostgreSQL 14 and later).
        ");
        insta::assert_snapshot!(shop_tips(super::check, "estimate-of-expression")[0].remedy.clone().unwrap(), @"CREATE STATISTICS shop.visits_statistics ON ((id + 0) % '1'::bigint) FROM shop.visits; ANALYZE shop.visits");
    }

    #[test]
    fn quiet_when_right_or_stopped_by_a_limit_or_without_consequence() {
        assert_eq!(shop_said(super::check, "join-order"), "");
        assert_eq!(said(super::check, "library-offset"), "");
        // 428 expected, 28,505 came, into a plain aggregate: nothing was decided by it.
        assert_eq!(said(super::check, "jit"), "");
    }
}
