//! What one plan does otherwise than another, in words that go on from "it".

use std::collections::BTreeMap;

use super::{Shape, ShapeNode};
use crate::units::listed;

/// Nodes that say nothing beside the join or the scan they belong to.
const PARTS: [&str; 3] = ["Hash", "Bitmap Index Scan", "Result"];

impl Shape {
    /// What this plan does otherwise than `usual`, most telling first: `reads sale by a sequential scan instead of an index scan using
    /// sale_kind`. Empty when both are the same.
    pub fn changes_from(&self, usual: &Shape) -> Vec<String> {
        if self.same_as(usual) {
            return Vec::new();
        }
        let (now, before) = (Ways::of(&self.root), Ways::of(&usual.root));
        let mut said = now.scans_from(&before);
        if said.is_empty() && now.order != before.order {
            said.push(format!("goes from {} instead of {}", now.order.join(" to "), before.order.join(" to ")));
        }
        if now.joins != before.joins {
            said.push(match (counted(&now.joins), counted(&before.joins)) {
                (now, before) if now.is_empty() => format!("does without {before}"),
                (now, before) if before.is_empty() => format!("joins by {now}"),
                (now, before) => format!("joins by {now} instead of {before}"),
            });
        }
        let (with, without) = (more(&now.others, &before.others), more(&before.others, &now.others));
        said.extend((!with.is_empty()).then(|| format!("adds {}", listed(&with))));
        said.extend((!without.is_empty()).then(|| format!("does without {}", listed(&without))));
        if said.is_empty() {
            said.extend(condition(&self.root, &usual.root));
        }
        if said.is_empty() {
            said.push("has its steps in another order".to_owned());
        }
        said
    }

    /// How the plan reads its tables, by what the statement calls them: `(sale, an index scan using sale_kind)`.
    pub fn ways(&self) -> Vec<(String, String)> {
        let ways = Ways::of(&self.root);
        ways.scans.into_iter().map(|(table, scans)| (table, told(&scans, true))).collect()
    }
}

/// A plan taken apart.
#[derive(Default)]
struct Ways {
    /// By what the statement calls the table: the table itself, the words for the scan, its indexes.
    scans: BTreeMap<String, Vec<Scan>>,
    /// The tables as they come in the plan.
    order: Vec<String>,
    joins: BTreeMap<String, usize>,
    others: BTreeMap<String, usize>,
}

#[derive(PartialEq)]
struct Scan {
    relation: Option<String>,
    how: String,
    indexes: Vec<String>,
}

impl Ways {
    fn of(root: &ShapeNode) -> Ways {
        let mut ways = Ways::default();
        let mut pending = vec![root];
        while let Some(node) = pending.pop() {
            pending.extend(node.children.iter().rev());
            if let Some(table) = node.called() {
                let scan = Scan { relation: node.relation.clone(), how: scan_words(node), indexes: node.indexes() };
                let scans = ways.scans.entry(table.clone()).or_default();
                if !scans.contains(&scan) {
                    scans.push(scan);
                }
                ways.order.push(table);
            } else if let Some(join) = join_words(&node.node_type) {
                *ways.joins.entry(join.to_owned()).or_default() += 1;
            } else if !PARTS.contains(&node.node_type.as_str()) {
                *ways.others.entry(node.kind.clone()).or_default() += 1;
            }
        }
        ways
    }

    fn scans_from(&self, before: &Ways) -> Vec<String> {
        let mut said = Vec::new();
        for (table, now) in &self.scans {
            match before.scans.get(table) {
                None => said.push(format!("reads {table} too, by {}", told(now, true))),
                Some(then) => {
                    // Partitions have indexes of other names, which are no other way to read.
                    let named = now.iter().zip(then).any(|(now, then)| now.relation == then.relation);
                    let (now, then) = (told(now, named), told(then, named));
                    if now != then {
                        said.push(format!("reads {table} by {now} instead of {then}"));
                    }
                }
            }
        }
        let gone = before.scans.keys().filter(|table| !self.scans.contains_key(*table));
        said.extend(gone.map(|table| format!("does not read {table}")));
        said
    }
}

