//! The line that names a node: `->  Index Scan using songs_pkey on songs s  (cost=…) (actual …)`.

use super::names;
use super::number::{self, Mistake};
use super::target;
use crate::plan::PlanNode;

/// The arrow before every node but the root.
const ARROW: &str = "->";

/// A heading split where its figures begin.
#[derive(Debug, Clone, Copy)]
pub(super) struct Split<'a> {
    /// Has the arrow.
    pub(super) arrow: bool,
    /// The node's type and target.
    pub(super) name: &'a str,
    /// From `(cost=` or `(actual` on; empty with COSTS OFF and without ANALYZE.
    pub(super) figures: &'a str,
}

/// Splits a line, whatever it is.
pub(super) fn split(text: &str) -> Split<'_> {
    let (arrow, rest) = match text.strip_prefix(ARROW) {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text),
    };
    let start = ["(cost=", "(actual ", "(never executed)"].into_iter().filter_map(|sign| rest.find(sign)).min();
    let start = start.filter(|start| rest[..*start].ends_with([' ', '\t'])).unwrap_or(rest.len());
    Split { arrow, name: rest[..start].trim_end(), figures: &rest[start..] }
}

impl Split<'_> {
    /// Whether this is a node for certain: it has figures and begins as a name does.
    pub(super) fn is_certain(&self) -> bool {
        !self.figures.is_empty()
            && self.name.starts_with(|c: char| c.is_ascii_uppercase())
            && !self.name.contains(": ")
            && !self.name.ends_with(':')
    }

    /// Whether the rows that the node handed up are written with decimals.
    pub(super) fn has_fractional_rows(&self) -> bool {
        let actual = self.figures.split_once("(actual ").map_or("", |(_, actual)| actual);
        let rows = actual.split_whitespace().find_map(|figure| figure.strip_prefix("rows="));
        rows.is_some_and(|rows| rows.contains('.'))
    }

    /// Whether the name is of a known type, with nothing behind that would not belong there.
    pub(super) fn is_known(&self) -> bool {
        let mut node = PlanNode::default();
        let rest = names::take(&mut node, self.name);
        rest.known && target::take(&mut node, rest.rest).is_ok()
    }
}

/// Reads a heading. `text` is the line that `split` was made of, for the places of mistakes.
pub(super) fn read(text: &str, split: Split) -> Result<Box<PlanNode>, Mistake> {
    let mut node = Box::new(PlanNode::default());
    let rest = names::take(&mut node, split.name).rest;
    if node.node_type.is_empty() {
        return Err(Mistake::at(text, split.name, "the name of a plan node"));
    }
    target::take(&mut node, rest).map_err(|wrong| Mistake::at(text, wrong, "`on` or `using` and a name"))?;
    figures(&mut node, text, split.figures)?;
    Ok(node)
}

/// `(cost=0.29..8.31 rows=1 width=6) (actual time=0.015..0.016 rows=1 loops=1)`
fn figures(node: &mut PlanNode, text: &str, mut rest: &str) -> Result<(), Mistake> {
    while let Some(open) = rest.strip_prefix('(') {
        let Some((inner, after)) = open.split_once(')') else { return Err(Mistake::at(text, &rest[rest.len()..], "`)`")) };
        if inner == "never executed" {
            (node.actual_rows, node.actual_loops) = (Some(0.0), Some(0.0));
        } else if let Some(actual) = inner.strip_prefix("actual") {
            number::fields(text, actual, |key, value| actual_figure(node, text, key, value))?;
            if node.actual_rows.is_none() || node.actual_loops.is_none() {
                return Err(Mistake::at(text, after, "rows= and loops= before it"));
            }
        } else {
            number::fields(text, inner, |key, value| estimate(node, text, key, value))?;
        }
        rest = after.trim_start();
    }
    // What people write behind a line (`<-- here!`) is theirs.
    Ok(())
}

fn estimate(node: &mut PlanNode, text: &str, key: &str, value: &str) -> Result<(), Mistake> {
    match key {
        "cost" => (node.startup_cost, node.total_cost) = number::range(text, value)?,
        "rows" => node.plan_rows = Some(number::number(text, value)?),
        "width" => node.plan_width = Some(number::number(text, value)?),
        _ => return Err(Mistake::at(text, key, "cost=, rows= or width=")),
    }
    Ok(())
}

fn actual_figure(node: &mut PlanNode, text: &str, key: &str, value: &str) -> Result<(), Mistake> {
    match key {
        "time" => (node.actual_startup_ms, node.actual_total_ms) = number::range(text, value)?,
        "rows" => node.actual_rows = Some(number::number(text, value)?),
        "loops" => node.actual_loops = Some(number::number(text, value)?),
        _ => return Err(Mistake::at(text, key, "time=, rows= or loops=")),
    }
    Ok(())
}
