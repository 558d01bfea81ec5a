//! `perflab bench`

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::report::model::Shard;

use super::{ClassArgs, LoadArgs, ScenarioArgs, SeedArgs, TimeArgs};

/// `--pin`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PinArg {
    /// The server has processors that the client has not
    Apart,
    /// Both on one processor
    Same,
}

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
    /// Leave out what the server does for each endpoint: its time, waits, blocks, rows read and WAL
    #[arg(long)]
    pub no_server_side: bool,
    /// Leave out the other ways to an endpoint's result (`variants:`)
    #[arg(long)]
    pub no_variants: bool,
    /// Keep client and server on processors of their own, or on one, while it is measured (Linux, a server on this machine)
    #[arg(long, value_name = "WHERE")]
    pub pin: Option<PinArg>,
    /// Save what was measured, for `perflab compare` and `--baseline`
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write a report to this folder: report.md, its charts, and run.json
    #[arg(long, value_name = "DIR")]
    pub report: Option<PathBuf>,
    /// Drive part K of N of the load; `perflab merge` joins the runs of all parts
    #[arg(long, value_name = "K/N")]
    pub shard: Option<Shard>,
    #[command(flatten)]
    pub load: LoadArgs,
}

/// perflab merge shard-1.json shard-2.json --output run.json
#[derive(Debug, Clone, Args)]
pub struct MergeCommand {
    /// What `perflab bench --shard K/N --output RUN` saved, one for each K
    #[arg(required = true, value_name = "RUN")]
    pub runs: Vec<PathBuf>,
    /// Save the joined run
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Join what there is when shards are missing
    #[arg(long)]
    pub partial: bool,
}
