//! What a picture's bars stand for, and where each begins.

use crate::report::plan_tree::PlanTree;

/// What is drawn as length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    /// Own wall time, ms.
    Time,
    /// Blocks hit and read by the node itself, when nothing was timed.
    Blocks,
    /// The planner's cost without that of the nodes below, when nothing was executed.
    Cost,
}

/// A row's bar: from where, how long it is by itself, and together with what is below it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Span {
    pub(super) start: f64,
    pub(super) own: f64,
    pub(super) whole: f64,
}

impl Measure {
    pub(super) fn of(tree: &PlanTree) -> Measure {
        match tree {
            tree if tree.timed => Measure::Time,
            tree if tree.analyzed && tree.buffers => Measure::Blocks,
            _ => Measure::Cost,
        }
    }
}

/// One per row. A node's own part comes first, then its children one after the other, so that own parts cover the whole without
/// lying over each other.
pub(super) fn spans(tree: &PlanTree, measure: Measure) -> Vec<Span> {
    let own = own(tree, measure);
    let mut spans: Vec<Span> = own.iter().map(|own| Span { start: 0.0, own: *own, whole: *own }).collect();
    let parents = tree.parents();
    // Children stand behind their parents.
    for (place, parent) in parents.iter().enumerate().rev() {
        if let Some(parent) = parent {
            spans[*parent].whole += spans[place].whole;
        }
    }
    let mut filled: Vec<f64> = own;
    let mut end = 0.0;
    for place in 0..spans.len() {
        let start = match parents[place] {
            Some(parent) => {
                let start = spans[parent].start + filled[parent];
                filled[parent] += spans[place].whole;
                start
            }
            None => {
                let start = end;
                end += spans[place].whole;
                start
            }
        };
        spans[place].start = start;
    }
    spans
}

fn own(tree: &PlanTree, measure: Measure) -> Vec<f64> {
    let usable = |x: f64| if x.is_finite() { x.max(0.0) } else { 0.0 };
    match measure {
        Measure::Time => tree.rows.iter().map(|row| usable(row.own_ms.unwrap_or(0.0))).collect(),
        Measure::Blocks => tree.rows.iter().map(|row| row.blocks.unwrap_or(0) as f64).collect(),
        Measure::Cost => {
            let mut own: Vec<f64> = tree.rows.iter().map(|row| usable(row.cost.unwrap_or(0.0))).collect();
            let whole = own.clone();
            for (place, parent) in tree.parents().into_iter().enumerate() {
                if let Some(parent) = parent {
                    own[parent] = (own[parent] - whole[place]).max(0.0);
                }
            }
            own
        }
    }
}
