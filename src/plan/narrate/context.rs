//! What rules look at: the plan with its figures and ways to ask about a node.

use std::cell::OnceCell;

pub(super) use super::advice::{advise_index, index_to_try};
use super::words;
use super::{Facts, Remedy, TableFacts, Tip};
use crate::plan::condition::{Access, Expr, Predicate, Target, classify, parse};
use crate::plan::quote::quote_identifier;
use crate::plan::walk::{Visit, nodes, walk};
use crate::plan::{NodeMetrics, Plan, PlanMetrics, PlanNode};
use crate::units;

pub(super) struct Context<'a> {
    pub(super) plan: &'a Plan,
    pub(super) facts: &'a Facts,
    pub(super) metrics: PlanMetrics,
    /// By node id.
    pub(super) visits: Vec<Visit<'a>>,
    /// Steps that were chosen for a number of rows which another tip calls wrong; found when first asked for.
    pub(super) misled: OnceCell<Vec<usize>>,
}

impl<'a> Context<'a> {
    pub(super) fn new(plan: &'a Plan, facts: &'a Facts) -> Self {
        Context { plan, facts, metrics: PlanMetrics::of(plan), visits: walk(plan).collect(), misled: OnceCell::new() }
    }

    /// The nodes that ran: nothing is said of the others.
    pub(super) fn executed(&self) -> impl Iterator<Item = &Visit<'a>> {
        self.visits.iter().filter(|visit| visit.node.loops() > 0.0)
    }

    pub(super) fn node(&self, node: &PlanNode) -> NodeMetrics {
        self.metrics.node(node)
    }

    /// How often the node was started by each process that ran it.
    pub(super) fn repeats(&self, node: &PlanNode) -> f64 {
        node.loops() / self.node(node).processes.max(1.0)
    }

    /// `33.5 of 44.4 ms`
    pub(super) fn of_total(&self, ms: f64) -> String {
        let total = self.metrics.total_ms();
        format!("{} of {}", units::figure(ms.min(total)), units::ms(total))
    }

    /// `, which takes 33.5 of 44.4 ms`, or nothing without timing.
    pub(super) fn taking(&self, ms: f64) -> String {
        if self.plan.timed() && ms > 0.0 { format!(", which takes {}", self.of_total(ms)) } else { String::new() }
    }

    /// ` (33.5 of 44.4 ms)`, or nothing without timing.
    pub(super) fn aside(&self, ms: f64) -> String {
        if self.plan.timed() && ms > 0.0 { format!(" ({})", self.of_total(ms)) } else { String::new() }
    }

    /// `all 919,039 rows of song_history` when the facts say that these are all, else without the word.
    pub(super) fn rows_of(&self, scan: &PlanNode, rows: f64) -> String {
        // Parallel plans round a few rows away; a LIMIT that stops just before the end must not pass for all.
        let all = self.table(scan).and_then(|table| table.rows).is_some_and(|known| (rows - known).abs() <= 0.0001 * known);
        format!("{}{} of {}", if all { "all " } else { "" }, words::rows(rows), relation(scan))
    }

    pub(super) fn table(&self, node: &PlanNode) -> Option<&'a TableFacts> {
        self.facts.table(node.schema.as_deref(), node.relation.as_deref()?)
    }

    /// The scan that fetches the rows which a node of a bitmap finds; any other node itself.
    pub(super) fn heap_scan(&self, node: &'a PlanNode) -> &'a PlanNode {
        let bitmap = matches!(node.node_type.as_str(), "Bitmap Index Scan" | "BitmapAnd" | "BitmapOr");
        let above =
            || self.visits.get(node.id)?.ancestors.iter().rev().find(|above| above.node_type == "Bitmap Heap Scan").copied();
        if bitmap { above().unwrap_or(node) } else { node }
    }

    /// The parent in the tree.
    pub(super) fn parent(&self, node: &PlanNode) -> Option<&'a PlanNode> {
        self.visits.get(node.id)?.parent()
    }

    /// The nodes that take this one's rows, nearest first: up the tree, and from a CTE on to the scans of it.
    pub(super) fn consumers(&self, node: &PlanNode) -> Vec<&'a PlanNode> {
        let mut found: Vec<&'a PlanNode> = Vec::new();
        let mut at = self.visits.get(node.id);
        while let Some(visit) = at {
            let next = if visit.node.is_init_plan() { self.scan_of(visit.node) } else { visit.parent() };
            // A recursive CTE scans itself: every node is visited once.
            let Some(next) = next.filter(|next| !found.iter().any(|seen| seen.id == next.id)) else { break };
            found.push(next);
            at = self.visits.get(next.id);
        }
        found
    }

    /// The one scan of a CTE; nothing when there are several.
    pub(super) fn scan_of(&self, cte: &PlanNode) -> Option<&'a PlanNode> {
        let mut scans = self.scans_of(cte);
        match (scans.next(), scans.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        }
    }

    pub(super) fn scans_of(&self, cte: &PlanNode) -> impl Iterator<Item = &'a PlanNode> {
        let name = cte.subplan_name.as_deref().and_then(|name| name.strip_prefix("CTE "));
        self.visits.iter().map(|visit| visit.node).filter(move |node| node.node_type == "CTE Scan" && node.cte.as_deref() == name)
    }
}

