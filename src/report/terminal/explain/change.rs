//! What was changed beside the indexes that were built, and what became of a statement: its time with its noise, and the nodes of its
//! plan that were replaced.

use super::super::super::model::{
    ChangeKind, Changed, Explanation, NodeChange, NodeFigures, StatementChange, TimedChange, TriedStatement, Verdict,
};
use super::super::super::wording::{full_stop, one_line, shortened};
use super::super::sheet::{GREEN, RED, Sheet, YELLOW};
use crate::units;

/// Estimates within this factor are as good as a planner needs, and changes of it below this are not told.
const ESTIMATE_TOLD: f64 = 2.0;
/// Characters of a condition that is named.
const CONDITION_SHOWN: usize = 120;

/// What the side after is called: ` with the index`, ` with work_mem = 64MB`, ` after the change`.
pub(super) fn side_after(found: &Explanation) -> String {
    let Changed { settings, dropped, variant } = &found.changed;
    let plural =
        |count: usize, what: &str| if count == 1 { format!(" {what} the index") } else { format!(" {what} the indexes") };
    match (found.indexes.len(), settings.as_slice(), dropped.len(), variant) {
        (built, [], 0, None) => plural(built, "with"),
        (0, [only], 0, None) => format!(" with {} = {}", one_line(&only.name), one_line(&only.after)),
        (0, _, 0, None) => " with the settings".to_owned(),
        (0, [], dropped, None) => plural(dropped, "without"),
        (0, [], 0, Some(_)) => " written the other way".to_owned(),
        _ => " after the change".to_owned(),
    }
}

/// Whether there is a side after.
pub(super) fn is_any(found: &Explanation) -> bool {
    !found.indexes.is_empty() || !found.changed.is_empty()
}

/// The database when it is not a lab, and what the reader must know first.
pub(super) fn where_it_was(sheet: &mut Sheet, found: &Explanation) {
    if let Some(database) = &found.database {
        let described = one_line(&database.described);
        match &database.only_planned {
            Some(why) => {
                sheet.led(YELLOW, "Planned on", &format!(" {described} and not executed, because {}", closed(&one_line(why))));
                sheet.text(
                    "What a plan estimates is not measured. --execute-writes executes it in a transaction that is rolled back.",
                );
            }
            None => sheet.text(&format!("Executed on {described}.")),
        }
    }
    found.notes.iter().for_each(|note| sheet.text(note));
}

/// Settings, hidden indexes and the other statement; the indexes that were built stand for themselves.
pub(super) fn changed(sheet: &mut Sheet, changed: &Changed) {
    for setting in &changed.settings {
        sheet.gap();
        sheet.code(&format!("SET {} = '{}';", one_line(&setting.name), one_line(&setting.after).replace('\'', "''")));
        let was = if setting.before.is_empty() { "was not set".to_owned() } else { format!("was {}", one_line(&setting.before)) };
        let same = if setting.before == setting.after { ", so nothing is changed by it" } else { "" };
        sheet.set_in(|sheet| sheet.text(&format!("{was}{same}")));
    }
    for index in &changed.dropped {
        sheet.gap();
        sheet.code(&format!("DROP INDEX {};  -- {}", one_line(&index.name), one_line(&index.definition)));
        sheet.set_in(|sheet| {
            sheet.text(&format!("frees {}", units::bytes(index.bytes)));
            match index.used_by.as_slice() {
                [] => sheet.led(YELLOW, "no plan used it", " before"),
                used => used.iter().for_each(|sql| {
                    sheet.led(GREEN, "was used", &format!(" by {}", shortened(&one_line(sql), CONDITION_SHOWN)));
                }),
            }
            if let Some(lost) = &index.lost {
                sheet.led(RED, "Lost:", &format!(" {lost}"));
            }
        });
    }
    if let Some(variant) = &changed.variant {
        sheet.gap();
        rewritten(sheet, variant);
    }
}

/// The other way to write the statement, and whether it returns the same.
fn rewritten(sheet: &mut Sheet, variant: &TriedStatement) {
    sheet.heading(&format!("Statement {} written the other way", variant.step));
    sheet.set_in(|sheet| {
        sheet.code(&variant.sql);
        let equality = &variant.equality;
        let calls = |count: u64| units::counted(count, "call", "calls");
        match &equality.first_difference {
            Some(difference) => {
                let of = format!(", in {} of {}", equality.compared - equality.equal, calls(equality.compared));
                sheet.led(RED, "It does not return the same rows", &format!("{of}: {}", closed(&one_line(difference))));
                sheet.text("What does something else is not faster: the times below compare two different answers.");
            }
            None if equality.compared == 0 => {
                sheet.led(YELLOW, "Its rows were not compared", ": no call succeeded on both sides.");
            }
            None => sheet.led(GREEN, "It returns the same rows", &format!(", in {}.", calls(equality.compared))),
        }
        variant.notes.iter().for_each(|note| sheet.text(&one_line(note)));
    });
}

/// The verdict on a statement, with what it rests on.
pub(super) fn time(sheet: &mut Sheet, change: &StatementChange) {
    let Some(timed) = &change.timed else { return };
    let (colour, word) = match timed.verdict {
        Verdict::Improved => (GREEN, "Faster"),
        Verdict::Regressed => (RED, "Slower"),
        Verdict::WithinNoise => (YELLOW, "Within noise"),
        Verdict::NotEnoughData => (YELLOW, "Too few executions to say"),
    };
    let turns = if timed.in_turn { "in turn" } else { "one side after the other" };
    let spread = |low: f64, high: f64| format!("{} to {}", units::figure(low), units::figure(high));
    sheet.led(
        colour,
        word,
        &format!(
            ": {} ({}) before, {} ({}) after; the median and range of {} on each side, {turns}.",
            units::ms(timed.before.median_ms),
            spread(timed.before.lowest_ms, timed.before.highest_ms),
            units::ms(timed.after.median_ms),
            spread(timed.after.lowest_ms, timed.after.highest_ms),
            units::counted_in_words(timed.runs as usize, "execution", "executions"),
        ),
    );
}