impl ShapeNode {
    /// What the statement calls the table it scans.
    fn called(&self) -> Option<String> {
        let scans = self.relation.is_some() && self.node_type != "ModifyTable";
        let name = self.alias.as_ref().or(self.relation.as_ref()).filter(|_| scans)?;
        Some(crate::plan::condition::unnumbered(name).to_owned())
    }

    /// Its own, or those of the bitmaps below.
    fn indexes(&self) -> Vec<String> {
        let mut found: Vec<String> = self.index.iter().cloned().collect();
        if self.node_type == "Bitmap Heap Scan" {
            let mut pending: Vec<&ShapeNode> = self.children.iter().rev().collect();
            while let Some(node) = pending.pop() {
                found.extend(node.index.iter().cloned());
                pending.extend(node.children.iter().rev());
            }
        }
        found
    }
}

fn scan_words(node: &ShapeNode) -> String {
    let how = match node.node_type.as_str() {
        "Seq Scan" => "a sequential scan".to_owned(),
        "Index Scan" => "an index scan".to_owned(),
        "Index Only Scan" => "an index-only scan".to_owned(),
        "Bitmap Heap Scan" => "a bitmap scan".to_owned(),
        other => format!("a {}", other.to_ascii_lowercase()),
    };
    let backward = if node.kind.contains(" Backward") { " backward" } else { "" };
    match how.split_once(' ') {
        Some((_, what)) if node.kind.starts_with("Parallel ") => format!("a parallel {what}{backward}"),
        _ => format!("{how}{backward}"),
    }
}

fn told(scans: &[Scan], named: bool) -> String {
    let mut words: Vec<String> = Vec::new();
    for scan in scans {
        let said = if named && !scan.indexes.is_empty() {
            format!("{} using {}", scan.how, listed(&scan.indexes))
        } else {
            scan.how.clone()
        };
        if !words.contains(&said) {
            words.push(said);
        }
    }
    listed(&words)
}

fn join_words(node_type: &str) -> Option<&'static str> {
    match node_type {
        "Nested Loop" => Some("nested loop"),
        "Hash Join" => Some("hash join"),
        "Merge Join" => Some("merge join"),
        _ => None,
    }
}

/// `a hash join and 2 nested loops`
fn counted(kinds: &BTreeMap<String, usize>) -> String {
    let said: Vec<String> =
        kinds.iter().map(|(kind, n)| if *n == 1 { format!("a {kind}") } else { format!("{n} {kind}s") }).collect();
    listed(&said)
}

/// The kinds of which there are more than in the other plan.
fn more(these: &BTreeMap<String, usize>, those: &BTreeMap<String, usize>) -> Vec<String> {
    these.iter().filter(|(kind, n)| those.get(*kind).copied().unwrap_or(0) < **n).map(|(kind, _)| kind.clone()).collect()
}

