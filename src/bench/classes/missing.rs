//! Parameters that no row has: what a service is asked for by old links, by typing errors, and by those who try numbers.

use crate::db::value::{integer_width, oid};
use crate::db::{Connection, DbError, Prepared, Value};
use crate::sql::quote_ident;

use super::super::draw::Slot;
use super::super::draw::sample::casts;
use super::children::origin_of;

/// Different rows that are made.
const ROWS: u32 = 64;
/// OID of `uuid`.
const UUID: u32 = 2950;

/// The table and column that a sampled column stands for: its own or, when that refers to another table, the one it refers to.
const STANDS_FOR: &str = "
SELECT n.nspname::text, c.relname::text, a.attname::text
FROM (SELECT coalesce(min(k.confrelid::bigint), $1::bigint)::oid AS relation,
    coalesce(min(k.confkey[array_position(k.conkey, $2::smallint)]), $2::smallint) AS attribute
  FROM pg_constraint AS k WHERE k.contype = 'f' AND k.conrelid = $1::bigint::oid AND $2::smallint = ANY (k.conkey)) AS o
JOIN pg_class AS c ON c.oid = o.relation
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = o.attribute";

/// Rows as [`super::super::draw::Draws::sampled_row`] gives them, with keys that the server has proven to be absent; the other columns
/// are those of a row that is there.
///
/// # Errors
/// The server's words, where values beyond those that are there cannot be made; [`NO_KEY`] where none of the columns is a whole
/// number, a text or a UUID of a table.
pub async fn missing_rows(
    sample: &str,
    slots: &[Slot],
    prepared: &Prepared,
    connection: &mut Connection,
) -> Result<Result<Vec<Vec<Value>>, String>, DbError> {
    match made(sample, slots, prepared, connection).await {
        Ok(Some(rows)) if !rows.is_empty() => Ok(Ok(rows)),
        Ok(_) => Ok(Err(NO_KEY.to_owned())),
        Err(error) => match error.server_message() {
            Some(message) => Ok(Err(message.message.clone())),
            None => Err(error),
        },
    }
}

const NO_KEY: &str = "none of them is a whole number, a text or a UUID of a table";

async fn made(
    sample: &str,
    slots: &[Slot],
    prepared: &Prepared,
    connection: &mut Connection,
) -> Result<Option<Vec<Vec<Value>>>, DbError> {
    let (mut columns, mut bounds, mut absent) = (Vec::new(), Vec::new(), Vec::new());
    for (number, name) in prepared.columns.iter().enumerate() {
        let quoted = quote_ident(name);
        let key = match slots.iter().any(|slot| slot.name == *name) {
            true => key(prepared, name, connection).await?,
            false => None,
        };
        let Some(Key { type_oid, from, column }) = key else {
            columns.push(format!("one.{quoted}"));
            continue;
        };
        columns.push(format!("{} AS {quoted}", beyond(type_oid, number)));
        if integer_width(type_oid).is_some() {
            bounds.push(format!(
                ", LATERAL (SELECT max({column})::numeric AS high, min({column})::numeric AS low FROM {from} AS t) AS b{number}"
            ));
        }
        absent.push(format!("NOT EXISTS (SELECT FROM {from} AS t WHERE t.{column} = s.{quoted})"));
    }
    if absent.is_empty() {
        return Ok(None);
    }
    let sql = format!(
        "SELECT {} FROM (SELECT {} FROM (SELECT * FROM ({sample}\n) AS s LIMIT 1) AS one, generate_series(1, {ROWS}) AS i{}) AS s WHERE {}",
        casts(slots, connection).await?.join(", "),
        columns.join(", "),
        bounds.concat(),
        absent.join(" AND ")
    );
    let reply = connection.query(&sql, &[]).await?;
    let value = |row, place: usize| reply.value_at(row, place).unwrap_or(Value::null(slots[place].type_oid));
    Ok(Some((0..reply.len()).map(|row| (0..slots.len()).map(|place| value(row, place)).collect()).collect()))
}

/// A column whose values name rows.
struct Key {
    type_oid: u32,
    /// Where its values are, as SQL, with its name there.
    from: String,
    column: String,
}

/// `None` for columns that are no table's, and for types whose absent values nobody can make up.
async fn key(prepared: &Prepared, name: &str, connection: &mut Connection) -> Result<Option<Key>, DbError> {
    let Some(origin) = origin_of(prepared, name) else { return Ok(None) };
    let Some((relation, attribute)) = origin.column else { return Ok(None) };
    let made = integer_width(origin.type_oid).is_some() || [oid::TEXT, oid::VARCHAR, UUID].contains(&origin.type_oid);
    if !made {
        return Ok(None);
    }
    let parameters = [Value::int8(i64::from(relation)), Value::new(oid::INT2, attribute.to_be_bytes().to_vec())];
    let reply = connection.query(STANDS_FOR, &parameters).await?;
    let text = |column: &str| reply.value(0, column).and_then(|value| value.as_text());
    let found = text("nspname").zip(text("relname")).zip(text("attname"));
    Ok(found.map(|((schema, table), column)| Key {
        type_oid: origin.type_oid,
        from: crate::db::TableName::new(schema, table).sql(),
        column: quote_ident(&column),
    }))
}

/// The `i`th value that is likely to be absent: behind the last number (before the first, where there is no room), or what a hash
/// makes of `i`.
fn beyond(type_oid: u32, number: usize) -> String {
    let (type_name, most) = match type_oid {
        oid::INT2 => ("smallint", i64::from(i16::MAX)),
        oid::INT4 => ("integer", i64::from(i32::MAX)),
        oid::INT8 => ("bigint", i64::MAX),
        UUID => return "md5('perflab ' || i)::uuid".to_owned(),
        _ => return "md5('perflab ' || i)".to_owned(),
    };
    let bound = format!("b{number}");
    format!("(CASE WHEN {bound}.high + {ROWS} <= {most} THEN {bound}.high + i ELSE {bound}.low - i END)::{type_name}")
}
