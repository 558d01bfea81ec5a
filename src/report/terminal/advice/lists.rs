//! The lists of an advice, each under its heading; a list without an item is not written.

use super::super::super::advised::{missed, other_place, other_result, price, stays, write_saving};
use super::super::super::model::{AdviceRun, DroppedAdvice, Evidence, KeptIndex, Ledger, OtherAdvice, RejectedIndex};
use super::super::super::standing::{index_target, short_target};
use super::super::super::wording::full_stop;
use super::super::sheet::Sheet;
use super::AdviceView;
use super::tables::kept_table;
use crate::units::{self, counted};

/// Refused candidates that are shown without `--all`.
const REFUSED_SHOWN: usize = 5;
/// Longer statements are shown with `--all`.
const SQL_LINES: usize = 12;

pub(super) fn keep(advice: &AdviceRun, sheet: &mut Sheet) {
    if advice.keep.is_empty() {
        return;
    }
    sheet.gap();
    let estimated = advice.evidence == Evidence::Estimated;
    sheet.heading(if estimated { "Expected to pay (estimated)" } else { "Keep" });
    if !estimated {
        sheet.laid_out(&kept_table(advice, sheet.room()));
        sheet.gap();
    }
    for (number, index) in advice.keep.iter().enumerate() {
        sheet.numbered(number + 1, &kept(index));
        if estimated {
            sheet.set_in(|sheet| sheet.code(&format!("{};", index.definition)));
        }
    }
}

fn kept(index: &KeptIndex) -> String {
    let reason = if index.reason.is_empty() { &index.because } else { &index.reason };
    // What was not built has no size in the table.
    let size =
        if index.build_ms > 0.0 || index.bytes == 0 { String::new() } else { format!(" (about {})", units::bytes(index.bytes)) };
    let mut said = vec![format!("{}{size}: {}", index_target(&index.definition), closed(reason))];
    // A reason with figures tells them already.
    if index.reason.is_empty() {
        said.extend(missed(index));
        let price = price(index);
        if !price.is_empty() {
            said.push(units::capitalized(&format!("{}.", price.join("; "))));
        }
    }
    said.extend(index.ledger.as_ref().map(net_in_words));
    if let Some(extension) = &index.extension {
        said.push(format!("It needs CREATE EXTENSION {extension}."));
    }
    said.join(" ")
}

fn net_in_words(ledger: &Ledger) -> String {
    let ms = units::ms(ledger.net_ms.abs());
    if ledger.net_ms < 0.0 {
        format!("1,000 calls of the mix take {ms} longer.")
    } else {
        format!("1,000 calls of the mix save {ms} net.")
    }
}

pub(super) fn drop(advice: &AdviceRun, sheet: &mut Sheet) {
    if advice.drop.is_empty() {
        return;
    }
    sheet.gap();
    sheet.heading("Drop");
    advice.drop.iter().for_each(|index| sheet.item(&dropped(index)));
}

fn dropped(index: &DroppedAdvice) -> String {
    let target = short_target(&index.definition);
    let saved = index.writes.iter().map(|write| format!("{} saves {}", write.label, write_saving(write)));
    let saved: Vec<String> = saved.collect();
    let saved = if saved.is_empty() { String::new() } else { format!(" Per call {}.", saved.join("; ")) };
    format!("{} on {target} ({}): {}{saved}", index.name, units::bytes(index.bytes), closed(&index.reason))
}

/// What helps beside indexes, and how much was tried in vain.
pub(super) fn beside(advice: &AdviceRun, view: AdviceView, sheet: &mut Sheet) {
    let refused = advice.rewrites_rejected.len();
    if advice.rewrites.is_empty() && refused == 0 {
        return;
    }
    sheet.gap();
    sheet.heading("Beyond indexes");
    for (number, other) in advice.rewrites.iter().enumerate() {
        sheet.numbered(number + 1, &offered(other));
        code(&other.sql, view, sheet);
    }
    if view.all {
        for other in &advice.rewrites_rejected {
            let place = other_place(&other.label, other.step);
            sheet.item(&format!("not {}: {place}: {}", other.what, closed(&other.reason)));
        }
    } else if refused > 0 {
        let changes = counted(refused as u64, "other change was", "other changes were");
        sheet.text(&format!("{changes} tried in vain; --all shows what and why."));
    }
}

fn offered(other: &OtherAdvice) -> String {
    let mut said = vec![format!("{}: {}: {}.", other_place(&other.label, other.step), other.what, other_result(other))];
    for sentence in [&other.reason, &other.proof, &other.costs] {
        if !sentence.is_empty() && !said.iter().any(|known| known.contains(sentence.as_str())) {
            said.push(units::capitalized(&closed(sentence)));
        }
    }
    said.join(" ")
}

fn code(sql: &str, view: AdviceView, sheet: &mut Sheet) {
    if sql.trim().is_empty() {
        return;
    }
    let lines = sql.trim().lines().count();
    sheet.set_in(|sheet| match lines <= SQL_LINES || view.all {
        true => sheet.code(sql),
        false => sheet.text(&format!("({} of SQL; --all shows them)", counted(lines as u64, "line", "lines"))),
    });
}

pub(super) fn unsolved(advice: &AdviceRun, sheet: &mut Sheet) {
    if advice.unsolved.is_empty() {
        return;
    }
    sheet.gap();
    sheet.heading("Still slow");
    for left in &advice.unsolved {
        sheet.item(&format!("{} {} {}", left.label, stays(left), closed(&left.reason)));
    }
}

pub(super) fn rejected(advice: &AdviceRun, view: AdviceView, sheet: &mut Sheet) {
    let all = telling(advice);
    if all.is_empty() {
        return;
    }
    sheet.gap();
    let shown = if view.all || all.len() <= REFUSED_SHOWN + 1 { all.len() } else { REFUSED_SHOWN };
    let title = match advice.evidence {
        Evidence::Measured => "Tried and not kept",
        Evidence::Estimated => "Proposed and not expected to pay",
    };
    sheet.heading(&format!("{title} ({})", all.len()));
    for index in &all[..shown] {
        sheet.item(&format!("{}: {}", index_target(&index.definition), closed(&index.reason)));
    }
    if shown < all.len() {
        sheet.text(&format!("and {} more; --all shows them.", all.len() - shown));
    }
}

/// Refused candidates, those first whose reason is a time that was measured: that a plan passes an index over says little.
fn telling(advice: &AdviceRun) -> Vec<&RejectedIndex> {
    let mut all: Vec<&RejectedIndex> = advice.rejected.iter().collect();
    all.sort_by_key(|index| !index.reason.contains(" ms"));
    all
}

pub(super) fn notes(advice: &AdviceRun, sheet: &mut Sheet) {
    if !advice.notes.is_empty() {
        sheet.gap();
        sheet.heading("Notes");
        advice.notes.iter().for_each(|note| sheet.item(note));
    }
}

/// Closed by a full stop.
fn closed(sentence: &str) -> String {
    let sentence = sentence.trim();
    format!("{sentence}{}", full_stop(sentence))
}