/// The first condition that differs, where all else is the same.
fn condition(now: &ShapeNode, usual: &ShapeNode) -> Option<String> {
    let new = now.terms.iter().find(|term| !usual.terms.contains(term));
    let old = usual.terms.iter().find(|term| !now.terms.contains(term));
    match (new, old) {
        (Some((label, new)), Some((_, old))) => Some(format!("has the {label} {new} instead of {old}")),
        (Some((label, new)), None) => Some(format!("has the {label} {new}")),
        (None, Some((label, old))) => Some(format!("does without the {label} {old}")),
        (None, None) => now.children.iter().zip(&usual.children).find_map(|(now, usual)| condition(now, usual)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::plan::fixtures;

    fn shape(node: Value) -> Shape {
        Shape::of(&fixtures::json(node))
    }

    fn index_scan(table: &str, index: &str) -> Value {
        json!({"Node Type": "Index Scan", "Relation Name": table, "Alias": table, "Index Name": index, "Index Cond": "(a = 1)"})
    }

    fn seq_scan(table: &str) -> Value {
        json!({"Node Type": "Seq Scan", "Relation Name": table, "Alias": table, "Filter": "(a = 1)"})
    }

    fn changes(now: Value, usual: Value) -> Vec<String> {
        shape(now).changes_from(&shape(usual))
    }

    #[test]
    fn another_way_to_read_a_table_is_said_first() {
        let said = changes(seq_scan("sale"), index_scan("sale", "sale_a"));
        assert_eq!(said, ["reads sale by a sequential scan instead of an index scan using sale_a"]);
        let bitmap = json!({"Node Type": "Bitmap Heap Scan", "Relation Name": "sale", "Alias": "sale", "Parallel Aware": true, "Plans": [
            {"Node Type": "BitmapAnd", "Plans": [{"Node Type": "Bitmap Index Scan", "Index Name": "x"}, {"Node Type": "Bitmap Index Scan", "Index Name": "y"}]}]});
        let said = changes(json!({"Node Type": "Gather", "Plans": [bitmap]}), index_scan("sale", "sale_a"));
        assert_eq!(
            said,
            [
                "reads sale by a parallel bitmap scan using x and y instead of an index scan using sale_a",
                "adds BitmapAnd and Gather"
            ]
        );
        assert!(changes(seq_scan("sale"), seq_scan("sale")).is_empty());
        assert_eq!(shape(index_scan("sale", "i")).ways(), [("sale".to_owned(), "an index scan using i".to_owned())]);
    }

    #[test]
    fn joins_and_their_order_are_said() {
        let join = |kind: &str, tables: [Value; 2]| json!({"Node Type": kind, "Plans": tables});
        let (a, b) = (|| seq_scan("a"), || seq_scan("b"));
        assert_eq!(
            changes(join("Hash Join", [a(), b()]), join("Nested Loop", [a(), b()])),
            ["joins by a hash join instead of a nested loop"]
        );
        assert_eq!(
            changes(join("Nested Loop", [a(), b()]), join("Nested Loop", [b(), a()])),
            ["goes from a to b instead of b to a"]
        );
        assert_eq!(
            changes(json!({"Node Type": "Result", "One-Time Filter": "false"}), a()),
            ["does not read a"],
            "a value that nothing can equal"
        );
    }

    #[test]
    fn what_is_left_is_said_when_there_is_nothing_else() {
        let other = json!({"Node Type": "Seq Scan", "Relation Name": "a", "Alias": "a", "Filter": "((a = $1) OR ($1 IS NULL))"});
        assert_eq!(changes(other, seq_scan("a")), ["has the Filter ((a = ?) OR ?) instead of (a = ?)"]);
        let sorted = json!({"Node Type": "Sort", "Sort Key": ["b"], "Plans": [seq_scan("a")]});
        assert_eq!(changes(sorted.clone(), seq_scan("a")), ["adds Sort"]);
        assert_eq!(changes(seq_scan("a"), sorted), ["does without Sort"]);
    }

    #[test]
    fn partitions_are_not_another_way() {
        let part = |table: &str, kind: &str| json!({"Node Type": kind, "Relation Name": table, "Alias": "event", "Index Name": format!("{table}_i")});
        let said = changes(part("event_1", "Index Scan"), part("event_2", "Index Only Scan"));
        assert_eq!(said, ["reads event by an index scan instead of an index-only scan"]);
    }

    #[test]
    fn every_two_plans_that_differ_have_words() {
        let timed = fixtures::timed();
        for (name, one) in &timed {
            for (other, two) in &timed {
                let (one, two) = (Shape::of(one), Shape::of(two));
                assert_eq!(one.changes_from(&two).is_empty(), one.same_as(&two), "{name} {other}");
            }
        }
    }
}
