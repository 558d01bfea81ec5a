//! The gate of the plans: each statement on both sides, how it was planned and what that read.

use crate::bench::compare::counts::Tolerance;
use crate::report::model::ci::{CheckOutcome, Gate, GateCheck, Observed, ObservedStatement, PlanChange};

use super::sides::{Sides, measure};
use super::writing::{change, factor};

const GATE: Gate = Gate::Plans;
/// A statement's own figures are of a few calls; what is less is left to the counters of the whole call.
const ROWS: Tolerance = Tolerance { share: 0.50, least: 100.0 };
const BLOCKS: Tolerance = Tolerance { share: 0.50, least: 50.0 };
/// For other calls.
const OTHER_CALLS: f64 = 4.0;

/// Holds every statement of the endpoint against what it was before: one check for each that changed, or a single one when none did.
///
/// A plan that changed is a word worth; it fails when it reads more, or by an index no more what is large. A planner that goes one way or
/// the other between two that cost the same fails nothing.
pub fn check(sides: &Sides<'_>) -> Vec<GateCheck> {
    let mut found = Vec::new();
    for statement in &sides.after.statements {
        match counterpart(statement, sides.before, sides.after) {
            Some(before) => found.extend(compared(before, statement, sides)),
            None => found.push(sides.check_step(GATE, statement.step, CheckOutcome::Notice).saying("A new statement.")),
        }
    }
    if found.is_empty() {
        found.push(sides.check(GATE, CheckOutcome::Passed));
    }
    found
}

/// The statement of before with the same text, else the one that stands in its place and has no other partner.
fn counterpart<'a>(statement: &ObservedStatement, before: &'a Observed, after: &Observed) -> Option<&'a ObservedStatement> {
    let same = |one: &ObservedStatement| one.sql == statement.sql;
    // The same statement may stand in an endpoint twice.
    let nth = after.statements.iter().filter(|one| same(one) && one.step < statement.step).count();
    before.statements.iter().filter(|one| same(one)).nth(nth).or_else(|| {
        let there = before.statements.iter().find(|one| one.step == statement.step)?;
        let taken = after.statements.iter().any(|one| one.sql == there.sql);
        (!taken).then_some(there)
    })
}

fn compared(before: &ObservedStatement, after: &ObservedStatement, sides: &Sides<'_>) -> Option<GateCheck> {
    let (Some(usual), Some(now)) = (before.plans.first(), after.plans.first()) else { return None };
    let planned_otherwise = !after.plans.iter().any(|seen| seen.plan == usual.plan);
    let rewritten = before.sql != after.sql;
    let slack = |tolerance: Tolerance| match sides.same_calls() {
        true => tolerance,
        false => Tolerance { share: tolerance.share * OTHER_CALLS, least: tolerance.least * OTHER_CALLS },
    };
    let figures = [
        ("rows_read", before.rows_read, after.rows_read, slack(ROWS)),
        ("blocks", before.blocks as f64, after.blocks as f64, slack(BLOCKS)),
    ];
    let beyond: Vec<_> = figures.iter().filter(|(_, from, to, tolerance)| tolerance.exceeded(*from, *to)).collect();
    let grown: Vec<_> = beyond.iter().filter(|(_, from, to, _)| to > from).collect();
    let worse = !grown.is_empty() && grown.len() == beyond.len();
    if !planned_otherwise && !worse && !rewritten {
        return None;
    }
    let outcome = if worse { CheckOutcome::Failed } else { CheckOutcome::Notice };
    let how = if planned_otherwise { difference(&usual.plan, &now.plan) } else { "Planned as before".to_owned() };
    let figures: Vec<String> =
        beyond.iter().map(|(metric, from, to, _)| format!("{}{}", change(metric, *from, *to), factor(*from, *to))).collect();
    let reads = if figures.is_empty() { "and reads as much as before".to_owned() } else { figures.join(", ") };
    let words = if rewritten { "The statement was changed. " } else { "" };
    let blamed = if planned_otherwise { sides.indexes.blamed(&now.plan) } else { String::new() };
    let found = sides.check_step(GATE, after.step, outcome).saying(format!("{words}{how}: {reads}.{blamed}"));
    let found = GateCheck {
        measures: beyond.iter().map(|(metric, from, to, _)| measure(metric, *from, *to)).collect(),
        plan: planned_otherwise.then(|| PlanChange { before: usual.plan.clone(), after: now.plan.clone() }),
        ..found
    };
    Some(match (worse, blamed.is_empty()) {
        (true, false) => found.advising("Put the index back, or accept it with --accept."),
        (true, true) => {
            found.advising(format!("perflab explain SCENARIO \"{}\" shows the plan with what it means.", sides.after.label))
        }
        _ => found,
    })
}

