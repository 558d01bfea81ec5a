//! How much is asked for: `--scale`, `--rows`, or what the scenario says.

use std::time::Duration;

use anyhow::bail;

use crate::scenario::error::Fault;
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
    quantity::many(text).map_err(said)
}

/// `20s`, `500ms`, `2min`, or plain seconds: the reader of every time on the command line.
///
/// # Errors
/// What is no time, with what would be.
pub fn time(text: &str) -> Result<Duration, String> {
    match quantity::number(text) {
        Ok(seconds) => Duration::try_from_secs_f64(seconds)
            .ok()
            .filter(|time| !time.is_zero())
            .ok_or_else(|| format!("`{text}` is no positive number of seconds")),
        Err(_) => quantity::duration(text).map_err(said),
    }
}

fn said(fault: Fault) -> String {
    match fault.help {
        Some(help) => format!("{}; {help}", fault.message),
        None => fault.message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units_or_are_seconds() {
        assert_eq!(time("20s"), Ok(Duration::from_secs(20)));
        assert_eq!((time("2min"), time("500ms")), (Ok(Duration::from_secs(120)), Ok(Duration::from_millis(500))));
        assert_eq!((time("0.2"), time("20")), (Ok(Duration::from_millis(200)), Ok(Duration::from_secs(20))));
        assert!(time("0").is_err() && time("-1").is_err() && time("1e300").is_err());
        assert!(time("soon").unwrap_err().contains("`1.5s`"));
    }
}
