//! A plan as a Mermaid flowchart, which GitHub and many editors draw: the rows flow from the scans at the bottom to the root on top.
//!
//! Syntax: <https://mermaid.js.org/syntax/flowchart.html>. Labels stand in double quotes, and what would end them or be read as markup
//! is written as an entity code.

use super::{PlanTree, Row};
use crate::units;

/// The flowchart, ended by a newline.
pub fn draw(tree: &PlanTree) -> String {
    let mut lines = vec!["flowchart BT".to_owned()];
    for (place, row) in tree.rows.iter().enumerate() {
        lines.push(format!("    n{place}[\"{}\"]", label(tree, row)));
    }
    for (place, (row, parent)) in tree.rows.iter().zip(tree.parents()).enumerate() {
        lines.extend(parent.map(|parent| format!("    n{place} {} n{parent}", edge(tree, row))));
        if row.node.is_none() {
            lines.push(format!("    n{place} -.- n0"));
        }
    }
    lines.push("    classDef worst fill:#cf3e34,stroke:#cf3e34,color:#ffffff".to_owned());
    lines.push("    classDef never stroke-dasharray:4 4,opacity:0.5".to_owned());
    for (place, row) in tree.rows.iter().enumerate() {
        lines.extend(row.worst.then(|| format!("    class n{place} worst")));
        lines.extend((!row.executed).then(|| format!("    class n{place} never")));
    }
    lines.join("\n") + "\n"
}

/// The name, then the own time or cost, then how far the estimate is off.
fn label(tree: &PlanTree, row: &Row) -> String {
    let mut parts = vec![row.name.whole()];
    match row {
        row if !row.executed => parts.push("never executed".to_owned()),
        row if tree.timed => {
            parts.extend(row.own_ms.map(|ms| format!("{}, {}", units::ms(ms), units::percent(row.share))));
        }
        row if !tree.analyzed => parts.extend(row.cost.map(|cost| format!("cost {}", units::amount(cost)))),
        _ => {}
    }
    if let Some(estimate) = row.estimate.filter(|estimate| estimate.factor >= OFF) {
        let than = if estimate.under { "more" } else { "fewer" };
        parts.push(format!("{} {than} rows than planned", units::times(estimate.factor)));
    }
    parts.extend(row.blocks.filter(|blocks| *blocks > 0).map(|blocks| units::counted(blocks, "block", "blocks")));
    parts.iter().map(|part| escaped(part)).collect::<Vec<_>>().join("<br/>")
}

/// Estimates that are further off are worth a word.
const OFF: f64 = 10.0;

/// With the rows that go up; dotted where they do not go up as rows of an input.
fn edge(tree: &PlanTree, row: &Row) -> String {
    let rows = if tree.analyzed { row.rows } else { row.planned };
    let arrow = if row.name.role.is_some() { "-.->" } else { "-->" };
    match rows {
        Some(rows) => format!("{arrow}|\"{}\"|", units::amount(rows)),
        None => arrow.to_owned(),
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("#quot;"),
            '<' => out.push_str("#lt;"),
            '>' => out.push_str("#gt;"),
            '#' => out.push_str("#35;"),
            '&' => out.push_str("#amp;"),
            '`' => out.push_str("#96;"),
            '\\' => out.push_str("#92;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
