//! `perflab compare`

use std::path::Path;

use anyhow::Context;

use crate::bench::compare::{compare, outcome};
use crate::cli::Outcome;
use crate::cli::args::CompareArgs;
use crate::cli::ui::Console;
use crate::report::json;
use crate::report::model::{BenchReport, Comparison, Verdict};
use crate::report::terminal::comparison_text;

/// Holds two stored runs against each other.
pub fn run(args: &CompareArgs, console: &Console) -> anyhow::Result<Outcome> {
    let (before, after) = (stored(&args.before)?, stored(&args.after)?);
    let (first, second) = (args.before.display().to_string(), args.after.display().to_string());
    let comparison = compare((&first, &before), (&second, &after), args.force);
    console.result(&comparison_text(&comparison, console.screen()))?;
    console.json(&comparison)?;
    must_be_comparable(&comparison, args.force)?;
    Ok(outcome_of(&comparison))
}

/// A run that `perflab bench --output` or `perflab run` saved.
///
/// # Errors
/// When the file cannot be read, or is no run.
pub fn stored(file: &Path) -> anyhow::Result<BenchReport> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("cannot read {}; `perflab bench SCENARIO --output FILE` makes such a file", file.display()))?;
    json::read_bench(&text).with_context(|| format!("cannot use {}", file.display()))
}

/// # Errors
/// When other rows or other statements were timed, and nobody said that this does not matter.
pub fn must_be_comparable(comparison: &Comparison, force: bool) -> anyhow::Result<()> {
    let refusing: Vec<&str> =
        comparison.mismatches.iter().filter(|mismatch| mismatch.refuses).map(|mismatch| mismatch.what.as_str()).collect();
    anyhow::ensure!(
        force || refusing.is_empty(),
        "{} and {} cannot be compared, they differ in: {}; --force compares them all the same",
        comparison.before,
        comparison.after,
        refusing.join(", ")
    );
    Ok(())
}

/// What a comparison says to the shell.
pub fn outcome_of(comparison: &Comparison) -> Outcome {
    match outcome(comparison) {
        Verdict::Regressed => Outcome::Finding,
        Verdict::NotEnoughData => Outcome::Inconclusive,
        Verdict::Improved | Verdict::WithinNoise => Outcome::Fine,
    }
}
