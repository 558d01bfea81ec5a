//! How much is asked for: `--scale`, `--rows`, or what the scenario says.

use anyhow::bail;

use crate::scenario::model::Data;
use crate::scenario::quantity;
use crate::seed;
use crate::units;

use super::args::SeedArgs;
use super::ui::Console;

/// The scale of the rows: `--scale`, the one that comes nearest to `--rows`, else to the scenario's `data.rows`, else 1.
///
/// # Errors
/// A scale that is no positive number; a total that no scale comes near.
pub fn scale(args: &SeedArgs, data: &Data, console: &Console) -> anyhow::Result<f64> {
    if let Some(scale) = args.scale {
        if !(scale.is_finite() && scale > 0.0) {
            bail!("--scale {scale} is no positive number");
        }
        return Ok(scale);
    }
    let Some(rows) = args.rows.or(data.rows) else { return Ok(1.0) };
    let solved = seed::solve(data, rows)?;
    console.note(format!("scale {}: {} rows", solved.scale, units::count(solved.rows)));
    Ok(solved.scale)
}

/// `1m`, `250k`, `1_000_000`; the reader of `--rows`.
///
/// # Errors
/// What is no number of rows, with what would be.
pub fn rows(text: &str) -> Result<u64, String> {
    quantity::many(text).map_err(|fault| match fault.help {
        Some(help) => format!("{}; {help}", fault.message),
        None => fault.message,
    })
}