/// `faster`, for a heading.
pub(super) fn in_a_word(timed: &TimedChange) -> &'static str {
    match timed.verdict {
        Verdict::Improved => ", faster",
        Verdict::Regressed => ", slower",
        Verdict::WithinNoise => ", within noise",
        Verdict::NotEnoughData => "",
    }
}

/// The nodes that are planned otherwise, or did another amount of work.
pub(super) fn nodes(sheet: &mut Sheet, change: &StatementChange) {
    let own: Vec<String> = change.nodes.iter().filter_map(sentence).collect();
    let behind: Vec<(&str, Vec<String>)> = change
        .implied
        .iter()
        .map(|implied| (implied.constraint.as_str(), implied.nodes.iter().filter_map(sentence).collect::<Vec<_>>()))
        .filter(|(_, told)| !told.is_empty())
        .collect();
    if own.is_empty() && behind.is_empty() {
        return;
    }
    sheet.text("In the plan:");
    own.iter().for_each(|sentence| sheet.item(sentence));
    let same = change.nodes.len() - own.len();
    if same > 0 {
        sheet.item(&format!("{} as before", units::counted_in_words(same, "node", "nodes")));
    }
    for (constraint, told) in behind {
        sheet.text(&format!("Behind {}:", one_line(constraint)));
        told.iter().for_each(|sentence| sheet.item(sentence));
    }
    sheet.gap();
}

fn sentence(change: &NodeChange) -> Option<String> {
    match (&change.before, &change.after) {
        (Some(before), None) => Some(format!("{} is gone{}", name(before), alone(before, "and its"))),
        (None, Some(after)) => Some(format!("{} is new{}", name(after), alone(after, "with"))),
        (Some(before), Some(after)) => both(change, before, after),
        (None, None) => None,
    }
}

fn both(change: &NodeChange, before: &NodeFigures, after: &NodeFigures) -> Option<String> {
    let mut parts = work(before, after, change.kind != ChangeKind::Same);
    let head = match change.kind {
        ChangeKind::Replaced => format!("{} → {}", name(before), name(after)),
        _ => name(after),
    };
    if change.kind == ChangeKind::Altered {
        let text =
            |text: &Option<String>| text.as_deref().map_or("none".into(), |text| shortened(&one_line(text), CONDITION_SHOWN));
        parts.extend(
            change.altered.iter().map(|altered| format!("{} {} → {}", altered.what, text(&altered.before), text(&altered.after))),
        );
    }
    if parts.is_empty() && change.kind == ChangeKind::Same {
        return None;
    }
    let told = if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
    Some(format!("{head}{told}"))
}

fn name(figures: &NodeFigures) -> String {
    let never = if figures.executed { "" } else { " (never executed)" };
    format!("{}{never}", one_line(&figures.label))
}

/// Of a node that stands on one side only.
fn alone(figures: &NodeFigures, with: &str) -> String {
    let mut parts: Vec<String> = figures
        .rows_read
        .filter(|rows| *rows > 0.0)
        .map(|rows| format!("{} rows read", units::amount(rows)))
        .into_iter()
        .collect();
    if figures.blocks > 0 {
        parts.push(units::counted(figures.blocks, "block", "blocks"));
    }
    if figures.exclusive_ms > 0.0 {
        parts.push(units::ms(figures.exclusive_ms));
    }
    if parts.is_empty() { String::new() } else { format!(", {with} {}", units::listed(&parts)) }
}

/// What differs in the work; the time only where another plan is the cause, since it is a single execution's.
fn work(before: &NodeFigures, after: &NodeFigures, with_time: bool) -> Vec<String> {
    let mut parts = Vec::new();
    if let (Some(old), Some(new)) = (before.rows_read, after.rows_read) {
        let (old, new) = (units::amount(old), units::amount(new));
        if old != new {
            parts.push(format!("{old} → {new} rows read"));
        }
    }
    for (old, new, what) in [(before.blocks, after.blocks, "blocks"), (before.temp_blocks, after.temp_blocks, "temporary blocks")]
    {
        if moved(old, new) {
            parts.push(format!("{} → {} {what}", units::count(old), units::count(new)));
        }
    }
    if with_time && (before.exclusive_ms > 0.0 || after.exclusive_ms > 0.0) {
        parts.push(units::ms_change(before.exclusive_ms, after.exclusive_ms));
    }
    if let (Some(old), Some(new)) = (before.estimate_factor, after.estimate_factor) {
        parts.extend(estimate(old, new));
    }
    parts
}

/// A block more or less is a page of the index that split, or one that was found through another.
fn moved(old: u64, new: u64) -> bool {
    old.abs_diff(new) > old.max(new) / 10 && old.abs_diff(new) > 1
}

fn estimate(old: f64, new: f64) -> Option<String> {
    let word = |factor: f64| if factor < ESTIMATE_TOLD { "right".to_owned() } else { format!("{} off", units::times(factor)) };
    let direction = if new < old { "better" } else { "worse" };
    (old.max(new) / old.min(new).max(1.0) >= ESTIMATE_TOLD)
        .then(|| format!("rows estimated {direction}: {} → {}", word(old), word(new)))
}

fn closed(sentence: &str) -> String {
    format!("{sentence}{}", full_stop(sentence))
}
