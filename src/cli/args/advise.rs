//! What `perflab advise` is asked.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::{ScenarioArgs, SeedArgs, TimeArgs};

#[derive(Debug, Clone, Args)]
pub struct AdviseCommand {
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    #[command(flatten)]
    pub seed: SeedArgs,
    #[command(flatten)]
    pub time: TimeArgs,
    /// Write the advice as SQL that a live database survives, and what takes it back beside it (x.sql and x.rollback.sql,
    /// x.up.sql and x.down.sql)
    #[arg(long, value_name = "FILE")]
    pub migration: Option<PathBuf>,
    /// Show everything that was tried and refused, and all SQL
    #[arg(long)]
    pub all: bool,
    #[command(flatten)]
    pub existing: ExistingArgs,
}

/// A database that is there already, filled by somebody else.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "A database that is there already (--database-url)")]
pub struct ExistingArgs {
    /// Plan only: nothing is built, executed or written, and the advice is an estimate (by HypoPG where it is installed). What a scenario
    /// without `data:` gets by default
    #[arg(long, conflicts_with_all = ["copy", "copy_here"])]
    pub read_only: bool,
    /// Copy the database on its server (CREATE DATABASE … TEMPLATE) and measure on the copy. Nobody may be connected to it meanwhile
    #[arg(long, conflicts_with = "copy_here")]
    pub copy: bool,
    /// Copy the database into perflab's own server (pg_dump) and measure there. It stays in use
    #[arg(long)]
    pub copy_here: bool,
    /// With --read-only: no statement may take longer
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = crate::cli::amount::time)]
    pub timeout: Duration,
}
