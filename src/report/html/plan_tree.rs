//! A plan whose nodes fold: figures on the left in columns that stay aligned however deep the tree is, the nodes on the right.
//!
//! A node is a `details` with its conditions and its children in it, open at first. The bars are drawn with attributes, not styles, which
//! the page's policy forbids.

use super::escape;
use crate::report::plan_tree::{PlanTree, Row};
use crate::units;

/// Estimates that are off by less are as good as right; those that are off by more than the second are marked.
const AS_PLANNED: f64 = 2.0;
const OFF: f64 = 10.0;
/// Levels that are set in; deeper nodes stand below each other.
const DEEPEST: usize = 40;

/// The tree. `text` is the block of code that it stands for, which can be opened below it.
pub(super) fn draw(tree: &PlanTree, pointer: &str, text: &str) -> String {
    let columns = columns(tree);
    let mut html = format!(
        "<div class=\"plan\" data-run=\"{}\">\n<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Plan\"><div class=\"tree\">\n",
        escape::text(pointer)
    );
    html.push_str(&head(&columns));
    let mut open: Vec<usize> = Vec::new();
    for row in &tree.rows {
        let depth = row.guides.depth();
        while open.last().is_some_and(|above| *above >= depth || row.node.is_none()) {
            open.pop();
            html.push_str("</details>\n");
        }
        let line = line(row, &columns);
        if !row.guides.has_children && row.details.is_empty() {
            html.push_str(&format!("<div class=\"{}\">{line}</div>\n", class(row)));
            continue;
        }
        html.push_str(&format!("<details open class=\"node\"><summary class=\"{}\">{line}</summary>\n", class(row)));
        for detail in &row.details {
            html.push_str(&below(row, &columns, &detail.label, &detail.text));
        }
        open.push(depth);
    }
    html.push_str(&"</details>\n".repeat(open.len()));
    html.push_str("</div></div>\n");
    html.push_str(&whole(tree));
    html.push_str(&format!(
        "<details class=\"astext\"><summary>As text</summary>\n<div class=\"code\"><pre tabindex=\"0\"><code>{}</code></pre></div>\n</details>\n</div>\n",
        escape::text(text.trim_end())
    ));
    html
}

/// A column of figures: its title, its class and what stands in a row.
struct Column {
    title: &'static str,
    class: &'static str,
    cell: Box<dyn Fn(&Row) -> String>,
}

/// Those in which something stands.
fn columns(tree: &PlanTree) -> Vec<Column> {
    let column = |title, class, cell: Box<dyn Fn(&Row) -> String>| Column { title, class, cell };
    let amount = |value: Option<f64>| value.map(units::amount).unwrap_or_default();
    let mut columns = Vec::new();
    if tree.timed {
        columns.push(column("ms", "n", Box::new(|row| row.own_ms.map(units::figure).unwrap_or_default())));
        columns.push(column("share", "bar", Box::new(bar)));
    }
    if tree.analyzed {
        columns.push(column("rows", "n", Box::new(move |row| amount(row.rows))));
        columns.push(column("planned", "n", Box::new(move |row| amount(row.planned.filter(|_| row.executed)))));
        columns.push(column("off by", "off", Box::new(off)));
        let looped = tree.rows.iter().any(|row| row.loops > 1.0);
        columns.push(column(
            "loops",
            "n",
            Box::new(move |row| amount(row.node.filter(|_| looped && row.executed).map(|_| row.loops))),
        ));
        columns.push(column("blocks", "n", Box::new(|row| row.blocks.map(units::count).unwrap_or_default())));
    } else {
        columns.push(column("cost", "n", Box::new(|row| row.cost.map(|cost| units::decimal(cost, 2)).unwrap_or_default())));
        columns.push(column("planned", "n", Box::new(move |row| amount(row.planned))));
    }
    columns.retain(|column| tree.rows.iter().any(|row| !(column.cell)(row).is_empty()));
    columns
}

fn bar(row: &Row) -> String {
    let Some(_) = row.own_ms else { return String::new() };
    let length = row.share.clamp(0.0, 1.0) * 100.0;
    format!(
        "<svg width=\"52\" height=\"9\" viewBox=\"0 0 100 9\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"of\" width=\"100\" height=\"9\"/><rect class=\"own\" width=\"{length:.1}\" height=\"9\"/></svg>{}",
        escape::text(&units::percent(row.share))
    )
}

