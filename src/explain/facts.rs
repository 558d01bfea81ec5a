//! What the narrator may know of the tables.

use crate::db::catalog::{Catalog, Index};
use crate::db::missing_index::missing_index;
use crate::plan::{Facts, ForeignKeyFacts, TableFacts};

/// The catalog as the narrator takes it.
pub fn facts(catalog: &Catalog) -> Facts {
    let tables = catalog.tables.iter().map(|table| TableFacts {
        schema: Some(table.name.schema.clone()),
        name: table.name.name.clone(),
        // -1 stands for a table that was never analyzed.
        rows: (table.estimated_rows >= 0.0).then_some(table.estimated_rows),
        indexes: Some(catalog.indexes_of(&table.name).filter(|index| serves_lookups(index)).map(leading_columns).collect()),
    });
    let foreign_keys = catalog.foreign_keys.iter().map(|key| ForeignKeyFacts {
        name: key.name.clone(),
        table: key.table.to_string(),
        columns: key.columns.clone(),
        referenced: key.referenced.name.clone(),
        indexed: Some(missing_index(catalog, key).is_none()),
    });
    Facts { tables: tables.collect(), foreign_keys: foreign_keys.collect(), ..Facts::default() }
}

fn serves_lookups(index: &Index) -> bool {
    index.valid && index.predicate.is_none()
}

fn leading_columns(index: &Index) -> Vec<String> {
    index.columns.iter().map_while(Clone::clone).collect()
}
