//! `perflab merge`

use std::path::Path;

use anyhow::Context;

use crate::bench::merge::{MergeError, merge};
use crate::cli::Outcome;
use crate::cli::args::MergeCommand;
use crate::cli::ui::Console;
use crate::report::model::{BenchReport, FORMAT_VERSION};
use crate::report::terminal::bench_table;

use super::bench::save;

/// Joins the runs of a load that several machines shared. Shards that are missing are a finding: they can be had.
pub fn run(args: &MergeCommand, console: &Console) -> anyhow::Result<Outcome> {
    let runs = args.runs.iter().map(|file| Ok((file.display().to_string(), read(file)?))).collect::<anyhow::Result<Vec<_>>>()?;
    let report = match merge(runs, args.partial) {
        Ok(report) => report,
        Err(error @ MergeError::Incomplete { .. }) => {
            console.error(&error.into());
            return Ok(Outcome::Finding);
        }
        Err(error) => return Err(error.into()),
    };
    for warning in &report.warnings {
        console.note(format!("warning: {warning}"));
    }
    if let Some(file) = &args.output {
        save(&report, file)?;
    }
    console.result(&bench_table(&report.bench, console.screen()))?;
    console.json(&report)?;
    Ok(Outcome::Fine)
}

fn read(file: &Path) -> anyhow::Result<BenchReport> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let value: serde_json::Value =
        serde_json::from_str(&text).with_context(|| format!("{} is no run that perflab bench saved", file.display()))?;
    let format = value.get("format").and_then(serde_json::Value::as_u64);
    if let Some(newer) = format.filter(|format| *format > u64::from(FORMAT_VERSION)) {
        anyhow::bail!(
            "{} has format {newer}, and this perflab reads {FORMAT_VERSION}; use the perflab that wrote it",
            file.display()
        );
    }
    serde_json::from_value(value).with_context(|| format!("{} is no run that perflab bench saved", file.display()))
}
