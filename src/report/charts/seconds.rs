//! An open loop second by second: the rate that was asked for beside what was achieved, and what that did to the response times.

use super::super::model::{LoadRun, LoadStep};
use super::super::palette::{GREY, RESPONSE};
use super::canvas::{Chart, Scale, Series, Stroke};
use crate::units;

/// Fewer seconds make no curve.
const FEWEST: usize = 5;
/// Labels along the axis.
const LABELS: f64 = 10.0;

/// Target and achieved rate over time, the stages of a schedule behind one another.
pub fn rate(run: &LoadRun) -> Option<Chart> {
    let stages = stages(run)?;
    let (mut target, mut achieved) = (Vec::new(), Vec::new());
    for (start, step) in &stages {
        let rate = step.rate?;
        target.extend([(*start, rate), (start + step.seconds, rate)]);
        let before = std::iter::once(0.0).chain(step.ticks.iter().map(|tick| tick.at_s));
        let per_s = step
            .ticks
            .iter()
            .zip(before)
            .map(|(tick, before)| (start + tick.at_s, tick.calls as f64 / (tick.at_s - before).max(1e-3)));
        achieved.extend(per_s);
    }
    let series = vec![
        Series { name: "target rate".to_owned(), colour: GREY, points: target, dots: false, stroke: Stroke::Dashed },
        Series { name: "achieved".to_owned(), colour: RESPONSE[2], points: achieved, dots: false, stroke: Stroke::Thin },
    ];
    Some(over_time("Calls per second", Scale::Linear, series, &stages))
}

/// Percentiles of the calls that ended in each second.
pub fn response(run: &LoadRun) -> Option<Chart> {
    let stages = stages(run)?;
    let series = [("p95", 2), ("p50", 1)].map(|(name, shade)| {
        let of_step = |(start, step): &(f64, &LoadStep)| {
            let start = *start;
            let called = step.ticks.iter().filter(|tick| tick.calls > 0);
            called.map(|tick| (start + tick.at_s, if shade == 2 { tick.p95_ms } else { tick.p50_ms })).collect::<Vec<_>>()
        };
        let points = stages.iter().flat_map(of_step).collect();
        Series { name: format!("response {name}"), colour: RESPONSE[shade], points, dots: false, stroke: Stroke::Thin }
    });
    Some(over_time("Response time in milliseconds, of each second", Scale::Log, series.into(), &stages))
}

/// The steps of an open loop with the second in which each begins. A search tries rates that have nothing to do with one another, and
/// is no course over time.
fn stages(run: &LoadRun) -> Option<Vec<(f64, &LoadStep)>> {
    let ticks: usize = run.steps.iter().map(|step| step.ticks.len()).sum();
    if run.search.is_some() || ticks < FEWEST || run.steps.iter().any(|step| step.rate.is_none()) {
        return None;
    }
    let mut start = 0.0;
    let placed = run.steps.iter().map(|step| {
        let placed = (start, step);
        start += step.seconds;
        placed
    });
    Some(placed.collect())
}

fn over_time(title: &str, y: Scale, series: Vec<Series>, stages: &[(f64, &LoadStep)]) -> Chart {
    let end = stages.last().map_or(0.0, |(start, step)| start + step.seconds);
    let every =
        [1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 600.0].into_iter().find(|every| end / every <= LABELS).unwrap_or(3_600.0);
    let places = (0..=100).map(|i| every * f64::from(i)).take_while(|at| *at <= end).map(|at| (at, units::amount(at))).collect();
    let title = title.to_owned();
    Chart { title, subtitle: String::new(), x_title: "seconds", x: Scale::Linear, y, series, places, marks: Vec::new() }
}
