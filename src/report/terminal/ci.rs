//! What `perflab ci` says: the verdict, then each endpoint that failed with its reasons, where it is written and what to do.

use super::super::ci::words::{first_place, headline, labels, of, sentence, verdict};
use super::super::model::ci::{CheckOutcome, CiRun, GateCheck, GateVerdict};
use super::Screen;
use super::sheet::{GREEN, RED, Sheet, YELLOW};
use crate::units::{self, counted};

/// Most notices that are shown; the summary and the JSON have them all.
const NOTICES: usize = 5;

/// The result as a terminal shows it.
pub fn ci_text(run: &CiRun, screen: Screen) -> String {
    let mut sheet = Sheet::new(screen);
    let colour = match run.verdict {
        GateVerdict::Pass => GREEN,
        GateVerdict::Fail => RED,
        GateVerdict::Inconclusive => YELLOW,
    };
    sheet.led(colour, verdict(run), &format!(": {}, in {}", headline(run), units::seconds(run.seconds)));
    for label in labels(run, GateCheck::failed) {
        endpoint(&mut sheet, label, &of(run, label, CheckOutcome::Failed));
    }
    unknown(&mut sheet, run);
    notices(&mut sheet, run);
    if !run.notes.is_empty() {
        sheet.gap();
        run.notes.iter().for_each(|note| sheet.item(note));
    }
    sheet.finish()
}

fn endpoint(sheet: &mut Sheet, label: &str, checks: &[&GateCheck]) {
    sheet.gap();
    sheet.heading(label);
    sheet.set_in(|sheet| {
        if let Some(place) = first_place(checks) {
            sheet.code(&place);
        }
        for check in checks {
            sheet.item(&format!("{}: {}", check.gate.name(), sentence(check)));
            if let Some(plan) = &check.plan {
                sheet.set_in(|sheet| {
                    plan.before.iter().for_each(|line| sheet.code(&format!("- {line}")));
                    plan.after.iter().for_each(|line| sheet.code(&format!("+ {line}")));
                });
            }
        }
        // One next step is a step; three are a list that nobody reads.
        if let Some(next) = checks.iter().find_map(|check| check.next_step.as_deref()) {
            sheet.text(next);
        }
    });
}

fn unknown(sheet: &mut Sheet, run: &CiRun) {
    let checks: Vec<&GateCheck> = run.checks.iter().filter(|check| check.outcome == CheckOutcome::Inconclusive).collect();
    if checks.is_empty() {
        return;
    }
    sheet.gap();
    sheet.led(YELLOW, "Cannot be told", ":");
    checks.iter().for_each(|check| sheet.item(&format!("{} ({}): {}", check.label, check.gate.name(), sentence(check))));
    if let Some(next) = checks.iter().find_map(|check| check.next_step.as_deref()) {
        sheet.text(next);
    }
}

fn notices(sheet: &mut Sheet, run: &CiRun) {
    let checks: Vec<&GateCheck> = run.checks.iter().filter(|check| check.outcome == CheckOutcome::Notice).collect();
    if checks.is_empty() {
        return;
    }
    sheet.gap();
    sheet.text("Changed, and fails nothing:");
    checks
        .iter()
        .take(NOTICES)
        .for_each(|check| sheet.item(&format!("{} ({}): {}", check.label, check.gate.name(), sentence(check))));
    if checks.len() > NOTICES {
        sheet.item(&format!("and {}; --output FILE has them all", counted((checks.len() - NOTICES) as u64, "more", "more")));
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::ci::testing;
    use super::*;

    #[test]
    fn what_failed_comes_first_with_its_place_and_the_next_step() {
        let text = ci_text(&testing::run(), Screen { width: 100, color: false, ascii: false });
        insta::assert_snapshot!(text);
    }
}
