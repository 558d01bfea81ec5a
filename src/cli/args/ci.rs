//! `perflab ci`

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::report::model::ci::Gate;

use super::{ScenarioArgs, SeedArgs, TimeArgs};

#[derive(Debug, Clone, Args)]
pub struct CiCommand {
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    #[command(flatten)]
    pub seed: SeedArgs,
    #[command(flatten)]
    pub time: TimeArgs,
    /// Hold everything against this file of --write-baseline
    #[arg(long, value_name = "FILE", conflicts_with = "base_ref", help_heading = "Against what")]
    pub baseline: Option<PathBuf>,
    /// Hold everything against this git reference, or where this branch left it, side by side, e.g. origin/main
    #[arg(long, value_name = "REF", help_heading = "Against what")]
    pub base_ref: Option<String>,
    /// Write a baseline of what is here now, whatever the verdict
    #[arg(long, value_name = "FILE", help_heading = "Against what")]
    pub write_baseline: Option<PathBuf>,
    /// Measure although nothing that the database sees differs from --base-ref
    #[arg(long, requires = "base_ref", help_heading = "Against what")]
    pub measure_anyway: bool,
    /// Only these gates
    #[arg(long, value_name = "GATES", value_enum, value_delimiter = ',', help_heading = "Gates")]
    pub only: Vec<GateArg>,
    /// Leave out the times, which need a quiet machine
    #[arg(long, conflicts_with = "only", help_heading = "Gates")]
    pub no_times: bool,
    /// The smallest slowdown that fails, as a share or in percent
    #[arg(long, value_name = "SHARE", default_value = "10%", value_parser = share, help_heading = "Gates")]
    pub slowdown: f64,
    /// Say what changed of this endpoint, and let it pass; its promises hold all the same. May be given several times
    #[arg(long, value_name = "ENDPOINT", help_heading = "Gates")]
    pub accept: Vec<String>,
    /// What to make of too little data
    #[arg(long, value_enum, value_name = "AS", default_value_t = InconclusiveArg::Exit3, help_heading = "Gates")]
    pub inconclusive: InconclusiveArg,
    /// Write the checks as JUnit XML
    #[arg(long, value_name = "FILE", help_heading = "Results")]
    pub junit: Option<PathBuf>,
    /// Append a summary in Markdown to this file [default: $GITHUB_STEP_SUMMARY, where it is set]
    #[arg(long, value_name = "FILE", help_heading = "Results")]
    pub summary: Option<PathBuf>,
    /// Annotate the lines of the scenario by workflow commands of GitHub [auto: where GITHUB_ACTIONS=true]
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = AnnotationsArg::Auto, help_heading = "Results")]
    pub annotations: AnnotationsArg,
    /// Save the result as JSON
    #[arg(long, short, value_name = "FILE", help_heading = "Results")]
    pub output: Option<PathBuf>,
}

/// `--only`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GateArg {
    /// Calls that fail, statements and round trips per call
    Statements,
    /// Plans of the statements
    Plans,
    /// Rows, blocks, temporary files and WAL per call
    Work,
    /// The scenario's promises
    Slo,
    /// Times
    Times,
}

/// `--inconclusive`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum InconclusiveArg {
    /// Exit with 3
    #[value(name = "3")]
    Exit3,
    Pass,
    Fail,
}

/// `--annotations`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AnnotationsArg {
    Auto,
    Github,
    Never,
}

impl CiCommand {
    /// Whether a gate is asked for.
    pub fn wants(&self, gate: Gate) -> bool {
        let asked = |one: &GateArg| one.gate() == gate;
        (self.only.is_empty() || self.only.iter().any(asked)) && !(self.no_times && gate == Gate::Times)
    }
}

impl GateArg {
    fn gate(self) -> Gate {
        match self {
            GateArg::Statements => Gate::Statements,
            GateArg::Plans => Gate::Plans,
            GateArg::Work => Gate::Work,
            GateArg::Slo => Gate::Slo,
            GateArg::Times => Gate::Times,
        }
    }
}

/// `10%` or `0.1`
fn share(text: &str) -> Result<f64, String> {
    let (number, unit) = text.strip_suffix('%').map_or((text, 1.0), |number| (number, 100.0));
    let share = number.trim().parse::<f64>().map(|number| number / unit);
    share.ok().filter(|share| share.is_finite() && *share >= 0.0).ok_or_else(|| "write a share, e.g. `10%` or `0.1`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_in_percent_or_not() {
        assert_eq!((share("10%"), share("0.1")), (Ok(0.1), Ok(0.1)));
        assert!(share("-1").is_err() && share("much").unwrap_err().contains("`10%`"));
    }
}
