//! A plan as a baseline has it: lines that are the same wherever the planner chose the same.

use crate::db::catalog::{Catalog, TableName};
use crate::plan::Plan;
use crate::plan::shape::{Shape, ShapeNode};

/// Conditions that say which part of an index or a join is used. Filters are left out: they follow from the statement and these.
const TELLING: [&str; 6] = ["Index Cond", "Hash Cond", "Merge Cond", "Sort Key", "Presorted Key", "Group Key"];

/// A line for each node, set in below its parent.
///
/// Indexes are named by what they are over, partitions by their table, and the same scan of several of them stands once. Parallel
/// workers are left out: how many there are follows from the machine.
pub(super) fn drawn(plan: &Plan, catalog: &Catalog) -> Vec<String> {
    let mut lines = Vec::new();
    node(&Shape::of(plan).root, 0, catalog, &mut lines);
    lines
}

fn node(shape: &ShapeNode, depth: usize, catalog: &Catalog, lines: &mut Vec<String>) {
    let gathers = shape.node_type == "Gather" || shape.node_type == "Gather Merge";
    let part = shape.node_type == "Aggregate" && shape.kind.ends_with(" Partial");
    let below = if gathers || part {
        depth
    } else {
        lines.push(format!("{}{}", "  ".repeat(depth), line(shape, catalog)));
        depth + 1
    };
    let mut drawn: Vec<Vec<String>> = Vec::new();
    for child in &shape.children {
        let mut one = Vec::new();
        node(child, below, catalog, &mut one);
        // Partitions of one table are read alike, and how many there are hangs on the value.
        if drawn.last() != Some(&one) {
            drawn.push(one);
        }
    }
    lines.extend(drawn.into_iter().flatten());
}

fn line(shape: &ShapeNode, catalog: &Catalog) -> String {
    let mut words = String::new();
    if let Some(role) = shape.role.as_deref().filter(|role| role.starts_with("InitPlan") || role.starts_with("SubPlan")) {
        words.push_str(&format!("{role}: "));
    }
    words.push_str(shape.kind.trim_start_matches("Parallel ").trim_end_matches(" Finalize"));
    if let Some(relation) = &shape.relation {
        words.push_str(&format!(" on {}", whole(relation, catalog)));
    }
    if let Some(index) = &shape.index {
        words.push_str(&format!(" using {}", over(index, catalog)));
    }
    let terms = shape.terms.iter().filter(|(label, _)| TELLING.contains(label));
    words.push_str(&terms.map(|(label, text)| format!("; {label}: {text}")).collect::<String>());
    words
}

/// The table that a partition is part of; plans name tables without their schema.
fn whole(relation: &str, catalog: &Catalog) -> String {
    let part = catalog.roots.iter().find(|(part, _)| part.name == relation);
    part.map_or_else(|| relation.to_owned(), |(_, root)| TableName::to_string(root))
}

/// `btree (user_id, created_at)`; the name where the catalog has no such index.
fn over(index: &str, catalog: &Catalog) -> String {
    let found = catalog.indexes.iter().find(|known| known.name == index);
    found.map_or_else(|| index.to_owned(), |found| keys(&found.definition).to_owned())
}

/// What an index is over: its definition behind the table's name.
pub(super) fn keys(definition: &str) -> &str {
    definition.split_once(" USING ").map_or(definition, |(_, keys)| keys)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::db::catalog::Index;
    use crate::plan::fixtures;

    fn catalog() -> Catalog {
        let index = Index {
            name: "sale_kind".into(),
            table: TableName::new("public", "sale"),
            method: "btree".into(),
            definition: "CREATE INDEX sale_kind ON public.sale USING btree (kind, at)".into(),
            columns: Vec::new(),
            keys: Vec::new(),
            included: Vec::new(),
            unique: false,
            nulls_not_distinct: false,
            primary: false,
            constraint: false,
            predicate: None,
            valid: true,
            bytes: 0,
        };
        let root = |part: &str| (TableName::new("public", part), TableName::new("public", "event"));
        Catalog { indexes: vec![index], roots: [root("event_2024"), root("event_2025")].into(), ..Catalog::default() }
    }

    fn lines(node: serde_json::Value) -> Vec<String> {
        drawn(&fixtures::json(node), &catalog())
    }

    #[test]
    fn an_index_is_what_it_is_over_whatever_its_name() {
        let scan = json!({"Node Type": "Index Scan", "Relation Name": "sale", "Alias": "s", "Index Name": "sale_kind",
            "Index Cond": "(s.kind = 'a'::text)", "Filter": "(x > 3)"});
        assert_eq!(lines(scan), ["Index Scan on sale using btree (kind, at); Index Cond: (s.kind = ?)"]);
    }

    #[test]
    fn workers_and_numbers_of_partitions_do_not_count() {
        let scan = |table: &str| json!({"Node Type": "Seq Scan", "Parallel Aware": true, "Relation Name": table, "Alias": table, "Parent Relationship": "Member"});
        let gathered = json!({"Node Type": "Aggregate", "Strategy": "Plain", "Partial Mode": "Finalize", "Plans": [
            {"Node Type": "Gather", "Plans": [
                {"Node Type": "Aggregate", "Strategy": "Plain", "Partial Mode": "Partial", "Plans": [
                    {"Node Type": "Append", "Plans": [scan("event_2024"), scan("event_2025")]}]}]}]});
        assert_eq!(lines(gathered), ["Aggregate Plain", "  Append", "    Seq Scan on event"]);
    }
}
