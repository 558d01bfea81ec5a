//! Sides made up for the tests of the gates.

use crate::report::model::ci::{FilePlace, GateCheck, Observed, ObservedStatement, SeenPlan};

use super::sides::{IndexChange, Places, Sides};

pub fn observed() -> Observed {
    Observed { label: "GET /".into(), calls: 100, statements_per_call: 1.0, round_trips_per_call: 1.0, ..Observed::default() }
}

pub fn statement(step: usize, sql: &str, runs_per_call: f64) -> ObservedStatement {
    ObservedStatement { step, sql: sql.into(), runs_per_call, ..ObservedStatement::default() }
}

pub fn planned(lines: &[&str], rows_read: f64, blocks: u64) -> ObservedStatement {
    let plans = vec![SeenPlan { calls: 3, plan: lines.iter().map(|line| (*line).to_owned()).collect() }];
    ObservedStatement { rows_read, blocks, plans, ..statement(1, "SELECT 1", 1.0) }
}

/// What a gate says of the two, in a file where statement n stands in line 10 + n.
pub fn sides<T>(before: &Observed, after: &Observed, gate: impl Fn(&Sides<'_>) -> T) -> T {
    with_indexes(before, after, &IndexChange::default(), gate)
}

pub fn with_indexes<T>(before: &Observed, after: &Observed, indexes: &IndexChange, gate: impl Fn(&Sides<'_>) -> T) -> T {
    let place = |line| FilePlace { file: "s.yaml".into(), line, column: 5 };
    let places = Places { endpoint: Some(place(10)), steps: (11..20).map(place).collect() };
    gate(&Sides { before, after, indexes, places: &places })
}

pub fn said(check: &GateCheck) -> &str {
    check.message.as_deref().unwrap_or_default()
}
