//! Endpoints that fit the database; one that does not is named and spoils nothing for the others.

use crate::bench::BenchError;
use crate::bench::workload::{LeftOut, Workload};
use crate::cli::ui::Console;
use crate::db::{Connection, read_catalog};
use crate::scenario::error::{ScenarioError, ScenarioErrors};
use crate::scenario::model::{Endpoint, Scenario};

use super::Bound;

/// Reads the catalog and binds the endpoints that fit; `scenario` keeps those alone. What was left out and why is told on stderr at once,
/// and comes back in sentences for the advice.
///
/// # Errors
/// When no endpoint fits, with every mistake; when the server fails.
pub async fn bind_what_fits(
    scenario: &mut Scenario,
    connection: &mut Connection,
    console: &Console,
) -> anyhow::Result<(Bound, Vec<String>)> {
    let catalog = read_catalog(connection).await?;
    let (workload, left_out) = Workload::bind_what_fits(scenario, connection).await.map_err(|error| match error {
        BenchError::Problems(problems) => mistakes(scenario, problems).into(),
        other => anyhow::Error::from(other),
    })?;
    if workload.endpoints.is_empty() {
        return Err(mistakes(scenario, left_out.into_iter().flat_map(|left_out| left_out.problems).collect()).into());
    }
    for endpoint in &left_out {
        console.note(format!("left out: {}\n{}", endpoint.label, shown(scenario, endpoint)));
    }
    let notes = left_out.iter().map(|endpoint| note(scenario, endpoint)).collect();
    let mut place = 0;
    let was_loaded = !scenario.load.is_empty();
    let all = scenario.endpoints.clone();
    scenario.endpoints.retain(|_| {
        place += 1;
        !left_out.iter().any(|endpoint| endpoint.place + 1 == place)
    });
    let kept = scenario.endpoints.clone();
    let named =
        |name: &str, among: &[Endpoint]| among.iter().any(|endpoint| endpoint.label() == name || endpoint.route.value == name);
    scenario.load.retain_mut(|phase| {
        let of_all = phase.endpoints.is_empty();
        phase.endpoints.retain(|name| named(&name.value, &kept) || !named(&name.value, &all));
        of_all || !phase.endpoints.is_empty()
    });
    if was_loaded && scenario.load.is_empty() {
        console.note("left out: the load, which calls none of the others");
    }
    Ok((Bound { workload, catalog }, notes))
}

fn mistakes(scenario: &Scenario, mut problems: Vec<crate::scenario::error::Problem>) -> ScenarioError {
    problems.sort();
    ScenarioError::Invalid(ScenarioErrors { source: scenario.source.clone(), problems })
}

/// As `perflab check` shows a mistake.
fn shown(scenario: &Scenario, endpoint: &LeftOut) -> String {
    ScenarioErrors { source: scenario.source.clone(), problems: endpoint.problems.clone() }.to_string()
}

fn note(scenario: &Scenario, endpoint: &LeftOut) -> String {
    let file = scenario.source.path.display();
    let said =
        endpoint.problems.iter().map(|problem| format!("{file}:{}:{}: {}", problem.at.line, problem.at.column, problem.message));
    format!("{} was left out: {}", endpoint.label, said.collect::<Vec<_>>().join("; "))
}
