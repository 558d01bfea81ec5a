//! Throughput and latency, one point for each step.

use plotters::style::RGBColor;

use super::super::model::{Clock, LoadRun, LoadStep, WITH_INDEXES};
use super::super::palette::{AMBER, GREEN, GREY, RED, RESPONSE, SERVICE};
use super::super::under_load::{fit, indexes_alone, variation};
use super::canvas::{Chart, Scale, Series, Stroke};
use crate::units;

/// Points of the law's curve.
const SMOOTH: usize = 120;

/// Rates that differ by more stand on a logarithmic axis, on which the lower ones are no flat line.
const FAR_APART: f64 = 30.0;
/// Runs on one card at most; more lines cannot be told apart.
const MOST: usize = 6;
/// Of the first run, which others are held against, and of those.
const RUNS: [RGBColor; MOST] = [RESPONSE[2], GREEN, RED, AMBER, GREY, SERVICE[1]];

/// Throughput against clients of all runs of a phase, each with the fitted law and its knee; `None` when fewer than three numbers of
/// clients were tried.
pub fn throughput(phase: &[&LoadRun]) -> Option<Chart> {
    let clients = |step: &LoadStep| Some(f64::from(step.clients?));
    let measured = |run: &LoadRun| points_of(run, clients, |step| Some(step.throughput_per_s));
    let mut shown: Vec<(&LoadRun, Vec<(f64, f64)>)> =
        phase.iter().map(|run| (*run, measured(run))).filter(|(_, points)| points.len() >= 2).collect();
    shown.sort_by_key(|(run, _)| (!run.varied.is_empty(), !indexes_alone(run)));
    shown.truncate(MOST);
    let all: Vec<(f64, f64)> = shown.iter().flat_map(|(_, points)| points.iter().copied()).collect();
    let places = places(&all, 3)?;
    let (mut series, mut marks) = (Vec::new(), Vec::new());
    for ((run, points), colour) in shown.iter().zip(RUNS) {
        let name = if shown.len() > 1 { short(run) } else { "measured".to_owned() };
        let law = run.usl.as_ref().zip(fit(run)).map(|(law, fit)| {
            let (low, high) = (points[0].0.ln(), points[points.len() - 1].0.ln());
            let at = |i: usize| (low + (high - low) * i as f64 / (SMOOTH - 1) as f64).exp();
            let points = (0..SMOOTH).map(|i| (at(i), law.throughput_at(at(i)))).collect();
            let alone = shown.len() == 1;
            let name = if alone { format!("law ({fit})") } else { String::new() };
            Series { name, colour: if alone { GREY } else { colour }, points, dots: false, stroke: Stroke::Dashed }
        });
        // The line between the points is the law, where there is one.
        let stroke = if law.is_some() { Stroke::None } else { Stroke::Thin };
        series.push(Series { name, colour, points: points.clone(), dots: true, stroke });
        series.extend(law);
        marks.extend(run.knee.as_ref().filter(|knee| knee.reached).map(|knee| {
            let named = format!("knee: {}", units::counted(u64::from(knee.clients), "client", "clients"));
            (f64::from(knee.clients), knee.throughput_per_s, named)
        }));
    }
    let title = "Throughput, calls per second".to_owned();
    let lawful = series.iter().any(|series| series.stroke == Stroke::Dashed);
    let subtitle = if lawful { " · dots: measured · dashed: the fitted scalability law" } else { "" }.to_owned();
    let rates = || all.iter().map(|point| point.1);
    let wide = rates().fold(0.0, f64::max) > FAR_APART * rates().fold(f64::INFINITY, f64::min);
    let y = if wide { Scale::Log } else { Scale::Linear };
    Some(Chart { title, subtitle, x_title: "clients", x: Scale::Log, y, series, places, marks })
}

/// What was varied, without what it is of: the key has little room.
fn short(run: &LoadRun) -> String {
    if run.varied.is_empty() || indexes_alone(run) {
        return variation(run);
    }
    let value = |varied: &String| match varied.split_once(": ") {
        Some((_, value)) => value.to_owned(),
        None if varied == WITH_INDEXES => "indexes".to_owned(),
        None => varied.clone(),
    };
    run.varied.iter().map(value).collect::<Vec<_>>().join(" + ")
}

/// Percentiles of both clocks against clients or target rate; `None` when fewer than two were tried.
pub fn latency(run: &LoadRun) -> Option<Chart> {
    let by_rate = run.steps.iter().any(|step| step.rate.is_some());
    let x = |step: &LoadStep| step.rate.or(step.clients.map(f64::from));
    type Percentile = fn(&Clock) -> Option<f64>;
    let percentiles: [(&str, Percentile); 3] =
        [("p50", |c| Some(c.latency.p50_ms)), ("p95", |c| c.latency.p95_ms), ("p99", |c| c.latency.p99_ms)];
    let mut series = Vec::new();
    for (i, (name, of)) in percentiles.iter().enumerate().rev() {
        let clocks = [("response", RESPONSE[i]), ("service", SERVICE[i])].map(|(clock, colour)| {
            let points = points_of(run, x, |step| of(if clock == "response" { &step.response } else { &step.service }));
            let stroke = if clock == "response" { Stroke::Wide } else { Stroke::Thin };
            Series { name: format!("{clock} {name}"), colour, points, dots: true, stroke }
        });
        series.extend(clocks);
    }
    series.retain(|series| !series.points.is_empty());
    let all: Vec<(f64, f64)> = series.iter().flat_map(|series| series.points.iter().copied()).collect();
    let places = places(&all, 2)?;
    let x_title = if by_rate { "target rate, calls per second" } else { "clients" };
    let title = "Latency in milliseconds".to_owned();
    Some(Chart { title, subtitle: String::new(), x_title, x: Scale::Log, y: Scale::Log, series, places, marks: Vec::new() })
}

/// Ascending; steps that prove nothing are no points, and of steps at the same place the last counts.
fn points_of(run: &LoadRun, x: impl Fn(&LoadStep) -> Option<f64>, y: impl Fn(&LoadStep) -> Option<f64>) -> Vec<(f64, f64)> {
    let mut points: Vec<(f64, f64)> = Vec::new();
    for step in run.steps.iter().filter(|step| step.invalid.is_empty() && step.calls > 0) {
        let Some(point) = x(step).zip(y(step)) else { continue };
        if [point.0, point.1].iter().all(|figure| figure.is_finite() && *figure > 0.0) {
            points.retain(|known| known.0 != point.0);
            points.push(point);
        }
    }
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    points
}

fn places(points: &[(f64, f64)], fewest: usize) -> Option<Vec<(f64, String)>> {
    let mut places: Vec<f64> = points.iter().map(|point| point.0).collect();
    places.sort_by(f64::total_cmp);
    places.dedup();
    (places.len() >= fewest).then(|| places.into_iter().map(|place| (place, units::amount(place))).collect())
}
