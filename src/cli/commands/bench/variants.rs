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
use crate::scenario::error::Problem;
use crate::scenario::model::{CallOptions, Endpoint, Variant};
use crate::seed::ParamSetting;

use super::copies::Copies;

/// A variant that can be called.
pub struct Ready {
    bound: BoundVariant,
    /// The copy of the rows where its setup has been run, with the milliseconds that took.
    set_up: Option<(String, f64)>,
}

/// Binds all variants, those with a setup on a copy where it has been run. All that does not fit is told at once.
///
/// # Errors
/// When a variant does not fit, with every mistake; when the server fails.
pub async fn prepare(laboratory: &mut Laboratory, copies: &mut Copies<'_>, console: &Console) -> anyhow::Result<Vec<Ready>> {
    let (ready, problems) = prepare_what_fits(laboratory, copies, console).await?;
    if problems.is_empty() {
        return Ok(ready);
    }
    for (clone, _) in ready.iter().filter_map(|ready| ready.set_up.as_ref()) {
        laboratory.lab.drop_clone(clone).await?;
    }
    Err(laboratory.mistakes(problems))
}

/// [`prepare`] of the variants that fit, and what is wrong with the others.
///
/// # Errors
/// When the server fails.
pub async fn prepare_what_fits(
    laboratory: &mut Laboratory,
    copies: &mut Copies<'_>,
    console: &Console,
) -> anyhow::Result<(Vec<Ready>, Vec<Problem>)> {
    let endpoints = laboratory.scenario.endpoints.clone();
    let asked: Vec<(&Endpoint, &Variant)> =
        endpoints.iter().flat_map(|endpoint| endpoint.variants.iter().map(move |variant| (endpoint, variant))).collect();
    if asked.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let stage = console.stage("variants");
    let (mut ready, mut problems) = (Vec::new(), Vec::new());
    for (number, (endpoint, variant)) in asked.iter().enumerate() {
        stage.at(number as f64 / asked.len() as f64, format!("setting up {}", variant.name.value));
        match one(laboratory, (endpoint, variant), number, copies).await {
            Ok(bound) => ready.push(bound),
            Err(error) => match error.downcast::<BenchError>()? {
                BenchError::Problems(found) => problems.extend(found),
                other => return Err(other.into()),
            },
        }
    }
    Ok((ready, problems))
}

async fn one(
    laboratory: &mut Laboratory,
    (endpoint, variant): (&Endpoint, &Variant),
    number: usize,
    copies: &mut Copies<'_>,
) -> anyhow::Result<Ready> {
    let setting = ParamSetting::of(laboratory.scenario.data.as_ref());
    let calls = laboratory.scenario.calls;
    if variant.setup.is_empty() {
        let mut connection = Connection::open(&laboratory.lab.target()).await?;
        let bound = BoundVariant::bind(endpoint, variant, setting, calls, &mut connection).await;
        connection.close().await;
        return Ok(Ready { bound: bound?, set_up: None });
    }
    let clone = copies.another(laboratory, &format!("variant{number}")).await?;
    match set_up(laboratory, &clone, (endpoint, variant), setting, calls).await {
        Ok((bound, ms)) => Ok(Ready { bound, set_up: Some((clone, ms)) }),
        Err(error) => {
            laboratory.lab.drop_clone(&clone).await?;
            Err(error.into())
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

/// Compares and times all that is ready, and drops all copies; without `stop` only that, because the bench ended early.
pub async fn measure(
    laboratory: &mut Laboratory,
    (ready, mut copies): (Vec<Ready>, Copies<'_>),
    time: TimeBox,
    stop: Option<&Stop>,
    console: &Console,
) -> anyhow::Result<Vec<VariantRun>> {
    let mut runs: Vec<VariantRun> = Vec::new();
    let stage = stop.filter(|_| !ready.is_empty()).map(|_| console.stage("variants"));
    let (count, each) = (ready.len() as f64, time.total.mul_f64(SHARE).max(LEAST));
    for (number, way) in ready.into_iter().enumerate() {
        let Some(stop) = stop.filter(|stop| !stop.asked()) else {
            if let Some((clone, _)) = way.set_up {
                laboratory.lab.drop_clone(&clone).await?;
            }
            continue;
        };
        let reads = way.bound.only_reads();
        let own = if reads { copies.shared(laboratory).await? } else { copies.another(laboratory, "own_way").await? };
        let other = match &way.set_up {
            Some((clone, _)) => clone.clone(),
            None if reads => own.clone(),
            None => copies.another(laboratory, "other_way").await?,
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
            None => {
                let with_kept_indexes = copies.have_indexes();
                runs.push(VariantRun { label: way.bound.label, with_kept_indexes, variants: vec![result] });
            }
        }
    }
    copies.drop(laboratory).await?;
    Ok(runs)
}
