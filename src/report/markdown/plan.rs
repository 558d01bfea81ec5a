//! A plan on the page: as a tree, with PostgreSQL's own text to be opened below it.

use super::super::model::ExplainedPlan;
use super::super::plan_tree::{PlanPicture, PlanTree, layout};
use super::super::terminal::Screen;
use super::text::{block, fold};
use crate::units;

/// Characters in a line of a code block on GitHub's page.
const PAGE: Screen = Screen { width: 110, color: false, ascii: false };
/// Trees and texts of more lines are folded.
const LINES_SHOWN: usize = 30;
/// A text of so few nodes says at a glance what a tree would.
const NODES_IN_TEXT: usize = 2;

/// The tree with the text folded below it; of a small plan the text alone. What is long is folded as a whole.
pub(super) fn plan(plan: &ExplainedPlan) -> Vec<String> {
    blocks(plan, LINES_SHOWN)
}

/// The same for a place that is folded already.
pub(super) fn opened(plan: &ExplainedPlan) -> Vec<String> {
    blocks(plan, usize::MAX)
}

fn blocks(plan: &ExplainedPlan, lines_shown: usize) -> Vec<String> {
    let text = plan.text.trim_matches('\n');
    if text.trim().is_empty() {
        return Vec::new();
    }
    match PlanTree::of(plan, &[]).filter(|tree| tree.rows.len() > NODES_IN_TEXT) {
        Some(tree) => {
            let drawn = layout::text(&tree, PAGE);
            let nodes = units::counted(tree.rows.len() as u64, "node", "nodes");
            let text = fold("The plan as PostgreSQL prints it", &block("", text));
            vec![unless_long(&drawn, lines_shown, &format!("The plan ({nodes})")), text]
        }
        None => vec![unless_long(text, lines_shown, &format!("The plan ({} lines)", text.lines().count()))],
    }
}

fn unless_long(drawn: &str, lines_shown: usize, summary: &str) -> String {
    if drawn.lines().count() > lines_shown { fold(summary, &block("", drawn)) } else { block("", drawn) }
}

/// The picture of a plan, which stands before it.
pub(super) fn picture(picture: &PlanPicture) -> String {
    let shows: String = picture.shows.chars().map(|c| if "[]\\<>`".contains(c) { ' ' } else { c }).collect();
    format!("![{shows}]({})", picture.file)
}
