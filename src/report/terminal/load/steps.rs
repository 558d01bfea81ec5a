//! One line for each step of a phase.

use super::super::super::model::{Clock, LoadRun, LoadStep};
use super::super::super::under_load::Proof;
use super::super::Screen;
use super::super::bench::slo_cell;
use super::super::grid::{Grid, Paint, number, word};
use crate::units::{amount, count, figure, percent};

/// Times in milliseconds. Columns that say nothing about this kind of load are not there.
pub fn table(run: &LoadRun, screen: Screen) -> String {
    let mut grid = Grid::new(vec![
        number("\nclients", 0),
        number("target\nrate/s", 0),
        number("\ncalls/s", 0),
        number("service\np50 ms", 3),
        number("service\np95 ms", 0),
        number("service\np99 ms", 5),
        number("response\np50 ms", 4),
        number("response\np95 ms", 0),
        number("response\np99 ms", 2),
        number("wait\np95 ms", 0),
        number("\nfailed", 0),
        number("\nlate", 7),
        number("\nbacklog", 0),
        number("lag\np99 ms", 8),
        number("client\nCPU", 1),
        number("loop late\np99 ms", 9),
        word("\nSLO ms", 0),
        word("\nproof", 0),
    ]);
    let shown = Shown::of(run);
    for step in &run.steps {
        grid.painted(row(step, &shown));
    }
    grid.render(screen)
}

/// Which columns have something to say.
struct Shown {
    failed: bool,
    late: bool,
    backlog: bool,
}

impl Shown {
    fn of(run: &LoadRun) -> Shown {
        let any = |says: fn(&LoadStep) -> bool| run.steps.iter().any(says);
        Shown { failed: any(|step| step.errors > 0), late: any(|step| step.late > 0), backlog: any(|step| step.backlog > 0) }
    }
}

fn row(step: &LoadStep, shown: &Shown) -> Vec<(String, Paint)> {
    let paint = if step.invalid.is_empty() { Paint::Plain } else { Paint::Faint };
    let plain = |text: String| (text, paint);
    let when = |shown: bool, number: u64| match (shown, number) {
        (false, _) => (String::new(), Paint::Plain),
        (true, 0) => ("0".to_owned(), paint),
        (true, number) => (count(number), Paint::Bad),
    };
    let p99 =
        |clock: &Option<Clock>| plain(clock.as_ref().and_then(|clock| clock.latency.p99_ms).map_or_else(String::new, figure));
    let wait = step.wait.as_ref().map(|wait| known(wait, wait.latency.p95_ms, paint));
    let mut row = vec![
        plain(step.clients.map_or_else(String::new, |clients| count(u64::from(clients)))),
        plain(step.rate.map_or_else(String::new, amount)),
        plain(amount(step.throughput_per_s)),
    ];
    row.extend(percentiles(&step.service, paint));
    row.extend(percentiles(&step.response, paint));
    row.push(wait.unwrap_or((String::new(), Paint::Plain)));
    row.extend([when(shown.failed, step.errors), when(shown.late, step.late), when(shown.backlog, step.backlog)]);
    row.extend([p99(&step.schedule_lag), plain(percent(step.client_cpu)), p99(&Some(step.loop_delay.clone()))]);
    row.extend([slo_cell(&step.slo), proof(step)]);
    row
}

fn proof(step: &LoadStep) -> (String, Paint) {
    let proof = Proof::of(step);
    let paint = match proof {
        Proof::Invalid | Proof::Contradicted => Paint::Bad,
        Proof::NotSteady => Paint::Faint,
        Proof::Sound => Paint::Plain,
    };
    (proof.word().to_owned(), paint)
}

/// p50, p95 and p99 of a clock, as far as its calls support them.
pub(super) fn percentiles(clock: &Clock, paint: Paint) -> [(String, Paint); 3] {
    let latency = &clock.latency;
    [Some(latency.p50_ms), latency.p95_ms, latency.p99_ms].map(|value| known(clock, value, paint))
}

fn known(clock: &Clock, value: Option<f64>, paint: Paint) -> (String, Paint) {
    match (clock.latency.n, value) {
        (0, _) => ("no call".to_owned(), Paint::Bad),
        (_, Some(ms)) => (figure(ms), paint),
        (_, None) => ("too few".to_owned(), Paint::Faint),
    }
}
