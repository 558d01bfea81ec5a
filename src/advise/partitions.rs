//! The partitions that an index of a partitioned table is built on one by one, where it cannot be built concurrently as a whole.

use std::collections::BTreeSet;

use crate::db::catalog::{Catalog, TableName};
use crate::db::partitions::{Part, partitions};
use crate::db::{Connection, DbError};
use crate::report::model::{KeptIndex, Partition};

/// Longest name of anything (NAMEDATALEN less its end).
const LONGEST_NAME: usize = 63;

/// Fills in [`KeptIndex::partitions`].
///
/// # Errors
/// When the connection is lost.
pub async fn add_partitions(connection: &mut Connection, catalog: &Catalog, keep: &mut [KeptIndex]) -> Result<(), DbError> {
    let mut taken: Option<BTreeSet<String>> = None;
    for index in keep {
        let table = catalog.tables.iter().find(|table| table.name.to_string() == index.table);
        let Some(table) = table.filter(|table| !table.partitions.is_empty()) else { continue };
        let names = match &mut taken {
            Some(names) => names,
            None => {
                let rows: Vec<(String,)> = connection.rows("SELECT DISTINCT relname::text FROM pg_class").await?;
                taken.insert(rows.into_iter().map(|(name,)| name).collect())
            }
        };
        let parts = partitions(connection, &table.name).await?;
        index.partitions = named(&table.name, &index.name, &parts, names);
    }
    Ok(())
}

/// Each partition with its index's name: what the whole's index is called after its table, after the partition, as PostgreSQL does.
fn named(table: &TableName, index: &str, parts: &[Part], taken: &mut BTreeSet<String>) -> Vec<Partition> {
    let ending = index.strip_prefix(&format!("{}_", table.name.to_lowercase())).unwrap_or(index);
    let mut built: Vec<(TableName, TableName)> = vec![(table.clone(), TableName::new(&table.schema, index))];
    let mut found = Vec::new();
    for part in parts {
        let Some((_, of)) = built.iter().find(|(known, _)| *known == part.of).cloned() else { continue };
        let name = free_name(&part.table.name, ending, taken);
        taken.insert(name.clone());
        built.push((part.table.clone(), TableName::new(&part.table.schema, &name)));
        found.push(Partition { table: part.table.sql(), index: name, of: of.sql(), divided: part.divided });
    }
    found
}

fn free_name(table: &str, ending: &str, taken: &BTreeSet<String>) -> String {
    let named = |number: u32| {
        let ending = if number == 1 { format!("_{ending}") } else { format!("_{ending}{number}") };
        let mut cut = table.len().min(LONGEST_NAME.saturating_sub(ending.len()));
        while !table.is_char_boundary(cut) {
            cut -= 1;
        }
        format!("{}{ending}", &table[..cut])
    };
    (1..).map(named).find(|name| !taken.contains(name)).unwrap_or_else(|| named(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_table_and_are_free() {
        let name = |name: &str| TableName::new("app", name);
        let part = |table: &str, of: &str, divided| Part { table: name(table), of: name(of), divided };
        let parts = [part("log_2024", "log", true), part("Log 25", "log", false), part("log_2024_1", "log_2024", false)];
        let mut taken = BTreeSet::from(["log_2024_at_idx".to_owned()]);
        let found = named(&name("log"), "log_at_idx", &parts, &mut taken);
        let said: Vec<(&str, &str, &str)> =
            found.iter().map(|part| (part.table.as_str(), part.index.as_str(), part.of.as_str())).collect();
        assert_eq!(
            said,
            [
                ("app.log_2024", "log_2024_at_idx2", "app.log_at_idx"),
                ("app.\"Log 25\"", "Log 25_at_idx", "app.log_at_idx"),
                ("app.log_2024_1", "log_2024_1_at_idx", "app.log_2024_at_idx2"),
            ]
        );
        let long = free_name(&"é".repeat(40), "at_idx", &BTreeSet::new());
        assert!(long.len() <= LONGEST_NAME && long.ends_with("é_at_idx"), "{long}");
    }
}
