//! The indexes: which to build, what they gain and cost, which may go, which were refused and why, what helps beside them, and what nothing
//! saves.

mod ledger;
mod lists;

use super::super::advised::{net, stays_over};
use super::super::model::{AdviceRun, Evidence, InsertCost, KeptIndex, Served, Unsolved};
use super::super::standing::index_target;
use super::outcome::commands;
use super::table::{Lean, Table};
use super::text::{block, code, fold, plain, prose, sentences};
use super::{Page, Section, joined};
use crate::units::{self, amount, counted_in_words, figure};

/// Reasons of more indexes are folded: the section of each endpoint has its own.
const REASONS_SHOWN: usize = 3;
const WHY: &str = "Why each of them: what it is for, what the endpoints take without it, what it costs";
/// Longer lists of refused indexes are folded.
const REFUSED_SHOWN: usize = 3;

pub(super) fn section(page: &Page) -> Option<Section> {
    let advice = page.run.advice.as_ref()?;
    let mut blocks = vec![estimated(advice), summary(advice)];
    if !advice.keep.is_empty() {
        blocks.push(block("sql", &commands(&advice.keep.iter().collect::<Vec<_>>())));
        blocks.extend([holds_up_writes(advice), costs(advice)]);
        let why = advice.keep.iter().map(reasons).collect::<Vec<_>>().join("\n");
        blocks.push(if advice.keep.len() > REASONS_SHOWN { fold(WHY, &why) } else { why });
        blocks.extend(ledger::blocks(advice));
    }
    blocks.push(refused(advice));
    blocks.extend(lists::dropped(advice));
    blocks.extend(lists::beside(advice));
    if !advice.unsolved.is_empty() {
        blocks.push("### What no index saves".to_owned());
        blocks.extend(advice.unsolved.iter().map(|left| unsolved(page, left)));
    }
    if !advice.notes.is_empty() {
        blocks.push("### Notes".to_owned());
        blocks.push(advice.notes.iter().map(|note| format!("- {}", prose(note))).collect::<Vec<_>>().join("\n"));
    }
    Some(Section { title: "Indexes", body: joined(&blocks) })
}

fn estimated(advice: &AdviceRun) -> String {
    match advice.evidence {
        Evidence::Measured => String::new(),
        Evidence::Estimated => {
            "**Estimated, not measured:** nothing was built or executed; all figures are the planner's.".to_owned()
        }
    }
}

fn summary(advice: &AdviceRun) -> String {
    let rounds = units::counted_in_words(advice.rounds as usize, "round", "rounds");
    let tried = advice.keep.len() + advice.rejected.len();
    let spent = format!("{} tried in {rounds} ({})", counted_in_words(tried, "index", "indexes"), units::seconds(advice.seconds));
    let kept = match advice.keep.len() {
        0 => "none was kept".to_owned(),
        1 => format!(
            "one was kept: {}, built in {}",
            units::bytes(advice.total_bytes),
            units::seconds(advice.total_build_ms / 1000.0)
        ),
        n => format!(
            "{} were kept: {} in all, built in {}",
            units::in_words(n),
            units::bytes(advice.total_bytes),
            units::seconds(advice.total_build_ms / 1000.0)
        ),
    };
    units::capitalized(&format!("{spent}; {kept}."))
}

/// A plain CREATE INDEX takes a SHARE lock (PostgreSQL's documentation, "Building Indexes Concurrently").
fn holds_up_writes(advice: &AdviceRun) -> String {
    let slowest = advice.keep.iter().max_by(|a, b| a.build_ms.total_cmp(&b.build_ms));
    slowest.map_or_else(String::new, |index| {
        format!(
            "Building {} keeps writes to {} waiting for about {}; on a database in use, `CREATE INDEX CONCURRENTLY` does not.",
            code(&index.name),
            plain(&index.table),
            units::seconds(index.build_ms / 1000.0)
        )
    })
}

/// Size, build time and what each inserted row costs.
fn costs(advice: &AdviceRun) -> String {
    let priced = advice.keep.iter().any(|index| index.insert_cost.is_some());
    let mut columns = vec![("index", Lean::Left), ("size", Lean::Right), ("built in", Lean::Right)];
    if priced {
        columns.extend([("µs per inserted row", Lean::Right), ("WAL bytes per inserted row", Lean::Right)]);
    }
    columns.push(("saves ms per 1,000 calls", Lean::Right));
    let mut table = Table::new(columns);
    for index in &advice.keep {
        let mut row = vec![code(&index.name), units::bytes(index.bytes), units::seconds(index.build_ms / 1000.0)];
        if priced {
            row.extend(insert_cost(index.insert_cost.as_ref()));
        }
        row.push(index.ledger.as_ref().map_or_else(String::new, net));
        table.row(row);
    }
    if advice.keep.len() > 1 {
        let all = ["**all**".to_owned(), units::bytes(advice.total_bytes), units::seconds(advice.total_build_ms / 1000.0)];
        table.row(all);
    }
    table.render()
}

fn insert_cost(cost: Option<&InsertCost>) -> [String; 2] {
    match cost {
        None => std::array::from_fn(|_| "not measured".to_owned()),
        Some(cost) => [
            format!("{} → {}", figure(cost.without_us_per_row), figure(cost.with_us_per_row)),
            format!("{} → {}", amount(cost.without_wal_bytes_per_row), amount(cost.with_wal_bytes_per_row)),
        ],
    }
}

/// Why an index is there: its cause and what the endpoints would take without it.
fn reasons(index: &KeptIndex) -> String {
    let served: Vec<String> = index.serves.iter().map(served).collect();
    let without = match served.as_slice() {
        [] => String::new(),
        // The reason tells them already.
        _ if !index.reason.is_empty() => String::new(),
        _ => format!(" Without it alone: {}.", units::listed(&served)),
    };
    let because = sentences([index.because.as_str()]);
    let kept = if index.reason.is_empty() { String::new() } else { format!(" {}", sentences([index.reason.as_str()])) };
    format!("- {}: {because}{kept}{without}", code(index_target(&index.definition)))
}

fn served(served: &Served) -> String {
    format!("{} {} instead of {}", plain(&served.label), units::ms(served.without_ms), figure(served.with_ms))
}

fn refused(advice: &AdviceRun) -> String {
    let mut table = Table::new([("not kept", Lean::Left), ("proposed because", Lean::Left), ("refused because", Lean::Left)]);
    for index in &advice.rejected {
        table.row([code(index_target(&index.definition)), prose(&index.because), prose(&index.reason)]);
    }
    match table.len() {
        n if n > REFUSED_SHOWN => {
            fold(&format!("{} that were tried and not kept", units::counted(n as u64, "index", "indexes")), &table.render())
        }
        _ => table.render(),
    }
}

/// The statement in full unless it stands in the endpoint's own section.
fn unsolved(page: &Page, unsolved: &Unsolved) -> String {
    let standing = page.standings.iter().find(|standing| standing.label == unsolved.label);
    let name = standing.map_or_else(|| plain(&unsolved.label), |standing| page.linked(standing));
    let rest = format!("{name} {}. Most of what is left is statement {}", stays_over(unsolved), unsolved.step);
    let reason = sentences([unsolved.reason.as_str()]);
    match standing.and_then(|standing| standing.explained) {
        Some(_) => format!("{rest}. {reason}"),
        None => format!("{rest}:\n\n{}\n{reason}", block("sql", &unsolved.sql)),
    }
}
