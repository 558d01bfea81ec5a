//! One endpoint's call as the rules see it: its steps, their plans, and what a bench measured if there was one.

use crate::bench::workload::{Bind, BoundStep};
use crate::plan::walk::nodes;
use crate::plan::{Plan, PlanNode};
use crate::report::model::{Effect, EndpointResult, ExplainedStatement, ServerSide};

/// A call of an endpoint: what it runs, how that was explained and timed.
pub struct Call<'a> {
    /// As the scenario has them.
    pub(super) written: &'a [BoundStep],
    measured: Option<&'a EndpointResult>,
    explained: Vec<Option<Explained<'a>>>,
}

/// A step that was explained.
pub(super) struct Explained<'a> {
    pub(super) statement: &'a ExplainedStatement,
    pub(super) plan: Plan,
}

/// The one row or range of rows of one table that a plan looks up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Access<'p> {
    pub(super) relation: &'p str,
    /// As the plan deparses it, with the values of the call.
    condition: &'p str,
}

impl<'a> Call<'a> {
    /// The `written` steps of one endpoint. `statements` may lack steps that did not run or are too small to matter; `measured` is what a bench found, if there was one.
    pub fn new(written: &'a [BoundStep], statements: &'a [ExplainedStatement], measured: Option<&'a EndpointResult>) -> Self {
        let explained = |place: usize| {
            let statement = statements.iter().find(|statement| statement.step == place + 1)?;
            Some(Explained { statement, plan: Plan::from_json(&statement.before.json).ok()? })
        };
        Call { written, measured, explained: (0..written.len()).map(explained).collect() }
    }

    /// The steps with their places, from 0.
    pub(super) fn steps(&self) -> impl Iterator<Item = (usize, &'a BoundStep)> + use<'a> {
        self.written.iter().enumerate()
    }

    pub(super) fn explained(&self, place: usize) -> Option<&Explained<'a>> {
        self.explained.get(place)?.as_ref()
    }

    /// Server's time of a step under EXPLAIN, ms; 0 when it was not explained.
    pub(super) fn server_ms(&self, place: usize) -> f64 {
        self.explained(place).map_or(0.0, |explained| explained.statement.before.execution_ms)
    }

    pub(super) fn server_side(&self) -> Option<&'a ServerSide> {
        self.measured?.server_side.as_ref()
    }

    /// How often a step runs in a call: as measured, else by the rows of the step that it runs for.
    pub(super) fn runs(&self, place: usize) -> Option<f64> {
        if let Some(step) = self.measured.and_then(|measured| measured.steps.get(place)) {
            return Some(step.runs_per_call);
        }
        match self.written[place].for_each {
            Some(source) => Some(self.explained(source)?.statement.before.rows_returned),
            None => Some(1.0),
        }
    }

    /// The whole call, ms: as measured, else what its statements take at the server.
    pub(super) fn whole_ms(&self) -> f64 {
        let measured = self.server_side().map(|side| side.client_ms);
        measured.unwrap_or_else(|| (0..self.written.len()).map(|place| self.server_ms(place)).sum())
    }

    /// What a call's round trips take beyond the server's time, ms, with their number.
    pub(super) fn trips(&self) -> Option<(f64, f64)> {
        let (measured, side) = (self.measured?, self.server_side()?);
        let beyond = side.client_ms - side.server_ms?;
        (measured.round_trips_per_call >= 1.0 && beyond > 0.0).then_some((beyond, measured.round_trips_per_call))
    }

    /// Milliseconds of one round trip; 0 when nobody measured it.
    pub(super) fn trip_ms(&self) -> f64 {
        self.trips().map_or(0.0, |(beyond, trips)| beyond / trips)
    }

    /// What the step looks up, when it is in one table alone.
    pub(super) fn access(&self, place: usize) -> Option<Access<'_>> {
        let plan = &self.explained(place)?.plan;
        let mut scans = nodes(&plan.root).filter(|node| node.reads_relation());
        let (Some(scan), None) = (scans.next(), scans.next()) else { return None };
        let condition = [&scan.index_cond, &scan.recheck_cond, &scan.filter].into_iter().flatten().next()?;
        Some(Access { relation: scan.relation.as_deref()?, condition })
    }

    /// `Update` or `Delete` of the step's plan.
    pub(super) fn operation(&self, place: usize) -> Option<&str> {
        let root = &self.explained(place)?.plan.root;
        root.operation.as_deref().filter(|_| root.node_type == "ModifyTable")
    }
}

impl Access<'_> {
    /// The columns named in the condition are among these texts' own words.
    pub(super) fn names(&self, output: &str) -> bool {
        let column = output.rsplit('.').next().unwrap_or(output);
        let mut words = self.condition.split(|c: char| !c.is_alphanumeric() && c != '_');
        words.any(|word| word == column)
    }
}

/// Whether the step needs nothing of an earlier one.
pub(super) fn stands_alone(step: &BoundStep) -> bool {
    let drawn = step.binds.iter().all(|bind| matches!(bind, Bind::Drawn { .. }));
    drawn && step.when.is_none() && step.for_each.is_none() && step.effect == Effect::Reads
}

/// What a plan returns that is neither a constant nor the key it was asked for.
pub(super) fn more_than_key<'p>(root: &'p PlanNode, access: &Access) -> Option<&'p str> {
    let constant =
        |output: &str| output.starts_with(['\'', '(']) || output.parse::<f64>().is_ok() || matches!(output, "true" | "false");
    root.output.iter().map(String::as_str).find(|output| !constant(output) && !access.names(output))
}
