//! One statement in place of one for each row of another (N+1).
//!
//! `SELECT price FROM catalog WHERE id = :items.id` under `for_each: items` becomes `… WHERE id = ANY($1)`, or, where the statement has
//! an order, a limit or an aggregate of its own, the same statement beside `unnest($1)` (LATERAL), which holds for any SELECT. Every row
//! comes with the value that it was looked up by, so that the service can deal them out.
//!
//! Left alone: statements with a condition (`when:`), those that need what the loop itself returned or writes.

use std::collections::{BTreeSet, HashSet};

use crate::bench::variants::Cell;
use crate::bench::workload::{Bind, BoundEndpoint, BoundStep};
use crate::db::{Connection, DbError, Value};
use crate::plan::outline::{self, Outline, renumbered};
use crate::report::model::{Effect, OtherKind};
use crate::sql::quote_ident;
use crate::units::amount;

use super::attempt::Attempt;
use super::calls::{Call, Case, Own, cells};

/// Fewer executions than these per call are no loop to speak of.
const FEWEST: f64 = 1.5;

/// A parameter that each row gives.
struct Looked {
    /// `$1`
    number: usize,
    column: String,
    type_oid: u32,
}

/// # Errors
/// When the connection is lost.
pub(super) async fn attempt<'w>(
    connection: &mut Connection,
    endpoint: &'w BoundEndpoint,
    step: usize,
    calls: &[Call],
) -> Result<Option<(Own<'w>, Attempt)>, DbError> {
    let bound = &endpoint.steps[step];
    let Some(source) = bound.for_each.filter(|_| may_be_one(endpoint, bound)) else { return Ok(None) };
    let looked = looked(bound);
    let Some(outline) = Outline::of(&bound.sql).filter(|outline| !looked.is_empty() && !outline.query.select.locks) else {
        return Ok(None);
    };
    let executions: usize = calls.iter().map(|call| call.replies[step].len()).sum();
    let per_call = executions as f64 / calls.len().max(1) as f64;
    if per_call < FEWEST {
        return Ok(None);
    }
    let mut arrays = Vec::new();
    for one in &looked {
        match array_type(connection, one.type_oid).await? {
            Some(array) => arrays.push(array),
            None => return Ok(None),
        }
    }
    let written = [any(&outline, &looked), Some(beside_list(&outline, &looked, &arrays))];
    let ways: Vec<(String, Vec<usize>)> = written.into_iter().flatten().map(|sql| renumbered(&sql)).collect();
    let (mut cases, mut parameters) = (Vec::new(), Vec::new());
    for call in calls {
        let Some((case, given)) = case(call, source, step, &looked, &arrays) else { continue };
        parameters.push(ways[0].1.iter().filter_map(|number| given.get(number - 1).cloned()).collect());
        cases.push(case);
    }
    if cases.is_empty() {
        return Ok(None);
    }
    let times = calls.iter().map(|call| call.times[step].iter().map(|time| time.as_secs_f64() * 1e3).sum());
    let mut times: Vec<f64> = times.collect();
    let own = Own { label: &endpoint.label, step, sql: &bound.sql, cases, ms: crate::bench::statistics::median(&mut times) };
    let way = Attempt {
        kind: OtherKind::OneStatement,
        what: format!("ask once for all rows instead of once for each ({} times a call)", amount(per_call)),
        sql: ways.into_iter().map(|(sql, _)| sql).collect(),
        parameters,
        caution: "Both figures are of all its executions in a call, the ways there and back included; each row comes with the value that it \
                  was looked up by."
            .to_owned(),
        ..Attempt::default()
    };
    Ok(Some((own, way)))
}

/// Whether nothing that happens in the loop changes what the statement finds.
fn may_be_one(endpoint: &BoundEndpoint, bound: &BoundStep) -> bool {
    let Some(outline) = Outline::of(&bound.sql) else { return false };
    let looped = |step: &BoundStep| step.for_each == bound.for_each;
    let of_loop = |bind: &Bind| matches!(bind, Bind::Result { step, .. } if looped(&endpoint.steps[*step]));
    let read: BTreeSet<String> = outline.query.select.relations.iter().filter_map(|one| one.table.clone()).collect();
    let writes = endpoint.steps.iter().filter(|step| looped(step) && step.effect != Effect::Reads);
    let mut written = writes.map(|step| outline::names_in(&step.sql));
    let unqualified = |name: &String| name.rsplit('.').next().unwrap_or_default().to_owned();
    bound.effect == Effect::Reads
        && bound.when.is_none()
        && !bound.binds.iter().any(of_loop)
        && !read.is_empty()
        && outline.query.ctes.is_empty()
        && outline.query.select.relations.iter().all(|one| one.query.is_none())
        && !written.any(|names| read.iter().any(|table| names.contains(&unqualified(table))))
}

