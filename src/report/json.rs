//! `run.json`: a [`Run`] as text and back.
//!
//! Keys keep the order of the types, two blanks indent, one newline ends the file: the same run gives the same bytes, and a
//! difference between two files is a difference between two runs.

use serde::Deserialize;

use super::error::ReportError;
use super::model::{BenchReport, DataIdentity, FORMAT_VERSION, Run};

/// The run as pretty JSON, with a newline at the end.
///
/// # Errors
/// When a figure is infinite or not a number: JSON has no word for it, and the file could not be read again.
pub fn write(run: &Run) -> Result<String, ReportError> {
    let mut text = serde_json::to_string_pretty(run).map_err(ReportError::Unwritable)?;
    text.push('\n');
    // serde_json writes such figures as null, which is also how an absent value inside a plan looks. So the run is read back to know.
    serde_json::from_str::<Run>(&text).map(|_| text).map_err(|_| ReportError::NotANumber)
}

/// The run that [`write()`] wrote.
///
/// # Errors
/// When the text is no run, or one of another format than [`FORMAT_VERSION`].
pub fn read(text: &str) -> Result<Run, ReportError> {
    check_format(text)?;
    serde_json::from_str(text).map_err(ReportError::Unreadable)
}

/// A bench: what `perflab bench --output` saved, or that of a run, before any advice.
///
/// # Errors
/// As [`read`], and when the run timed no endpoints.
pub fn read_bench(text: &str) -> Result<BenchReport, ReportError> {
    /// What only a run has, and only a bench.
    #[derive(Deserialize)]
    struct Shape {
        model: Option<serde::de::IgnoredAny>,
        before: Option<serde::de::IgnoredAny>,
    }
    check_format(text)?;
    let shape: Shape = serde_json::from_str(text).map_err(ReportError::Unreadable)?;
    if shape.model.is_none() {
        return serde_json::from_str(text).map_err(ReportError::Unreadable);
    }
    if shape.before.is_none() {
        return Err(ReportError::NotTimed);
    }
    let run = read(text)?;
    Ok(BenchReport {
        format: run.format,
        perflab: run.perflab,
        scenario: run.scenario,
        environment: run.environment,
        data: run.seed.map(|seed| DataIdentity { hash: seed.hash, rows: seed.rows }),
        bench: run.before.ok_or(ReportError::NotTimed)?,
        shard: None,
        interrupted: false,
        warnings: run.warnings,
        baseline: None,
    })
}

/// The keys that every format has are read first, so that a newer file is refused by its version and not by its first unknown key.
fn check_format(text: &str) -> Result<(), ReportError> {
    #[derive(Deserialize)]
    struct Envelope {
        format: Option<u32>,
        #[serde(default)]
        perflab: String,
    }
    let envelope: Envelope = serde_json::from_str(text).map_err(ReportError::Unreadable)?;
    match envelope.format {
        None => Err(ReportError::NoFormat),
        Some(found) if found > FORMAT_VERSION => {
            Err(ReportError::Newer { found, known: FORMAT_VERSION, writer: envelope.perflab })
        }
        Some(found) if found < FORMAT_VERSION => Err(ReportError::Older { found, known: FORMAT_VERSION }),
        Some(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_run_is_refused_by_its_version() {
        let text = format!(r#"{{"format": {}, "perflab": "9.0.0", "all_new": true}}"#, FORMAT_VERSION + 1);
        let error = read(&text).unwrap_err().to_string();
        assert!(error.contains(&format!("format {}", FORMAT_VERSION + 1)) && error.contains("perflab 9.0.0"), "{error}");
    }

    #[test]
    fn other_json_is_no_run() {
        assert!(matches!(read("{}"), Err(ReportError::NoFormat)));
        assert!(matches!(read("[true]"), Err(ReportError::Unreadable(_))));
        assert!(matches!(read(r#"{"format": 1}"#), Err(ReportError::Older { .. })));
        assert!(matches!(read(&format!(r#"{{"format": {FORMAT_VERSION}}}"#)), Err(ReportError::Unreadable(_))));
    }
}
