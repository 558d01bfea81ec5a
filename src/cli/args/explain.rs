//! Arguments of `perflab explain`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::draw::DrawFile;
use super::{PlanClassArgs, SeedArgs};
use crate::report::terminal::{PlanLayout, PlanView};

#[derive(Debug, Clone, Args)]
pub struct ExplainCommand {
    /// The scenario file
    #[arg(required_unless_present = "plan")]
    pub scenario: Option<PathBuf>,
    /// Endpoint, as the scenario names it [default: the three slowest]
    #[arg(conflicts_with_all = ["sql", "plan"])]
    pub endpoint: Option<String>,
    /// Explain before and after this index; may be given several times
    #[arg(long, value_name = "CREATE INDEX …", conflicts_with = "plan")]
    pub index: Vec<String>,
    /// Leave the indexes in the seeded database afterwards
    #[arg(long, requires = "index")]
    pub keep: bool,
    /// Only say what could be saved; do not try it
    #[arg(long, conflicts_with = "plan")]
    pub no_try: bool,
    /// Explain this statement on the scenario's database
    #[arg(long, value_name = "STATEMENT", conflicts_with = "plan")]
    pub sql: Option<String>,
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
