//! `SELECT count(*)` over all of a table: every row is read to say a number that is out of date when it arrives. What the planner knows of
//! the table answers at once, but it is an estimate: told, and never offered in its place.

use std::time::Instant;

use crate::bench::statistics::median;
use crate::db::catalog::Catalog;
use crate::db::{Connection, DbError};
use crate::plan::outline::Outline;
use crate::report::model::{OtherAdvice, OtherKind};
use crate::sql::quote_literal;
use crate::units::{count, ms, percent};

use super::calls::Own;
use super::names::table_of;

/// Executions of the estimate; it takes no time to speak of.
const RUNS: usize = 5;

/// What an estimate says beside the count. `None` when the statement counts anything else than all rows of a table.
///
/// # Errors
/// When the connection is lost.
pub(super) async fn estimate(
    connection: &mut Connection,
    outline: &Outline<'_>,
    own: &Own<'_>,
    catalog: &Catalog,
) -> Result<Option<OtherAdvice>, DbError> {
    let Some(table) = counted_table(outline).and_then(|name| table_of(outline, name, catalog)) else { return Ok(None) };
    let sql = format!("SELECT reltuples::bigint FROM pg_class WHERE oid = {}::regclass", quote_literal(&table.name.sql()));
    let counted = match connection.query(own.sql, &own.cases[0].parameters).await {
        Ok(reply) => reply.value_at(0, 0).and_then(|value| value.as_integer()),
        Err(error) if error.server_message().is_some() => None,
        Err(error) => return Err(error),
    };
    let Some(rows) = counted.filter(|rows| *rows > 0) else { return Ok(None) };
    let (mut times, mut known) = (Vec::new(), 0_i64);
    for _ in 0..RUNS {
        let started = Instant::now();
        (known,) = connection.row(&sql).await?;
        times.push(started.elapsed().as_secs_f64() * 1e3);
    }
    let off = percent((known - rows).unsigned_abs() as f64 / rows as f64);
    let whole = |number: i64| count(u64::try_from(number).unwrap_or(0));
    Ok(Some(OtherAdvice {
        kind: OtherKind::Rewrite,
        label: own.label.to_owned(),
        step: Some(own.step + 1),
        what: "show the planner's estimate where a rough number will do".to_owned(),
        reason: format!(
            "It says {} in {} where the statement counts {}, {off} apart now; it is an estimate as of the last ANALYZE, so it is no \
             other way to write the statement.",
            whole(known),
            ms(median(&mut times)),
            whole(rows)
        ),
        sql,
        before_ms: own.ms,
        runs: RUNS as u32,
        ..OtherAdvice::default()
    }))
}

/// The table of `SELECT count(*) FROM t`.
fn counted_table<'o>(outline: &'o Outline<'_>) -> Option<&'o str> {
    let select = &outline.query.select;
    let ([item], [relation]) = (select.items.as_slice(), select.relations.as_slice()) else { return None };
    let call = outline.call(&item.expression).filter(|(name, inside)| name == "count" && outline.text(inside).trim() == "*");
    let bare = select.filter.is_none() && select.group.is_none() && select.having.is_none() && select.distinct.is_none();
    call.filter(|_| bare && !relation.lateral).and(relation.table.as_deref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_all_rows_of_a_table_are_estimated() {
        let table = |sql: &str| counted_table(&Outline::of(sql).unwrap()).map(str::to_owned);
        assert_eq!(table("SELECT count(*) AS n FROM public.t").as_deref(), Some("public.t"));
        for sql in [
            "SELECT count(id) FROM t",
            "SELECT count(*) FROM t WHERE a",
            "SELECT count(*) FROM t, u",
            "SELECT count(*), 1 FROM t",
        ] {
            assert_eq!(table(sql), None, "{sql}");
        }
    }
}
