//! Rows of the sample query, taken on the seeded database.

use sqlx::Row;

use crate::db::{Connection, DbError};
use crate::scenario::error::Problem;
use crate::scenario::model::Located;
use crate::sql::quote_ident;

use super::Slot;
use super::rows::Rows;

/// Rows whose values come to more than this many bytes are cut off there: being in random order, fewer of them are a sample too.
const MOST_BYTES: usize = 64 << 20;
/// For the sort of the rows: those of a load are some 20 MB in it, and with the usual 4 MB all rows of the query would go through
/// files (of a million: 0.64 s instead of 0.58 s, and 25 MB written).
const SORT_MEMORY: &str = "64MB";

/// Up to `most` rows of the sample query, cast to the statements' types, in a random order that depends on `seed` alone. Each
/// endpoint has its own, or two that delete from one table would always be after the same rows. The first rows are the same
/// whatever `most` is.
pub(super) async fn sample_rows(
    sample: &Located<String>,
    slots: &[Slot],
    seed: u64,
    most: usize,
    connection: &mut Connection,
) -> Result<Rows, DbError> {
    let casts = casts(slots, connection).await?;
    let before = format!("{SELECT}{} FROM (SELECT s.*, row_number() OVER () AS perflab_row FROM (", casts.join(SEPARATOR));
    // Row numbers are hashed, not values: a value that stands in many rows is as likely here as it is there.
    let after = format!("\n) AS s) AS s ORDER BY hashint8extended(s.perflab_row, {}) LIMIT {most}", seed as i64);
    begin(connection).await?;
    let mut rows = Rows::new(slots.iter().map(|slot| slot.type_oid));
    let mut take = |row: &sqlx::postgres::PgRow| {
        if rows.bytes() < MOST_BYTES {
            rows.push(|column| row.try_get_raw(column).ok().and_then(|raw| raw.as_bytes().ok()));
        }
    };
    let taken = connection.each_row(&format!("{before}{}{after}", sample.value), &mut take).await;
    connection.batch("ROLLBACK").await?;
    taken.map_err(|error| hinted(error, slots, &casts).moved_back(before.chars().count(), sample.value.chars().count()))?;
    Ok(rows)
}

const SELECT: &str = "SELECT ";
const SEPARATOR: &str = ", ";

/// An error within one of the casts, with what to do about it.
fn hinted(error: DbError, slots: &[Slot], casts: &[String]) -> DbError {
    let DbError::Server(mut message) = error else { return error };
    let mut start = SELECT.len() + 1;
    for (slot, cast) in slots.iter().zip(casts) {
        let end = start + cast.chars().count();
        if message.position.is_some_and(|position| (start..end).contains(&position)) {
            let wanted = cast.rsplit(" AS ").next().unwrap_or_default().trim_end_matches(')');
            let hint =
                format!("the statements take `:{}` as {wanted}; cast it there, e.g. `:{0}::text`, or in the sample", slot.name);
            message.hint.get_or_insert(hint);
        }
        start = end + SEPARATOR.len();
    }
    DbError::Server(message)
}

/// The expressions that fill the slots from a sample `s`.
pub(in crate::bench) async fn casts(slots: &[Slot], connection: &mut Connection) -> Result<Vec<String>, DbError> {
    let mut casts = Vec::new();
    for slot in slots {
        // Without a length given (-1), `char` is `bpchar`; with none to give (NULL) it would be `character`, one character long.
        let (type_name,): (String,) = connection.row(&format!("SELECT format_type({}, -1)", slot.type_oid)).await?;
        casts.push(format!("CAST(s.{} AS {type_name})", quote_ident(&slot.name)));
    }
    Ok(casts)
}

/// Scans that start anywhere or in parallel would number the rows anew each time.
async fn begin(connection: &mut Connection) -> Result<(), DbError> {
    let settings = "SET LOCAL synchronize_seqscans = off; SET LOCAL max_parallel_workers_per_gather = 0";
    connection.batch(&format!("BEGIN; {settings}; SET LOCAL work_mem = '{SORT_MEMORY}'")).await
}

pub(super) fn finds_nothing(sample: &Located<String>) -> Problem {
    Problem {
        at: sample.at,
        message: "the sample query returns no row, so there is nothing to call the endpoint with".into(),
        help: Some("look at its WHERE, or at the rows of the tables it reads".into()),
    }
}

/// What the server refuses in a sample query is the scenario's mistake; a broken connection is not.
pub(super) fn refused(error: DbError, sample: &Located<String>) -> Result<Problem, DbError> {
    match error.server_message() {
        Some(message) => {
            let said = format!("the server refuses the sample query: {}", message.without_hint());
            Ok(Problem { at: sample.at, message: said, help: message.hint.clone() })
        }
        None => Err(error),
    }
}
