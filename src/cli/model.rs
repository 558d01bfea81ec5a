//! The scenario and its tables as a report has them.

use crate::db::catalog::{Action, Catalog, Table};
use crate::report::model::{DataModel, ModelColumn, ModelTable, Relation, ScenarioInfo};
use crate::scenario::model::{ColumnSource, Scenario};

pub fn scenario_info(scenario: &Scenario) -> ScenarioInfo {
    ScenarioInfo {
        name: scenario.name.clone(),
        title: scenario.title.clone().unwrap_or_else(|| scenario.name.clone()),
        about: scenario.about.clone(),
        file: scenario.source.path.to_string_lossy().replace('\\', "/"),
    }
}

/// The catalog's tables and foreign keys, and the references that only the scenario knows.
pub fn data_model(scenario: &Scenario, catalog: &Catalog) -> DataModel {
    let tables = catalog.tables.iter().map(|table| model_table(table, catalog)).collect();
    let mut relations: Vec<Relation> = catalog
        .foreign_keys
        .iter()
        .map(|key| Relation {
            table: key.table.to_string(),
            columns: key.columns.clone(),
            referenced: key.referenced.to_string(),
            referenced_columns: key.referenced_columns.clone(),
            on_delete: Some(action_name(key.on_delete).to_owned()),
        })
        .collect();
    for relation in undeclared(scenario, catalog) {
        if !relations.iter().any(|known| known.table == relation.table && known.columns == relation.columns) {
            relations.push(relation);
        }
    }
    DataModel { tables, relations }
}

fn model_table(table: &Table, catalog: &Catalog) -> ModelTable {
    let key = table.primary_key.clone().unwrap_or_default();
    let columns = table.columns.iter().map(|column| ModelColumn {
        name: column.name.clone(),
        type_name: column.type_name.clone(),
        not_null: column.not_null,
        primary_key: key.contains(&column.name),
        unique: table.uniques.iter().any(|unique| unique.len() == 1 && unique[0] == column.name),
    });
    let indexes = catalog.indexes_of(&table.name).filter(|index| !index.constraint).map(|index| index.definition.clone());
    ModelTable { name: table.name.to_string(), columns: columns.collect(), indexes: indexes.collect() }
}

fn undeclared(scenario: &Scenario, catalog: &Catalog) -> Vec<Relation> {
    let mut relations = Vec::new();
    for spec in scenario.data.iter().flat_map(|data| &data.tables) {
        for column in &spec.columns {
            let ColumnSource::Reference(reference) = &column.source else { continue };
            let (Some(table), Some(parent)) = (catalog.find(&spec.name.value), catalog.find(&reference.table.value)) else {
                continue;
            };
            relations.push(Relation {
                table: table.name.to_string(),
                columns: vec![column.name.value.clone()],
                referenced: parent.name.to_string(),
                referenced_columns: parent.primary_key.clone().unwrap_or_default(),
                on_delete: None,
            });
        }
    }
    relations
}

fn action_name(action: Action) -> &'static str {
    match action {
        Action::NoAction => "NO ACTION",
        Action::Restrict => "RESTRICT",
        Action::Cascade => "CASCADE",
        Action::SetNull => "SET NULL",
        Action::SetDefault => "SET DEFAULT",
    }
}
