//! Parameters with the most rows behind them, as foreign keys tell.

use std::collections::BTreeSet;

use crate::db::connect::Origin;
use crate::db::{Connection, DbError, Prepared, Reply, TableName, Value};
use crate::sql::quote_ident;

use super::super::draw::Slot;
use super::super::draw::sample::casts;
use super::super::workload::BoundEndpoint;

/// Of each table's keys with the most rows, how many are looked for among the sample's.
const KEYS: u32 = 100;
/// Rows of parameters taken for each table.
const ROWS: u32 = 8;

/// Parameters that many rows belong to.
#[derive(Debug, Clone, PartialEq)]
pub struct Parent {
    /// As [`super::super::draw::Draws::sampled_row`] gives it.
    pub row: Vec<Value>,
    /// Rows of `table` that belong to them.
    pub children: i64,
    pub table: TableName,
}

/// The columns in which tables refer to what a parameter stands for: the sampled column itself or, when that refers to another
/// table, the column it refers to.
const REFERRING: &str = "
WITH parent AS (
  SELECT $1::oid AS relation, $2::smallint AS attribute
  UNION
  SELECT confrelid, confkey[array_position(conkey, $2::smallint)] FROM pg_constraint
  WHERE contype = 'f' AND conrelid = $1::oid AND $2::smallint = ANY (conkey)
)
SELECT DISTINCT c.oid, n.nspname::text, c.relname::text, a.attname::text
FROM parent
JOIN pg_constraint AS k ON k.contype = 'f' AND k.confrelid = parent.relation AND parent.attribute = ANY (k.confkey)
JOIN pg_class AS c ON c.oid = k.conrelid AND NOT c.relispartition
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.conkey[array_position(k.confkey, parent.attribute)]
ORDER BY 2, 3, 4";

/// Rows of the sample with the most children in the tables that calls touch.
///
/// # Errors
/// What the server says.
pub async fn parents(
    endpoint: &BoundEndpoint,
    sample: &str,
    prepared: &Prepared,
    touched: &BTreeSet<u32>,
    connection: &mut Connection,
) -> Result<Vec<Parent>, DbError> {
    let mut found = Vec::new();
    for slot in endpoint.draws.sampled() {
        let Some(origin) = origin_of(prepared, &slot.name) else { continue };
        let Some((relation, attribute)) = origin.column else { continue };
        let parameters = [Value::new(26, relation.to_be_bytes().to_vec()), Value::new(21, attribute.to_be_bytes().to_vec())];
        let reply = connection.query(REFERRING, &parameters).await?;
        for row in 0..reply.len() {
            let text = |column| reply.value_at(row, column).and_then(|value| value.as_text());
            let (Some(oid), Some(schema), Some(name), Some(column)) = (oid_at(&reply, row), text(1), text(2), text(3)) else {
                continue;
            };
            if touched.contains(&oid) {
                let table = TableName::new(schema, name);
                found.extend(of_table(sample, endpoint.draws.sampled(), &slot.name, table, column, connection).await?);
            }
        }
    }
    Ok(found)
}

/// The OID in a row's first column.
fn oid_at(reply: &Reply, row: usize) -> Option<u32> {
    reply.bytes_at(row, 0)??.try_into().ok().map(u32::from_be_bytes)
}

/// What the server knows of a column of the sample.
pub fn origin_of(prepared: &Prepared, name: &str) -> Option<Origin> {
    prepared.origins.get(prepared.columns.iter().position(|column| column == name)?).copied()
}

async fn of_table(
    sample: &str,
    slots: &[Slot],
    parameter: &str,
    table: TableName,
    column: String,
    connection: &mut Connection,
) -> Result<Vec<Parent>, DbError> {
    let (key, values) = (quote_ident(&column), casts(slots, connection).await?.join(", "));
    let counted = format!(
        "SELECT {key} AS key, count(*) AS children FROM {} WHERE {key} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {KEYS}",
        table.sql()
    );
    let sql = format!(
        "SELECT {values}, c.children FROM ({sample}\n) AS s JOIN ({counted}) AS c ON c.key = s.{} ORDER BY c.children DESC, c.key LIMIT {ROWS}",
        quote_ident(parameter)
    );
    let reply = connection.query(&sql, &[]).await?;
    let value = |row, place: usize| reply.value_at(row, place).unwrap_or(Value::null(slots[place].type_oid));
    let parent = |row| Parent {
        row: (0..slots.len()).map(|place| value(row, place)).collect(),
        children: reply.value_at(row, slots.len()).and_then(|children| children.as_integer()).unwrap_or(0),
        table: table.clone(),
    };
    Ok((0..reply.len()).map(parent).collect())
}
