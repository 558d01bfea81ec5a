//! The arguments of `perflab schema`.

use clap::{Args, ValueEnum};

#[derive(Debug, Clone, Args)]
pub struct SchemaArgs {
    /// Of what
    #[arg(value_enum, default_value_t = Described::Scenario, value_name = "WHAT")]
    pub what: Described,
    /// The reference page of the scenario file instead, in Markdown
    #[arg(long)]
    pub page: bool,
}

/// What has a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Described {
    /// A scenario file, for editors
    Scenario,
    /// reports/NAME/run.json, and what `perflab run --format json` prints
    Run,
    /// What `perflab bench --output` writes and `--format json` prints
    Bench,
    /// What `perflab compare --format json` prints
    Compare,
}