/// A tip about a node.
pub(super) fn tip(rule: &'static str, node: &PlanNode, sentence: String, saves_ms: f64, about_ms: f64) -> Tip {
    Tip {
        rule,
        sentence,
        next_step: None,
        saves_ms: saves_ms.max(0.0),
        about_ms,
        correctness: false,
        node: Some(node.id),
        remedy: None,
    }
}

impl Tip {
    pub(super) fn next(mut self, step: impl Into<Option<String>>) -> Tip {
        self.next_step = step.into();
        self
    }

    /// With what can be tried.
    pub(super) fn remedy(mut self, remedy: impl Into<Option<Remedy>>) -> Tip {
        self.remedy = remedy.into();
        self
    }
}

/// The table of a scan as people call it: without `public`.
pub(super) fn relation(node: &PlanNode) -> String {
    let name = node.relation.as_deref().or(node.called()).unwrap_or("the relation");
    match node.schema.as_deref() {
        Some(schema) if schema != "public" => format!("{schema}.{name}"),
        _ => name.to_owned(),
    }
}

/// The table of a scan as SQL wants it: [`relation`] with quotes where they must be.
pub(super) fn table_name(node: &PlanNode) -> String {
    let name = quote_identifier(node.relation.as_deref().or(node.called()).unwrap_or("the relation"));
    match node.schema.as_deref() {
        Some(schema) if schema != "public" => format!("{}.{name}", quote_identifier(schema)),
        _ => name.into_owned(),
    }
}

/// The same when the node is the scan of a table.
pub(super) fn sql_relation(node: &PlanNode) -> Option<String> {
    node.relation.as_ref().map(|_| table_name(node))
}

/// The tables that a subtree reads, each once: `songs and links`.
pub(super) fn relations_below(root: &PlanNode) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for node in nodes(root).filter(|node| node.reads_relation()) {
        let name = relation(node);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Everything that an index must know to serve the conditions, parsed once.
pub(super) struct Conditions {
    alias: String,
    exprs: Vec<Expr>,
}

impl Conditions {
    /// Of the node's filter and, when asked, of its index condition.
    pub(super) fn of(node: &PlanNode, with_index_cond: bool) -> Conditions {
        let index = node.index_cond.as_deref().filter(|_| with_index_cond);
        let exprs = index.into_iter().chain(node.filter.as_deref()).map(parse).collect();
        Conditions { alias: node.called().unwrap_or_default().to_owned(), exprs }
    }

    /// Of everything that a scan compares: the condition of its index, or of its bitmaps, and its filter.
    pub(super) fn all_of(node: &PlanNode) -> Conditions {
        // A bitmap's condition stands in the heap scan's recheck.
        let index = node.index_cond.as_deref().or(node.recheck_cond.as_deref());
        let exprs = index.into_iter().chain(node.filter.as_deref()).map(parse).collect();
        Conditions { alias: node.called().unwrap_or_default().to_owned(), exprs }
    }

    /// Of one expression on the relation called `alias`.
    pub(super) fn of_expression(expr: &Expr, alias: &str) -> Conditions {
        Conditions { alias: alias.to_owned(), exprs: vec![expr.clone()] }
    }

    /// The parts that must all hold.
    pub(super) fn conjuncts(&self) -> impl Iterator<Item = &Expr> {
        self.exprs.iter().flat_map(Expr::conjuncts)
    }

    /// What each conjunct says of the relation; an OR has several.
    pub(super) fn predicates(&self) -> Vec<Vec<Predicate<'_>>> {
        self.exprs.iter().flat_map(Expr::conjuncts).map(|conjunct| classify(conjunct, &self.alias)).collect()
    }

    /// Columns that a B-tree can look up: equalities first, then lists, then one range, after which order is lost. Empty when it
    /// can do nothing.
    pub(super) fn btree_columns(&self) -> Vec<String> {
        let mut columns = self.equality_columns();
        for name in self.columns(|access| matches!(access, Access::Any(_))) {
            if !columns.contains(&name) {
                columns.push(name);
            }
        }
        let ranges = self.columns(|access| matches!(access, Access::Range(_)));
        columns.extend(ranges.into_iter().find(|name| !columns.contains(name)));
        columns
    }

    /// Columns that the conditions fix to one value.
    pub(super) fn equality_columns(&self) -> Vec<String> {
        self.columns(|access| matches!(access, Access::Equality(_) | Access::Null { negated: false } | Access::Truth { .. }))
    }

    /// The plain columns that a conjunct of its own looks up in that way, each once.
    fn columns(&self, wanted: fn(&Access) -> bool) -> Vec<String> {
        let mut columns: Vec<String> = Vec::new();
        for branches in self.predicates() {
            if let [Predicate { target: Target::Column { column, .. }, access }] = branches.as_slice()
                && wanted(access)
                && !columns.contains(&column.name)
            {
                columns.push(column.name.clone());
            }
        }
        columns
    }
}

/// `song_history (user_id, created_at)`, quoted where SQL needs it.
pub(super) fn index_on(node: &PlanNode, columns: &[String]) -> String {
    let columns: Vec<_> = columns.iter().map(|column| quote_identifier(column)).collect();
    format!("{} ({})", table_name(node), columns.join(", "))
}
