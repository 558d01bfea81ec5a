//! What tips promise, tried: the remedy is applied in a transaction, the statement runs with and without it, and all is undone.
//!
//! ```text
//! tips with a remedy ── worth ──> before ── apply ── after ── undo ── before again ──> TriedRemedy in each finding
//! ```

mod apply;
mod timing;

use crate::db::{Connection, DbError, Value};
use crate::plan::{Facts, Plan, Remedy, Shape, Tip, narrate};
use crate::report::model::{ExplainedPlan, Finding, TriedRemedy};

use super::ExplainError;
use apply::{Applied, apply};
use timing::{Arm, effort};

/// Which remedies are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trying {
    Nothing,
    /// What advice does not try: it builds candidate indexes itself, together and under the endpoint's own load.
    AllButIndexes,
    Everything,
}

impl Trying {
    fn tries(self, remedy: &Remedy) -> bool {
        match self {
            Trying::Nothing => false,
            Trying::AllButIndexes => !matches!(remedy, Remedy::Index(_)),
            Trying::Everything => true,
        }
    }
}

/// As many as are shown: a tip that nobody reads needs no proof.
const MOST: usize = 3;

/// Of the statement's time, what a remedy must be about to be worth a build: less is not told from noise.
const SMALLEST_SHARE: f64 = 0.1;

/// Statements below this are quick already.
const SMALLEST_MS: f64 = 0.5;

/// Tries the remedies of the plan's first findings and writes what came of it into them; the findings are then ranked by what was
/// achieved where that is known. The connection is inside a transaction in which the statement has not been run (or was undone).
///
/// # Errors
/// When the connection is lost. What the server refuses is told in the finding.
pub async fn try_remedies(
    connection: &mut Connection,
    facts: &Facts,
    (sql, parameters): (&str, &[Value]),
    plan: &Plan,
    trying: Trying,
    explained: &mut ExplainedPlan,
) -> Result<(), ExplainError> {
    let tips = if trying == Trying::Nothing { Vec::new() } else { narrate(plan, facts) };
    let mut done: Vec<(Remedy, TriedRemedy)> = Vec::new();
    for tip in tips.iter().filter(|tip| worth_trying(tip, explained.execution_ms)) {
        let Some(remedy) = tip.remedy.as_ref().filter(|remedy| trying.tries(remedy)) else { continue };
        let known = done.iter().find(|(other, _)| other == remedy).map(|(_, tried)| tried.clone());
        let tried = match known {
            Some(tried) => Some(predicted(tried, tip, explained.execution_ms)),
            None if done.len() == MOST => None,
            None => try_one(connection, (sql, parameters), plan, (tip, remedy), explained.execution_ms).await?,
        };
        if let Some(tried) = tried {
            done.push((remedy.clone(), tried.clone()));
            if let Some(finding) = explained.findings.iter_mut().find(|finding| is_of(finding, tip)) {
                finding.tried = Some(tried);
            }
        }
    }
    rank(&mut explained.findings);
    Ok(())
}

fn worth_trying(tip: &Tip, execution_ms: f64) -> bool {
    let about = tip.saves_ms.max(tip.about_ms);
    execution_ms >= SMALLEST_MS && about >= SMALLEST_SHARE * execution_ms
}

fn is_of(finding: &Finding, tip: &Tip) -> bool {
    finding.rule == tip.rule && finding.node == tip.node && finding.sentence == tip.sentence
}

/// The tip speaks of the time under EXPLAIN with timing; its share of that is what it promises of any other clock.
fn predicted(tried: TriedRemedy, tip: &Tip, execution_ms: f64) -> TriedRemedy {
    let left = (1.0 - tip.saves_ms / execution_ms).clamp(0.0, 1.0);
    TriedRemedy { predicted_ms: tried.before_ms * left, ..tried }
}

