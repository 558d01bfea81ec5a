//! B-trees: equality, then a range or the order; joins; groups; and what they may carry so that the table is not visited.

use super::asked::{Asked, How};
use super::keys::{distinct, listed};
use super::order::Order;
use crate::advise::candidate::{Candidate, Key, Method};

/// Ranges worth an index of their own behind the same equalities.
const MOST_RANGES: usize = 2;
/// Joins and orders of one scan that are followed up.
const MOST_JOINS: usize = 3;
const MOST_ORDERS: usize = 2;
/// Columns carried along, and their average bytes together.
const MOST_INCLUDED: usize = 5;
const WIDEST_INCLUDED: f64 = 64.0;
/// Of the bytes of a row, its header included, so much may be in the index: one with more is a second table.
const LARGEST_COPY: f64 = 0.5;
/// Header and line pointer of a row.
const ROW_HEADER: f64 = 28.0;
/// Rows from which on not visiting the table may be felt.
const ROWS_TO_CARRY: f64 = 100.0;

/// B-trees over all rows by keys alone, those that look up first.
pub fn plain(asked: &Asked<'_>) -> Vec<Candidate> {
    let mut found = Vec::new();
    by_values(asked, &mut found);
    by_joins(asked, &mut found);
    by_order(asked, &mut found);
    found
}

/// Those that answer without the table: for groups, and the plain ones with the other columns that are asked for.
pub fn carrying(asked: &Asked<'_>, plain: &[Candidate]) -> Vec<Candidate> {
    by_group(asked).into_iter().chain(plain.iter().filter_map(|candidate| carrying_columns(candidate, asked)).take(2)).collect()
}

/// The keys compared with values.
pub fn equal(asked: &Asked<'_>) -> Vec<Key> {
    distinct(asked.equal.iter().map(|compared| &compared.key))
}

/// Those behind which rows keep an index's order.
pub fn pinned(asked: &Asked<'_>) -> Vec<Key> {
    distinct(asked.equal.iter().filter(|compared| matches!(compared.how, How::Equal | How::Truth)).map(|compared| &compared.key))
}

/// A B-tree whose keys in front are compared for equality.
pub fn btree(asked: &Asked<'_>, front: &[Key], behind: &[Key], because: String, potential_ms: f64) -> Option<Candidate> {
    let keys = distinct(front.iter().chain(behind));
    let free = distinct(front).len();
    let name = asked.relation.table.name.clone();
    (!keys.is_empty()).then(|| Candidate { free, potential_ms, ..Candidate::new(name, Method::Btree, keys, because) })
}

fn by_values(asked: &Asked<'_>, found: &mut Vec<Candidate>) {
    let (name, equal, worth) = (&asked.relation.table.name, equal(asked), asked.worth.of_lookup());
    let because = |keys: &[Key]| format!("looks up rows of {name} by {}", listed(keys));
    let ranges = asked.ranges.iter().filter(|range| !range.iter().all(|key| equal.contains(key)));
    for range in ranges.clone().take(MOST_RANGES) {
        let keys = distinct(equal.iter().chain(range));
        found.extend(btree(asked, &equal, range, because(&keys), worth));
    }
    if ranges.count() == 0 {
        found.extend(btree(asked, &equal, &[], because(&equal), worth));
    }
    for branch in &asked.either {
        let keys = distinct(equal.iter().chain(branch));
        found.extend(btree(asked, &equal, branch, because(&keys), worth));
    }
}

fn by_joins(asked: &Asked<'_>, found: &mut Vec<Candidate>) {
    let (name, equal, worth) = (&asked.relation.table.name, equal(asked), asked.worth.of_all());
    for join in asked.joins.iter().take(MOST_JOINS) {
        let because = format!("joins {name} by {}", listed(join));
        let front = distinct(equal.iter().chain(join));
        let range: &[Key] = asked.ranges.first().map_or(&[], Vec::as_slice);
        found.extend(btree(asked, &front, range, because.clone(), worth));
        if front.len() > join.len() || !range.is_empty() {
            found.extend(btree(asked, join, &[], because, worth));
        }
        // The newest rows of each: LATERAL … ORDER BY … LIMIT.
        for order in asked.orders.iter().filter(|order| order.limited).take(1) {
            let front = distinct(pinned(asked).iter().chain(join));
            let because = format!("joins {name} by {} in the order of {}", listed(join), listed(&order.keys));
            found.extend(btree(asked, &front, &order.keys, because, worth));
        }
    }
}

