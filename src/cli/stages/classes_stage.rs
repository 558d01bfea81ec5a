//! The endpoints under other choices of their parameters, on a clone that is worn by it.

use crate::bench::classes::{self, Class};
use crate::bench::live::Stop;
use crate::bench::rounds::TimeBox;
use crate::bench::{BenchError, Workload};
use crate::cli::laboratory::Laboratory;
use crate::cli::ui::Console;
use crate::db::Connection;
use crate::report::model::BenchRun;

/// Times every endpoint under the classes on a clone that is dropped afterwards, and adds them to the run. Each class has the time
/// that the bench had.
pub async fn classes(
    laboratory: &mut Laboratory,
    wanted: &[Class],
    run: &mut BenchRun,
    (time, stop): (TimeBox, &Stop),
    console: &Console,
) -> anyhow::Result<()> {
    let stage = console.stage("classes");
    let workload = bind(laboratory).await?;
    let clone = laboratory.lab.clone_seeded("classes").await?;
    let target = laboratory.lab.clone_target(&clone);
    let time = TimeBox { total: time.total * u32::try_from(wanted.len()).unwrap_or(1), ..time };
    let progress = &mut |share| stage.at(share, "parameters by class, in turn");
    let measured = classes::run(&laboratory.scenario, &workload, &target, wanted, (time, stop), progress).await;
    laboratory.lab.drop_clone(&clone).await?;
    for (endpoint, classes) in run.endpoints.iter_mut().zip(measured?) {
        endpoint.classes = classes;
    }
    Ok(())
}

/// With rows from all over the tables, as for a load.
async fn bind(laboratory: &Laboratory) -> anyhow::Result<Workload> {
    let mut connection = Connection::open(&laboratory.lab.target()).await?;
    let workload = Workload::bind_for_load(&laboratory.scenario, &mut connection).await;
    connection.close().await;
    match workload {
        Ok(workload) => Ok(workload),
        Err(BenchError::Problems(problems)) => Err(laboratory.mistakes(problems)),
        Err(error) => Err(error.into()),
    }
}
