//! Advice on a database that is not perflab's: read-only, planned and not executed.

use std::time::Instant;

use crate::advise::estimate::{Estimating, estimate};
use crate::cli::args::AdviseCommand;
use crate::cli::ui::Console;
use crate::db::{Connection, Target};
use crate::report::model::AdviceRun;
use crate::scenario::model::Scenario;

use crate::cli::stages::bind_what_fits;

/// Nobody shall wait in a queue behind perflab for longer than this.
const LOCK_TIMEOUT: &str = "2s";

/// Estimates what indexes would do for the scenario's endpoints. Of all statements only those that sample parameters are executed.
pub async fn advise(
    target: Target,
    mut scenario: Scenario,
    args: &AdviseCommand,
    console: &Console,
) -> anyhow::Result<AdviceRun> {
    anyhow::ensure!(!scenario.endpoints.is_empty(), "{} has no endpoints to advise", scenario.source.path.display());
    console.note(format!("using the database at {}, read-only: estimates, not measurements", target.described()));
    let started = Instant::now();
    let mut connection = Connection::open(&target).await?;
    let timeout = args.existing.timeout;
    connection
        .batch(&format!(
            "SET default_transaction_read_only = on; SET statement_timeout = {}; SET lock_timeout = '{LOCK_TIMEOUT}'",
            timeout.as_millis().clamp(1, i32::MAX as u128)
        ))
        .await?;
    let (bound, left_out) = bind_what_fits(&mut scenario, &mut connection, console).await?;
    let stage = console.stage("estimate");
    let asked = Estimating { workload: &bound.workload, catalog: &bound.catalog, options: &scenario.advise };
    let advice = estimate(&mut connection, &asked, &mut |share, what| stage.at(share, what)).await;
    connection.close().await;
    let mut advice = advice?;
    advice.notes.extend(left_out);
    advice.seconds = started.elapsed().as_secs_f64();
    Ok(advice)
}
