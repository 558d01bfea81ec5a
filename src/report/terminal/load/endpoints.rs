//! The endpoints within the step that tells most, when there are several.

use super::super::super::model::LoadRun;
use super::super::super::under_load::{incidents, step_name, telling};
use super::super::Screen;
use super::super::bench::slo_cell;
use super::super::grid::{Grid, Paint, number, text, word};
use super::super::sheet::wrap;
use super::steps::percentiles;
use crate::units::{amount, count, printable};

/// The table with a line above it that names the step, failures and notes below; `None` when there is nothing the steps do
/// not say already.
pub fn table(run: &LoadRun, screen: Screen) -> Option<String> {
    let step = telling(run)?;
    let said = said(run, screen);
    if step.endpoints.len() < 2 {
        return (!said.is_empty()).then(|| said.trim_start().to_owned());
    }
    let mut grid = Grid::new(vec![
        text("\nendpoint"),
        number("\ncalls/s", 1),
        number("service\np50 ms", 0),
        number("service\np95 ms", 2),
        number("service\np99 ms", 5),
        number("response\np50 ms", 6),
        number("response\np95 ms", 0),
        number("response\np99 ms", 4),
        number("\nfailed", 0),
        number("\nretries", 3),
        word("\nSLO ms", 0),
    ]);
    let any_failed = step.endpoints.iter().any(|endpoint| endpoint.errors > 0);
    for endpoint in &step.endpoints {
        let failed = match (any_failed, endpoint.errors) {
            (false, _) => (String::new(), Paint::Plain),
            (true, 0) => ("0".to_owned(), Paint::Plain),
            (true, errors) => (count(errors), Paint::Bad),
        };
        let retries = if endpoint.retries > 0 { count(endpoint.retries) } else { String::new() };
        let mut row = vec![(endpoint.label.clone(), Paint::Plain), (amount(endpoint.throughput_per_s), Paint::Plain)];
        row.extend(percentiles(&endpoint.service, Paint::Plain));
        row.extend(percentiles(&endpoint.response, Paint::Plain));
        row.extend([failed, (retries, Paint::Plain), slo_cell(&endpoint.slo)]);
        grid.painted(row);
    }
    Some(format!("By endpoint at {}:\n\n{}{said}", step_name(step), grid.render(screen)))
}

/// Failures and notes, each on lines of its own.
fn said(run: &LoadRun, screen: Screen) -> String {
    let lines: Vec<String> = incidents(run)
        .iter()
        .map(|line| format!("  {}", wrap(&printable(line), screen.width.saturating_sub(4).max(20)).join("\n    ")))
        .collect();
    if lines.is_empty() { String::new() } else { format!("\n\n{}", lines.join("\n")) }
}
