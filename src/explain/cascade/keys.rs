//! The keys that a statement touches, as its triggers see them.
//!
//! RETURNING would tell the new rows only, and not at all of a statement that has a RETURNING of its own or writes in its WITH. So
//! the statement is run once more with statement triggers of perflab's own, which keep the old and new rows' keys; then everything is
//! undone.

use crate::db::catalog::TableName;
use crate::db::{Connection, DbError, Reply, Value};
use crate::sql::quote_ident;

use super::super::undo;
use super::action::{Event, Row};
use super::fired::Fired;

/// Rows per table whose keys are kept; one with more changed is told by those.
const ROWS_KEPT: usize = 10_000;
/// Distinct keys that are compared, so that their values fit into one statement.
const KEYS_COMPARED: usize = 100;

/// The keys that one foreign key is called with: a row each, a column for each parameter of the implied statement.
#[derive(Default)]
pub(super) struct Keys {
    reply: Reply,
}

impl Keys {
    /// The values of the key at a place.
    fn values(&self, place: usize) -> Vec<Value> {
        (0..self.reply.fields().len()).filter_map(|column| self.reply.value_at(place, column)).collect()
    }

    fn len(&self) -> usize {
        self.reply.len().min(KEYS_COMPARED)
    }
}

/// The key that an implied statement is explained with.
pub(super) struct Chosen {
    pub values: Vec<Value>,
    pub of: u64,
    pub more: bool,
    pub rows: Option<u64>,
}

