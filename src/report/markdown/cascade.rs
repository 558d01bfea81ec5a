//! What ran behind a statement's triggers, which the plan does not show: all of it in a table, the dearest with its own plan.

use super::super::measures;
use super::super::model::{CascadeProof, ExplainedPlan, ImpliedStatement};
use super::super::standing::index_target;
use super::super::tips::parted;
use super::super::wording::{INSIDE_A_FUNCTION, key_chosen, trigger_told};
use super::joined;
use super::meaning::{said, worth_saying};
use super::plan;
use super::table::{Lean, Table};
use super::text::{block, code, fold, plain, prose};
use crate::units::{self, count, figure};

/// The statements of foreign keys, and the triggers that somebody wrote.
pub(super) fn behind(plan: &ExplainedPlan) -> Vec<String> {
    let mut blocks = implied(plan);
    blocks.extend(plan.proof.iter().flat_map(proof));
    blocks.extend(plan.footprint.as_ref().map(|footprint| prose(&measures::footprint(footprint).join(" "))));
    if !plan.triggers.is_empty() {
        let told: Vec<String> = plan.triggers.iter().map(|trigger| prose(&trigger_told(trigger))).collect();
        blocks.push(format!("{} {INSIDE_A_FUNCTION}", told.join(" ")));
    }
    blocks
}

/// What the missing indexes bring together, with the statements that build them.
fn proof(proof: &CascadeProof) -> Vec<String> {
    let statements: Vec<String> = proof.indexes.iter().map(|index| format!("{};", index.statement)).collect();
    let triggers = measures::proven_triggers(proof);
    let by_key = if triggers.is_empty() { String::new() } else { format!(" By foreign key: {}.", triggers.join(", ")) };
    vec![format!("**Proof.** {}", prose(&format!("{}{by_key}", measures::proof(proof)))), block("sql", &statements.join("\n"))]
}

fn implied(plan: &ExplainedPlan) -> Vec<String> {
    let Some(first) = plan.implied.first() else { return Vec::new() };
    let several = plan.implied.len() > 1;
    let mut blocks = vec![format!("{}{}", totals(plan), if several { ":" } else { "." })];
    if several {
        blocks.push(implied_table(&plan.implied));
    }
    if !several {
        blocks.extend(own_plan(first, false));
        return blocks;
    }
    let told = |one: &&ImpliedStatement| one.plan.is_some() || one.unexplained.is_some();
    let plans: Vec<Vec<String>> = plan.implied.iter().filter(told).map(|one| own_plan(one, true)).collect();
    if !plans.is_empty() {
        let title = match plans.len() {
            1 => "One of them alone, with its plan".to_owned(),
            n => format!("{} of them alone, with their plans", units::capitalized(&units::in_words(n))),
        };
        blocks.push(fold(&title, &joined(&plans.concat())));
    }
    blocks
}

/// Without the mark at its end.
fn totals(plan: &ExplainedPlan) -> String {
    let (waiting, ran): (Vec<_>, Vec<_>) = plan.implied.iter().partition(|implied| implied.deferred);
    let statements = |n: usize| units::counted_in_words(n, "statement", "statements");
    let all: f64 = ran.iter().map(|implied| implied.trigger_ms).sum();
    let go = format!(
        "{} of these {} go to {} that PostgreSQL runs for foreign keys and that the plan does not show",
        figure(all),
        units::ms(plan.execution_ms),
        statements(ran.len())
    );
    match (ran.len(), waiting.len()) {
        (_, 0) => go,
        (0, waiting) => format!("At COMMIT, and in no plan, PostgreSQL runs {} for foreign keys", statements(waiting)),
        (_, 1) => format!("{go}; one more waits for COMMIT"),
        (_, waiting) => format!("{go}; {} more wait for COMMIT", units::in_words(waiting)),
    }
}

fn implied_table(implied: &[ImpliedStatement]) -> String {
    let lacking = implied.iter().any(|statement| statement.missing_index.is_some());
    let mut columns = vec![("statement", Lean::Left), ("ms", Lean::Right), ("calls", Lean::Right)];
    if lacking {
        columns.push(("lacks the index", Lean::Left));
    }
    // Last, since long names are what a narrow page cuts off.
    columns.push(("for", Lean::Left));
    let mut table = Table::new(columns);
    for statement in implied {
        let ran = statement.trigger_calls > 0;
        let time = if ran { figure(statement.trigger_ms) } else { "not run".to_owned() };
        let mut row = vec![code(&statement.sql), time, count(statement.trigger_calls)];
        if lacking {
            row.push(statement.missing_index.as_deref().map_or_else(|| "none".to_owned(), |index| code(index_target(index))));
        }
        let waits = if statement.deferred { ", at COMMIT" } else { "" };
        row.push(format!("{}{waits}", plain(&statement.constraint)));
        table.row(row);
    }
    table.render()
}

/// The implied statement's own plan, with what that means.
fn own_plan(implied: &ImpliedStatement, ranked: bool) -> Vec<String> {
    let Some(own) = &implied.plan else {
        return implied.unexplained.iter().map(|why| format!("{} has no plan: {}.", code(&implied.sql), plain(why))).collect();
    };
    let key = implied.key.as_ref().map_or_else(String::new, |key| format!(", with {}", plain(&key_chosen(key))));
    let lead = if ranked {
        format!("{} alone{key}:", code(&implied.sql))
    } else {
        format!("It is {}, for {}{key}:", code(&implied.sql), plain(&implied.constraint))
    };
    let found = parted(worth_saying(own, true), false);
    [vec![lead], plan::plan(own, false, ""), vec![said(&[found.summary, found.shown].concat())]].concat()
}
