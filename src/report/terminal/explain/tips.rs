//! What a plan means: where the time goes, and the tips with what to do next and what came of trying it.

use super::super::super::model::{Finding, TriedRemedy};
use super::super::super::tips::parted;
use super::super::super::wording::{self, full_stop};
use super::super::sheet::{GREEN, Sheet, YELLOW};
use crate::units;

/// Where the time goes, then the tips by their numbers. Those beyond the first are counted only, unless all were asked for.
pub(super) fn means(sheet: &mut Sheet, findings: &[Finding]) {
    let found = parted(findings, sheet.plans().all_tips);
    let sentences: Vec<String> = found.summary.iter().map(|finding| closed(&finding.sentence)).collect();
    sheet.text(&sentences.join(" "));
    for (place, tip) in found.shown.iter().enumerate() {
        let saves = if tip.saves_ms > 0.0 { format!(" At most {} to save.", units::ms(tip.saves_ms)) } else { String::new() };
        sheet.numbered(place + 1, &format!("{}{saves}", closed(&tip.sentence)));
        next(sheet, tip);
    }
    if !found.folded.is_empty() {
        let more = units::counted_in_words(found.folded.len(), "more tip", "more tips");
        sheet.text(&format!("{} with --all-tips.", units::capitalized(&more)));
    }
}

/// What the statements of an endpoint say together.
pub(super) fn together(sheet: &mut Sheet, findings: &[Finding]) {
    if findings.is_empty() {
        return;
    }
    sheet.gap();
    for tip in findings {
        let saves =
            if tip.saves_ms > 0.0 { format!(" At most {} a call to save.", units::ms(tip.saves_ms)) } else { String::new() };
        sheet.item(&format!("{}{saves}", closed(&tip.sentence)));
        next(sheet, tip);
    }
}

fn next(sheet: &mut Sheet, tip: &Finding) {
    if let Some(next) = &tip.next_step {
        sheet.set_in(|sheet| sheet.text(&format!("Next: {}", closed(next))));
    }
    if let Some(tried) = &tip.tried {
        sheet.set_in(|sheet| sheet.led(colour(tried), "Tried:", &format!(" {}", wording::tried(tried))));
    }
}

fn colour(tried: &TriedRemedy) -> &'static str {
    if tried.helped() { GREEN } else { YELLOW }
}

fn closed(sentence: &str) -> String {
    let sentence = sentence.trim();
    format!("{sentence}{}", full_stop(sentence))
}
