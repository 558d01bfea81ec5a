//! Columns as the server counts them: exactly where the table is small, else as ANALYZE estimated them from its sample.

use crate::db::catalog::TableName;
use crate::db::{Connection, DbError};
use crate::report::model::{ColumnSeen, ShareSeen};
use crate::sql::{quote_ident, quote_literal};

use super::chance::off;
use crate::seed::asked::Asked;

/// Rows times columns up to which every value is looked at: about a quarter of a second.
const EXACT_CELLS: u64 = 250_000;

/// Characters of the smallest and the largest value that are kept.
const MOST_CHARS: u32 = 60;

/// Rows that ANALYZE looks at for each step of the statistics target (`std_typanalyze` of PostgreSQL 15, and all before and after).
const SAMPLED_PER_TARGET: u64 = 300;

/// A column of the server's.
struct Column {
    name: String,
    /// Without its modifier, which would cut what is compared with it.
    type_name: String,
    /// False for arrays, whose statistics cannot be taken apart.
    plain: bool,
    /// Values can be told apart and put in order.
    ordered: bool,
}

type ColumnRow = (String, String, bool, bool);

/// All columns of a table with this many rows.
///
/// # Errors
/// What the server says.
pub async fn columns_seen(
    connection: &mut Connection,
    table: &TableName,
    rows: u64,
    asked: &[Asked],
) -> Result<Vec<ColumnSeen>, DbError> {
    if rows == 0 {
        return Ok(Vec::new());
    }
    let sql = include_str!("columns.sql").replace("$table", &quote_literal(&table.sql()));
    let columns = connection.rows::<ColumnRow>(&sql).await?.into_iter();
    let columns: Vec<Column> =
        columns.map(|(name, type_name, plain, ordered)| Column { name, type_name, plain, ordered }).collect();
    let asked_of = |column: &Column| asked.iter().find(|asked| asked.column == column.name);
    let exact = rows.saturating_mul(columns.len() as u64) <= EXACT_CELLS;
    let (mut seen, sampled) = if exact {
        (exactly(connection, table, &columns, asked).await?, rows)
    } else {
        let (target,): (i64,) = connection.row("SELECT current_setting('default_statistics_target')::int8").await?;
        let sampled = rows.min(target.unsigned_abs() * SAMPLED_PER_TARGET);
        (estimated(connection, table, rows, &columns, asked).await?, sampled)
    };
    for column in &mut seen {
        let Some(asked) = columns.iter().find(|known| known.name == column.name).and_then(asked_of) else { continue };
        column.asked = Some(asked.words.clone()).filter(|words| !words.is_empty());
        column.nulls_asked = (asked.nulls > 0.0).then_some(asked.nulls);
        column.off = off(column, asked.nulls, rows, sampled);
    }
    Ok(seen)
}

fn shares_of<'a>(column: &Column, asked: &'a [Asked]) -> &'a [(String, f64)] {
    // What cannot be compared cannot be counted.
    let asked = asked.iter().find(|asked| asked.column == column.name && column.ordered);
    asked.map(|asked| asked.shares.as_slice()).unwrap_or_default()
}

/// One statement for the table; every figure as text, in the order in which it is read back.
async fn exactly(
    connection: &mut Connection,
    table: &TableName,
    columns: &[Column],
    asked: &[Asked],
) -> Result<Vec<ColumnSeen>, DbError> {
    let of = table.sql();
    let mut figures = vec!["count(*)::text".to_owned()];
    for column in columns {
        let name = quote_ident(&column.name);
        figures.push(format!("count({name})::text"));
        if column.ordered {
            let end = |order: &str| {
                format!(
                    "(SELECT left(t.{name}::text, {MOST_CHARS}) FROM {of} AS t WHERE t.{name} IS NOT NULL ORDER BY t.{name} {order} LIMIT 1)"
                )
            };
            figures.extend([format!("count(DISTINCT {name})::text"), end("ASC"), end("DESC")]);
        }
        for (value, _) in shares_of(column, asked) {
            let value = quote_literal(value);
            figures.push(format!("count(*) FILTER (WHERE {name} = {value}::{})::text", column.type_name));
        }
    }
    let (figures,): (Vec<Option<String>>,) = connection.row(&format!("SELECT ARRAY[{}] FROM {of}", figures.join(", "))).await?;
    let mut figures = figures.into_iter();
    let number = |figure: Option<Option<String>>| figure.flatten().and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    let rows = number(figures.next());
    let mut seen = Vec::with_capacity(columns.len());
    for column in columns {
        let filled = number(figures.next());
        let mut told = ColumnSeen { name: column.name.clone(), nulls: rows.saturating_sub(filled), ..ColumnSeen::default() };
        if column.ordered {
            told.distinct = Some(number(figures.next()));
            (told.min, told.max) = (figures.next().flatten(), figures.next().flatten());
        }
        for (value, share) in shares_of(column, asked) {
            let got = number(figures.next()) as f64 / (filled.max(1)) as f64;
            told.shares.push(ShareSeen { value: value.clone(), asked: *share, got });
        }
        seen.push(told);
    }
    Ok(seen)
}