fn looked(bound: &BoundStep) -> Vec<Looked> {
    let items = bound.binds.iter().zip(&bound.types).enumerate().filter_map(|(place, (bind, type_oid))| match bind {
        Bind::Item { column } => Some(Looked { number: place + 1, column: column.clone(), type_oid: *type_oid }),
        _ => None,
    });
    items.collect()
}

/// OID and name of the type whose values are arrays of these.
async fn array_type(connection: &mut Connection, element: u32) -> Result<Option<(u32, String)>, DbError> {
    let sql = format!("SELECT typarray::int8, format_type(typarray, NULL) FROM pg_type WHERE oid = {element} AND typarray <> 0");
    let found: Vec<(i64, String)> = connection.rows(&sql).await?;
    Ok(found.into_iter().next().and_then(|(oid, name)| Some((u32::try_from(oid).ok()?, name))))
}

/// `column = $1` as `column = ANY($1)`, for a statement that only filters; every row with that column in front.
fn any(outline: &Outline<'_>, looked: &[Looked]) -> Option<String> {
    let [one] = looked else { return None };
    let select = &outline.query.select;
    let filters_only = select.distinct.is_none()
        && select.group.is_none()
        && select.order.is_none()
        && select.limit.is_none()
        && select.offset.is_none()
        && select.items.iter().all(|item| item.star || outline.column(&item.expression).is_some());
    let places = outline.places(&(0..outline.sql.len()), one.number);
    let compares =
        |span: &&outline::Span| outline.comparison(span).is_some_and(|(_, operator, value)| operator == "=" && places == [value]);
    let conjunct = select.conjuncts.iter().find(compares).filter(|_| filters_only)?;
    let column = outline.text(conjunct).split('=').find(|side| !side.contains('$'))?.trim();
    let place = places.first()?.clone();
    let value = outline.text(&place);
    // `$1 = column` has the column behind it.
    let turned = outline.text(conjunct).trim_start().starts_with('$');
    let condition =
        if turned { (conjunct.clone(), format!("{column} = ANY({value})")) } else { (place, format!("ANY({value})")) };
    let start = select.list.start;
    Some(outline.rewritten(vec![(start..start, format!("{column}, ")), condition]))
}

/// The statement beside the list of values, once for each, in one.
fn beside_list(outline: &Outline<'_>, looked: &[Looked], arrays: &[(u32, String)]) -> String {
    let free = |wanted: &str| {
        let taken = outline::names_in(outline.sql);
        std::iter::once(wanted.to_owned()).chain((2..).map(|n| format!("{wanted}_{n}"))).find(|name| !taken.contains(name))
    };
    let (list, found) = (free("list").unwrap_or_default(), free("found").unwrap_or_default());
    let names: Vec<String> = looked.iter().map(|one| quote_ident(&one.column)).collect();
    let sources: Vec<String> = looked.iter().zip(arrays).map(|(one, (_, name))| format!("${}::{name}", one.number)).collect();
    let everywhere = 0..outline.sql.len();
    let edits = looked.iter().flat_map(|one| {
        let name = format!("{list}.{}", quote_ident(&one.column));
        outline.places(&everywhere, one.number).into_iter().map(move |place| (place, name.clone()))
    });
    let inner = outline.rewritten(edits.collect());
    let moved = || inner.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n");
    let inner = if outline.movable() { moved() } else { inner };
    format!(
        "SELECT {list}.*, {found}.*\nFROM unnest({}) AS {list} ({})\nCROSS JOIN LATERAL (\n{inner}\n) AS {found}",
        sources.join(", "),
        names.join(", ")
    )
}

