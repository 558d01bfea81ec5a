//! What the plans' tips say to do beside indexes: settings, ANALYZE, statistics, and small changes to the statement.
//!
//! They have been tried with the plan already ([`crate::explain::tried`]) for the parameters of one call. A statement written another
//! way must return the same rows in others, too, so it is tried again as an [`Attempt`].

use crate::db::catalog::Catalog;
use crate::explain::endpoint::StatementPlan;
use crate::explain::facts::facts;
use crate::plan::{Remedy, Rewrite, narrate};
use crate::report::model::{OtherAdvice, OtherKind, TriedRemedy};

use super::attempt::Attempt;
use super::calls::Own;
use super::told::reason;

/// What came of the remedies that leave the statement as it is, and the other ways to write it.
pub(super) fn remedies(statement: &StatementPlan, label: &str, catalog: &Catalog) -> (Vec<OtherAdvice>, Vec<Rewrite>) {
    let (mut done, mut rewrites): (Vec<OtherAdvice>, Vec<Rewrite>) = (Vec::new(), Vec::new());
    for tip in narrate(&statement.plan, &facts(catalog)) {
        let Some(remedy) = tip.remedy else { continue };
        let tried = statement.explained.findings.iter().filter_map(|finding| finding.tried.as_ref());
        let Some(tried) = tried.into_iter().find(|tried| tried.statement == remedy.to_string()) else { continue };
        let (kind, what) = match &remedy {
            Remedy::Rewrite(rewrite) => {
                if tried.helped() && !rewrites.contains(rewrite) {
                    rewrites.push(rewrite.clone());
                }
                continue;
            }
            Remedy::Setting { name, value } => (OtherKind::Setting, format!("set {name} to {value} for this statement")),
            Remedy::Analyze { table } => (OtherKind::Analyze, format!("let ANALYZE count {table} anew")),
            Remedy::Statistics { table, .. } => {
                (OtherKind::Statistics, format!("tell the planner how columns of {table} go together"))
            }
            Remedy::Index(_) | Remedy::Vacuum { .. } => continue,
        };
        let advice = told(kind, what, tried, statement.step, label);
        if !done.iter().any(|other| other.sql == advice.sql) {
            done.push(advice);
        }
    }
    (done, rewrites)
}

fn told(kind: OtherKind, what: String, tried: &TriedRemedy, step: usize, label: &str) -> OtherAdvice {
    let caution = match kind {
        OtherKind::Setting => "It holds where it is set: SET LOCAL in the statement's transaction, or ALTER ROLE … SET for all.",
        _ => "",
    };
    let mut advice = OtherAdvice {
        kind,
        label: label.to_owned(),
        step: Some(step + 1),
        what,
        sql: tried.statement.clone(),
        before_ms: tried.before_ms,
        after_ms: tried.after_ms,
        runs: tried.runs,
        ..OtherAdvice::default()
    };
    advice.reason = match &tried.refused {
        Some(refused) => format!("It could not be tried: {refused}."),
        None => reason(&advice, caution),
    };
    advice
}

/// The statement written another way, for the calls in which that can hold.
pub(super) fn rewritten<'w>(rewrite: &Rewrite, own: Own<'w>) -> Option<(Own<'w>, Attempt)> {
    let sql = rewrite.apply(own.sql)?;
    let (own, caution) = match rewrite {
        Rewrite::GivenParameter { number } => {
            let given = |case: &super::calls::Case| case.parameters.get(number - 1).is_some_and(|value| value.bytes.is_some());
            let cases = own.cases.into_iter().filter(given).collect();
            let caution = format!("It is the statement for calls that give ${number}; the others keep theirs.");
            (Own { cases, ..own }, caution)
        }
        _ => (own, String::new()),
    };
    if own.cases.is_empty() {
        return None;
    }
    let everything: Vec<usize> = (1..=own.cases[0].parameters.len()).collect();
    let attempt =
        Attempt { kind: OtherKind::Rewrite, what: format!("write {rewrite}"), sql: vec![sql], caution, ..Attempt::default() };
    let attempt = attempt.given(&own, &everything);
    Some((own, attempt))
}
