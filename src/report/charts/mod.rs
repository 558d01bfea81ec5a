//! Pictures beside the bars: distributions, and of phases under load throughput against clients, latency against clients or rate,
//! percentiles of both clocks, and an open loop second by second.
//!
//! Steps that prove nothing are in no curve.

mod canvas;
mod distributions;
mod percentiles;
mod seconds;
mod steps;
mod strips;

use super::model::LoadRun;
use super::under_load::{heading, phases};
use canvas::{Chart, draw};

pub use distributions::{classes, endpoints};

/// What the files of [`pictures`] are called behind the number of their run.
pub const NAMES: [&str; 6] = ["throughput", "varied", "latency", "percentiles", "rate", "seconds"];

/// A drawn chart of a phase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Place of the run among those that were given, from 0; of a picture of several runs that of the first.
    pub place: usize,
    /// Whether it shows all runs of a phase.
    pub together: bool,
    /// `load-1-throughput.svg`
    pub file: String,
    /// For who cannot see it.
    pub shows: String,
    pub svg: String,
}

/// The charts of each phase, in their order; none of a phase with too few points for a curve.
pub fn pictures(load: &[LoadRun]) -> Vec<Picture> {
    let mut pictures = Vec::new();
    for (place, run) in load.iter().enumerate() {
        let charts: [(&str, &str, Option<Chart>); 4] = [
            ("latency", "latency of each step", steps::latency(run)),
            ("percentiles", "percentiles of both clocks", percentiles::chart(run)),
            ("rate", "calls per second over time", seconds::rate(run)),
            ("seconds", "response time over time", seconds::response(run)),
        ];
        for (name, shows, chart) in charts {
            let Some(mut chart) = chart else { continue };
            chart.subtitle = format!("{}{}", heading(run, !run.varied.is_empty()), chart.subtitle);
            let shows = format!("{}: {shows}", chart.subtitle);
            let Some(svg) = draw(&chart) else { continue };
            pictures.push(Picture { place, together: false, file: format!("load-{}-{name}.svg", place + 1), shows, svg });
        }
    }
    pictures.extend(phases(load).iter().flat_map(|phase| together(load, phase)));
    pictures
}

/// What shows the runs of a phase on one card: throughput against clients, and the distributions side by side.
fn together(load: &[LoadRun], phase: &[&LoadRun]) -> Vec<Picture> {
    let place = load.iter().position(|run| phase.iter().any(|one| std::ptr::eq(*one, run))).unwrap_or_default();
    let picture = |name: &str, shows: String, svg: Option<String>| {
        Some(Picture { place, together: true, file: format!("load-{}-{name}.svg", place + 1), shows, svg: svg? })
    };
    let throughput = steps::throughput(phase).and_then(|mut chart| {
        let name = heading(phase[0], false);
        chart.subtitle = format!("{name}{}", chart.subtitle);
        let shows = format!("{name}: throughput against clients");
        picture("throughput", shows, draw(&chart))
    });
    let varied = picture("varied", format!("{}: response times as it was varied", phase[0].name), distributions::varied(phase));
    throughput.into_iter().chain(varied).collect()
}
