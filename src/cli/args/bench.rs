//! `perflab bench`

use std::path::PathBuf;

use clap::Args;

use super::{ClassArgs, LoadArgs, ScenarioArgs, SeedArgs, TimeArgs};

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
    /// Exit with 1 when a promise (`slo:`) is broken or a call fails, with 3 when too little is known to tell
    #[arg(long)]
    pub check: bool,
    /// Check this promise of every endpoint, too; may be given several times, e.g. "p95 < 50ms", "queries <= 3", "plan: no seq scan over 100000 rows"
    #[arg(long, value_name = "PROMISE")]
    pub slo: Vec<String>,
    /// Compare with an earlier run (saved with --output) and exit with 1 when something regressed, twice over
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Compare times although the rows or the statements differ
    #[arg(long = "force-baseline", requires = "baseline")]
    pub force_baseline: bool,
    /// Save what was measured, for `perflab compare` and `--baseline`
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub load: LoadArgs,
}