/// The keys of each of `fired`, in its order; none where it fired a level further down. The inner error is the server's, of a statement
/// that cannot be run this way.
///
/// # Errors
/// When the connection is lost.
pub(super) async fn touched_keys(
    connection: &mut Connection,
    statement: &str,
    parameters: &[Value],
    fired: &[Fired<'_>],
) -> Result<Result<Vec<Keys>, DbError>, DbError> {
    connection.batch("SAVEPOINT perflab_keys").await?;
    let kept = keep_keys(connection, statement, parameters, fired).await;
    undo(connection, "perflab_keys").await?;
    match kept {
        Err(error) if error.server_message().is_none() => Err(error),
        kept => Ok(kept),
    }
}

async fn keep_keys(
    connection: &mut Connection,
    statement: &str,
    parameters: &[Value],
    fired: &[Fired<'_>],
) -> Result<Vec<Keys>, DbError> {
    let setup: Vec<String> = fired
        .iter()
        .enumerate()
        .filter_map(|(number, fired)| Some(keeper(number, fired.touched.as_ref()?, fired.event, &fired.derived.parameters)))
        .collect();
    connection.batch(&setup.join("\n")).await?;
    connection.query(statement, parameters).await?;
    let mut all = Vec::new();
    for (number, fired) in fired.iter().enumerate() {
        if fired.touched.is_none() {
            all.push(Keys::default());
            continue;
        }
        let columns = names(fired.derived.parameters.len()).join(", ");
        let sql = format!(
            "SELECT {columns} FROM pg_temp.perflab_keys_{number} GROUP BY {columns} ORDER BY min(perflab_row) LIMIT {}",
            KEYS_COMPARED + 1
        );
        all.push(Keys { reply: connection.query(&sql, &[]).await? });
    }
    Ok(all)
}

/// The parameters' columns: `p1`, `p2` …
fn names(count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("p{number}")).collect()
}

/// A table for the keys, and the triggers that fill it.
fn keeper(number: usize, table: &TableName, event: Event, parameters: &[(Row, String)]) -> String {
    let columns: Vec<String> = parameters.iter().map(|(_, column)| quote_ident(column)).collect();
    let named: Vec<String> =
        columns.iter().zip(names(columns.len())).map(|(column, name)| format!("{column} AS {name}")).collect();
    let make = format!(
        "CREATE TEMP TABLE perflab_keys_{number} ON COMMIT DROP AS SELECT 0::bigint AS perflab_row, {} FROM {} WITH NO DATA;",
        named.join(", "),
        table.sql()
    );
    let triggers: &[&str] = match event {
        Event::ParentDeleted => &["DELETE"],
        Event::ParentUpdated => &["UPDATE"],
        Event::ChildWritten => &["INSERT", "UPDATE"],
    };
    let triggers = triggers.iter().map(|on| trigger(number, table, on, &rows_of(on, parameters, &columns)));
    std::iter::once(make).chain(triggers).collect::<Vec<_>>().join("\n")
}

fn trigger(number: usize, table: &TableName, on: &str, rows: &str) -> String {
    let referencing = match on {
        "DELETE" => "OLD TABLE AS perflab_old",
        "INSERT" => "NEW TABLE AS perflab_new",
        _ => "OLD TABLE AS perflab_old NEW TABLE AS perflab_new",
    };
    let name = format!("perflab_keep_{number}_{}", on.to_ascii_lowercase());
    // What a cascade does to the same table comes in a later call: the statement's own rows are what is asked for.
    format!(
        "CREATE FUNCTION pg_temp.{name}() RETURNS trigger LANGUAGE plpgsql AS $perflab$ BEGIN \
         IF NOT EXISTS (SELECT FROM pg_temp.perflab_keys_{number}) THEN INSERT INTO pg_temp.perflab_keys_{number} {rows}; END IF; \
         RETURN NULL; END $perflab$;\n\
         CREATE TRIGGER {name} AFTER {on} ON {} REFERENCING {referencing} FOR EACH STATEMENT EXECUTE FUNCTION pg_temp.{name}();",
        table.sql()
    )
}

/// The rows that fire the foreign key: without a NULL in the key, and of an update only those whose key changed.
fn rows_of(on: &str, parameters: &[(Row, String)], columns: &[String]) -> String {
    let side = |row: &Row| if *row == Row::Old { "o" } else { "n" };
    let values: Vec<String> =
        parameters.iter().zip(columns).map(|((row, _), column)| format!("{}.{column}", side(row))).collect();
    let complete = values.iter().map(|value| format!("{value} IS NOT NULL"));
    let counted = |table: &str, alias: &str| {
        format!("(SELECT row_number() OVER () AS perflab_row, * FROM {table} LIMIT {ROWS_KEPT}) AS {alias}")
    };
    let (from, changed) = match on {
        "DELETE" => (counted("perflab_old", "o"), None),
        "INSERT" => (counted("perflab_new", "n"), None),
        // Both tables are filled row by row, so the same place is the same row.
        _ => {
            let distinct: Vec<String> = columns.iter().map(|column| format!("o.{column} IS DISTINCT FROM n.{column}")).collect();
            let both = format!("{} JOIN {} USING (perflab_row)", counted("perflab_old", "o"), counted("perflab_new", "n"));
            (both, Some(format!("({})", distinct.join(" OR "))))
        }
    };
    let conditions: Vec<String> = complete.chain(changed).collect();
    format!("SELECT perflab_row, {} FROM {from} WHERE {}", values.join(", "), conditions.join(" AND "))
}

/// The key with the most referencing rows, which costs the most and shows the whole cascade; of checks, which find one row each, the
/// first. `None` when there is none.
///
/// # Errors
/// When the connection is lost.
pub(super) async fn costliest(connection: &mut Connection, fired: &Fired<'_>, keys: &Keys) -> Result<Option<Chosen>, DbError> {
    if keys.len() == 0 {
        return Ok(None);
    }
    let chosen = |place: usize, rows| Chosen {
        values: keys.values(place),
        of: keys.len() as u64,
        more: keys.reply.len() > KEYS_COMPARED,
        rows,
    };
    if keys.len() == 1 || !fired.event.of_parent() {
        return Ok(Some(chosen(0, None)));
    }
    connection.batch("SAVEPOINT perflab_count").await?;
    let counted = most_referenced(connection, fired, keys).await;
    undo(connection, "perflab_count").await?;
    match counted {
        Ok((place, rows)) => Ok(Some(chosen(place, Some(rows)))),
        // Say, the two columns' types compare only as the constraint's own operator does it.
        Err(error) if error.server_message().is_some() => Ok(Some(chosen(0, None))),
        Err(error) => Err(error),
    }
}

/// Place and number of referencing rows of the key that has most of them.
async fn most_referenced(connection: &mut Connection, fired: &Fired<'_>, keys: &Keys) -> Result<(usize, u64), DbError> {
    let old: Vec<usize> = (0..fired.derived.parameters.len()).filter(|i| fired.derived.parameters[*i].0 == Row::Old).collect();
    let (mut values, mut lists) = (Vec::new(), Vec::new());
    for place in 0..keys.len() {
        let all = keys.values(place);
        let numbers: Vec<String> = old
            .iter()
            .filter_map(|column| {
                values.push(all.get(*column)?.clone());
                Some(format!("${}", values.len()))
            })
            .collect();
        lists.push(format!("({place}, {})", numbers.join(", ")));
    }
    let columns = names(old.len());
    let on: Vec<String> =
        fired.key.columns.iter().zip(&columns).map(|(column, name)| format!("c.{} = k.{name}", quote_ident(column))).collect();
    let sql = format!(
        "SELECT k.place::int8 AS place, count(c.{}) AS rows FROM (VALUES {}) AS k (place, {}) LEFT JOIN {} AS c ON {} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1",
        fired.key.columns.first().map(|column| quote_ident(column)).unwrap_or_default(),
        lists.join(", "),
        columns.join(", "),
        fired.key.table.sql(),
        on.join(" AND ")
    );
    let reply = connection.query(&sql, &values).await?;
    let number = |column| reply.value(0, column).and_then(|value| value.as_integer()).and_then(|n| u64::try_from(n).ok());
    let (place, rows) = (number("place").unwrap_or(0), number("rows").unwrap_or(0));
    Ok((usize::try_from(place).unwrap_or(0), rows))
}
