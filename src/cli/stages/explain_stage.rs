//! The slow endpoints explained, on a clone that is worn by it.

use std::collections::BTreeMap;

use crate::bench::solo::Measured;
use crate::cli::laboratory::Laboratory;
use crate::cli::ui::Console;
use crate::db::{Connection, Target};
use crate::explain::endpoint::{StatementPlan, for_report, study_call};
use crate::explain::endpoint_tips::{self, Call};
use crate::explain::expectation;
use crate::explain::study::Study;
use crate::report::model::{AdviceRun, ExplainedEndpoint};

use super::Bound;

/// Endpoints that a report explains at most; the rest of the slow ones are advised all the same.
pub const MOST_EXPLAINED: usize = 10;
/// Statements that take less of their endpoint's time are left out of a report.
const SMALLEST_SHARE: f64 = 0.01;

/// Plans of the typical calls of some endpoints, by place in the workload.
pub type Plans = BTreeMap<usize, Vec<StatementPlan>>;

/// Explains the typical calls of the endpoints at `places` on a clone, which is worn by it. The clone stays for the trial, unless
/// this fails.
pub async fn explain(
    laboratory: &mut Laboratory,
    clone: &str,
    bound: &Bound,
    places: &[usize],
    typical_calls: &[u64],
    study: Study,
    console: &Console,
) -> anyhow::Result<Plans> {
    let target = laboratory.lab.clone_target(clone);
    let plans = explain_on(&target, bound, (places, typical_calls), study, console).await;
    if plans.is_err() {
        laboratory.lab.drop_clone(clone).await?;
    }
    plans
}

async fn explain_on(
    target: &Target,
    bound: &Bound,
    (places, typical_calls): (&[usize], &[u64]),
    study: Study,
    console: &Console,
) -> anyhow::Result<Plans> {
    let stage = console.stage("explain");
    let mut connection = Connection::open(target).await?;
    let mut plans = Plans::new();
    for (number, place) in places.iter().enumerate() {
        let endpoint = &bound.workload.endpoints[*place];
        stage.at(number as f64 / places.len() as f64, &endpoint.label);
        if let Some(draw) = endpoint.draws.draw(typical_calls[*place]) {
            plans.insert(*place, study_call(&mut connection, &bound.catalog, endpoint, &draw, study).await?);
        }
    }
    connection.close().await;
    Ok(plans)
}

/// The explained endpoints as a report has them, slowest first, with the plans after where there are any.
pub async fn explained(
    laboratory: &Laboratory,
    bound: &Bound,
    measured: &Measured,
    places: &[usize],
    mut before: Plans,
    advice: &AdviceRun,
    mut after: Plans,
) -> anyhow::Result<Vec<ExplainedEndpoint>> {
    let mut connection = Connection::open(&laboratory.lab.target()).await?;
    let mut explained = Vec::new();
    for place in places.iter().take(MOST_EXPLAINED) {
        let endpoint = &bound.workload.endpoints[*place];
        let Some(plans) = before.remove(place) else { continue };
        let mut statements =
            for_report(&mut connection, endpoint, &measured.run.endpoints[*place], plans, SMALLEST_SHARE).await?;
        expectation::add_after(&mut statements, after.remove(place).unwrap_or_default(), &endpoint.label, &advice.keep);
        let call = Call::new(&endpoint.steps, &statements, Some(&measured.run.endpoints[*place]));
        let findings = endpoint_tips::check(&call);
        explained.push(ExplainedEndpoint { label: endpoint.label.clone(), statements, findings, ..ExplainedEndpoint::default() });
    }
    connection.close().await;
    Ok(explained)
}
