//! A part of a date as a range of dates: `EXTRACT(YEAR FROM at) = $1 AND EXTRACT(MONTH FROM at) = $2` asks every row, `at >= make_date($1,
//! $2, 1) AND at < make_date($1, $2, 1) + interval '1 month'` an index on `at`.
//!
//! Dates, timestamps and timestamps with a time zone all compare with a date's midnight in the session's time zone, which is the one that
//! EXTRACT goes by (Date/Time Functions, PostgreSQL documentation). Where no index begins with the column, the way brings one along,
//! covering what the SELECT reads of the table.
//!
//! Left alone: a month or a day without its year, comparisons other than `=`.

use std::collections::BTreeMap;

use crate::db::catalog::{Catalog, Table};
use crate::plan::outline::{ColumnRef, Outline, Query, Select, Span};
use crate::report::model::OtherKind;

use super::super::candidate::Candidate;
use super::attempt::Attempt;
use super::names::resolve;

/// Types whose columns compare with a date.
const TYPES: [&str; 3] = ["date", "timestamp", "timestamptz"];
/// Parts that name a range when all before them are given.
const FIELDS: [&str; 3] = ["year", "month", "day"];

/// A condition on a part of a column.
struct PartOf {
    /// Its place among the conjuncts.
    conjunct: usize,
    field: String,
    column: Span,
    value: Span,
}

/// The statement with ranges, and the indexes that they lack.
pub(super) fn attempts(outline: &Outline<'_>, catalog: &Catalog) -> Vec<Attempt> {
    let (mut edits, mut columns, mut indexes) = (Vec::new(), Vec::new(), Vec::new());
    for select in selects(&outline.query) {
        for range in ranges(outline, select) {
            let Some(column) = outline.column(&range[0].column) else { continue };
            let Some((alias, table, found)) = resolve(outline, select, &column, catalog) else { continue };
            if !TYPES.contains(&found.base_name.as_str()) {
                continue;
            }
            edits.extend(edited(outline, select, &range));
            columns.push(outline.text(&range[0].column).to_owned());
            indexes.push(covering(outline, select, (&alias, table), &found.name));
        }
    }
    if edits.is_empty() {
        return Vec::new();
    }
    columns.dedup();
    let mut missing: Vec<Candidate> = Vec::new();
    for index in indexes.into_iter().filter(|index| !index.exists_in(catalog)) {
        if !missing.iter().any(|other| other.same_as(&index)) {
            missing.push(index);
        }
    }
    vec![Attempt {
        kind: OtherKind::Rewrite,
        what: format!("ask for a range of {} instead of its parts", columns.join(" and ")),
        sql: vec![outline.rewritten(edits)],
        caution: "A date that does not exist, such as the 31st of June, becomes an error where it returned nothing.".to_owned(),
        indexes: missing,
        ..Attempt::default()
    }]
}

/// Every SELECT of the statement that is known.
pub(super) fn selects(query: &Query) -> Vec<&Select> {
    let inner = query.ctes.iter().filter_map(|cte| cte.query.as_deref());
    let derived = query.select.relations.iter().filter_map(|relation| relation.query.as_deref());
    let mut found: Vec<&Select> = inner.chain(derived).flat_map(selects).collect();
    found.push(&query.select);
    found
}

/// By column the parts of one range, the year first.
fn ranges(outline: &Outline<'_>, select: &Select) -> Vec<Vec<PartOf>> {
    let mut by_column: BTreeMap<&str, Vec<PartOf>> = BTreeMap::new();
    for (number, conjunct) in select.conjuncts.iter().enumerate() {
        if let Some(part) = part_of(outline, number, conjunct) {
            by_column.entry(outline.text(&part.column)).or_default().push(part);
        }
    }
    let complete = |mut parts: Vec<PartOf>| {
        parts.sort_by_key(|part| FIELDS.iter().position(|field| *field == part.field));
        let in_turn = parts.iter().map(|part| part.field.as_str()).eq(FIELDS.iter().copied().take(parts.len()));
        in_turn.then_some(parts)
    };
    by_column.into_values().filter_map(complete).collect()
}

/// `EXTRACT(YEAR FROM c) = $1` or `date_part('year', c) = $1`
fn part_of(outline: &Outline<'_>, number: usize, conjunct: &Span) -> Option<PartOf> {
    let (left, operator, value) = outline.sides(conjunct)?;
    let (name, arguments) = outline.call(&left).filter(|_| operator == "=")?;
    let (field, column) = match name.as_str() {
        "extract" => {
            let text = outline.text(&arguments);
            let from = text.to_lowercase().find(" from ")?;
            let column = &text[from + 6..];
            let start = arguments.start + from + 6 + (column.len() - column.trim_start().len());
            (text[..from].to_owned(), start..start + column.trim().len())
        }
        "date_part" => match outline.divided(&arguments, None).as_slice() {
            [field, column] => (outline.text(field).to_owned(), column.clone()),
            _ => return None,
        },
        _ => return None,
    };
    let field = field.trim().trim_matches('\'').to_lowercase();
    let known = FIELDS.contains(&field.as_str()) && outline.column(&column).is_some();
    known.then_some(PartOf { conjunct: number, field, column, value })
}

