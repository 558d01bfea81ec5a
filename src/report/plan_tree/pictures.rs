//! The pictures of a report: which plans are worth one.

use super::{PlanTree, svg};
use crate::report::model::{ExplainedEndpoint, ExplainedStatement};
use crate::report::wording::one_line;
use crate::units;

/// A report shows no more of them; the trees say the same of the others.
const MOST: usize = 3;
/// Plans of fewer rows are understood without a picture.
const FEWEST_ROWS: usize = 4;
/// Statements that are faster are not what a report is about.
const LEAST_MS: f64 = 1.0;

/// A drawn plan of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanPicture {
    /// Place of the endpoint among those explained, from 0.
    pub endpoint: usize,
    /// From 1.
    pub step: usize,
    /// `plan-1-3.svg`
    pub file: String,
    /// For who cannot see it.
    pub shows: String,
    pub svg: String,
}

/// The pictures of the plans that took longest, in the order of the endpoints.
pub fn pictures(explained: &[ExplainedEndpoint]) -> Vec<PlanPicture> {
    let all = explained.iter().enumerate();
    let mut plans: Vec<(usize, &str, &ExplainedStatement)> = all
        .flat_map(|(place, endpoint)| endpoint.statements.iter().map(move |one| (place, endpoint.label.as_str(), one)))
        .collect();
    plans.retain(|(_, _, statement)| statement.before.execution_ms >= LEAST_MS);
    plans.sort_by(|a, b| b.2.before.execution_ms.total_cmp(&a.2.before.execution_ms));
    let mut pictures: Vec<PlanPicture> =
        plans.into_iter().filter_map(|(place, label, statement)| picture(place, label, statement)).take(MOST).collect();
    pictures.sort_by_key(|picture| (picture.endpoint, picture.step));
    pictures
}

fn picture(endpoint: usize, label: &str, statement: &ExplainedStatement) -> Option<PlanPicture> {
    let tree = PlanTree::of(&statement.before, &[]).filter(|tree| tree.timed && tree.rows.len() >= FEWEST_ROWS)?;
    let step = statement.step;
    let title = format!("{}, statement {step}: {}", one_line(label), units::ms(statement.before.execution_ms));
    let svg = svg::draw(&tree, &title)?;
    let shows = format!("{title}, by node of its plan");
    Some(PlanPicture { endpoint, step, file: format!("plan-{}-{step}.svg", endpoint + 1), shows, svg })
}
