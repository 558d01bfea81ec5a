//! The gate of what a call asks for: whether it works at all, and how often it asks.

use crate::bench::compare::counts::{Tolerance, differs_per_call};
use crate::report::model::ci::{CheckOutcome, Gate, GateCheck, Observed};
use crate::units;

use super::sides::{Places, Sides, measure};
use super::writing::{change, factor, per_call};

const GATE: Gate = Gate::Statements;

/// Holds calls that fail, statements and round trips against those of before.
pub fn check(sides: &Sides<'_>) -> GateCheck {
    let (before, after) = (sides.before, sides.after);
    if !after.failures.is_empty() && before.failures.is_empty() {
        return broken(after, sides.places);
    }
    let asked = [
        ("statements_per_call", before.statements_per_call, after.statements_per_call),
        ("round_trips_per_call", before.round_trips_per_call, after.round_trips_per_call),
    ];
    let differs =
        |from: f64, to: f64| if sides.same_calls() { SAME_CALLS.exceeded(from, to) } else { differs_per_call(from, to) };
    let grown: Vec<_> = asked.into_iter().filter(|(_, from, to)| to > from && differs(*from, *to)).collect();
    let Some((metric, from, to)) = grown.first() else { return fine(sides) };
    let step = most_grown(before, after);
    let repeated = after.statements.iter().find(|statement| Some(statement.step) == step && statement.runs_per_call >= REPEATED);
    let loops = repeated.map(|statement| {
        format!(" Statement {} runs {} times in a call: an N+1.", statement.step, per_call(statement.runs_per_call))
    });
    let said = format!("{}{} per call.{}", change(metric, *from, *to), factor(*from, *to), loops.as_deref().unwrap_or_default());
    let found = match step {
        Some(step) => sides.check_step(GATE, step, CheckOutcome::Failed),
        None => sides.check(GATE, CheckOutcome::Failed),
    };
    let next = match loops {
        Some(_) => "Ask for all rows in one statement (a join, or `= ANY(:ids)`), or accept it with --accept.",
        None => "Do without it, or accept it with --accept, or renew the baseline with --write-baseline.",
    };
    let measures = grown.iter().map(|(metric, from, to)| measure(metric, *from, *to)).collect();
    GateCheck { measures, ..found.saying(said).advising(next) }
}

/// The same calls ask for the same, unless a statement picks rows at random.
const SAME_CALLS: Tolerance = Tolerance { share: 0.02, least: 0.05 };
/// A statement that runs as often as this in one call is a loop.
const REPEATED: f64 = 2.0;

/// [`check`] where there is no other side: only whether calls work.
pub fn check_alone(after: &Observed, places: &Places) -> GateCheck {
    match after.failures.is_empty() {
        true => GateCheck { place: places.endpoint.clone(), ..GateCheck::new(GATE, &after.label, CheckOutcome::Passed) },
        false => broken(after, places),
    }
}

fn broken(after: &Observed, places: &Places) -> GateCheck {
    let found = GateCheck { place: places.endpoint.clone(), ..GateCheck::new(GATE, &after.label, CheckOutcome::Failed) };
    let said = units::capitalized(&format!("{}.", after.failures.join("; ")));
    found
        .saying(said)
        .advising("Repair the statement or its parameters: perflab explain SCENARIO \"ENDPOINT\" shows what the server says.")
}

fn fine(sides: &Sides<'_>) -> GateCheck {
    if !sides.after.failures.is_empty() {
        return sides.check(GATE, CheckOutcome::Notice).saying(format!("As before, {}.", sides.after.failures.join("; ")));
    }
    let (from, to) = (sides.before.statements_per_call, sides.after.statements_per_call);
    if to < from && differs_per_call(from, to) {
        let found =
            sides.check(GATE, CheckOutcome::Notice).saying(format!("{} per call.", change("statements_per_call", from, to)));
        return GateCheck { measures: vec![measure("statements_per_call", from, to)], ..found };
    }
    sides.check(GATE, CheckOutcome::Passed)
}

/// The statement that runs more often than any did that it could have been before.
fn most_grown(before: &Observed, after: &Observed) -> Option<usize> {
    let ran = |sql: &str| before.statements.iter().filter(|known| known.sql == sql).map(|known| known.runs_per_call).sum::<f64>();
    let grown = after.statements.iter().map(|statement| (statement.step, statement.runs_per_call - ran(&statement.sql)));
    grown.filter(|(_, more)| *more > 0.0).max_by(|one, other| one.1.total_cmp(&other.1)).map(|(step, _)| step)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{observed, sides, statement};
    use super::*;

    #[test]
    fn a_loop_is_named_with_its_statement() {
        let before = Observed { statements_per_call: 1.0, statements: vec![statement(1, "SELECT 1", 1.0)], ..observed() };
        let after = Observed {
            statements_per_call: 21.0,
            round_trips_per_call: 23.0,
            statements: vec![statement(1, "SELECT 1", 1.0), statement(2, "SELECT 2", 20.0)],
            ..observed()
        };
        let found = sides(&before, &after, check);
        assert_eq!((found.outcome, found.step), (CheckOutcome::Failed, Some(2)));
        let said = found.message.unwrap();
        assert_eq!(said, "1 → 21 statements (21×) per call. Statement 2 runs 20 times in a call: an N+1.");
        assert_eq!(found.place.unwrap().line, 12, "the statement's line");
        assert_eq!(sides(&after, &after, check).outcome, CheckOutcome::Passed);
        assert_eq!(sides(&after, &before, check).outcome, CheckOutcome::Notice);
    }

    #[test]
    fn one_statement_more_among_many_is_one_too_many() {
        let of = |statements_per_call| Observed { statements_per_call, ..observed() };
        assert!(sides(&of(20.3), &of(21.3), check).failed());
        let fewer = Observed { calls: 10, ..of(21.3) };
        assert_eq!(sides(&of(20.3), &fewer, check).outcome, CheckOutcome::Passed, "an average over other calls");
    }

    #[test]
    fn a_call_that_fails_fails_unless_it_did_before() {
        let failing = Observed { failures: vec!["statement 1 fails in 10 of 10 calls: no (42P01)".into()], ..observed() };
        assert!(sides(&observed(), &failing, check).failed());
        assert!(check_alone(&failing, &Places::default()).failed());
        assert_eq!(sides(&failing, &failing, check).outcome, CheckOutcome::Notice);
        assert_eq!(check_alone(&observed(), &Places::default()).outcome, CheckOutcome::Passed);
    }
}
