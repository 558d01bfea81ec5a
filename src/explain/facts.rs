//! What the narrator may know of the tables.

use crate::db::catalog::{Catalog, Index};
use crate::db::missing_index::missing_index;
use crate::db::planner_facts::{self, PlannerColumn, PlannerIndex, PlannerTable};
use crate::plan::{ColumnFacts, Facts, ForeignKeyFacts, IndexFacts, TableFacts};

/// The catalog as the narrator takes it.
pub fn facts(catalog: &Catalog) -> Facts {
    let tables = catalog.tables.iter().map(|table| {
        let known = TableFacts {
            schema: Some(table.name.schema.clone()),
            name: table.name.name.clone(),
            // -1 stands for a table that was never analyzed.
            rows: (table.estimated_rows >= 0.0).then_some(table.estimated_rows),
            indexes: Some(catalog.indexes_of(&table.name).filter(|index| serves_lookups(index)).map(leading_columns).collect()),
            ..TableFacts::default()
        };
        match planner_facts::of(&catalog.planner, &table.name) {
            Some(planner) => with_planner(known, planner),
            None => known,
        }
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

/// With what the planner knows of the table.
fn with_planner(known: TableFacts, planner: &PlannerTable) -> TableFacts {
    let column = |column: &PlannerColumn| ColumnFacts {
        name: column.name.clone(),
        type_name: column.type_name.clone(),
        n_distinct: column.n_distinct.filter(|n| *n != 0.0),
        correlation: column.correlation,
        width: column.width,
    };
    let index = |index: &PlannerIndex| IndexFacts {
        name: index.name.clone(),
        columns: index.columns.clone(),
        included: index.included.clone(),
    };
    TableFacts {
        named_indexes: planner.indexes.iter().map(index).collect(),
        columns: planner.columns.iter().map(column).collect(),
        pages: planner.pages,
        modified: Some(planner.modified),
        analyzed: Some(planner.analyzed),
        partition_key: planner.partition_key.clone(),
        ..known
    }
}

fn serves_lookups(index: &Index) -> bool {
    index.valid && index.predicate.is_none()
}

fn leading_columns(index: &Index) -> Vec<String> {
    index.columns.iter().map_while(Clone::clone).collect()
}
