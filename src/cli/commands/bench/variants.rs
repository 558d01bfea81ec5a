//! `variants:` of a bench: on copies of their own, and their setup before anything is measured.

use std::time::Duration;

use crate::bench::BenchError;
use crate::bench::live::Stop;
use crate::bench::rounds::TimeBox;
use crate::bench::variants::{self, BoundVariant, setup};
use crate::cli::laboratory::Laboratory;
use crate::cli::ui::Console;
use crate::db::Connection;
use crate::report::model::VariantRun;
use crate::scenario::model::{CallOptions, Endpoint, Variant};
use crate::seed::ParamSetting;

/// A variant that can be called.
pub struct Ready {
    bound: BoundVariant,
    /// The copy of the rows where its setup has been run, with the milliseconds that took.
    set_up: Option<(String, f64)>,
}

/// Binds all variants, those with a setup on a copy where it has been run. All that does not fit is told at once.
pub async fn prepare(laboratory: &mut Laboratory, console: &Console) -> anyhow::Result<Vec<Ready>> {
    let endpoints = laboratory.scenario.endpoints.clone();
    let asked: Vec<(&Endpoint, &Variant)> =
        endpoints.iter().flat_map(|endpoint| endpoint.variants.iter().map(move |variant| (endpoint, variant))).collect();
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let stage = console.stage("variants");
    let (mut ready, mut problems) = (Vec::new(), Vec::new());
    for (number, (endpoint, variant)) in asked.iter().enumerate() {
        stage.at(number as f64 / asked.len() as f64, format!("setting up {}", variant.name.value));
        match one(laboratory, endpoint, variant, number).await {
            Ok(bound) => ready.push(bound),
            Err(BenchError::Problems(found)) => problems.extend(found),
            Err(error) => return Err(error.into()),
        }
    }
    if problems.is_empty() {
        return Ok(ready);
    }
    for (clone, _) in ready.iter().filter_map(|ready| ready.set_up.as_ref()) {
        laboratory.lab.drop_clone(clone).await?;
    }
    Err(laboratory.mistakes(problems))
}

async fn one(laboratory: &mut Laboratory, endpoint: &Endpoint, variant: &Variant, number: usize) -> Result<Ready, BenchError> {
    let setting = ParamSetting::of(laboratory.scenario.data.as_ref());
    let calls = laboratory.scenario.calls;
    if variant.setup.is_empty() {
        let mut connection = Connection::open(&laboratory.lab.target()).await?;
        let bound = BoundVariant::bind(endpoint, variant, setting, calls, &mut connection).await;
        connection.close().await;
        return Ok(Ready { bound: bound?, set_up: None });
    }
    let clone = laboratory.lab.clone_seeded(&format!("variant{number}")).await?;
    match set_up(laboratory, &clone, (endpoint, variant), setting, calls).await {
        Ok((bound, ms)) => Ok(Ready { bound, set_up: Some((clone, ms)) }),
        Err(error) => {
            laboratory.lab.drop_clone(&clone).await?;
            Err(error)
        }
    }
}

async fn set_up(
    laboratory: &Laboratory,
    clone: &str,
    (endpoint, variant): (&Endpoint, &Variant),
    setting: ParamSetting,
    calls: CallOptions,
) -> Result<(BoundVariant, f64), BenchError> {
    let mut connection = Connection::open(&laboratory.lab.clone_target(clone)).await?;
    let ms = setup::set_up(&variant.setup, &mut connection).await?;
    let bound = BoundVariant::bind(endpoint, variant, setting, calls, &mut connection).await?;
    connection.close().await;
    Ok((bound, ms))
}

/// Share of the bench's time that each variant gets …
const SHARE: f64 = 0.5;
/// … and how long at least.
const LEAST: Duration = Duration::from_millis(500);

/// Compares and times all that is ready, and drops its copies; without `stop` only that, because the bench ended early.
pub async fn measure(
    laboratory: &mut Laboratory,
    ready: Vec<Ready>,
    time: TimeBox,
    stop: Option<&Stop>,
    console: &Console,
) -> anyhow::Result<Vec<VariantRun>> {
    let mut runs: Vec<VariantRun> = Vec::new();
    let stage = stop.filter(|_| !ready.is_empty()).map(|_| console.stage("variants"));
    let (count, each) = (ready.len() as f64, time.total.mul_f64(SHARE).max(LEAST));
    // Rows that nobody changes are read by all.
    let mut shared = None;
    for (number, way) in ready.into_iter().enumerate() {
        let Some(stop) = stop.filter(|stop| !stop.asked()) else {
            if let Some((clone, _)) = way.set_up {
                laboratory.lab.drop_clone(&clone).await?;
            }
            continue;
        };
        let reads = way.bound.only_reads();
        let own = match &shared {
            Some(clone) if reads => String::clone(clone),
            _ => laboratory.lab.clone_seeded(if reads { "ways" } else { "own_way" }).await?,
        };
        if reads {
            shared = Some(own.clone());
        }
        let other = match &way.set_up {
            Some((clone, _)) => clone.clone(),
            None if reads => own.clone(),
            None => laboratory.lab.clone_seeded("other_way").await?,
        };
        let targets = (&laboratory.lab.clone_target(&own), &laboratory.lab.clone_target(&other));
        let told = &mut |share: f64| {
            if let Some(stage) = &stage {
                stage.at((number as f64 + share.min(1.0)) / count, &way.bound.name);
            }
        };
        let measured = variants::measure(&way.bound, targets, each, stop, told).await;
        if other != own {
            laboratory.lab.drop_clone(&other).await?;
        }
        if !reads {
            laboratory.lab.drop_clone(&own).await?;
        }
        let mut result = measured?;
        result.setup_ms = way.set_up.map(|(_, ms)| ms);
        match runs.last_mut().filter(|run| run.label == way.bound.label) {
            Some(run) => run.variants.push(result),
            None => runs.push(VariantRun { label: way.bound.label, variants: vec![result] }),
        }
    }
    if let Some(clone) = shared {
        laboratory.lab.drop_clone(&clone).await?;
    }
    Ok(runs)
}
