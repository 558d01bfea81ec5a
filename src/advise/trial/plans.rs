//! Plans on the trial clone as it stands, and the indexes they use.

use std::collections::{BTreeMap, BTreeSet};

use crate::advise::AdviseError;
use crate::advise::used::used_names;
use crate::bench::draw::Draw;
use crate::bench::workload::BoundEndpoint;
use crate::db::catalog::Catalog;
use crate::db::{Connection, Target, read_catalog};
use crate::explain::endpoint::{StatementPlan, explain_steps};
use crate::explain::study::Study;

use super::Trial;
use super::undo::roll_back;

/// Of the typical calls, by place in the workload.
pub type Plans = BTreeMap<usize, Vec<StatementPlan>>;
/// Names of the indexes that each endpoint's plans use, implied statements included.
pub type Used = BTreeMap<usize, BTreeSet<String>>;

/// A second call of an endpoint that takes longer than this is not asked for its plan, ms.
const SLOW_MS: f64 = 100.0;

/// The plan of the typical call of each endpoint at `places`, and the indexes used by it and by the first call of the draw. An endpoint whose statements the server refuses has the plans up to there.
///
/// # Errors
/// When the connection is lost.
pub async fn plans_of(trial: &Trial<'_>, places: &[usize]) -> Result<(Plans, Used), AdviseError> {
    let mut connection = Connection::open(&trial.target).await?;
    let catalog = read_catalog(&mut connection).await?;
    let (mut plans, mut used) = (Plans::new(), Used::new());
    for place in places {
        let endpoint = &trial.workload.endpoints[*place];
        let names = used.entry(*place).or_default();
        for call in [trial.typical_calls[*place], 0] {
            let Some(draw) = endpoint.draws.draw(call) else { continue };
            let found = explained(&mut connection, &catalog, endpoint, &draw).await?;
            names.extend(found.iter().flat_map(used_names));
            let elapsed: f64 = found.iter().map(|statement| statement.explained.execution_ms).sum();
            plans.entry(*place).or_insert(found);
            if elapsed > SLOW_MS {
                break;
            }
        }
    }
    connection.close().await;
    Ok((plans, used))
}

/// Names of the indexes that the plans of one call use.
///
/// # Errors
/// When the connection is lost.
pub async fn used_by(target: &Target, endpoint: &BoundEndpoint, draw: &Draw) -> Result<BTreeSet<String>, AdviseError> {
    let mut connection = Connection::open(target).await?;
    let catalog = read_catalog(&mut connection).await?;
    let found = explained(&mut connection, &catalog, endpoint, draw).await?;
    connection.close().await;
    Ok(found.iter().flat_map(used_names).collect())
}

async fn explained(
    connection: &mut Connection,
    catalog: &Catalog,
    endpoint: &BoundEndpoint,
    draw: &Draw,
) -> Result<Vec<StatementPlan>, AdviseError> {
    connection.batch("BEGIN").await?;
    let plans = explain_steps(connection, catalog, endpoint, draw, Study::PLANS).await;
    roll_back(connection).await?;
    Ok(plans?)
}