type Estimate = (f64, f64, Option<String>, Option<String>, Vec<Option<f64>>);

/// From `pg_stats`; columns that ANALYZE has nothing about are left out.
async fn estimated(
    connection: &mut Connection,
    table: &TableName,
    rows: u64,
    columns: &[Column],
    asked: &[Asked],
) -> Result<Vec<ColumnSeen>, DbError> {
    let mut seen = Vec::with_capacity(columns.len());
    for column in columns {
        let shares = if column.plain { shares_of(column, asked) } else { &[] };
        let found: Vec<Estimate> = connection.rows(&estimate_sql(table, column, shares)).await?;
        let Some((null_share, distinct, min, max, frequencies)) = found.into_iter().next() else { continue };
        let filled = 1.0 - null_share;
        // Negative: a share of the rows (documentation of pg_stats).
        let distinct = if distinct < 0.0 { -distinct * rows as f64 } else { distinct };
        seen.push(ColumnSeen {
            name: column.name.clone(),
            nulls: (null_share * rows as f64).round() as u64,
            distinct: (distinct > 0.0 || null_share == 1.0).then_some(distinct.round() as u64),
            min,
            max,
            estimated: true,
            shares: shares
                .iter()
                .zip(frequencies)
                // A value that is not among the most common ones has no figure.
                .filter_map(|((value, asked), got)| {
                    Some(ShareSeen { value: value.clone(), asked: *asked, got: got? / filled.max(f64::MIN_POSITIVE) })
                })
                .collect(),
            ..ColumnSeen::default()
        });
    }
    Ok(seen)
}

fn estimate_sql(table: &TableName, column: &Column, shares: &[(String, f64)]) -> String {
    let values = format!("::text::{}[]", column.type_name);
    let ends = if column.plain && column.ordered {
        format!(
            "SELECT left((array_agg(v ORDER BY v))[1]::text, {MOST_CHARS}), left((array_agg(v ORDER BY v DESC))[1]::text, {MOST_CHARS}) \
             FROM (SELECT unnest(s.most_common_vals{values}) UNION ALL SELECT unnest(s.histogram_bounds{values})) AS known (v)"
        )
    } else {
        "SELECT NULL::text, NULL::text".to_owned()
    };
    let frequency = |(value, _): &(String, f64)| {
        let value = quote_literal(value);
        format!(
            "(SELECT f::float8 FROM unnest(s.most_common_vals{values}, s.most_common_freqs) AS common (v, f) \
             WHERE v = {value}::{} LIMIT 1)",
            column.type_name
        )
    };
    let frequencies: Vec<String> = shares.iter().map(frequency).collect();
    format!(
        "SELECT s.null_frac::float8, s.n_distinct::float8, ends.low, ends.high, ARRAY[{}]::float8[] \
         FROM pg_stats AS s CROSS JOIN LATERAL ({ends}) AS ends (low, high) \
         WHERE s.schemaname = {} AND s.tablename = {} AND s.attname = {} ORDER BY s.inherited DESC LIMIT 1",
        frequencies.join(", "),
        quote_literal(&table.schema),
        quote_literal(&table.name),
        quote_literal(&column.name)
    )
}
