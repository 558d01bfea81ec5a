//! The server's side of a bench.

use crate::bench::live::Stop;
use crate::bench::server_side;
use crate::cli::laboratory::Laboratory;
use crate::cli::stages::Bound;
use crate::cli::ui::Console;
use crate::report::model::BenchRun;

/// Adds what the server did for each endpoint, measured on a copy of its own.
pub async fn add(
    laboratory: &mut Laboratory,
    bound: &Bound,
    run: &mut BenchRun,
    stop: &Stop,
    console: &Console,
) -> anyhow::Result<()> {
    let stage = console.stage("server");
    let clone = laboratory.lab.clone_seeded("server").await?;
    let target = laboratory.lab.clone_target(&clone);
    let told = &mut |share| stage.at(share, "what the server does for each endpoint");
    let measured = server_side::measure(&bound.workload, &target, stop, told).await;
    laboratory.lab.drop_clone(&clone).await?;
    for (endpoint, found) in run.endpoints.iter_mut().zip(measured?) {
        endpoint.server_side = found;
    }
    Ok(())
}
