//! Arguments of `perflab explain`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::draw::DrawFile;
use super::{PlanClassArgs, SeedArgs, name_and_value};
use crate::report::terminal::{PlanLayout, PlanView};

#[derive(Debug, Clone, Args)]
pub struct ExplainCommand {
    /// The scenario file; left out, --sql is explained on the very database of --database-url, where nothing is written
    #[arg(required_unless_present_any = ["plan", "sql"])]
    pub scenario: Option<PathBuf>,
    /// Endpoint, as the scenario names it [default: the three slowest]
    #[arg(conflicts_with_all = ["sql", "plan"])]
    pub endpoint: Option<String>,
    #[command(flatten)]
    pub change: ChangeArgs,
    /// Only say what could be saved; do not try it
    #[arg(long, conflicts_with = "plan")]
    pub no_try: bool,
    /// Explain this statement on the scenario's database
    #[arg(long, value_name = "STATEMENT", conflicts_with = "plan")]
    pub sql: Option<String>,
    /// Value of a parameter of --sql, `:name` or `$1`; NULL is NULL
    #[arg(long, value_name = "NAME=VALUE", requires = "sql", value_parser = name_and_value)]
    pub param: Vec<(String, String)>,
    #[command(flatten)]
    pub foreign: ForeignArgs,
    /// Read a plan from a file, or from stdin with -: what EXPLAIN printed, as text or as JSON, in psql's frame, a log of
    /// auto_explain, CSV, Markdown …
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Of several plans in the file: the slowest, all, or the one with this number
    #[arg(long, value_name = "NUMBER", requires = "plan", default_value = "slowest", value_parser = which)]
    pub which: Which,
    /// Show plans as a tree with each node's own figures, or as PostgreSQL's text
    #[arg(long, value_enum, default_value_t = Layout::Tree, value_name = "LAYOUT")]
    pub layout: Layout,
    /// Show every tip, not only the three worth most
    #[arg(long)]
    pub all_tips: bool,
    /// Draw the plans, too: a picture (FILE.svg) or a Mermaid flowchart (FILE.mmd); several are numbered
    #[arg(long, value_name = "FILE")]
    pub draw: Option<DrawFile>,
    #[command(flatten)]
    pub classes: PlanClassArgs,
    #[command(flatten)]
    pub seed: SeedArgs,
}

impl ExplainCommand {
    /// How plans are shown, and how much of what they say.
    pub fn view(&self) -> PlanView {
        PlanView { layout: self.layout.into(), all_tips: self.all_tips }
    }
}

/// How plans are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Layout {
    Tree,
    Text,
}

impl From<Layout> for PlanLayout {
    fn from(layout: Layout) -> PlanLayout {
        match layout {
            Layout::Tree => PlanLayout::Tree,
            Layout::Text => PlanLayout::Text,
        }
    }
}

/// Which plans of a file to explain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    Slowest,
    All,
    /// From 1, in the order of the file.
    Number(usize),
}

fn which(text: &str) -> Result<Which, String> {
    match text {
        "slowest" => Ok(Which::Slowest),
        "all" => Ok(Which::All),
        _ => text.parse().map(Which::Number).map_err(|_| "give `slowest`, `all` or the number of a plan".to_owned()),
    }
}

/// What is different after; all of it is undone again.
#[derive(Debug, Clone, Args)]
pub struct ChangeArgs {
    /// Explain before and after this index; may be given several times, as all of these
    #[arg(long, value_name = "CREATE INDEX …", conflicts_with = "plan")]
    pub index: Vec<String>,
    /// Leave the indexes in the seeded database afterwards
    #[arg(long, requires_all = ["index", "scenario"])]
    pub keep: bool,
    /// Explain before and after dropping this index
    #[arg(long, value_name = "NAME", conflicts_with = "plan")]
    pub drop_index: Vec<String>,
    /// Explain before and after setting a parameter of the session, e.g. work_mem=64MB
    #[arg(long, value_name = "NAME=VALUE", conflicts_with = "plan", value_parser = name_and_value)]
    pub set: Vec<(String, String)>,
    /// Explain another way to write the statement, or @FILE with it; same parameters, and the rows are compared
    #[arg(long, value_name = "STATEMENT", conflicts_with = "plan")]
    pub statement_variant: Option<String>,
    /// The statement of the endpoint that --statement-variant replaces, from 1
    #[arg(long, value_name = "NUMBER", requires = "statement_variant")]
    pub step: Option<usize>,
}

/// How a database that is not perflab's is treated.
#[derive(Debug, Clone, Args)]
pub struct ForeignArgs {
    /// Without a scenario: execute what writes, too, and build or drop indexes, in a transaction that is rolled back
    #[arg(long, requires = "sql", conflicts_with = "scenario")]
    pub execute_writes: bool,
    /// Without a scenario: no statement may run longer
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = crate::cli::amount::time)]
    pub timeout: Duration,
}
