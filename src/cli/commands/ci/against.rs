//! The other side: a file, or another commit.

use std::path::Path;

use anyhow::Context;

use crate::gate::comparable::major;
use crate::gate::comparable::{Rows, refusals, rows};
use crate::gate::{observe, slo, times};
use crate::report::model::ci::{Against, Baseline, CI_FORMAT_VERSION, CheckOutcome, Gate, GateCheck};

use super::base::{Base, Beside, Opened};
use super::{Found, Here};

/// What our side is held against.
pub enum Other {
    File(Box<Baseline>),
    Beside(Box<Beside>),
}

impl Other {
    pub async fn close(self) {
        if let Other::Beside(beside) = self {
            beside.close().await;
        }
    }
}

/// A file of `--write-baseline`.
///
/// # Errors
/// When it cannot be read, or is none, or of a newer perflab.
pub fn read(file: &Path) -> anyhow::Result<Baseline> {
    let shown = file.display();
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("cannot read {shown}; `perflab ci SCENARIO --write-baseline FILE` makes such a file"))?;
    let value: serde_json::Value = serde_json::from_str(&text).with_context(|| format!("{shown} is no JSON"))?;
    let format = value.get("format").and_then(serde_json::Value::as_u64);
    match format {
        Some(format) if format == u64::from(CI_FORMAT_VERSION) => {}
        Some(format) => anyhow::bail!(
            "{shown} is in format {format}, and this perflab reads format {CI_FORMAT_VERSION}; write it anew with --write-baseline"
        ),
        None => {
            anyhow::bail!("{shown} is no baseline: it has no `format`; `perflab ci SCENARIO --write-baseline FILE` makes one")
        }
    }
    serde_json::from_value(value).with_context(|| format!("{shown} is no baseline; write it anew with --write-baseline"))
}

impl Here<'_> {
    /// Opens the side to compare with.
    ///
    /// # Errors
    /// A file of other rows or another server; a commit whose rows cannot be made.
    pub async fn other(
        &mut self,
        baseline: Option<Baseline>,
        base: Option<Base>,
        found: &mut Found,
    ) -> anyhow::Result<Option<Other>> {
        if let (Some(baseline), Some(file)) = (baseline, &self.args.baseline) {
            let name = file.display().to_string();
            self.must_fit(&baseline, &name)?;
            if rows(&baseline.data, &self.rows) == Rows::OtherValues {
                found.notes.push(format!(
                    "There are as many rows as for {name}, but not the very same: a column more, or values of another distribution. What \
                     grew may come from there."
                ));
            }
            found.notes.extend(coming_and_going(&baseline, self));
            found.against = Some(Against { name, commit: None });
            return Ok(Some(Other::File(Box::new(baseline))));
        }
        let Some(base) = base else { return Ok(None) };
        found.against = Some(base.against().clone());
        match base.open(self, &mut found.notes).await? {
            Opened::Beside(beside) => Ok(Some(Other::Beside(beside))),
            Opened::Nothing(why) => {
                found.notes.push(why);
                Ok(None)
            }
            Opened::Incomparable(why) => {
                found.checks.push(GateCheck::new(Gate::Work, "all endpoints", CheckOutcome::Inconclusive).saying(why));
                Ok(None)
            }
        }
    }

    fn must_fit(&self, baseline: &Baseline, name: &str) -> anyhow::Result<()> {
        let refused = refusals(baseline, &self.laboratory.scenario.name, &self.rows, &self.laboratory.environment);
        anyhow::ensure!(
            refused.is_empty(),
            "{name} cannot be compared with: {}; write a new one with --write-baseline {name}",
            refused.join("; ")
        );
        Ok(())
    }
}

fn coming_and_going(baseline: &Baseline, here: &Here<'_>) -> Vec<String> {
    let known: Vec<&str> = baseline.endpoints.iter().map(|endpoint| endpoint.label.as_str()).collect();
    let own: Vec<&str> = here.bound.workload.endpoints.iter().map(|endpoint| endpoint.label.as_str()).collect();
    let new =
        own.iter().filter(|label| !known.contains(label)).map(|label| format!("{label} is new: the baseline does not know it."));
    let gone = known
        .iter()
        .filter(|label| !own.contains(label))
        .map(|label| format!("{label} is in the baseline and not here any more."));
    new.chain(gone).collect()
}

/// Writes what is here now as a baseline.
///
/// # Errors
/// When the file cannot be written.
pub fn write(here: &Here<'_>, found: &mut Found, file: &Path) -> anyhow::Result<()> {
    let times = found.measured.as_ref().map(|measured| {
        let endpoints = measured.run.endpoints.iter().map(|endpoint| times::seen(endpoint, slo::broken(endpoint))).collect();
        crate::report::model::ci::BaselineTimes { endpoints, ..here.machine() }
    });
    let baseline = Baseline {
        format: CI_FORMAT_VERSION,
        perflab: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: here.laboratory.scenario.name.clone(),
        data: here.rows.clone(),
        server_major: major(&here.laboratory.environment),
        indexes: observe::indexes(&here.bound.catalog),
        endpoints: found.observed.iter().flatten().cloned().collect(),
        times,
    };
    let json = serde_json::to_string_pretty(&baseline).context("the baseline cannot be written as JSON")?;
    std::fs::write(file, json + "\n").with_context(|| format!("cannot write {}", file.display()))?;
    found.notes.push(format!("The baseline {} was written; commit it.", file.display()));
    Ok(())
}
