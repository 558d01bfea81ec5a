//! A plan on the page: as a tree, with PostgreSQL's own text to be opened below it.

use super::super::model::ExplainedPlan;
use super::super::plan_tree::{PlanPicture, PlanTree, layout};
use super::super::terminal::Screen;
use super::joined;
use super::text::{LINE, block, fold};
use crate::units;

/// A code block on GitHub's page.
const PAGE: Screen = Screen { width: LINE, color: false, ascii: false };
/// Trees and texts of more lines are folded.
const LINES_SHOWN: usize = 16;
/// A text of so few nodes says at a glance what a tree would, unless its lines are cut off.
const NODES_IN_TEXT: usize = 2;

/// The tree with the text folded below it, and under that what else there is to know of how it was timed; of a small plan the text
/// alone. What is long is folded as a whole, and so is what stands in a picture already.
pub(super) fn plan(plan: &ExplainedPlan, pictured: bool, timed: &str) -> Vec<String> {
    blocks(plan, if pictured { 0 } else { LINES_SHOWN }, timed)
}

/// The same for a place that is folded already.
pub(super) fn opened(plan: &ExplainedPlan) -> Vec<String> {
    blocks(plan, usize::MAX, "")
}

fn blocks(plan: &ExplainedPlan, lines_shown: usize, timed: &str) -> Vec<String> {
    let text = plan.text.trim_matches('\n');
    if text.trim().is_empty() {
        return vec![timed.to_owned()];
    }
    let and_clocks = if timed.is_empty() { "" } else { ", and three clocks" };
    let fits = text.lines().all(|line| line.chars().count() <= PAGE.width);
    match PlanTree::of(plan, &[]).filter(|tree| tree.rows.len() > NODES_IN_TEXT || (tree.rows.len() > 1 && !fits)) {
        Some(tree) => {
            let drawn = layout::text(&tree, PAGE);
            let text =
                fold(&format!("The plan as PostgreSQL prints it{and_clocks}"), &joined(&[block("", text), timed.to_owned()]));
            match drawn.lines().count() > lines_shown {
                true => vec![fold(&summary(&tree), &joined(&[block("", &drawn), text]))],
                false => vec![block("", &drawn), text],
            }
        }
        None => {
            let lines = text.lines().count();
            let clocks = if timed.is_empty() { String::new() } else { fold("Three clocks", timed) };
            vec![
                if lines > lines_shown { fold(&format!("The plan ({lines} lines)"), &block("", text)) } else { block("", text) },
                clocks,
            ]
        }
    }
}

/// What matters of a plan that is folded: `The plan (12 nodes): 74% of the time in Seq Scan on song_history, 919,039 rows`.
fn summary(tree: &PlanTree) -> String {
    let nodes = units::counted(tree.rows.len() as u64, "node", "nodes");
    let worst = tree.rows.iter().find(|row| row.worst).filter(|_| tree.timed);
    let most =
        worst.map_or_else(String::new, |row| format!(": {} of the time in {}", units::percent(row.share), row.name.whole()));
    format!("The plan ({nodes}){most}")
}

/// Whether two plans do the same, whatever they met: the same nodes in the same places.
pub(super) fn same_shape(one: &ExplainedPlan, other: &ExplainedPlan) -> bool {
    let shape = |plan: &ExplainedPlan| {
        let tree = PlanTree::of(plan, &[])?;
        Some(tree.rows.iter().map(|row| (row.guides.depth(), row.name.whole())).collect::<Vec<_>>())
    };
    matches!((shape(one), shape(other)), (Some(one), Some(other)) if one == other)
}

/// The picture of a plan, which stands before it.
pub(super) fn picture(picture: &PlanPicture) -> String {
    let shows: String = picture.shows.chars().map(|c| if "[]\\<>`".contains(c) { ' ' } else { c }).collect();
    format!("![{shows}]({})", picture.file)
}
