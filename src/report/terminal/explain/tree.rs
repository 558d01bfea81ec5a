//! A plan as a tree, or as PostgreSQL prints it when that was asked for.

use super::super::super::model::ExplainedPlan;
use super::super::super::plan_tree::{PlanTree, layout};
use super::super::super::tips::parted;
use super::super::PlanLayout;
use super::super::sheet::Sheet;

/// What the columns mean.
pub(super) const WHOSE_FIGURES: &str = "In the plans, ms, share and blocks are each node's own, without the nodes below it; rows are those of all \
                                        loops. [1] beside a node is the tip of that number.";

/// The plan; as text also when there is nothing to make a tree of.
pub(super) fn write(sheet: &mut Sheet, explained: &ExplainedPlan) {
    match tree(sheet, explained) {
        Some(tree) => sheet.laid_out(&layout::text(&tree, sheet.room())),
        None => sheet.plan(&explained.text),
    }
}

/// What the columns mean, when there are any to ask about.
pub(super) fn note(sheet: &mut Sheet, explained: &ExplainedPlan) {
    if tree(sheet, explained).is_some_and(|tree| tree.analyzed) {
        sheet.text(WHOSE_FIGURES);
    }
}

/// With the numbers under which the tips stand below the plan.
fn tree(sheet: &Sheet, explained: &ExplainedPlan) -> Option<PlanTree> {
    if sheet.plans().layout == PlanLayout::Text {
        return None;
    }
    PlanTree::of(explained, &parted(&explained.findings, sheet.plans().all_tips).shown)
}
