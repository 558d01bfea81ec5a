//! `run.json`: a [`Run`] as text and back.
//!
//! Keys keep the order of the types, two blanks indent, one newline ends the file: the same run gives the same bytes, and a
//! difference between two files is a difference between two runs.

use serde::Deserialize;

use super::error::ReportError;
use super::model::{FORMAT_VERSION, Run};

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
    /// The keys that every format has, read first so that a newer file is refused by its version and not by its first unknown key.
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
        Some(_) => serde_json::from_str(text).map_err(ReportError::Unreadable),
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
