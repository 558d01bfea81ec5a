//! The orders that a plan wants a relation's rows in: sorts, limits, smallest and largest values, groups.

use super::keys::{key_of, key_of_expr};
use super::names::{Names, own_ancestors};
use super::relation::Relation;
use crate::advise::candidate::{Key, Nulls};
use crate::db::catalog::Catalog;
use crate::plan::condition::{Expr, SortKey, Target};
use crate::plan::{PlanNode, Visit};

/// An order, all of it from one relation.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    pub keys: Vec<Key>,
    /// Only the first rows of it are wanted.
    pub limited: bool,
}

/// Sorts above the scan, nearest first; the order of `min()` and `max()`; the order of the index at hand, where a limit stops it.
pub fn orders(visit: &Visit<'_>, names: &Names, relation: &Relation<'_>, catalog: &Catalog) -> Vec<Order> {
    let mut found: Vec<Order> = Vec::new();
    let ancestors = own_ancestors(visit);
    for (depth, sort) in ancestors.iter().enumerate().rev().filter(|(_, node)| !node.sort_key.is_empty()) {
        let parent = depth.checked_sub(1).map(|above| ancestors[above].node_type.as_str());
        let limited = is_limited(&ancestors[..depth]) || parent == Some("Unique");
        // What a merge join sorts by is what it joins by.
        if parent != Some("Merge Join")
            && let Some(order) = sorted_by(sort, limited, names, relation)
            && !found.iter().any(|known| known.keys == order.keys)
        {
            found.push(order);
        }
    }
    if found.is_empty() {
        match extremes(visit, names, relation) {
            Some(extremes) => found.extend(extremes),
            None => found.extend(of_index(visit, relation, catalog)),
        }
    }
    found
}

fn is_limited(above: &[&PlanNode]) -> bool {
    above.iter().any(|node| node.node_type == "Limit")
}

fn sorted_by(sort: &PlanNode, limited: bool, names: &Names, relation: &Relation<'_>) -> Option<Order> {
    let keys: Vec<SortKey> = sort.sort_key.iter().map(|text| names.sort_key(text)).collect();
    let own: Vec<&SortKey> = keys.iter().take_while(|key| is_own(&key.expr, names) && !is_distance(&key.expr)).collect();
    // Rows that come sorted by the first keys need little sorting by the rest; without a limit that saves next to nothing.
    if own.is_empty() || (own.len() < keys.len() && !limited) {
        return None;
    }
    let plain = is_plain(&own);
    let keys: Option<Vec<Key>> =
        own.iter().map(|key| key_of_expr(&key.expr, relation).map(|found| directed(found, key, plain))).collect();
    Some(Order { keys: keys?, limited })
}

/// A distance to a value is another order for each call; a B-tree of it would serve one of them.
fn is_distance(expr: &Expr) -> bool {
    let mut found = false;
    expr.each(&mut |part| {
        found |=
            matches!(part, Expr::Compare { op, .. } if matches!(op.as_str(), "<->" | "<#>" | "<=>" | "<+>" | "<<->" | "<->>"));
    });
    found
}

/// Whether one direction, and PostgreSQL's own place for NULLs in it, serves all keys: a B-tree is read both ways.
fn is_plain(keys: &[&SortKey]) -> bool {
    let descending = keys.first().is_some_and(|key| key.descending);
    keys.iter().all(|key| key.descending == descending && key.nulls_first.is_none())
}

fn directed(found: Key, key: &SortKey, plain: bool) -> Key {
    if plain {
        return found;
    }
    let nulls = key.nulls_first.map(|first| if first { Nulls::First } else { Nulls::Last });
    Key { nulls, ..found.descending(key.descending) }
}

/// `min(created_at), max(created_at)` over all rows of the scan: the first and the last in the column's order.
fn extremes(visit: &Visit<'_>, names: &Names, relation: &Relation<'_>) -> Option<Vec<Order>> {
    let aggregate =
        own_ancestors(visit).iter().rev().find(|node| node.node_type == "Aggregate").filter(|node| node.group_key.is_empty())?;
    let mut found: Vec<Order> = Vec::new();
    for text in &aggregate.output {
        let order = Order { keys: vec![extreme(text, names, relation)?], limited: true };
        if !found.contains(&order) {
            found.push(order);
        }
    }
    Some(found)
}

/// The column whose end is asked for: `max(b)`, or `(PARTIAL max(b))` of one of several workers.
fn extreme(text: &str, names: &Names, relation: &Relation<'_>) -> Option<Key> {
    let bare = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(text);
    let Expr::Function { name, arguments } = names.condition(bare.trim_start_matches("PARTIAL ")) else { return None };
    match (name.as_str(), arguments.as_slice()) {
        ("min" | "max", [Expr::Column(column)]) if column.is_of(&names.alias) => {
            key_of(&Target::Column { column, cast: None }, relation)
        }
        _ => None,
    }
}

/// An index read in its order until enough rows have passed the filter: what passes should be found at once, in the same order.
fn of_index(visit: &Visit<'_>, relation: &Relation<'_>, catalog: &Catalog) -> Option<Order> {
    let node = visit.node;
    let reads = matches!(node.node_type.as_str(), "Index Scan" | "Index Only Scan") && node.filter.is_some();
    if !reads || !is_limited(own_ancestors(visit)) {
        return None;
    }
    let index = catalog.indexes_of(&relation.table.name).find(|index| Some(&index.name) == node.index.as_ref())?;
    let keys: Option<Vec<Key>> = index.columns.iter().map(|column| column.as_deref().map(Key::column)).collect();
    Some(Order { keys: keys.filter(|keys| !keys.is_empty())?, limited: true })
}

/// `ORDER BY place <-> point LIMIT n`
pub fn nearest(visit: &Visit<'_>, names: &Names, relation: &Relation<'_>) -> Option<Key> {
    let ancestors = own_ancestors(visit);
    let depth = ancestors.iter().rposition(|node| !node.sort_key.is_empty())?;
    let key = names.sort_key(ancestors[depth].sort_key.first()?);
    let Expr::Compare { left, op, right } = &key.expr else { return None };
    let distance = matches!(op.as_str(), "<->" | "<<->" | "<->>" | "<<<->" | "<->>>");
    if !distance || key.descending || !is_limited(&ancestors[..depth]) {
        return None;
    }
    let target = [left, right].into_iter().find(|side| is_own(side, names))?;
    key_of_expr(target, relation)
}

/// What an aggregate above groups by, when all of it is of this relation.
pub fn groups(visit: &Visit<'_>, names: &Names, relation: &Relation<'_>) -> Vec<Key> {
    let grouping = own_ancestors(visit).iter().rev().find(|node| !node.group_key.is_empty());
    let Some(grouping) = grouping.filter(|node| node.grouping_sets.is_empty()) else { return Vec::new() };
    let keys: Option<Vec<Key>> = grouping
        .group_key
        .iter()
        .map(|text| names.sort_key(text).expr)
        .map(|expr| is_own(&expr, names).then(|| key_of_expr(&expr, relation)).flatten())
        .collect();
    keys.unwrap_or_default()
}

fn is_own(expr: &Expr, names: &Names) -> bool {
    let columns = expr.columns();
    !columns.is_empty() && !expr.has_unknown() && columns.iter().all(|column| column.is_of(&names.alias))
}
