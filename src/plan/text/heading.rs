//! The line that names a node, and the tree of nodes below it.

use super::properties;
use super::writer::Writer;
use crate::plan::PlanNode;
use crate::plan::quote::quote_identifier;

/// A node with its properties and its children.
pub(super) fn node<'a>(w: &mut Writer<'a>, node: &'a PlanNode) {
    let indent = w.indent;
    if let Some(name) = &node.subplan_name {
        w.line(format_args!("{name}"));
        w.indent += 1;
    }
    if w.indent > 0 {
        w.margin();
        w.add(format_args!("->  "));
        w.indent += 2;
    }
    heading(w, node);
    w.out.push('\n');
    w.indent += 1;
    if node.node_type == "Bitmap Heap Scan" {
        w.heap_alias = node.alias.as_deref();
    }
    properties::write(w, node);
    for child in &node.children {
        self::node(w, child);
    }
    w.indent = indent;
}

fn heading(w: &mut Writer, node: &PlanNode) {
    if node.parallel_aware {
        w.add(format_args!("Parallel "));
    }
    if node.async_capable {
        w.add(format_args!("Async "));
    }
    let name = type_name(node);
    w.add(format_args!("{name}"));
    target(w, node);
    figures(w, node);
}

/// The node's type as the text layout says it: `HashAggregate` for an `Aggregate` that hashes, `Update` for a `ModifyTable` …
pub(crate) fn type_name(node: &PlanNode) -> String {
    let partial = match node.partial_mode.as_deref() {
        Some(mode @ ("Partial" | "Finalize")) => format!("{mode} "),
        _ => String::new(),
    };
    let join = |kind: &str, inner: &str| match node.join_type.as_deref() {
        None | Some("Inner") => format!("{kind}{inner}"),
        Some(join) => format!("{kind} {join} Join"),
    };
    match (node.node_type.as_str(), node.strategy.as_deref(), node.operation.as_deref()) {
        ("ModifyTable", _, Some(operation)) => operation.to_owned(),
        ("Aggregate", Some("Sorted"), _) => format!("{partial}GroupAggregate"),
        ("Aggregate", Some("Hashed"), _) => format!("{partial}HashAggregate"),
        ("Aggregate", Some("Mixed"), _) => format!("{partial}MixedAggregate"),
        ("Aggregate", ..) => format!("{partial}Aggregate"),
        ("SetOp", Some("Hashed"), _) => format!("HashSetOp {}", node.command.as_deref().unwrap_or_default()),
        ("SetOp", ..) => format!("SetOp {}", node.command.as_deref().unwrap_or_default()),
        ("Nested Loop", ..) => join("Nested Loop", ""),
        ("Merge Join", ..) => join("Merge", " Join"),
        ("Hash Join", ..) => join("Hash", " Join"),
        ("Foreign Scan", _, Some(operation @ ("Insert" | "Update" | "Delete"))) => format!("Foreign {operation}"),
        ("Custom Scan", ..) => match &node.custom_provider {
            Some(provider) => format!("Custom Scan ({provider})"),
            None => "Custom Scan".to_owned(),
        },
        (name, ..) => name.to_owned(),
    }
}

/// ` using songs_pkey on public.songs s`
fn target(w: &mut Writer, node: &PlanNode) {
    if let Some(index) = &node.index {
        if node.node_type == "Bitmap Index Scan" {
            w.add(format_args!(" on {}", quote_identifier(index)));
            return;
        }
        let backward = if node.scan_direction.as_deref() == Some("Backward") { " Backward" } else { "" };
        w.add(format_args!("{backward} using {}", quote_identifier(index)));
    }
    let object = node
        .relation
        .as_ref()
        .or(node.function.as_ref())
        .or(node.table_function.as_ref())
        .or(node.cte.as_ref())
        .or(node.tuplestore.as_ref());
    relation(w, node.schema.as_deref(), object.map(String::as_str), node.alias.as_deref());
}

/// ` on schema.name alias`, the alias only when it differs; nothing for a node without a target.
pub(super) fn relation(w: &mut Writer, schema: Option<&str>, name: Option<&str>, alias: Option<&str>) {
    if name.is_none() && alias.is_none() {
        return;
    }
    w.add(format_args!(" on"));
    match (schema.filter(|_| w.options.verbose), name) {
        (Some(schema), Some(name)) => w.add(format_args!(" {}.{}", quote_identifier(schema), quote_identifier(name))),
        (None, Some(name)) => w.add(format_args!(" {}", quote_identifier(name))),
        (_, None) => {}
    }
    if let Some(alias) = alias.filter(|alias| name != Some(*alias)) {
        w.add(format_args!(" {}", quote_identifier(alias)));
    }
}

/// `  (cost=0.29..8.31 rows=1 width=6) (actual time=0.015..0.016 rows=1 loops=1)`
fn figures(w: &mut Writer, node: &PlanNode) {
    if let (true, Some(startup), Some(total), Some(rows), Some(width)) =
        (w.options.costs, node.startup_cost, node.total_cost, node.plan_rows, node.plan_width)
    {
        w.add(format_args!("  (cost={startup:.2}..{total:.2} rows={rows:.0} width={width:.0})"));
    }
    match (node.actual_rows, node.actual_loops) {
        (Some(_), Some(0.0)) => w.add(format_args!(" (never executed)")),
        (Some(rows), Some(loops)) => {
            w.add(format_args!(" (actual "));
            times(w, node.actual_startup_ms, node.actual_total_ms);
            rows_and_loops(w, rows, loops);
            w.add(format_args!(")"));
        }
        _ => {}
    }
}

/// `time=0.015..0.016 `, when asked for and known.
pub(super) fn times(w: &mut Writer, startup: Option<f64>, total: Option<f64>) {
    if let (true, Some(startup), Some(total)) = (w.options.timing, startup, total) {
        w.add(format_args!("time={startup:.3}..{total:.3} "));
    }
}

/// PostgreSQL 18, known by its `Disabled`, gives rows with two decimals.
pub(super) fn rows_and_loops(w: &mut Writer, rows: f64, loops: f64) {
    let decimals = if w.plan.root.disabled.is_some() { 2 } else { 0 };
    w.add(format_args!("rows={rows:.decimals$} loops={loops:.0}"));
}
