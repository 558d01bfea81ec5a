//! What to do, in words and as something that can be tried.

use super::Remedy;
use super::context::{Context, index_on, sql_relation};
use crate::plan::PlanNode;
use crate::plan::quote::quote_identifier;

/// What to do about columns that want an index: make it, or look why the one there is was not used.
pub(super) fn advise_index(context: &Context, node: &PlanNode, columns: &[String]) -> Option<String> {
    if columns.is_empty() {
        return None;
    }
    let on = index_on(node, columns);
    Some(match context.table(node).and_then(|table| table.has_index_on(columns)) {
        Some(true) => {
            format!("There is an index on {on} already; compare the types of column and parameter, and ANALYZE the table.")
        }
        _ => format!("An index on {on} finds them directly."),
    })
}

/// That index, to be tried; nothing when there is one already or there is nothing to index.
pub(super) fn index_to_try(context: &Context, node: &PlanNode, columns: &[String]) -> Option<Remedy> {
    let there = context.table(node).and_then(|table| table.has_index_on(columns)).unwrap_or(false);
    (!columns.is_empty() && !there).then(|| Remedy::Index(format!("CREATE INDEX ON {}", index_on(node, columns))))
}

/// `CREATE INDEX ON app.songs (artist_id) INCLUDE (year)`
pub(super) fn create_index(node: &PlanNode, columns: &[String], included: &[String]) -> Option<Remedy> {
    let list = |columns: &[String]| columns.iter().map(|column| quote_identifier(column)).collect::<Vec<_>>().join(", ");
    let include = if included.is_empty() { String::new() } else { format!(" INCLUDE ({})", list(included)) };
    Some(Remedy::Index(format!("CREATE INDEX ON {} ({}){include}", sql_relation(node)?, list(columns))))
}

/// `work_mem` for the statement, from kB.
pub(super) fn work_mem(kb: f64) -> Remedy {
    Remedy::Setting { name: "work_mem", value: format!("{kb:.0}kB") }
}

/// A switch of the planner, off.
pub(super) fn off(name: &'static str) -> Remedy {
    Remedy::Setting { name, value: "off".to_owned() }
}