/// `None` when the remedy cannot be tried here at all.
async fn try_one(
    connection: &mut Connection,
    (sql, parameters): (&str, &[Value]),
    plan: &Plan,
    (tip, remedy): (&Tip, &Remedy),
    execution_ms: f64,
) -> Result<Option<TriedRemedy>, ExplainError> {
    let writes = crate::plan::walk(plan).any(|visit| visit.node.node_type == "ModifyTable");
    if writes && matches!(remedy, Remedy::Rewrite(_)) {
        // What it returns tells nothing of what it writes.
        return Ok(None);
    }
    let effort = effort(execution_ms);
    let statement = remedy.to_string();
    let mut before = Arm::default();
    before.run(connection, sql, parameters, effort.divided()).await?;
    connection.batch("SAVEPOINT perflab_remedy").await?;
    let mut after = Arm::default();
    let refused = match apply(connection, remedy, (sql, parameters)).await {
        Ok(Applied::Impossible) => {
            connection.batch("ROLLBACK TO perflab_remedy").await?;
            return Ok(None);
        }
        Ok(Applied::Done) => after.run(connection, sql, parameters, effort).await?,
        Ok(Applied::Instead(sql)) => after.run(connection, &sql, parameters, effort).await?,
        Ok(Applied::Refused(reason)) => Some(reason),
        Err(error) if error.server_message().is_some() => Some(in_words(&error)),
        Err(error) => return Err(error.into()),
    };
    connection.batch("ROLLBACK TO perflab_remedy").await?;
    before.run(connection, sql, parameters, effort.divided()).await?;
    let (Some(before_ms), after_ms) = (before.median_ms(), after.median_ms()) else { return Ok(None) };
    let ignored =
        plan.triggers().is_empty() && after.plan.as_ref().is_some_and(|after| Shape::of(plan).same_as(&Shape::of(after)));
    let tried = TriedRemedy {
        statement,
        predicted_ms: 0.0,
        before_ms,
        after_ms: after_ms.filter(|_| refused.is_none()),
        runs: u32::try_from(after.count()).unwrap_or(u32::MAX),
        noise: noise(&before, &after),
        apart: before.is_apart(&after),
        ignored: ignored && matches!(remedy, Remedy::Index(_)),
        refused,
    };
    Ok(Some(predicted(tried, tip, execution_ms)))
}

/// Of the more restless side, as a share of the time before: a remedy that leaves a hundredth of the time may leave it as restless as it
/// likes.
fn noise(before: &Arm, after: &Arm) -> f64 {
    let left = before.median_ms().zip(after.median_ms()).map_or(0.0, |(before, after)| after / before);
    before.noise().max(after.noise() * left)
}

/// The server's words for a person.
fn in_words(error: &DbError) -> String {
    match error.server_message() {
        Some(message) if message.sqlstate == "57014" => "it was stopped, since it took too long".to_owned(),
        Some(message) => message.without_hint(),
        None => error.to_string(),
    }
}

/// Summaries stay in front; then what saves most, by what was achieved where it was tried. What was tried in vain comes last.
fn rank(findings: &mut [Finding]) {
    let first = findings.iter().position(|finding| finding.rule != super::narrated::SUMMARY).unwrap_or(findings.len());
    findings[first..].sort_by(|a, b| saving(b).total_cmp(&saving(a)));
}

fn saving(finding: &Finding) -> f64 {
    match finding.tried.as_ref().map(|tried| (tried, tried.after_ms)) {
        Some((tried, Some(after))) if !tried.helped() => -1.0 - (after - tried.before_ms).max(0.0),
        Some((tried, Some(after))) => tried.before_ms - after,
        _ => finding.saves_ms,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(rule: &str, saves_ms: f64, tried: Option<(f64, f64)>) -> Finding {
        let tried = tried.map(|(before_ms, after_ms)| TriedRemedy {
            before_ms,
            after_ms: Some(after_ms),
            noise: 0.02,
            ..TriedRemedy::default()
        });
        Finding { rule: rule.into(), saves_ms, tried, ..Finding::default() }
    }

    #[test]
    fn noise_is_a_share_of_the_time_before_on_either_side() {
        let (steady, restless) = (Arm::of(&[1_000.0, 1_010.0, 990.0]), Arm::of(&[5.0, 10.0, 40.0]));
        assert!((noise(&steady, &restless) - 0.029_652).abs() < 1e-6, "5 of 10 ms are little beside 1,000");
        assert!((noise(&restless, &steady) - 2.0 * 1.4826).abs() < 1e-9, "10 of 1,000 ms are one of the 10 ms before");
    }

    #[test]
    fn what_was_achieved_counts_for_more_than_what_was_promised() {
        let mut findings = [
            finding(super::super::narrated::SUMMARY, 0.0, None),
            finding("in vain", 90.0, Some((100.0, 100.5))),
            finding("untried", 30.0, None),
            finding("achieved", 60.0, Some((100.0, 45.0))),
            finding("harmful", 80.0, Some((100.0, 140.0))),
        ];
        rank(&mut findings);
        let order: Vec<&str> = findings.iter().map(|finding| finding.rule.as_str()).collect();
        assert_eq!(order, ["summary", "achieved", "untried", "in vain", "harmful"]);
    }

    #[test]
    fn a_promise_is_a_share_of_the_time_whatever_the_clock() {
        let tip = Tip {
            rule: "x",
            sentence: String::new(),
            next_step: None,
            saves_ms: 30.0,
            about_ms: 30.0,
            correctness: false,
            node: None,
            remedy: None,
        };
        let tried = predicted(TriedRemedy { before_ms: 20.0, ..TriedRemedy::default() }, &tip, 40.0);
        assert!((tried.predicted_ms - 5.0).abs() < 1e-9);
        assert!(worth_trying(&tip, 300.0) && !worth_trying(&tip, 301.0) && !worth_trying(&tip, 0.4));
    }
}
