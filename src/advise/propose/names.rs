//! What a plan calls the relation of a scan.

use crate::plan::condition::{Expr, SortKey, parse};
use crate::plan::{PlanNode, Visit};

/// A scan's alias. Above the Append of a partitioned table, columns of its partitions (`event_1`, `event_2`) bear the table's (`event`).
pub struct Names {
    pub alias: String,
    above: Option<String>,
}

impl Names {
    pub fn of(visit: &Visit<'_>) -> Option<Names> {
        let alias = visit.node.called()?.to_owned();
        let appended = visit.ancestors.iter().any(|node| matches!(node.node_type.as_str(), "Append" | "Merge Append"));
        let above =
            alias.trim_end_matches(|c: char| c.is_ascii_digit()).strip_suffix('_').filter(|_| appended).map(str::to_owned);
        Some(Names { alias, above })
    }

    /// A condition, the relation's columns under its own alias.
    pub fn condition(&self, text: &str) -> Expr {
        self.own(parse(text))
    }

    pub fn sort_key(&self, text: &str) -> SortKey {
        let key = SortKey::parse(text);
        SortKey { expr: self.own(key.expr), ..key }
    }

    fn own(&self, expr: Expr) -> Expr {
        match &self.above {
            Some(above) => expr.renamed(above, &self.alias),
            None => expr,
        }
    }
}

/// The ancestors of a scan within its own subquery: beyond an InitPlan (a CTE among them) or SubPlan, another one's limit and order
/// begin.
pub fn own_ancestors<'a, 'p>(visit: &'a Visit<'p>) -> &'a [&'p PlanNode] {
    if visit.node.is_init_plan() || visit.node.is_sub_plan() {
        return &[];
    }
    let begins = visit.ancestors.iter().rposition(|node| node.is_init_plan() || node.is_sub_plan());
    &visit.ancestors[begins.unwrap_or(0)..]
}
