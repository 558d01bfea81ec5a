//! What `perflab ci` found, and the baseline that it is held against.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DataIdentity, Environment, ScenarioInfo, Stage};

mod baseline;

pub use baseline::{Baseline, BaselineTimes, IndexSeen, Observed, ObservedStatement, RowsSeen, SeenPlan, TimesSeen};

/// Version of this format and of a [`Baseline`]'s; a change that an older reader would misread raises it.
pub const CI_FORMAT_VERSION: u32 = 1;

/// One run of `perflab ci`; terminal, JUnit, summary and annotations are pure functions of it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CiRun {
    /// [`CI_FORMAT_VERSION`] of the writer.
    pub format: u32,
    /// Version of perflab that measured.
    pub perflab: String,
    pub verdict: GateVerdict,
    pub scenario: ScenarioInfo,
    pub environment: Environment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<DataIdentity>,
    /// What it was held against; absent when only promises were checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<Against>,
    /// One for each gate and endpoint, in the order of the gates, then of the scenario.
    pub checks: Vec<GateCheck>,
    /// What the reader must know: what was not compared and why, what would tell more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Wall time of each stage, in the order they ran.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<Stage>,
    /// Wall time.
    pub seconds: f64,
}

/// What all checks come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GateVerdict {
    /// Exit code 0.
    Pass,
    /// Something is proven: exit code 1.
    Fail,
    /// Too little is known to say either: exit code 3.
    Inconclusive,
}

/// The other side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Against {
    /// The baseline's file, or the git reference.
    pub name: String,
    /// The commit that was measured beside; absent for a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
}

impl Against {
    /// `origin/main (3f2a91c)`, `ci/music.json`
    pub fn described(&self) -> String {
        match &self.commit {
            Some(commit) => format!("{} ({})", self.name, commit.chars().take(SHORT_COMMIT).collect::<String>()),
            None => self.name.clone(),
        }
    }
}

/// As many digits as git shows.
const SHORT_COMMIT: usize = 7;

/// What is checked, cheapest and surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// Calls that fail, statements and round trips of a call.
    Statements,
    /// The plan of every statement, and what it reads.
    Plans,
    /// Rows, blocks, temporary files and WAL of a call.
    Work,
    /// The scenario's `slo:`
    Slo,
    /// The time of a call.
    Times,
}

impl Gate {
    pub const ALL: [Gate; 5] = [Gate::Statements, Gate::Plans, Gate::Work, Gate::Slo, Gate::Times];

    pub fn name(self) -> &'static str {
        match self {
            Gate::Statements => "statements",
            Gate::Plans => "plans",
            Gate::Work => "work",
            Gate::Slo => "slo",
            Gate::Times => "times",
        }
    }
}

/// What became of one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    Passed,
    /// Something changed that is worth a word and fails nothing.
    Notice,
    Failed,
    Inconclusive,
    /// Nothing to hold it against.
    Skipped,
}

/// One gate at one endpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GateCheck {
    pub gate: Gate,
    /// The endpoint.
    pub label: String,
    /// The statement's number, from 1, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<usize>,
    pub outcome: CheckOutcome,
    /// Where the endpoint, the statement or the promise is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<FilePlace>,
    /// What happened, in a sentence; absent where nothing did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_step: Option<String>,
    /// The figures that changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measures: Vec<Measure>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanChange>,
}

impl GateCheck {
    pub fn new(gate: Gate, label: &str, outcome: CheckOutcome) -> GateCheck {
        GateCheck {
            gate,
            label: label.to_owned(),
            step: None,
            outcome,
            place: None,
            message: None,
            next_step: None,
            measures: Vec::new(),
            plan: None,
        }
    }

    #[must_use]
    pub fn saying(self, message: impl Into<String>) -> GateCheck {
        GateCheck { message: Some(message.into()), ..self }
    }

    #[must_use]
    pub fn advising(self, next_step: impl Into<String>) -> GateCheck {
        GateCheck { next_step: Some(next_step.into()), ..self }
    }

    pub fn failed(&self) -> bool {
        self.outcome == CheckOutcome::Failed
    }
}

/// A place in a file of the repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FilePlace {
    /// Relative to the root of the repository, with forward slashes; as it was typed outside of one.
    pub file: String,
    /// From 1.
    pub line: u32,
    pub column: u32,
}

/// A figure on both sides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Measure {
    /// `statements_per_call`, `rows_read`, `wal_bytes`, `p50_ms` …
    pub metric: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<f64>,
    pub after: f64,
}

/// A statement's plan on both sides, as [`SeenPlan::plan`] has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlanChange {
    pub before: Vec<String>,
    pub after: Vec<String>,
}

/// What the checks come to: a failure outweighs what cannot be told.
pub fn verdict(checks: &[GateCheck]) -> GateVerdict {
    let any = |outcome| checks.iter().any(|check| check.outcome == outcome);
    match (any(CheckOutcome::Failed), any(CheckOutcome::Inconclusive)) {
        (true, _) => GateVerdict::Fail,
        (false, true) => GateVerdict::Inconclusive,
        (false, false) => GateVerdict::Pass,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_outweighs_what_cannot_be_told() {
        let check = |outcome| GateCheck::new(Gate::Times, "GET /", outcome);
        let of = |outcomes: &[CheckOutcome]| verdict(&outcomes.iter().map(|outcome| check(*outcome)).collect::<Vec<_>>());
        assert_eq!(of(&[]), GateVerdict::Pass);
        assert_eq!(of(&[CheckOutcome::Passed, CheckOutcome::Notice, CheckOutcome::Skipped]), GateVerdict::Pass);
        assert_eq!(of(&[CheckOutcome::Passed, CheckOutcome::Inconclusive]), GateVerdict::Inconclusive);
        assert_eq!(of(&[CheckOutcome::Failed, CheckOutcome::Inconclusive]), GateVerdict::Fail);
    }
}
