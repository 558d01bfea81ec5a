//! `perflab compare`

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Clone, Args)]
pub struct CompareArgs {
    /// The earlier run: a file of `perflab bench --output`, or a report's run.json
    pub before: PathBuf,
    /// The later run
    pub after: PathBuf,
    /// Compare times although the rows or the statements differ
    #[arg(long)]
    pub force: bool,
}
