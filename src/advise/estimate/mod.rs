//! Advice that rests on the planner's word alone, for a database in which nothing may be built, executed or written.
//!
//! ```text
//! endpoints ─ EXPLAIN ─> plans ─ as if executed ─> propose ─> candidates ─┬─ HypoPG: planned with and without ─┬─> AdviceRun, Estimated
//!                                                                         └─ else: what the scans cost ────────┘
//! ```
//!
//! Every statement is planned with parameters that the scenario samples; one whose parameters come from the rows of another statement,
//! which is not executed, is planned for any values. What foreign keys do behind a DELETE is planned, too: the DELETE's own cost leaves it
//! out. All of it is an estimate and says so.

mod assumed;
mod by_cost;
mod hypothetical;
mod planned;

use crate::bench::workload::Workload;
use crate::db::Connection;
use crate::db::catalog::Catalog;
use crate::report::model::{AdviceRun, EstimatedEndpoint, Evidence, KeptIndex, RejectedIndex};
use crate::scenario::model::AdviseOptions;

use super::AdviseError;
use super::candidate::{Candidate, Candidates};
use super::propose::propose;
use super::select::because;
use assumed::RowCounts;
use planned::{Planned, plan_all};

/// What is estimated: a scenario's endpoints on a database.
pub struct Estimating<'a> {
    pub workload: &'a Workload,
    pub catalog: &'a Catalog,
    pub options: &'a AdviseOptions,
}

/// How candidates were judged.
struct Judged {
    keep: Vec<KeptIndex>,
    rejected: Vec<RejectedIndex>,
    /// Cost of each planned statement with the kept indexes.
    after: Vec<f64>,
    note: String,
}

/// A candidate with the planned statements that it was proposed for.
struct Proposed {
    candidate: Candidate,
    /// Places among the planned statements.
    by: Vec<usize>,
}

/// Proposes indexes from estimated plans and keeps those that the planner expects to pay. Only plans are asked for; the session should be
/// read-only.
///
/// # Errors
/// When the connection is lost, or a plan cannot be read.
pub async fn estimate(
    connection: &mut Connection,
    asked: &Estimating<'_>,
    progress: &mut dyn FnMut(f64, String),
) -> Result<AdviceRun, AdviseError> {
    let rows = RowCounts::read(connection).await?;
    progress(0.0, "planning".to_owned());
    let (planned, mut notes) = plan_all(connection, asked.workload, asked.catalog, &rows).await?;
    let proposed = proposals(asked, &planned);
    progress(0.3, "what the planner makes of candidates".to_owned());
    let judged = match hypothetical::schema(connection).await? {
        Some(schema) => hypothetical::judge(connection, &schema, asked, &planned, proposed).await?,
        None => by_cost::judge(connection, asked, &planned, proposed).await?,
    };
    notes.push(judged.note);
    let before: Vec<f64> = planned.iter().map(|statement| statement.cost).collect();
    Ok(AdviceRun {
        evidence: Evidence::Estimated,
        total_bytes: judged.keep.iter().map(|index| index.bytes).sum(),
        keep: judged.keep,
        rejected: judged.rejected,
        estimates: estimates(asked.workload, &planned, &before, &judged.after),
        rounds: 1,
        notes,
        ..AdviceRun::default()
    })
}

fn proposals(asked: &Estimating<'_>, planned: &[Planned]) -> Vec<Proposed> {
    let mut all = Candidates::default();
    let mut by: Vec<Vec<usize>> = Vec::new();
    for (number, statement) in planned.iter().enumerate() {
        let label = &asked.workload.endpoints[statement.place].label;
        for candidate in propose(&statement.plan, &[], None, asked.catalog) {
            if candidate.exists_in(asked.catalog) {
                continue;
            }
            let known = candidate.clone();
            all.add(candidate, label);
            by.resize(all.list.len(), Vec::new());
            let place = all.list.iter().position(|other| other.same_as(&known));
            if let Some(place) = place.filter(|place| by[*place].last() != Some(&number)) {
                by[place].push(number);
            }
        }
    }
    all.list.into_iter().zip(by).map(|(candidate, by)| Proposed { candidate, by }).collect()
}

/// The mean cost of a call of each endpoint that was planned, in the order of the scenario.
fn estimates(workload: &Workload, planned: &[Planned], before: &[f64], after: &[f64]) -> Vec<EstimatedEndpoint> {
    let endpoints = workload.endpoints.iter().enumerate();
    let cost = |place: usize, costs: &[f64]| endpoint_cost(planned, costs, place);
    endpoints
        .filter(|(place, _)| planned.iter().any(|statement| statement.place == *place))
        .map(|(place, endpoint)| EstimatedEndpoint {
            label: endpoint.label.clone(),
            route: endpoint.route.clone(),
            before_cost: cost(place, before),
            after_cost: cost(place, after),
        })
        .collect()
}

/// Of one call of the endpoint, where `costs` are those of the planned statements: each by how often it runs, over the calls planned.
fn endpoint_cost(planned: &[Planned], costs: &[f64], place: usize) -> f64 {
    let own = || planned.iter().zip(costs).filter(move |(statement, _)| statement.place == place);
    own().map(|(statement, cost)| statement.weight * cost).sum()
}

/// The name that PostgreSQL's convention gives a candidate where nothing of that name is.
fn name_of(candidate: &Candidate, catalog: &Catalog, keep: &[KeptIndex]) -> String {
    candidate.name(&|name| catalog.indexes.iter().any(|index| index.name == name) || keep.iter().any(|index| index.name == name))
}
