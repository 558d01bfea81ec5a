//! The variations of a phase side by side.

use super::super::super::model::LoadRun;
use super::super::super::under_load::{side_by_side, variation};
use super::super::Screen;
use super::super::grid::{Grid, Paint, number, text};
use super::steps::percentiles;
use crate::units::{amount, count};

/// A line for each variation at the same clients or rate; for searches the rate that each found.
pub fn table(phase: &[&LoadRun], screen: Screen) -> String {
    let mut grid = Grid::new(vec![
        text("\nvaried"),
        number("\nclients", 6),
        number("\nrate held/s", 0),
        number("\ncalls/s", 0),
        number("service\np50 ms", 2),
        number("service\np95 ms", 0),
        number("service\np99 ms", 4),
        number("response\np95 ms", 0),
        number("response\np99 ms", 5),
        number("wait\np95 ms", 3),
        number("\nfailed", 1),
    ]);
    let rows = side_by_side(phase);
    let any_failed = rows.iter().any(|(_, step)| step.errors > 0);
    for (run, step) in rows {
        let plain = |text: String| (text, Paint::Plain);
        let found = run.search.as_ref().map(|search| search.rate.map_or_else(|| "none".to_owned(), amount));
        let wait = step.wait.as_ref().map(|wait| percentiles(wait, Paint::Plain)[1].clone());
        let mut row = vec![
            plain(variation(run)),
            plain(step.clients.map_or_else(String::new, |clients| count(u64::from(clients)))),
            plain(found.unwrap_or_default()),
            plain(amount(step.throughput_per_s)),
        ];
        row.extend(percentiles(&step.service, Paint::Plain));
        row.extend(percentiles(&step.response, Paint::Plain).into_iter().skip(1));
        row.push(wait.unwrap_or((String::new(), Paint::Plain)));
        row.push(plain(if any_failed { count(step.errors) } else { String::new() }));
        grid.painted(row);
    }
    grid.render(screen)
}
