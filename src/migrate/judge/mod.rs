//! What was seen, held against the limits: findings, and what would avoid them.

mod advice;
mod findings;

use crate::report::model::{
    BrokenEndpoint, CheckFinding, CheckLimits, CheckVerdict, EndpointChange, ErrorCount, HeldLock, MigrationInUse, MigrationRun,
    RollbackCheck, SloResult, Verdict,
};

use super::script::Script;

pub use advice::{advice, tried, worth_another_way};
pub use findings::findings;

/// Everything that was tried.
pub struct Tried<'a> {
    pub script: &'a Script,
    pub alone: &'a MigrationRun,
    pub in_use: Option<&'a MigrationInUse>,
    pub endpoints: &'a [EndpointChange],
    pub broken: &'a [BrokenEndpoint],
    /// Endpoints whose calls fail after the migration.
    pub failing: &'a [(String, ErrorCount)],
    /// Promises that it breaks.
    pub promises: &'a [(String, SloResult)],
    pub rollback: Option<&'a RollbackCheck>,
    pub limits: CheckLimits,
}

impl Tried<'_> {
    /// The run that endpoints were called beside, else the one that was alone.
    fn run(&self) -> &MigrationRun {
        self.in_use.map_or(self.alone, |in_use| &in_use.run)
    }

    /// Locks of a statement (its place) that endpoints collide with.
    fn collisions(&self, place: usize) -> impl Iterator<Item = &HeldLock> {
        let run = self.run().statements.iter().find(move |run| run.statement == place + 1);
        run.into_iter().flat_map(|run| &run.locks).filter(|lock| !lock.endpoints.is_empty())
    }
}

/// What it comes to.
pub fn verdict(findings: &[CheckFinding], endpoints: &[EndpointChange]) -> CheckVerdict {
    let undecided = endpoints.iter().any(|endpoint| endpoint.times.verdict == Verdict::NotEnoughData);
    match (findings.is_empty(), undecided) {
        (false, _) => CheckVerdict::Finding,
        (true, true) => CheckVerdict::Inconclusive,
        (true, false) => CheckVerdict::Fine,
    }
}

#[cfg(test)]
mod tests;
