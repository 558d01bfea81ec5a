//! The stages of a run as commands string them together: each with its clone, its progress line and its wall time.

use std::time::Instant;

use crate::advise;
use crate::bench::live::{Live, Stop};
use crate::bench::placement;
use crate::bench::rounds::TimeBox;
use crate::bench::solo::{self, Measured};
use crate::bench::{BenchError, Workload};
use crate::db::catalog::Catalog;
use crate::db::{Connection, read_catalog};
use crate::report::model::Stage;

use crate::cli::args::TimeArgs;
use crate::cli::laboratory::Laboratory;
use crate::cli::ui::Console;

mod advise_stage;
mod binding;
mod classes_stage;
mod explain_stage;
mod indexes;
mod plan_classes_stage;
mod statement_stage;

pub use advise_stage::{choose, prove};
pub use binding::bind_what_fits;
pub use classes_stage::classes;
pub use explain_stage::{MOST_EXPLAINED, Plans, explain, explained};
pub use indexes::build_indexes;
pub use plan_classes_stage::PlanClasses;
pub use statement_stage::{bind_statement, endpoint_of, of_argument};

/// The write-ups name three; a report explains at least as many.
const LEAST_EXPLAINED: usize = 3;

/// Wall times of the stages, in order.
#[derive(Default)]
pub struct Clock {
    pub stages: Vec<Stage>,
}

impl Clock {
    /// Adds the time since `started` under a name.
    pub fn lap(&mut self, name: &str, started: Instant) {
        self.stages.push(Stage { name: name.to_owned(), seconds: started.elapsed().as_secs_f64() });
    }
}

impl TimeArgs {
    pub fn time_box(self) -> TimeBox {
        TimeBox { total: self.time, ..TimeBox::default() }
    }
}

/// The seeded database's endpoints and tables.
pub struct Bound {
    pub workload: Workload,
    pub catalog: Catalog,
}

/// Reads the catalog and binds the endpoints; every statement that does not fit is shown with its line.
pub async fn bind(laboratory: &Laboratory) -> anyhow::Result<Bound> {
    let mut connection = Connection::open(&laboratory.lab.target()).await?;
    let catalog = read_catalog(&mut connection).await?;
    let workload = Workload::bind(&laboratory.scenario, &mut connection).await;
    connection.close().await;
    match workload {
        Ok(workload) => Ok(Bound { workload, catalog }),
        Err(BenchError::Problems(problems)) => Err(laboratory.mistakes(problems)),
        Err(error) => Err(error.into()),
    }
}

/// Times every endpoint on a clone that is dropped afterwards.
pub async fn bench(laboratory: &mut Laboratory, bound: &Bound, time: TimeBox, console: &Console) -> anyhow::Result<Measured> {
    let stage = console.stage("bench");
    let measured = bench_until(laboratory, bound, time, &Stop::default(), &mut |tick| stage.at(tick.share, &tick.what)).await?;
    match measured.ended {
        Some(error) => Err(error.into()),
        None => Ok(measured),
    }
}

/// [`bench`] that ends with what it has when it is told to, or when the server is gone ([`Measured::ended`]).
pub async fn bench_until(
    laboratory: &mut Laboratory,
    bound: &Bound,
    time: TimeBox,
    stop: &Stop,
    live: Live<'_>,
) -> anyhow::Result<Measured> {
    let clone = laboratory.lab.clone_seeded("bench").await?;
    let target = laboratory.lab.clone_target(&clone);
    let seen = placement::seen(&target).await?;
    let mut measured = solo::run(&bound.workload, &target, time, stop, live).await;
    if let Ok(measured) = &mut measured {
        measured.run.placement = Some(seen);
    }
    let dropped = laboratory.lab.drop_clone(&clone).await;
    match measured {
        // Who cannot be reached cannot drop anything; the next command on the scenario will.
        Ok(measured) if measured.ended.is_some() => Ok(measured),
        measured => {
            dropped?;
            Ok(measured?)
        }
    }
}

/// The endpoints worth explaining: the slowest first, at least three, and every one that takes a millisecond or misses a promise.
pub fn slow_endpoints(measured: &Measured) -> Vec<usize> {
    let results = &measured.run.endpoints;
    let mut order: Vec<usize> = (0..results.len()).filter(|place| results[*place].calls > 0).collect();
    order.sort_by(|a, b| results[*b].latency.p50_ms.total_cmp(&results[*a].latency.p50_ms));
    let worth = |place: usize| {
        let result = &results[place];
        result.latency.p50_ms >= advise::WORTH_ADVISING_MS || result.slo.iter().any(|promise| promise.met == Some(false))
    };
    let slow = order.iter().filter(|place| worth(**place)).count();
    order.truncate(slow.max(LEAST_EXPLAINED));
    order
}
