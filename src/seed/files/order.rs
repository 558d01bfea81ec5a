//! In which order files are read: parents before children.

use crate::db::catalog::Catalog;
use crate::scenario::model::{Data, Rows};
use crate::seed::layout::find_table;

use super::referenced;

/// The tables so that each comes after those its rows are held against; in a ring, as the scenario has them.
pub fn by_parents(data: &Data, catalog: &Catalog, tables: &[usize]) -> Vec<usize> {
    let needs = |table: usize| {
        let keys = catalog.foreign_keys.iter().filter(move |key| key.table == catalog.tables[table].name);
        let parents = keys.filter_map(|key| referenced(catalog, key));
        let roots = parents.map(|parent| root(data, catalog, parent).unwrap_or(parent));
        roots.filter(|needed| *needed != table && tables.contains(needed)).collect::<Vec<usize>>()
    };
    let mut left: Vec<usize> = tables.to_vec();
    let mut order = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let free = left.iter().position(|table| needs(*table).iter().all(|needed| order.contains(needed)));
        order.push(left.remove(free.unwrap_or(0)));
    }
    order
}

/// The table from files that a table's rows are counted from, by way of others; `None` when they are not.
pub fn root(data: &Data, catalog: &Catalog, table: usize) -> Option<usize> {
    let mut at = table;
    // As many steps as there are tables: rings are refused elsewhere.
    for _ in 0..=data.tables.len() {
        let spec = data.tables.iter().find(|spec| find_table(catalog, &spec.name) == Ok(at))?;
        match &spec.rows {
            Rows::Per { table, .. } => at = find_table(catalog, table).ok()?,
            Rows::Summed => at = find_table(catalog, &spec.summed_fanouts().next()?.1.table).ok()?,
            Rows::File(_) if at != table => return Some(at),
            _ => return None,
        }
    }
    None
}
