//! `perflab bench --baseline FILE`: the run held against an earlier one, what looks slower measured once more.

use crate::bench::compare::{compare, confirmed, doubtful};
use crate::bench::rounds::TimeBox;
use crate::cli::args::BenchCommand;
use crate::cli::commands::compare::{must_be_comparable, stored};
use crate::cli::laboratory::Laboratory;
use crate::cli::stages;
use crate::cli::ui::Console;
use crate::report::model::{BenchReport, Comparison};

/// A run to compare with, read before anything is measured.
pub struct Baseline {
    name: String,
    run: BenchReport,
    force: bool,
}

impl Baseline {
    /// The file of `--baseline`.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of(args: &BenchCommand) -> anyhow::Result<Option<Baseline>> {
        let Some(file) = &args.baseline else { return Ok(None) };
        Ok(Some(Baseline { name: file.display().to_string(), run: stored(file)?, force: args.force_baseline }))
    }

    /// The comparison with what was measured now, on the same laboratory.
    ///
    /// # Errors
    /// When the two cannot be compared, or the server fails while something is measured again.
    pub async fn compare(
        &self,
        report: &BenchReport,
        laboratory: &mut Laboratory,
        time: TimeBox,
        console: &Console,
    ) -> anyhow::Result<Comparison> {
        let first = compare((&self.name, &self.run), ("now", report), self.force);
        must_be_comparable(&first, self.force)?;
        let labels: Vec<String> = doubtful(&first).into_iter().map(str::to_owned).collect();
        if labels.is_empty() || report.interrupted {
            return Ok(first);
        }
        console.note(format!("measuring again, to be sure: {}", labels.join(", ")));
        let again = self.measured_again(&labels, report, laboratory, time, console).await?;
        Ok(confirmed(first, &compare((&self.name, &self.run), ("now", &again), self.force)))
    }

    /// The same endpoints on a new copy of the database, with their share of the time.
    async fn measured_again(
        &self,
        labels: &[String],
        report: &BenchReport,
        laboratory: &mut Laboratory,
        time: TimeBox,
        console: &Console,
    ) -> anyhow::Result<BenchReport> {
        let all = laboratory.scenario.endpoints.clone();
        let share = labels.len() as f64 / all.len().max(1) as f64;
        laboratory.scenario.endpoints.retain(|endpoint| labels.contains(&endpoint.label()));
        let bound = stages::bind(laboratory).await;
        laboratory.scenario.endpoints = all;
        let time = TimeBox { total: time.total.mul_f64(share), ..time };
        let measured = stages::bench(laboratory, &bound?, time, console).await?;
        Ok(BenchReport { bench: measured.run, ..report.clone() })
    }
}