fn by_order(asked: &Asked<'_>, found: &mut Vec<Candidate>) {
    let pinned = pinned(asked);
    for Order { keys, limited } in asked.orders.iter().take(MOST_ORDERS) {
        // Fetching every row of a table one by one is slower than sorting them.
        if !limited && pinned.is_empty() {
            continue;
        }
        let worth = if *limited { asked.worth.of_all() } else { asked.worth.of_lookup() + asked.worth.above };
        let because = format!("reads {} in the order of {}", asked.relation.table.name, listed(keys));
        let keys: Vec<Key> = keys.iter().filter(|key| !pinned.iter().any(|known| known.same_value(key))).cloned().collect();
        found.extend(btree(asked, &pinned, &keys, because, worth));
    }
}

/// Behind the equalities, what the rows are grouped by; of a whole table only where the index has all columns that are asked for.
fn by_group(asked: &Asked<'_>) -> Option<Candidate> {
    let pinned = pinned(asked);
    let because = format!("groups {} by {}", asked.relation.table.name, listed(&asked.groups));
    let groups = btree(asked, &pinned, &asked.groups, because, asked.worth.of_table() + asked.worth.above)?;
    if asked.groups.is_empty() {
        return None;
    }
    match carrying_columns(&groups, asked) {
        Some(carrying) => Some(carrying),
        None => (!pinned.is_empty() || answers_alone(&groups, asked)).then_some(groups),
    }
}

fn answers_alone(candidate: &Candidate, asked: &Asked<'_>) -> bool {
    missing(candidate, asked).is_some_and(|missing| missing.is_empty())
}

/// Needed columns that are no keys.
fn missing(candidate: &Candidate, asked: &Asked<'_>) -> Option<Vec<String>> {
    let is_key = |column: &String| candidate.keys.iter().any(|key| key.column.as_ref() == Some(column));
    Some(asked.needed.as_ref()?.iter().filter(|column| !is_key(column)).cloned().collect())
}

/// The same with the other columns that the plan needs, where they are few and narrow and many rows are read. A key that finds one row
/// at a time has an index already, and visiting the table for one row costs little.
pub fn carrying_columns(candidate: &Candidate, asked: &Asked<'_>) -> Option<Candidate> {
    let include = missing(candidate, asked)?;
    let worth_it = asked.worth.returned.min(asked.worth.left) >= ROWS_TO_CARRY && !finds_one_row(candidate, asked);
    if include.is_empty() || include.len() > MOST_INCLUDED || !worth_it || !is_small_copy(candidate, &include, asked) {
        return None;
    }
    let carried = crate::units::listed(&include);
    Some(Candidate {
        because: candidate
            .because
            .iter()
            .map(|because| format!("{because}, {carried} carried along so that the table is not visited"))
            .collect(),
        include,
        potential_ms: candidate.potential_ms.max(asked.worth.of_table()),
        ..candidate.clone()
    })
}

fn finds_one_row(candidate: &Candidate, asked: &Asked<'_>) -> bool {
    let is_key = |column: &String| candidate.keys.iter().any(|key| key.column.as_ref() == Some(column));
    let table = asked.relation.table;
    table.primary_key.iter().chain(&table.uniques).any(|unique| unique.iter().all(is_key))
}

/// Whether keys and carried columns are narrow, by themselves and against the row; unknown widths are not.
fn is_small_copy(candidate: &Candidate, include: &[String], asked: &Asked<'_>) -> bool {
    let relation = &asked.relation;
    let keys: Option<f64> = candidate.keys.iter().map(|key| relation.width(key.column.as_deref()?)).sum();
    let carried: Option<f64> = include.iter().map(|column| relation.width(column)).sum();
    let row: Option<f64> = relation.table.columns.iter().map(|column| relation.width(&column.name)).sum();
    match (keys, carried, row) {
        (Some(keys), Some(carried), Some(row)) => {
            carried <= WIDEST_INCLUDED && keys + carried <= LARGEST_COPY * (row + ROW_HEADER)
        }
        _ => false,
    }
}
