//! The table behind a scan: a partition stands for the table that it is part of, and a materialized view for itself.

use crate::advise::candidate::Key;
use crate::db::catalog::{Catalog, Table, TableName};
use crate::db::planner_facts::{self, PlannerColumn, PlannerTable};
use crate::plan::PlanNode;

/// A table with what the planner knows about it.
#[derive(Clone, Copy)]
pub struct Relation<'a> {
    pub table: &'a Table,
    pub planner: Option<&'a PlannerTable>,
}

impl<'a> Relation<'a> {
    /// What the node reads. `None` for relations that the catalog does not know (temporary ones, the server's own).
    pub fn of(node: &PlanNode, catalog: &'a Catalog) -> Option<Relation<'a>> {
        let relation = node.relation.as_deref()?;
        let table = match &node.schema {
            Some(schema) => stored(&TableName::new(schema, relation), catalog),
            None => catalog.find(relation),
        }?;
        Some(Relation { table, planner: planner_facts::of(&catalog.planner, &table.name) })
    }

    pub fn column(&self, name: &str) -> Option<&'a PlannerColumn> {
        self.planner?.columns.iter().find(|column| column.name == name)
    }

    /// `pg_type.typname` of a column's type, that of a domain's base.
    pub fn type_of(&self, column: &str) -> Option<&'a str> {
        self.table.column(column).map(|column| column.base_name.as_str())
    }

    /// Different values of a column, as far as ANALYZE knows.
    pub fn distinct(&self, column: &str) -> Option<f64> {
        let n = self.column(column)?.n_distinct.filter(|n| *n != 0.0)?;
        Some(if n > 0.0 { n } else { -n * self.table.estimated_rows.max(0.0) })
    }

    /// Average bytes of a column's values.
    pub fn width(&self, column: &str) -> Option<f64> {
        self.column(column)?.width
    }
}

fn stored<'a>(name: &TableName, catalog: &'a Catalog) -> Option<&'a Table> {
    let name = catalog.roots.get(name).unwrap_or(name);
    catalog.table(name).or_else(|| catalog.materialized.iter().find(|view| &view.name == name))
}

impl Relation<'_> {
    /// Where a key stands among others that are compared for equality: most different values first, by powers of ten, then in the
    /// table's order, so that the plan at hand does not matter.
    pub fn rank(&self, key: &Key) -> (i64, usize) {
        let Some(column) = &key.column else { return (0, usize::MAX) };
        let place = self.table.columns.iter().position(|known| &known.name == column);
        let power = self.distinct(column).map_or(0.0, |n| n.max(1.0).log10().floor());
        (-(power as i64), place.unwrap_or(usize::MAX))
    }
}