/// The loop's executions of one call, of each value the first, and the parameters of the one statement.
fn case(call: &Call, source: usize, step: usize, looked: &[Looked], arrays: &[(u32, String)]) -> Option<(Case, Vec<Value>)> {
    let first = call.parameters[step].as_ref()?;
    let items = call.replies[source].first()?;
    if items.len() != call.replies[step].len() {
        return None;
    }
    let (mut seen, mut executions, mut rows) = (HashSet::new(), Vec::new(), Vec::new());
    let mut lists: Vec<Vec<Value>> = looked.iter().map(|_| Vec::new()).collect();
    for (item, reply) in call.replies[step].iter().enumerate() {
        let value = |one: &Looked| items.value(item, &one.column)?.converted(one.type_oid);
        let values: Vec<Value> = looked.iter().map(value).collect::<Option<_>>()?;
        let mut given = first.clone();
        for (one, value) in looked.iter().zip(&values) {
            given[one.number - 1] = value.clone();
        }
        executions.push(given);
        if !seen.insert(values.clone()) {
            continue;
        }
        let keys: Vec<Cell> = values.iter().map(Cell::of).collect();
        rows.extend(cells(reply).into_iter().map(|row| keys.iter().cloned().chain(row).collect()));
        lists.iter_mut().zip(values).for_each(|(list, value)| list.push(value));
    }
    let mut given = first.clone();
    for ((one, (array, _)), list) in looked.iter().zip(arrays).zip(lists) {
        given[one.number - 1] = array_of(*array, one.type_oid, &list);
    }
    let mut executions = executions.into_iter();
    let parameters = executions.next()?;
    Some((Case { parameters, further: executions.collect(), rows }, given))
}

/// The values as an array of one dimension (`array_recv`: dimensions, whether NULLs are in it, type, length, first place, values).
fn array_of(array: u32, element: u32, values: &[Value]) -> Value {
    let nulls = values.iter().any(|value| value.bytes.is_none());
    let length = i32::try_from(values.len()).unwrap_or(i32::MAX);
    let mut bytes = Vec::new();
    for word in [1, i32::from(nulls), element.cast_signed(), length, 1] {
        bytes.extend(word.to_be_bytes());
    }
    for value in values {
        match &value.bytes {
            Some(content) => {
                bytes.extend(i32::try_from(content.len()).unwrap_or(i32::MAX).to_be_bytes());
                bytes.extend(content);
            }
            None => bytes.extend((-1_i32).to_be_bytes()),
        }
    }
    Value::new(array, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looked_up(numbers: &[usize]) -> Vec<Looked> {
        numbers.iter().map(|number| Looked { number: *number, column: format!("c{number}"), type_oid: 20 }).collect()
    }

    fn any_of(sql: &str) -> Option<String> {
        any(&Outline::of(sql).unwrap(), &looked_up(&[1]))
    }

    #[test]
    fn a_lookup_takes_a_list() {
        assert_eq!(any_of("SELECT a FROM t WHERE x AND t.id = $1").unwrap(), "SELECT t.id, a FROM t WHERE x AND t.id = ANY($1)");
        assert_eq!(any_of("SELECT a FROM t WHERE $1 = id").unwrap(), "SELECT id, a FROM t WHERE id = ANY($1)");
        for other in [
            "SELECT count(*) FROM t WHERE id = $1",
            "SELECT a FROM t WHERE id = $1 LIMIT 1",
            "SELECT a FROM t WHERE id > $1",
            "SELECT a FROM t WHERE id = $1 OR b = $1",
            "SELECT a FROM t WHERE id = $1 AND b = $1",
        ] {
            assert_eq!(any_of(other), None, "{other}");
        }
    }

    #[test]
    fn any_statement_stands_beside_the_list() {
        let outline = Outline::of("SELECT sum(q) FROM t WHERE id = $2 AND list = $1").unwrap();
        let arrays = [(1016, "bigint[]".to_owned())];
        assert_eq!(
            beside_list(&outline, &looked_up(&[2]), &arrays),
            "SELECT list_2.*, found.*\nFROM unnest($2::bigint[]) AS list_2 (c2)\nCROSS JOIN LATERAL (\n  \
             SELECT sum(q) FROM t WHERE id = list_2.c2 AND list = $1\n) AS found"
        );
    }

    #[test]
    fn arrays_are_sent_as_the_server_reads_them() {
        let array = array_of(1016, 20, &[Value::int8(7), Value::null(20)]).bytes.unwrap();
        assert_eq!(array[..20], [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 20, 0, 0, 0, 2, 0, 0, 0, 1]);
        assert_eq!(array[20..], [0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 7, 255, 255, 255, 255]);
    }
}
