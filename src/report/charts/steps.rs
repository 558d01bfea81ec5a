//! Throughput and latency, one point for each step.

use super::super::model::{Clock, LoadRun, LoadStep};
use super::super::under_load::fit;
use super::canvas::{Chart, LAW, RESPONSE, SERVICE, Scale, Series, Stroke};
use crate::units;

/// Points of the law's curve.
const SMOOTH: usize = 120;

/// Throughput against clients with the fitted law and the knee; `None` when fewer than three numbers of clients were tried.
pub fn throughput(run: &LoadRun) -> Option<Chart> {
    let points = points_of(run, |step| Some(f64::from(step.clients?)), |step| Some(step.throughput_per_s));
    let places = places(&points, 3)?;
    let mut series = Vec::new();
    if let (Some(law), Some(fit)) = (&run.usl, fit(run)) {
        let (low, high) = (places[0].0.ln(), places[places.len() - 1].0.ln());
        let at = |i: usize| (low + (high - low) * i as f64 / (SMOOTH - 1) as f64).exp();
        let points = (0..SMOOTH).map(|i| (at(i), law.throughput_at(at(i)))).collect();
        series.push(Series { name: format!("law ({fit})"), colour: LAW, points, dots: false, stroke: Stroke::Thin });
    }
    series.push(Series { name: "measured".to_owned(), colour: RESPONSE[2], points, dots: true, stroke: Stroke::Thin });
    let knee = run.knee.as_ref().filter(|knee| knee.reached);
    let mark = knee.map(|knee| {
        let clients = f64::from(knee.clients);
        (clients, knee.throughput_per_s, format!("knee: {}", units::counted(u64::from(knee.clients), "client", "clients")))
    });
    let title = "Throughput, calls per second".to_owned();
    Some(Chart { title, subtitle: String::new(), x_title: "clients", x: Scale::Log, y: Scale::Linear, series, places, mark })
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
    Some(Chart { title, subtitle: String::new(), x_title, x: Scale::Log, y: Scale::Log, series, places, mark: None })
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
