//! The indexes that were tried: what was typed, what it cost, and whether any plan wanted it.

use super::super::super::model::{ExplainedPlan, Explanation, TriedIndex};
use super::super::super::wording::{one_line, shortened};
use super::super::sheet::{GREEN, Sheet, YELLOW};
use super::same::counterpart;
use crate::units;

/// Characters of a statement that is named, not shown.
const STATEMENT_SHOWN: usize = 100;

/// How many of the indexes a plan used, as part of the verdict.
pub(super) fn used(sheet: &mut Sheet, indexes: &[TriedIndex]) {
    let used = indexes.iter().filter(|index| !index.used_by.is_empty()).count();
    let all = units::in_words(indexes.len());
    match (used, indexes.len()) {
        (_, 0) => {}
        (0, 1) => sheet.led(YELLOW, "No plan used the index", "."),
        (1, 1) => sheet.led(GREEN, "The index was used", "."),
        (0, _) => sheet.led(YELLOW, "No plan used any", &format!(" of the {all} indexes.")),
        (n, of) if n == of => sheet.led(GREEN, &format!("All {all} indexes were used"), "."),
        (1, _) => sheet.led(YELLOW, "Only one", &format!(" of the {all} indexes was used.")),
        (n, _) => sheet.led(YELLOW, &format!("Only {}", units::in_words(n)), &format!(" of the {all} indexes were used.")),
    }
}

/// Each index with its size and build time, and the statements whose plans used it.
pub(super) fn tried(sheet: &mut Sheet, found: &Explanation) {
    let quick = not_explained_again(found);
    for index in &found.indexes {
        sheet.gap();
        sheet.code(&format!("{};", one_line(&index.definition).trim_end_matches(';')));
        sheet.set_in(|sheet| {
            cost(sheet, index);
            match named(index.used_by.iter().map(String::as_str)).as_slice() {
                [] if quick.is_empty() => sheet.led(YELLOW, "no plan used it", ""),
                [] => {
                    let rest = format!("; too quick now to be explained again: {}", units::listed(&quick));
                    sheet.led(YELLOW, "no plan used it", &rest);
                }
                [only] => sheet.led(GREEN, "used", &format!(" by {only}")),
                several => {
                    sheet.led(GREEN, "used", " by");
                    several.iter().for_each(|statement| sheet.item(statement));
                }
            }
        });
    }
}

/// Its size, its build, and the lock that the build holds: SHARE lets others read and makes them wait to write (Table 13.2 of
/// PostgreSQL's manual); CONCURRENTLY scans the table twice and lets them write ("Building Indexes Concurrently" of CREATE INDEX).
fn cost(sheet: &mut Sheet, index: &TriedIndex) {
    let built = units::seconds(index.build_ms / 1000.0);
    let size = units::bytes(index.bytes);
    if index.table.is_empty() {
        sheet.text(&format!("{size}, built in {built}"));
    } else {
        let table = one_line(&index.table);
        let concurrently = if index.concurrently_left_out {
            "CONCURRENTLY was left out here, since it cannot be rolled back and nobody waits; in production keep it: it takes about twice \
             as long and lets writes through."
        } else {
            "In production, CREATE INDEX CONCURRENTLY takes about twice as long and lets writes through."
        };
        sheet.text(&format!(
            "{size}, built in {built}; for as long, CREATE INDEX holds a SHARE lock on {table}, and writes to it wait. {concurrently}"
        ));
    }
    if index.kept {
        sheet.text("It stays in the seeded database (--keep).");
    }
    index.notes.iter().for_each(|note| sheet.led(YELLOW, "Note:", &format!(" {note}")));
}

/// Statements behind foreign keys that had a plan before and have none after: whether they use an index is not known.
fn not_explained_again(found: &Explanation) -> Vec<String> {
    fn collect<'a>(before: &'a ExplainedPlan, after: &'a ExplainedPlan, into: &mut Vec<&'a str>) {
        for now in &after.implied {
            let earlier = counterpart(before, now).and_then(|earlier| earlier.plan.as_deref());
            match (earlier, now.plan.as_deref()) {
                (Some(_), None) => into.push(&now.sql),
                (Some(before), Some(after)) => collect(before, after, into),
                (None, _) => {}
            }
        }
    }
    let mut all = Vec::new();
    for statement in found.endpoints.iter().flat_map(|endpoint| &endpoint.statements) {
        if let Some(after) = &statement.after {
            collect(&statement.before, after, &mut all);
        }
    }
    named(all.into_iter())
}

/// Each statement once, on a short line.
fn named<'a>(statements: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in statements.map(|sql| shortened(&one_line(sql), STATEMENT_SHOWN)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}
