//! Phases of load: the verdict, the steps, the curve, the endpoints at the step that tells most, and what varying it moved.

mod endpoints;
mod plot;
mod seconds;
mod steps;
mod vary;

use super::super::model::LoadRun;
use super::super::under_load::{ONE_RUN_EACH, asked, connections, doubts, heading, largest_effect, law, phases, verdict};
use super::Screen;
use super::sheet::{RED, Sheet, YELLOW};

/// All phases, in the order they ran, a phase's variations behind it; empty without a phase.
pub fn load_text(runs: &[LoadRun], screen: Screen) -> String {
    let parts: Vec<String> = phases(runs).iter().map(|phase| phase_text(phase, screen)).collect();
    parts.join("\n\n\n")
}

fn phase_text(phase: &[&LoadRun], screen: Screen) -> String {
    let mut sheet = Sheet::new(screen);
    for run in phase {
        sheet.gap();
        run_text(&mut sheet, run, phase.len() > 1, screen);
    }
    if let Some(effect) = largest_effect(phase) {
        sheet.gap();
        sheet.heading(&format!("{}, side by side", phase[0].name));
        sheet.text(&effect);
        sheet.text(ONE_RUN_EACH);
        sheet.gap();
        sheet.laid_out(&vary::table(phase, screen));
    }
    sheet.finish()
}

fn run_text(sheet: &mut Sheet, run: &LoadRun, varied: bool, screen: Screen) {
    sheet.heading(&heading(run, varied));
    sheet.text(&verdict(run));
    let law = law(run).map(|law| if screen.ascii { law.replace('²', "2") } else { law });
    for note in run.notes.iter().chain(&asked(run)).chain(&connections(run)).chain(&law) {
        sheet.text(note);
    }
    if run.steps.is_empty() {
        return;
    }
    sheet.gap();
    sheet.laid_out(&steps::table(run, screen));
    for doubt in doubts(run) {
        let bad = run.steps.iter().any(|step| step.invalid.iter().any(|reason| doubt.ends_with(reason.as_str())));
        sheet.led(if bad { RED } else { YELLOW }, "! ", &doubt);
    }
    if let Some(seconds) = seconds::line(run, screen) {
        sheet.gap();
        sheet.laid_out(&seconds);
    }
    if let Some(plot) = plot::throughput(run, screen) {
        sheet.gap();
        sheet.laid_out(&plot);
    }
    if let Some(table) = endpoints::table(run, screen) {
        sheet.gap();
        sheet.laid_out(&table);
    }
}