/// The first of the conditions becomes the range, the others go.
fn edited(outline: &Outline<'_>, select: &Select, range: &[PartOf]) -> Vec<(Span, String)> {
    let column = outline.text(&range[0].column);
    let value = |place: usize| range.get(place).map_or("1".to_owned(), |part| whole(outline.text(&part.value)));
    let start = format!("make_date({}, {}, {})", value(0), value(1), value(2));
    let unit = FIELDS[range.len() - 1];
    let filter = select.filter.as_ref().map_or(0, |filter| filter.start);
    let and = if outline.sql.contains('\n') { format!("\n{}  AND", outline.indent(filter)) } else { " AND".to_owned() };
    let text = format!("{column} >= {start}{and} {column} < {start} + interval '1 {unit}'");
    let first = range.iter().map(|part| part.conjunct).min().unwrap_or(0);
    let others = range.iter().filter(|part| part.conjunct != first);
    let gone = others.map(|part| (select.conjuncts[part.conjunct - 1].end..select.conjuncts[part.conjunct].end, String::new()));
    std::iter::once((select.conjuncts[first].clone(), text)).chain(gone).collect()
}

/// As the whole number that make_date takes.
fn whole(value: &str) -> String {
    if value.bytes().all(|byte| byte.is_ascii_digit()) {
        return value.to_owned();
    }
    match value.rsplit_once("::").map(|(plain, _)| plain).filter(|plain| plain.starts_with('$') && !plain.contains("::")) {
        Some(plain) => format!("{plain}::int"),
        None if value.contains("::") => format!("({value})::int"),
        None => format!("{value}::int"),
    }
}

/// The column, with all others of the table that the SELECT reads.
fn covering(outline: &Outline<'_>, select: &Select, (alias, table): (&str, &Table), column: &str) -> Candidate {
    let read = outline.references(&select.span);
    let star = select.items.iter().any(|item| item.star);
    let is_read = |name: &str| {
        let is_it = |one: &ColumnRef| one.name == name && one.table.as_deref().is_none_or(|table| table == alias);
        name != column && read.iter().any(is_it)
    };
    let because = format!("finds rows of {} in a range of {column}", table.name);
    let mut candidate = Candidate::btree(&table.name, &[column.to_owned()], because);
    let names = table.columns.iter().map(|other| &other.name).filter(|name| is_read(name) && !star);
    candidate.include = names.cloned().collect();
    candidate
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(sql: &str) -> Option<String> {
        let outline = Outline::of(sql)?;
        let select = &outline.query.select;
        let found = ranges(&outline, select);
        (!found.is_empty()).then(|| outline.rewritten(found.iter().flat_map(|range| edited(&outline, select, range)).collect()))
    }

    #[test]
    fn parts_of_a_date_become_a_range() {
        assert_eq!(
            rewritten("SELECT 1 FROM t WHERE a AND EXTRACT(MONTH FROM t.at) = $2 AND b AND extract(year from t.at) = $1::numeric LIMIT 1").unwrap(),
            "SELECT 1 FROM t WHERE a AND t.at >= make_date($1::int, $2::int, 1) AND t.at < make_date($1::int, $2::int, 1) \
             + interval '1 month' AND b LIMIT 1"
        );
        assert_eq!(
            rewritten("SELECT 1 FROM t WHERE date_part('year', at) = 2024").unwrap(),
            "SELECT 1 FROM t WHERE at >= make_date(2024, 1, 1) AND at < make_date(2024, 1, 1) + interval '1 year'"
        );
    }

    #[test]
    fn what_is_no_range_is_left_alone() {
        for sql in [
            "SELECT 1 FROM t WHERE EXTRACT(MONTH FROM at) = $1",
            "SELECT 1 FROM t WHERE EXTRACT(YEAR FROM at) = $1 AND EXTRACT(DAY FROM at) = $2",
            "SELECT 1 FROM t WHERE EXTRACT(YEAR FROM at) > $1",
            "SELECT 1 FROM t WHERE EXTRACT(YEAR FROM at) = $1 OR a",
            "SELECT 1 FROM t WHERE EXTRACT(YEAR FROM at + b) = $1",
            "SELECT 1 FROM t WHERE EXTRACT(YEAR FROM at) = $1 AND EXTRACT(YEAR FROM at) = $2",
        ] {
            assert_eq!(rewritten(sql), None, "{sql}");
        }
    }
}
