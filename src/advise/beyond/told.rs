//! What came of a way, in words.

use crate::bench::variants::Cell;
use crate::report::model::OtherAdvice;
use crate::units::{bytes as size, count, counted, ms};

use super::attempt::{Attempt, Tried, helps};
use super::calls::Own;

pub(super) fn other_rows(own: &[Vec<Cell>], found: &[Vec<Cell>]) -> String {
    if own.len() == found.len() {
        return format!("It returns other rows, or the same in another order ({} of them).", count(own.len() as u64));
    }
    format!("It returns other rows: {} in place of {}.", count(found.len() as u64), count(own.len() as u64))
}

pub(super) fn advice(own: &Own<'_>, attempt: &Attempt, tried: Tried, refused: Option<String>) -> OtherAdvice {
    let costs = costs(attempt, &tried);
    let sql = if tried.sql.is_empty() { attempt.sql.first().cloned().unwrap_or_default() } else { tried.sql };
    // A comment must not swallow the semicolon.
    let end = |command: &str| if command.lines().last().is_some_and(|line| line.contains("--")) { "\n;\n" } else { ";\n" };
    let commands: String = attempt.commands.iter().map(|command| format!("{command}{}", end(command))).collect();
    let mut advice = OtherAdvice {
        kind: attempt.kind,
        label: own.label.to_owned(),
        step: Some(own.step + 1),
        what: attempt.what.clone(),
        sql: commands + &sql,
        before_ms: tried.before_ms,
        after_ms: tried.after_ms,
        runs: u32::try_from(tried.runs).unwrap_or(u32::MAX),
        proof: tried.proof,
        costs,
        reason: String::new(),
    };
    advice.reason = refused.unwrap_or_else(|| reason(&advice, &attempt.caution));
    advice
}

/// What was made, as a clause.
fn costs(attempt: &Attempt, tried: &Tried) -> String {
    let saved = tried.before_ms - tried.after_ms.unwrap_or(tried.before_ms);
    match (attempt.made.as_slice(), tried.refresh_ms) {
        ([], _) => String::new(),
        _ if tried.after_ms.is_none() => String::new(),
        (_, Some(refresh)) => {
            let pays = if saved > 0.0 {
                format!(", as much as {} save", counted((refresh / saved).ceil() as u64, "call", "calls"))
            } else {
                String::new()
            };
            format!(
                "the view takes {}; REFRESH takes {}{pays}, and readers wait meanwhile unless it is CONCURRENTLY",
                size(tried.bytes),
                ms(refresh)
            )
        }
        (made, None) => {
            let noun = if made.len() == 1 { "its index takes" } else { "its indexes take" };
            format!("{noun} {}, built in {}", size(tried.bytes), ms(tried.commands_ms))
        }
    }
}

/// Why a way that could be run is offered, or not.
pub(super) fn reason(advice: &OtherAdvice, caution: &str) -> String {
    let (before, after) = (ms(advice.before_ms), ms(advice.after_ms.unwrap_or(advice.before_ms)));
    match (helps(advice), caution) {
        (true, "") => format!("It takes {after} in place of {before}."),
        (true, caution) => format!("It takes {after} in place of {before}. {caution}"),
        (false, _) => format!("It takes {after}, and the statement as it is {before}: not enough to be worth it."),
    }
}
