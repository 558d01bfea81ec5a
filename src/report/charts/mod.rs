//! Pictures of phases under load: throughput against clients, latency against clients or rate, percentiles of both clocks, and an open
//! loop second by second.
//!
//! They stand on a white card, as the bars do, so that they read the same on a light and on a dark page. Steps that prove nothing are
//! in no curve.

mod canvas;
mod percentiles;
mod seconds;
mod steps;

use super::model::LoadRun;
use super::under_load::heading;
use canvas::{Chart, draw};

/// A drawn chart of a phase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Place of the phase among those that were given, from 0.
    pub place: usize,
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
        let charts: [(&str, &str, Option<Chart>); 5] = [
            ("throughput", "throughput against clients", steps::throughput(run)),
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
            pictures.push(Picture { place, file: format!("load-{}-{name}.svg", place + 1), shows, svg });
        }
    }
    pictures
}
