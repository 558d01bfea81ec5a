//! `perflab bench`

use std::path::PathBuf;

use clap::Args;

use super::{ClassArgs, ScenarioArgs, SeedArgs, TimeArgs};

#[derive(Debug, Clone, Args)]
pub struct BenchCommand {
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    #[command(flatten)]
    pub seed: SeedArgs,
    #[command(flatten)]
    pub time: TimeArgs,
    #[command(flatten)]
    pub classes: ClassArgs,
    /// Exit with 1 when an SLO is missed or a call fails
    #[arg(long)]
    pub check: bool,
    /// Compare with an earlier run (saved with --output) and exit with 1 when something regressed, twice over
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Compare times although the rows or the statements differ
    #[arg(long = "force-baseline", requires = "baseline")]
    pub force_baseline: bool,
    /// Save what was measured, for `perflab compare` and `--baseline`
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}
