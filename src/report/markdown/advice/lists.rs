//! What to do beside building indexes: which of the schema's may go, and what helps that is no index.

use super::super::super::advised::{other_place, other_result, write_saving};
use super::super::super::model::{AdviceRun, DroppedAdvice, OtherAdvice};
use super::super::super::standing::short_target;
use super::super::table::{Lean, Table};
use super::super::text::{block, code, fold, plain, prose, sentences};
use crate::units;

/// Indexes of the schema that the scenario does not need.
pub(super) fn dropped(advice: &AdviceRun) -> Vec<String> {
    if advice.drop.is_empty() {
        return Vec::new();
    }
    let items: Vec<String> = advice.drop.iter().map(one_dropped).collect();
    let warning = "The scenario does not need them. Other queries may: `pg_stat_user_indexes` of the live database, and of its replicas, counts how \
                   often each is used.";
    vec!["### Indexes that may go".to_owned(), items.join("\n"), warning.to_owned()]
}

fn one_dropped(index: &DroppedAdvice) -> String {
    let saved: Vec<String> =
        index.writes.iter().map(|write| format!("{} {}", plain(&write.label), write_saving(write))).collect();
    let saved = if saved.is_empty() { String::new() } else { format!(" Without it a call saves: {}.", units::listed(&saved)) };
    format!(
        "- {} on {} ({}): {}{saved}",
        code(&index.name),
        code(&short_target(&index.definition)),
        units::bytes(index.bytes),
        sentences([index.reason.as_str()])
    )
}

/// What helps that is no index, each with its SQL, and what was tried in vain.
pub(super) fn beside(advice: &AdviceRun) -> Vec<String> {
    if advice.rewrites.is_empty() && advice.rewrites_rejected.is_empty() {
        return Vec::new();
    }
    let mut blocks = vec!["### Beyond indexes".to_owned()];
    for other in &advice.rewrites {
        blocks.push(offered(other));
        if !other.sql.trim().is_empty() {
            blocks.push(fold("The SQL", block("sql", &other.sql).trim_end()));
        }
    }
    blocks.push(refused(&advice.rewrites_rejected));
    blocks
}

fn offered(other: &OtherAdvice) -> String {
    let mut told: Vec<&str> = Vec::new();
    for sentence in [&other.reason, &other.proof, &other.costs] {
        if !told.iter().any(|known| known.contains(sentence.as_str())) {
            told.push(sentence);
        }
    }
    let told: Vec<String> = told.into_iter().map(units::capitalized).collect();
    format!(
        "**{}: {}: {}.** {}",
        plain(&other_place(&other.label, other.step)),
        prose(&other.what),
        other_result(other),
        sentences(told.iter().map(String::as_str))
    )
}

fn refused(all: &[OtherAdvice]) -> String {
    if all.is_empty() {
        return String::new();
    }
    let mut table = Table::new([("tried", Lean::Left), ("for", Lean::Left), ("refused because", Lean::Left)]);
    for other in all {
        table.row([prose(&other.what), plain(&other_place(&other.label, other.step)), prose(&other.reason)]);
    }
    fold(&format!("{} tried in vain", units::counted(all.len() as u64, "change that was", "changes that were")), &table.render())
}
