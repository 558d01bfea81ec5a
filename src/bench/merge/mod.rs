//! The runs of shards joined to the run that one machine would have made of the whole load.
//!
//! Histograms, calls, errors and throughput add; percentiles, promises, Little's law and the scalability law are worked out anew from
//! what was added. Nothing is averaged that cannot be.

mod agreed;
mod clock;
mod endpoints;
mod load;
mod server_side;

use crate::report::model::{BenchReport, BenchRun, LoadRun};

use super::recorder::HistogramError;

/// A run with the name of its file.
pub type Named = (String, BenchReport);

/// Why runs cannot be joined.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    #[error("{}", .0.join("\n"))]
    NotOneThing(Vec<String>),
    /// Nothing is wrong with those that are there.
    #[error("{} of {of} shards {} missing: {}; run them and merge again, or merge what there is with --partial", .missing.len(), verb(.missing.len()), list(.missing))]
    Incomplete { missing: Vec<u32>, of: u32 },
    #[error("{file} cannot be added")]
    Histogram {
        file: String,
        #[source]
        source: HistogramError,
    },
}

fn verb(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

fn list(numbers: &[u32]) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Joins the runs of all shards of one load. With `partial` some may be missing, which the result's warnings say.
///
/// # Errors
/// [`MergeError::NotOneThing`] with everything that tells the runs apart, duplicate shards among it; [`MergeError::Incomplete`];
/// [`MergeError::Histogram`] for a file that was changed.
pub fn merge(mut runs: Vec<Named>, partial: bool) -> Result<BenchReport, MergeError> {
    let mistakes = mistakes(&runs, partial);
    if !mistakes.is_empty() {
        return Err(MergeError::NotOneThing(mistakes));
    }
    runs.sort_by_key(|(_, run)| run.shard.map(|shard| shard.number));
    let missing = missing(&runs);
    let of = runs.iter().filter_map(|(_, run)| run.shard).map(|shard| shard.of).max().unwrap_or(1);
    if !missing.is_empty() && !partial {
        return Err(MergeError::Incomplete { missing, of });
    }
    // A broken histogram is found here, where its file is known.
    for (file, run) in &runs {
        clock::check(&run.bench).map_err(|source| MergeError::Histogram { file: file.clone(), source })?;
    }
    let left_out = agreed::left_out(&runs);
    let runs: Vec<BenchReport> = runs.into_iter().map(|(_, run)| run).collect();
    let bench = bench(&runs.iter().map(|run| &run.bench).collect::<Vec<_>>())
        .map_err(|source| MergeError::Histogram { file: "a run".into(), source })?;
    let mut warnings = warnings(&runs);
    warnings.extend(left_out);
    if !missing.is_empty() {
        warnings.push(format!("Shards {} of {of} are missing: this is a part of the load.", list(&missing)));
    }
    let interrupted = runs.iter().any(|run| run.interrupted);
    let Some(first) = runs.into_iter().next() else { return Err(MergeError::NotOneThing(vec!["there is no run".into()])) };
    Ok(BenchReport { bench, shard: None, interrupted, warnings, ..first })
}

/// Everything that keeps the runs from being shards of one load.
fn mistakes(runs: &[Named], partial: bool) -> Vec<String> {
    let Some((first_file, first)) = runs.first() else { return vec!["there is no run to merge".into()] };
    let mut mistakes = Vec::new();
    for (number, (file, run)) in runs.iter().enumerate() {
        let Some(shard) = run.shard else {
            mistakes.push(format!("{file} is no shard of a load: it was made without --shard"));
            continue;
        };
        let mut differs = |what: &str, own: String, other: String| {
            if own != other {
                mistakes.push(format!("{file} has {what} {own} and {first_file} {other}"));
            }
        };
        let hash = |run: &BenchReport| run.data.as_ref().map_or("unknown".to_owned(), |data| data.hash.clone());
        differs("the scenario", run.scenario.name.clone(), first.scenario.name.clone());
        differs("rows with the hash", hash(run), hash(first));
        differs("the format", run.format.to_string(), first.format.to_string());
        if let Some(other) = first.shard {
            differs("this number of shards:", shard.of.to_string(), other.of.to_string());
        }
        differs("the endpoints", labels(&run.bench), labels(&first.bench));
        differs("the load", phases(&run.bench, partial), phases(&first.bench, partial));
        let same = runs[..number].iter().find(|(_, other)| other.shard.is_some_and(|other| other.number == shard.number));
        if let Some((other, _)) = same {
            mistakes.push(format!("{file} and {other} are both shard {} of {}; give one of them", shard.number, shard.of));
        }
    }
    mistakes
}

fn labels(run: &BenchRun) -> String {
    run.endpoints.iter().map(|endpoint| endpoint.label.as_str()).collect::<Vec<_>>().join(", ")
}

/// What was driven, in words. A run that was interrupted lacks steps, which `partial` forgives.
fn phases(run: &BenchRun, partial: bool) -> String {
    let steps = |phase: &LoadRun| phase.steps.iter().map(load::asked).collect::<Vec<_>>().join(", ");
    let phase = |phase: &LoadRun| {
        let varied = phase.varied.join(", ");
        let steps = if partial { String::new() } else { steps(phase) };
        format!("`{}` ({}) {varied} {steps}", phase.name, phase.model)
    };
    let phases: Vec<String> = run.load.iter().map(phase).collect();
    if phases.is_empty() { "none".to_owned() } else { phases.join("; ") }
}

fn missing(runs: &[Named]) -> Vec<u32> {
    let here: Vec<_> = runs.iter().filter_map(|(_, run)| run.shard).collect();
    let of = here.iter().map(|shard| shard.of).max().unwrap_or(0);
    (1..=of).filter(|number| here.iter().all(|shard| shard.number != *number)).collect()
}

fn warnings(runs: &[BenchReport]) -> Vec<String> {
    let mut warnings: Vec<String> = Vec::new();
    for run in runs {
        let number = run.shard.map_or(0, |shard| shard.number);
        warnings.extend(run.warnings.iter().map(|warning| format!("Shard {number}: {warning}")));
    }
    let differ = |what: &str, of: fn(&BenchReport) -> String| {
        let first = runs.first().map(of);
        runs.iter().any(|run| Some(of(run)) != first).then(|| format!("The shards had different {what}."))
    };
    warnings.extend(differ("versions of perflab", |run| run.perflab.clone()));
    warnings.extend(differ("versions of PostgreSQL", |run| run.environment.server_version.clone()));
    warnings.extend(differ("processors", |run| format!("{} x {}", run.environment.cores, run.environment.cpu)));
    warnings
}

fn bench(runs: &[&BenchRun]) -> Result<BenchRun, HistogramError> {
    let Some(first) = runs.first() else { return Ok(BenchRun::default()) };
    let mut load = Vec::new();
    for place in 0..first.load.len() {
        let parts: Vec<&LoadRun> = runs.iter().filter_map(|run| run.load.get(place)).collect();
        load.push(load::run(&parts)?);
    }
    let most = |of: fn(&BenchRun) -> f64| runs.iter().map(|run| of(run)).fold(0.0, f64::max);
    Ok(BenchRun {
        endpoints: endpoints::endpoints(runs)?,
        seconds: most(|run| run.seconds),
        client_cpu: most(|run| run.client_cpu),
        load,
        placement: agreed::agreed(runs.iter().map(|run| &run.placement)).flatten(),
        variants: agreed::agreed(runs.iter().map(|run| &run.variants)).unwrap_or_default(),
        // The halves of several machines' runs differ by the machines.
        noise: first.noise.clone().filter(|_| runs.len() == 1),
    })
}

#[cfg(test)]
mod tests;
