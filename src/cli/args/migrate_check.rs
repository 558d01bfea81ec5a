//! What `perflab migrate-check` is asked.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::{ScenarioArgs, SeedArgs, TimeArgs};
use crate::cli::amount;

#[derive(Debug, Clone, Args)]
pub struct MigrateCheckCommand {
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    /// The migration, as psql runs it; several files run one after the other in one session, `-` reads stdin
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub seed: SeedArgs,
    #[command(flatten)]
    pub time: TimeArgs,
    /// Make each file one transaction, as psql -1 and most migration tools do
    #[arg(long, short = '1')]
    pub single_transaction: bool,
    /// Run this afterwards, and see whether the schema is as it was
    #[arg(long, value_name = "FILE")]
    pub rollback: Option<PathBuf>,
    /// Write the page (Markdown) to this file
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub calls: CallArgs,
    #[command(flatten)]
    pub limits: LimitArgs,
}

/// The calls that are made while the migration runs.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Calls beside the migration")]
pub struct CallArgs {
    /// Calls that arrive per second, e.g. 50/s, endpoints by their weights [default: half of what one connection can do, 5 to 200]
    #[arg(long, value_name = "RATE", value_parser = super::load::rate)]
    pub rate: Option<f64>,
    /// Connections that serve them
    #[arg(long, value_name = "NUMBER", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub connections: u32,
    /// How long calls are made before the migration, and again after it
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = amount::time)]
    pub around: Duration,
    /// Keep a transaction open for this long that has read every table, from just before the migration on: what a report or a dump does
    #[arg(long, value_name = "TIME", value_parser = amount::time)]
    pub long_reader: Option<Duration>,
    /// Do not try other ways to write statements that keep calls waiting
    #[arg(long)]
    pub no_alternatives: bool,
}

/// From where on something is a finding.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Limits (beyond them it exits with 1)")]
pub struct LimitArgs {
    /// A call may be kept waiting this long: 0.1 s is what feels instant (Nielsen, Usability Engineering, 1993)
    #[arg(long, value_name = "TIME", default_value = "100ms", value_parser = amount::time)]
    pub max_wait: Duration,
    /// An endpoint may become slower by this share, held against the low end of its 95% interval
    #[arg(long, value_name = "SHARE", default_value = "10%", value_parser = share)]
    pub max_slower: f64,
}

/// `10%` or `0.1`.
fn share(text: &str) -> Result<f64, String> {
    let (digits, part) = match text.trim().strip_suffix('%') {
        Some(digits) => (digits, 100.0),
        None => (text.trim(), 1.0),
    };
    let value = digits.trim().parse::<f64>().ok().filter(|value| value.is_finite() && *value >= 0.0);
    value.map(|value| value / part).ok_or_else(|| format!("`{text}` is no share; write e.g. `10%` or `0.1`"))
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn a_share_is_a_percentage_or_a_part() {
        assert_eq!((share("10%"), share("0.25"), share("0")), (Ok(0.1), Ok(0.25), Ok(0.0)));
        assert!(share("-1%").is_err() && share("a lot").unwrap_err().contains("`10%`"));
    }
}