/// The first scans that are others: `Seq Scan on links in place of Index Scan on links using btree (song_id)`.
fn difference(before: &[String], after: &[String]) -> String {
    let short = |line: &String| line.split(';').next().unwrap_or_default().trim().to_owned();
    let only = |these: &[String], those: &[String]| -> Vec<String> {
        let there: Vec<String> = those.iter().map(short).collect();
        these.iter().map(short).filter(|line| !there.contains(line)).collect()
    };
    let (new, gone) = (only(after, before), only(before, after));
    let scan = |line: &&String| line.contains(" on ");
    let pick = |list: &[String]| list.iter().find(scan).or(list.first()).cloned();
    match (pick(&new), pick(&gone)) {
        (Some(new), Some(gone)) => format!("{new} in place of {gone}"),
        (Some(new), None) => format!("{new}, which was not there before"),
        (None, Some(gone)) => format!("{gone} is there no more"),
        (None, None) => "The steps come in another order or by another condition".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{observed, planned, said, sides};
    use super::*;

    const INDEX: &str = "Index Scan on links using btree (song_id); Index Cond: (song_id = ?)";

    fn one(statement: ObservedStatement) -> Observed {
        Observed { statements: vec![statement], ..observed() }
    }

    #[test]
    fn a_plan_that_reads_more_fails_and_one_that_does_not_is_said() {
        let before = one(planned(&[INDEX], 3.0, 6));
        let worse = sides(&before, &one(planned(&["Seq Scan on links"], 130_000.0, 900)), check);
        assert!(worse[0].failed());
        let told = said(&worse[0]);
        assert!(
            told.starts_with("Seq Scan on links in place of Index Scan on links using btree (song_id): 3 → 130,000 rows read"),
            "{told}"
        );
        assert_eq!(worse[0].place.as_ref().unwrap().line, 11);
        let other = sides(&before, &one(planned(&["Bitmap Heap Scan on links", "  Bitmap Index Scan"], 3.0, 7)), check);
        assert_eq!(other[0].outcome, CheckOutcome::Notice);
        let same = sides(&before, &before, check);
        assert_eq!((same.len(), same[0].outcome), (1, CheckOutcome::Passed));
    }

    #[test]
    fn a_hash_join_for_a_nested_loop_is_no_failure() {
        let before = one(planned(&["Nested Loop", "  Seq Scan on a"], 1_000.0, 3_000));
        let after = one(planned(&["Hash Join", "  Seq Scan on a"], 50_000.0, 500));
        assert_eq!(sides(&before, &after, check)[0].outcome, CheckOutcome::Notice);
    }

    #[test]
    fn a_plan_among_several_is_no_change() {
        let mut both = planned(&["Seq Scan on a"], 10.0, 1);
        both.plans.extend(planned(&[INDEX], 0.0, 0).plans);
        let found = sides(&one(planned(&[INDEX], 10.0, 1)), &one(both), check);
        assert_eq!(found[0].outcome, CheckOutcome::Passed);
    }

    #[test]
    fn a_changed_statement_is_held_against_the_one_in_its_place() {
        let changed = ObservedStatement { sql: "SELECT 2".into(), ..planned(&["Seq Scan on links"], 130_000.0, 900) };
        let found = sides(&one(planned(&[INDEX], 3.0, 6)), &one(changed), check);
        assert!(found[0].failed() && said(&found[0]).starts_with("The statement was changed. "), "{found:?}");
    }

    #[test]
    fn a_new_statement_has_nothing_to_be_held_against() {
        let mut after = one(planned(&[INDEX], 3.0, 6));
        after.statements.push(ObservedStatement { step: 2, sql: "SELECT 2".into(), ..planned(&["Seq Scan on b"], 1e6, 9) });
        let found = sides(&one(planned(&[INDEX], 3.0, 6)), &after, check);
        assert_eq!((found.len(), found[0].outcome, found[0].step), (1, CheckOutcome::Notice, Some(2)));
    }
}
