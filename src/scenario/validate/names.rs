//! Names of tables, and rings of things that depend on each other.

use crate::scenario::error::{Fault, Problems};
use crate::scenario::model::{Data, Location, TableSpec};

/// The described table that a reference means; `public.users` and `users` are the same.
pub fn find<'d>(data: &'d Data, written: &str) -> Option<&'d TableSpec> {
    data.place_of(written).map(|place| &data.tables[place])
}

/// Notes a table that the scenario does not describe.
pub fn known<'d>(data: &'d Data, written: &str, at: Location, problems: &mut Problems) -> Option<&'d TableSpec> {
    let found = find(data, written);
    if found.is_none() {
        problems.report(at, Fault::unknown("table", written, data.tables.iter().map(|table| table.name.value.as_str())));
    }
    found
}

/// The first ring in a graph where each node has edges to others, as node numbers; each ring once, from its smallest node.
pub fn rings(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut rings: Vec<Vec<usize>> = Vec::new();
    let mut done = vec![false; edges.len()];
    for start in 0..edges.len() {
        let mut path = Vec::new();
        walk(start, edges, &mut done, &mut path, &mut rings);
    }
    rings
}

fn walk(node: usize, edges: &[Vec<usize>], done: &mut [bool], path: &mut Vec<usize>, rings: &mut Vec<Vec<usize>>) {
    if let Some(from) = path.iter().position(|seen| *seen == node) {
        rings.push(path[from..].to_vec());
        return;
    }
    if done[node] {
        return;
    }
    path.push(node);
    for next in &edges[node] {
        walk(*next, edges, done, path, rings);
    }
    path.pop();
    done[node] = true;
}

/// `a → b → a`
pub fn chain(ring: &[usize], name: impl Fn(usize) -> String) -> String {
    let names: Vec<String> = ring.iter().chain(ring.first()).map(|node| format!("`{}`", name(*node))).collect();
    names.join(" → ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_ring_is_found_once() {
        assert_eq!(rings(&[vec![1], vec![2], vec![0], vec![0]]), [vec![0, 1, 2]]);
        assert_eq!(rings(&[vec![0], vec![0]]), [vec![0]]);
        assert!(rings(&[vec![1, 2], vec![2], vec![]]).is_empty());
        assert_eq!(chain(&[0, 1], |node| node.to_string()), "`0` → `1` → `0`");
    }
}
