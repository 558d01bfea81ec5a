//! The tables to learn about, with all that is known of each.

use crate::db::catalog::{Catalog, Column, Table, TableName};
use crate::db::statistics::{Statistics, TableStatistics};
use crate::seed::check::Facts;
use crate::seed::types::{Kind, PgType};

use super::facts::ColumnFacts;

/// A table of the live database.
#[derive(Debug)]
pub struct Known<'a> {
    pub table: &'a Table,
    /// By `reltuples`; `None` when it was never analyzed.
    pub rows: Option<u64>,
    pub statistics: Option<&'a TableStatistics>,
    /// Per column, in the table's order; `None` when there are no statistics of it.
    pub facts: Vec<Option<ColumnFacts>>,
    /// Columns of foreign keys of several columns, which are inferred as a whole.
    pub wide_keys: Vec<String>,
}

impl<'a> Known<'a> {
    pub fn new(table: &'a Table, catalog: &Catalog, statistics: &'a Statistics) -> Known<'a> {
        let found = statistics.table(&table.name);
        let rows = found.filter(|found| found.uncounted == 0).map(|found| found.rows.max(0.0).round() as u64);
        let facts = table.columns.iter().map(|column| ColumnFacts::of(found?, &column.name)).collect();
        let wide = catalog.foreign_keys.iter().filter(|key| key.table == table.name && key.columns.len() > 1);
        let wide_keys = wide.flat_map(|key| key.columns.clone()).collect();
        Known { table, rows, statistics: found, facts, wide_keys }
    }

    /// Rows, or none.
    pub fn count(&self) -> u64 {
        self.rows.unwrap_or(0)
    }

    pub fn place(&self, column: &str) -> Option<usize> {
        self.table.columns.iter().position(|found| found.name == column)
    }

    /// All unique keys, each as the places of its columns.
    pub fn unique_keys(&self) -> Vec<Vec<usize>> {
        let keys = self.table.primary_key.iter().chain(&self.table.uniques);
        keys.map(|key| key.iter().filter_map(|name| self.place(name)).collect()).collect()
    }

    /// No two rows share the column's value.
    pub fn is_unique(&self, column: usize) -> bool {
        self.unique_keys().contains(&vec![column])
    }

    /// What the schema's own constraints say about a column's values.
    pub fn constraints(&self, column: &Column) -> Facts {
        let mut facts = Facts::default();
        self.table.checks.iter().for_each(|check| facts.learn(&check.definition, &column.name));
        column.domain_checks.iter().for_each(|check| facts.learn(check, "VALUE"));
        facts
    }

    /// A row of it happened at some time: it has a moment of its own.
    pub fn has_moment(&self) -> bool {
        let kinds = self.table.columns.iter().filter_map(PgType::of).map(|of| of.kind);
        kinds.into_iter().any(|kind| matches!(kind, Kind::Date | Kind::Timestamp | Kind::Timestamptz))
    }
}

/// The name as a scenario writes it: without its schema where that is enough.
pub fn written(catalog: &Catalog, name: &TableName) -> String {
    let short = catalog.find(&name.name).is_some_and(|table| table.name == *name);
    if short { name.name.clone() } else { format!("{}.{}", name.schema, name.name) }
}

/// Pages that came or went since ANALYZE: this share of all, and more than a small table's own.
const STALE: f64 = 0.2;
const STALE_PAGES: i64 = 10;

/// What could not be learned and what to do about it, most important first.
pub fn notes(all: &[Known], names: &[String], statistics: &Statistics) -> Vec<String> {
    let mut notes = Vec::new();
    let named = |is: &dyn Fn(&Known) -> bool| -> Vec<String> {
        all.iter().zip(names).filter(|(known, _)| is(known)).map(|(_, name)| format!("`{name}`")).collect()
    };
    let hidden = named(&|known| known.statistics.is_some_and(|found| !found.hidden.is_empty()) && known.count() > 0);
    if !hidden.is_empty() && !statistics.all_visible {
        notes.push(format!(
            "pg_stats hides columns of {} from this role, so they are left to be inferred; as a superuser, \
             GRANT SELECT ON pg_catalog.pg_statistic to it (no table has to be readable), or GRANT SELECT on the tables",
            crate::units::listed(&hidden)
        ));
    }
    let uncounted = named(&|known| known.rows.is_none());
    if !uncounted.is_empty() {
        notes.push(format!("{} never analyzed, so nothing is known of them; run ANALYZE", were(&uncounted)));
    }
    let silent = |known: &Known| {
        let visible = known.statistics.is_some_and(|found| found.hidden.is_empty());
        known.count() > 0 && visible && known.facts.iter().all(Option::is_none)
    };
    let counted_only = named(&silent);
    if !counted_only.is_empty() {
        notes.push(format!(
            "{} counted but not analyzed, so their columns are left to be inferred; run ANALYZE",
            were(&counted_only)
        ));
    }
    let stale = named(&|known| {
        let pages = known.statistics.map_or((0, 0), |found| found.pages);
        let changed = (pages.1 - pages.0).abs();
        known.rows.is_some() && changed > STALE_PAGES && changed as f64 > STALE * pages.0 as f64
    });
    if !stale.is_empty() {
        notes.push(format!(
            "the size of {} changed by more than a fifth since ANALYZE; run it again for figures of today",
            crate::units::listed(&stale)
        ));
    }
    notes
}

fn were(names: &[String]) -> String {
    format!("{} {}", crate::units::listed(names), if names.len() == 1 { "was" } else { "were" })
}
