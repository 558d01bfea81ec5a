//! Candidates from plans: what each scan filters by, joins by, orders by and searches in, and what foreign keys look for.
//!
//! Only the plan speaks here, never the SQL text: the server has resolved every name, view and parameter in it already.

mod cascade;
mod keys;
mod scan;

use crate::db::catalog::{Catalog, Table, TableName};
use crate::plan::{Plan, PlanNode, walk};
use crate::report::model::ImpliedStatement;

use super::candidate::Candidate;

/// A scan that looks at fewer rows reads a page or two; descending an index costs as much.
const FEWEST_ROWS: f64 = 100.0;

/// Indexes that might shorten this plan, or the statements that foreign keys run behind it.
pub fn propose(plan: &Plan, implied: &[ImpliedStatement], catalog: &Catalog) -> Vec<Candidate> {
    let mut found = Vec::new();
    for visit in walk(plan).filter(|visit| visit.node.executed() && visit.node.reads_relation()) {
        let examined = visit.node.rows() + visit.node.rows_removed();
        if examined < FEWEST_ROWS && visit.node.loops() < FEWEST_ROWS {
            continue;
        }
        if let Some(table) = table_of(visit.node, catalog) {
            found.extend(scan::candidates(&visit, table));
        }
    }
    cascade::candidates(implied, catalog, &mut found);
    found
}

fn table_of<'a>(node: &PlanNode, catalog: &'a Catalog) -> Option<&'a Table> {
    let relation = node.relation.as_deref()?;
    match &node.schema {
        Some(schema) => catalog.table(&TableName::new(schema, relation)),
        None => catalog.find(relation),
    }
}
