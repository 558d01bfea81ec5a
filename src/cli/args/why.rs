//! The arguments of `perflab why`.

use clap::Args;

#[derive(Debug, Clone, Args)]
pub struct WhyArgs {
    /// A line of a report (reports/music/report.md:57), a report's folder, a scenario file, or the name of a scenario
    #[arg(value_name = "REPORT")]
    pub report: String,
    /// A number as the report prints it (126.3, "48.3 MB", 14×), or a line of the page (:57)
    #[arg(value_name = "WHAT", allow_hyphen_values = true)]
    pub what: Option<String>,
}