fn off(row: &Row) -> String {
    let Some(estimate) = row.estimate.filter(|estimate| estimate.factor >= AS_PLANNED) else { return String::new() };
    let text = format!("{} {}", units::times(estimate.factor), if estimate.under { "under" } else { "over" });
    if estimate.factor >= OFF { format!("<b>{text}</b>") } else { text }
}

fn class(row: &Row) -> &'static str {
    match row {
        row if row.worst => "row worst",
        row if !row.executed => "row never",
        _ => "row",
    }
}

fn head(columns: &[Column]) -> String {
    let cells: String =
        columns.iter().map(|column| format!("<span class=\"{}\">{}</span>", column.class, column.title)).collect();
    format!("<div class=\"row head\">{cells}<span class=\"name\">node</span></div>\n")
}

/// The figures and the name.
fn line(row: &Row, columns: &[Column]) -> String {
    let cell = |column: &Column| {
        let text = (column.cell)(row);
        let text = if ["bar", "off"].contains(&column.class) { text } else { escape::text(&text) };
        format!("<span class=\"{}\">{text}</span>", column.class)
    };
    let figures: String = columns.iter().map(cell).collect();
    let name = escape::text(&units::printable(&row.name.whole()));
    let never = if row.executed { "" } else { " <em>never executed</em>" };
    let worst = if row.worst { " title=\"The most time of its own\"" } else { "" };
    format!("{figures}<span class=\"name\">{}<span class=\"what\"{worst}>{name}{never}</span></span>", guides(row, false))
}

/// A line below a node's name.
fn below(row: &Row, columns: &[Column], label: &str, text: &str) -> String {
    let empty: String = columns.iter().map(|column| format!("<span class=\"{}\"></span>", column.class)).collect();
    let colon = if text.is_empty() { "" } else { ": " };
    let said = escape::text(&units::printable(&format!("{label}{colon}{text}")));
    format!(
        "<div class=\"row detail\">{empty}<span class=\"name\">{}<span class=\"what\">{said}</span></span></div>\n",
        guides(row, true)
    )
}

/// The lines that join a node to its parent; below its name those that pass by.
fn guides(row: &Row, below: bool) -> String {
    let follows = &row.guides.follows;
    let shown = &follows[follows.len().saturating_sub(DEEPEST)..];
    let Some((own, above)) = shown.split_last() else {
        return if below { passing(row.guides.has_children).to_owned() } else { String::new() };
    };
    let above: String = above.iter().map(|follows| passing(*follows)).collect();
    match below {
        true => format!("{above}{}{}", passing(*own), passing(row.guides.has_children)),
        false => format!("{above}<i class=\"{}\"></i>", if *own { "branch" } else { "last" }),
    }
}

fn passing(follows: bool) -> &'static str {
    if follows { "<i class=\"pass\"></i>" } else { "<i></i>" }
}

/// What the statement took in all.
fn whole(tree: &PlanTree) -> String {
    let parts = [("planning", tree.planning_ms), ("JIT", tree.jit_ms), ("execution", tree.execution_ms)];
    let said: Vec<String> = parts.iter().filter_map(|(name, ms)| Some(format!("{name} {}", units::ms((*ms)?)))).collect();
    if said.is_empty() { String::new() } else { format!("<p class=\"total\">{}</p>\n", escape::text(&said.join(", "))) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::fixtures;

    /// Every plan of the collection is well formed, and every node is there.
    #[test]
    fn every_plan_is_drawn_whole() {
        for (name, plan) in fixtures::all() {
            let tree = PlanTree::of_plan(&plan, &[]);
            let html = draw(&tree, "/explained/0", "the <text>");
            assert_eq!(html.matches("<details").count(), html.matches("</details>").count(), "{name}");
            assert_eq!(
                html.matches("class=\"what\"").count(),
                tree.rows.iter().map(|row| 1 + row.details.len()).sum::<usize>(),
                "{name}"
            );
            assert!(html.contains("the &lt;text&gt;") && !html.contains("style="), "{name}");
        }
    }
}
