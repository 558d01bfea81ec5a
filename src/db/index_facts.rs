//! Indexes with all that tells one from another, and how often a session looks into each.

use std::collections::BTreeMap;

use sqlx::FromRow;
use sqlx::postgres::PgRow;

use super::catalog::TableName;
use super::connect::Connection;
use super::error::DbError;

/// An index, that of a partitioned table as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexFacts {
    pub oid: i64,
    pub table: TableName,
    pub name: String,
    /// `btree`, `gin`, …
    pub method: String,
    /// `pg_get_indexdef`
    pub definition: String,
    pub keys: Vec<KeyFacts>,
    /// `INCLUDE`, as SQL names the columns.
    pub included: Vec<String>,
    /// `WHERE` of a partial index, as the server prints it.
    pub predicate: Option<String>,
    pub unique: bool,
    pub nulls_not_distinct: bool,
    /// Of a DEFERRABLE constraint.
    pub deferrable: bool,
    /// Belongs to a PRIMARY KEY, UNIQUE or EXCLUDE constraint.
    pub constraint: bool,
    /// A foreign key rests on it.
    pub referenced: bool,
    pub replica_identity: bool,
    /// The table is in its order (`CLUSTER`).
    pub clustered: bool,
    pub of_extension: bool,
    pub partitioned: bool,
    pub valid: bool,
    pub bytes: u64,
    /// The table's rows, without TOAST and indexes.
    pub table_bytes: u64,
}

/// One key of an index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyFacts {
    /// Column or expression, as SQL needs it.
    pub text: String,
    pub is_expression: bool,
    /// OIDs.
    pub operator_class: i64,
    pub collation: i64,
    /// `pg_index.indoption`: 1 is DESC, 2 is NULLS FIRST.
    pub option: i32,
}

/// The indexes of all user tables, by schema, table and name.
///
/// # Errors
/// What the server says; a user that may connect may read all this.
pub async fn index_facts(connection: &mut Connection) -> Result<Vec<IndexFacts>, DbError> {
    connection.rows(include_str!("queries/index_facts.sql")).await
}

impl FromRow<'_, PgRow> for IndexFacts {
    fn from_row(row: &PgRow) -> Result<IndexFacts, sqlx::Error> {
        use sqlx::Row;
        let texts: Vec<String> = row.try_get(6)?;
        let expressions: Vec<bool> = row.try_get(7)?;
        let classes: Vec<i64> = row.try_get(8)?;
        let collations: Vec<i64> = row.try_get(9)?;
        let options: Vec<i32> = row.try_get(10)?;
        let keys = texts.into_iter().enumerate().map(|(place, text)| KeyFacts {
            text,
            is_expression: expressions.get(place).copied().unwrap_or(true),
            operator_class: classes.get(place).copied().unwrap_or_default(),
            collation: collations.get(place).copied().unwrap_or_default(),
            option: options.get(place).copied().unwrap_or_default(),
        });
        let flags: Vec<String> = row.try_get(13)?;
        let is = |flag: &str| flags.iter().any(|known| known == flag);
        let size = |place: usize| Ok::<u64, sqlx::Error>(u64::try_from(row.try_get::<i64, _>(place)?).unwrap_or(0));
        Ok(IndexFacts {
            oid: row.try_get(0)?,
            table: TableName::new(row.try_get::<String, _>(1)?, row.try_get::<String, _>(2)?),
            name: row.try_get(3)?,
            method: row.try_get(4)?,
            definition: row.try_get(5)?,
            keys: keys.collect(),
            included: row.try_get(11)?,
            predicate: row.try_get(12)?,
            unique: is("unique"),
            nulls_not_distinct: is("nulls not distinct"),
            deferrable: is("deferrable"),
            constraint: is("constraint") || is("primary"),
            referenced: is("referenced"),
            replica_identity: is("replica identity"),
            clustered: is("clustered"),
            of_extension: is("extension"),
            partitioned: is("partitioned"),
            valid: is("valid"),
            bytes: size(14)?,
            table_bytes: size(15)?,
        })
    }
}

impl IndexFacts {
    /// Name with schema, as SQL needs it.
    pub fn sql_name(&self) -> String {
        TableName::new(&self.table.schema, &self.name).sql()
    }
}

/// What a session has asked of the indexes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct IndexScans {
    /// By the index's OID; those of partitions are their table's.
    pub scans: BTreeMap<i64, u64>,
    /// OIDs by the names that plans have, those of partitions' own indexes included.
    pub named: BTreeMap<String, Vec<i64>>,
}

/// Scans of every index so far, those of the planner and of what triggers and functions run included. Only a difference of two
/// readings within one transaction says something.
///
/// # Errors
/// What the server says.
pub async fn index_scans(connection: &mut Connection) -> Result<IndexScans, DbError> {
    let mut found = IndexScans::default();
    for (oid, name, scans) in connection.rows::<(i64, String, i64)>(include_str!("queries/index_scans.sql")).await? {
        *found.scans.entry(oid).or_default() += u64::try_from(scans).unwrap_or(0);
        found.named.entry(name).or_default().push(oid);
    }
    Ok(found)
}

impl IndexScans {
    /// The indexes that were scanned since an earlier reading.
    pub fn since<'a>(&'a self, before: &'a IndexScans) -> impl Iterator<Item = i64> + 'a {
        self.scans.iter().filter(|(oid, scans)| before.scans.get(oid).is_none_or(|earlier| *scans > earlier)).map(|(oid, _)| *oid)
    }
}
